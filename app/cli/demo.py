"""``graingraph demo``: the main job on shipped samples, from pictures to a printable report."""

from pathlib import Path

import typer

from graingraph import assets, graphs
from graingraph.app.cli.run import run_recipe

RECIPE = Path(graphs.__path__[0]) / "twinned_brass.graingraph.json"
IMAGES = Path(assets.__path__[0]) / "brass"


def run_demo(out: Path) -> int:
    """Measure the shipped twinned brass with the shipped model into ``out``; returns the exit code."""
    code = run_recipe(RECIPE, [str(IMAGES)], out)
    typer.echo(f"Look at {out / 'report.pdf'} and at the outlined grains in {out / 'overlays'}.")
    typer.echo(f"Open the same recipe in the window with: graingraph {RECIPE} {IMAGES}")
    return code
