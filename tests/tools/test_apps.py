"""Exports, links and what is said when neither can be had."""

import http.server
import json
import os
import shutil
import socket
import subprocess
import sys
import threading
import time
from base64 import b64decode
from functools import partial
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tools import apps

ROOT = Path(__file__).parents[2]


@pytest.fixture
def elsewhere(tmp_path):
    """A book with the applications of this one, whose cache is its own."""
    root = tmp_path / "book"
    for name in ("apps", "src"):
        shutil.copytree(ROOT / name, root / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "_quarto.yml", root)
    return root


def record(root: Path) -> dict:
    return json.loads((root / ".cache/apps.json").read_text(encoding="utf-8"))


def fake_export(calls: list):
    """Stand in for `shinylive export`: the pages, and files that only the editor needs."""
    real = apps._shinylive

    def run(*arguments, **options):
        if arguments[0] != "export":
            return real(*arguments, **options)
        calls.append(arguments)
        _, staged, site, _, name, *_ = arguments
        for path in (f"{name}/index.html", "edit/index.html", "shinylive/Editor.js",
                     "shinylive/pyright/a.js", "shinylive/shinylive.js"):  # fmt: skip
            (Path(site) / path).parent.mkdir(parents=True, exist_ok=True)
            (Path(site) / path).write_text("")
        (Path(site) / name / "app.json").write_text(json.dumps(sorted(
            p.relative_to(staged).as_posix() for p in Path(staged).rglob("*.py")
        )))  # fmt: skip
        return ""

    return run


def test_an_export_is_trimmed_published_and_not_repeated(elsewhere, monkeypatch):
    calls: list = []
    monkeypatch.setattr(apps, "_assets_missing", lambda: None)
    monkeypatch.setattr(apps, "_shinylive", fake_export(calls))
    apps.prepare(elsewhere)
    apps.prepare(elsewhere)
    assert len(calls) == len(apps.names(elsewhere))  # one for each application, once
    explorer = record(elsewhere)["apps"]["explorer"]
    assert explorer["exported"]
    apps.publish(elsewhere, elsewhere / "_book")
    site = elsewhere / "_book" / "apps"
    assert (site / "sine" / "index.html").is_file()
    assert (site / "shinylive" / "shinylive.js").is_file()
    assert not (site / "edit").exists() and not (site / "shinylive" / "pyright").exists()
    assert not list(site.rglob("Editor.*"))
    assert "cnnlayers/loops.py" in json.loads((site / "explorer" / "app.json").read_text())


def test_an_export_from_changed_sources_takes_the_place_of_the_old_one(elsewhere, monkeypatch):
    calls: list = []
    monkeypatch.setattr(apps, "_assets_missing", lambda: None)
    monkeypatch.setattr(apps, "_shinylive", fake_export(calls))
    apps.prepare(elsewhere)
    before = {path.name for path in (elsewhere / apps.CACHE).iterdir()}
    source = elsewhere / "src/cnnlayers/loops.py"
    source.write_text(source.read_text("utf-8") + "# changed\n", encoding="utf-8")
    apps.prepare(elsewhere)
    assert len(calls) == 2 * len(apps.names(elsewhere))
    after = {path.name for path in (elsewhere / apps.CACHE).iterdir()}
    assert len(after) == len(before) and not after & before


def test_what_could_not_be_had_is_asked_for_again_after_a_while(elsewhere, monkeypatch):
    asked: list = []
    monkeypatch.setattr(apps, "_assets_missing", lambda: asked.append(1) or "no network")
    apps.prepare(elsewhere)
    apps.prepare(elsewhere)
    assert len(asked) == 1
    old = time.time() - apps.SECONDS_TO_RETRY - 60
    os.utime(elsewhere / apps.RECORD, (old, old))
    apps.prepare(elsewhere)
    apps.prepare(elsewhere)
    assert len(asked) == 2
    apps.prepare(elsewhere, retry=True)
    assert len(asked) == 3


def failing(*arguments, **options):
    raise subprocess.CalledProcessError(1, arguments, stderr="Traceback\nValueError: no such app")


def broken_export(name: str):
    real = apps._shinylive

    def run(*arguments, **options):
        if arguments[0] != "export":
            return real(*arguments, **options)
        return failing() if name == "raises" else ""

    return run


