"""How a batch is spread over the cores of this machine."""

from graingraph.engine import cpu
from graingraph.engine.batch.workers import Workers

ENOUGH_FOR_PROCESSES = 8
"""Below this many images, starting worker processes costs more than it saves."""


def workers_for(images: int, wanted: int) -> Workers | None:
    """The processes for so many images, which begin to import at once; None to work in this process.

    ``wanted`` is how many the person asked for: 0 leaves it to the program, 1 is this process.
    """
    count = wanted or (cpu.available() if images >= ENOUGH_FOR_PROCESSES else 1)
    return Workers(count, ("graingraph.app.services.worker_imports",)) if min(count, images) > 1 else None
