"""Reading and writing recipe files: sorted, indented JSON without code, pickles or absolute paths.

Opening never writes. Saving writes a temporary file, flushes it to the disk and renames it. A file from elsewhere is
untrusted: its size and every field are checked, and what is wrong is said in one sentence.
"""

import re
from codecs import BOM_UTF8
from collections.abc import Container, Mapping
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import networkx as nx
import orjson

from graingraph.engine.declare.node import NodeType, known_types
from graingraph.engine.files import write_atomically
from graingraph.engine.problem import Problem
from graingraph.engine.recipe import bundle
from graingraph.engine.recipe.attachments import MAX_REPORT_BYTES, RECIPE_OF_REPORT, attached
from graingraph.engine.recipe.parts import Exposed, Frame, Group, Layout, SettingRef, Step, Wire, WireEnd
from graingraph.engine.recipe.recipe import FORMAT, FORMAT_VERSION, Recipe

SUFFIX = ".graingraph.json"
MAX_BYTES = 8_000_000
MAX_STEPS = 5_000
MAX_TITLE = 60
"""Letters of a name that a person gives to a node."""
MAX_NESTING = 50
"""How deep groups lie in each other at most."""


def load(path: Path, node_types: Mapping[str, NodeType] | None = None) -> Recipe:
    """Read a recipe file, or the recipe inside a bundle or a report (PDF) that Graingraph made.

    Settings of older node versions are migrated; unknown node types stay as placeholders. Raises ``Problem``.
    """
    if bundle.is_bundle(path):
        return parse(bundle.read_recipe(path, MAX_BYTES), path.name, node_types)
    try:
        if path.stat().st_size > (MAX_REPORT_BYTES if path.suffix.lower() == ".pdf" else MAX_BYTES):
            raise Problem(f"{path.name} is too large to be a recipe; choose a file saved by Graingraph.")
        data = attached(path, SUFFIX, RECIPE_OF_REPORT) if path.suffix.lower() == ".pdf" else path.read_bytes()
    except OSError as error:
        raise Problem(f"{path} cannot be read ({error.strerror}); check the name and the folder.") from None
    return parse(data, path.name, node_types)


def save(recipe: Recipe, path: Path) -> None:
    """Write the recipe so that a crash or a full disk leaves either the old file or the new one."""
    write_atomically(path, dump(recipe))


def stem_for(name: str) -> str:
    """What a file of this name is called on every system, without its ending; empty where nothing is left."""
    return re.sub(r"[^\w -]+", "_", name)[:MAX_TITLE].strip("_ ")


def dump(recipe: Recipe) -> bytes:
    """The bytes of the recipe file."""
    return orjson.dumps(recipe.to_json(), option=orjson.OPT_SORT_KEYS | orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)


def parse(data: bytes, name: str = "The recipe", node_types: Mapping[str, NodeType] | None = None) -> Recipe:
    """Turn the bytes of a recipe file into a recipe of these node types (the program's own if not given).

    ``Problem`` says what is wrong with the bytes.
    """
    if len(data) > MAX_BYTES:
        raise Problem(f"{name} is too large to be a recipe; choose a file saved by Graingraph.")
    try:
        document = orjson.loads(data.removeprefix(BOM_UTF8))  # some editors put it there
    except orjson.JSONDecodeError:
        raise Problem(f"{name} is not a recipe (it is not JSON); choose a file saved by Graingraph.") from None
    if not isinstance(document, dict) or document.get("format") != FORMAT:
        raise Problem(f"{name} is not a Graingraph recipe; choose a file saved by Graingraph.")
    if not isinstance(document.get("version"), int) or document["version"] > FORMAT_VERSION:
        raise Problem(f"{name} was saved by a newer Graingraph; update the program to open it.")
    try:
        recipe = _recipe(document, known_types() if node_types is None else node_types)
        dump(recipe)  # what can be opened can be saved
        return recipe
    except Problem as problem:
        raise Problem(f"{name}: {problem}") from None
    except (LookupError, ArithmeticError, TypeError, ValueError, AttributeError, RecursionError) as error:
        raise Problem(f"{name} is damaged ({_fault(error)}); restore it from a copy.") from None


def _fault(error: Exception) -> str:
    """What is wrong with a damaged file, in words."""
    if isinstance(error, KeyError):
        return f"{error.args[0]!r} is missing"
    return str(error) if isinstance(error, ValueError) else "a part of it has the wrong form"


