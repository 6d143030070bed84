"""Every rule that an entry of the catalogue keeps to, broken once, and all of them broken at once."""

from __future__ import annotations

from pathlib import Path
from typing import get_args

import pytest

from ertedge.config import HealthConditionWord
from ertedge.recommend.catalogue_file import StepSection
from ertedge.recommend.catalogue_reader import read_layers
from ertedge.types import HealthCondition, StepKind
from tests.recommend.activity_files import written

CYCLE = '    { kind = "inhale", seconds = 4, show = "In", say = "Breathe in." },\n'
EXHALE = '    { kind = "exhale", seconds = 6, show = "Out", say = "And out." },\n'


def faults(folder: Path) -> list[str]:
    return [fault.what for fault in read_layers([sorted(folder.glob("*.toml"))])[1]]


def test_a_right_entry_has_no_fault(tmp_path: Path) -> None:
    assert faults(written(tmp_path)) == []


BROKEN = [
    # Types and words.
    (("minutes = 1.5", "minuts = 1.5\nminutes = 1.5"), "minuts: unknown key; did you mean minutes?"),
    (("minutes = 1.5", 'minutes = "1.5"'), "minutes: should be a valid number (got '1.5')"),
    (("minutes = 1.5\n", ""), "minutes: is missing"),
    (('"fear", "anger"', '"feer", "anger"'), "emotions.0: 'feer' is none of neutral, happiness,"),
    (('["respiratory"]', '["respiratory", "asthma"]'), "contraindications.1: 'asthma' is none of respiratory,"),
    (('"lowers"', '"lower"'), "arousal_effect: 'lower' is none of lowers, keeps, raises; did you mean lowers?"),
    (("arousal_most = 1.0", "arousal_most = 1.1"), "arousal_most: should be less than or equal to 1 (got 1.1)"),
    (('kind = "read"', 'kind = "reed"'), "steps.0: 'reed' is none of read, inhale,"),
    (('kind = "read"\n', ""), "steps.0: kind is missing"),
    (('kind = "inhale"', 'kind = "inhal"'), "steps.1.steps.0.kind: 'inhal' is none of read, inhale,"),
    (('show = "In"', 'sho = "In"'), "steps.1.steps.0.sho: unknown key; did you mean show?"),
    (("seconds = 15", "seconds = 0"), "steps.0.seconds: should be greater than 0 (got 0)"),
    (("version = 1", "version = 0"), "version: should be greater than or equal to 1 (got 0)"),
    # What is said of it.
    (('"slow-breathing"', '"Slow Breathing"'), "id: 'Slow Breathing' is no id;"),
    (('title = "Slow breathing"\n', ""), "title: is missing"),
    (('"Slow breathing"', '"' + "Slow breathing " * 3 + 'now and then"'), "title: has 57 characters; at most 50 fit"),
    (('"Slow breathing"', '"Slow  breathing"'), "title: has line breaks or spaces to spare;"),
    (("Settles you", "Settles\\nyou"), "purpose: has line breaks or spaces to spare;"),
    (('"fear", "anger"', ""), "emotions: there is none; name those it is for"),
    (('"fear", "anger"', '"fear", "fear"'), "emotions: fear stands twice"),
    (('"fear", "anger"', '"fear", "unknown"'), "emotions: unknown is what the device says when it abstains;"),
    (("arousal_most = 1.0", "arousal_most = -0.5"), "arousal_least: 0 is more than arousal_most, -0.5"),
    (('"lowers"', '"raises"'), "arousal_most: 1; what raises arousal is meant for 0.3 at most"),
    # Evidence.
    (('citation = "Somebody A (2020). A trial. A Journal 1:1-2"\n', ""), "evidence.citation: is missing;"),
    (("(2020)", ""), "evidence.citation: names no year"),
    (('source = "10.1000/xyz"\n', ""), "evidence.source: is missing;"),
    (("10.1000/xyz", "a book"), "evidence.source: 'a book' is neither a DOI (10.…) nor an https address"),
    (('note = "Helped by g = 0.3 against a waiting list."\n', ""), "evidence.note: is missing;"),
    (("effect_size = 0.3", "effect_size = 30"), "evidence.effect_size: should be less than or equal to 3 (got 30)"),
    # Steps and time.
    (("minutes = 1.5", "minutes = 2"), "minutes: is 2, but the steps last 85 s, which is 1.4 minutes"),
    (("Sit down where it is comfortable.", "x" * 226), "steps.0.say: has 226 characters; 15 s are enough to say 225"),
    (('show = "Sit down"', f'show = "{"x" * 61}"'), "steps.0.show: has 61 characters; at most 60 fit"),
    (('show = "Sit down"', 'show = ""'), "steps.0.show: is missing;"),
    (('kind = "read"', 'kind = "write"'), "journaling_prompt: is missing;"),
    (("minutes = 1.5", 'minutes = 1.5\njournaling_prompt = "What?"'), "journaling_prompt: there is one, but no step"),
    # Breath and body.
    (('["respiratory"]', "[]"), "contraindications: 70 s of paced breath need respiratory"),
    (
        ('"inhale", seconds = 4', '"inhale", seconds = 7'),
        "steps.1.steps.0.seconds: 7 s of inhale; at most 6 s are safe",
    ),
    (
        ('"exhale", seconds = 6', '"exhale", seconds = 3'),
        "steps: a breath of 4 s in and 3 s out; never breathe in for longer than out",
    ),
    ((EXHALE, ""), "steps: a breath in is never breathed out; write an exhale after it"),
    (
        (CYCLE + EXHALE, CYCLE.replace("4", "2") + EXHALE.replace("6", "2")),
        "steps: a breath of 4 s is too fast; give it at least 6 s",
    ),
    (
        (EXHALE, CYCLE.replace("inhale", "hold") + EXHALE),
        "contraindications: a step of kind hold needs cardiovascular, pregnancy",
    ),
    (
        ("seconds = 4, show", 'seconds = 4, show = "In" },\n    { kind = "hold", seconds = 8, show'),
        "steps.1.steps.1.seconds: 8 s of hold; at most 7 s are safe",
    ),
    (
        ('kind = "read"', 'kind = "tense"'),
        "contraindications: a step of kind tense needs musculoskeletal",
    ),
    (('kind = "read"', 'kind = "tense"'), "steps.0.seconds: 15 s of tense; at most 10 s are safe"),
]


