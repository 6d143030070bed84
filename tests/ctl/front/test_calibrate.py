"""Enrolling, calibrating and saying how one feels from the terminal: lines, objects, screens and their keys."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from rich.console import Console

from ertedge.ctl.front.calibrate import Guidance, guide_on_screen
from ertedge.ctl.front.calibration_view import Interval, print_summary
from ertedge.ctl.front.calibration_words import WORDS, sentences
from ertedge.ctl.front.enrol import enrol_on_screen
from ertedge.rpc.client import Client
from ertedge.types import (
    EMOTIONS,
    CalibrationSummary,
    Emotion,
    FusionRuleName,
    Modality,
    ModalityReliability,
    Reason,
)
from tests.core.front_fakes import frame
from tests.ctl.served import ServedHouse, served_house
from tests.ctl.suggestions.test_guide import Stage
from tests.rpc.house import House, house_at
from tests.rpc.test_front_calls import acting, agree, show, sit_down

FACE, VOICE = Modality.FACE, Modality.VOICE


def summary(**fields: object) -> CalibrationSummary:
    made: dict[str, object] = {
        "profile_id": 1,
        "reliabilities": (
            ModalityReliability(FACE, 0.54, 0.40, 0.67, 14, 12.0),
            ModalityReliability(VOICE, 0.81, 0.68, 0.91, 13, 11.0),
        ),
        "trusted": VOICE,
        "trusted_since_wall_ns": 1_795_000_000_000_000_000,
        "face_more_reliable": 0.02,
        "fusion_gain": 0.08,
        "fusion_gain_low": 0.03,
        "fusion_gain_high": 0.13,
        "uses_fusion": True,
        "rule": FusionRuleName.LOG_POOL,
        "labels": 14,
        "labels_to_settle": 0,
        "ask_next": None,
        "head_used": (),
    }
    return CalibrationSummary(**{**made, **fields})  # type: ignore[arg-type]


def test_what_is_known_is_said_in_plain_words() -> None:
    said = " ".join(sentences(summary()))
    assert "I trust your voice more, since" in said
    assert "right in 81 of 100 moments (68 to 91)" in said
    assert "Both together help you by 8 ± 5 of 100 moments" in said
    assert "This is settled." in said


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"labels": 0}, "Nothing is known yet"),
        ({"trusted": None, "face_more_reliable": 0.7}, "It is open which of the two to trust more; your face, with a"),
        ({"uses_fusion": False, "fusion_gain": -0.02}, "your voice alone is used"),
        ({"fusion_gain_low": -0.04}, "is not settled: by +8 ±"),
        ({"labels_to_settle": 9, "ask_next": Emotion.FEAR}, "About 9 more moments would settle this. Most would be"),
        ({"labels_to_settle": None, "ask_next": Emotion.FEAR}, "would not settle this soon. Most would be learnt"),
        ({"head_used": (FACE,)}, "Of your face your own way of showing things is in use"),
    ],
)
def test_every_state_of_knowledge_has_its_words(fields: dict[str, object], words: str) -> None:
    assert words in " ".join(sentences(summary(**fields)))


def test_the_chart_fits_eighty_columns_and_needs_neither_colour_nor_unicode() -> None:
    console = Console(width=80, record=True, no_color=True)
    with console.capture() as captured:
        print_summary(console, summary())
    lines = captured.get().splitlines()
    assert max(map(len, lines)) <= 80
    assert any("voice *" in line and "●" in line for line in lines)
    with console.capture() as captured:
        console.print(Interval(0.0, 0.5, 1.0))
    drawn = captured.get().rstrip("\n")
    assert drawn[0] == "├"
    assert drawn[-1] == "┤"
    assert drawn.index("●") == pytest.approx(40, abs=1)


def test_people_call_the_seven_by_many_names() -> None:
    assert set(WORDS.values()) == set(EMOTIONS)
    assert WORDS["sad"] is WORDS["sadness"] is Emotion.SADNESS


@contextmanager
def served_person(folder: Path) -> Iterator[ServedHouse]:
    """A served house with a person who agreed to everything and sits in front of it."""
    with served_house(folder) as served:

        async def settle(house: House) -> None:
            await house.people.create("Ann")
            await agree(house, 1)
            sit_down(house)

        served.inside(settle)
        yield served


def during(served: ServedHouse, mood: Emotion, command: Callable[[], None]) -> None:
    """Run ``command`` while the person shows ``mood``."""
    moods = [mood]

    async def begin(house: House) -> asyncio.Task[None]:
        async def act() -> None:
            async with acting(house, moods):
                await asyncio.Event().wait()

        return asyncio.create_task(act())

    async def end(_house: House) -> None:
        task.cancel()

    task = served.inside(begin)
    command()
    served.inside(end)


def test_a_session_in_lines_and_then_what_is_known(short_path: Path) -> None:
    skip = [part for emotion in EMOTIONS if emotion is not Emotion.HAPPINESS for part in ("--skip", emotion.value)]
    with served_person(short_path) as served:

        def calibrate() -> None:
            answer = served.ctl("calibrate", *skip)
            assert (answer.status, answer.err) == (0, "")
            assert "7/14  Think of a moment when you were glad." in answer.out
            assert "Seen and heard. Thank you." in answer.out
            assert "That was all. Thank you." in answer.out
            assert "2 moments" in answer.out

        during(served, Emotion.HAPPINESS, calibrate)
        known = json.loads(served.ctl("--json", "profiles", "trust").out)
        assert known["labels"] == 2
        assert known["open_session"] is None
        assert [each["modality"] for each in known["reliabilities"]] == ["face", "voice"]
        assert "It is open which" in served.ctl("profiles", "trust").out.replace("\n", " ")
        assert served.ctl("calibrate", "--forget").out.startswith("Forgotten.")
        assert "Nothing is known yet" in served.ctl("profiles", "trust", "--profile", "Ann").out


def test_a_session_as_objects(short_path: Path) -> None:
    skip = [part for emotion in EMOTIONS if emotion is not Emotion.ANGER for part in ("--skip", emotion.value)]
    with served_person(short_path) as served:
        lines: list[dict[str, object]] = []
        during(
            served,
            Emotion.ANGER,
            lambda: lines.extend(map(json.loads, served.ctl("--json", "calibrate", *skip).out.splitlines())),
        )
        assert {line["phase"] for line in lines[:-1]} == {"prepare", "take", "taken", "done"}
        assert lines[-1]["labels"] == 2


def test_saying_how_one_feels(short_path: Path) -> None:
    with served_person(short_path) as served:
        quiet = served.ctl("feel", "happy")
        assert quiet.status == 1
        assert "neither see nor hear" in quiet.err

        async def smile(house: House) -> None:
            show(house, Emotion.HAPPINESS)

        served.inside(smile)
        answer = served.ctl("feel", "happy")
        assert answer.status == 0
        assert "Noted: happy, with what your face and voice showed (moment 1)." in answer.out
        pointed = json.loads(
            served.ctl("--json", "feel", "--valence", "-0.6", "--arousal", "0.6", "--profile", "1").out
        )
        assert pointed["emotion"] == "fear"
        assert pointed["calibration"]["labels"] == 2
        listed = served.ctl("feel", "--list").out.splitlines()
        assert [line.split()[2] for line in listed] == ["afraid", "happy"]
        assert served.ctl("feel", "--undo").out == "Taken back: afraid.\n"
        left = [json.loads(line) for line in served.ctl("--json", "feel", "--list").out.splitlines()]
        assert [each["emotion"] for each in left] == ["happiness"]
        for wrong in (("feel",), ("feel", "flabbergasted"), ("feel", "--valence", "0.5")):
            assert served.ctl(*wrong).status == 2


def run(folder: Path, scenario: Callable[[House, Client], Awaitable[None]]) -> None:
    async def inside() -> None:
        async with house_at(folder) as (house, client):
            await house.people.create("Ann")
            await agree(house, 1)
            sit_down(house)
            await scenario(house, client)

    asyncio.run(inside())


def test_on_a_screen_a_feeling_is_left_out_and_a_pause_is_gone_on_from(tmp_path: Path) -> None:
    async def scenario(house: House, client: Client) -> None:
        stage = Stage(("Think of something ordinary", " "), ("paused", " "), ("surprised", "s"), ("3 of 14", "q"))
        guidance = Guidance(client)
        await guidance.find(new=False)
        async with acting(house, [Emotion.NEUTRAL]):
            await guide_on_screen(guidance, stage)
        assert not guidance.is_over
        assert stage.shown("paused") >= 1
        assert stage.shown("space pauses, s leaves this feeling out, q ends") >= 1
        session = house.store.calibrations.sessions(1)[-1]
        assert session.skipped == (Emotion.SURPRISE,)
        status = await client.calibration.status()
        assert status.open_session_id == session.session_id
        assert {label.emotion for label in house.store.calibrations.labels(1, synthetic=False)} >= {Emotion.NEUTRAL}

    run(tmp_path, scenario)


def test_enrolling_on_a_screen_tells_what_is_missing(tmp_path: Path) -> None:
    async def scenario(house: House, client: Client) -> None:
        stage = Stage()

        async def look() -> None:
            for number in range(200):
                house.front.enrolment.see(frame(number, reasons=(Reason.TOO_DARK,) if number < 10 else ()))
                await asyncio.sleep(0.02)

        looking = asyncio.create_task(look())
        done = await enrol_on_screen(client, stage)
        looking.cancel()
        assert done is not None
        assert done.is_done
        assert stage.shown("More light, please") >= 1
        assert stage.shown("of 12 pictures") >= 1
        assert stage.pictures[-1].count("Done. I will know your face from now on.") == 1

    run(tmp_path, scenario)


def test_enrolling_can_be_ended_and_keeps_nothing(tmp_path: Path) -> None:
    async def scenario(house: House, client: Client) -> None:
        assert await enrol_on_screen(client, Stage(("Look at the camera", "q"))) is None
        assert house.store.faces.galleries() == {}

    run(tmp_path, scenario)


def test_enrolling_in_lines_and_forgetting(short_path: Path) -> None:
    with served_person(short_path) as served:

        async def look(house: House) -> asyncio.Task[None]:
            async def frames() -> None:
                number = 0
                while True:
                    house.front.enrolment.see(frame(number := number + 1))
                    await asyncio.sleep(0.01)

            return asyncio.create_task(frames())

        looking = served.inside(look)
        answer = served.ctl("enrol")
        assert answer.status == 0
        assert answer.out.splitlines()[-1] == "12/12  Done. I will know your face from now on."
        assert json.loads(served.ctl("--json", "enrol", "--status").out) == {"enrolled": True, "frame_count": 12}
        assert served.ctl("enrol", "--forget").out.startswith("Your face is not enrolled.")

        async def stop(_house: House) -> None:
            looking.cancel()

        served.inside(stop)


def test_without_the_consents_one_is_told_which(short_path: Path) -> None:
    with served_house(short_path) as served:

        async def settle(house: House) -> None:
            await house.people.create("Ann")

        served.inside(settle)
        for command, words in (("enrol", "sensed and recognised"), ("calibrate", "keep_history")):
            answer = served.ctl(command)
            assert answer.status == 1
            assert words in answer.err
