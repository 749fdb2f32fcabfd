"""Evaluation at its limits: large images in little memory, a newer edit, marks drawn meanwhile, a disk that fails."""

import errno
import threading
import time
import tracemalloc
from pathlib import Path

import numpy as np
import pytest

from graingraph.engine.declare.injected import Context, Mark, Marks
from graingraph.engine.declare.node import node
from graingraph.engine.declare.roles import Trained
from graingraph.engine.evaluation.cache import DiskCache, MemoryCache
from graingraph.engine.evaluation.evaluation import Evaluation
from graingraph.engine.evaluation.store import Store
from graingraph.engine.images.image_set import ImageSet
from graingraph.engine.marks.store import MarkStore
from graingraph.engine.problem import Cancelled, Problem
from graingraph.engine.recipe.parts import Wire
from graingraph.engine.recipe.recipe import Recipe
from graingraph.engine.values import Image, Table
from graingraph.engine.values.notes import texts


def chain(*names: str) -> Recipe:
    recipe, last = Recipe().add("Load")
    for name in names:
        recipe, added = recipe.add(name)
        output = recipe.steps[last].declared.outputs[0].name
        recipe = recipe.connect(Wire(last, output, added, recipe.steps[added].declared.inputs[0].name))
        last = added
    return recipe


MEASURING = ("Add", "Add", "Bright", "Keep", "Measure", "Pool")


def test_a_hundred_large_images_stay_in_the_budget(calls: list[str]) -> None:
    megapixel = np.zeros((1000, 1000), np.uint8)
    image_set = ImageSet.of_arrays({f"i{n}": megapixel[: 900 + n] for n in range(100)})
    store = Store(memory=MemoryCache(budget=8_000_000))
    tracemalloc.start()
    pooled = Evaluation(chain(*MEASURING), image_set, store).value("pool")
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert isinstance(pooled, Table)
    assert len(pooled.frame) == 100
    assert store.memory.used <= 8_000_000
    # The budget, one image's own intermediate results, and little else: a twentieth of what all images would take.
    assert peak < 8_000_000 + 8 * megapixel.nbytes


@pytest.mark.parametrize("budget", [0, 300, 20_000])
def test_the_budget_never_changes_a_result(calls: list[str], budget: int) -> None:
    image_set = ImageSet.of_arrays({name: np.full((60, 60), i, np.uint8) for i, name in enumerate("abc")})
    plenty = Evaluation(chain(*MEASURING), image_set, Store()).value("pool")
    scarce = Evaluation(chain(*MEASURING), image_set, Store(memory=MemoryCache(budget))).value("pool")
    assert isinstance(plenty, Table)
    assert isinstance(scarce, Table)
    assert plenty.frame.equals(scarce.frame)


def test_a_newer_edit_wins_and_the_older_one_leaves_what_it_finished(calls: list[str]) -> None:
    begun, ended = threading.Event(), list[str]()

    @node("Slow", category="Test")
    def slow(image: Image, *, context: Context) -> Image:
        """Slow."""
        begun.set()
        for _ in range(2000):
            context.check()
            time.sleep(0.005)
        return image

    store, newest = Store(), [1]
    image_set = ImageSet.of_arrays({"a": np.zeros((4, 4), np.uint8)})

    def old() -> None:
        try:
            Evaluation(chain("Add", "Slow"), image_set, store, cancelled=lambda: newest[0] != 1).value(
                "slow", image="a"
            )
        except Cancelled:
            ended.append("cancelled")

    thread = threading.Thread(target=old)
    thread.start()
    assert begun.wait(5)
    calls.clear()
    newest[0] = 2
    start = time.monotonic()
    edited = chain("Add", "Add").with_setting("add_2", "amount", 3)
    assert Evaluation(edited, image_set, store, cancelled=lambda: newest[0] != 2).value("add_2", image="a")
    thread.join(5)
    assert ended == ["cancelled"]
    assert time.monotonic() - start < 2
    assert calls == ["add 3"]


def test_a_newer_evaluation_takes_over_what_a_cancelled_one_was_computing(calls: list[str]) -> None:
    begun, tries, stop = threading.Event(), list[int](), [False]

    @node("Slow", category="Test")
    def slow(image: Image, *, context: Context) -> Image:
        """Slow."""
        tries.append(1)
        begun.set()
        while len(tries) == 1:
            context.check()
            time.sleep(0.005)
        return image

    store, image_set = Store(), ImageSet.of_arrays({"a": np.zeros((4, 4), np.uint8)})
    old = Evaluation(chain("Slow"), image_set, store, cancelled=lambda: stop[0])

    def superseded() -> None:
        with pytest.raises(Cancelled):
            old.value("slow", image="a")

    thread = threading.Thread(target=superseded)
    thread.start()
    assert begun.wait(5)
    threading.Timer(0.2, lambda: stop.__setitem__(0, True)).start()
    assert Evaluation(chain("Slow"), image_set, store).value("slow", image="a")
    thread.join(5)
    assert len(tries) == 2


