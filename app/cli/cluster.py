"""``graingraph cluster``: a scheduler and workers on this machine, until Ctrl-C."""

import logging
import signal
from threading import Event

import typer

from graingraph.engine import cpu
from graingraph.engine.problem import Problem


def serve_cluster(workers: int, port: int, host: str) -> None:
    """Start them, say where they are, and wait. ``Problem`` where the port is taken."""
    try:
        import dask
        from distributed import LocalCluster
    except ImportError as error:
        raise Problem(
            f"A cluster needs the package {error.name}; install it with: pip install 'graingraph[cluster]'"
        ) from None
    logging.getLogger("distributed").setLevel(logging.ERROR)
    ended = Event()
    for one in (signal.SIGINT, signal.SIGTERM):
        signal.signal(one, lambda *_: ended.set())
    dask.config.set({"distributed.worker.profile.enabled": False})  # nobody looks at it, and it costs each image time
    try:
        cluster = LocalCluster(
            n_workers=workers or cpu.available(),
            threads_per_worker=1,
            host=host,
            scheduler_port=port,
            dashboard_address="127.0.0.1:0",
        )
    except (OSError, RuntimeError) as error:
        raise Problem(f"No scheduler can listen at {host}:{port} ({error!s:.200}); choose another --port.") from None
    with cluster:
        typer.echo(f"Ready with {len(cluster.workers)} workers; run with --scheduler {cluster.scheduler_address}")
        while not ended.wait(1.0):
            pass
