"""``graingraph sensitivity``: what moves the number."""

from collections.abc import Iterable
from pathlib import Path

import orjson
import typer

from graingraph.app.cli.answers import require_new, teller


def show_sensitivity(
    recipe_path: Path, images: list[str], out: Path, sets: Iterable[str], overwrite: bool, as_json: bool
) -> int:
    """Move every exposed setting, write the bars, and warn of those that move a result beyond its interval."""
    from graingraph.app.cli.recipes import open_recipe
    from graingraph.app.services.disturbances import DISTURBANCES
    from graingraph.engine.batch.sensitivity import sensitivity
    from graingraph.engine.evaluation import workspace
    from graingraph.engine.evaluation.store import Store
    from graingraph.engine.files import write_atomically
    from graingraph.engine.images.files import find_images
    from graingraph.engine.images.image_set import ImageSet
    from graingraph.engine.recipe.check import require_sound
    from graingraph.nodes.reporting.sensitivity_pdf import Bar, Influence, build_sensitivity

    require_new(out, overwrite=overwrite)
    recipe, models = open_recipe(recipe_path, sets)
    require_sound(recipe, models)
    store = Store(marks=workspace.open_marks(recipe_path), models=models)
    image_set = ImageSet.of_files(find_images(images))
    found = sensitivity(recipe, image_set, store, teller(quiet=as_json), disturbances=DISTURBANCES)
    results = {one.result.quantity: one.result for one in found.moved}
    influences = []
    for quantity, result in results.items():
        moved = [one for one in found.moved if one.result.quantity == quantity]
        moved.sort(key=lambda one: -max((abs(s) for s in one.shifts if s == s), default=0.0))
        bars = [Bar(one.label, one.low, one.high, one.shifts, one.beyond) for one in moved]
        influences.append(Influence(quantity, result.unit, result.value, result.half_width, bars))
    remarks = [
        "Every exposed number a tenth lower and higher, the images blurred by a pixel and with a tenth less and "
    ]
    remarks[0] += f"more contrast, on {found.images} of {found.of} images; grey is ± the 95 % interval of the result."
    if found.left_out:
        remarks.append(f"Not tried, for want of time: {', '.join(found.left_out)}.")
    write_atomically(out, build_sensitivity(recipe.name or recipe_path.name, influences, [*remarks, *found.beyond]))
    if as_json:
        rows = [
            {"setting": bar.label, "low": bar.low, "high": bar.high, "quantity": one.quantity, "unit": one.unit}
            | {"value": one.value, "shifts": list(bar.shifts), "beyond": bar.beyond}
            for one in influences
            for bar in one.bars
        ]
        typer.echo(orjson.dumps({"rows": rows, "left out": found.left_out, "warnings": found.beyond}).decode())
        return 0
    for sentence in (*found.beyond, *remarks[1:]):
        typer.echo(sentence, err=True)
    typer.echo(f"{len(found.moved)} bars are in {out}.")
    return 0
