"""From a face to a rating and back: a real daemon, its simulated person, and ``ertedge-ctl`` as the person uses it.

A person stays sad, is offered something for a reason that the stored states bear out, is guided, says how it was, and what
is offered next changes for that. And a simulated week is left in peace as far as its settings say.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from sqlite_utils import Database

from ertedge.store.decisions import list_since
from ertedge.types import Candidate, Decision
from tests.ctl.conftest import ctl

ROOT = Path(__file__).resolve().parent.parent
START_SECONDS = 40.0
DAY_NS = 86_400 * 1_000_000_000

SAD = """
title = "sad since ten past ten"
starts_at = "Wednesday 10:00"
speed = 40
face = { frames_per_second = 0.5 }
voice = { step_seconds = 2 }
segments = [
    { emotion = "neutral", seconds = 600 },
    { emotion = "sadness", seconds = 7200, intensity = 0.8 },
]
"""
"""Sad from a quarter of a minute on: until then the activities are signed off, also on a busy machine."""

SETTINGS = """
[suggestions]
timezone = "UTC"
reviewed_only = true
catalogue_dir = "{catalogue}"
sustained_seconds = 120.0
gap_minutes = 30.0
check_in_times = []
exploration_share = 0.8
[safety]
severe_minutes = 1440.0
"""
"""Only what a clinician has signed off is suggested: three short activities of our own, each likely enough to come again.
One moment in twenty is left to silence: the next comes after the gap, three quarters of a minute here."""

WEEK_SETTINGS = '[suggestions]\ntimezone = "UTC"\n[sensor]\nwatchdog_seconds = 60.0\n'
"""A busy machine may keep the simulation waiting, and begun again it would be another week."""

ACTIVITY = """
[[activities]]
id = "{name}"
version = 1
title = "{title}"
purpose = "Puts something small between you and the mood."
emotions = ["sadness"]
arousal_least = -1.0
arousal_most = 1.0
arousal_effect = "keeps"
minutes = 0.1

[activities.evidence]
note = "None was sought: it is there to be short."
citation = "Nobody (2026)."
source = "https://example.org/none"

[[activities.steps]]
kind = "read"
seconds = 0.3
show = "Look up"

[[activities.steps]]
kind = "notice"
seconds = 0.3
show = "Notice three things"

