"""Evaluating a recipe over a tray: pull one output, run only what is missing, keep what was computed.

An ``Evaluation`` is one recipe (which never changes) over one tray; a ``Store`` outlives it and holds the results.
The window makes a new evaluation after every edit and cancels the old one; what the old one finished stays stored.
"""

import logging
import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import replace
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import Any

from graingraph.engine.declare.injected import (
    NOT_MOVED,
    Context,
    EveryImage,
    Folder,
    Mark,
    Marks,
    MovedSettings,
    RunInfo,
    Source,
)
from graingraph.engine.declare.models import user_folder
from graingraph.engine.declare.node import NodeType, Pin
from graingraph.engine.evaluation.cache import Outputs
from graingraph.engine.evaluation.keys import Keys
from graingraph.engine.evaluation.store import Listener, Site, Store
from graingraph.engine.images.files import require_unchanged
from graingraph.engine.images.image_set import ImageSet
from graingraph.engine.problem import Cancelled, NeedsTraining, NotWired, Problem, pass_on_ctrl_c
from graingraph.engine.recipe import file as recipe_file
from graingraph.engine.recipe.parts import Wire
from graingraph.engine.recipe.recipe import Recipe
from graingraph.engine.values import PerImage, Value, packing, registry
from graingraph.engine.values.notes import Note, of_kind
from graingraph.engine.versions import versions


class StaleHit(AssertionError):
    """Validation found a cached result that differs from a fresh one: some ingredient is missing from its key."""


