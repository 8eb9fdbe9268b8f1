# `make book` renders the whole book, `make test` proves it right; each sets up what it needs.

PYTHON ?= python3
# Makes .venv if it is not there or not up to date, and runs what follows in it.
RUN := @$(PYTHON) tools/environment.py

.DEFAULT_GOAL := help
.PHONY: help book preview test publish offline changed release newest demo bench check lock clean

help:  ## list these commands
	@awk -F ':.*## ' '/^[a-z]+:.*## /{printf "make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

book:  ## render both editions, HTML and PDF, into _book/
	$(RUN) -m tools.build

preview:  ## show the book while it is being written
	$(RUN) -m tools.preview

test:  ## run every test: package, cells, site, PDF, demos; FAST=1 leaves out the slow ones
ifdef FAST
	$(RUN) -m pytest -n logical -m "not slow"
else
	$(RUN) -m tools.browser
	$(RUN) -m pytest -n logical
endif

publish:  ## make all that goes online, and say what the host must send
	$(RUN) -m tools.site.publish

offline:  ## put each edition of _book/ into one file for reading without a network
	$(RUN) -m tools.site.offline

changed:  ## list the pages that differ from the published ones
	$(RUN) -m tools.site.changed

release:  ## make everything that a release consists of; TAG=v1.2.0
	$(RUN) -m tools.site.release $(TAG)

demo:  ## run the demos on this machine
	$(RUN) -m tools.apps serve

bench:  ## time the layers against other implementations, as ratios
	$(RUN) -m benchmarks

check:  ## lint and type-check, as contributors do before a commit
	$(RUN) -m tools.check

lock:  ## compile requirements.lock from requirements.txt; UPGRADE=1 takes newer releases
	$(RUN) -m uv pip compile requirements.txt --output-file requirements.lock --quiet --universal \
		--python-version 3.11 --generate-hashes --no-emit-package cnnlayers \
		--custom-compile-command "make lock" $(if $(UPGRADE),--upgrade)

newest:  ## take the newest versions of everything, then render the book
	sed -i -E 's/^([A-Za-z][A-Za-z0-9_-]*)==[^ ]+/\1/' requirements.txt
	$(RUN) -m uv pip compile requirements.txt --output-file requirements.lock --quiet --universal \
		--python-version 3.11 --generate-hashes --no-emit-package cnnlayers --upgrade
	$(RUN) -m tools.build

clean:  ## remove everything that was made, the environment included
	rm -rf .venv .cache .quarto .quarto-render-* _book ._book-* dist
