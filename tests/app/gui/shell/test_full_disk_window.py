"""A window whose own folder is on a full disk says so once, and goes on."""

from collections.abc import Callable
from pathlib import Path

from tests.support.paths import GRAPHS
from tests.support.small_disk import fill, small_disk
from tests.support.window_harness import Driver


def test_a_full_disk_is_told_and_work_goes_on(open_window: Callable[..., Driver], tmp_path: Path) -> None:
    with small_disk(tmp_path / "state", 64) as disk:
        fill(disk)
        window = open_window(recipe=GRAPHS / "nodules.graingraph.json")
        window.wait_for(lambda s: s["settings"], 30)
        window.wait_for(lambda s: any("disk is full" in said for said in s["messages"]))
        window.screenshot("full_disk")
        left, top, right, bottom = window.state["nodes"]["threshold"]
        window.click(((left + right) / 2, (top + bottom) / 2))
        window.wait_for(lambda s: s["selection"] == ["threshold"])
        window.key("Delete")
        window.wait_for(lambda s: "threshold" not in s["settings"])
        assert sum("disk is full" in said for said in window.state["messages"]) == 1
        window.close()
        assert "Traceback" not in (tmp_path / "window.log").read_text()
