import pytest
from hypothesis import HealthCheck, settings

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
