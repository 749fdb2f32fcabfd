"""Recipes: edits, identity, saving and loading unchanged, migration, and files that are damaged in any way."""

import json
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

import graingraph.nodes  # noqa: F401 - some of these recipes are made of the program's own nodes
from graingraph.engine.declare import node as node_module
from graingraph.engine.declare.models import ModelFolders
from graingraph.engine.declare.node import node
from graingraph.engine.declare.settings import Range
from graingraph.engine.problem import Problem
from graingraph.engine.recipe import file as recipe_file
from graingraph.engine.recipe.attachments import RECIPE_OF_REPORT, seal
from graingraph.engine.recipe.check import check
from graingraph.engine.recipe.parts import Exposed, Frame, Group, SettingRef, Step, Wire
from graingraph.engine.recipe.recipe import Recipe
from graingraph.engine.values import Image

MANY = settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
KNOWN = ("Load", "Add", "Bright", "Keep", "Measure", "Pool", "Scale")
TEXT = st.text(max_size=12)
COORDINATE = st.floats(-1e6, 1e6)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.floats(allow_nan=False, allow_infinity=False) | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=6,
)
UNKNOWN = st.builds(Step, TEXT.map("Foreign {}".format), st.integers(1, 9), st.dictionaries(TEXT, JSON), st.booleans())
FRAME = st.builds(Frame, COORDINATE, COORDINATE, COORDINATE, COORDINATE, TEXT, TEXT, st.sampled_from(["frame", "note"]))


@st.composite
def recipes(draw: st.DrawFn) -> Recipe:
    """Any recipe that can be made with the edits: known and unknown nodes, whatever wires they take, a layout."""
    recipe = Recipe(name=draw(TEXT), description=draw(TEXT), locked=draw(st.booleans()))
    for name in draw(st.lists(st.sampled_from(KNOWN), max_size=6)):
        recipe, added = recipe.add(name, at=(draw(COORDINATE), draw(COORDINATE)))
        recipe = recipe.with_muted(added, draw(st.booleans()))
        if name == "Add":
            recipe = recipe.with_setting(added, "amount", draw(st.integers(0, 9)))
    for step in draw(st.lists(UNKNOWN, max_size=3)):
        recipe, _ = recipe.paste(Recipe(steps={"x": step}))
    ids = list(recipe.steps)
    for source, target in draw(st.lists(st.tuples(st.integers(0, 8), st.integers(0, 8)), max_size=12)):
        if ids:
            recipe = wired(recipe, ids[source % len(ids)], ids[target % len(ids)])
    for wire in recipe.wires[:2]:
        recipe = recipe.with_reroutes({wire: draw(st.lists(st.tuples(COORDINATE, COORDINATE), max_size=3))})
    exposed = [Exposed(one, draw(TEXT), draw(TEXT)) for one in ids[:2]]
    recipe = recipe.with_exposed(exposed).with_frames(draw(st.lists(FRAME, max_size=2)))
    adding = [SettingRef(one, "amount") for one, step in recipe.steps.items() if step.type == "Add"]
    recipe = recipe.with_links([draw(st.frozensets(st.sampled_from(adding)))] if adding else [])
    return draw(grouped(recipe))


@st.composite
def grouped(draw: st.DrawFn, recipe: Recipe) -> Recipe:
    """With some of its steps, and some groups of these, in groups."""
    for name in draw(st.lists(st.sampled_from(["Bright", "Find, count"]), max_size=3)):
        loose = [item for item in (*recipe.steps, *recipe.layout.groups) if item not in recipe.layout.holder]
        members = draw(st.sets(st.sampled_from(loose), min_size=1)) if loose else set()
        if members:
            steps = [step for step in recipe.layout.everything_in(members) if step in recipe.steps]
            group = Group(name, frozenset(members), draw(st.sampled_from(["", *sorted(steps)])))
            held = recipe.free_group()
            recipe = recipe.with_groups({**recipe.layout.groups, held: group})
            frames = [replace(frame, inside=draw(st.sampled_from(["", held]))) for frame in recipe.layout.frames]
            recipe = recipe.with_frames(frames)
    return recipe


def wired(recipe: Recipe, source: str, target: str) -> Recipe:
    """With the first wire between the two that can be laid, if any."""
    giving, taking = recipe.steps[source].declared, recipe.steps[target].declared
    for output in [pin.name for pin in giving.outputs] if giving else ["out"]:
        for pin in [pin.name for pin in taking.inputs] if taking else ["in"]:
            wire = Wire(source, output, target, pin)
            if recipe.reason_against(wire) is None:
                return recipe.connect(wire)
    return recipe


