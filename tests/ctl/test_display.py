"""The picture of ``watch`` fits a small terminal, never jumps, and can be read without colour."""

from __future__ import annotations

import io
from dataclasses import replace

import pytest
from rich.console import Console

from ertedge.ctl.display import CHART_SECONDS, WatchView
from ertedge.ctl.safety.help_view import help_screen
from ertedge.ctl.suggestions.offer_view import Offer
from ertedge.types import (
    EMOTIONS,
    Emotion,
    Modality,
    ModalityShare,
    Reason,
    SafetyContact,
    SafetyPlan,
    SensorCondition,
    SensorName,
    SensorStatus,
    SuggestionStatus,
)
from tests.ctl.samples import event, known_state, sensors, unknown_state
from tests.ctl.suggestion_samples import HELPLINES, activity, notice, reviewed, suggestion


def screen(
    view: WatchView, *, now: float = 100.0, width: int = 80, height: int = 24, colour: bool = False
) -> list[str]:
    file = io.StringIO()
    console = Console(
        width=width, height=height, file=file, force_terminal=colour, color_system="truecolor" if colour else None
    )
    console.print(view.render(now, height))
    return file.getvalue().splitlines()


def view_of(view: WatchView | None = None, *, state: object = None, **changes: object) -> WatchView:
    made = view or WatchView("unix:/run/ertedge/ertedged.sock", "camera and microphone", sensors())
    if state is not None:
        made.take(event(state), 100.0)  # type: ignore[arg-type]
    for name, value in changes.items():
        setattr(made, name, value)
    return made


LONG = (Reason.TWO_PEOPLE, Reason.DISAGREEMENT, Reason.TOO_DARK, Reason.LOW_QUALITY)
TROUBLED = sensors(
    SensorCondition.BUSY, "close the program that uses it, or choose another camera: " + "camera.device " * 9
)
OFFER = Offer(suggestion(reason="You have looked sad for 3 minutes, and that is why. " * 12), activity())
DONE = Offer(suggestion(SuggestionStatus.COMPLETED), reviewed(activity()))
VIEWS = {
    "suggestion": view_of(state=replace(known_state(), synthetic=True), source="demo", offer=OFFER, keys=True),
    "suggestion without keys": view_of(state=known_state(), offer=OFFER),
    "done": view_of(state=known_state(), offer=DONE, keys=True),
    "notice": view_of(state=replace(known_state(), synthetic=True), offer=OFFER, notice=notice(), helplines=HELPLINES),
    "notice with keys": view_of(state=known_state(), notice=notice(message="x " * 900), helplines=HELPLINES, keys=True),
    "notice without helplines": view_of(state=known_state(), notice=notice(message="How are you?")),
    "known": view_of(state=known_state()),
    "unknown": view_of(state=unknown_state(Reason.NO_FACE, Reason.NO_SPEECH)),
    "wordy": view_of(state=unknown_state(*LONG)),
    "synthetic": view_of(state=replace(known_state(), synthetic=True), source="demo"),
    "muted": view_of(state=unknown_state(Reason.MUTED, Reason.NO_SPEECH), sensors=sensors(SensorCondition.MUTED)),
    "device in trouble": view_of(state=unknown_state(Reason.NO_SENSOR), sensors=TROUBLED),
    "daemon away": view_of(state=known_state(), trouble="the daemon at unix:/x does not answer; trying again"),
    "before the first": view_of(),
    "no shares": view_of(state=replace(known_state(), shares=())),
}


@pytest.mark.parametrize("name", VIEWS)
@pytest.mark.parametrize(("width", "height"), [(80, 24), (100, 30), (120, 40)])
def test_the_picture_fits(name: str, width: int, height: int) -> None:
    lines = screen(VIEWS[name], width=width, height=height)
    assert len(lines) <= height
    assert max(map(len, lines)) <= width
    assert lines[0].startswith("╭─ ertedge")


def test_nothing_moves_when_the_words_change() -> None:
    drawn = {name: screen(view) for name, view in VIEWS.items() if name != "before the first" and "notice" not in name}
    for mark in ("neutral", "pleasant (+)"):
        rows = {
            name: [mark in line[:34] for line in lines].index(True)
            for name, lines in drawn.items()
            if any(mark in line[:34] for line in lines)
        }
        assert len(set(rows.values())) == 1, rows
    assert {len(lines) for lines in drawn.values()} == {len(drawn["known"])}


def test_a_known_state_without_colour() -> None:
    text = "\n".join(screen(VIEWS["known"]))
    assert "SEEMS HAPPY   70% sure, for 12 s" in text
    assert "valence +0.55, arousal +0.31" in text
    assert "says happiness 76%" in text
    assert "says neutral 44%" in text
    for emotion in EMOTIONS:
        assert f" {emotion} " in text
    assert "watching camera and microphone" in text
    assert "real person" not in text
    assert "\x1b" not in text


