"""What a batch is spread over is asked for as the person said."""

import sys
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

from graingraph.app.services.batch_workers import cluster_at, slurm_cluster, workers_for
from graingraph.engine.problem import Problem


class Queue:
    """Stands for ``dask_jobqueue.SLURMCluster``: notes what it is asked for."""

    asked: list[Any] = []  # noqa: RUF012
    scheduler_address = "tcp://10.0.0.1:1234"

    def __init__(self, **options: Any) -> None:
        if self.asked == ["no queue"]:
            raise ValueError("sbatch: command not found")
        self.asked.append(options)

    def scale(self, jobs: int) -> None:
        self.asked.append(jobs)

    def __enter__(self) -> "Queue":
        return self

    def __exit__(self, *error: object) -> None:
        self.asked.append("closed")


@pytest.fixture
def queue(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    module = ModuleType("dask_jobqueue")
    module.SLURMCluster = Queue
    monkeypatch.setitem(sys.modules, "dask_jobqueue", module)
    dask = ModuleType("dask")
    dask.config = SimpleNamespace(get=lambda name, default: {"jobqueue.slurm.memory": "16GB"}.get(name, default))
    monkeypatch.setitem(sys.modules, "dask", dask)
    monkeypatch.setattr(Queue, "asked", [])
    return Queue.asked


def test_a_slurm_queue_gets_jobs_of_one_core_and_is_left_in_the_end(queue: list[Any]):
    with slurm_cluster(5) as cluster:
        assert cluster.address == "tcp://10.0.0.1:1234"
    assert queue == [{"cores": 1, "processes": 1, "memory": "16GB"}, 5, "closed"]


def test_a_queue_that_takes_no_jobs_is_said_in_a_sentence(queue: list[Any]):
    queue.append("no queue")
    with pytest.raises(Problem, match=r"Slurm takes no jobs \(sbatch"), slurm_cluster(5):
        pass


def test_few_images_stay_in_this_process():
    assert workers_for(1, 0) is None
    assert workers_for(3, 0) is None
    assert workers_for(100, 1) is None
    assert cluster_at("tcp://10.0.0.5:8786").address == "tcp://10.0.0.5:8786"


def test_an_image_is_kept_apart_from_the_window_even_where_one_process_is_enough() -> None:
    for images, wanted in ((1, 0), (2, 1)):
        workers = workers_for(images, wanted, apart=True)
        assert workers
        assert workers.count == 1
    assert workers_for(0, 1, apart=True) is None
