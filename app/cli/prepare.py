"""``graingraph prepare``: compile what measures once, so that the first run need not wait for it."""

import contextlib
import io
import tempfile
from pathlib import Path

import typer

from graingraph.app.cli.run import run_recipe
from graingraph.app.document.origin import SAMPLES, installed_recipe
from graingraph.nodes.imaging import kernel_cache

RUNS = (("nodules", "nodules"), ("etched_steel_grain_size", "etched"), ("melt_pool_overlap", "melt_pools"))
"""Recipes that ship, and their samples: between them they use the kernels that most recipes do."""


def prepare_machine() -> None:
    """Run shipped recipes on their samples into a folder that goes again; the compiled kernels stay."""
    if kernel_cache.is_empty():
        typer.echo("Compiling for this machine; this takes some ten seconds.")
    for recipe, samples in RUNS:
        image = sorted(path for path in (SAMPLES / samples).iterdir() if path.suffix in (".tif", ".png"))[0]
        with tempfile.TemporaryDirectory() as folder, contextlib.redirect_stdout(io.StringIO()):
            run_recipe(installed_recipe(recipe), [str(image)], Path(folder) / "out", workers=1)
    typer.echo("Ready.")
