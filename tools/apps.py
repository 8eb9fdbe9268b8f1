"""The applications of the book: exported for the page, linked, or run on this machine.

What can be had of them is written into `.cache/apps.json`, which the pages are made from. Nothing
in here can fail a build: what does not work is written down as a reason, and the page links to
shinylive.io instead. An address there holds the whole application, so a page of its own, at
`apps/NAME/online.html`, keeps it and leads to it: what links there stays short.
`python -m tools.apps serve` runs the applications here.
"""

from __future__ import annotations

import argparse
import ast
import importlib.metadata
import json
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.error import URLError

import jinja2

from tools import words
from tools.source.kept import digest, write_whole

ROOT = Path(__file__).resolve().parent.parent
CACHE = ".cache/apps"
RECORD = ".cache/apps.json"
TITLES = {
    "sine": "Función seno",
    "explorer": "El explorador de capas",
    "workbench": "El taller",
    "network": "Una red por dentro",
}
LANGUAGES = ("es", "en")
FRAME = ROOT / "apps" / "frame.html"  # goes into the head of Shinylive's page
WEB = ROOT / "tools" / "web"
# Of what `shinylive export` writes, only its editor needs these; they are a fifth of the size.
NOT_NEEDED = ("**/pyright", "**/edit", "**/Editor.*", "**/run-python-blocks.js")
SECONDS_TO_ANSWER = 4
SECONDS_TO_EXPORT = 120
SECONDS_TO_RETRY = 3600


def names(root: Path = ROOT) -> list[str]:
    """List the applications of a book."""
    return [path.parent.name for path in sorted(root.glob("apps/*/app.py"))]


def sources(name: str, root: Path = ROOT) -> dict[str, Path]:
    """List the files of an application by their names in it, its `app.py` first.

    What it has beside its `app.py`, what applications share and the package stand where they are
    imported from.
    """
    folder = root / "apps" / name
    files = {"app.py": folder / "app.py", "words.json": words.FILE}
    own = [path for path in _files(folder) if path not in files.values()]
    for path in [*own, *(_files(root / "apps" / "shared") if own else [])]:
        files[path.relative_to(root).as_posix()] = path
    if any(re.search(r"(?m)^\s*(from|import) cnnlayers", code) for code in _codes(files)):
        for path in _files(root / "src" / "cnnlayers"):
            files[path.relative_to(root / "src").as_posix()] = path
    return files


def _files(folder: Path) -> list[Path]:
    return sorted(p for p in folder.rglob("*") if p.is_file() and "__pycache__" not in p.parts)


def _codes(files: dict[str, Path]) -> list[str]:
    return [path.read_text("utf-8") for path in files.values() if path.suffix == ".py"]


def fingerprint(root: Path = ROOT) -> str:
    """Stand for everything an export is made from."""
    try:
        version = importlib.metadata.version("shinylive")
    except importlib.metadata.PackageNotFoundError:
        version = ""
    made_from: list[object] = [version, Path(__file__).read_bytes(), FRAME.read_bytes()]
    for name in names(root):
        for inside, path in sources(name, root).items():
            made_from += [f"{name}/{inside}", path.read_bytes()]
    return digest(*made_from)


def prepare(root: Path, say: Callable[[str], None] = print, retry: bool = False) -> None:
    """Export and link every application, once for the same sources, and write the record.

    Where the export failed, it is tried again after an hour, or at once if `retry`.
    """
    if not names(root):
        return
    made = root / CACHE / fingerprint(root)
    made.parent.mkdir(parents=True, exist_ok=True)
    record = root / RECORD
    links_file = made.with_suffix(".json")
    old = _kept(record) if _kept(links_file) else {}
    recent = record.is_file() and time.time() - record.stat().st_mtime < SECONDS_TO_RETRY
    reason = old.get("reason")
    if not _complete(root, made) and (retry or not recent or not reason):
        reason = _export(root, made)
    try:
        links = _links(root, made)
    except (OSError, subprocess.SubprocessError, SyntaxError, ValueError) as error:
        links, reason = {}, reason or _one_line(error)
    exported = _complete(root, made)
    text = json.dumps(
        {
            "site": _site(root),
            "reason": None if exported else reason,
            "apps": {name: {"exported": exported, "online": name in links} for name in names(root)},
        },
        indent=1,
    )
    if not recent or not record.is_file() or record.read_bytes() != text.encode():
        write_whole(record, text.encode())
    for old_export in made.parent.iterdir():  # made from sources that have changed since
        if old_export.name.split(".")[0] != made.name:
            shutil.rmtree(old_export) if old_export.is_dir() else old_export.unlink()
    if exported:
        say("applications: exported, they run in the page")
    else:
        say(f"applications: linked, not exported ({reason})")


def publish(root: Path, book: Path) -> None:
    """Put what there is of the applications into a rendered book, at `apps/`."""
    if not names(root):
        return
    made = root / CACHE / fingerprint(root)
    if _complete(root, made):
        shutil.copytree(made, book / "apps", dirs_exist_ok=True)
    kept = made.with_suffix(".json")
    links = json.loads(kept.read_text(encoding="utf-8")) if kept.is_file() else {}
    template = jinja2.Template((WEB / "online.html").read_text(encoding="utf-8"))
    page = template.render(words={lang: words.load("book", lang) for lang in LANGUAGES})
    for name, address in links.items():
        folder = book / "apps" / name
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "online.html").write_text(page, encoding="utf-8")
        (folder / "address.js").write_text(f"window.address = {json.dumps(address)};\n", "utf-8")
        shutil.copyfile(WEB / "online.js", book / "apps" / "online.js")


