"""What nearly every recipe needs, imported at once: before worker processes are forked, or before the first image.

Nothing that is imported is ever garbage, so the collector rests meanwhile (a sixth of the time), and then leaves it
alone, which also lets forked processes share it. Numba would import ``scipy.linalg`` only to learn whether it is there
(a fifth of the time), so it is hidden meanwhile; a kernel that multiplies matrices imports it when it is compiled.
"""

import gc
import sys
from importlib import import_module

NEEDED = (
    "pyarrow.csv",
    "graingraph.engine.batch.image_job",
    "graingraph.engine.recipe.file",
    "graingraph.nodes",
    "graingraph.nodes.measure.feature_table",
    "graingraph.nodes.imaging.features.regions",
    "graingraph.nodes.imaging.features.watershed",
    "graingraph.nodes.imaging.picture.overlay",
)

gc.disable()
sys.modules.setdefault("scipy.linalg", None)  # type: ignore[arg-type]
for _name in NEEDED:
    import_module(_name)
if sys.modules["scipy.linalg"] is None:
    del sys.modules["scipy.linalg"]
gc.freeze()
gc.enable()