def test_bars_are_as_long_as_their_shares() -> None:
    lines = {line.split()[1]: line for line in screen(VIEWS["known"]) if line.startswith("│ ") and "━" in line[:40]}
    happy = lines["happiness"][:38]
    assert happy.count("━") > 2 * happy.count("─")
    weight = next(line for line in screen(VIEWS["known"]) if " face " in line)[40:]
    assert "64%" in weight


def test_an_unknown_state_says_why_for_the_whole_and_for_each_modality() -> None:
    lines = screen(VIEWS["unknown"])
    assert any("NOT SURE" in line for line in lines)
    assert any("I cannot see a face, and nobody is speaking" in line for line in lines)
    right = "\n".join(line[40:] for line in lines)
    assert "I cannot see a face" in right
    assert "nobody is speaking" in right
    assert "SEEMS" not in "\n".join(lines)


@pytest.mark.parametrize(
    ("source", "word"), [("demo", "DEMO"), ("simulate:day", "SIMULATION"), ("something else", "SYNTHETIC")]
)
def test_what_is_not_real_says_so(source: str, word: str) -> None:
    view = view_of(state=replace(known_state(), synthetic=True), source=source)
    assert any(f"{word}: nothing here is about a real person" in line for line in screen(view))


def test_a_muted_sensor_says_how_to_unmute_it() -> None:
    text = "\n".join(screen(VIEWS["muted"]))
    assert "camera: muted" in text
    assert "ertedge-ctl sensors unmute camera" in text


def test_a_device_in_trouble_says_what_to_do() -> None:
    text = "\n".join(screen(VIEWS["device in trouble"]))
    assert "camera: used by another" in text
    assert "camera: close the program that uses it" in text


def test_an_old_state_is_not_shown_as_the_present_one() -> None:
    view = view_of(state=known_state(), trouble="the daemon at unix:/x does not answer; trying again")
    text = "\n".join(screen(view, now=130.0))
    assert "NO NEWS for 30 s" in text
    assert "does not answer" in text
    assert "SEEMS" not in text
    view.take(event(known_state()), 131.0)
    assert "SEEMS HAPPY" in "\n".join(screen(view, now=131.0))


def test_before_the_first_state_the_sensors_are_told() -> None:
    view = view_of(sensors=sensors(SensorCondition.STARTING))
    text = "\n".join(screen(view))
    assert "Waiting for the first state." in text
    assert "camera: starting" in text


def test_a_device_that_was_starting_is_heard_as_soon_as_it_speaks() -> None:
    view = view_of(state=known_state(), sensors=sensors(SensorCondition.STARTING, "it is starting"))
    text = "\n".join(screen(view))
    assert "says happiness" in text
    assert "starting" not in text
    view.take(event(unknown_state(Reason.NO_SENSOR)), 101.0)
    assert "camera: starting" in "\n".join(screen(view))


def test_markup_in_names_is_only_text() -> None:
    view = view_of(state=known_state(), source="replay of [bold]x[/nonsense].mkv", trouble="[/wrong]")
    text = "\n".join(screen(view))
    assert "replay of [bold]x[/nonsense].mkv" in text
    assert "[/wrong]" in text


def test_the_leading_emotion_has_its_colour() -> None:
    coloured = "\n".join(screen(VIEWS["known"], colour=True))
    assert "\x1b[1;33mSEEMS HAPPY" in coloured


def test_states_are_placed_by_their_age_and_unknown_ones_leave_a_gap() -> None:
    view = WatchView("unix:/x")
    view.take(event(known_state(), late_seconds=4.0), 10.0)
    view.take(event(unknown_state(Reason.NO_FACE)), 11.0)
    view.take(event(None), 12.0)
    assert list(view.past) == [(6.0, 0.55)]
    assert view.state is not None
    assert view.state.emotion is Emotion.UNKNOWN


def test_a_clock_that_is_set_moves_nothing() -> None:
    view = WatchView("unix:/x")
    view.take(event(known_state()), 10.0)
    hour_ns = 3_600_000_000_000
    view.take(event(known_state(wall_time_ns=known_state().wall_time_ns + hour_ns)), 11.0)
    assert [then for then, _ in view.past] == [10.0, 11.0]


def test_the_past_is_bounded() -> None:
    view = WatchView("unix:/x")
    for index in range(5000):
        view.take(event(known_state()), index * 0.5)
    assert len(view.past) < 5000
    assert view.past[-1][0] - view.past[0][0] > CHART_SECONDS