@pytest.mark.parametrize(("change", "fault"), BROKEN, ids=lambda value: value[:50] if isinstance(value, str) else "")
def test_a_broken_rule_is_reported(tmp_path: Path, change: tuple[str, str], fault: str) -> None:
    found = faults(written(tmp_path, change))
    assert [what for what in found if what.startswith(fault)], found


def test_everything_is_reported_at_once(tmp_path: Path) -> None:
    changes = (
        ('"fear", "anger"', '"feer", "anger"'),
        ('["respiratory"]', "[]"),
        ("minutes = 1.5", "minutes = 5\nminuts = 5"),
        ('citation = "Somebody A (2020). A trial. A Journal 1:1-2"\n', ""),
        ('show = "Sit down"', f'show = "{"x" * 61}"'),
        ('title = "Slow breathing"\n', ""),
    )
    assert [what.split(";")[0] for what in faults(written(tmp_path, *changes))] == [
        "emotions.0: 'feer' is none of neutral, happiness, sadness, anger, fear, disgust, surprise, unknown",
        "minuts: unknown key",
        "title: is missing",
        "evidence.citation: is missing",
        "steps.0.show: has 61 characters",
        "minutes: is 5, but the steps last 85 s, which is 1.4 minutes",
        "contraindications: 70 s of paced breath need respiratory",
    ]


def test_the_holds_of_the_breath_are_few(tmp_path: Path) -> None:
    hold = '    { kind = "hold", seconds = 7, show = "Rest" },\n'
    changes = (
        (EXHALE, hold + EXHALE),
        ("rounds = 7", "rounds = 18"),
        ("minutes = 1.5", "minutes = 5.4"),
        ('["respiratory"]', '["respiratory", "cardiovascular", "pregnancy"]'),
    )
    assert faults(written(tmp_path, *changes)) == ["steps: the breath is held for 126 s in all; at most 120 s are safe"]


def test_a_first_breath_out_before_the_pace_is_right(tmp_path: Path) -> None:
    change = ('[[activities.steps]]\nkind = "cycle"', _EXHALE_FIRST + '[[activities.steps]]\nkind = "cycle"')
    assert faults(written(tmp_path, change)) == []


_EXHALE_FIRST = '[[activities.steps]]\nkind = "exhale"\nseconds = 6\nshow = "Out first"\n'


def test_journaling_means_writing(tmp_path: Path) -> None:
    assert faults(written(tmp_path, family="journaling")) == [
        "steps: none is of kind write, and the family is journaling"
    ]


def test_the_head_of_a_file_is_checked_and_the_rest_all_the_same(tmp_path: Path) -> None:
    folder = written(tmp_path, ("minutes = 1.5", "minutes = 3"), language='e"\nlanguag = "x')
    assert faults(folder) == [
        "language: String should match pattern '^[a-z]{2}$' (got 'e')",
        "languag: unknown key; did you mean language?",
    ]
    other = written(tmp_path / "other", ("minutes = 1.5", "minutes = 3"), language='en"\nlanguag = "x')
    assert faults(other) == [
        "languag: unknown key; did you mean language?",
        "minutes: is 3, but the steps last 85 s, which is 1.4 minutes",
    ]
    assert faults(written(tmp_path / "third", family="relax"))[0].startswith("family: 'relax' is none of relaxation,")


def test_a_file_without_activities_is_a_fault(tmp_path: Path) -> None:
    (fault,) = faults(written(tmp_path, text="activities = []\n"))
    assert fault.startswith("activities: ")


def test_the_files_know_every_kind_of_step_and_the_configuration_every_condition() -> None:
    assert set(get_args(StepSection.model_fields["kind"].annotation)) == set(StepKind)
    assert set(get_args(HealthConditionWord)) == set(HealthCondition)