def chain() -> Recipe:
    recipe = Recipe(name="chain")
    for name in ("Load", "Add", "Bright", "Measure"):
        recipe, _ = recipe.add(name)
    for source, target in (("load", "add"), ("add", "bright"), ("bright", "measure")):
        recipe = wired(recipe, source, target)
    return recipe


def parsed(change: dict[str, Any]) -> Recipe:
    return recipe_file.parse(json.dumps({**json.loads(recipe_file.dump(chain())), **change}).encode())


# saving and loading --------------------------------------------------------------------------------------------------


@MANY
@given(recipe=recipes())
def test_any_recipe_survives_save_and_load_unchanged(calls: list[str], tmp_path: Path, recipe: Recipe) -> None:
    path = tmp_path / "one.graingraph.json"
    recipe_file.save(recipe, path)
    again = recipe_file.load(path)
    assert again == recipe
    assert again.id == recipe.id
    assert recipe_file.dump(again) == path.read_bytes()


@MANY
@given(recipe=recipes(), x=COORDINATE, frames=st.lists(FRAME, max_size=2))
def test_the_identity_leaves_out_the_layout_and_nothing_else(
    calls: list[str], recipe: Recipe, x: float, frames: list[Frame]
) -> None:
    moved = recipe.with_positions(dict.fromkeys(recipe.steps, (x, x))).with_frames(frames)
    assert moved.id == recipe.id
    assert replace(recipe, name=recipe.name + "!").id != recipe.id
    assert replace(recipe, locked=not recipe.locked).id != recipe.id
    for one, step in recipe.steps.items():
        assert recipe.with_muted(one, not step.muted).id != recipe.id


@MANY
@given(recipe=recipes())
def test_every_recipe_is_acyclic_with_one_wire_to_an_input(calls: list[str], recipe: Recipe) -> None:
    assert sorted(recipe.order) == sorted(recipe.steps)
    ends = [(wire.target, wire.input) for wire in recipe.wires]
    assert len(set(ends)) == len(ends)
    for wire in recipe.wires:
        assert recipe.order.index(wire.source) < recipe.order.index(wire.target)


@MANY
@given(recipe=recipes())
def test_check_never_fails_itself(calls: list[str], recipe: Recipe) -> None:
    findings = check(recipe, ModelFolders())
    unknown = {one for one, step in recipe.steps.items() if step.declared is None}
    assert unknown <= {finding.node for finding in findings if finding.severity == "error"}


def mutations(whole: bytes) -> st.SearchStrategy[bytes]:
    place = st.integers(0, len(whole) - 1)
    cut = st.tuples(place, place).map(lambda ab: whole[: min(ab)] + whole[max(ab) :])
    changed = st.tuples(place, st.binary(max_size=4)).map(lambda pb: whole[: pb[0]] + pb[1] + whole[pb[0] + 1 :])
    return cut | changed


