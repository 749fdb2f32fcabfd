import pytest

from graingraph.nodes.reporting.pages import Paper


@pytest.mark.parametrize("lines", range(45, 65))
def test_the_last_line_is_never_alone_on_a_page(lines: int) -> None:
    paper = Paper("A4")
    paper.add_page()
    for _ in range(lines):
        paper.text_line("A line.")
    full = paper.page
    paper.last_line("End of report")
    assert paper.page == full
    assert paper.get_y() < paper.h - 12  # above the foot
