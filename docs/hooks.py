"""What mkdocs adds to the pages in this folder: README and CONTRIBUTING, what changed, and the node reference."""

import re
from pathlib import Path

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files

from graingraph.app.cli.node_pages import all_nodes

ROOT = Path(__file__).parents[1]
PAGES = {"README.md": "index.md", "CONTRIBUTING.md": "contributing.md", "CHANGELOG.md": "changelog.md"}
"""Pages that lie at the top of the project, where people look for them first, and their names on the site."""


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the pages that do not lie in this folder."""
    for name, page in PAGES.items():
        text = (ROOT / name).read_text("utf-8")
        if name == "CHANGELOG.md":
            text += "\n".join(f"- {path.read_text('utf-8').strip()}" for path in _changes())
        files.append(File.generated(config, page, content=_linked(text)))
    files.append(File.generated(config, "nodes.md", content=all_nodes()))
    return files


def on_page_markdown(markdown: str, **_: object) -> str:
    """Lead links to the pages at the top of the project to where they are on the site."""
    for name, page in PAGES.items():
        markdown = markdown.replace(f"../{name}", page)
    return markdown


def _changes() -> list[Path]:
    return sorted(path for path in (ROOT / "changes").glob("*.md") if path.name != "README.md")


def _linked(text: str) -> str:
    """A page at the top of the project with its links as seen from here."""
    for name, page in PAGES.items():
        text = text.replace(f"]({name})", f"]({page})")
    return re.sub(r"\]\((changes|LICENSE)[^)]*\)", "]", text.replace("](docs/", "]("))
