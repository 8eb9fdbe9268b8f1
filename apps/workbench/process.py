"""Work on what was handed in where it can do no harm: in a process of its own.

So code that loops forever holds up nobody else and can be stopped at any time, even inside NumPy
or `time.sleep`. The browser's Python knows no processes; there `cnnlayers.exercises` ends what
takes too long, between two steps of Python.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import Mapping
from dataclasses import asdict, replace
from tempfile import TemporaryDirectory
from typing import Any

from apps.shared.words import ROOT
from apps.workbench.visit import Visit
from apps.workbench.work import work

IN_BROWSER = sys.platform == "emscripten"
SECONDS = 20.0  # until a process is killed; code that Python can interrupt is ended long before


async def done(visit: Visit) -> Visit:
    """Do what was asked for."""
    asked = {**asdict(visit.asked), "exercise": visit.state.exercise, "lang": visit.state.lang}
    found = work(asked) if IN_BROWSER else await _elsewhere(asked)
    return replace(visit, found=found)


async def _elsewhere(asked: Mapping[str, Any]) -> dict[str, Any]:
    paths = [str(ROOT), str(ROOT / "src"), os.environ.get("PYTHONPATH", "")]
    with TemporaryDirectory() as folder:  # what the reader's code writes goes with it
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-P", "-m", "apps.workbench.work"),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
            cwd=folder,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, paths))},
        )
        try:
            told = process.communicate(json.dumps(asked).encode())
            answer, _ = await asyncio.wait_for(told, SECONDS)
            return json.loads(answer)
        except TimeoutError:
            return {"ending": "killed", "seconds": SECONDS}
        except ValueError:  # it ended without an answer: `os._exit`, a crash
            return {"ending": "exit"}
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()
