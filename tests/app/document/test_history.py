from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from graingraph.app.document import history
from graingraph.app.document.edit import Change
from graingraph.app.document.history import History
from graingraph.engine.recipe.recipe import Recipe


def recipes(count: int) -> list[Recipe]:
    found = [Recipe()]
    for _ in range(count):
        found.append(found[-1].add("Load")[0])
    return found


def changes(row: list[Recipe], merge: str = "") -> list[Change]:
    return [Change(f"Step {i}", *pair, merge) for i, pair in enumerate(pairwise(row), 1)]


def test_edits_of_one_row_merge_until_it_is_sealed():
    first, second, third = changes(recipes(3), merge="slider")
    made = History()
    made.add(first)
    made.add(second)
    assert made.last == Change("Step 2", first.before, second.after, "slider")
    made.seal()
    made.add(third)
    assert made.last == third


def test_a_new_edit_forgets_what_was_taken_back():
    first, second = changes(recipes(2))
    made = History()
    made.add(first)
    made.step_back()
    assert (made.last, made.next) == (None, first)
    made.add(second)
    assert (made.last, made.next) == (second, None)


def test_it_keeps_so_many_edits_and_no_more():
    first, second = changes(recipes(2))
    made = History()
    for _ in range(history.LIMIT + 5):
        made.add(first)
    made.add(second)
    steps = 0
    while made.last:
        made.step_back()
        steps += 1
    assert steps == history.LIMIT


@given(st.integers(0, 6), st.integers(0, 6))
def test_its_recipes_give_the_same_history_back(count: int, back: int):
    row = recipes(count)
    made = History()
    for change in changes(row):
        made.add(change)
    back = min(back, count)
    for _ in range(back):
        made.step_back()
    labels, kept, position = made.recipes(row[count - back])
    assert kept == row
    assert position == count - back
    again = History.of_recipes(labels, kept, position)
    assert (again.last and again.last.label) == (made.last and made.last.label)
    assert (again.next and again.next.label) == (made.next and made.next.label)
