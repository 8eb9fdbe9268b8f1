# `make book` renders the whole book, `make test` proves it right; each sets up what it needs.

PYTHON ?= python3
BIN := .venv/bin
READY := .venv/ready

.DEFAULT_GOAL := help
.PHONY: help book preview test demo bench check clean

help:  ## list these commands
	@awk -F ':.*## ' '/^[a-z]+:.*## /{printf "make %-7s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

book: $(READY)  ## render both editions, HTML and PDF, into _book/
	@$(BIN)/python -m tools.build

preview: $(READY)  ## show the book while it is being written
	@$(BIN)/python -m tools.preview

test: $(READY)  ## run every test: package, cells, site, PDF, demos
	@$(BIN)/python tools/environment.py --browser
	@$(BIN)/python -m pytest

demo: $(READY)  ## run the demos on this machine
	@$(BIN)/python -m tools.apps serve

bench: $(READY)  ## time the layers against other implementations, as ratios
	@$(BIN)/python -m benchmarks

check: $(READY)  ## lint and type-check, as contributors do before a commit
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check ruff==0.17.6 pyright==1.1.414
	@$(BIN)/ruff check . && $(BIN)/ruff format --check . && $(BIN)/pyright

clean:  ## remove everything that was made, the environment included
	rm -rf .venv .cache .quarto _book

$(READY): requirements.txt pyproject.toml tools/environment.py
	@$(PYTHON) tools/environment.py
