"""A marks file that is damaged while a stroke is drawn, in a real window: the stroke stays, and so does the file."""

from collections.abc import Callable
from pathlib import Path

from graingraph.app.gui.viewer.waiting import STILL_HERE
from graingraph.engine.evaluation import workspace
from graingraph.engine.images.files import picture_hash
from graingraph.engine.marks.store import MarkStore
from graingraph.engine.recipe import file as recipe_file
from tests.app.gui.viewer.test_drawing_window import BRASS, correct_boundaries, place, show, tool
from tests.support.window_harness import Driver


def test_a_stroke_outlasts_a_file_that_is_damaged_before_it_ends(open_window: Callable[..., Driver], tmp_path: Path):
    recipe = tmp_path / "corrections.graingraph.json"
    recipe_file.save(correct_boundaries(), recipe)
    driver = open_window(recipe=recipe, images=[BRASS])
    show(driver, "manual_edit")
    tool(driver, "pen")
    driver.drag(place(driver, (40, 40)), place(driver, (100, 100)))
    driver.wait_for(lambda s: s["facts"]["Viewer"]["drawing"]["marks"] == 1)
    file = workspace.open_marks(recipe).path(picture_hash(BRASS), "manual_edit")
    whole = file.read_bytes()
    start, end = place(driver, (140, 40)), place(driver, (200, 100))
    driver.move(start, rest=True)
    driver.press()
    driver.move((start[0] + 20, start[1] + 20))
    file.write_bytes(whole[20:])
    driver.move(end)
    driver.release()
    waits = STILL_HERE.partition("}")[2].strip()
    driver.wait_for(lambda s: any(said.endswith(waits) for said in s["messages"]))
    driver.move(place(driver, (160, 60)))
    driver.wait_for(lambda s: s["facts"]["Viewer"]["drawing"]["marks"] == 1 and s["facts"]["Viewer"]["words"])
    driver.key("ctrl+q")
    driver.wait_for(lambda s: s["dialog"])
    driver.key("Escape")
    driver.wait_for(lambda s: not s["dialog"])
    assert file.read_bytes() == whole[20:]
    file.write_bytes(whole)
    driver.nudge()
    driver.wait_for(lambda s: s["facts"]["Viewer"]["drawing"]["marks"] == 2)
    driver.close()
    assert len(MarkStore(file.parent).load(picture_hash(BRASS), "manual_edit").marks) == 2
