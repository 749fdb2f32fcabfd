import os

import pytest
from hypothesis import HealthCheck, settings

LIBRARY_THREADS = ("MKL_NUM_THREADS", "NUMBA_NUM_THREADS", "OPENBLAS_NUM_THREADS", "OPENCV_FOR_THREADS_NUM")
"""Say to PyTorch, Numba, NumPy and OpenCV, before they are imported, in how many threads they compute."""

if (
    "PYTEST_XDIST_WORKER" in os.environ
):  # each worker has one core: threads beside it would wait for those of the others
    os.environ.update(dict.fromkeys(LIBRARY_THREADS, "1"))

# How long an example takes says something about what else the machine is doing, and nothing about the code.
settings.register_profile("any machine", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("any machine")

FLAKY = "flaky"
"""The outcome of a first try that failed where the second one passed."""


def pytest_report_teststatus(report: pytest.TestReport) -> tuple[str, str, str] | None:
    return (FLAKY, "f", "FLAKY") if report.outcome == FLAKY else None


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say which tests passed only at the second try, and why the first one failed."""
    for report in terminalreporter.getreports(FLAKY):
        terminalreporter.section(f"flaky: {report.nodeid} failed, and passed when it was run again", yellow=True)
        terminalreporter.write_line(report.longreprtext)
