"""Annotations of other programs read for the images of a recipe, and what was traced written for other programs."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import orjson

from graingraph.app.document.annotation_reading import check_whose
from graingraph.app.document.mark_edits import Redraw
from graingraph.app.document.names import title_in
from graingraph.app.document.roles import rest_of, traced_layers
from graingraph.engine.declare.injected import Marks, Source
from graingraph.engine.images.image_set import ImageSet
from graingraph.engine.marks.drawing import AREA_TOOLS, Drawing, checked
from graingraph.engine.marks.store import MarkStore, new_mark_id
from graingraph.engine.problem import Problem
from graingraph.engine.recipe.recipe import Recipe
from graingraph.engine.values import UNLABELLED, ClassMap, PerImage

if TYPE_CHECKING:
    from graingraph.nodes.formats.annotations import Annotation, Reading

FORMATS = ("coco", "labelme", "geojson", "imagej", "classes")


def read_annotations(
    recipe: Recipe, node: str, image_set: ImageSet, folder: Path, reading: "Reading"
) -> "list[tuple[Source, Annotation]]":
    """The annotations in a folder that are named like images, with their images; ``node`` is the traced one.

    ``Problem`` where there is none, or one has a class that the node has not.
    """
    from graingraph.nodes.formats.annotations import marks_for

    paths = [path for path, _ in _sources(image_set)]
    found = marks_for(folder, paths, reading=reading)
    check_whose(found, paths)
    matched = [(source, found[path.name]) for path, source in _sources(image_set) if path.name in found]
    if not matched:
        raise Problem(f"Nothing in {folder} has the name of an image; name each annotation like its image.")
    step = recipe.steps[node]
    known = {layer.name for layer in traced_layers(step)}
    rest = {rest_of(step)} - known
    unknown = {layer for _, annotation in matched for layer in annotation.layers} - known - rest
    if unknown:
        where = title_in(recipe, node)
        if min(unknown).startswith("#"):
            raise Problem(
                f"The annotations are painted in {', '.join(sorted(unknown)[:5])}, and nothing says what classes these"
                f' are; write it into a file classes.json beside them, such as {{"{max(unknown)}": "{min(known)}"}}.',
                node=node,
            )
        raise Problem(
            f"The annotations have a class '{min(unknown)}' and {where} has not; add it to its classes.", node=node
        )
    return matched


def traced_by(image_set: ImageSet, annotations: Path, reading: "Reading") -> PerImage[ClassMap]:
    """The annotation of each image of the tray that has one, as class maps."""
    from graingraph.nodes.formats.annotations import annotations_for

    by_path = {source.path: name for name, source in image_set.items() if source.path}
    found = annotations_for(annotations, list(by_path), reading=reading)
    check_whose(found, by_path)
    maps = {name: found[path.name] for path, name in by_path.items() if path.name in found}
    if not maps:
        raise Problem(f"Nothing in {annotations} has the name of an image; name each annotation like its image.")

    def annotation(name: str) -> ClassMap:
        if name not in maps:
            raise Problem("It has no annotation.", image=name)
        return maps[name]

    return PerImage(tuple(image_set), annotation)


def import_edit(recipe: Recipe, node: str, store: MarkStore, matched: "Sequence[tuple[Source, Annotation]]") -> Redraw:
    """The edit that draws annotations for a traced node, beside what is drawn already. ``Problem`` for too many."""
    known = {layer.name for layer in traced_layers(recipe.steps[node])}
    before, after = {}, {}
    for source, annotation in matched:
        place = (source.drawn_as, node)
        before[place] = store.drawing(*place).copy()
        after[place] = _with_marks(before[place], annotation, known)
    return Redraw(before, after, "Import annotations")


def _with_marks(drawing: Drawing, annotation: "Annotation", known: set[str]) -> Drawing:
    result = drawing.copy()
    try:
        for mark in (mark for mark in annotation.marks if mark.layer in known):
            one = checked(replace(mark, id=new_mark_id()))
            result.check_room(one)
            result.add(one)
    except ValueError as error:
        raise Problem(f"These annotations cannot be kept: {error}.") from None
    return result


def export_annotations(
    recipe: Recipe, node: str, image_set: ImageSet, store: MarkStore, out: Path, file_format: str
) -> int:
    """Write what was traced in a node into a folder, in one of ``FORMATS``; returns of how many images.

    ``Problem`` where nothing is traced, or the folder cannot be written.
    """
    if file_format not in FORMATS:
        raise Problem(f"Annotations are written as {', '.join(FORMATS)}, not '{file_format}'.")
    layers = {layer.name: layer.width for layer in traced_layers(recipe.steps[node])}
    traced = [(path, store.load(source.drawn_as, node)) for path, source in _sources(image_set)]
    drawn = [_drawn(path, marks, layers) for path, marks in traced if marks]
    if not drawn:
        raise Problem(f"None of these images is traced in {title_in(recipe, node)}; there is nothing to export.")
    try:
        out.mkdir(parents=True, exist_ok=True)
        _write(drawn, out, file_format, {layer.name: layer.color for layer in traced_layers(recipe.steps[node])})
    except OSError as error:
        raise Problem(f"The annotations cannot be written to {out} ({error.strerror}); name another folder.") from error
    return len(drawn)


def _sources(image_set: ImageSet) -> Iterator[tuple[Path, Source]]:
    return ((source.path, source) for source in image_set.values() if source.path)


def _drawn(path: Path, marks: Marks, layers: Mapping[str, float]) -> "Annotation":
    """Areas as they were drawn; where something was erased, filled or drawn as a line, what that adds up to."""
    from graingraph.nodes.formats.annotations import Annotation, from_class_map, palette
    from graingraph.nodes.imaging.marks.paint import paint
    from graingraph.nodes.reading.read_image import read_header

    header = read_header(path)
    shape = (header.height, header.width)
    drawn = tuple(mark for mark in marks.marks if mark.tool != "complete")
    if all(mark.tool in AREA_TOOLS for mark in drawn):
        return Annotation(path.name, shape, drawn)
    pixels = np.full(shape, UNLABELLED, np.uint8)
    paint(pixels, marks.marks, {name: (i, width) for i, (name, width) in enumerate(layers.items())})
    return from_class_map(ClassMap(pixels, classes=palette(layers)), path.name)


def _write(drawn: "list[Annotation]", out: Path, file_format: str, colors: Mapping[str, str]) -> None:
    """Write into a folder; ``colors`` are those of the layers, by name."""
    from graingraph.nodes.formats.annotations import (
        class_map,
        palette,
        write_coco,
        write_geojson,
        write_imagej,
        write_label_image,
        write_labelme,
    )

    if file_format == "coco":
        write_coco(drawn, out / "annotations.json")
    for annotation in drawn if file_format != "coco" else []:
        stem = Path(annotation.name).stem
        if file_format == "labelme":
            write_labelme(annotation, out / f"{stem}.json")
        elif file_format == "geojson":
            write_geojson(annotation, out / f"{stem}.geojson", colors)
        elif file_format == "imagej":
            write_imagej(annotation, out / f"{stem}_RoiSet.zip")
        else:
            table = write_label_image(class_map(annotation, palette(colors)), out / f"{stem}_classes.png")
            (out / "classes.json").write_bytes(orjson.dumps(table))
