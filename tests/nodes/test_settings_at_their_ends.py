"""Settings of every node at their ends: numbers at the least and the most, texts left empty."""

import re
from collections.abc import Iterator
from typing import Any

import pytest

from graingraph.engine.declare.node import NodeType
from graingraph.engine.problem import Problem
from graingraph.engine.values import Table
from tests.support.node_numbers import NEEDS_MORE, called, nodes

UNSAID = re.compile(r"\b(nan|inf|None)\b|  |''|should not have")
"""What stands in a sentence that was made of nothing."""


def at_their_ends(declared: NodeType) -> Iterator[dict[str, Any]]:
    """Each setting at each end, with those others that make it apply."""
    for setting in declared.settings:
        shown = {name: allowed[0] for name, allowed in setting.when.conditions.items()} if setting.when else {}
        if setting.range:
            yield from ({**shown, setting.name: setting.kind(end)} for end in (setting.range.low, setting.range.high))
        elif setting.kind is str and not setting.choices and not setting.stated:
            yield {**shown, setting.name: ""}


@pytest.mark.parametrize(
    "declared",
    [one for one in nodes() if one.name not in NEEDS_MORE and any(at_their_ends(one))],
    ids=lambda declared: declared.name,
)
def test_a_node_works_or_says_what_is_wrong(declared: NodeType) -> None:
    for settings in at_their_ends(declared):
        said = list(told(declared, settings))
        assert not any(UNSAID.search(text) for text in said), (settings, said)


def told(declared: NodeType, settings: dict[str, Any]) -> Iterator[str]:
    """What a person reads of the node with these settings."""
    try:
        outputs = called(declared, "disks", settings)
    except Problem as problem:
        yield problem.message
        return
    for value in outputs.values():
        yield from (note.text for note in value.notes)
        yield value.headline if isinstance(value, Table) else ""


def test_a_setting_that_may_not_be_empty_is_named() -> None:
    for declared in nodes():
        for setting in declared.settings:
            if setting.not_empty:
                shown = {name: allowed[0] for name, allowed in setting.when.conditions.items()} if setting.when else {}
                with pytest.raises(Problem, match=f"'{setting.label}' of {declared.name} is empty; fill it in"):
                    called(declared, "disks", {**shown, setting.name: "  "})
