"""The tutorial beside the work names nodes and settings that there are, as its page does."""

import re

import pytest

from graingraph.app.gui.shell.tutorial import STEPS
from graingraph.engine.declare.node import known_types
from tests.support.paths import ROOT

NODE = re.compile(r"[A-Z][a-z]+(?:[A-Z][a-z]+)+|Load|Filter|Threshold|Pool|Distribution")
PAGE = (ROOT / "docs" / "tutorial.md").read_text("utf-8")


@pytest.mark.parametrize(("title", "words"), STEPS)
def test_what_a_step_names_is_there(title: str, words: str):
    for node in NODE.findall(words):
        assert node in known_types()
        assert f"*{node}*" in PAGE


def test_the_tutorial_leads_over_every_node_of_its_page():
    told = set(NODE.findall(" ".join(words for _, words in STEPS)))
    assert {"Load", "Threshold", "SeparateFeatures", "MeasureFeatures", "Pool", "Distribution"} <= told
