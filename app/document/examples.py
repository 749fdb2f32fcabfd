"""The shipped recipes as examples to play with: a copy of each, with its traces and models, opened on its samples."""

import json
from functools import cache
from pathlib import Path

import platformdirs

from graingraph.app.document.origin import SAMPLES, installed_recipe
from graingraph.app.document.saving import copy_recipe
from graingraph.app.document.session import Session
from graingraph.engine.images.files import find_images
from graingraph.engine.recipe import file as recipe_file

EXAMPLES = {
    "Nodules": ("nodules", "nodules"),
    "Nodularity": ("nodularity", "nodules"),
    "Phase fraction": ("phase_fraction", "two_phases"),
    "Second-phase particles": ("second_phase", "carbides"),
    "Layer thickness": ("layer_thickness", "coating"),
    "Layer thickness between drawn lines": ("layer_by_lines", "oxide"),
    "Thickness by hand": ("by_hand", "coating"),
    "Porosity": ("porosity", "pores"),
    "Precipitates, closely packed": ("precipitates", "precipitates"),
    "Particle size": ("particle_size", "particles"),
    "Banding": ("banding", "bands"),
    "Orientation": ("orientation", "needles"),
    "Hardness": ("hardness", "indents"),
    "Inclusions": ("inclusions", "stringers"),
    "Decarburisation": ("decarburisation", "decarburised"),
    "Pearlite spacing": ("pearlite_spacing", "pearlite"),
    "Dendrite arm spacing": ("arm_spacing", "dendrites"),
    "Particles in space": ("particles_in_space", "carbides"),
    "Mixed grain sizes": ("mixed_grain_sizes", "duplex"),
    "Largest grain": ("largest_grain", "duplex"),
    "Elongated grains, three planes": ("elongated_grains", "rolled"),
    "Grain size of etched steel": ("etched_steel_grain_size", "etched"),
    "Grain size from a mask": ("grain_size_from_mask", "etched/truth/boundaries"),
    "Grains, without any tracing": ("grains_untaught", "etched"),
    "Grains, by correcting": ("grains_by_correcting", "brass"),
    "Twinned brass, learnt": ("twinned_brass", "brass"),
    "Twinned brass, why thresholds fail": ("twinned_brass_classical", "brass"),
    "Melt pools, learnt": ("melt_pools", "melt_pools"),
    "Melt pools, traced by hand": ("melt_pool_overlap", "melt_pools"),
    "Melt pools, help with tracing": ("melt_pool_annotation", "melt_pools"),
    "Colony and basketweave": ("colony_basketweave", "titanium"),
    "Phases, learnt while you paint": ("paint_phases", "titanium"),
}
"""Of each example: its recipe in ``graphs`` and the folder of its samples in ``assets``."""


def examples_with(node_type: str) -> dict[str, str]:
    """The examples in whose recipes there is a node of this type: title and name of the recipe."""
    return {title: name for title, (name, _) in EXAMPLES.items() if node_type in _types_in(name)}


@cache
def _types_in(name: str) -> frozenset[str]:
    nodes = json.loads(installed_recipe(name).read_bytes())["nodes"]
    return frozenset(node["type"] for node in nodes.values())


def examples_folder() -> Path:
    """Where this user's copies are kept."""
    return platformdirs.user_documents_path() / "Graingraph examples"


def open_example(session: Session, title: str, folder: Path) -> None:
    """Open the copy of an example in ``folder``, made the first time, on its samples.

    Samples of another example leave the tray; where there are images of the person's own, they stay instead.
    ``Problem`` if the copy cannot be written.
    """
    name, kind = EXAMPLES[title]
    copy = folder / f"{name}{recipe_file.SUFFIX}"
    session.open(copy if copy.exists() else copy_recipe(installed_recipe(name), folder))
    session.remove_images(path for path in session.images if path.is_relative_to(SAMPLES))
    if not session.images:
        session.add_images(find_images([str(SAMPLES / kind)]))
