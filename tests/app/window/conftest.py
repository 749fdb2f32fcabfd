import contextlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.app.window.harness import Driver, missing_tools, x_server


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = str(Path(__file__).parent)
    for item in items:
        if str(item.path).startswith(here):
            item.add_marker(pytest.mark.window)


@pytest.fixture(scope="session")
def display() -> Iterator[str]:
    missing = missing_tools()
    if missing:
        pytest.skip(f"window tests need {' and '.join(missing)}, which this machine lacks")
    with x_server(1280, 800) as name:
        yield name


@pytest.fixture
def open_window(display: str, tmp_path: Path) -> Iterator[Callable[..., Driver]]:
    with contextlib.ExitStack() as stack:

        def opened(**options: Any) -> Driver:
            driver = Driver(display, tmp_path, **options)
            stack.callback(driver.close)
            return driver

        yield opened
