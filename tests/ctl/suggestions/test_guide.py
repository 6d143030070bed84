"""Being guided: as lines, as objects, on a screen with keys; and what that answers to the suggestion."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from rich.console import Console, RenderableType

from ertedge.ctl.keys import Keys
from ertedge.ctl.suggestions.guide import guide_and_rate, open_suggestion_of
from ertedge.rpc.client import Client
from ertedge.types import Activity, ActivityStep, StepKind, SuggestionStatus
from tests.ctl.served import in_terminal, served_house
from tests.ctl.suggestion_samples import activity, quick
from tests.rpc.house import House, house_at

SLOW = activity(steps=(ActivityStep(StepKind.INHALE, "In", "", 30.0), ActivityStep(StepKind.EXHALE, "Out", "", 0.2)))


class Stage:
    """A screen that remembers its pictures, and presses a key when a picture shows a text."""

    height = 24

    def __init__(self, *presses: tuple[str, str], live: bool = True) -> None:
        self.keys = Keys(live)
        self.pictures: list[str] = []
        self._presses = list(presses)
        self._console = Console(width=80, height=24)

    def draw(self, picture: RenderableType) -> None:
        with self._console.capture() as captured:
            self._console.print(picture)
        self.pictures.append(captured.get())
        if self._presses and self._presses[0][0] in self.pictures[-1]:
            self.keys.take(self._presses.pop(0)[1].encode())

    def shown(self, text: str) -> int:
        return sum(text in picture for picture in self.pictures)


async def until(is_so: Callable[[], bool]) -> None:
    for _ in range(1000):
        if is_so():
            return
        await asyncio.sleep(0.01)
    raise AssertionError("it did not come to pass")


def run(folder: Path, scenario: Callable[[House, Client], Awaitable[None]], *catalogue: Activity) -> None:
    async def inside() -> None:
        async with house_at(folder, catalogue=catalogue or (quick(),)) as (house, client):
            await scenario(house, client)

    asyncio.run(inside())


def test_lines_a_step(tmp_path: Path) -> None:
    with served_house(tmp_path, quick()) as served:
        answer = served.ctl("guide", "slow-breathing")
        assert (answer.status, answer.err) == (0, "")
        assert answer.out.splitlines() == ["0:00  Sit down (0 s)", "0:00  In (0 s)", "0:00  Out (0 s)", "0:00  done"]


def test_objects_a_step_and_what_became_of_the_suggestion(tmp_path: Path) -> None:
    with served_house(tmp_path, quick()) as served:
        asked = json.loads(served.ctl("--json", "suggest").out)
        answer = served.ctl("--json", "guide", "slow-breathing", "--from", "0:00.3")
        steps = [json.loads(line) for line in answer.out.splitlines()]
        assert [step.get("kind") for step in steps[:2]] == ["inhale", "exhale"]
        assert steps[0]["position_seconds"] == pytest.approx(0.3)
        assert steps[0]["remaining_seconds"] == pytest.approx(0.1)
        assert steps[2]["over"] is True
        assert (steps[3]["id"], steps[3]["status"]) == (asked["id"], "completed")


@pytest.mark.parametrize("arguments", [("slow-breathing", "--from", "yesterday"), ("slow-breathing", "--from", "1:75")])
def test_a_position_that_is_none(arguments: tuple[str, ...], tmp_path: Path) -> None:
    with served_house(tmp_path, quick()) as served:
        answer = served.ctl("guide", *arguments)
        assert answer.status == 2
        assert "is no position; write it as 2:30 or in seconds" in answer.err


def test_an_activity_that_is_none_or_a_position_outside_is_one_line(tmp_path: Path) -> None:
    with served_house(tmp_path, quick()) as served:
        answer = served.ctl("guide", "slow-breathin")
        assert (answer.status, answer.err.count("\n")) == (1, 1)
        assert "did you mean slow-breathing" in answer.err
        assert served.ctl("guide", "slow-breathing", "--from", "5:00").status == 2


def test_to_the_end_on_a_screen_and_rated(tmp_path: Path) -> None:
    async def scenario(house: House, client: Client) -> None:
        made = await client.suggestions.request()
        stage = Stage(("How much did it help?", "4"))
        guided, became = await guide_and_rate(client, stage, quick(), made)
        assert guided.completed
        assert became is not None
        assert (became.status, became.helpfulness) == (SuggestionStatus.COMPLETED, 4)
        assert house.recommender.taught == {made.suggestion_id: (made.activity_id, 4)}
        assert stage.shown("In") > 1
        assert len(set(stage.pictures)) > 5  # the breath moves between the steps

    run(tmp_path, scenario)


def test_done_but_not_rated(tmp_path: Path) -> None:
    async def scenario(_house: House, client: Client) -> None:
        made = await client.suggestions.request()
        for stage in (Stage(("How much did it help?", "q")), Stage(live=False)):
            made = await client.suggestions.request()
            guided, became = await guide_and_rate(client, stage, quick(), made)
            assert guided.completed
            assert became is not None
            assert (became.status, became.helpfulness) == (SuggestionStatus.COMPLETED, 0)

    run(tmp_path, scenario)


def test_without_a_suggestion_nothing_is_asked_and_nothing_answered(tmp_path: Path) -> None:
    async def scenario(_house: House, client: Client) -> None:
        assert await open_suggestion_of(client, quick()) is None
        stage = Stage()
        guided, became = await guide_and_rate(client, stage, quick(), None)
        assert (guided.completed, became) == (True, None)
        assert not stage.shown("How much did it help?")

    run(tmp_path, scenario)


def test_a_suggestion_of_another_activity_is_left_alone(tmp_path: Path) -> None:
    async def scenario(_house: House, client: Client) -> None:
        await client.suggestions.request()
        assert await open_suggestion_of(client, activity("another")) is None

    run(tmp_path, scenario)


def test_a_pause_goes_on_by_its_position(tmp_path: Path) -> None:
    async def scenario(house: House, client: Client) -> None:
        stage = Stage(("breathe in", " "), ("paused", " "), ("space pauses", "q"))
        guided, _ = await guide_and_rate(client, stage, SLOW, None, 29.5)
        assert not guided.completed
        assert 29.5 <= guided.position_seconds < 30.0
        assert stage.shown("paused")
        await until(lambda: house.guide.guided_count == 0)

    run(tmp_path, scenario, SLOW)


def test_a_step_can_be_left_for_the_next_also_from_a_pause(tmp_path: Path) -> None:
    steps = (SLOW.steps[0], ActivityStep(StepKind.HOLD, "Wait", "", 30.0), SLOW.steps[1])
    made = activity(steps=steps)

    async def scenario(_house: House, client: Client) -> None:
        stage = Stage(("breathe in", " "), ("paused", "n"), ("hold  ", "n"))
        guided, _ = await guide_and_rate(client, stage, made, None)
        assert guided.completed
        assert stage.shown("Out")

    run(tmp_path, scenario, made)


def test_left_before_the_end_the_suggestion_stays_open(tmp_path: Path) -> None:
    async def scenario(_house: House, client: Client) -> None:
        made = await client.suggestions.request()
        stage = Stage(("breathe in", "q"))
        guided, became = await guide_and_rate(client, stage, SLOW, made)
        assert not guided.completed
        assert became is not None
        assert became.status is SuggestionStatus.STARTED

    run(tmp_path, scenario, SLOW)


def test_it_goes_on_after_the_daemon_was_away(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ertedge.ctl.suggestions.guide.AGAIN_SECONDS", 0.1)

    async def scenario(house: House, client: Client) -> None:
        stage = Stage()
        guiding = asyncio.create_task(guide_and_rate(client, stage, SLOW, None, 29.0))
        await until(lambda: stage.shown("breathe in") > 0)
        await house.server.stop()
        await until(lambda: stage.shown("does not answer") > 0)
        house.server = house.make_server()
        await house.server.start((house.address,))
        guided, _ = await guiding
        assert guided.completed

    run(tmp_path, scenario, SLOW)


def test_in_a_terminal_with_a_breath_that_moves_and_keys(tmp_path: Path) -> None:
    with served_house(tmp_path, quick()) as served:
        command = ("-m", "ertedge.ctl.main", "--address", served.address)
        served.ctl("suggest")
        with in_terminal(*command, "guide", "slow-breathing") as terminal:
            terminal.wait_for("How much did it help?")
            assert "⣿" in terminal.shown()
            terminal.press("5")
            assert terminal.end() == 0
            assert "Thank you." in terminal.shown()
            assert terminal.modes == terminal.modes_before
        (made,) = (json.loads(line) for line in served.ctl("--json", "suggestions").out.splitlines())
        assert (made["status"], made["helpfulness"]) == ("completed", 5)


def test_left_in_a_terminal_it_says_how_to_go_on(tmp_path: Path) -> None:
    with served_house(tmp_path, SLOW) as served:
        command = ("-m", "ertedge.ctl.main", "--address", served.address)
        with in_terminal(*command, "guide", "slow-breathing", "--from", "12") as terminal:
            terminal.wait_for("breathe in")
            terminal.press(" ")
            terminal.wait_for("paused")
            terminal.press("q")
            assert terminal.end() == 0
            assert "To go on: ertedge-ctl guide slow-breathing --from 0:1" in terminal.shown()