def places(document: Any, at: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    inside = document.items() if isinstance(document, dict) else enumerate(document)
    return [at] + [
        place
        for key, part in inside
        for place in (places(part, (*at, key)) if isinstance(part, dict | list) else [(*at, key)])
    ]


def opens_or_says_why(data: bytes) -> None:
    try:
        recipe = recipe_file.parse(data, "x.json")
    except Problem as problem:
        said = str(problem)
    else:
        assert recipe_file.parse(recipe_file.dump(recipe)) == recipe
        check(recipe, ModelFolders())
        return
    assert said.startswith("x.json")
    assert "\n" not in said


@MANY
@given(data=st.data(), noise=st.binary(max_size=60))
def test_damaged_bytes_give_a_problem_or_a_recipe(calls: list[str], data: st.DataObject, noise: bytes) -> None:
    opens_or_says_why(data.draw(mutations(recipe_file.dump(chain().with_frames([Frame(0, 0, 1, 1)])))))
    opens_or_says_why(noise)


@pytest.mark.parametrize(
    ("place", "value", "said"),
    [
        (("nodes",), [], "'nodes' holds no names and values"),
        (("nodes", "load", "settings"), [], "'settings' holds no names and values"),
        (("nodes", "load", "muted"), "yes", "expected true or false, not 'yes'"),
        (("locked",), 1, "expected true or false, not 1"),
        (("wires",), {}, "'wires' is no list"),
        (("wires",), ["n0.value"], "'wires' holds no names and values"),
        (("layout", "positions"), 7, "'positions' holds no names and values"),
        (("layout", "positions", "load"), 7, "a part of it has the wrong form"),
    ],
)
def test_what_is_wrong_is_said_in_words(calls: list[str], place: tuple[str, ...], value: Any, said: str) -> None:
    document = part = json.loads(recipe_file.dump(chain()))
    for key in place[:-1]:
        part = part[key]
    part[place[-1]] = value
    with pytest.raises(Problem, match=f"x.json is damaged .*{said}.*restore it from a copy"):
        recipe_file.parse(json.dumps(document).encode(), "x.json")


def test_what_is_missing_is_named(calls: list[str]) -> None:
    document = json.loads(recipe_file.dump(chain()))
    del document["nodes"]["load"]["type"]
    with pytest.raises(Problem, match="'type' is missing"):
        recipe_file.parse(json.dumps(document).encode(), "x.json")


@settings(MANY, max_examples=150)
@given(recipe=recipes(), data=st.data(), value=JSON)
def test_a_wrong_value_anywhere_gives_a_problem_or_a_recipe(
    calls: list[str], recipe: Recipe, data: st.DataObject, value: Any
) -> None:
    document = json.loads(recipe_file.dump(recipe))
    *outer, last = data.draw(st.sampled_from(places(document)[1:]))
    part = document
    for key in outer:
        part = part[key]
    if data.draw(st.booleans()):
        part[last] = value
    else:
        del part[last]
    opens_or_says_why(json.dumps(document).encode())


@pytest.mark.parametrize(
    "change",
    [
        {"nodes": {"a": {"type": "Foreign", "version": 1, "settings": {"deep": json.loads("[" * 300 + "]" * 300)}}}},
        {"nodes": {"load": {"type": "Load", "version": -(10**15)}}},
        {"nodes": {"load": {"type": "Load", "version": True}}},
        {"nodes": {"../load": {"type": "Load", "version": 1}}},
        {"nodes": {f"n{i}": {"type": "Load", "version": 1} for i in range(5001)}},
        {"layout": {"positions": {"load": ["nan", "inf"]}}},
        {"layout": {"frames": [{"x": "nan", "y": 0, "width": 1, "height": 1}]}},
        {"wires": [{"from": "load.image", "to": "add.image"}, {"from": "add.image", "to": "add.image"}]},
        {"wires": [{"from": "nowhere.image", "to": "add.image"}]},
        {"nodes": {"add": {"type": "Add", "version": 1, "settings": {"again": 1e30}}}, "wires": []},
        {"exposed": [{"node": "add"}]},
        {"version": 2},
        {"format": "another"},
    ],
)
def test_files_that_must_be_refused(calls: list[str], change: dict[str, Any]) -> None:
    with pytest.raises(Problem, match="recipe"):
        parsed(change)


@pytest.mark.parametrize("data", [b"", b"null", b"[]", b"[" * 100_000, b"\xff\xfe", b'{"format": 1}', b" " * 8_000_001])
def test_what_is_no_recipe_is_refused(data: bytes) -> None:
    with pytest.raises(Problem, match=r"is not a|too large"):
        recipe_file.parse(data)


def test_a_cycle_in_a_file_is_named(calls: list[str]) -> None:
    wires = [{"from": "add.image", "to": "keep.region"}, {"from": "keep.result", "to": "add.image"}]
    nodes = {"add": {"type": "Add", "version": 1}, "keep": {"type": "Keep", "version": 1}}
    with pytest.raises(Problem, match=r"loop.*(add → keep|keep → add)"):
        parsed({"nodes": nodes, "wires": wires})


def test_a_missing_file_and_a_folder_are_named(tmp_path: Path) -> None:
    for path in (tmp_path / "gone.json", tmp_path):
        with pytest.raises(Problem, match=f"{path.name} cannot be read"):
            recipe_file.load(path)


@settings(MANY, max_examples=30)
@given(data=st.data())
def test_a_damaged_report_gives_a_problem_or_a_recipe(calls: list[str], tmp_path: Path, data: st.DataObject) -> None:
    path = tmp_path / "report.pdf"
    path.write_bytes(data.draw(mutations(report()) | st.just(report())))
    with suppress(Problem):
        check(recipe_file.load(path), ModelFolders())


def report() -> bytes:
    from fpdf import FPDF

    pdf = FPDF()
    pdf.add_page()
    data = recipe_file.dump(chain())
    pdf.embed_file(basename="chain.graingraph.json", bytes=data, desc=seal(RECIPE_OF_REPORT, data))
    return bytes(pdf.output())


def test_a_byte_of_the_recipe_that_flipped_in_a_report_is_noticed(calls: list[str], tmp_path: Path) -> None:
    path, pdf = tmp_path / "report.pdf", report()
    place = pdf.index(b'"amount": ') + len(b'"amount": ')
    path.write_bytes(pdf[:place] + b"7" + pdf[place + 1 :])
    with pytest.raises(Problem, match=r"report.pdf is damaged .* use another copy"):
        recipe_file.load(path)


def test_a_byte_order_mark_that_an_editor_put_there_does_not_matter() -> None:
    assert recipe_file.parse(b"\xef\xbb\xbf" + recipe_file.dump(Recipe(name="x"))) == Recipe(name="x")


def test_a_report_opens_as_its_recipe(calls: list[str], tmp_path: Path) -> None:
    path = tmp_path / "report.pdf"
    path.write_bytes(report())
    assert recipe_file.load(path) == chain()


# versions ------------------------------------------------------------------------------------------------------------


def declare_third_version() -> None:
    del node_module.REGISTRY["Add"]

    @node("Add", category="Test", version=3, migrations={1: lambda old: {"much": old["amount"] * 10}})
    def add(image: Image, *, much: Annotated[int, Range(0, 90)] = 0, extra: bool = False) -> Image:
        """Add.

        Settings:
            much: What is added.
            extra: New in version 3.
        """
        return image


def test_settings_of_an_older_version_are_migrated(calls: list[str]) -> None:
    document = json.loads(recipe_file.dump(chain()))
    document["nodes"]["add"]["settings"] = {"amount": 4}
    declare_third_version()
    step = recipe_file.parse(json.dumps(document).encode()).steps["add"]
    assert (step.version, step.settings) == (3, {"much": 40, "extra": False})


@pytest.mark.parametrize("amount", ["x", None, [], {}, 1000])
def test_a_migration_that_stumbles_over_nonsense_is_a_problem(calls: list[str], amount: Any) -> None:
    document = json.loads(recipe_file.dump(chain()))
    document["nodes"]["add"]["settings"] = {"amount": amount}
    declare_third_version()
    with pytest.raises(Problem, match="recipe"):
        recipe_file.parse(json.dumps(document).encode())


@example(version=2, given_settings={"amount": "whatever"})
@MANY
@given(version=st.integers(2, 99), given_settings=st.dictionaries(TEXT, JSON, max_size=3))
def test_a_newer_version_becomes_a_placeholder_and_is_kept(
    calls: list[str], version: int, given_settings: dict[str, Any]
) -> None:
    document = json.loads(recipe_file.dump(chain()))
    document["nodes"]["add"] = {"type": "Add", "version": version, "settings": given_settings, "muted": True}
    recipe = recipe_file.parse(json.dumps(document).encode())
    assert recipe.steps["add"] == Step("Add", version, given_settings, True)
    assert recipe.steps["add"].declared is None
    assert json.loads(recipe_file.dump(recipe)) == document


# edits ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("wire", "said"),
    [
        (Wire("measure", "table", "add", "image"), "image takes Image, not Table"),
        (Wire("add", "image", "add", "image"), "would close a loop"),
        (Wire("bright", "mask", "bright", "image"), "takes Image, not Mask"),
        (Wire("load", "picture", "add", "image"), "has no output picture"),
        (Wire("load", "image", "add", "picture"), "has no input picture"),
        (Wire("load", "image", "gone", "image"), "no node gone"),
    ],
)
def test_a_wire_that_cannot_be_is_refused_with_the_reason(calls: list[str], wire: Wire, said: str) -> None:
    with pytest.raises(Problem, match=said):
        chain().connect(wire)