def test_a_stroke_drawn_while_the_node_computes_belongs_to_the_next_result(calls: list[str]) -> None:
    @node("Count", category="Test")
    def count(image: Image, *, marks: Marks) -> Image:
        """Count."""
        return image.with_pixels(np.full((1, 1), len(marks.marks), np.uint8))

    def shown(evaluation: Evaluation) -> int:
        return int(evaluation.value("count", image="a").pixels[0, 0])  # type: ignore[attr-defined]

    store, image_set = Store(), ImageSet.of_arrays({"a": np.zeros((4, 4), np.uint8)})
    evaluation = Evaluation(chain("Count"), image_set, store)
    evaluation.keys.key("count", "a")
    stroke = Mark("one", "pen", np.ones((2, 2), np.float32), 1.0)
    store.marks.add(image_set["a"].hash, "count", stroke)
    assert shown(evaluation) == 0
    assert shown(Evaluation(chain("Count"), image_set, store)) == 1
    store.marks.remove(image_set["a"].hash, "count", "one")
    assert shown(Evaluation(chain("Count"), image_set, store)) == 0


def test_a_failing_disk_costs_nothing_but_time(
    calls: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*args: object, **kwargs: object) -> None:
        raise OSError(errno.EIO, "Input/output error")

    image_set = ImageSet.of_arrays({name: np.zeros((4, 4), np.uint8) for name in "ab"})
    Evaluation(chain(*MEASURING), image_set, Store(disk=DiskCache(tmp_path), keep_tables=True)).value("pool")
    monkeypatch.setattr(Path, "read_bytes", broken)
    monkeypatch.setattr("tempfile.mkstemp", broken)
    fresh = Evaluation(chain(*MEASURING), image_set, Store(disk=DiskCache(tmp_path), keep_tables=True)).value("pool")
    assert isinstance(fresh, Table)
    assert len(fresh.frame) == 2


def test_a_node_that_breaks_its_promise_is_a_problem_with_a_place(calls: list[str]) -> None:
    @node("Liar", category="Test")
    def liar(image: Image) -> Table:
        """Liar."""
        return None  # type: ignore[return-value]

    @node("Greedy", category="Test")
    def greedy(image: Image) -> Image:
        """Greedy."""
        raise MemoryError

    image_set = ImageSet.of_arrays({"a": np.zeros((4, 4), np.uint8)})
    for name, said in (("Liar", "failed unexpectedly"), ("Greedy", "not enough memory")):
        with pytest.raises(Problem, match=said) as caught:
            Evaluation(chain(name), image_set).value(name.lower(), image="a")
        assert (caught.value.node, caught.value.image) == (name.lower(), "a")


def test_ctrl_c_within_a_compiled_function_is_still_ctrl_c(calls: list[str]) -> None:
    @node("Compiled", category="Test")
    def compiled(image: Image) -> Image:
        """Compiled."""
        try:
            raise KeyboardInterrupt
        except KeyboardInterrupt as ctrl_c:  # as numba does
            raise SystemError("returned a result with an exception set") from ctrl_c

    with pytest.raises(KeyboardInterrupt):
        Evaluation(chain("Compiled"), ImageSet.of_arrays({"a": np.zeros((4, 4), np.uint8)})).value(
            "compiled", image="a"
        )


def test_validation_compares_models_too(calls: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from graingraph.engine.declare.models import ModelFolders, reference
    from graingraph.engine.declare.settings import ModelFile
    from graingraph.engine.values import Model, PerImage

    empty = ModelFile("")

    @node("Learn", category="Test", trained=Trained(product="model"))
    def learn(images: PerImage[Image], *, model: ModelFile = empty) -> Model:
        """Learn.

        Settings:
            model: What was learnt.
        """
        raise NotImplementedError

    (tmp_path / "m.onnx").write_bytes(b"weights")
    recipe, _ = Recipe().add("Learn", model=reference(tmp_path / "m.onnx"))
    evaluation = Evaluation(recipe, ImageSet(), Store(validate=True, models=ModelFolders().and_in(tmp_path)))
    assert evaluation.value("learn").path == evaluation.value("learn").path == tmp_path / "m.onnx"  # type: ignore[attr-defined]


def test_marks_that_cannot_be_read_fail_their_image_and_not_what_gathers(calls: list[str], tmp_path: Path) -> None:
    @node("Drawn", category="Test")
    def drawn(image: Image, *, marks: Marks) -> Image:
        """Hand on what was drawn on."""
        return image

    image_set = ImageSet.of_arrays({name: np.full((4, 4), i + 1, np.uint8) for i, name in enumerate(("a", "b"))})
    recipe = chain("Drawn", "Bright", "Measure", "Pool")
    store = Store(marks=MarkStore(tmp_path))
    path = store.marks.path(image_set["a"].hash, "drawn")
    assert path is not None
    path.write_bytes(b"nonsense\n")
    with pytest.raises(Problem, match=path.name) as caught:
        Evaluation(recipe, image_set, store).value("measure", image="a")
    assert (caught.value.node, caught.value.image) == ("drawn", "a")
    pooled = Evaluation(recipe, image_set, store).value("pool")
    assert [note for note in texts(pooled.notes) if path.name in note and "image a" in note]
    assert set(pooled.frame["Image"]) == {"b"}
    path.unlink()
    assert set(Evaluation(recipe, image_set, store).value("pool").frame["Image"]) == {"a", "b"}
