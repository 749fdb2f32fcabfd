"""``graingraph demo``: the main job on shipped samples, from pictures to printable reports."""

from pathlib import Path

import typer

from graingraph.app.cli.answers import as_typed
from graingraph.app.cli.run import run_recipe
from graingraph.app.document.origin import SAMPLES, installed_recipe


def run_demo(out: Path) -> int:
    """Measure shipped twinned brass with the shipped model into ``out``, particles in a folder of it; the exit code.

    Four fields of brass are too few to be reported, and its report says so; the five of the particles are enough.
    """
    recipe, images, enough = installed_recipe("twinned_brass"), SAMPLES / "brass", out / "particles"
    code = run_recipe(recipe, [str(images)], out)
    code = max(code, run_recipe(installed_recipe("particle_size"), [str(SAMPLES / "particles")], enough))
    typer.echo(f"Look at {out / 'report.pdf'} and at the outlined grains in {out / 'overlays'}.")
    typer.echo(f"Four fields are too few to be reported; {enough / 'report.pdf'} is a report of five, of particles.")
    typer.echo(f"Open the same recipe in the window with: graingraph {as_typed(recipe)} {as_typed(images)}")
    return code
