from graingraph.app.document.session import Session
from graingraph.app.document.status import NodeStatus
from graingraph.app.gui.canvas.controller import Canvas
from graingraph.app.gui.canvas.scene import Hit
from graingraph.app.gui.canvas.tips import tip_for
from tests.support.recipes import chain


def test_tips_say_what_and_why():
    session = Session(chain())
    session.statuses["filter"] = NodeStatus("stale", "Stale because size 3 → 5.", headline="mean 4")
    canvas = Canvas(session, copy=lambda text: None, paste=lambda: "")
    tip = tip_for(canvas, Hit("node", "filter")).splitlines()
    assert tip[0] == "Filter"
    assert tip[2:] == ["Stale because size 3 → 5.", "mean 4"]
    assert tip_for(canvas, Hit("input", "fill_holes", "mask")) == "mask: takes Mask"
    assert tip_for(canvas, Hit("output", "load", "image")) == "image: gives Image"
    assert tip_for(canvas, Hit("input", "measure_features", "image")).endswith("may be left open")
    assert "Filter, image → Threshold, image" in tip_for(
        canvas, Hit("wire", wire=session.recipe.wire_into("threshold", "image"))
    )
    assert tip_for(canvas, Hit()) == ""


def test_the_tip_of_a_renamed_node_has_its_name():
    canvas = Canvas(Session(chain().with_title("filter", "Smooth the noise")), copy=lambda text: None, paste=lambda: "")
    assert tip_for(canvas, Hit("node", "filter")).splitlines()[0] == "Smooth the noise"
