"""What a batch is spread over: the cores of this machine, or a cluster."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from graingraph.engine import cpu
from graingraph.engine.batch.workers import Workers
from graingraph.engine.problem import Problem

if TYPE_CHECKING:
    from graingraph.engine.batch.cluster import Cluster

ENOUGH_FOR_PROCESSES = 8
"""Below this many images, starting worker processes costs more than it saves."""
PRELOAD = ("graingraph.app.services.worker_imports",)
QUEUE_S = 24 * 3600.0
"""How long (s) is waited until a queue starts the first job."""


def workers_for(images: int, wanted: int, *, apart: bool = False) -> Workers | None:
    """The processes for so many images, which begin to import at once; None to work in this process.

    ``wanted`` is how many the person asked for: 0 leaves it to the program, 1 is this process. With ``apart`` it is
    another one in any case, which an image may take with it; to start it takes a second.
    """
    count = wanted or (cpu.available() if images >= ENOUGH_FOR_PROCESSES else 1)
    return Workers(count, PRELOAD) if min(count, images) > (0 if apart else 1) else None


def cluster_at(address: str) -> "Cluster":
    """The workers of the Dask scheduler at an address."""
    from graingraph.engine.batch.cluster import Cluster

    return Cluster(address, PRELOAD)


@contextmanager
def slurm_cluster(jobs: int) -> "Iterator[Cluster]":
    """So many Slurm jobs of one core, as the site's ``jobqueue.yaml`` configures them; they end with the block."""
    try:
        import dask
        from dask_jobqueue import SLURMCluster
    except ImportError as error:
        raise Problem(
            f"Slurm needs the package {error.name}; install it with: pip install 'graingraph[slurm]'"
        ) from None
    from graingraph.engine.batch.cluster import Cluster

    memory = dask.config.get("jobqueue.slurm.memory", None) or "8GB"
    try:
        cluster = SLURMCluster(cores=1, processes=1, memory=memory)
    except Exception as error:  # whatever the queue or its configuration says
        raise Problem(f"Slurm takes no jobs ({error!s:.200}); check jobqueue.yaml and try sbatch by hand.") from None
    with cluster:
        cluster.scale(jobs=jobs)
        yield Cluster(cluster.scheduler_address, PRELOAD, patience=QUEUE_S)
