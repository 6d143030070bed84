"""``ertedge-ctl study`` against a service of its own: what it prints, and how it ends."""

from __future__ import annotations

import asyncio
import contextlib
import json
import threading
from collections.abc import Iterator
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path

import pytest

from ertedge.wellbeing.study.protocol import example_protocol
from tests.core.study_fakes import STUDY, StudyHouse
from tests.ctl.conftest import Answer, ctl
from tests.rpc.study_house import served_study

ENROL = ("--confirm", "adult", "--confirm", "reads_language", "--set", "age=43", "--set", "gender=man")


@dataclass(frozen=True, slots=True)
class Served:
    """A house that another thread serves."""

    house: StudyHouse
    folder: Path

    def study(self, *arguments: str) -> Answer:
        return ctl("--address", f"unix:{self.folder / 'ertedged.sock'}", "study", *arguments)

    def objects(self, *arguments: str) -> list[dict[str, object]]:
        answer = ctl("--address", f"unix:{self.folder / 'ertedged.sock'}", "--json", "study", *arguments)
        assert answer.status == 0, answer.err
        return [json.loads(line) for line in answer.out.splitlines()]


@pytest.fixture
def served(short_path: Path) -> Iterator[Served]:
    ready: Future[Served] = Future()
    over: list[object] = []

    async def serve() -> None:
        async with served_study(short_path) as (house, _):
            stop = asyncio.Event()
            loop = asyncio.get_running_loop()
            over.append(lambda: loop.call_soon_threadsafe(stop.set))
            ready.set_result(Served(house, short_path))
            await stop.wait()

    thread = threading.Thread(target=lambda: asyncio.run(serve()), daemon=True)
    thread.start()
    try:
        yield ready.result(30)
    finally:
        for stop in over:
            with contextlib.suppress(RuntimeError):
                stop()  # type: ignore[operator]
        thread.join(30)


@pytest.fixture
def protocol(tmp_path: Path) -> Path:
    path = tmp_path / "study.toml"
    path.write_text(example_protocol())
    return path


def test_from_the_protocol_to_the_export(served: Served, protocol: Path, tmp_path: Path) -> None:
    created = served.study("create", str(protocol))
    assert created.status == 0, created.err
    assert "The allocation is sealed" in created.out
    (study,) = served.objects("list")
    assert str(study["commitment"]) in created.out.replace("\n", "")
    assert (study["disclosure"], study["participant_count"]) == ("at_end", 0)
    served.house.answer(1, 30)
    enrolled = served.study("enrol", STUDY, "--profile", "1", *ENROL)
    assert enrolled.status == 0, enrolled.err
    assert "stays sealed" in enrolled.out
    assert "sealed" in served.study("participants", STUDY).out
    due = served.study("due", STUDY, "1")
    assert "week 8" in due.out
    assert all(len(line) <= 80 for line in due.out.splitlines())
    assert "0 activities offered" in served.study("adherence", STUDY, "1").out
    assert served.study("end", STUDY, "--yes").status == 0
    verified = served.study("verify", STUDY)
    assert verified.status == 0
    assert "All 1 allocations are as they were sealed." in verified.out
    out = tmp_path / "export"
    exported = served.study("export", STUDY, "--out", str(out))
    assert exported.status == 0, exported.err
    assert "De-identified is not anonymous" in exported.out
    assert {path.name for path in out.iterdir()} >= {"participants.csv", "dictionary.csv", "study.json"}
    assert out.stat().st_mode & 0o077 == 0
    assert all(path.stat().st_mode & 0o077 == 0 for path in out.iterdir())
    again = served.study("export", STUDY, "--out", str(out))
    assert (again.status, "is not empty" in again.err) == (2, True)


def test_what_is_wrong_with_a_protocol_is_said_on_one_line(served: Served, protocol: Path) -> None:
    protocol.write_text(example_protocol().replace("[4, 6]", "[5, 4]").replace("least = 21", "least = 18"))
    answer = served.study("create", str(protocol))
    assert answer.status == 2
    assert len(answer.err.strip().splitlines()) == 1
    assert "5 is no multiple of 2" in answer.err
    assert "overlap" in answer.err
    missing = served.study("create", str(protocol.parent / "none.toml"))
    assert (missing.status, "cannot be read" in missing.err) == (2, True)


def test_who_cannot_be_enrolled_is_told_why(served: Served, protocol: Path) -> None:
    served.study("create", str(protocol))
    answer = served.study("enrol", STUDY, "--profile", "1", *ENROL)
    assert answer.status == 1
    assert "ertedge-ctl assess dass21" in answer.err
    served.house.answer(1, 30)
    excluded = served.study("enrol", STUDY, "--profile", "1", *ENROL, "--present", "crisis")
    assert (excluded.status, "exclusion criterion" in excluded.err) == (1, True)
    wrong = served.study("enrol", STUDY, "--profile", "1", "--set", "age")
    assert (wrong.status, "NAME=VALUE" in wrong.err) == (2, True)
    counted = served.objects("not-enrolled", STUDY, "declined")
    assert counted == [{"record": "not_enrolled", "study": STUDY, "count": 2}]


def test_adverse_events_and_leaving(served: Served, protocol: Path) -> None:
    served.study("create", str(protocol))
    for profile in ("1", "2"):
        served.house.answer(int(profile), 30)
        served.study("enrol", STUDY, "--profile", profile, *ENROL)
    kind = ("--category", "self_harm", "--severity", "severe", "--relatedness", "unlikely")
    added = served.study("events", "add", STUDY, "1", *kind, "--seriousness", "hospitalisation")
    assert added.status == 0, added.err
    assert "report it to the sponsor" in added.out
    (event,) = served.objects("events", "update", STUDY, "1", "1", "--outcome", "recovered")
    assert (event["outcome"], event["severity"]) == ("recovered", "severe")
    assert "self harm" in served.study("events", "list", STUDY).out
    assert "erased" in served.study("withdraw", STUDY, "1", "--erase-data").out
    assert "is kept" in served.study("withdraw", STUDY, "2", "--keep-data").out
    assert served.objects("events", "list", STUDY) == []
    assert [each["status"] for each in served.objects("participants", STUDY)] == ["withdrawn"]


def test_a_study_that_there_is_not(served: Served) -> None:
    answer = served.study("show", "no-such")
    assert answer.status == 1
    assert "ertedge-ctl study create" in answer.err
    assert "makes one" in served.study("list").out
