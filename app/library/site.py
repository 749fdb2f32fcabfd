"""A library as static pages for a browser in the plant: one page a recipe or model, and a list of them.

The pages need no server and load nothing from elsewhere; opened from a disk they work as well.
"""

import re
from collections.abc import Iterator
from html import escape
from pathlib import Path
from textwrap import shorten

from graingraph.app.document.names import title_in
from graingraph.app.library.versions import Library, Version
from graingraph.app.rendering.recipe_svg import recipe_svg
from graingraph.engine.files import hash_bytes, write_atomically
from graingraph.engine.place import blocks_of
from graingraph.engine.problem import Problem
from graingraph.engine.recipe.diff import changed_nodes, differences
from graingraph.engine.recipe.recipe import Recipe
from graingraph.engine.values.wording import counted

GENERATOR = "graingraph library site"
_STYLE = """
body { font: 16px/1.5 system-ui, sans-serif; color: #222; background: #fafafa; margin: 0 auto; max-width: 72rem;
  padding: 1.5rem }
h1 { margin: .2em 0 } h2 { margin: 2em 0 .5em; border-bottom: 1px solid #ddd } a { color: #1a5fb4 } code { color: #555 }
.cards { display: grid; grid-template-columns: repeat(auto-fill, minmax(17rem, 1fr)); gap: 1rem; margin-top: 1rem }
.card, .graph, .version { background: #fff; border: 1px solid #ddd; border-radius: 8px }
.card { overflow: hidden; text-decoration: none; color: inherit } .card b { font-size: 1.1em }
.card img { width: 100%; display: block; background: #1e2024; aspect-ratio: 16/9; object-fit: contain }
.card div { padding: .7rem 1rem } .card[hidden] { display: none }
.faint { color: #666; font-size: .9em } .tag { background: #e3eaf4; border-radius: 9px; padding: 0 .6em }
.graph { overflow: auto } .graph svg { display: block; width: 100%; max-height: 40rem }
table { border-collapse: collapse; background: #fff; width: 100% }
td, th { border: 1px solid #ddd; padding: .25rem .6rem; text-align: left; vertical-align: top }
.version { padding: .6rem 1rem; margin: .6rem 0 } .version ul { margin: .3em 0 }
input { font: inherit; padding: .4rem .6rem; width: 20rem; max-width: 100%; border: 1px solid #bbb; border-radius: 6px }
"""
_SEARCH = """
const field = document.querySelector('input');
field?.addEventListener('input', () => {
  const words = field.value.toLowerCase().split(/\\s+/);
  for (const card of document.querySelectorAll('.card'))
    card.hidden = !words.every(word => card.textContent.toLowerCase().includes(word));
});
"""


def write_site(library: Library, folder: Path) -> Path:
    """Write the pages into a folder, and return the first of them.

    ``Problem`` where the folder holds something that is no such site: nothing of another is overwritten.
    """
    _require_ours(folder)
    histories: dict[str, list[Version]] = {}
    for version in library.versions():
        histories.setdefault(version.name, []).append(version)
    cards = []
    for name, history in sorted(histories.items(), key=lambda one: one[0].casefold()):
        page = f"{_slug(name)}.html"
        write_atomically(folder / page, _page(name, "".join(_about(library, history, folder))))
        cards.append(_card(library, history, page, folder))
    search = '<p><input placeholder="Search" aria-label="Search"></p>' if cards else "<p>Nothing is published yet.</p>"
    body = f"<h1>Library</h1>{search}<div class=cards>{''.join(cards)}</div><script>{_SEARCH}</script>"
    first = folder / "index.html"
    write_atomically(first, _page("Library", body))
    return first


def _require_ours(folder: Path) -> None:
    first = folder / "index.html"
    try:
        there = first.read_bytes()[:2000] if first.is_file() else b""
        strange = bool(there) and GENERATOR.encode() not in there
        strange |= not there and folder.is_dir() and any(folder.iterdir())
    except OSError as error:
        raise Problem(f"{folder} cannot be read ({error.strerror}); choose another folder.") from None
    if strange:
        raise Problem(f"{folder} holds other files; choose an empty folder, or one with an earlier site.")


def _slug(name: str) -> str:
    plain = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:40]
    return f"{plain or 'page'}-{hash_bytes(name.encode())[:6]}"


def _page(title: str, body: str) -> bytes:
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="generator" content="{GENERATOR}">'
        f'<meta name="viewport" content="width=device-width"><title>{escape(title)}</title><style>{_STYLE}</style>'
        f"</head><body>{body}</body></html>"
    ).encode()


