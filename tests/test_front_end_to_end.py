"""Who is in front of the device, through a real daemon with a simulated person: enrolled, taken for nobody else, remembered
over a restart, and erased."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.ctl.conftest import Answer, ctl

ROOT = Path(__file__).resolve().parent.parent
START_SECONDS = 60.0

SEATS = """
title = "somebody else sits down"
speed = 6
repeat = true
face = { noise = 0.2 }
voice = { noise = 0.2 }
segments = [
    { emotion = "happiness", seconds = 50 },
    { emotion = "anger", seconds = 40 },
]
events = [
    { kind = "absence", at_seconds = 51, seconds = 4 },
    { kind = "other_person", at_seconds = 55, seconds = 31 },
    { kind = "absence", at_seconds = 86, seconds = 4 },
]
"""
"""Whoever is angry is not the person; what is stored of them must not be either."""


class Running:
    """A daemon, as a person at a command line sees it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        command = [sys.executable, "-m", "ertedge.daemon", "--source", f"simulate:{folder}/seats.toml"]
        with (folder / "log").open("ab") as output:
            self.process = subprocess.Popen(
                [*command, "--data-dir", str(folder)], cwd=ROOT, stdout=output, stderr=output
            )
        self.wait_for(lambda: self.ctl("--json", "watch", "--seconds", "0.5").out != "")

    def ctl(self, *arguments: str) -> Answer:
        return ctl("--data-dir", str(self.folder), *arguments)

    def objects(self, *arguments: str) -> list[dict[str, Any]]:
        answer = self.ctl("--json", *arguments)
        assert (answer.status, answer.err) == (0, ""), (arguments, answer)
        return [json.loads(line) for line in answer.out.splitlines()]

    def states(self) -> list[dict[str, Any]]:
        return [each for each in self.objects("watch", "--seconds", "0.7") if "emotion" in each]

    def wait_for(self, what: Callable[[], bool], seconds: float = START_SECONDS) -> None:
        deadline = time.monotonic() + seconds
        while not what():
            log = (self.folder / "log").read_text(encoding="utf-8")
            assert self.process.poll() is None, log
            assert time.monotonic() < deadline, log
            time.sleep(0.1)

    def stop(self) -> None:
        self.process.terminate()
        assert self.process.wait(20) == 0
        assert "Traceback" not in (self.folder / "log").read_text(encoding="utf-8")


@contextmanager
def folder_with_seats() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="ertedge-") as name:
        (Path(name) / "seats.toml").write_text(SEATS, encoding="utf-8")
        yield Path(name)


@contextmanager
def running(folder: Path) -> Iterator[Running]:
    daemon = Running(folder)
    try:
        yield daemon
        daemon.stop()
    finally:
        daemon.process.kill()
        daemon.process.wait()


def bystanders_here(daemon: Running) -> bool:
    return any("bystander" in state["reasons"] for state in daemon.states())


def persons_here(daemon: Running) -> bool:
    return any(state["profile"] == "profiles/1" for state in daemon.states())


def test_a_person_is_known_others_are_nobody_and_all_of_it_can_be_forgotten() -> None:
    with folder_with_seats() as folder:
        with running(folder) as daemon:
            daemon.objects("profiles", "create", "Ann")
            for purpose in ("sense_face", "sense_voice", "keep_history", "face_recognition"):
                daemon.objects("consent", "give", purpose, "--yes")
            assert daemon.objects("enrol")[-1]["done"]
            daemon.wait_for(lambda: bystanders_here(daemon))
            for state in daemon.states():
                if "bystander" in state["reasons"]:
                    assert (state["emotion"], state["profile"], state["shares"]) == ("unknown", "", [])
            refused = daemon.ctl("feel", "angry")
            assert refused.status == 1
            assert "neither see nor hear" in refused.err
            daemon.wait_for(lambda: persons_here(daemon))
            daemon.wait_for(lambda: daemon.ctl("feel", "happy").status == 0)
        with running(folder) as again:
            again.wait_for(lambda: persons_here(again))
            assert again.objects("enrol", "--status")[0]["enrolled"]
            assert again.objects("profiles", "trust")[0]["labels"] == 1
            stored = again.objects("--profile", "1", "history", "--resolution", "0", "--since", "1h", "--limit", "5000")
            assert stored
            assert "bystander" not in {reason for state in stored for reason in state["reasons"]}
            again.objects("enrol", "--forget")
            again.objects("calibrate", "--forget")
            assert not again.objects("enrol", "--status")[0]["enrolled"]
            assert again.objects("profiles", "trust")[0]["labels"] == 0
