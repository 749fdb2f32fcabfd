"""Every declared node: what a person reads about it is there and reads well, and its declaration holds together."""

import pytest

from graingraph.engine.declare.node import REGISTRY, NodeType
from graingraph.engine.declare.plugins import load_plugins
from graingraph.engine.declare.settings import When
from graingraph.engine.values.registry import VALUE_TYPES
from tests.support.node_numbers import NEEDS_MORE, version_of, written

load_plugins()
NODES = sorted(
    (declared for declared in REGISTRY.values() if declared.function.__module__.startswith("graingraph.nodes.")),
    key=lambda declared: declared.name,
)
CATEGORIES = {"Input", "Enhance", "Segment", "Clean", "Measure", "Draw", "Learn", "Report"}

every_node = pytest.mark.parametrize("declared", NODES, ids=lambda declared: declared.name)


def test_the_nodes_of_the_first_job_are_there() -> None:
    wanted = {
        "Load",
        "SetScale",
        "Crop",
        "Filter",
        "FlattenBackground",
        "Threshold",
        "Morphology",
        "Combine",
        "FillHoles",
    }
    wanted |= {
        "RejectFeatures",
        "SeparateFeatures",
        "GrainsToBoundaries",
        "EdgeReject",
        "MeasureDiameter",
        "MeasureFeatures",
    }
    wanted |= {"GrainSize", "Pool", "Distribution", "Report", "Export", "Trace", "ManualEdit", "Train", "DeepSegment"}
    assert wanted <= set(REGISTRY)


@every_node
def test_a_node_explains_itself(declared: NodeType) -> None:
    assert declared.summary.endswith(".")
    assert 10 <= len(declared.summary) <= 120
    assert declared.name.isidentifier()
    assert declared.name[0].isupper()
    assert declared.category in CATEGORIES


@every_node
def test_the_numbers_of_a_node_are_written_down(declared: NodeType) -> None:
    """What it gives then stays as it is, or it gets another version (test_numbers)."""
    if not declared.on_request and declared.name not in NEEDS_MORE:
        how = "look at what it gives, then: python -m tests.support.node_numbers"
        assert version_of(declared) in written().get(declared.name, {}), how


@every_node
def test_every_setting_explains_itself(declared: NodeType) -> None:
    for setting in declared.settings:
        assert setting.help.endswith("."), setting.name
        assert len(setting.help) >= 10, setting.name
        assert setting.label.strip(), setting.name


@every_node
def test_every_number_has_bounds(declared: NodeType) -> None:
    unbounded = [
        setting.name for setting in declared.settings if setting.kind in (int, float) and setting.range is None
    ]
    assert not unbounded


@every_node
def test_the_defaults_are_canonical(declared: NodeType) -> None:
    for setting in declared.settings:
        assert setting.normalise(setting.default) == setting.default
        assert setting.to_python(setting.default) is not None


@every_node
def test_a_setting_depends_only_on_what_decides_and_can_apply(declared: NodeType) -> None:
    for setting in declared.settings:
        conditions = setting.when.conditions if isinstance(setting.when, When) else {}
        settings = declared.defaults() | {name: values[0] for name, values in conditions.items()}
        assert setting.applies(settings), setting.name


@every_node
def test_pins_are_told_apart_and_carry_values(declared: NodeType) -> None:
    names = [pin.name for pin in declared.inputs]
    assert len(set(names)) == len(names)
    assert not set(names) & {setting.name for setting in declared.settings}
    assert len({pin.name for pin in declared.outputs}) == len(declared.outputs) > 0
    for pin in (*declared.inputs, *declared.outputs):
        assert all(kind in VALUE_TYPES for kind in pin.kinds)
    assert not any(pin.gathers for pin in declared.outputs)


@pytest.mark.parametrize(
    "declared",
    [one for one in NODES if one.category == "Measure" and one.name != "Formula"],  # which computes what one types
    ids=lambda declared: declared.name,
)
def test_the_page_of_a_measurement_names_its_oracle_and_its_known_error(declared: NodeType) -> None:
    said = " ".join(declared.help.split())
    assert "Oracle" in said
    assert "Known error" in said