def test_only_one_modality() -> None:
    share = ModalityShare(Modality.VOICE, 1.0, 0.5, known_state().probabilities)
    text = "\n".join(screen(view_of(state=replace(known_state(), shares=(share,)), source="x")))
    assert "face" in text
    assert "says nothing" in text


def test_a_suggestion_says_what_why_whether_reviewed_and_what_to_press() -> None:
    offer = Offer(suggestion(), activity())
    text = "\n".join(screen(view_of(state=known_state(), offer=offer, keys=True)))
    assert "SUGGESTION  Slow breathing   5 min" in text
    assert "You have looked sad for 3 minutes. Slow breathing helped you 3 of 4 times." in text
    assert "not yet reviewed by a clinician" in text
    assert "g guide me   a I want to   s later   d no, thank you" in text
    assert "r suggest something, h help now, q ends" in text
    assert "SEEMS HAPPY" in text
    without = "\n".join(screen(view_of(state=known_state(), offer=offer)))
    assert "ertedge-ctl guide slow-breathing" in without
    assert "Ctrl-C ends" in without


def test_where_there_is_room_the_chart_stays_beside_a_suggestion() -> None:
    assert "pleasant (+)" in "\n".join(screen(VIEWS["suggestion"], height=40, width=120))
    assert "pleasant (+)" not in "\n".join(screen(VIEWS["suggestion"]))


@pytest.mark.parametrize("status", list(SuggestionStatus))
def test_what_is_over_is_not_shown(status: SuggestionStatus) -> None:
    shown = (SuggestionStatus.OFFERED, SuggestionStatus.ACCEPTED, SuggestionStatus.STARTED, SuggestionStatus.COMPLETED)
    text = "\n".join(screen(view_of(state=known_state(), offer=Offer(suggestion(status)))))
    assert ("SUGGESTION" in text) is (status in shown)
    rated = view_of(state=known_state(), offer=Offer(suggestion(status, helpfulness=4)))
    assert ("SUGGESTION" in "\n".join(screen(rated))) is (status in shown[:3])


def test_a_notice_stands_above_everything_with_the_first_helplines() -> None:
    lines = screen(VIEWS["notice"])
    text = "\n".join(lines)
    order = [
        next(n for n, line in enumerate(lines) if mark in line) for mark in ("SYNTHETIC:", "very hard", "911", "SEEMS")
    ]
    assert order == sorted(order)
    assert "988 Suicide & Crisis Lifeline" in text
    assert "SUGGESTION" not in text
    assert "ertedge-ctl safety respond 1 need-help" in text
    assert "n I need help   s I am safe   l not now   h plan and helplines" in "\n".join(
        screen(VIEWS["notice with keys"])
    )
    closed = view_of(state=known_state(), notice=notice(open=False), offer=OFFER)
    assert "very hard" not in "\n".join(screen(closed))


def test_what_was_done_is_said_for_a_while() -> None:
    view = view_of(state=known_state())
    view.say("Noted: not this one.", 100.0)
    assert "Noted: not this one." in "\n".join(screen(view, now=104.0))
    assert "Noted" not in "\n".join(screen(view, now=120.0))


PLAN = SafetyPlan(
    warning_signs=("I do not sleep", "I answer nobody"),
    coping_strategies=("a walk",),
    people=(SafetyContact("Ada", "0170 1234567"), SafetyContact("my brother")),
)


@pytest.mark.parametrize("plan", [None, SafetyPlan(), PLAN, replace(PLAN, warning_signs=("very long " * 60,))], ids=str)
@pytest.mark.parametrize("asked", ["", "You asked for help, and that is a good step. " * 4])
def test_the_page_of_help_fits(plan: SafetyPlan | None, asked: str) -> None:
    file = io.StringIO()
    Console(width=80, height=24, file=file).print(help_screen(plan, HELPLINES, asked=asked, height=24))
    lines = file.getvalue().splitlines()
    assert max(map(len, lines)) <= 80
    if plan is None or len(str(plan)) < 500:
        assert len(lines) <= 24
    assert ("911" in file.getvalue()) or plan is None
    assert ("Ada; 0170 1234567" in file.getvalue()) is (plan is not None and bool(plan.people))


def test_who_did_not_agree_to_a_sense_is_not_asked_again_while_another_runs() -> None:
    detail = "closed until you agree: ertedge-ctl consent give sense_voice"
    voice = SensorStatus(SensorName.MICROPHONE, SensorCondition.NOT_PERMITTED, "", detail)
    for camera, nags in ((SensorCondition.RUNNING, False), (SensorCondition.NOT_PERMITTED, True)):
        view = WatchView("unix:/s", "camera", (SensorStatus(SensorName.CAMERA, camera, "", ""), voice))
        assert (detail in view._advice(0.0)) is nags
