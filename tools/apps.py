"""The applications of the book: exported for the page, linked, or run on this machine.

`python -m tools.apps` prepares what the pages need and writes it into `.cache/apps.json`. Quarto
runs it before a render, the built-in renderer too, and nothing in here can fail a render: what
does not work is written down as a reason, and the page links to shinylive.io instead.
`python -m tools.apps serve` runs the applications here.
"""

from __future__ import annotations

import argparse
import ast
import hashlib
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path
from urllib.error import URLError

ROOT = Path(__file__).resolve().parent.parent
CACHE = ROOT / ".cache" / "apps"
RECORD = ROOT / ".cache" / "apps.json"
TITLES = {"sine": "Función seno", "explorer": "El explorador de capas"}
LANGUAGES = ("es", "en")
FRAME = ROOT / "apps" / "frame.html"  # goes into the head of Shinylive's page
# Of what `shinylive export` writes, only its editor needs these; they are a fifth of the size.
NOT_NEEDED = ("**/pyright", "**/edit", "**/Editor.*", "**/run-python-blocks.js")
SECONDS_TO_ANSWER = 4
SECONDS_TO_EXPORT = 120


def sources(name: str, root: Path = ROOT) -> dict[str, Path]:
    """List the files of an application by their names in it, its `app.py` first.

    What it has beside its `app.py`, what applications share and the package stand where they are
    imported from.
    """
    folder = root / "apps" / name
    files = {"app.py": folder / "app.py", "words.json": ROOT / "tools" / "words.json"}
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


def fingerprint() -> str:
    """Stand for everything an export is made from."""
    digest = hashlib.sha256(_shinylive("--version").encode())
    digest.update(Path(__file__).read_bytes() + FRAME.read_bytes())
    for name in TITLES:
        for inside, path in sources(name).items():
            digest.update(f"{name}/{inside}\0".encode() + path.read_bytes())
    return digest.hexdigest()[:16]


def prepare() -> dict[str, object]:
    """Export and link every application, once for the same sources; return the record."""
    CACHE.mkdir(parents=True, exist_ok=True)
    made = CACHE / fingerprint()
    exported, reason = _export(made)
    links = _links(made)
    record = {
        "site": _site(),
        "apps": {
            name: {
                "exported": exported,
                "path": f"apps/{name}/",
                "reason": reason,
                "link": links.get(name, {}),
            }
            for name in TITLES
        },
    }
    for old in CACHE.iterdir():  # made from sources that have changed since
        if old.name.split(".")[0] != made.name:
            shutil.rmtree(old) if old.is_dir() else old.unlink()
    return record


def publish(book: Path) -> bool:
    """Put the exported applications into a rendered book, at `apps/`; say whether there are any."""
    made = CACHE / fingerprint()
    if not _complete(made):
        return False
    shutil.copytree(made, book / "apps", dirs_exist_ok=True)
    return True


def _export(made: Path) -> tuple[bool, str | None]:
    if _complete(made):
        return True, None
    if reason := _assets_missing():
        return False, reason
    with tempfile.TemporaryDirectory(dir=CACHE) as folder:
        site = Path(folder) / "site"
        try:
            for name, title in TITLES.items():
                staged = Path(folder) / name
                _stage(name, staged)
                head = FRAME.read_text(encoding="utf-8")
                parameters = json.dumps({"title": title, "include_in_head": head})
                _shinylive(
                    *("export", str(staged), str(site), "--subdir", name),
                    *("--template-params", parameters),
                )
        except (OSError, subprocess.SubprocessError) as error:
            return False, f"the export failed: {_one_line(error)}"
        if not _complete(site):
            return False, "the export left no index.html"
        for pattern in NOT_NEEDED:
            for path in list(site.glob(pattern)):
                shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)
        site.rename(made)
    return True, None


def _complete(site: Path) -> bool:
    """Look for the pages: a failed export leaves a folder without them."""
    return all((site / name / "index.html").is_file() for name in TITLES)


def _assets_missing() -> str | None:
    """Download Shinylive's assets if they are not here; the reason if that cannot be done."""
    version = _shinylive("assets", "version").strip()
    try:
        from shinylive._assets import shinylive_assets_dir, shinylive_bundle_url

        if Path(shinylive_assets_dir()).is_dir():
            return None
        # Ask first whether the archive can be had: a download cannot be told to hurry.
        request = urllib.request.Request(shinylive_bundle_url(), method="HEAD")
        urllib.request.urlopen(request, timeout=SECONDS_TO_ANSWER).close()
        _shinylive("assets", "download", timeout=None)
    except (ImportError, OSError, URLError, subprocess.SubprocessError) as error:
        return f"Shinylive's assets {version} cannot be downloaded: {_one_line(error)}"
    return None


def _links(made: Path) -> dict[str, dict[str, str]]:
    """Addresses that carry the application itself; a state goes in as `&…` before the `#`."""
    kept = made.with_suffix(".json")
    if kept.is_file():
        return json.loads(kept.read_text(encoding="utf-8"))
    links = {}
    with tempfile.TemporaryDirectory(dir=CACHE) as folder:
        for name in TITLES:
            staged = Path(folder) / name
            _stage(name, staged)
            for path in staged.rglob("*.py"):
                path.write_text(_without_docstrings(path.read_text(encoding="utf-8")), "utf-8")
            command = ["url", "encode", "--mode", "app", "--no-header", *sources(name)]
            address = _shinylive(*command, cwd=staged).strip()
            page, code = address.split("#", 1)
            links[name] = {lang: f"{page}?lang={lang}#{code}" for lang in LANGUAGES}
    kept.write_text(json.dumps(links), encoding="utf-8")
    return links


def _stage(name: str, folder: Path) -> None:
    for inside, path in sources(name).items():
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


def _shinylive(*arguments: str, cwd: Path = ROOT, timeout: float | None = SECONDS_TO_EXPORT) -> str:
    program = Path(sys.executable).parent / "shinylive"
    done = subprocess.run(
        [str(program if program.exists() else "shinylive"), *arguments],
        cwd=cwd,
        timeout=timeout,
        check=True,
        capture_output=True,
        text=True,
    )
    return done.stdout


def _site() -> str | None:
    """Where the book is published, if `_quarto.yml` says it."""
    import yaml

    settings = yaml.safe_load((ROOT / "_quarto.yml").read_text(encoding="utf-8"))
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
            command = [sys.executable, "-m", "shiny", "run", "--port", str(port)]
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
    try:
        record = prepare()
    except Exception as error:  # whatever it is, the book is worth more than its applications
        none = {"exported": False, "reason": _one_line(error), "link": {}}
        record = {"site": None, "apps": {n: {**none, "path": f"apps/{n}/"} for n in TITLES}}
    RECORD.parent.mkdir(parents=True, exist_ok=True)
    RECORD.write_text(json.dumps(record, indent=1), encoding="utf-8")
    explorer = record["apps"]["explorer"]
    if explorer["exported"]:
        print("applications: exported, they run in the page")
    else:
        print(f"applications: linked, not exported ({explorer['reason']})")
    # Quarto's own renders have no other place for the export; tools.build publishes its own.
    if output := os.environ.get("QUARTO_PROJECT_OUTPUT_DIR"):
        publish(Path(output).parent)
    return 0


if __name__ == "__main__":
    sys.exit(main())
