"""The node reference as Markdown, made from the declarations alone: for the documentation site."""

from graingraph.app.cli.node_reference import by_category, conditions
from graingraph.app.document.examples import examples_with
from graingraph.engine.declare.node import NodeType
from graingraph.engine.declare.settings import Setting


def all_nodes() -> str:
    """One page: a table of all nodes by category, and below it each node with its pins and settings."""
    lines = ["# Nodes", "", "Made from the declarations of the nodes; `graingraph nodes NAME` says the same.", ""]
    nodes, category = by_category(), ""
    for node in nodes:
        if node.category != category:
            category = node.category
            lines += ["", f"**{category}**", "", "| node | what it does |", "|---|---|"]
        lines.append(f"| [{node.name}](#{node.name.lower()}) | {_cell(node.summary)} |")
    return "\n".join(lines + [line for node in nodes for line in ("", *_page(node))]) + "\n"


def _page(node: NodeType) -> list[str]:
    lines = [f"## {node.name}", "", f"*{node.category}, version {node.version}.* {node.summary}", ""]
    lines += [node.help, ""] if node.help else []
    examples = ", ".join(examples_with(node.name))
    lines += [f"Examples (*File › Examples*): {examples}.", ""] if examples else []
    lines += ["| pin | | takes or gives |", "|---|---|---|"]
    lines += [f"| {p.name} | in | {p}{', may be left open' if p.optional else ''} |" for p in node.inputs]
    lines += [f"| {pin.name} | out | {pin} |" for pin in node.outputs]
    if node.settings:
        lines += ["", "| setting | takes | default | |", "|---|---|---|---|", *map(_setting, node.settings)]
    return lines


def _setting(setting: Setting) -> str:
    takes = f"{setting.describe()}{f' {setting.unit}' if setting.unit else ''}"
    only = f" Only where {conditions(setting.when)}." if setting.when else ""
    default = f"`{setting.default}`" if setting.default not in ("", [], ()) else ""
    return f"| {setting.name} | {_cell(takes)} | {_cell(default)} | {_cell(setting.help)}{_cell(only)} |"


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|").replace("<", "&lt;")
