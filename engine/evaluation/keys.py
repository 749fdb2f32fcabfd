"""Structural keys: what a result is made of, hashed, so that equal keys mean equal results without looking at pixels.

A key covers the node's type and version, the settings that apply, the keys of its inputs, what it reads besides them
(image file, marks, model, recipe) by content hash, the environment where that changes numbers, and the code: the
sources of what computes it and the versions of the libraries. Node ids and the layout are not part of it.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from hashlib import blake2b
from typing import Any

import orjson

from graingraph.engine.code import code_of
from graingraph.engine.declare.injected import Context, EveryImage, Folder, Marks, RunInfo, Source
from graingraph.engine.declare.node import NodeType
from graingraph.engine.declare.settings import ModelFile
from graingraph.engine.files import remembered_hash
from graingraph.engine.images.image_set import ImageSet
from graingraph.engine.marks.store import MarkStore
from graingraph.engine.problem import Problem
from graingraph.engine.recipe.recipe import Recipe
from graingraph.engine.versions import libraries


@dataclass(frozen=True)
class Ingredients:
    """Everything that one result depends on, readable, so that a change can be put in words.

    ``made_of`` is the hash of all but the code, ``code`` that of the code which computes it and what feeds it; the two
    make the ``key``. So what an earlier program computed can be told from what was never computed.
    """

    made_of: str
    code: str
    settings: Mapping[str, Any]
    inputs: Mapping[str, Any]
    reads: Mapping[str, str]

    @cached_property
    def key(self) -> str:
        """What the result is kept under."""
        return f"{self.made_of}-{self.code}"


Feeding = tuple[str | None, Ingredients, str]
"""What comes in at an input: the image where it gathers, what the result is made of, and the output it comes from."""


class Keys:
    """The keys of all results of one recipe over one tray, each worked out once."""

    def __init__(self, recipe: Recipe, image_set: ImageSet, marks: MarkStore, run: RunInfo) -> None:
        self.recipe, self.image_set, self.marks, self.run = recipe, image_set, marks, run
        self._known: dict[tuple[str, str | None], Ingredients] = {}
        self._drawn: dict[tuple[str, str], Marks | Problem] = {}
        self._for_every_image: dict[str, frozenset[str]] = {}
        self._everywhere: dict[str, str] = {}
        self._settings: dict[str, Mapping[str, Any]] = {}
        self._codes: dict[tuple[str, frozenset[str]], str] = {}

    def key(self, node: str, image: str | None) -> str:
        """The key of a node's outputs for an image (ignored where the node exists once per batch)."""
        return self.ingredients(node, image).key

    def ingredients(self, node: str, image: str | None) -> Ingredients:
        """What the node's outputs for this image depend on."""
        image = None if node in self.recipe.per_batch else image
        if (node, image) not in self._known:
            wanted = self.recipe.ancestors(node)
            for ancestor in (*(n for n in self.recipe.order if n in wanted), node):
                for one in self._images_needed(ancestor, node, image):
                    if (ancestor, one) not in self._known:
                        self._known[ancestor, one] = self._work_out(ancestor, one)
        return self._known[node, image]

    def forget(self, image: str) -> None:
        """Drop what is known of an image that is done with, but for what goes into the results of every image."""
        kept = frozenset[str]().union(*self._for_every_image.values())
        for node in self.recipe.steps.keys() - kept:
            self._known.pop((node, image), None)
            self._drawn.pop((node, image), None)

    def drawn(self, node: str, image: str) -> Marks:
        """What is drawn on the image for the node: the same for the key and for the computation, come what may."""
        drawn = self._marks_or_problem(node, image)
        if isinstance(drawn, Problem):
            raise drawn
        return drawn

    def _marks_or_problem(self, node: str, image: str) -> Marks | Problem:
        """Marks that cannot be read fail their image when that is computed, not the keys of the whole batch."""
        if (node, image) not in self._drawn:
            try:
                self._drawn[node, image] = self.marks.load(self.image_set[image].drawn_as, node)
            except Problem as problem:
                self._drawn[node, image] = problem
        return self._drawn[node, image]

    def _images_needed(self, ancestor: str, node: str, image: str | None) -> tuple[str | None, ...]:
        if ancestor in self.recipe.per_batch:
            return (None,)
        if node in self.recipe.per_batch or ancestor in self._feeding_every_image(node):
            return tuple(self.image_set)
        return (image,)

    def _feeding_every_image(self, node: str) -> frozenset[str]:
        """The steps whose results for every image go into this step's result for one: see ``EveryImage``."""
        if node not in self._for_every_image:
            steps, found = self.recipe.steps, set[str]()
            for one in ({node} | self.recipe.ancestors(node)) - self.recipe.per_batch:
                if steps[one].gathers:
                    found |= self.recipe.ancestors(one)
            self._for_every_image[node] = frozenset(found)
        return self._for_every_image[node]

    def _work_out(self, node: str, image: str | None) -> Ingredients:
        step = self.recipe.steps[node]
        declared = step.declared
        if declared is None:
            raise Problem(step.unknown, node=node)
        settings = self._settings_of(node, declared)
        beside = [step.settings[s.name] for s in declared.settings if s.file_beside and s.name in settings]
        if declared.trained and not step.muted:
            return Ingredients(
                _hash(["recorded", settings.get(declared.trained.product, "")]), "recorded", settings, {}, {}
            )
        used = [pin for pin in declared.inputs if pin.applies(step.settings)]
        feeding = {pin.name: self._feeding(node, pin.name, image, pin.gathers) for pin in used}
        inputs = {pin: [[one, made.made_of, output] for one, made, output in found] for pin, found in feeding.items()}
        reads = {name: self._read_key(kind, node, image) for name, kind in declared.injected.items()}
        reads |= {f"file {name}": self._beside_key(name, image) for name in beside}
        environment = declared.environment() if declared.environment else ""
        made_of = _hash([step.type, step.version, step.muted, settings, inputs, reads, environment])
        codes = frozenset(made.code for found in feeding.values() for _, made, _ in found)
        if (node, codes) not in self._codes:
            self._codes[node, codes] = _hash([libraries(), code_of(declared.function), sorted(codes)])
        return Ingredients(made_of, self._codes[node, codes], settings, inputs, reads)

    def _settings_of(self, node: str, declared: NodeType) -> Mapping[str, Any]:
        """The settings that apply, a model by its content: the same for every image."""
        if node not in self._settings:
            given = self.recipe.steps[node].settings
            self._settings[node] = {
                s.name: model_hash(given[s.name]) if s.kind is ModelFile else given[s.name]
                for s in declared.settings
                if s.applies(given)
            }
        return self._settings[node]

    def _feeding(self, node: str, pin: str, image: str | None, gathers: bool) -> list[Feeding]:
        wire = self.recipe.wire_into(node, pin)
        if wire is None:
            return []
        if gathers and wire.source not in self.recipe.per_batch:
            return [(name, self._known[wire.source, name], wire.output) for name in self.image_set]
        scattered = self.recipe.scattered(wire)
        if scattered:
            raise Problem(scattered, node=node)
        source_image = None if wire.source in self.recipe.per_batch else image
        return [(None, self._known[wire.source, source_image], wire.output)]

    def _read_key(self, kind: type, node: str, image: str | None) -> str:
        if kind is Source and image is not None:
            source = self.image_set[image]
            return f"{source.name} {source.hash} {source.um_per_px or ''}"
        if kind is Marks and image is not None:
            drawn = self._marks_or_problem(node, image)
            return drawn.hash if isinstance(drawn, Marks) else f"unreadable: {drawn.message}"
        if kind is Folder and image is not None:
            folder = self.image_set[image].folder
            return f"{folder.above}/{folder.name}"
        if kind is RunInfo:
            moved = self.run.moved
            disturbed = {line: dict(by_quantity) for line, by_quantity in moved.disturbed.items()}
            stated: list[object] = [dict(self.run.header), dict(moved.standard), moved.beyond, disturbed]
            stated += [self.run.release] if self.run.release else []
            header = _hash(stated) if any(stated) else ""
            return f"{self.run.recipe_id} {_hash(dict(self.run.images))} {header}".rstrip()
        if kind is EveryImage and image is not None:
            return self._everywhere_key(node)
        assert kind is Context or image is None
        return ""

    def _everywhere_key(self, node: str) -> str:
        """What arrives at the plain inputs for every image, while the step gathers: the same for each of them."""
        step = self.recipe.steps[node]
        if not step.gathers or step.declared is None:
            return ""
        if node not in self._everywhere:
            plain = [pin.name for pin in step.declared.inputs if not pin.gathers and pin.applies(step.settings)]
            found = [self._feeding(node, name, image, gathers=False) for name in plain for image in self.image_set]
            self._everywhere[node] = _hash([[made.made_of, output] for feeding in found for _, made, output in feeding])
        return self._everywhere[node]

    def kept(self, place: tuple[str, str | None], output: str, function: Callable[..., Any], settings: Any) -> str:
        """The key of what a function makes of a result (``EveryImage.kept``)."""
        made = self.ingredients(*place)
        code = _hash([made.code, code_of(function)])
        return f"{_hash([made.made_of, output, function.__module__, function.__qualname__, settings])}-{code}"

    def _beside_key(self, name: str, image: str | None) -> str:
        """The hash of a file beside the image; one that cannot be read fails its image when that is computed."""
        path = self.image_set[image].folder.find(name) if image is not None else None
        try:
            return remembered_hash(path) if path is not None else ""
        except OSError:
            return "unreadable"


def model_hash(ref: str) -> str:
    """The content hash in a model reference: the same model under another file name is the same."""
    return ref.rpartition("@")[2]


def _hash(content: Any) -> str:
    return blake2b(orjson.dumps(content, option=orjson.OPT_SORT_KEYS), digest_size=16).hexdigest()