def test_a_loop_through_other_nodes_is_refused(calls: list[str]) -> None:
    recipe, _ = chain().add("Add")
    recipe = recipe.connect(Wire("add", "image", "add_2", "image"))
    with pytest.raises(Problem, match="add_2 already depends on add: this wire would close a loop"):
        recipe.connect(Wire("add_2", "image", "add", "image"))


def test_a_second_wire_to_an_input_replaces_the_first(calls: list[str]) -> None:
    recipe, _ = chain().add("Load")
    recipe = recipe.connect(Wire("load_2", "image", "add", "image"))
    assert recipe.wire_into("add", "image") == Wire("load_2", "image", "add", "image")
    assert len(recipe.wires) == len(chain().wires)


def test_an_output_takes_the_type_that_arrives(calls: list[str]) -> None:
    recipe, _ = chain().add("Keep")
    assert {kind.__name__ for kind in recipe.kinds("keep", "result")} == {"Mask", "Labels"}
    recipe = recipe.connect(Wire("bright", "mask", "keep", "region"))
    assert [kind.__name__ for kind in recipe.kinds("keep", "result")] == ["Mask"]


def test_the_largest_recipe_is_checked_quickly(calls: list[str]) -> None:
    nodes = {"load": {"type": "Load", "version": 1}, "bright": {"type": "Bright", "version": 1}}
    nodes |= {f"keep_{i}": {"type": "Keep", "version": 1} for i in range(4000)}
    wires = [{"from": "load.image", "to": "bright.image"}, {"from": "bright.mask", "to": "keep_0.region"}]
    wires += [{"from": f"keep_{i}.result", "to": f"keep_{i + 1}.region"} for i in range(3999)]
    recipe = parsed({"nodes": nodes, "wires": wires, "layout": {}})
    assert check(recipe, ModelFolders()) == []
    assert [kind.__name__ for kind in recipe.kinds("keep_3999", "result")] == ["Mask"]


