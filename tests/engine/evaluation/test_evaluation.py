"""Evaluation: laziness, gathering, caching, failure of one image, and keys that mean what they say."""

import threading
from dataclasses import replace
from typing import get_args

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from graingraph.engine.declare import node as node_module
from graingraph.engine.evaluation.cache import DiskCache, MemoryCache
from graingraph.engine.evaluation.evaluation import Evaluation, StaleHit
from graingraph.engine.evaluation.explain import why
from graingraph.engine.evaluation.store import Store
from graingraph.engine.images.image_set import ImageSet
from graingraph.engine.problem import Cancelled, Problem
from graingraph.engine.recipe.parts import Wire
from graingraph.engine.recipe.recipe import Recipe
from graingraph.engine.values import Mask, Table
from graingraph.engine.values.notes import Note, NoteKind, texts

FEW = settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])


def chain() -> Recipe:
    recipe = Recipe()
    for name in ("Load", "Add", "Add", "Bright", "Measure", "Pool"):
        recipe, _ = recipe.add(name)
    for source, output, target, pin in (
        ("load", "image", "add", "image"),
        ("add", "image", "add_2", "image"),
        ("add_2", "image", "bright", "image"),
        ("bright", "mask", "measure", "region"),
        ("measure", "table", "pool", "tables"),
    ):
        recipe = recipe.connect(Wire(source, output, target, pin))
    return recipe


def image_set(*names: str) -> ImageSet:
    return ImageSet.of_arrays({name: np.full((4, 4), i, np.uint8) for i, name in enumerate(names or ("a", "b"))})


def area(value: object) -> list[float]:
    assert isinstance(value, Table)
    return list(value.frame["Area"])


def test_only_what_is_asked_for_runs(calls: list[str]) -> None:
    Evaluation(chain(), image_set()).value("add", image="a")
    assert calls == ["load a", "add 1"]


def test_a_gathering_node_sees_every_image_once(calls: list[str]) -> None:
    evaluation = Evaluation(chain(), image_set("a", "b", "c"))
    assert area(evaluation.value("pool")) == [0, 16, 16]
    assert calls.count("pool") == 1
    evaluation.value("measure", image="b")
    assert calls.count("measure") == 3


def test_one_bad_image_is_left_out_and_named(calls: list[str]) -> None:
    evaluation = Evaluation(chain(), image_set("a", "bad", "c"))
    pooled = evaluation.value("pool")
    assert area(pooled) == [0, 16]
    assert any("bad" in note and "use a good one" in note for note in texts(pooled.notes))
    with pytest.raises(Problem, match="image bad, node load: It is bad"):
        evaluation.value("measure", image="bad")


def test_notes_travel_downstream(calls: list[str]) -> None:
    recipe, _ = chain().add("Scale")
    recipe = recipe.connect(Wire("measure", "table", "scale", "table")).connect(Wire("load", "image", "scale", "image"))
    assert texts(Evaluation(recipe, image_set()).value("scale", image="a").notes) == ("few",)


@pytest.mark.parametrize("kind", get_args(NoteKind))
def test_only_what_is_incomplete_is_not_kept_whatever_it_says(
    calls: list[str], monkeypatch: pytest.MonkeyPatch, kind: NoteKind
) -> None:
    def measure(region: Mask) -> Table:
        calls.append("measure")
        return Table({}, {}).with_note(Note(kind, "Left out: needs review"))

    declared = replace(node_module.REGISTRY["Measure"], function=measure)
    monkeypatch.setitem(node_module.REGISTRY, "Measure", declared)
    recipe, images, store = chain(), image_set(), Store()
    for _ in range(2):
        evaluation = Evaluation(recipe, images, store)
        evaluation.value("measure", image="a")
    assert calls.count("measure") == (2 if kind == "incomplete" else 1)
    state = why(evaluation, "measure", "a")  # what is incomplete is shown all the same
    assert state.name == ("needs review" if kind == "needs review" else "fresh")


@FEW
@given(node=st.sampled_from(["add", "add_2"]), amount=st.integers(2, 9))
def test_a_changed_setting_stales_exactly_its_descendants(calls: list[str], node: str, amount: int) -> None:
    before, after = chain(), chain().with_setting(node, "amount", amount)
    one, other = Evaluation(before, image_set()), Evaluation(after, image_set())
    for step in before.steps:
        changed = one.keys.key(step, "a") != other.keys.key(step, "a")
        assert changed == (step == node or step in before.descendants(node))


@FEW
@given(names=st.permutations(["p", "q", "r", "s", "t", "u"]), x=st.floats(-1e6, 1e6))
def test_keys_do_not_depend_on_ids_or_layout(calls: list[str], names: list[str], x: float) -> None:
    plain = chain()
    new = dict(zip(plain.steps, names, strict=True))
    renamed = Recipe(
        steps={new[k]: s for k, s in plain.steps.items()},
        wires=tuple(sorted(Wire(new[w.source], w.output, new[w.target], w.input) for w in plain.wires)),
    ).with_positions({"p": (x, x)})
    one, other = Evaluation(plain, image_set()), Evaluation(renamed, image_set())
    assert all(one.keys.key(step, "a") == other.keys.key(new[step], "a") for step in plain.steps)