def _export(root: Path, made: Path) -> str | None:
    """Let Shinylive export all applications; return the reason if it cannot."""
    if reason := _assets_missing():
        return reason
    with tempfile.TemporaryDirectory(dir=made.parent) as folder:
        site = Path(folder) / "site"
        try:
            for name in names(root):
                staged = Path(folder) / name
                _stage(root, name, staged)
                head = FRAME.read_text(encoding="utf-8")
                parameters = json.dumps({"title": TITLES.get(name, name), "include_in_head": head})
                _shinylive(
                    *("export", str(staged), str(site), "--subdir", name),
                    *("--template-params", parameters),
                )
        except (OSError, subprocess.SubprocessError) as error:
            return f"the export failed: {_one_line(error)}"
        if not _complete(root, site):
            return "the export left no index.html"
        for pattern in NOT_NEEDED:
            for path in list(site.glob(pattern)):
                shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)
        site.rename(made)
    return None


def _complete(root: Path, site: Path) -> bool:
    """Look for the pages: a failed export leaves a folder without them."""
    return all((site / name / "index.html").is_file() for name in names(root))


def _assets_missing() -> str | None:
    """Download Shinylive's assets if they are not here; the reason if that cannot be done."""
    try:
        from shinylive._assets import shinylive_assets_dir, shinylive_bundle_url

        if Path(shinylive_assets_dir()).is_dir():
            return None
        # Ask first whether the archive can be had: a download cannot be told to hurry.
        request = urllib.request.Request(shinylive_bundle_url(), method="HEAD")
        urllib.request.urlopen(request, timeout=SECONDS_TO_ANSWER).close()
        _shinylive("assets", "download", timeout=None)
    except (ImportError, OSError, URLError, subprocess.SubprocessError) as error:
        return f"Shinylive's assets cannot be downloaded: {_one_line(error)}"
    return None


def _links(root: Path, made: Path) -> dict[str, str]:
    """Addresses that carry the application itself; a state goes in as `?…` before the `#`."""
    kept = made.with_suffix(".json")
    if links := _kept(kept):
        return links
    with tempfile.TemporaryDirectory(dir=made.parent) as folder:
        for name in names(root):
            staged = Path(folder) / name
            _stage(root, name, staged)
            for path in staged.rglob("*.py"):
                path.write_text(_without_docstrings(path.read_text(encoding="utf-8")), "utf-8")
            files = list(sources(name, root))
            command = ["url", "encode", "--mode", "app", "--no-header", *files]
            links[name] = _shinylive(*command, cwd=staged).strip()
    write_whole(kept, json.dumps(links).encode())
    return links


def _kept(path: Path) -> dict[str, Any]:
    """Return what an earlier build wrote down; nothing if the file is not there, or damaged."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _stage(root: Path, name: str, folder: Path) -> None:
    for inside, path in sources(name, root).items():
        (folder / inside).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, folder / inside)


def _without_docstrings(text: str) -> str:
    """Shorten a source for an address: half of the package is its documentation."""
    lines = text.splitlines(keepends=True)
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef):
            first = node.body[0]
            if ast.get_docstring(node, clean=False) is not None and len(node.body) > 1:
                lines[first.lineno - 1 : first.end_lineno] = [""] * (
                    first.end_lineno - first.lineno + 1
                )
    return "".join(lines)


def _shinylive(
    *arguments: str,
    cwd: Path = ROOT,
    timeout: float | None = SECONDS_TO_EXPORT,
    text: str | None = None,
) -> str:
    program = Path(sys.executable).parent / "shinylive"
    done = subprocess.run(
        [str(program if program.exists() else "shinylive"), *arguments],
        cwd=cwd,
        timeout=timeout,
        input=text,
        check=True,
        capture_output=True,
        text=True,
    )
    return done.stdout


def _site(root: Path) -> str | None:
    """Where the book is published, if `_quarto.yml` says it."""
    import yaml

    settings = yaml.safe_load((root / "_quarto.yml").read_text(encoding="utf-8"))
    address = settings.get("book", {}).get("site-url")
    return address.rstrip("/") if address else None


def _one_line(error: BaseException) -> str:
    said = getattr(error, "stderr", None) or str(error) or type(error).__name__
    return said.strip().splitlines()[-1]


def _free_port(wanted: int) -> int:
    for port in (wanted, 0):
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return probe.getsockname()[1]
    raise OSError("no free port")


def serve() -> int:
    """Run the applications on this machine until Ctrl+C."""
    running = []
    # Stopped from outside, it still takes the applications with it.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    try:
        for n, name in enumerate(TITLES):
            port = _free_port(8701 + n)
            app = ROOT / "apps" / name / "app.py"
            command = [sys.executable, "-m", "shiny", "run"]
            command += ["--host", "127.0.0.1", "--port", str(port)]
            running.append(subprocess.Popen([*command, "--log-level", "warning", str(app)]))
            if not _answers(port, running[-1]):
                print(f"{name} did not start.", file=sys.stderr)
                return 1
            address = f"http://127.0.0.1:{port}/"
            print(f"{name:9} {address}?lang=es   {address}?lang=en", flush=True)
        print("Ctrl+C stops them.", flush=True)
        return max(process.wait() for process in running)
    except KeyboardInterrupt:
        return 0
    finally:
        for process in running:
            process.terminate()


def _answers(port: int, process: subprocess.Popen[bytes]) -> bool:
    """Wait until a server takes connections, or has ended instead."""
    while process.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return True
        except OSError:
            time.sleep(0.1)
    return False


def main(arguments: list[str] | None = None) -> int:
    """Run the command; return its exit code."""
    parser = argparse.ArgumentParser(prog="python -m tools.apps", description=__doc__)
    parser.add_argument("command", nargs="?", choices=("prepare", "serve"), default="prepare")
    if parser.parse_args(arguments).command == "serve":
        return serve()
    prepare(ROOT, retry=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