@MANY
@given(recipe=recipes(), data=st.data())
def test_removing_leaves_nothing_of_a_node_behind(calls: list[str], recipe: Recipe, data: st.DataObject) -> None:
    gone = data.draw(st.sets(st.sampled_from(sorted(recipe.steps)))) if recipe.steps else set()
    left = recipe.remove(gone)
    assert set(left.steps) == set(recipe.steps) - gone
    assert not gone & {end for wire in left.wires for end in (wire.source, wire.target)}
    assert not gone & ({item.node for item in left.exposed} | set(left.layout.positions))
    assert not gone & {ref.node for link in left.links for ref in link}


@MANY
@given(recipe=recipes(), other=recipes(), data=st.data())
def test_copy_and_paste_keeps_the_part_and_the_rest(
    calls: list[str], recipe: Recipe, other: Recipe, data: st.DataObject
) -> None:
    chosen = data.draw(st.sets(st.sampled_from(sorted(other.steps)))) if other.steps else set()
    part = other.part(chosen)
    pasted, names = recipe.paste(part)
    assert {name for name in names if name in other.steps} == chosen
    assert len(pasted.steps) == len(recipe.steps) + len(chosen)
    assert all(pasted.steps[names[old]] == other.steps[old] for old in chosen)
    inside = {w for w in other.wires if w.source in chosen and w.target in chosen}
    new = set(pasted.wires) - set(recipe.wires)
    assert new == {Wire(names[w.source], w.output, names[w.target], w.input) for w in inside}
    assert recipe_file.parse(recipe_file.dump(pasted)) == pasted


def test_a_name_of_its_own_goes_with_a_node_and_is_not_part_of_the_identity(calls: list[str]) -> None:
    recipe = chain()
    node = recipe.order[0]
    named = recipe.with_title(node, "First step")
    assert named.id == recipe.id
    assert recipe_file.parse(recipe_file.dump(named)) == named
    _, names = Recipe().paste(named)
    assert Recipe().paste(named)[0].layout.titles == {names[node]: "First step"}
    assert named.remove([node]).layout.titles == {}
    assert named.with_title(node, "") == recipe


def test_reroute_points_go_with_their_wire_and_are_not_part_of_the_identity(calls: list[str]) -> None:
    recipe = chain()
    wire = recipe.wires[0]
    led = recipe.with_reroutes({wire: [(10, 20), (30.0, 40.0)]})
    assert led.id == recipe.id
    assert recipe_file.parse(recipe_file.dump(led)) == led
    pasted, _ = Recipe().paste(led, (5.0, 5.0))
    assert list(pasted.layout.reroutes.values()) == [((15.0, 25.0), (35.0, 45.0))]
    assert set(pasted.layout.reroutes) <= set(pasted.wires)
    for without in (led.disconnect([wire]), led.remove([wire.target]), led.with_reroutes({wire: ()})):
        assert without.layout.reroutes == {}
    assert led.disconnect([wire]).connect(wire) == recipe


