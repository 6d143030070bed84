"""Programs that answer, die, hang, talk nonsense; and their memory."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from tests.tools.peers.programs import answering, program
from tools.peers.process import PeerError, PeerProcess, idle_bytes
from tools.peers.roster import PYTHON_IDLE

pytestmark = pytest.mark.tools


def test_a_program_answers_what_it_is_asked(tmp_path: Path) -> None:
    with PeerProcess(answering(row="[i, 2 * i]", labels="['a', 'b']"), tmp_path) as process:
        assert (process.ready.version, process.ready.size_bytes, process.ready.labels) == ("1", 2000, ("a", "b"))
        assert process.ask(3, 5).rows == [[3, 6], [4, 8]]
        assert process.ask(0, 1).ns == [1000]


def test_memory_is_that_of_the_child_above_a_bare_interpreter(tmp_path: Path) -> None:
    idle = idle_bytes((sys.executable, "-c", PYTHON_IDLE), tmp_path)
    assert idle > 1_000_000
    held = 48_000_000
    with PeerProcess(answering(before=f"kept = b'x' * {held}"), tmp_path) as process:
        process.ask(0, 1)
        above = process.peak_bytes() - idle
    assert held < above < 1.5 * held


def test_a_program_is_held_to_one_core_and_its_parent_is_not(tmp_path: Path) -> None:
    before = os.sched_getaffinity(0)
    row = "sorted(__import__('os').sched_getaffinity(0))"
    with PeerProcess(answering(row=row), tmp_path) as process:
        assert process.ask(0, 1).rows == [[max(before)]]
    assert os.sched_getaffinity(0) == before


@pytest.mark.parametrize(
    ("before", "said"),
    [
        (
            "import package_that_is_nowhere",
            "ended (status 1): ModuleNotFoundError: No module named 'package_that_is_no",
        ),
        ("print('hello')", "answered rubbish: 'hello'"),
        ("print('{}')", "answered rubbish: '{}'"),
        ("sys.exit(3)", "ended (status 3)"),
    ],
)
def test_what_does_not_become_ready_says_why(tmp_path: Path, before: str, said: str) -> None:
    with pytest.raises(PeerError) as caught:
        PeerProcess(answering(before=f"{before}; sys.stdout.flush()"), tmp_path)
    assert str(caught.value).startswith(said)


@pytest.mark.parametrize(
    ("each", "said"),
    [
        ("sys.exit('it is too hot')", "ended (status 1): it is too hot"),
        ("import os; os.kill(os.getpid(), 9)", "ended (status -9)"),
        ("print('nan, nan', flush=True)", "answered rubbish: 'nan, nan'"),
        ("print('[1, 2]', flush=True)", "answered rubbish: '[1, 2]'"),
        ("said(rows=[[1]], ns=[5])", "answered 1 items and 1 times for 2 asked"),
        ("said(rows=[[1], [2]], ns=[5, -5])", "answered 2 items and 2 times for 2 asked"),
    ],
)
def test_what_fails_when_asked_says_why(tmp_path: Path, each: str, said: str) -> None:
    with PeerProcess(program(each), tmp_path) as process, pytest.raises(PeerError) as caught:
        process.ask(0, 2)
    assert str(caught.value) == said


def test_what_hangs_is_given_up_and_ended(tmp_path: Path) -> None:
    process = PeerProcess(program("time.sleep(0.0) if number else time.sleep(3600)"), tmp_path)
    with pytest.raises(PeerError, match=r"no answer in 0\.2 seconds"):
        process.ask(0, 1, seconds=0.2)
    process.close(patience=0.1)
    with pytest.raises(PeerError, match="ended"):
        process.peak_bytes()


def test_an_interpreter_that_is_not_there_says_so(tmp_path: Path) -> None:
    with pytest.raises(PeerError, match=r"nowhere cannot be started \(No such file"):
        PeerProcess((str(tmp_path / "nowhere"),), tmp_path)
    with pytest.raises(PeerError, match="does not run"):
        idle_bytes((sys.executable, "-c", "import sys; sys.exit(2)"), tmp_path)
