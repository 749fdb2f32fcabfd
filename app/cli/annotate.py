"""``graingraph annotate``: annotations of other programs become the marks of a Trace node, and the other way round."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import orjson
import typer

from graingraph.app.cli.recipes import choose_node, open_recipe
from graingraph.app.document.annotation_reading import check_whose, reading_for
from graingraph.app.document.origin import require_own
from graingraph.app.document.roles import is_traced, rest_of, traced_layers, tracing_nodes
from graingraph.engine.declare.injected import Marks, Source
from graingraph.engine.evaluation import workspace
from graingraph.engine.images.files import find_images
from graingraph.engine.images.image_set import ImageSet
from graingraph.engine.marks.drawing import AREA_TOOLS, Drawing
from graingraph.engine.marks.store import MarkStore
from graingraph.engine.problem import Problem
from graingraph.engine.recipe.parts import Wire
from graingraph.engine.recipe.recipe import Recipe
from graingraph.engine.values import UNLABELLED, ClassMap

if TYPE_CHECKING:
    from graingraph.nodes.formats.annotations import Annotation, Reading

FORMATS = ("coco", "labelme", "geojson", "imagej", "classes")


def annotate_images(
    action: str,
    path: Path,
    images: list[str],
    annotations: Path,
    node: str | None,
    instances: str,
    file_format: str,
    replace: bool,
) -> None:
    """Import into, or export from, what was drawn for these images in one Trace node. Raises ``Problem``."""
    if action == "import":
        require_own(path)
    recipe = open_recipe(path).recipe
    node = _trace_node(recipe, node)
    image_set = ImageSet.of_files(find_images(images))
    store = workspace.open_marks(path)
    if action == "import":
        reading = reading_for(recipe, Wire(node, "", "", ""), instances)
        _import(recipe, node, image_set, store, annotations, reading, replace)
    elif action == "export":
        _export(recipe, node, image_set, store, annotations, file_format)
    else:
        raise Problem(f"annotate can import, export or merge, not '{action}'.")


def _trace_node(recipe: Recipe, node: str | None) -> str:
    found = [name for name in recipe.order if is_traced(recipe.steps[name])]
    return choose_node(tracing_nodes(), found, node)


def _sources(image_set: ImageSet) -> Iterator[tuple[Path, Source]]:
    return ((source.path, source) for source in image_set.values() if source.path)


def _import(
    recipe: Recipe, node: str, image_set: ImageSet, store: MarkStore, folder: Path, reading: "Reading", replace: bool
) -> None:
    from graingraph.nodes.formats.annotations import marks_for

    found = marks_for(folder, [path for path, _ in _sources(image_set)], reading=reading)
    check_whose(found, [path for path, _ in _sources(image_set)])
    matched = [(source, found[path.name]) for path, source in _sources(image_set) if path.name in found]
    if not matched:
        raise Problem(f"Nothing in {folder} has the name of an image; name each annotation like its image.")
    step = recipe.steps[node]
    known = {layer.name for layer in traced_layers(step)}
    rest = {rest_of(step)} - known
    unknown = {layer for _, annotation in matched for layer in annotation.layers} - known - rest
    if unknown:
        raise Problem(
            f"The annotations have a class '{min(unknown)}' and the node {node} has not; add it to its classes.",
            node=node,
        )
    drawn = [source.name for source, _ in matched if store.load(source.drawn_as, node)]
    if drawn and not replace:
        raise Problem(f"{drawn[0]} is already traced; import in place of what was drawn with --replace.")
    for source, annotation in matched:
        if replace:
            store.replace(source.drawn_as, node, Drawing())
        store.add_all(source.drawn_as, node, [mark for mark in annotation.marks if mark.layer in known])
    marks = sum(len(store.load(source.drawn_as, node).marks) for source, _ in matched)
    for remark in dict.fromkeys(remark for _, annotation in matched for remark in annotation.remarks):
        typer.echo(remark)
    typer.echo(f"Imported {marks} marks on {len(matched)} of {len(image_set)} images into {node}.")


def _export(recipe: Recipe, node: str, image_set: ImageSet, store: MarkStore, out: Path, file_format: str) -> None:
    if file_format not in FORMATS:
        raise Problem(f"Annotations are written as {', '.join(FORMATS)}, not '{file_format}'.")
    layers = {layer.name: layer.width for layer in traced_layers(recipe.steps[node])}
    traced = [(path, store.load(source.drawn_as, node)) for path, source in _sources(image_set)]
    drawn = [_drawn(path, marks, layers) for path, marks in traced if marks]
    if not drawn:
        raise Problem(f"None of these images is traced in {node}; there is nothing to export.")
    try:
        out.mkdir(parents=True, exist_ok=True)
        _write(drawn, out, file_format, list(layers))
    except OSError as error:
        raise Problem(f"The annotations cannot be written to {out} ({error.strerror}); name another folder.") from error
    typer.echo(f"Wrote the marks of {len(drawn)} images into {out}.")


def _drawn(path: Path, marks: Marks, layers: Mapping[str, float]) -> "Annotation":
    """Areas as they were drawn; where something was erased, filled or drawn as a line, what that adds up to."""
    from graingraph.nodes.formats.annotations import Annotation, from_class_map, palette
    from graingraph.nodes.imaging.marks.paint import paint
    from graingraph.nodes.reading.read_image import read_header

    header = read_header(path)
    shape = (header.height, header.width)
    if all(mark.tool in AREA_TOOLS for mark in marks.marks):
        return Annotation(path.name, shape, marks.marks)
    pixels = np.full(shape, UNLABELLED, np.uint8)
    paint(pixels, marks.marks, {name: (i, width) for i, (name, width) in enumerate(layers.items())})
    return from_class_map(ClassMap(pixels, classes=palette(layers)), path.name)


def _write(drawn: "list[Annotation]", out: Path, file_format: str, layers: list[str]) -> None:
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
            write_geojson(annotation, out / f"{stem}.geojson")
        elif file_format == "imagej":
            write_imagej(annotation, out / f"{stem}_RoiSet.zip")
        else:
            table = write_label_image(class_map(annotation, palette(layers)), out / f"{stem}_classes.png")
            (out / "classes.json").write_bytes(orjson.dumps(table))
