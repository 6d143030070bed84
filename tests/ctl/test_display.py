"""The picture of ``watch`` fits a small terminal, never jumps, and can be read without colour."""

from __future__ import annotations

import io
from dataclasses import replace

import pytest
from rich.console import Console

from ertedge.ctl.display import CHART_SECONDS, WatchView
from ertedge.types import EMOTIONS, Emotion, Modality, ModalityShare, Reason, SensorCondition
from tests.ctl.samples import event, known_state, sensors, unknown_state


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
VIEWS = {
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
    drawn = {name: screen(view) for name, view in VIEWS.items() if name != "before the first"}
    for mark in ("neutral", "pleasant (+)"):
        rows = {name: [mark in line[:34] for line in lines].index(True) for name, lines in drawn.items()}
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
