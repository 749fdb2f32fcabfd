"""The texts of the window stand together at the top of each file, where a translation finds them; see CONTRIBUTING."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from string import Formatter

from tests.support.paths import ROOT

GUI = ROOT / "app" / "gui"
SHOWS = dict.fromkeys(("add_text", "say", "complain", "Problem", "Question", "Entry", "Change", "ask_text"), 0)
SHOWS |= dict.fromkeys(("set_value", "counted", "labelled"), 1)
"""What is called with something that a person reads, and the place of that among its arguments."""
SHOWN = frozenset(("label", "hint", "default_value", "help", "behind", "heading"))
"""The arguments that a person reads."""
LOGS = frozenset(("debug", "info", "warning", "error", "exception"))
OF_PROGRAMMERS = frozenset(("ValueError", "TypeError", "KeyError", "LookupError", "RuntimeError", "AssertionError"))
"""Errors whose message only a programmer sees; a person is told by a ``Problem``."""
WIDGETS = ("widgets", "_widgets")
WITHIN = ast.FunctionDef | ast.Lambda


def sources() -> list[Path]:
    """The files of the window."""
    return sorted(GUI.rglob("*.py"))


@cache
def tree(path: Path) -> ast.Module:
    """What stands in a file; each part knows what it stands in by ``parent``."""
    whole = ast.parse(path.read_text("utf-8"))
    for part in ast.walk(whole):
        for inner in ast.iter_child_nodes(part):
            inner.parent = part  # type: ignore[attr-defined]
    return whole


def around(part: ast.AST) -> Iterator[tuple[ast.AST, ast.AST]]:
    """What a part stands in, from the inside out, each with what of it holds the part."""
    while hasattr(part, "parent"):
        yield part.parent, part
        part = part.parent


def name_of(called: ast.expr | None) -> str:
    """The last name of what is called or raised."""
    called = called.func if isinstance(called, ast.Call) else called
    return getattr(called, "attr", getattr(called, "id", ""))


def read_by_nobody(outer: ast.AST, inner: ast.AST) -> bool:
    """Whether it is a docstring, a type, a key, a fact for tests, a line of the log, or the error of a program."""
    match outer:
        case ast.Expr(value=ast.Constant()) | ast.Assert() | ast.keyword(arg="thread_name_prefix"):
            return True
        case ast.FunctionDef(name="facts"):
            return True
        case ast.Raise(exc=raised):
            return name_of(raised) in OF_PROGRAMMERS
        case ast.Call(func=ast.Attribute(attr=attr)):
            return attr in LOGS
        case ast.Subscript(slice=key):
            return inner is key
        case ast.Dict(keys=keys_of):
            return inner in keys_of
        case ast.arg() | ast.AnnAssign() | ast.FunctionDef():
            return inner in (getattr(outer, "annotation", None), getattr(outer, "returns", None))
    return False


def is_shown(literal: ast.Constant) -> bool:
    """Whether a literal, or what is made of it, is handed to what shows it as it is."""
    for outer, inner in around(literal):
        match outer:
            case ast.keyword():
                return outer.arg in SHOWN
            case ast.Call():
                return name_of(outer) in SHOWS and inner in outer.args[SHOWS[name_of(outer)] :][:1]
            case ast.JoinedStr() | ast.IfExp() | ast.BoolOp():
                continue
        return False
    return False


@cache
def keys() -> frozenset[str]:
    """What a ``Literal`` type names, and what widgets are looked up by: the program goes by it, nobody reads it."""
    found = set()
    for path in (one for floor in ("app", "nodes", "engine") for one in (ROOT / floor).rglob("*.py")):
        if "Literal[" in path.read_text("utf-8"):
            for part in ast.walk(tree(path)):
                if isinstance(part, ast.Subscript) and name_of(part.value) == "Literal":
                    found |= {one.value for one in ast.walk(part.slice) if isinstance(one, ast.Constant)}
    for path in GUI.rglob("*.py"):
        for part in ast.walk(tree(path)):
            match part:
                case (
                    ast.Subscript(value=looked_in, slice=key)
                    | ast.Call(func=ast.Attribute(value=looked_in, attr="get"), args=[key, *_])
                ) if name_of(looked_in) in WIDGETS:
                    found |= {one.value for one in ast.walk(key) if isinstance(one, ast.Constant)}
    return frozenset(one for one in found if isinstance(one, str))


def is_text(literal: ast.Constant) -> bool:
    """Whether a literal is something that a person reads: with letters and a blank, or shown as it is."""
    text = literal.value
    if not isinstance(text, str) or not any(letter.isalpha() for letter in text) or text.startswith("##"):
        return False
    if any(read_by_nobody(outer, inner) for outer, inner in around(literal)):
        return False
    return (" " in text and text not in keys()) or is_shown(literal)


def test_no_text_stands_within_a_function() -> None:
    within = [
        f"{path.relative_to(ROOT)}:{part.lineno}: {part.value!r}"
        for path in sources()
        for part in ast.walk(tree(path))
        if isinstance(part, ast.Constant) and any(isinstance(outer, WITHIN) for outer, _ in around(part))
        if is_text(part)
    ]
    assert not within, "give them names under the imports:\n" + "\n".join(within)


def places(text: str) -> set[str]:
    """The named places of a template."""
    try:
        return {name.split(".")[0].split("[")[0] for _, name, _, _ in Formatter().parse(text) if name}
    except ValueError:  # a lone brace: no template
        return set()


def templates(path: Path) -> dict[str, set[str]]:
    """The templates at the top of a file, and tables of some, with their places."""
    found = {}
    for part in tree(path).body:
        if isinstance(part, ast.Assign | ast.AnnAssign) and part.value:
            name = part.targets[0] if isinstance(part, ast.Assign) else part.target
            texts = part.value.values if isinstance(part.value, ast.Dict) else [part.value]
            inside = [one.value for one in texts if isinstance(one, ast.Constant) and isinstance(one.value, str)]
            if isinstance(name, ast.Name) and (wanted := set().union(*map(places, inside))):
                found[name.id] = wanted
    return found


def imported(path: Path) -> dict[str, set[str]]:
    """The templates that a file takes from others, by the names that they have in it."""
    found = {}
    for part in ast.walk(tree(path)):
        if isinstance(part, ast.ImportFrom) and (part.module or "").startswith("graingraph."):
            theirs = ROOT.joinpath(*str(part.module).split(".")[1:]).with_suffix(".py")
            known = templates(theirs) if theirs.is_file() else {}
            found |= {one.asname or one.name: known[one.name] for one in part.names if one.name in known}
    return found


def wrong_use(name: ast.Name, wanted: set[str]) -> str:
    """What is wrong with how a template is used; empty where it is filled here, or handed on to be filled."""
    for outer, _ in around(name):
        match outer:
            case ast.IfExp() | ast.Subscript():
                continue
            case ast.Attribute(attr="format"):
                call = outer.parent  # type: ignore[attr-defined]
                given = {one.arg for one in call.keywords} if isinstance(call, ast.Call) else set()
                return "" if None in given or wanted <= given else f"wants {sorted(wanted)}"
            case ast.Call() | ast.keyword() | ast.Compare():
                return ""
        break
    return "is not filled by .format"


def test_every_template_is_filled_with_what_it_wants() -> None:
    wrong = []
    for path in sources():
        known = imported(path) | templates(path)
        for part in ast.walk(tree(path)):
            if isinstance(part, ast.Name) and part.id in known and isinstance(part.ctx, ast.Load):
                inside = any(isinstance(outer, WITHIN) for outer, _ in around(part))
                complaint = wrong_use(part, known[part.id]) if inside else ""
                if complaint:
                    wrong.append(f"{path.relative_to(ROOT)}:{part.lineno}: {part.id} {complaint}")
    assert not wrong, "\n".join(wrong)
