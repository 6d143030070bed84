"""Trainings on local processes and on a dask cluster give what one process gives; and the peers that are packages."""

from collections.abc import Iterator, Mapping

import pytest

from ertedge.errors import ConfigurationError
from tools.dandelion.curves import Curve
from tools.dandelion.functions import make_problem
from tools.dandelion.halving import Rungs
from tools.dandelion.minimise import minimise
from tools.dandelion.parallel import Workers
from tools.dandelion.peers import PEERS
from tools.dandelion.space import Integer, Real, Space, Value
from tools.dandelion.stopping import LADDER, TUNERS, true_loss

pytestmark = pytest.mark.tools

SPACE = Space({"x": Real(-4.0, 4.0), "n": Integer(0, 5)})
RUNGS = Rungs((1, 3), 0.5)


def training(parameters: Mapping[str, Value], epochs: int) -> float:
    return (float(parameters["x"]) - 1.0) ** 2 + abs(float(parameters["n"]) - 3.0) + 1.0 / epochs


@pytest.fixture
def scheduler() -> Iterator[str]:
    """The address of a scheduler with two workers on the loopback, closed afterwards."""
    from distributed import LocalCluster

    with LocalCluster(
        n_workers=2, threads_per_worker=1, processes=False, dashboard_address=None, host="127.0.0.1", protocol="tcp"
    ) as cluster:
        cluster.wait_for_workers(2, timeout=30)
        yield cluster.scheduler_address


def test_local_processes_change_nothing() -> None:
    alone = minimise(training, SPACE, 60, RUNGS, seed=1)
    with Workers(2) as workers:
        assert minimise(training, SPACE, 60, RUNGS, seed=1, workers=workers) == alone


def test_two_workers_of_a_cluster_change_nothing(scheduler: str) -> None:
    alone = minimise(training, SPACE, 60, RUNGS, seed=1)
    with Workers(backend="dask", scheduler=scheduler) as workers:
        assert minimise(training, SPACE, 60, RUNGS, seed=1, workers=workers) == alone
        assert sorted(workers.map(abs, [-3, 2, -1])) == [(0, 3), (1, 2), (2, 1)]


def test_a_scheduler_that_does_not_answer_is_named() -> None:
    with (
        pytest.raises(ConfigurationError, match="no dask scheduler answers at tcp://127"),
        Workers(backend="dask", scheduler="tcp://127.0.0.1:1", connect_seconds=0.5),
    ):
        pass


@pytest.mark.parametrize("name", ["cma_es", "tpe"])
def test_packaged_peers_are_repeatable_and_better_than_chance(name: str) -> None:
    problem = make_problem("sphere", 5, 1)
    first = PEERS[name](problem, 80, 4)
    assert first == PEERS[name](problem, 80, 4)
    assert first < PEERS["random_search"](problem, 80, 4)


@pytest.mark.parametrize("name", ["TPE", "TPE with halving"])
def test_the_packaged_tuner_hands_over_fully_trained_parameters(name: str) -> None:
    curve = Curve.drawn(1)
    found = TUNERS[name](curve, 20 * LADDER.resources[-1], 1)
    assert true_loss(found, curve) < 2.0