def _card(library: Library, history: list[Version], page: str, folder: Path) -> str:
    newest = history[-1]
    picture = _copied(library, newest.more.get("thumbnail"), folder)
    image = f'<img src="{picture}" alt="">' if picture else ""
    count = f"{counted(len(history), 'version')}, the last of {newest.day} by {newest.author}"
    words = shorten(newest.description, 200, placeholder="…")
    return (
        f'<a class=card href="{page}">{image}<div><b>{escape(newest.name)}</b> <span class=faint>{newest.kind}</span>'
        f"<br>{escape(words)}<br>{_tags(newest)}<br><span class=faint>{escape(count)}</span>"
        "</div></a>"
    )


def _tags(version: Version) -> str:
    return " ".join(f"<span class=tag>{escape(tag)}</span>" for tag in version.tags)


def _about(library: Library, history: list[Version], folder: Path) -> Iterator[str]:
    newest = history[-1]
    recipes = {version.id: _recipe(library, version) for version in history}
    recipe = recipes[newest.id]
    yield f"<p><a href=index.html>Library</a></p><h1>{escape(newest.name)}</h1><p>{_tags(newest)}</p>"
    yield "".join(f"<p>{escape(line)}</p>" for line in newest.description.splitlines())
    if recipe is not None:
        before = next((recipes[one.id] for one in reversed(history[:-1]) if recipes[one.id] is not None), None)
        marked = changed_nodes(before, recipe) if before is not None else {}
        legend = "<p class=faint>Edged: what the last version changed (amber) or added (green).</p>" if marked else ""
        titles = {node: title_in(recipe, node) for node in recipe.steps}
        yield f"<div class=graph>{recipe_svg(recipe, titles, dict(marked))}</div>{legend}"
        for group, held in sorted(recipe.layout.groups.items(), key=lambda one: one[1].name):
            drawn = recipe_svg(recipe, titles, dict(marked), group)
            summary = f"<summary>In the group {escape(held.name)}</summary>"
            yield f"<details>{summary}<div class=graph>{drawn}</div></details>"
    report = _copied(library, newest.more.get("report"), folder)
    if report:
        yield f'<p><a href="{report}">Example report</a></p>'
    yield "<h2>Versions</h2>"
    for at, version in reversed(list(enumerate(history))):
        yield _of_version(library, version, recipes, history[at - 1] if at else None, folder)
    if recipe is not None:
        yield from _settings(recipe)


def _recipe(library: Library, version: Version) -> Recipe | None:
    return library.recipe(version) if "recipe" in version.more else None


def _settings(recipe: Recipe) -> Iterator[str]:
    if recipe.exposed:
        shown = "".join(f"<li>{escape(item.label)} ({escape(item.node)})</li>" for item in recipe.exposed)
        yield f"<h2>What an operator sets</h2><ul>{shown}</ul>"
    yield "<h2>Settings</h2><table><tr><th>Node<th>Setting<th>Value</tr>"
    for node in recipe.order:
        step = recipe.steps[node]
        rows = [("muted", "yes")] if step.muted else []
        for setting in step.declared.settings if step.declared else ():
            if setting.applies(step.settings):
                rows.append((setting.label, f"{_words(step.settings.get(setting.name))} {setting.unit}".strip()))
        rows = rows or [("", "")]
        head = f"<td rowspan={len(rows)}>{escape(step.type)} <code>{escape(node)}</code>"
        for label, value in rows:
            yield f"<tr>{head}<td>{escape(label)}<td>{escape(value)}</tr>"
            head = ""
    yield "</table>"


def _words(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:.12g}"
    if isinstance(value, list):
        return "; ".join(", ".join(map(str, row.values())) if isinstance(row, dict) else str(row) for row in value)
    return str(value)


def _of_version(
    library: Library, version: Version, recipes: dict[str, Recipe | None], before: Version | None, folder: Path
) -> str:
    new, old = recipes[version.id], recipes[before.id] if before else None
    changes = differences(old, new) if old is not None and new is not None else []
    listed = f"<ul>{''.join(f'<li>{escape(line)}</li>' for line in changes)}</ul>" if changes else ""
    note = f"<br>{escape(version.note)}" if version.note else ""
    files = ", ".join(_download(library, name, stored, folder) for name, stored in version.files.items())
    return (
        f'<div class=version id="{version.id}"><b>{version.day}</b> {escape(version.author)} '
        f"<code>{version.short}</code>{note}{listed}<div class=faint>{files}</div></div>"
    )


def _download(library: Library, name: str, stored: str, folder: Path) -> str:
    copied = _copied(library, stored, folder)
    return f'<a href="{copied}" download="{escape(name.rpartition("/")[2], quote=True)}">{escape(name)}</a>'


def _copied(library: Library, stored: str | None, folder: Path) -> str | None:
    """The address of an object within the site, which gets a copy of it; None for none."""
    if stored is None:
        return None
    target = folder / "files" / stored
    if not target.is_file():
        write_atomically(target, blocks_of(library.object(stored)))
    return f"files/{stored}"
