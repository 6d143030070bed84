"""The live picture: what its keys do, and that a safety notice stands before everything."""

from __future__ import annotations

import asyncio
import json
import signal
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path

import pytest

from ertedge.ctl.display import WatchView
from ertedge.ctl.live import LivePicture
from ertedge.errors import StoreFullError
from ertedge.rpc.client import Client
from ertedge.types import (
    Activity,
    ActivityStep,
    Emotion,
    Presence,
    PresenceKind,
    RedFlag,
    ResponseKind,
    SafetyCause,
    StepKind,
    SuggestionStatus,
)
from ertedge.types.assessments import AssessmentReminder
from tests.ctl.served import in_terminal, served_house
from tests.ctl.suggestion_samples import activity, quick
from tests.ctl.suggestions.test_guide import Stage, until
from tests.rpc.house import House, house_at
from tests.rpc.test_front_calls import agree, show, sit_down

LONG = activity(steps=(ActivityStep(StepKind.INHALE, "In", "", 60.0),))


class Play:
    """A live picture of a house, and fingers for its keys."""

    def __init__(self, house: House, client: Client, stage: Stage) -> None:
        self.house, self.client, self.stage = house, client, stage
        self.view = WatchView(client.address, "camera")
        self.running = asyncio.create_task(LivePicture(client, stage, self.view).run())

    async def press(self, key: str, until_shown: str) -> None:
        """Press ``key`` and wait until a later picture shows a text."""
        seen = len(self.stage.pictures)
        self.stage.keys.take(key.encode())
        await until(lambda: any(until_shown in picture for picture in self.stage.pictures[seen:]))

    async def shows(self, text: str) -> None:
        await until(lambda: bool(self.stage.pictures) and text in self.stage.pictures[-1])

    async def shows_no(self, text: str) -> None:
        await until(lambda: text not in self.stage.pictures[-1])


def play(
    folder: Path, scene: Callable[[Play], Awaitable[None]], *, suggests: bool = True, made: Activity | None = None
) -> None:
    async def inside() -> None:
        catalogue = (made or quick(),)
        async with house_at(folder, catalogue=catalogue, suggests=suggests) as (house, client):
            house.publish(emotion=Emotion.SADNESS)
            stage = Play(house, client, Stage())
            await stage.shows("SEEMS SAD")
            try:
                await scene(stage)
            finally:
                stage.running.cancel()
                await asyncio.gather(stage.running, return_exceptions=True)

    asyncio.run(inside())


def test_asked_for_taken_up_done_and_rated(tmp_path: Path) -> None:
    async def scene(at: Play) -> None:
        await at.press("r", "SUGGESTION  Slow breathing")
        await at.shows("not yet reviewed by a clinician")
        await at.press("a", "Noted: you want to do it.")
        await at.press("g", "How much did it help?")
        await at.press("5", "The next suggestions take it into account.")
        await at.shows_no("SUGGESTION")
        (made,) = [each async for each in at.client.suggestions.suggestions()]
        assert (made.status, made.helpfulness) == (SuggestionStatus.COMPLETED, 5)

    play(tmp_path, scene)


def test_later_and_no(tmp_path: Path) -> None:
    async def scene(at: Play) -> None:
        await at.press("r", "SUGGESTION")
        await at.press("s", "It will be offered again in 30 min.")
        await at.shows_no("SUGGESTION")
        await at.press("r", "SUGGESTION")
        await at.press("d", "Noted: not this one.")
        await at.shows_no("SUGGESTION")
        found = [each.status async for each in at.client.suggestions.suggestions()]
        assert found == [SuggestionStatus.DISMISSED, SuggestionStatus.SNOOZED]

    play(tmp_path, scene)


def test_done_elsewhere_it_can_be_rated_or_skipped_here(tmp_path: Path) -> None:
    async def scene(at: Play) -> None:
        for key, rating in (("2", 2), ("d", 0)):
            await at.press("r", "SUGGESTION")
            made = await at.client.suggestions.suggestion()
            suggestions = at.client.suggestions
            await suggestions.respond(made.suggestion_id, ResponseKind.COMPLETE)
            await at.shows("How much did it help?")
            at.stage.keys.take(key.encode())
            await at.shows_no("How much did it help?")
            assert (await suggestions.suggestion(made.suggestion_id)).helpfulness == rating

    play(tmp_path, scene)


