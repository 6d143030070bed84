"""``ertedge-ctl safety`` against a real SafetyService, and what it says where no daemon answers."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Coroutine, Iterator
from pathlib import Path
from typing import TypeVar

import pytest

from ertedge.ctl.safety import plan_editor
from ertedge.rpc.client import Client
from ertedge.types import HealthCondition, RedFlag, SafetyContact, SafetyPlan
from tests.ctl.conftest import Answer, ctl
from tests.rpc.safety_house import SafetyHouse, safety_at

Result = TypeVar("Result")


class Served:
    """A house that serves on a thread of its own."""

    house: SafetyHouse
    client: Client

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._ready, self._done = threading.Event(), asyncio.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve()))
        self._thread.start()
        assert self._ready.wait(20)

    def ctl(self, *arguments: str) -> Answer:
        return ctl("--address", self.house.address, *arguments)

    def ask(self, call: Coroutine[None, None, Result]) -> Result:
        return asyncio.run_coroutine_threadsafe(call, self._loop).result(20)

    def stop(self) -> None:
        self._loop.call_soon_threadsafe(self._done.set)
        self._thread.join(20)

    async def _serve(self) -> None:
        self._loop = asyncio.get_running_loop()
        async with safety_at(self._folder) as (self.house, self.client):
            self._ready.set()
            await self._done.wait()


@pytest.fixture
def served(short_path: Path) -> Iterator[Served]:
    serving = Served(short_path)
    yield serving
    serving.stop()


async def raise_flag(house: SafetyHouse) -> int:
    number = house.safety.raise_red_flag(RedFlag.SELF_HARM_THOUGHTS).notice_id
    await house.recorder.flush()
    return number


def objects(answer: Answer) -> list[dict[str, object]]:
    assert answer.status == 0, answer.err
    return [json.loads(line) for line in answer.out.splitlines()]


def test_help_shows_the_message_who_listens_and_the_plan(served: Served) -> None:
    served.ask(served.client.safety.update_plan(SafetyPlan(people=(SafetyContact("Ann", "0123 456"),))))
    answer = served.ctl("safety", "help", "--text", "I want to talk")
    assert answer.status == 0
    for shown in ("not an emergency service", "999", "Samaritans", "116 123", "findahelpline.com", "Ann; 0123 456"):
        assert shown in " ".join(answer.out.split()), shown
    records = [record["record"] for record in objects(served.ctl("--json", "safety", "help"))]
    assert records[:2] == ["safety_notice", "safety_plan"]
    assert set(records[2:]) == {"helpline"}


def test_notices_and_answers(served: Served) -> None:
    assert "There is no safety notice" in served.ctl("safety", "notices").out
    number = served.ask(raise_flag(served.house))
    shown = served.ctl("safety", "notices").out
    assert "an answer in a questionnaire" in shown
    assert f"safety respond {number}" in shown
    assert "ask again later" in served.ctl("safety", "respond", str(number), "safe").out
    notice = objects(served.ctl("--json", "safety", "notices", "--open"))[0]
    assert (notice["id"], notice["open"], notice["response"], notice["kind"]) == (number, True, "safe", "support")
    assert "Samaritans" in served.ctl("safety", "respond", str(number), "need-help").out
    unknown = served.ctl("safety", "respond", "99", "safe")
    assert unknown.status == 1
    assert "no safety notice 99" in unknown.err
    assert served.ctl("safety", "respond", str(number), "perhaps").status == 2


def test_alone_it_shows_what_is_open_the_plan_and_who_listens(served: Served) -> None:
    served.ask(raise_flag(served.house))
    shown = " ".join(served.ctl("safety").out.split())
    for part in ("not an emergency service", "Your safety plan is empty", "People who listen"):
        assert part in shown


def test_helplines_of_a_region(served: Served) -> None:
    assert "116 111" in served.ctl("safety", "helplines", "--region", "DE").out
    lines = objects(served.ctl("--json", "safety", "helplines", "--region", "AU"))
    assert (lines[0]["contact"], lines[0]["emergency"], lines[0]["region"]) == ("000", True, "AU")
    assert served.ctl("safety", "helplines", "--region", "Germany").status == 2


def test_the_plan_is_asked_for_step_by_step(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    entered = iter(
        ["I stop sleeping", "", "a walk", "music", "", "", "Ann; 0123 456", "", "", "", "trama", "trauma", ""]
    )
    monkeypatch.setattr("builtins.input", lambda prompt: next(entered))
    answer = served.ctl("safety", "plan", "--edit")
    assert answer.status == 0, answer.err
    assert "did you mean trauma?" in answer.out
    kept = served.ask(served.client.safety.plan())
    assert kept.warning_signs == ("I stop sleeping",)
    assert kept.coping_strategies == ("a walk", "music")
    assert kept.people == (SafetyContact("Ann", "0123 456"),)
    assert kept.conditions == (HealthCondition.TRAUMA,)
    plan = objects(served.ctl("--json", "safety", "plan"))[0]
    assert plan["people"] == [{"name": "Ann", "contact": "0123 456"}]
    assert served.ctl("--json", "safety", "plan", "--edit").status == 2


def test_editing_keeps_and_empties_steps() -> None:
    plan = SafetyPlan(warning_signs=("a",), people=(SafetyContact("Ann"),), conditions=(HealthCondition.EPILEPSY,))
    entered = iter(["", "", "", "-", "", "", ""])
    edited = plan_editor.edit(plan, lambda prompt: next(entered), lambda line: None)
    assert edited.warning_signs == ("a",)
    assert edited.people == ()
    assert edited.conditions == (HealthCondition.EPILEPSY,)


def test_without_a_daemon_it_says_what_helps_all_the_same(short_path: Path) -> None:
    for command in (["safety", "help"], ["safety", "helplines"], ["safety"], ["safety", "respond", "1", "need-help"]):
        answer = ctl("--address", f"unix:{short_path}/none.sock", *command)
        assert answer.status == 1
        assert "112" in answer.err
        assert "findahelpline.com" in answer.err
