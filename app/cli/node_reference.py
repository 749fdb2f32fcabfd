"""``graingraph nodes``: the reference, made from the declarations alone."""

from typing import Any

import typer

from graingraph.app.cli.answers import print_json
from graingraph.app.document.examples import examples_with
from graingraph.app.document.node_search import along_the_flow, search
from graingraph.engine.declare.node import REGISTRY, NodeType, Pin
from graingraph.engine.declare.plugins import load_plugins
from graingraph.engine.declare.settings import Setting, When
from graingraph.engine.problem import Problem


def show_nodes(words: str, as_json: bool) -> None:
    """Print one node's help, those found by the words, best first, or the list of all nodes by category."""
    load_plugins()
    named = [node for name, node in REGISTRY.items() if name.lower() == words.lower()]
    chosen = named or (search(words, along_the_flow(REGISTRY.values())) if words else by_category())
    if not chosen:
        raise Problem(f"There is no node {words}, and none is found by it; see: graingraph nodes.")
    if as_json:
        print_json([describe(node) for node in chosen])
    elif len(chosen) == 1:
        typer.echo(help_text(chosen[0]))
    elif words:
        for node in chosen:
            _line(node)
    else:
        _list(chosen)


def by_category() -> list[NodeType]:
    """All nodes, sorted by category and name."""
    load_plugins()
    return sorted(REGISTRY.values(), key=lambda node: (node.category, node.name))


def describe(node: NodeType) -> dict[str, Any]:
    """A node type as plain JSON values."""
    return {
        "name": node.name,
        "category": node.category,
        "version": node.version,
        "summary": node.summary,
        "help": node.help,
        "synonyms": list(node.synonyms),
        "inputs": [_pin(pin) for pin in node.inputs],
        "outputs": [_pin(pin) for pin in node.outputs],
        "settings": [_setting(setting) for setting in node.settings],
        "examples": list(examples_with(node.name).values()),
    }


def help_text(node: NodeType) -> str:
    """A node's help as text: what it does, its pins and its settings."""
    lines = [f"{node.name} ({node.category}, version {node.version})", "", node.summary]
    lines += ["", node.help] if node.help else []
    lines += ["", "Inputs"] + [f"  {p.name}: {p}{' (may be left open)' if p.optional else ''}" for p in node.inputs]
    lines += ["", "Outputs"] + [f"  {pin.name}: {pin}" for pin in node.outputs]
    if node.settings:
        lines += ["", "Settings"]
    for setting in node.settings:
        unit = f" {setting.unit}" if setting.unit else ""
        lines += [f"  {setting.name} ({setting.describe()}{unit}; default {setting.default}): {setting.help}"]
        if setting.when:
            lines += [f"      only where {conditions(setting.when)}"]
    examples = examples_with(node.name)
    if examples:
        lines += ["", "Examples"] + [f"  {title}: graingraph copy {name} FOLDER" for title, name in examples.items()]
    return "\n".join(lines)


def conditions(when: When) -> str:
    """On what it depends whether a setting has any effect, in words."""
    return " and ".join(f"{name} is {' or '.join(map(str, values))}" for name, values in when.conditions.items())


def _list(nodes: list[NodeType]) -> None:
    category = ""
    for node in nodes:
        if node.category != category:
            category = node.category
            typer.echo(f"\n{category}")
        _line(node)


def _line(node: NodeType) -> None:
    widest = max(map(len, REGISTRY))
    typer.echo(f"  {node.name:<{widest}} {node.summary}")


def _pin(pin: Pin) -> dict[str, Any]:
    kinds = [kind.__name__ for kind in pin.kinds]
    return {"name": pin.name, "kinds": kinds, "optional": pin.optional, "every_image": pin.gathers}


def _setting(setting: Setting) -> dict[str, Any]:
    described = {"name": setting.name, "takes": setting.describe(), "default": setting.default, "help": setting.help}
    return described | {"unit": setting.unit, "choices": list(setting.choices)}