def test_left_and_gone_on_with(tmp_path: Path) -> None:
    async def scene(at: Play) -> None:
        await at.press("r", "SUGGESTION")
        await at.press("g", "breathe in")
        await asyncio.sleep(0.2)
        await at.press("q", "Left at 0:00; g goes on from there.")
        await at.shows("under way")
        assert not at.running.done()
        await at.press("g", "breathe in")
        await at.press("q", "Left at")

    play(tmp_path, scene, made=LONG)


def test_a_notice_stands_above_everything_and_ends_a_guidance(tmp_path: Path) -> None:
    async def scene(at: Play) -> None:
        await at.press("r", "SUGGESTION")
        await at.press("g", "breathe in")
        at.house.safety.raise_red_flag(RedFlag.SELF_HARM_THOUGHTS)
        await at.shows("very hard time")
        picture = at.stage.pictures[-1]
        assert picture.index("very hard time") < picture.index("SEEMS SAD")
        await at.shows("findahelpline")
        assert "SUGGESTION" not in picture
        await at.press("r", "very hard time")  # no key but those of the notice does anything
        assert not [each async for each in at.client.suggestions.suggestions()][1:]
        await at.press("l", "I will ask again later")
        await at.press("n", "People who listen")
        await at.press("q", "SEEMS SAD")
        assert not at.running.done()
        (open_one,) = [each async for each in at.client.safety.notices(only_open=True)]
        assert open_one.cause in (SafetyCause.RED_FLAG, SafetyCause.ASKED_FOR_HELP)

    play(tmp_path, scene, made=LONG)


def test_looking_at_help_raises_nothing_and_asking_does(tmp_path: Path) -> None:
    async def scene(at: Play) -> None:
        await at.press("h", "Your safety plan")
        await at.press("q", "SEEMS SAD")
        assert not [each async for each in at.client.safety.notices()]
        await at.press("h", "People who listen")
        await at.press("n", "You asked for help")
        await at.press("q", "n I need help")
        (asked,) = [each async for each in at.client.safety.notices(only_open=True)]
        assert asked.cause is SafetyCause.ASKED_FOR_HELP

    play(tmp_path, scene)


def test_help_without_the_daemon_still_says_where_to_turn(tmp_path: Path) -> None:
    async def scene(at: Play) -> None:
        await at.house.server.stop()
        await at.press("h", "findahelpline")
        await at.press("n", "findahelpline")
        assert "emergency" in at.stage.pictures[-1]

    play(tmp_path, scene)


def test_what_goes_wrong_is_said_and_the_picture_goes_on(tmp_path: Path) -> None:
    async def scene(at: Play) -> None:
        await at.press("r", "recommender.onnx is missing")
        at.house.publish(emotion=Emotion.HAPPINESS)
        await at.shows("SEEMS HAPPY")

    play(tmp_path, scene, suggests=False)


def test_a_stream_that_cannot_be_had_ends_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from ertedge.core.household import Household

    def refuse(*_: object) -> None:
        raise StoreFullError("the disk is full")

    monkeypatch.setattr("ertedge.ctl.live.AGAIN_SECONDS", 0.05)
    whole = Household.watch_suggestions
    monkeypatch.setattr(Household, "watch_suggestions", refuse)

    async def scene(at: Play) -> None:
        await at.shows("suggestions cannot be watched: the disk is full")
        at.house.publish(emotion=Emotion.HAPPINESS)
        await at.shows("SEEMS HAPPY")
        monkeypatch.setattr(Household, "watch_suggestions", whole)
        await at.client.suggestions.request()
        await at.shows("SUGGESTION")

    play(tmp_path, scene)


def test_what_somebody_else_was_offered_goes_from_the_picture_with_them(tmp_path: Path) -> None:
    async def scene(at: Play) -> None:
        first, second = [(await at.house.people.create(name)).profile_id for name in ("Ada", "Ben")]
        at.house.household.follow(Presence(1, PresenceKind.PROFILE, first))
        await at.client.suggestions.request()
        await at.shows("SUGGESTION")
        at.house.household.follow(Presence(2, PresenceKind.PROFILE, second))
        await at.shows_no("SUGGESTION")
        at.house.household.follow(Presence(3, PresenceKind.PROFILE, first))
        await at.shows("SUGGESTION")

    play(tmp_path, scene)


def test_q_ends_it(tmp_path: Path) -> None:
    async def scene(at: Play) -> None:
        at.stage.keys.take(b"zq")
        await asyncio.wait_for(at.running, 5)

    play(tmp_path, scene)


