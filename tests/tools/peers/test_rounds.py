"""Several programs in turn: a failing one does not stop the others, and times compare item by item."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.tools.peers.programs import ANSWER, answering, program
from tools.peers.process import PeerError, Ready
from tools.peers.rounds import AT_A_TIME, Command, ask_in_turn

pytestmark = pytest.mark.tools

ITEMS = [np.zeros((2, 2), np.uint8)] * (AT_A_TIME + 3)


def number(row: Any, _ready: Ready) -> int:
    (found,) = row
    return int(found)


def started(command: Sequence[str]) -> Command:
    return lambda _folder: command


def not_installed(_folder: Path) -> Sequence[str]:
    raise PeerError("it is not installed")


def test_those_that_fail_say_so_and_the_others_go_on(tmp_path: Path) -> None:
    # The first request is the warm-up, the second the first round.
    dying = program(f"sys.exit('worn out') if number == 2 else {ANSWER.format(row='[i]', ns=1000)}")
    outcomes = ask_in_turn(
        {
            "dying": started(dying),
            "absent": not_installed,
            "good": started(answering(ns=2000)),
            "rubbish": started(answering(row="['many']")),
            "also good": started(answering(row="[2 * i]", ns=6000)),
        },
        ITEMS,
        number,
        tmp_path,
        "test",
    )
    assert outcomes["dying"].fault == "ended (status 1): worn out"
    assert outcomes["absent"].fault == "it is not installed"
    assert outcomes["rubbish"].fault.startswith("answered rubbish: invalid literal for int()")
    good, also_good = outcomes["good"], outcomes["also good"]
    assert (good.fault, also_good.fault) == ("", "")
    assert good.rows == list(range(len(ITEMS)))
    assert also_good.rows == list(range(0, 2 * len(ITEMS), 2))
    assert min(good.peak_bytes, also_good.peak_bytes) > 0
    assert also_good.times_of(good) == 3.0


def test_the_warm_up_does_not_count(tmp_path: Path) -> None:
    slow_first = program("said(rows=[[i] for i in range(start, stop)], ns=[9 if number else 900] * (stop - start))")
    outcomes = ask_in_turn({"one": started(slow_first)}, ITEMS, number, tmp_path, "test")
    assert outcomes["one"].ns == [9] * len(ITEMS)
