"""The pages of a library say what it holds, as text and not as markup, and a browser shows them."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from graingraph.app.library.drafts import draft_of
from graingraph.app.library.site import write_site
from graingraph.app.library.versions import Library
from graingraph.engine.problem import Problem
from tests.app.library.conftest import Publish
from tests.support.paths import GRAPHS

CHROMIUM = shutil.which("chromium")


def pages(folder: Path) -> str:
    return "\n".join(path.read_text("utf-8") for path in sorted(folder.glob("*.html")))


def test_pages_tell_versions_settings_and_differences(shelf: Library, publish: Publish, tmp_path: Path):
    publish(shelf, 0.5, note="<script>alert(1)</script>")
    publish(shelf, 0.55, "Bob", tags=("iron",))
    report = tmp_path / "report.pdf"
    report.write_bytes(b"%PDF-1.4 an example")
    draft, _ = draft_of(GRAPHS / "nodules.graingraph.json", tmp_path, report=report)
    shelf.publish(draft, author="Ada")
    first = write_site(shelf, tmp_path / "site")
    text = pages(tmp_path / "site")
    assert "Threshold: level 0.5 → 0.55" in text
    assert "<script>alert" not in text
    assert "&lt;script&gt;alert(1)" in text
    assert text.count("<svg") == 2
    links = set(re.findall(r'(?:href|src)="?([^" >]+)', text))
    assert links
    assert all((first.parent / link).is_file() for link in links)
    assert any((first.parent / link).read_bytes().startswith(b"%PDF") for link in links)
    assert write_site(shelf, tmp_path / "site") == first  # again, over its own pages


def test_other_files_are_not_overwritten(shelf: Library, tmp_path: Path):
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "index.html").write_text("my pages")
    with pytest.raises(Problem, match="holds other files"):
        write_site(shelf, tmp_path / "mine")


@pytest.mark.skipif(CHROMIUM is None, reason="no Chromium")
def test_a_browser_shows_the_pages_and_searches_them(shelf: Library, publish: Publish, tmp_path: Path):
    publish(shelf, 0.5)
    shelf.publish(draft_of(GRAPHS / "nodules.graingraph.json", tmp_path)[0], author="Ada")
    first = write_site(shelf, tmp_path / "site")
    typed = first.with_name("typed.html")
    typed.write_text(
        first.read_text("utf-8").replace(
            "</body>",
            "<script>field.value='graphite';field.dispatchEvent(new Event('input'))</script></body>",
        ),
        "utf-8",
    )
    options = "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking"
    options += f" --disable-component-update --disable-sync --user-data-dir={tmp_path / 'profile'}"
    command = [CHROMIUM, *options.split(), "--dump-dom", typed.as_uri()]
    # A browser writes into the home folder whatever it is told.
    home = {"HOME": str(tmp_path), "XDG_CONFIG_HOME": str(tmp_path / "config")}
    done = subprocess.run(command, env=os.environ | home, capture_output=True, text=True, timeout=120, check=True)
    shown = done.stdout
    hidden = {re.search("<b>(.*?)</b>", card)[1]: 'hidden=""' in card for card in re.findall("<a class.*?</a>", shown)}
    assert hidden == {"Chain": True, "Nodules": False}