def _recipe(document: Mapping[str, Any], node_types: Mapping[str, NodeType]) -> Recipe:
    nodes, ends = _table(document["nodes"], "nodes"), _tables(document, "wires")
    if len(nodes) > MAX_STEPS or len(ends) > 20 * MAX_STEPS:
        raise Problem(f"it has over {MAX_STEPS} nodes; split it.")
    steps = {node: _step(node, _table(item, node), node_types) for node, item in nodes.items()}
    wires = tuple(sorted(_wire(item, steps) for item in ends))
    for one, other in pairwise(sorted(wires, key=lambda w: (w.target, w.input))):
        if (one.target, one.input) == (other.target, other.input):
            raise Problem(f"two wires end at {one.target}.{one.input}; an input takes one wire.")
    layout = _table(document.get("layout", {}), "layout")
    positions = _table(layout.get("positions", {}), "positions")
    groups = _groups(layout, steps)
    recipe = Recipe(
        name=_text(document.get("name", "")),
        description=_text(document.get("description", "")),
        steps=steps,
        wires=wires,
        exposed=tuple(_exposed(item, nodes, steps) for item in _tables(document, "exposed")),
        locked=_flag(document.get("locked", False)),
        layout=Layout(
            positions={n: (_number(x), _number(y)) for n, (x, y) in positions.items() if n in steps or n in groups},
            frames=tuple(_frame(item, groups) for item in _tables(layout, "frames")),
            titles={n: title for n, title in _titles(layout).items() if n in steps},
            reroutes=_reroutes(layout, set(wires)),
            groups=groups,
        ),
    )
    recipe = recipe.with_links(_links(document, nodes, steps))
    if not nx.is_directed_acyclic_graph(recipe.graph):
        loop = " → ".join(edge[0] for edge in nx.find_cycle(recipe.graph))
        raise Problem(f"its wires form a loop ({loop}); remove one of them.")
    return recipe


def _exposed(item: Mapping[str, Any], nodes: Mapping[str, Any], steps: Mapping[str, Step]) -> Exposed:
    """A setting that is exposed, by the name it has now."""
    exposed = Exposed(**{k: _text(v) for k, v in item.items()})
    declared = steps[exposed.node].declared if exposed.node in steps else None
    if declared is None:
        return exposed
    return replace(exposed, setting=declared.name_now(exposed.setting, _whole(nodes[exposed.node]["version"])))


def _links(
    document: Mapping[str, Any], nodes: Mapping[str, Any], steps: Mapping[str, Step]
) -> list[frozenset[SettingRef]]:
    """The settings that have one value, by the names that they have now; each in one link at most."""
    found, taken = list[frozenset[SettingRef]](), set[SettingRef]()
    for item in _list(document.get("links", []), "links"):
        link = set()
        for text in _list(item, "a link"):
            node, _, name = _text(text).rpartition(".")
            if node not in steps:
                raise Problem(f"a link names {text[:80]}, whose node is not there; remove it from the link.")
            declared = steps[node].declared
            link.add(SettingRef(node, declared.name_now(name, _whole(nodes[node]["version"])) if declared else name))
        if link & taken:
            raise Problem(f"{min(link & taken)} is in two links; put all of them into one.")
        taken |= link
        found.append(frozenset(link))
    return found


def _step(node: str, item: Mapping[str, Any], node_types: Mapping[str, NodeType]) -> Step:
    if not re.fullmatch(r"[a-z0-9_]{1,80}", node):
        raise Problem(f"'{node[:40]}' is not a node name; use small letters, digits and _.")
    settings = dict(_table(item.get("settings", {}), "settings"))
    step = Step(_text(item["type"]), _whole(item["version"]), settings, _flag(item.get("muted", False)))
    declared = node_types.get(step.type)
    if declared is None or declared.version < step.version:
        return step
    for version in range(step.version, declared.version):
        migrate = declared.migrations.get(version)
        settings = migrate(settings) if migrate else settings
    complete = {**declared.defaults(), **settings}
    for setting in declared.settings:
        try:
            complete[setting.name] = setting.normalise(complete[setting.name])
        except ValueError as error:
            raise Problem(f"{error}.", node=node) from None
    unknown = sorted(set(complete) - {s.name for s in declared.settings})
    if unknown:
        raise Problem(declared.no_setting(unknown[0]), node=node)
    return Step(step.type, declared.version, complete, step.muted, declared)


def _wire(item: Mapping[str, str], steps: Mapping[str, Step]) -> Wire:
    wire = _ends(item)
    for node in (wire.source, wire.target):
        if node not in steps:
            raise Problem(f"a wire goes to the node {node}, which is not there; remove the wire or add the node.")
    return wire


