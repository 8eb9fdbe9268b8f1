"""The end of a run says what was not tested on this machine, and what would have it tested."""

from collections import Counter

import pytest
from _pytest.terminal import TerminalReporter


def pytest_terminal_summary(terminalreporter: TerminalReporter, config: pytest.Config) -> None:
    reasons = Counter(
        report.longrepr[2].removeprefix("Skipped: ")
        for report in terminalreporter.stats.get("skipped", [])
        if isinstance(report.longrepr, tuple)
    )
    if config.option.markexpr == "not slow":
        reasons["slow: `make test` without FAST=1 runs them"] = 0
    if reasons:
        terminalreporter.section("not tested here")
    for reason, count in reasons.most_common():
        tests = {0: "", 1: "1 test: "}.get(count, f"{count} tests: ")
        terminalreporter.line(f"{tests}{reason}")