@pytest.mark.parametrize("how, reason", [
    ("raises", "the export failed: ValueError: no such app"),
    ("leaves nothing", "the export left no index.html"),
])  # fmt: skip
@pytest.mark.slow
def test_a_failing_export_is_a_reason_not_a_frame(elsewhere, monkeypatch, capsys, how, reason):
    monkeypatch.setattr(apps, "_assets_missing", lambda: None)
    monkeypatch.setattr(apps, "_shinylive", broken_export(how))
    apps.prepare(elsewhere)
    assert record(elsewhere)["reason"] == reason
    for app in record(elsewhere)["apps"].values():
        assert app == {"exported": False, "online": True}
    assert capsys.readouterr().out.count("\n") == 1
    apps.publish(elsewhere, elsewhere / "_book")
    assert not list((elsewhere / "_book").rglob("index.html"))
    assert (elsewhere / "_book/apps/sine/online.html").is_file()


def test_without_shinylive_at_all_the_book_still_gets_its_record(elsewhere, monkeypatch):
    monkeypatch.setattr(apps, "_assets_missing", lambda: None)
    monkeypatch.setattr(apps, "_shinylive", failing)
    apps.prepare(elsewhere)
    assert record(elsewhere)["reason"] == "the export failed: ValueError: no such app"
    for app in record(elsewhere)["apps"].values():
        assert app == {"exported": False, "online": False}
    apps.publish(elsewhere, elsewhere / "_book")
    assert not (elsewhere / "_book").exists()


def test_links_carry_every_file_of_the_application(elsewhere):
    apps.prepare(elsewhere)
    apps.publish(elsewhere, elsewhere / "_book")
    script = (elsewhere / "_book/apps/explorer/address.js").read_text(encoding="utf-8")
    link = json.loads(script.removeprefix("window.address = ").rstrip(";\n"))
    assert link.startswith("https://shinylive.io/py/app/#h=0&code=")
    carried = apps._shinylive("url", "decode", "--json", text=link)
    files = {file["name"]: file for file in json.loads(carried)}
    sources = apps.sources("explorer")
    assert files.keys() == sources.keys() and "words.json" in files
    for name, file in files.items():
        if name.endswith(".py"):
            compile(file["content"], name, "exec")
        else:
            binary = file.get("type") == "binary"
            content = b64decode(file["content"]) if binary else file["content"].encode()
            assert content == sources[name].read_bytes()


@pytest.mark.parametrize("name", apps.names())
@pytest.mark.slow
def test_an_application_shorn_of_its_docstrings_still_starts(tmp_path, name):
    sources = apps.sources(name)
    for inside, path in sources.items():
        (tmp_path / inside).parent.mkdir(parents=True, exist_ok=True)
        content = path.read_bytes()
        if inside.endswith(".py"):
            content = apps._without_docstrings(content.decode()).encode()
        (tmp_path / inside).write_bytes(content)
    program = "import app; assert app.app"
    if "cnnlayers/__init__.py" in sources:  # its own copy, as in the browser
        program += f"; import cnnlayers; assert cnnlayers.__file__.startswith({str(tmp_path)!r})"
    subprocess.run([sys.executable, "-c", program], cwd=tmp_path, check=True)


def test_the_applications_import_what_the_browser_must_install():
    for name in apps.names():
        top = [p.read_text() for n, p in apps.sources(name).items() if "/" not in n]
        assert any("import numpy" in text for text in top)


def test_serve_prints_addresses_that_answer():
    process = subprocess.Popen(
        [sys.executable, "-m", "tools.apps", "serve"],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    try:
        lines = [process.stdout.readline() for _ in apps.names()]
        assert sorted(line.split()[0] for line in lines) == apps.names()
        for line in lines:
            port = int(line.split("127.0.0.1:")[1].split("/")[0])
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
    finally:
        process.terminate()
        process.wait()


def test_the_exported_applications_run_in_the_page(
    tmp_path, monkeypatch, real_assets_missing, page: Page
):
    if reason := real_assets_missing():
        pytest.skip(reason)
    monkeypatch.setattr(apps, "_assets_missing", real_assets_missing)
    apps.prepare(ROOT, retry=True)
    apps.publish(ROOT, tmp_path)
    handler = partial(http.server.SimpleHTTPRequestHandler, directory=str(tmp_path))
    server = http.server.ThreadingHTTPServer(("localhost", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        address = f"http://localhost:{server.server_port}/apps"
        page.goto(f"{address}/explorer/index.html?op=max&f=2&lang=en&h=1&w=1")
        frame = page.frame_locator("iframe.app-frame")
        expect(frame.locator("#sentence")).to_contain_text("is 7.", timeout=90_000)
        frame.locator("#next").click()
        expect(page).to_have_url(f"{address}/explorer/index.html?op=max&f=2&h=1&w=2&lang=en")
        page.goto(f"{address}/sine/index.html?lang=en")
        frame = page.frame_locator("iframe.app-frame")
        expect(frame.locator("#wave img")).to_have_attribute("alt", "Sine function", timeout=90_000)
    finally:
        server.shutdown()
        server.server_close()