class Evaluation:
    """One recipe over one tray. ``value`` and ``outputs`` pull; nothing is computed that is not asked for.

    ``failed`` are images that are known to have failed: they are not tried again, here or where images are gathered.
    ``given`` are outputs that are taken as they are, in place of those that the recipe has at these places. No key
    knows of them, so what such an evaluation computes is kept for itself alone.
    ``header`` is what a laboratory fills in for this run, ``moved`` what moving its settings has shown, ``release`` who
    has released the recipe, ``overlay`` gives the pictures that were drawn of its images, ``record`` what the run is
    known by, ``touched`` how many features corrections have touched (``RunInfo``).
    """

    def __init__(
        self,
        recipe: Recipe,
        image_set: ImageSet,
        store: Store | None = None,
        *,
        listener: Listener | None = None,
        cancelled: Callable[[], bool] = lambda: False,
        models_folder: Path | None = None,
        failed: Mapping[str, Problem] = MappingProxyType({}),
        given: Mapping[Site, Outputs] = MappingProxyType({}),
        header: Mapping[str, str] = MappingProxyType({}),
        moved: MovedSettings = NOT_MOVED,
        release: tuple[str, ...] = (),
        overlay: Callable[[str], bytes | None] = lambda image: None,
        record: Callable[[], bytes] = lambda: b"",
        touched: Callable[[str], int] = lambda image: 0,
    ) -> None:
        self.recipe, self.image_set, self.failed, self.given = recipe, image_set, failed, given
        self.store = store or Store()
        if given:
            self.store = Store(marks=self.store.marks, models=self.store.models)
        self.listener = listener or Listener()
        self.cancelled = cancelled
        self.models_folder = models_folder
        recipe_json = recipe_file.dump(recipe)
        self.run = RunInfo(
            recipe.name,
            recipe_json,
            recipe.id,
            image_set.hashes,
            versions(),
            header,
            moved,
            self._corrections,
            overlay,
            record,
            release,
            touched,
        )
        self.keys = Keys(recipe, image_set, self.store.marks, self.run)

    # asking --------------------------------------------------------------------------------------------------------

    def value(self, node: str, output: str | None = None, image: str | None = None) -> Value:
        """One output of a node (the first if not named), for an image of the tray. Raises ``Problem``."""
        outputs = self.outputs(node, image)
        if output is None:
            return next(iter(outputs.values()))
        if output not in outputs:
            raise Problem(f"{node} has no output {output}; it has {', '.join(outputs)}.", node=node)
        return outputs[output]

    def outputs(self, node: str, image: str | None = None) -> Outputs:
        """All outputs of a node for an image of the tray (ignored where the node exists once per batch)."""
        if node not in self.recipe.steps:
            raise Problem(f"There is no node {node}; the recipe has {', '.join(self.recipe.steps) or 'none'}.")
        target = self._place(node, image)
        if target[1] is not None and target[1] in self.failed:
            raise self.failed[target[1]].at(image=target[1])
        plan = self._plan(target)
        uses = Counter(source for place in plan for source in self._sources(place))
        held: dict[Site, Outputs] = {}
        for place in plan:
            held[place] = self._obtain(place, held)
            for source in self._sources(place):
                uses[source] -= 1
                if uses[source] == 0 and source != target:
                    held.pop(source, None)
        return held[target]

    def train(self, node: str, **given: PerImage[Any]) -> Value:
        """Run a node that runs only on request (training) and return its product; the recipe is not changed.

        ``given`` takes the place of what is wired to an input: annotations from elsewhere instead of traces.
        """
        declared = self._declared(node)
        if not declared.on_request:
            raise Problem(f"{node} is not a training node; it runs by itself.", node=node)
        return next(iter(self._call((node, None), declared, {}, given).values()))

    def forget(self, image: str) -> None:
        """Drop what is kept in memory of an image that is done with, so that no number of images fills the memory."""
        self.store.forget(image)
        self.keys.forget(image)

    def _corrections(self) -> Mapping[str, list[Mark]]:
        found = {image: self.corrections(image) for image in self.image_set}
        return {image: marks for image, marks in found.items() if marks}

    def corrections(self, image: str) -> list[Mark]:
        """What was drawn to correct an image, in every step that is there for it; what cannot be read is left out."""
        found: list[Mark] = []
        for node, step in self.recipe.steps.items():
            if step.muted or step.declared is None or not step.declared.drawn_on or not step.declared.drawn_on.corrects:
                continue
            with suppress(Problem):
                found += self.keys.drawn(node, image).marks
        return found

    # planning ------------------------------------------------------------------------------------------------------

    def _place(self, node: str, image: str | None) -> Site:
        if node in self.recipe.per_batch:
            return node, None
        if image not in self.image_set:
            raise Problem(f"There is no image {image}; the tray has {', '.join(self.image_set) or 'none'}.", node=node)
        return node, image

    def _sources(self, place: Site) -> tuple[Site, ...]:
        """The places whose outputs go into this one directly; gathered inputs are pulled one at a time instead."""
        node, image = place
        declared = self.recipe.steps[node].declared
        if declared is None or declared.on_request or place in self.given:
            return ()
        wires = ((pin, self._wire_into(node, pin)) for pin in declared.inputs)
        return tuple(
            self._place(wire.source, image) for pin, wire in wires if wire and not self._gathers(pin, wire.source)
        )

    def _wire_into(self, node: str, pin: Pin) -> Wire | None:
        """The wire that ends at this input; an optional input does without a training that was never run."""
        wire = self.recipe.wire_into(node, pin.name)
        if not pin.applies(self.recipe.steps[node].settings):
            return None
        if wire is None or not pin.optional:
            return wire
        return None if self.recipe.steps[wire.source].untrained else wire

    def _gathers(self, pin: Pin, source: str) -> bool:
        return pin.gathers and source not in self.recipe.per_batch

    def _plan(self, target: Site) -> list[Site]:
        """The places to obtain, inputs first; below a stored result nothing is needed."""
        needed: set[Site] = set()
        waiting = [target]
        while waiting:
            place = waiting.pop()
            if place in needed:
                continue
            needed.add(place)
            if self.store.validate or not self._stored(self.keys.key(*place)):
                waiting += self._sources(place)
        rank = {node: i for i, node in enumerate(self.recipe.order)}
        return sorted(needed, key=lambda place: rank[place[0]])

    def _stored(self, key: str) -> bool:
        return key in self.store.memory or (self.store.disk is not None and key in self.store.disk)

    # computing -----------------------------------------------------------------------------------------------------

    def _obtain(self, place: Site, held: dict[Site, Outputs]) -> Outputs:
        if self.cancelled():
            raise Cancelled
        ingredients = self.keys.ingredients(*place)
        key = ingredients.key
        outputs = self.store.in_flight.share(
            key, lambda: self.store.find(key), lambda: self._compute(place, key, held), self.cancelled
        )
        if self.store.validate:
            self._compare(place, outputs, self._run(place, held))
        self.store.last[place] = ingredients
        self.store.failures.pop(key, None)
        self.listener.obtained(*place, outputs)
        return outputs

    def _compute(self, place: Site, key: str, held: dict[Site, Outputs]) -> Outputs:
        declared = self._declared(place[0])
        self.listener.started(*place)
        if declared.learnt_live and place in self.store.last:
            # The next map then lies in memory that is in use already: fresh memory takes longer than the map itself.
            self.store.memory.drop(self.store.last[place].key)
        start = time.perf_counter()
        try:
            outputs = self._run(place, held)
        except Problem as problem:
            self.store.failures[key] = problem
            self.store.last[place] = self.keys.ingredients(*place)
            raise
        seconds = self.store.seconds[key] = time.perf_counter() - start
        if not any(of_kind(value.notes, "incomplete") for value in outputs.values()):
            result = self.store.keep_tables and all(registry.declared(type(v)).small for v in outputs.values())
            self.store.keep(key, outputs, on_disk=declared.keep_on_disk or result)
        else:
            self.store.incomplete.put(key, outputs)
        self.listener.finished(*place, seconds)
        return outputs

    def _run(self, place: Site, held: Mapping[Site, Outputs]) -> Outputs:
        if place in self.given:
            return self.given[place]
        declared = self._declared(place[0])
        return self._recorded(place) if declared.on_request else self._call(place, declared, held)

    def _recorded(self, place: Site) -> Outputs:
        """The product that an on-request node made earlier, as the recipe records it."""
        node = place[0]
        ref = self.recipe.steps[node].product
        if not ref:
            raise NeedsTraining(
                "It needs training: trace some images, then press Train (or: graingraph train).", node=node
            )
        try:
            return {self._declared(node).outputs[0].name: self.store.models.resolve(ref)}
        except Problem as problem:
            raise problem.at(node=node) from None

    def _call(
        self,
        place: Site,
        declared: NodeType,
        held: Mapping[Site, Outputs],
        given: Mapping[str, PerImage[Any]] | None = None,
    ) -> Outputs:
        node, image = place
        step = self.recipe.steps[node]
        gathered: dict[str, PerImage[Any]] = dict(given or {})
        try:
            inputs = {pin.name: self._input(place, pin, held, gathered) for pin in declared.inputs}
            if step.muted:
                return _passed_through(declared, inputs)
            optional = {pin.name for pin in declared.inputs if pin.optional}
            wired = {name: value for name, value in inputs.items() if value is not None or name not in optional}
            missing = [name for name, value in wired.items() if value is None]
            if missing:
                raise NotWired(f"Its input {missing[0]} is not wired; connect something to it.")
            source = self.image_set[image] if image is not None else None
            if source is not None and declared.takes(Source):
                source = source.here()
            outputs = declared.call(wired, step.settings, self._injected(declared, place, source))
            if source is not None and declared.takes(Source):
                require_unchanged(source)
        except (Problem, Cancelled) as stop:
            raise (stop.at(node, image) if isinstance(stop, Problem) else stop) from None
        except MemoryError:
            raise Problem("There is not enough memory for this image; crop it.", node=node, image=image) from None
        except Exception as error:
            pass_on_ctrl_c(error)
            logging.getLogger(__name__).debug("node %s", node, exc_info=True)
            raise Problem(
                f"{step.type} failed unexpectedly ({type(error).__name__}: {error}); please report it.",
                node=node,
                image=image,
            ) from error
        return {name: _with_notes(value, inputs, gathered) for name, value in outputs.items()}

    def _input(
        self, place: Site, pin: Pin, held: Mapping[Site, Outputs], gathered: dict[str, PerImage[Any]]
    ) -> Value | PerImage[Any] | None:
        node, image = place
        if pin.name in gathered:
            return gathered[pin.name]
        wire = self._wire_into(node, pin)
        if wire is None:
            return None
        source, output = wire.source, wire.output
        if self._gathers(pin, source):
            names = tuple(self.image_set)
            gathered[pin.name] = PerImage(
                names, lambda name: self.value(source, output, name), self._undrawn(source, names)
            )
            return gathered[pin.name]
        outputs = held.get(self._place(source, image))
        return outputs[output] if outputs is not None else self.value(source, output, image)

    def _undrawn(self, node: str, images: Iterable[str]) -> list[str]:
        """The images of which a step says nothing, because nothing is drawn on them."""
        step = self.recipe.steps[node]
        drawn_on = step.declared.drawn_on if step.declared else None
        wired = [pin.name for pin in step.declared.inputs if self._wire_into(node, pin)] if step.declared else []
        if drawn_on is None or not drawn_on.nothing_undrawn(step.settings, wired):
            return []
        undrawn = []
        for image in images:
            with suppress(Problem):  # what cannot be read fails when it is asked for
                undrawn += [] if self.keys.drawn(node, image) else [image]
        return undrawn

    def _kept(self, place: Site, name: str, pin: str, function: Callable[..., Value], *settings: Any) -> Value:
        """What a function makes of the value at an input for an image (``EveryImage.kept``)."""
        wire = self.recipe.wire_into(place[0], pin)
        if wire is None:
            raise NotWired(f"Its input {pin} is not wired; connect something to it.")
        source = self._place(wire.source, name)
        key = self.keys.kept(source, wire.output, function, settings)

        def compute() -> Outputs:
            outputs = {"kept": function(self.value(wire.source, wire.output, name), *settings)}
            self.store.keep_for_later(key, outputs)
            return outputs

        return self.store.in_flight.share(key, lambda: self.store.find(key), compute, self.cancelled)["kept"]

    def _injected(self, declared: NodeType, place: Site, source: Source | None) -> dict[str, Any]:
        if not declared.injected:
            return {}
        node, image = place
        context = Context(
            report=lambda fraction, message: self.listener.progress(node, image, fraction, message),
            cancelled=self.cancelled,
            publish=lambda name, value: self.listener.published(node, name, value),
            models=self.models_folder or user_folder(),
            model_folders=self.store.models,
            in_view=lambda: self.listener.in_view(node, image),
        )
        offered: dict[type, Any] = {Context: context, Source: source, RunInfo: self.run}
        offered[Folder] = source.folder if source is not None else Folder()
        if image is not None and declared.takes(EveryImage):
            offered[EveryImage] = EveryImage(image, partial(self._kept, place))
        if image is not None and declared.takes(Marks):
            offered[Marks] = self.keys.drawn(node, image)
        return {name: offered.get(kind) for name, kind in declared.injected.items()}

    def _declared(self, node: str) -> NodeType:
        step = self.recipe.steps[node]
        if step.declared is None:
            raise Problem(step.unknown, node=node)
        return step.declared

    def _compare(self, place: Site, stored: Outputs, fresh: Outputs) -> None:
        for name, value in fresh.items():
            if packing.pack({name: value}) != packing.pack({name: stored[name]}):
                raise StaleHit(f"{place[0]}.{name} for {place[1]}: the stored result differs from a fresh one")


def _passed_through(declared: NodeType, inputs: Mapping[str, Any]) -> Outputs:
    """What a muted node gives: for each output, the first input that is of a type the output may have."""
    outputs = {}
    for pin in declared.outputs:
        fitting = [value for value in inputs.values() if isinstance(value, pin.kinds)]
        if not fitting:
            raise Problem(f"It cannot be muted: none of its inputs can stand in for {pin.name}.")
        outputs[pin.name] = fitting[0]
    return outputs


def _with_notes(value: Value, inputs: Mapping[str, Any], gathered: Mapping[str, PerImage[Any]]) -> Value:
    """Hand on the remarks of the inputs, and name the images that a gathering node had to do without."""
    notes = [note for item in inputs.values() if isinstance(item, Value) for note in item.notes]
    notes += value.notes
    for fields in gathered.values():
        notes += [Note("incomplete", reason) for reason in fields.reasons()]
    merged = tuple(dict.fromkeys(notes))
    return value if merged == value.notes else replace(value, notes=merged)
