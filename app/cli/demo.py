"""``graingraph demo``: the main job on shipped samples, from pictures to a printable report."""

from pathlib import Path

import typer

from graingraph.app.cli.run import run_recipe
from graingraph.app.document.origin import SAMPLES, installed_recipe


def run_demo(out: Path) -> int:
    """Measure the shipped twinned brass with the shipped model into ``out``; returns the exit code."""
    recipe, images = installed_recipe("twinned_brass"), SAMPLES / "brass"
    code = run_recipe(recipe, [str(images)], out)
    typer.echo(f"Look at {out / 'report.pdf'} and at the outlined grains in {out / 'overlays'}.")
    typer.echo(f"Open the same recipe in the window with: graingraph {recipe} {images}")
    return code