def test_reroute_points_of_a_wire_that_is_not_there_are_left_out(calls: list[str]) -> None:
    document = chain().to_json()
    document["layout"]["reroutes"] = [{"from": "load.image", "to": "nowhere.image", "points": [[1, 2]]}]
    assert recipe_file.parse(json.dumps(document).encode()) == chain()


@pytest.mark.parametrize("points", [[[1, "2"]], [[1, 2, 3]], 5, [[True, 0]], {"1": 2}])
def test_a_file_with_wrong_reroute_points_is_refused(calls: list[str], points: object) -> None:
    document = chain().to_json()
    document["layout"]["reroutes"] = [{**document["wires"][0], "points": points}]
    with pytest.raises(Problem, match="damaged"):
        recipe_file.parse(json.dumps(document).encode())


@pytest.mark.parametrize("titles", [{"load": 5}, {"load": "x" * 20_000}, ["load"]])
def test_a_file_with_wrong_titles_is_refused(calls: list[str], titles: object) -> None:
    document = chain().to_json()
    document["layout"]["titles"] = titles
    with pytest.raises(Problem, match="damaged"):
        recipe_file.parse(json.dumps(document).encode())


def test_a_pasted_node_of_a_long_foreign_type_can_be_saved(calls: list[str]) -> None:
    pasted, _ = Recipe().paste(Recipe(steps={"x": Step("Foreign" * 40)}))
    pasted, _ = pasted.paste(pasted)
    assert recipe_file.parse(recipe_file.dump(pasted)) == pasted


def test_edits_leave_the_recipe_they_start_from_alone(calls: list[str]) -> None:
    recipe = chain()
    before = recipe_file.dump(recipe)
    recipe.add("Add")
    recipe.remove(["add"])
    recipe.with_setting("add", "amount", 7).with_muted("add", True).with_positions({"add": (9, 9)})
    assert recipe_file.dump(recipe) == before


def test_a_wrong_setting_names_what_there_is(calls: list[str]) -> None:
    for place, said in ((("add", "nonsense", 1), "it has amount, twice, again"), (("gone", "a", 1), "no node gone")):
        with pytest.raises(Problem, match=said):
            chain().with_setting(*place)
    with pytest.raises(Problem, match="amount is from 0 to 9, not 10"):
        chain().with_setting("add", "amount", 10)
    with pytest.raises(Problem, match="no node type Nonsense"):
        Recipe().add("Nonsense")


def test_recipes_share_their_wiring_exactly_while_it_is_the_same():
    recipe, load = Recipe().add("Load")
    recipe, invert = recipe.add("Invert")
    wired = recipe.connect(Wire(load, "image", invert, "image"))
    assert wired.wiring is not recipe.wiring
    assert wired.with_muted(invert, True).with_exposed(()).wiring is wired.wiring
    assert wired.with_positions({load: (5.0, 5.0)}).wiring is wired.wiring
    assert wired.disconnect(wired.wires).ancestors(invert) == set()
    assert wired.ancestors(invert) == {load}


def test_pasted_nodes_get_ids_of_their_own():
    recipe, _ = Recipe().add("Invert")
    recipe, _ = recipe.add("Invert")
    pasted, names = recipe.paste(recipe)
    assert list(pasted.steps) == ["invert", "invert_2", "invert_3", "invert_4"]
    assert names == {"invert": "invert_3", "invert_2": "invert_4"}


def test_a_recipe_is_made_of_the_node_types_handed_in_and_keeps_them(calls, tmp_path):
    others = {"Add": replace(node_module.REGISTRY["Add"], version=3)}
    recipe, added = Recipe().add("Add", node_types=others)
    assert recipe.steps[added].declared is others["Add"]
    recipe_file.save(recipe, tmp_path / "r.graingraph.json")
    assert recipe_file.load(tmp_path / "r.graingraph.json", others).steps[added].declared is others["Add"]
    newer = recipe_file.load(tmp_path / "r.graingraph.json").steps[added]
    assert newer.declared is None
    assert newer.unknown == "Unknown node type Add 3; install its package, or update the program."
    with pytest.raises(Problem, match="There is no node type Keep"):
        Recipe().add("Keep", node_types=others)


def test_what_is_stated_on_a_report_is_no_part_of_the_identity() -> None:
    recipe, node = Recipe().add("Report", (0, 0))
    stated = recipe.with_setting(node, "customer", "Forge 12").with_setting(node, "at_least", "5")
    assert stated.id == recipe.id
    assert stated != recipe
    assert stated.stated["customer"] == "Forge 12"
