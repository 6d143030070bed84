"""The notice and the first questions: nothing is sensed before a key says so, and every page can be left."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from rich.console import Console

from ertedge.ctl.display import WatchView
from ertedge.ctl.live import LivePicture
from ertedge.ctl.people.first_exposure import FirstExposure, is_due, show_as_lines
from ertedge.rpc.client import Client
from ertedge.rpc.profiles_client import Person
from ertedge.types import Profile, Purpose, SensorCondition, SensorName, SensorStatus
from tests.core.fakes import report
from tests.ctl.served import in_terminal
from tests.ctl.suggestions.test_guide import Stage, until
from tests.rpc.house import House, house_at

CLOSED = SensorCondition.NOT_PERMITTED
FACE, VOICE, HISTORY = Purpose.SENSE_FACE, Purpose.SENSE_VOICE, Purpose.KEEP_HISTORY


def play(folder: Path, scenario: Callable[[House, Client], Awaitable[None]]) -> None:
    async def inside() -> None:
        async with house_at(folder) as (house, client):
            house.device.take_report(report(camera=CLOSED, microphone=CLOSED))
            async with asyncio.timeout(20):
                await scenario(house, client)

    asyncio.run(inside())


async def no_help() -> None:
    raise AssertionError("nobody asked for help")


def answers(*keys: str) -> list[tuple[str, str]]:
    """The last page of the notice goes on; then ``keys`` at the last page of each question, after reading it whole."""
    pressed = [("y go on", "y")]
    for key in keys:
        pressed += [("space goes on reading", " "), ("y I agree", key)]
    return pressed


def test_reading_and_agreeing_makes_a_profile_and_writes_down_what_was_agreed_to(tmp_path: Path) -> None:
    async def scenario(house: House, client: Client) -> None:
        stage = Stage(*answers("y", "n", "y"))
        agreed = await FirstExposure(client, stage, no_help).run()
        assert agreed.purposes == (FACE, HISTORY)
        assert agreed.sentence == "Thank you. You are Person 1; see ertedge-ctl consent, ertedge-ctl profiles"
        (person,) = await client.profiles.profiles()
        assert {purpose for purpose in Purpose if person.has_agreed_to(purpose)} == {FACE, HISTORY}
        assert house.people.sensed == {SensorName.CAMERA}
        assert (await client.profiles.notice()).first_show_wall_time_ns > 0
        assert all(max(map(len, picture.splitlines())) <= 80 for picture in stage.pictures)
        assert all(len(picture.splitlines()) <= 24 for picture in stage.pictures)
        whole = " ".join(" ".join(stage.pictures).split())
        for words in ("emotion recognition system", "question 1 of 3", "question 3 of 3", "voluntary"):
            assert words in whole

    play(tmp_path, scenario)


def test_a_yes_before_the_last_page_is_none(tmp_path: Path) -> None:
    async def scenario(house: House, client: Client) -> None:
        stage = Stage(("y go on", "y"), ("space goes on reading", "y"), ("space goes on reading", "q"))
        agreed = await FirstExposure(client, stage, no_help).run()
        assert agreed.person is None
        assert await client.profiles.profiles() == ()

    play(tmp_path, scenario)


@pytest.mark.parametrize(
    "presses",
    [
        [("y go on", "n")],
        [("y go on", "q")],
        [("y go on", "\x1b")],
        answers("n", "n"),
        [("y go on", "y"), ("space goes on reading", "q")],
        [("y go on", "y"), ("space goes on reading", "n"), ("space goes on reading", "n")],
    ],
    ids=["not now", "q at once", "escape", "no twice", "stopped", "no before reading"],
)
def test_whoever_says_no_or_stops_has_agreed_to_nothing(tmp_path: Path, presses: list[tuple[str, str]]) -> None:
    async def scenario(house: House, client: Client) -> None:
        stage = Stage(*presses)
        agreed = await FirstExposure(client, stage, no_help).run()
        assert agreed.person is None and agreed.purposes == ()
        assert "no is fine too" in agreed.sentence
        assert await client.profiles.profiles() == ()
        assert house.people.sensed == frozenset()
        assert not stage.shown("Keep a history?")

    play(tmp_path, scenario)


def test_what_was_agreed_to_before_stopping_counts(tmp_path: Path) -> None:
    async def scenario(house: House, client: Client) -> None:
        stage = Stage(*answers("y"), ("Listen to the sound", "q"))
        agreed = await FirstExposure(client, stage, no_help).run()
        assert agreed.purposes == (FACE,)

    play(tmp_path, scenario)


def test_pages_turn_back_and_help_is_a_key_away(tmp_path: Path) -> None:
    helped: list[bool] = []

    async def help_() -> None:
        helped.append(True)

    async def scenario(house: House, client: Client) -> None:
        stage = Stage(
            ("y go on", "h"),
            ("y go on", "y"),
            ("space goes on reading", " "),
            ("b back", "b"),
            ("space goes on reading", "h"),
            ("space goes on reading", "q"),
        )
        await FirstExposure(client, stage, help_).run()
        assert helped == [True, True]
        assert stage.shown("question 1 of 3") == 4

    play(tmp_path, scenario)


def test_the_only_profile_is_asked_and_no_second_one_made(tmp_path: Path) -> None:
    async def scenario(house: House, client: Client) -> None:
        await client.profiles.create("Anna", "de")
        stage = Stage(("y go on", "y"), *([("space goes on reading", " "), ("y I agree", "y")] * 3))
        agreed = await FirstExposure(client, stage, no_help).run()
        assert agreed.person is not None and agreed.person.profile.display_name == "Anna"
        assert stage.shown("Ihr Gesicht ansehen?")
        assert len(await client.profiles.profiles()) == 1

    play(tmp_path, scenario)


def test_who_is_asked() -> None:
    closed = [SensorStatus(SensorName.CAMERA, CLOSED, "", ""), SensorStatus(SensorName.MICROPHONE, CLOSED, "", "")]
    running = [SensorStatus(SensorName.CAMERA, SensorCondition.RUNNING, "", "")]
    people = [Person(Profile(number, "A", "", 0, 0, ""), (), selected=False) for number in (1, 2)]
    assert is_due(closed, []) and is_due(closed, people[:1])
    assert not is_due(running, []) and not is_due([], [])
    assert not is_due(closed, people), "with two, whoever is here has to say so first"


def test_the_picture_asks_by_itself_once_and_again_when_asked_to(tmp_path: Path) -> None:
    async def scenario(house: House, client: Client) -> None:
        house.publish()
        stage = Stage(("y go on", "n"))
        view = WatchView(client.address, "camera", await client.sensors())
        running = asyncio.create_task(LivePicture(client, stage, view).run())
        await until(lambda: stage.shown("This device reads emotions") > 0)
        await until(lambda: "c agree or not" in stage.pictures[-1])
        assert "no is fine too" in " ".join(stage.pictures[-1].split())
        stage.keys.take(b"c")
        await until(lambda: "This device reads emotions" in stage.pictures[-1])
        stage.keys.take(b"n")
        await until(lambda: "c agree or not" in stage.pictures[-1])
        stage.keys.take(b"q")
        await running

    play(tmp_path, scenario)


def test_where_no_key_can_be_pressed_the_screen_says_what_to_type_until_somebody_agrees(tmp_path: Path) -> None:
    async def scenario(house: House, client: Client) -> None:
        house.publish()
        stage = Stage(live=False)
        running = asyncio.create_task(
            LivePicture(client, stage, WatchView(client.address, "camera", await client.sensors())).run()
        )
        await until(lambda: "ertedge-ctl profiles create NAME" in " ".join(stage.pictures[-1:]))
        assert stage.shown("emotion recognition system")
        person = await client.profiles.create("Anna")
        texts = await client.profiles.texts()
        await client.profiles.give(person.profile.profile_id, texts[0])
        await until(lambda: "SEEMS HAPPY" in stage.pictures[-1])
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)

    play(tmp_path, scenario)


def test_where_no_picture_can_be_drawn_the_notice_is_printed(tmp_path: Path) -> None:
    async def scenario(house: House, client: Client) -> None:
        console = Console(width=80)
        with console.capture() as captured:
            await show_as_lines(client, console)
        printed = " ".join(captured.get().split())
        assert "This device reads emotions" in printed
        assert "Nothing is sensed until somebody agrees." in printed
        assert "ertedge-ctl profiles create NAME" in printed
        assert (await client.profiles.notice()).first_show_wall_time_ns > 0
        house.device.take_report(report())
        with console.capture() as captured:
            await show_as_lines(client, console)
        assert captured.get() == ""

    play(tmp_path, scenario)


def make_run(folder: Path, *options: str) -> list[str]:
    return ["-m", "ertedge.ctl.run", "--source", "camera", "--data-dir", str(folder), *options]


def test_make_run_shows_the_notice_senses_nothing_without_an_answer_and_ends_well(short_path: Path) -> None:
    ended = subprocess.run(
        [sys.executable, *make_run(short_path, "--seconds", "6")], capture_output=True, text=True, check=False
    )
    assert (ended.returncode, ended.stderr) == (0, "")
    assert "This device reads emotions" in ended.stdout
    assert "not sure: nobody has agreed to it" in ended.stdout
    assert not (short_path / "permitted.toml").exists()


def test_make_run_in_a_terminal_asks_and_takes_a_no(short_path: Path) -> None:
    """A yes would open the camera of whoever runs this."""
    with in_terminal(*make_run(short_path)) as terminal:
        terminal.wait_for("This device reads emotions")
        terminal.press("y")
        for title in ("Look at your face?", "Listen to the sound of your voice?"):
            terminal.wait_for(title)
            terminal.press(" ")
            terminal.wait_for("y I agree")
            terminal.forget()
            terminal.press("n")
        terminal.wait_for("no is fine too")
        terminal.press("q")
        assert terminal.end() == 0
        assert terminal.modes == terminal.modes_before
    assert not (short_path / "permitted.toml").exists()


def test_a_demo_needs_no_question(short_path: Path) -> None:
    command = [sys.executable, "-m", "ertedge.ctl.run", "--source", "simulate:day", "--data-dir", str(short_path)]
    ended = subprocess.run([*command, "--seconds", "4"], capture_output=True, text=True, check=False)
    assert ended.returncode == 0
    assert "This device reads emotions" not in ended.stdout
    assert "[simulate]" in ended.stdout


def test_the_objects_of_watch_are_not_disturbed(tmp_path: Path) -> None:
    async def scenario(house: House, client: Client) -> None:
        house.publish()
        command = [sys.executable, "-m", "ertedge.ctl.main", "--address", client.address, "--json", "watch"]
        watching = await asyncio.create_subprocess_exec(*command, "--seconds", "3", stdout=subprocess.PIPE)
        out, _ = await watching.communicate()
        assert watching.returncode == 0
        assert [json.loads(line) for line in out.decode().splitlines()]

    play(tmp_path, scenario)
