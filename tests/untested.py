"""The end of a run says what was not tested on this machine, and what would have it tested.

With `COMPLETE=1` in the environment, as in continuous integration, a run in which Quarto,
Shinylive or a browser was missing fails.
"""

import os
import re
from collections import Counter

import pytest
from _pytest.terminal import TerminalReporter

NEEDED = re.compile(r"\b(Quarto|Shinylive|browser)\b")


def skipped(terminalreporter: TerminalReporter) -> Counter[str]:
    """Count the tests that were skipped, by their reason."""
    return Counter(
        report.longrepr[2].removeprefix("Skipped: ")
        for report in terminalreporter.stats.get("skipped", [])
        if isinstance(report.longrepr, tuple)
    )


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if os.environ.get("COMPLETE") == "1" and isinstance(reporter, TerminalReporter):
        if any(NEEDED.search(reason) for reason in skipped(reporter)):
            session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: TerminalReporter, config: pytest.Config) -> None:
    reasons = skipped(terminalreporter)
    if config.option.markexpr == "not slow":
        reasons["slow: `make test` without FAST=1 runs them"] = 0
    if reasons:
        terminalreporter.section("not tested here")
    for reason, count in reasons.most_common():
        tests = {0: "", 1: "1 test: "}.get(count, f"{count} tests: ")
        terminalreporter.line(f"{tests}{reason}")
    if os.environ.get("COMPLETE") == "1" and any(map(NEEDED.search, reasons)):
        terminalreporter.line("COMPLETE=1: what was not tested here had to be; the run fails.")
