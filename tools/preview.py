"""Show the book while it is being written: `python -m tools.preview`.

It serves the book on this machine alone, makes what changed after each save, and reloads the open
pages where their reader was. With Quarto at hand, this is `quarto preview`.
"""

import argparse
import os
import queue
import subprocess
import sys
import threading
from collections.abc import Iterable
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import ClassVar

import watchfiles

from tools import build
from tools.quarto import render as quarto

EVENTS, SCRIPT = "/.preview/events", "/.preview/reload.js"
# A reload keeps the place on the page by itself.
RELOAD = f'new EventSource("{EVENTS}").onmessage = () => location.reload();\n'
SECONDS_OF_SILENCE = 15
WATCHED = ("chapters", "src", "book", "apps", "benchmarks", "tools", "references.bib")


class Handler(SimpleHTTPRequestHandler):
    """Serves files as they are now; pages also learn when they have changed."""

    waiting: ClassVar[list["queue.Queue[str]"]] = []

    def do_GET(self) -> None:
        """Answer a request: for an event, for the script that waits for it, or for a file."""
        if self.path == EVENTS:
            self.events()
        elif self.path == SCRIPT:
            self.answer("text/javascript", RELOAD.encode())
        elif (path := Path(self.translate_path(self.path))).suffix == ".html" and path.is_file():
            tag = f'<script src="{SCRIPT}"></script></body>'.encode()
            self.answer("text/html; charset=utf-8", path.read_bytes().replace(b"</body>", tag))
        else:
            super().do_GET()

    def answer(self, kind: str, content: bytes) -> None:
        """Send what is not sent from a file."""
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def events(self) -> None:
        """Send a line after each change, and a sign of life in between, until the page closes."""
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.end_headers()
        changes: queue.Queue[str] = queue.Queue()
        self.waiting.append(changes)
        try:
            while True:
                try:
                    said = changes.get(timeout=SECONDS_OF_SILENCE)
                except queue.Empty:
                    said = ": still here"
                self.wfile.write(f"{said}\n\n".encode())
                self.wfile.flush()
        except OSError:
            self.waiting.remove(changes)

    def end_headers(self) -> None:
        """Let no browser keep what may change at any moment."""
        self.send_header("Cache-Control", "no-store")
        super().end_headers()

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing of each request."""


def serve(root: Path, folder: Path, port: int) -> ThreadingHTTPServer:
    """Start to serve a folder; return the server."""
    server = ThreadingHTTPServer(("127.0.0.1", port), partial(Handler, directory=str(folder)))
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server


def follow(root: Path, folder: Path, stop: threading.Event | None = None) -> None:
    """Make the book anew after each save, and let the open pages know."""
    for changes in watchfiles.watch(*watched(root), stop_event=stop, step=100):
        names = sorted({os.path.relpath(path, root) for _, path in changes})
        build.say(f"\n{', '.join(names)}")
        # A process of its own, so that a change in these tools counts too.
        command = [sys.executable, "-m", "tools.build", "--renderer", "builtin"]
        if subprocess.run([*command, "--output", str(folder)], cwd=root).returncode == 0:
            for changed in list(Handler.waiting):
                changed.put("data: changed")


def watched(root: Path) -> Iterable[Path]:
    """List what the book is made from."""
    found = [root / name for name in WATCHED]
    found += [*root.glob("_quarto*.yml"), *root.glob("index*.qmd"), root / "_environment"]
    return [path for path in found if path.exists()]


def main(arguments: list[str] | None = None) -> int:
    """Run the command; return its exit code."""
    parser = argparse.ArgumentParser(prog="python -m tools.preview", description=__doc__)
    parser.add_argument("--renderer", choices=("auto", "quarto", "builtin"), default="auto")
    parser.add_argument("--port", type=int, default=0, help="any free one, if not given")
    options = parser.parse_args(arguments)
    root = Path.cwd()
    try:
        if found := quarto.choose(options.renderer, build.say):
            command = [found.program, "preview"]
            command += ["--port", str(options.port)] if options.port else []
            return subprocess.run(command, cwd=root, env=quarto.surroundings(root)).returncode
        code = build.main(["--renderer", "builtin"])
        server = serve(root, root / "_book", options.port)
        build.say(f"\nhttp://127.0.0.1:{server.server_port}/   Ctrl+C stops it.")
        follow(root, root / "_book")
        return code
    except KeyboardInterrupt:
        return 0


if __name__ == "__main__":
    sys.exit(main())