def test_an_old_suggestion_does_not_take_the_place_of_a_new_one(tmp_path: Path) -> None:
    async def scene(at: Play) -> None:
        await at.press("r", "SUGGESTION")
        first = await at.client.suggestions.suggestion()
        await at.press("r", "SUGGESTION")
        await until(lambda: at.view.offer is not None and at.view.offer.suggestion.suggestion_id > first.suggestion_id)
        assert at.view.offer is not None
        assert at.view.offer.suggestion.status is SuggestionStatus.OFFERED

    play(tmp_path, scene)


def test_the_whole_of_it_in_a_terminal(tmp_path: Path) -> None:
    with served_house(tmp_path, replace(quick(), title="Slow breathing")) as served:

        async def feel(house: House) -> None:
            house.publish(emotion=Emotion.SADNESS)

        served.inside(feel)
        with in_terminal("-m", "ertedge.ctl.main", "--address", served.address, "watch") as terminal:
            terminal.wait_for("SEEMS SAD")
            terminal.press("r")
            terminal.wait_for("SUGGESTION")
            terminal.press("g")
            terminal.wait_for("How much did it help?")
            terminal.press("4")
            terminal.wait_for("Thank you.")
            terminal.press("q")
            assert terminal.end() == 0
            assert terminal.modes == terminal.modes_before
            assert terminal.raw.rstrip().endswith(("\x1b[?1049l", "\x1b[?25h"))
        (made,) = (json.loads(line) for line in served.ctl("--json", "suggestions").out.splitlines())
        assert made["helpfulness"] == 4


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT], ids=lambda number: number.name)
def test_a_signal_gives_the_terminal_back(number: signal.Signals, tmp_path: Path) -> None:
    with served_house(tmp_path, LONG) as served:
        served.ctl("suggest")

        async def feel(house: House) -> None:
            house.publish(emotion=Emotion.SADNESS)

        served.inside(feel)
        with in_terminal("-m", "ertedge.ctl.main", "--address", served.address, "watch") as terminal:
            terminal.wait_for("SUGGESTION")
            terminal.press("g")
            terminal.wait_for("breathe in")
            terminal.process.send_signal(number)
            assert terminal.end() == 0
            assert terminal.modes == terminal.modes_before
            assert terminal.raw.count("\x1b[?1049h") == terminal.raw.count("\x1b[?1049l") == 1
            assert "Traceback" not in terminal.shown()


def test_elsewhere_a_line_each(tmp_path: Path) -> None:
    with served_house(tmp_path, quick()) as served:

        async def feel(house: House) -> None:
            house.publish(emotion=Emotion.SADNESS)
            await house.suggestions.request()

        served.inside(feel)
        answer = served.ctl("watch", "--seconds", "1.5")
        assert (answer.status, answer.err) == (0, "")
        assert "seems sad" in answer.out
        assert "suggestion 1: Slow breathing (1 min): You asked" in answer.out


def test_a_reminder_is_a_line_that_asks_for_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ertedge.ctl.live.REMINDER_SECONDS", 0.05)

    async def scene(at: Play) -> None:
        await at.shows_no("ertedge-ctl assess dass21")
        day_ns, now_ns = 86_400 * 10**9, at.house.clock.wall_ns()
        at.house.store.assessments.given[0, "dass21"] = AssessmentReminder(0, "dass21", now_ns - 1, now_ns + day_ns)
        await at.house.questionnaires.reminders.start()
        await at.shows("If you like: ertedge-ctl assess dass21")
        at.house.safety.raise_red_flag(RedFlag.EXTREMELY_SEVERE)
        await at.shows_no("ertedge-ctl assess dass21")

    play(tmp_path, scene)


def test_saying_how_one_feels_from_the_picture(tmp_path: Path) -> None:
    async def scene(play: Play) -> None:
        await play.house.people.create("Ann")
        await agree(play.house, 1)
        sit_down(play.house)
        play.house.publish()
        await play.shows("SEEMS HAPPY")
        await play.press("f", "1  calm")
        await play.press("q", "SEEMS HAPPY")
        await play.press("f", "1  calm")
        await play.press("2", "neither see nor hear you")
        show(play.house, Emotion.HAPPINESS)
        await play.press("f", "1  calm")
        await play.press("2", "Thank you. Noted: happy")
        assert len(play.house.store.calibrations.labels(1, synthetic=False)) == 1

    play(tmp_path, scene)
