"""The catalogue: languages, folders of more activities, digests, and reviews that hold for exactly what was reviewed."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from ertedge.errors import ConfigurationError, NotFoundError
from ertedge.recommend.catalogue import Catalogue, load_catalogue
from ertedge.recommend.catalogue_file import digest_of
from ertedge.recommend.catalogue_reader import read_catalogue, read_layers
from ertedge.types import Activity, ActivityReview, Emotion, HealthCondition, StepKind
from tests.recommend.activity_files import ACTIVITY, GERMAN, written

A_MOMENT_NS = 1_790_000_000_000_000_000


def loaded(folder: Path, language: str = "en") -> Activity:
    """The activity in ``folder``, read without the shipped ones, which take their time."""
    return Catalogue(read_layers([sorted(folder.glob("*.toml"))])[0]).get("slow-breathing", language)


def faults_of(folder: Path) -> list[str]:
    with pytest.raises(ConfigurationError) as raised:
        load_catalogue([folder])
    return [fault.split(": ", 1)[1] for fault in raised.value.faults]


def review_of(activity: Activity) -> ActivityReview:
    return ActivityReview(
        activity.activity_id,
        activity.language,
        activity.version,
        activity.digest,
        "A. Person",
        "psychologist",
        A_MOMENT_NS,
    )


def test_an_entry_becomes_a_record_with_its_cycles_written_out(tmp_path: Path) -> None:
    activity = loaded(written(tmp_path))
    assert activity.emotions == (Emotion.ANGER, Emotion.FEAR)  # In the order of the seven.
    assert activity.contraindications == (HealthCondition.RESPIRATORY,)
    assert [step.kind for step in activity.steps] == [StepKind.READ, *[StepKind.INHALE, StepKind.EXHALE] * 7]
    assert activity.seconds == 85
    assert [step.say for step in activity.steps[1:7]] == ["Breathe in.", "And out.", "Breathe in.", "And out.", "", ""]
    assert not activity.reviews
    assert not activity.machine_drafted


def test_a_language_falls_back_to_english_entry_by_entry(tmp_path: Path) -> None:
    written(tmp_path)
    written(tmp_path, ("slow-breathing", "another"))
    catalogue = load_catalogue([written(tmp_path, language="de", text=GERMAN)])
    assert catalogue.languages == ("de", "en")
    german = {activity.activity_id: activity for activity in catalogue.activities("de")}
    assert german["slow-breathing"].title == "Langsames Atmen"
    assert german["slow-breathing"].machine_drafted
    assert german["another"].language == "en"
    assert [a.activity_id for a in catalogue.activities("fr")] == [a.activity_id for a in catalogue.activities()]
    assert [a.activity_id for a in catalogue.activities()] == sorted(a.activity_id for a in catalogue.activities())


def test_a_language_can_have_an_activity_of_its_own(tmp_path: Path) -> None:
    catalogue = load_catalogue([written(tmp_path, language="fr")])
    assert catalogue.get("slow-breathing", "fr").language == "fr"
    with pytest.raises(NotFoundError):
        catalogue.get("slow-breathing", "en")


def test_what_is_not_there_says_what_may_have_been_meant() -> None:
    with pytest.raises(NotFoundError, match="no activity 'bxo-breathing'; did you mean box-breathing"):
        load_catalogue().get("bxo-breathing")
    with pytest.raises(NotFoundError, match="ertedge-ctl activities list"):
        load_catalogue().get("qqqqqqqqqqqq")


def test_a_folder_adds_to_what_is_shipped_and_replaces_what_it_names_again(tmp_path: Path) -> None:
    shipped = load_catalogue()
    written(tmp_path, ('"slow-breathing"', '"box-breathing"'))
    more = load_catalogue([written(tmp_path)])
    assert len(more.activities()) == len(shipped.activities()) + 1
    assert more.get("box-breathing").title == "Slow breathing"
    assert more.get("cyclic-sighing") == shipped.get("cyclic-sighing")


def test_a_later_folder_comes_before_an_earlier_one(tmp_path: Path) -> None:
    first = written(tmp_path / "first")
    second = written(tmp_path / "second", ('"Slow breathing"', '"Slower breathing"'))
    assert load_catalogue([first, second]).get("slow-breathing").title == "Slower breathing"
    assert load_catalogue([second, first]).get("slow-breathing").title == "Slow breathing"


def test_a_shipped_translation_of_a_replaced_original_is_left_out_and_no_fault(tmp_path: Path) -> None:
    first = written(tmp_path / "first")
    written(first, language="de", text=GERMAN)
    second = written(tmp_path / "second", ("version = 1", "version = 2"))
    catalogue = load_catalogue([first, second])
    assert catalogue.get("slow-breathing", "de").language == "en"
    assert catalogue.get("slow-breathing", "de").version == 2


def test_a_translation_that_says_something_else_is_a_fault(tmp_path: Path) -> None:
    written(tmp_path)
    changes = (
        ("version = 1", "version = 2"),
        ("minutes = 1.5", "minutes = 1.6"),
        ('["respiratory"]', '["respiratory", "dizziness"]'),
        ('["fear", "anger"]', '["fear"]'),
        ("effect_size = 0.3", "effect_size = 0.4"),
        ("seconds = 15", "seconds = 16"),
    )
    faults = faults_of(written(tmp_path, *changes, language="de", text=GERMAN))
    assert faults == [
        "slow-breathing: version: is 2 here and 1 in en; a translation changes words only",
        "slow-breathing: emotions: is fear here and anger, fear in en; a translation changes words only",
        "slow-breathing: minutes: is 1.6 here and 1.5 in en; a translation changes words only",
        "slow-breathing: contraindications: is respiratory, dizziness here and respiratory in en;"
        " a translation changes words only",
        "slow-breathing: evidence.effect_size: is 0.4 here and 0.3 in en; a translation changes words only",
        "slow-breathing: steps: number 1 is read for 16 s here and read for 15 s in en; a translation changes words only",
    ]


def test_an_id_stands_once_in_a_language(tmp_path: Path) -> None:
    written(tmp_path)
    written(tmp_path)
    (fault,) = faults_of(tmp_path)
    assert fault.startswith("slow-breathing: id: stands twice in en, also in ")


def test_the_digest_changes_with_every_word_number_and_step(tmp_path: Path) -> None:
    original = loaded(written(tmp_path / "original"))
    changes = [
        ('"Slow breathing"', '"Slow Breathing"'),
        ("Settles you", "It settles you"),
        ("version = 1", "version = 2"),
        ('"fear", "anger"', '"fear"'),
        ("arousal_least = 0.0", "arousal_least = 0.1"),
        ("minutes = 1.5", "minutes = 1.4"),
        ('["respiratory"]', '["respiratory", "dizziness"]'),
        ("effect_size = 0.3", ""),
        ("10.1000/xyz", "10.1000/xyy"),
        ("seconds = 15", "seconds = 16"),
        ("rounds = 7", "rounds = 8"),
        ("spoken = 2", "spoken = 3"),
        ('show = "Out"', 'show = "Out, slowly"'),
    ]
    digests = {loaded(written(tmp_path / str(n), change)).digest for n, change in enumerate(changes)}
    assert len(digests) == len(changes)
    assert original.digest not in digests
    assert len(original.digest) == 64


def test_the_digest_does_not_change_with_layout_order_or_who_drafted_it(tmp_path: Path) -> None:
    original = loaded(written(tmp_path / "original"))
    cycle = ACTIVITY[ACTIVITY.index('[[activities.steps]]\nkind = "cycle"') :]
    breath = '\n[[activities.steps]]\nkind = "{0}"\nseconds = {1}.0\nshow = "{2}"\nsay = "{3}"\n'
    by_hand = "".join(
        breath.format("inhale", 4, "In", "Breathe in." if n < 2 else "")
        + breath.format("exhale", 6, "Out", "And out." if n < 2 else "")
        for n in range(7)
    )
    changes = [
        ('["fear", "anger"]', '[\n    "anger", # first\n    "fear",\n]'),
        ("seconds = 15", "seconds = 15.0"),
        ("version = 1", "version = 1\nmachine_drafted = true"),
        ('say = "Sit down where it is comfortable."', 'say = """\\\n    Sit down where \\\n    it is comfortable."""'),
        (cycle, by_hand),
    ]
    for number, change in enumerate(changes):
        assert loaded(written(tmp_path / str(number), change)).digest == original.digest


def test_the_digest_is_of_the_content_alone() -> None:
    activity = load_catalogue().get("box-breathing")
    assert digest_of(replace(activity, digest="", reviews=(review_of(activity),))) == activity.digest
    assert digest_of(replace(activity, title="Breathing")) != activity.digest


def test_a_review_holds_for_exactly_what_it_names(tmp_path: Path) -> None:
    folder = written(tmp_path)
    written(folder, language="de", text=GERMAN)
    review = review_of(loaded(folder))
    reviewed = load_catalogue([folder], [review])
    assert reviewed.get("slow-breathing").reviews == (review,)
    assert reviewed.get("slow-breathing", "de").reviews == ()
    assert not any(a.reviews for a in reviewed.activities() if a.activity_id != "slow-breathing")


def test_a_change_of_the_content_voids_the_review_and_changing_it_back_restores_it(tmp_path: Path) -> None:
    before = written(tmp_path / "before")
    review = review_of(loaded(before))
    after = written(tmp_path / "after", ("Sit down where", "Lie down where"))
    assert load_catalogue([after], [review]).get("slow-breathing").reviews == ()
    assert load_catalogue([after, before], [review]).get("slow-breathing").reviews == (review,)


def test_with_reviews_makes_another_catalogue_with_just_these(tmp_path: Path) -> None:
    catalogue = load_catalogue()
    first = review_of(catalogue.get("box-breathing"))
    second = replace(first, reviewer="B. Person", wall_time_ns=A_MOMENT_NS + 1)
    reviewed = catalogue.with_reviews([first, second])
    assert reviewed.get("box-breathing").reviews == (first, second)
    assert not catalogue.get("box-breathing").reviews
    assert not reviewed.with_reviews([]).get("box-breathing").reviews


def test_every_fault_of_every_file_is_named_with_its_file_and_activity(tmp_path: Path) -> None:
    folder = written(tmp_path, ("minutes = 1.5", "minutes = 3"))
    (folder / "broken.toml").write_text("language = ", encoding="utf-8")
    written(folder, ('show = "Out"', 'sho = "Out"'), ('"slow-breathing"', '"other"'))
    _, faults = read_catalogue([folder, tmp_path / "nothing"])
    assert sorted((Path(fault.path).name, fault.activity_id, fault.what.split(":")[0]) for fault in faults) == [
        ("broken.toml", "", "is not TOML"),
        ("en-0.toml", "slow-breathing", "minutes"),
        ("en-2.toml", "other", "steps.1.steps.1.sho"),
        ("en-2.toml", "other", "steps.1.steps.1.show"),
        ("nothing", "", "there is no such file or folder"),
    ]


def test_a_catalogue_may_be_empty() -> None:
    assert Catalogue([]).activities() == ()
    assert Catalogue([]).languages == ()
