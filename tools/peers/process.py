"""A measured program as a process: started on one core, asked for a few items at a time, its memory read before it ends.

Whatever goes wrong with it (it does not start, dies, hangs, answers something else than the protocol of ``subjects``) is a
``PeerError`` that says what in one line, so that its row can and the others go on. Linux alone, since memory is read from
``/proc``. Host side only.
"""

from __future__ import annotations

import json
import os
import select
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from ertedge.errors import ErtedgeError

ONE_THREAD = {
    **{f"{library}_NUM_THREADS": "1" for library in ("OMP", "OPENBLAS", "MKL", "NUMBA")},
    "TF_NUM_INTRAOP_THREADS": "1",
    "TF_NUM_INTEROP_THREADS": "1",
}
QUIET = {"TF_CPP_MIN_LOG_LEVEL": "3", "GLOG_minloglevel": "2", "PYTHONWARNINGS": "ignore", "CUDA_VISIBLE_DEVICES": ""}
LOADING_SECONDS = 180.0
"""TensorFlow alone takes ten on a busy machine."""
ANSWER_SECONDS = 300.0
CHECKOUT = Path(__file__).resolve().parents[2]


class PeerError(ErtedgeError):
    """A program that is measured cannot be, or no longer; the text is one line for its row."""


@dataclass(frozen=True, slots=True)
class Ready:
    """What a program says of itself once it is loaded (see ``subjects.Subject``)."""

    version: str
    size_bytes: int
    labels: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Answers:
    """Of each item asked for, in order: what the program makes of it, not yet looked at, and the time it took."""

    rows: list[Any]
    ns: list[int]


class PeerProcess:
    """One program, until ``close``. Raises PeerError where it cannot be started or does not become ready."""

    def __init__(self, command: Sequence[str], folder: Path, *, loading_seconds: float = LOADING_SECONDS) -> None:
        """``folder`` gets what it writes on standard error."""
        self._complaints = folder / f"{time.monotonic_ns()}.stderr"
        self._unread = b""
        self._process = _started(command, self._complaints)
        try:
            self.ready = _ready_of(self._line(loading_seconds))
        except PeerError:
            self.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def ask(self, start: int, stop: int, *, seconds: float = ANSWER_SECONDS) -> Answers:
        """Items ``start`` to ``stop``. Raises PeerError where there is no proper answer in time."""
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(f"[{start}, {stop}]\n".encode())
            self._process.stdin.flush()
        except OSError:
            raise PeerError(self._death()) from None
        return _answers_of(self._line(seconds), stop - start)

    def peak_bytes(self) -> int:
        """The most memory that it has had so far (resident). Raises PeerError where it is gone."""
        return _peak_of(self._process.pid)

    def close(self, *, patience: float = 5.0) -> None:
        """Let it end; after ``patience`` seconds end it."""
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                try:
                    pipe.close()
                except OSError:
                    continue  # It died with a request unread.
        try:
            self._process.wait(patience)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def _line(self, seconds: float) -> str:
        """The next line of its answers."""
        assert self._process.stdout is not None
        until = time.monotonic() + seconds
        while b"\n" not in self._unread:
            left = until - time.monotonic()
            if left <= 0 or not select.select([self._process.stdout], [], [], left)[0]:
                raise PeerError(f"no answer in {seconds:g} seconds")
            read = os.read(self._process.stdout.fileno(), 1 << 20)
            if not read:
                raise PeerError(self._death())
            self._unread += read
        line, _, self._unread = self._unread.partition(b"\n")
        return line.decode("utf-8", "replace")

    def _death(self) -> str:
        """How it ended, and the last thing that it said."""
        try:
            status: int | str = self._process.wait(5)
        except subprocess.TimeoutExpired:
            status = "unknown, it still runs"
        said = [line.strip() for line in self._complaints.read_text("utf-8", "replace").splitlines() if line.strip()]
        return f"ended (status {status})" + (f": {said[-1]}" if said else "")


def idle_bytes(command: Sequence[str], folder: Path) -> int:
    """The memory of an interpreter that says ``ready`` and waits. Raises PeerError where it does not."""
    process = _started(command, folder / "idle.stderr")
    assert process.stdin is not None and process.stdout is not None
    with process:
        if process.stdout.readline().strip() != b"ready":
            raise PeerError(f"{command[0]} does not run")
        peak = _peak_of(process.pid)
        process.stdin.close()
    return peak


def _started(command: Sequence[str], complaints: Path) -> subprocess.Popen[bytes]:
    """The process, held to the last core that we have from its first instruction on, threads and all."""
    environment: Mapping[str, str] = {**os.environ, **ONE_THREAD, **QUIET}
    own = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {max(own)})
    try:
        with complaints.open("wb") as file:
            return subprocess.Popen(
                list(command), stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=file, cwd=CHECKOUT, env=environment
            )
    except OSError as error:
        raise PeerError(f"{Path(command[0]).name} cannot be started ({error.strerror})") from None
    finally:
        os.sched_setaffinity(0, own)


def _peak_of(pid: int) -> int:
    """``VmHWM`` of a process. Unlike what ``wait`` says of a child, it holds nothing of the parent that it came from."""
    try:
        status = Path(f"/proc/{pid}/status").read_text(encoding="utf-8")
    except OSError:
        raise PeerError("ended before its memory was read") from None
    for line in status.splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) * 1024
    raise PeerError("its memory cannot be read here")


def _ready_of(line: str) -> Ready:
    try:
        said = json.loads(line)["ready"]
        return Ready(str(said["version"]), int(said["bytes"]), tuple(str(label) for label in said["labels"]))
    except (ValueError, KeyError, TypeError):
        raise PeerError(f"answered rubbish: {line[:80]!r}") from None


def _answers_of(line: str, count: int) -> Answers:
    try:
        said = json.loads(line)
        rows, ns = list(said["rows"]), [int(each) for each in said["ns"]]
    except (ValueError, KeyError, TypeError):
        raise PeerError(f"answered rubbish: {line[:80]!r}") from None
    if len(rows) != count or len(ns) != count or min(ns, default=1) <= 0:
        raise PeerError(f"answered {len(rows)} items and {len(ns)} times for {count} asked")
    return Answers(rows, ns)
