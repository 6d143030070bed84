"""Work spread over processes of this machine, or over many machines through a dask scheduler. Host side only.

``Workers(jobs=1)`` runs in this process and needs nothing; more jobs, and ``backend="dask"``, go through joblib, which the
tools extra brings. Start the other machines with ``dask scheduler`` on one and ``dask worker ADDRESS`` on each; all need
the same version of this package.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack
from typing import Literal, TypeVar

from ertedge.errors import ConfigurationError

Backend = Literal["local", "dask"]
Task = TypeVar("Task")
Result = TypeVar("Result")

CONNECT_SECONDS = 10.0


class Workers(AbstractContextManager["Workers"]):
    """A context in which ``map`` runs. Leaving it closes the connection to the scheduler, not the scheduler.

    ``jobs`` is the number of local processes, -1 for one a core; a dask scheduler decides itself. Raises
    ``ConfigurationError`` for wrong arguments, a scheduler that does not answer, or where joblib is missing.
    """

    def __init__(
        self,
        jobs: int = 1,
        backend: Backend = "local",
        scheduler: str | None = None,
        connect_seconds: float = CONNECT_SECONDS,
    ) -> None:
        if (backend == "dask") != (scheduler is not None):
            raise ConfigurationError(["--backend dask and --scheduler ADDRESS go together"])
        if jobs == 0 or jobs < -1:
            raise ConfigurationError([f"--jobs must be positive, or -1 for one a core, got {jobs}"])
        self._jobs = jobs
        self._backend = backend
        self._scheduler = scheduler
        self._connect_seconds = connect_seconds
        self._open = ExitStack()

    def __enter__(self) -> Workers:
        if self._backend == "dask":
            self._connect()
        return self

    def __exit__(self, *_: object) -> None:
        self._open.close()

    def _connect(self) -> None:
        try:
            from distributed import Client
            from joblib import parallel_config
        except ImportError as error:
            raise ConfigurationError(["many machines need dask: pip install 'ertedge[tools]'"]) from error
        try:
            client = Client(self._scheduler, timeout=self._connect_seconds, set_as_default=False)
        except (OSError, ValueError) as error:
            raise ConfigurationError([f"no dask scheduler answers at {self._scheduler}: {error}"]) from error
        self._open.enter_context(client)
        self._open.enter_context(parallel_config(backend="dask", client=client))

    def map(self, function: Callable[[Task], Result], tasks: Sequence[Task]) -> Iterator[tuple[int, Result]]:
        """Each task's index and result, as they come. ``function`` and tasks must be picklable beyond one local job."""
        if self._backend == "local" and self._jobs == 1:
            for index, task in enumerate(tasks):
                yield index, function(task)
            return
        try:
            from joblib import Parallel, delayed
        except ImportError as error:
            raise ConfigurationError(["more than one job needs joblib: pip install 'ertedge[tools]'"]) from error
        jobs = None if self._backend == "dask" else self._jobs
        calls = (delayed(_indexed)(function, index, task) for index, task in enumerate(tasks))
        yield from Parallel(n_jobs=jobs, return_as="generator_unordered")(calls)


def _indexed(function: Callable[[Task], Result], index: int, task: Task) -> tuple[int, Result]:
    return index, function(task)
