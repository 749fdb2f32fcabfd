"""``graingraph annotate``: annotations of other programs become the marks of a Trace node, and the other way round."""

from pathlib import Path
from typing import TYPE_CHECKING

import typer

from graingraph.app.cli.recipes import choose_node, open_recipe
from graingraph.app.document.annotation_reading import reading_for
from graingraph.app.document.annotations import export_annotations, read_annotations
from graingraph.app.document.origin import require_own
from graingraph.app.document.roles import is_traced, traced_layers, tracing_nodes
from graingraph.engine.evaluation import workspace
from graingraph.engine.images.files import find_images
from graingraph.engine.images.image_set import ImageSet
from graingraph.engine.marks.drawing import Drawing
from graingraph.engine.marks.store import MarkStore
from graingraph.engine.problem import Problem
from graingraph.engine.recipe.parts import Wire
from graingraph.engine.recipe.recipe import Recipe
from graingraph.engine.values.wording import counted

if TYPE_CHECKING:
    from graingraph.nodes.formats.annotations import Reading


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
        count = export_annotations(recipe, node, image_set, store, annotations, file_format)
        typer.echo(f"Wrote the marks of {counted(count, 'image')} into {annotations}.")
    else:
        raise Problem(f"annotate can import, export or merge, not '{action}'.")


def _trace_node(recipe: Recipe, node: str | None) -> str:
    found = [name for name in recipe.order if is_traced(recipe.steps[name])]
    return choose_node(tracing_nodes(), found, node)


def _import(
    recipe: Recipe, node: str, image_set: ImageSet, store: MarkStore, folder: Path, reading: "Reading", replace: bool
) -> None:
    matched = read_annotations(recipe, node, image_set, folder, reading)
    drawn = [source.name for source, _ in matched if store.load(source.drawn_as, node)]
    if drawn and not replace:
        raise Problem(f"{drawn[0]} is already traced; import in place of what was drawn with --replace.")
    known = {layer.name for layer in traced_layers(recipe.steps[node])}
    for source, annotation in matched:
        if replace:
            store.replace(source.drawn_as, node, Drawing())
        store.add_all(source.drawn_as, node, [mark for mark in annotation.marks if mark.layer in known])
    marks = sum(len(store.load(source.drawn_as, node).marks) for source, _ in matched)
    for remark in dict.fromkeys(remark for _, annotation in matched for remark in annotation.remarks):
        typer.echo(remark)
    typer.echo(f"Imported {counted(marks, 'mark')} on {len(matched)} of {len(image_set)} images into {node}.")