def test_a_setting_that_does_not_apply_changes_nothing(calls: list[str]) -> None:
    one, other = Evaluation(chain(), image_set()), Evaluation(chain().with_setting("add", "again", 5), image_set())
    assert one.keys.key("add", "a") == other.keys.key("add", "a")


def test_going_back_to_earlier_settings_is_all_hits(calls: list[str]) -> None:
    store = Store()
    first, second = chain(), chain().with_setting("add_2", "amount", 3)
    for recipe in (first, second):
        Evaluation(recipe, image_set(), store).value("pool")
    calls.clear()
    assert area(Evaluation(first, image_set(), store).value("pool")) == [0, 16]
    assert calls == []


def test_changing_the_last_setting_runs_only_that_node(calls: list[str]) -> None:
    store = Store()
    Evaluation(chain(), image_set(), store).value("add_2", image="a")
    calls.clear()
    Evaluation(chain().with_setting("add_2", "amount", 5), image_set(), store).value("add_2", image="a")
    assert calls == ["add 5"]


def test_validation_passes_honest_nodes_and_finds_a_stale_hit(calls: list[str]) -> None:
    store = Store(validate=True)
    evaluation = Evaluation(chain(), image_set(), store)
    evaluation.value("pool")
    evaluation.value("pool")
    key = evaluation.keys.key("add", "a")
    wrong = {"image": evaluation.value("load", image="a")}
    store.memory.put(key, wrong)
    with pytest.raises(StaleHit, match="add"):
        evaluation.value("add", image="a")


def test_memory_stays_within_its_budget(calls: list[str]) -> None:
    arrays = {f"i{n}": np.full((200, 200), n, np.uint8) for n in range(100)}
    store = Store(memory=MemoryCache(budget=300_000))
    evaluation = Evaluation(chain(), ImageSet.of_arrays(arrays), store)
    assert len(area(evaluation.value("pool"))) == 100
    assert 0 < store.memory.used <= 300_000


def test_disk_results_are_read_back_and_damage_is_a_miss(calls: list[str], tmp_path) -> None:
    def fresh() -> Store:
        return Store(disk=DiskCache(tmp_path), keep_tables=True)

    Evaluation(chain(), image_set(), fresh()).value("pool")
    calls.clear()
    assert area(Evaluation(chain(), image_set(), fresh()).value("pool")) == [0, 16]
    assert calls == []
    for path in tmp_path.rglob("*.npz"):
        path.write_bytes(path.read_bytes()[:50])
    assert area(Evaluation(chain(), image_set(), fresh()).value("pool")) == [0, 16]
    assert "pool" in calls


def test_two_consumers_of_a_key_share_one_computation(calls: list[str]) -> None:
    store = Store()
    threads = [threading.Thread(target=Evaluation(chain(), image_set(), store).value, args=("pool",)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert calls.count("pool") == 1
    assert calls.count("load a") == 1


def test_cancel_stops_and_keeps_what_was_finished(calls: list[str]) -> None:
    store = Store()
    stop = {"now": False}
    evaluation = Evaluation(chain(), image_set(), store, cancelled=lambda: stop["now"])
    evaluation.value("add", image="a")
    stop["now"] = True
    with pytest.raises(Cancelled):
        evaluation.value("bright", image="a")
    assert evaluation.keys.key("add", "a") in store.memory


def test_a_muted_node_passes_its_input_through(calls: list[str]) -> None:
    value = Evaluation(chain().with_muted("add", True), image_set(), Store()).value("add", image="b")
    assert value.pixels.max() == 1


def test_why_names_the_setting_that_changed(calls: list[str]) -> None:
    store = Store()
    evaluation = Evaluation(chain(), image_set(), store)
    assert why(evaluation, "add", "a").name == "not computed"
    evaluation.value("bright", image="a")
    assert why(evaluation, "add", "a").name == "fresh"
    changed = Evaluation(chain().with_setting("add", "amount", 4), image_set(), store)
    assert why(changed, "add", "a").sentence == "Stale because amount 1 → 4."
    assert why(changed, "bright", "a").sentence == "Stale because add: amount 1 → 4."
    assert why(changed, "load", "a").name == "fresh"


def test_a_chain_longer_than_the_stack_runs(calls: list[str]) -> None:
    recipe, last = Recipe().add("Load")
    for _ in range(1500):
        recipe, node = recipe.add("Add", amount=0)
        recipe = recipe.connect(Wire(last, "image", node, "image"))
        last = node
    assert Evaluation(recipe, image_set()).value(last, image="b").pixels.max() == 1


def test_training_runs_only_on_request_and_an_optional_input_does_without_it(calls: list[str]) -> None:
    recipe, _ = Recipe().add("Load")
    for name in ("Study", "Recall"):
        recipe, _ = recipe.add(name)
    for source, output, target, pin in (
        ("load", "image", "study", "images"),
        ("load", "image", "recall", "image"),
        ("study", "model", "recall", "learnt"),
    ):
        recipe = recipe.connect(Wire(source, output, target, pin))
    evaluation = Evaluation(recipe, image_set("a"))
    evaluation.value("recall", image="a")
    assert calls == ["load a", "recall"]
    assert why(evaluation, "study").name == "needs training"
    with pytest.raises(Problem, match="needs training"):
        evaluation.value("study")
    evaluation.train("study")
    assert calls[-1] == "study"