def _ends(item: Mapping[str, Any]) -> Wire:
    source, _, output = _text(item["from"]).rpartition(".")
    target, _, pin = _text(item["to"]).rpartition(".")
    return Wire(source, output, target, pin)


def _titles(layout: Mapping[str, Any]) -> dict[str, str]:
    found = {node: _text(title).strip() for node, title in _table(layout.get("titles", {}), "titles").items()}
    return {node: title[:MAX_TITLE] for node, title in found.items() if title}


def _reroutes(layout: Mapping[str, Any], wires: Container[Wire]) -> dict[Wire, tuple[tuple[float, float], ...]]:
    """The points of wires that are there."""
    found: dict[Wire, tuple[tuple[float, float], ...]] = {}
    for item in _tables(layout, "reroutes"):
        wire = _ends(item)
        points = tuple((_number(x), _number(y)) for x, y in item["points"])
        if wire in wires and points:
            found[wire] = points
    return found


def _frame(item: Mapping[str, Any], groups: Mapping[str, Group]) -> Frame:
    texts = {k: _text(item[k]) for k in ("text", "color", "kind", "inside") if k in item}
    if texts.get("inside", "") not in groups:
        texts.pop("inside", None)
    x, y, width, height = (_number(item[name]) for name in ("x", "y", "width", "height"))
    return Frame(x, y, width, height, **texts)


def _groups(layout: Mapping[str, Any], steps: Mapping[str, Step]) -> dict[str, Group]:
    """The groups: each step and group in one at most, none in itself; empty ones are left out."""
    found = _table(layout.get("groups", {}), "groups")
    if len(found) > MAX_STEPS:
        raise Problem(f"it has over {MAX_STEPS} groups; split it.")
    groups = {name: _group(name, _table(item, name), steps, found) for name, item in found.items()}
    holder: dict[str, str] = {}
    for name, group in groups.items():
        for member in group.members:
            if member in holder:
                raise Problem(f"{member} lies in two groups, {holder[member]} and {name}; take it out of one.")
            holder[member] = name
    for name, group in groups.items():
        around = [name]
        while around[-1] in holder:
            around.append(holder[around[-1]])
            if around[-1] in around[:-1]:
                raise Problem(f"the group {group.name} ({name}) lies in itself; take it out of the groups in it.")
            if len(around) > MAX_NESTING:
                raise Problem(f"groups lie in each other more than {MAX_NESTING} deep; ungroup some.")
    return dict(Layout().regrouped(groups).groups)


def _group(name: str, item: Mapping[str, Any], steps: Mapping[str, Step], groups: Mapping[str, Any]) -> Group:
    if not re.fullmatch(r"group-[1-9][0-9]{0,5}", name):
        raise Problem(f"'{name[:40]}' is not a name of a group; call it group- and a number.")
    title = _text(item["name"]).strip()[:MAX_TITLE] or name
    members, offered = _list(item["members"], "members"), _list(item.get("offered", []), "offered")
    for member in members:
        if _text(member) not in steps and member not in groups:
            raise Problem(f"the group {title} ({name}) holds {member[:80]}, which is not there; remove it from there.")
    return Group(title, frozenset(members), _text(item.get("shown", "")), tuple(map(_wire_end, offered)))


def _wire_end(text: str) -> WireEnd:
    """A pin, written as ``from NODE.OUTPUT`` or ``to NODE.INPUT``."""
    direction, _, place = _text(text).partition(" ")
    node, _, pin = place.rpartition(".")
    if direction not in ("from", "to") or not node:
        raise ValueError(f"{text!r:.60} names no pin")
    return WireEnd(node, pin, direction == "from")


def _table(value: Any, what: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise ValueError(f"'{what}' holds no names and values")
    return value


def _tables(document: Mapping[str, Any], what: str) -> list[dict[str, Any]]:
    return [_table(item, what) for item in _list(document.get(what, []), what)]


def _list(items: Any, what: str) -> list[Any]:
    if not isinstance(items, list):
        raise ValueError(f"'{what}' is no list")
    return items


def _flag(value: Any) -> bool:
    if not isinstance(value, bool):
        raise ValueError(f"expected true or false, not {value!r:.40}")
    return value


def _text(value: Any) -> str:
    if not isinstance(value, str) or len(value) > 10_000:
        raise ValueError("expected a text of at most 10 000 characters")
    return value


def _number(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError(f"expected a number, not {value!r:.40}")
    return float(value)


def _whole(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= 1_000_000:
        raise ValueError(f"expected a version number, not {value!r:.40}")
    return value