[[activities.steps]]
kind = "read"
seconds = 0.3
show = "That was all"
"""
NAMES = ("three-things", "look-around", "light-in-the-room")


class Running:
    """A daemon, as a person at a command line sees it."""

    def __init__(self, folder: Path, process: subprocess.Popen[bytes]) -> None:
        self.folder = folder
        self._process = process

    def objects(self, *arguments: str) -> list[dict[str, Any]]:
        answer = ctl("--data-dir", str(self.folder), "--json", *arguments)
        assert (answer.status, answer.err) == (0, ""), arguments
        return [json.loads(line) for line in answer.out.splitlines()]

    def object(self, *arguments: str) -> dict[str, Any]:
        (found,) = self.objects(*arguments)
        return found

    def wait_for(self, what: Callable[[], list[dict[str, Any]]], seconds: float) -> list[dict[str, Any]]:
        deadline = time.monotonic() + seconds
        while not (found := what()):
            assert self._process.poll() is None, self.log
            assert time.monotonic() < deadline, self.log
            time.sleep(0.2)
        return found

    @property
    def log(self) -> str:
        return (self.folder / "log").read_text(encoding="utf-8")

    def stop(self) -> None:
        self._process.terminate()
        assert self._process.wait(20) == 0
        assert "Traceback" not in self.log

    def decisions(self) -> tuple[Decision, ...]:
        """Every decision that was made, oldest first; once the daemon has stopped."""
        with closing(Database(self.folder / "ertedge.db").conn) as connection:
            return list_since(Database(connection), 0, 0, synthetic=True, most=100_000)


@contextmanager
def running(source: str, settings: str) -> Iterator[Running]:
    with tempfile.TemporaryDirectory(prefix="ertedge-") as name:
        folder = Path(name)
        (folder / "ertedge.toml").write_text(settings, encoding="utf-8")
        (folder / "sad.toml").write_text(SAD, encoding="utf-8")
        command = [sys.executable, "-m", "ertedge.daemon", "--config", str(folder / "ertedge.toml")]
        command += ["--source", source.format(folder=folder), "--data-dir", str(folder)]
        with (folder / "log").open("wb") as output:
            process = subprocess.Popen(command, cwd=ROOT, stdout=output, stderr=output)
        try:
            made = Running(folder, process)
            served = ["--data-dir", str(folder), "--json", "history", "--resolution", "0", "--since", "30d"]
            made.wait_for(lambda: [{}] if ctl(*served, "--limit", "1").out else [], START_SECONDS)
            yield made
        finally:
            process.kill()
            process.wait()


@pytest.fixture
def catalogue(tmp_path: Path) -> Path:
    texts = [ACTIVITY.format(name=name, title=name.replace("-", " ").capitalize()) for name in NAMES]
    (tmp_path / "own.toml").write_text('language = "en"\nfamily = "mindfulness"\n' + "".join(texts), encoding="utf-8")
    return tmp_path


@pytest.mark.parametrize("rating", [5, 1])
def test_a_person_left_sad_is_offered_guided_heard_and_offered_otherwise(catalogue: Path, rating: int) -> None:
    with running("simulate:{folder}/sad.toml", SETTINGS.format(catalogue=catalogue)) as daemon:
        for name in NAMES:
            daemon.object("activities", "review", name, "--by", "Dr. A. Weiss", "--role", "psychologist")
        (offered,) = daemon.wait_for(lambda: daemon.objects("suggestions", "list"), 120.0)
        assert (offered["trigger"], offered["emotion"], offered["status"]) == ("sustained_state", "sadness", "offered")
        assert offered["activity"] in NAMES
        assert 0 < offered["propensity"] <= 1
        assert_true(offered["reason"], offered["time"], daemon)

        *steps, became = daemon.objects("guide", offered["activity"])
        assert [step.get("show") for step in steps] == ["Look up", "Notice three things", "That was all", None]
        assert (became["id"], became["status"]) == (offered["id"], "completed")
        rated = daemon.object("suggestions", "respond", str(offered["id"]), "rate", "--helpfulness", str(rating))
        assert rated["helpfulness"] == rating

        again = daemon.object("suggest")
        for _ in range(40):
            if again["activity"] == offered["activity"]:
                break
            again = daemon.object("suggest")
        assert again["activity"] == offered["activity"], "it never came again"
        helped = "helped you when you last rated it" if rating == 5 else "has not helped you lately"
        assert helped in again["reason"]
        daemon.stop()
        first, *later = (each for each in daemon.decisions() if each.chosen)
    before, after = candidate(first, offered["activity"]), candidate(later[0], offered["activity"])
    gained = after.expected_helpfulness - before.expected_helpfulness
    assert gained * (rating - 3) > 0
    assert sum(one.propensity for one in later[0].candidates) == pytest.approx(1.0, abs=1e-3)


def candidate(decision: Decision, activity_id: str) -> Candidate:
    return next(one for one in decision.candidates if one.activity_id == activity_id)


def assert_true(reason: str, offer_time: str, daemon: Running) -> None:
    """What the reason says of how long the person has been sad is what the stored states say.

    Twenty minutes and more are told rounded down to five; so late it is where the first moment was left to silence.
    """
    found = re.search(r"You have (?:looked|sounded|looked and sounded|seemed) sad for about (\d+|a) minutes?\.", reason)
    assert found, reason
    told = 1.0 if found[1] == "a" else float(found[1])
    states = daemon.objects("history", "--since", "30d", "--resolution", "0", "--limit", "5000")
    before = [state for state in states if state["time"] <= offer_time]  # newest first
    begin = next((state for state in before if state["emotion"] not in ("sadness", "unknown")), before[-1])
    minutes = (datetime.fromisoformat(offer_time) - datetime.fromisoformat(begin["time"])).total_seconds() / 60
    rounded_by = 5.0 if told >= 20.0 else 1.0
    assert told - 1.1 <= minutes < told + rounded_by + 0.1


@pytest.mark.timeout(300)
def test_a_simulated_week_is_offered_little_and_at_its_time() -> None:
    with running("simulate:week", WEEK_SETTINGS) as daemon:

        def ended() -> list[dict[str, Any]]:
            return [one for one in daemon.objects("sensors", "list") if one["condition"] == "ended"]

        daemon.wait_for(ended, 240.0)
        time.sleep(1.5)  # what waits is written about once a second
        assert daemon.object("status")["store"]["state_count"] > 30_000
        offers = daemon.objects("suggestions", "list", "--limit", "1000")
        daemon.stop()
        decisions = daemon.decisions()
    begin = datetime.fromtimestamp(decisions[0].context.wall_time_ns / 1e9, UTC)
    assert begin.weekday() == 0
    times = [datetime.fromisoformat(one["time"]) for one in offers]
    by_day = Counter(moment.date() for moment in times)
    assert 2 <= len(offers) <= 1.5 * 7
    assert max(by_day.values()) <= 3
    assert len(by_day) >= 2
    assert all(7 <= moment.hour < 22 for moment in times)
    gaps = [(a - b).total_seconds() / 60 for a, b in pairwise(times)]
    assert all(gap >= 90 for gap in gaps)
    assert {one["status"] for one in offers} == {"expired"}
    hard = [one for one in offers if one["trigger"] == "sustained_state"]
    assert hard
    assert {one["emotion"] for one in hard} <= {"sadness", "fear", "anger", "disgust"}
    assert all(one.offer_propensity > 0 for one in decisions if one.chosen)
    assert any(one.silence is not None for one in decisions)
