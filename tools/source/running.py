"""Running a chapter's cells in a kernel of its own, within limits of time and of what they show."""

import asyncio
import logging
import re
import subprocess
import sys
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import nbformat
from jupyter_client.kernelspec import KernelSpec, KernelSpecManager
from jupyter_client.manager import AsyncKernelManager
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, DeadKernelError

from tools.problems import BookError
from tools.source.chapters import Cell, Chapter
from tools.source.config import CONTROL
from tools.source.drawing import clean

Output = dict[str, Any]

SECONDS_A_CELL = 300
SECONDS_OF_SILENCE = 10
MOST_PRINTED = 200_000  # characters
MOST_SHOWN = 2_000_000  # of figures and what moves
SET_UP = Path(__file__).with_name("kernel.py")
LONGEST = 400  # characters of an error
INSIDE = re.compile(r"\S*ipykernel_\d+\S*\.py:(\d+): ")  # how Python names a cell's line
ANSI = re.compile(r"\x1b\[[0-9;]*m")


class ThisPython(KernelSpecManager):
    """Knows one kernel: that of the Python which runs the build."""

    def get_kernel_spec(self, kernel_name: str) -> KernelSpec:
        """Return how it is started."""
        command = [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"]
        return KernelSpec(argv=command, language="python", display_name="Python 3")


def in_a_loop(work: Coroutine[Any, Any, None]) -> None:
    """Wait for a coroutine in a loop of its own, whatever runs here; an interruption ends both."""
    loop = asyncio.new_event_loop()
    # Of what is cancelled nobody asks how it ended.
    loop.set_exception_handler(lambda *_: None)
    task = loop.create_task(work)
    with ThreadPoolExecutor(1) as thread:
        try:
            thread.submit(loop.run_until_complete, task).result()
        except BaseException:
            loop.call_soon_threadsafe(task.cancel)
            raise


async def run(
    root: Path, chapter: Chapter, environment: dict[str, str], say: Callable[[str], None]
) -> list[list[Output]]:
    """Run one chapter's cells in a fresh kernel; return what each one showed."""
    limits = {"MOST_PRINTED": MOST_PRINTED, "MOST_SHOWN": MOST_SHOWN}
    set_up = f"exec({SET_UP.read_text(encoding='utf-8')!r}, {limits})"
    codes = [set_up, *(cell.code for cell in chapter.cells)]
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(code) for code in codes])
    client = NotebookClient(
        notebook,
        km=AsyncKernelManager(kernel_spec_manager=ThisPython()),
        timeout=None,
        shutdown_kernel="immediate",
        extra_arguments=["--IPKernelApp.log_level=ERROR"],
    )
    client.log.setLevel(logging.CRITICAL)  # what is wrong is said here
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    try:
        async with client.async_setup_kernel(env=environment, cwd=root, cleanup_kc=True, **quiet):
            await client.async_execute_cell(notebook.cells[0], 0)
            return [
                await Run(client, chapter, cell, say).outputs(ran, index)
                for index, (cell, ran) in enumerate(
                    zip(chapter.cells, notebook.cells[1:], strict=True), start=1
                )
            ]
    except RuntimeError as error:  # nbclient and jupyter_client have no narrower one
        line = chapter.cells[0].line
        message = f"no kernel could be started for the cells: {error}"
        raise BookError(f"{chapter.page.source}:{line}: {message}") from error


class Run:
    """One cell while it runs."""

    def __init__(
        self, client: NotebookClient, chapter: Chapter, cell: Cell, say: Callable[[str], None]
    ) -> None:
        self.client, self.cell, self.say = client, cell, say
        self.file = chapter.page.source

    def error(self, message: str, line: int = 0) -> BookError:
        """Return what is wrong with the cell, as an exception."""
        return BookError(f"{self.file}:{line or self.cell.code_line}: {message}")

    async def outputs(self, ran: Any, index: int) -> list[Output]:
        """Return what the cell showed."""
        raised = None
        try:
            in_time = await self.wait(self.client.async_execute_cell(ran, index))
        except CellExecutionError as error:
            raised, in_time = error, True
        except DeadKernelError as error:
            raise self.error("the cell did not finish: its kernel died") from error
        line = self.line(ran)
        outputs = joined([tidy(o) for o in ran.get("outputs", []) if o.output_type != "error"])
        texts = [o.get("text", "") + o.get("data", {}).get("text/plain", "") for o in outputs]
        if not in_time:
            raise self.error(f"the cell did not finish within {SECONDS_A_CELL} s", line)
        # Of a flood, the sign that it is one may be lost; nobody else interrupts a cell.
        interrupted = raised and raised.ename == "KeyboardInterrupt"
        if interrupted or sum(map(len, texts)) > MOST_PRINTED:
            limits = (
                f"prints more than {MOST_PRINTED:,} characters or draws more than {MOST_SHOWN:,}"
            )
            raise self.error(f"the cell {limits}", line)
        if raised:
            # A bare assert says nothing: its line does.
            code = ran.source.split("\n")[line - self.cell.code_line].strip()
            said = re.sub(r" \(\d+\.py, line \d+\)", "", raised.evalue or code)
            raise self.error(f"{raised.ename}: {said[:LONGEST]}", line)
        for output, text in zip(outputs, texts, strict=True):
            if output.get("name") == "stderr":
                if at := INSIDE.search(text):
                    line = self.cell.code_line + int(at[1]) - 1
                said = " ".join(INSIDE.sub("", text).split())
                raise self.error(f"the cell wrote to standard error: {said[:LONGEST]}", line)
            if found := CONTROL.search(text):
                raise self.error(f"the cell prints what nobody sees: U+{ord(found[0]):04X}")
        return outputs

    async def wait(self, work: Coroutine[Any, Any, Any]) -> bool:
        """Wait for the cell, saying now and then that it runs; return whether it ended in time."""
        task = asyncio.ensure_future(work)
        waited, interrupted = 0, False
        try:
            while not (await asyncio.wait([task], timeout=SECONDS_OF_SILENCE))[0]:
                if interrupted:  # it did not hear
                    return False
                waited += SECONDS_OF_SILENCE
                self.say(f"  {self.file}:{self.cell.line} has been running for {waited} s")
                if waited >= SECONDS_A_CELL:
                    interrupted = True
                    await self.client.km.interrupt_kernel()
            if not interrupted:
                await task
        finally:
            task.cancel()
        return not interrupted

    def line(self, ran: Any) -> int:
        """Return the line at which the cell was when it raised, or was interrupted."""
        for output in ran.get("outputs", []):
            if output.output_type == "error":
                trace = ANSI.sub("", "\n".join(output.traceback))
                if inside := re.search(r"Cell In\[\d+\], line (\d+)", trace):
                    return self.cell.code_line + int(inside[1]) - 1
        return self.cell.code_line


def tidy(output: Any) -> Output:
    """Keep of an output what is shown: no count of executions, which differs between copies."""
    if output.output_type == "stream":
        return {"output_type": "stream", "name": output.name, "text": output.text}
    data = dict(output.data)
    if "image/svg+xml" in data:
        data["image/svg+xml"] = clean(data["image/svg+xml"])
    return {"output_type": "display_data", "data": data, "metadata": {}}


def joined(outputs: list[Output]) -> list[Output]:
    """Join the pieces that printed text arrives in: where it breaks is chance.

    nbclient's `coalesce_streams` would also pull text from behind a figure to before it.
    """
    result: list[Output] = []
    for output in outputs:
        before = result[-1] if result else {}
        if "text" in output and output["name"] == before.get("name"):
            before["text"] += output["text"]
        else:
            result.append(output)
    return result
