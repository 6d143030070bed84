"""The personal evaluation on invented actors: nothing of a tested sentence leaks, and calibration helps."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from ertedge.affect.calibration import PersonalCalibration
from ertedge.affect.population import Population
from ertedge.errors import ConfigurationError
from ertedge.types import (
    EMOTIONS,
    CalibrationLabel,
    LabelSource,
    Modality,
    ModalityEvidence,
    Prediction,
)
from tools.evaluation import personal_population
from tools.evaluation.personal import folds_of, grids_of
from tools.evaluation.personal_clips import PairedClips, face_features
from tools.evaluation.personal_population import FoldPopulation, draw_labels, features_of, learn_population
from tools.evaluation.personal_protocol import CALIBRATED, FUSED, GENERAL, NORMALISED, ActorTrials, Choice, Opinion
from tools.evaluation.personal_random import random_split_opinions
from tools.evaluation.personal_report import RANDOM, SUBJECT_WISE, choice_rows, interval, rows_of
from tools.evaluation.report import Report, json_lines
from tools.head_prior import HeadRecipe, LabelledPeople, fit_manners

pytestmark = pytest.mark.tools

ACTORS = (1, 2, 3, 5, 6, 10)
SIZES = {Modality.VOICE: 6, Modality.FACE: 5}


def invented(classes: int = 8, actors: tuple[int, ...] = ACTORS, seed: int = 0) -> PairedClips:
    """Three clips of each emotion and sentence, of actors who differ in everything and in each emotion."""
    random = np.random.default_rng(seed)
    rows = [(a, s, e) for a in actors for s in (1, 2) for e in range(classes) for _ in range(3)]
    actor, sentence, emotion = (np.array(column, np.int64) for column in zip(*rows, strict=True))
    features = {}
    for modality, size in SIZES.items():
        means = random.normal(0.0, 1.0, (classes, size))
        own = {a: random.normal(0.0, 0.8, size) + random.normal(0.0, 0.8, (classes, size)) for a in actors}
        clean = np.array([means[e] + own[a][e] for a, _, e in rows])
        features[modality] = clean + random.normal(0.0, 0.5, clean.shape)
    return PairedClips(features[Modality.VOICE], features[Modality.FACE], emotion, actor, sentence, classes)


@pytest.fixture(scope="module", autouse=True)
def quick() -> Iterator[None]:
    """Fewer inner tests: what is chosen is not what these tests are about."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(personal_population, "INNER_GROUPS", 2)
        patch.setattr(personal_population, "INNER_DRAWS", {0: 1, 1: 1, 2: 1})
        patch.setattr(
            personal_population, "RECIPES", {m: tried[:1] for m, tried in personal_population.RECIPES.items()}
        )
        patch.setattr(personal_population, "INDEPENDENCES", np.array([0.5]))
        yield


@pytest.fixture(scope="module")
def clips() -> PairedClips:
    return invented()


@pytest.fixture(scope="module")
def population(clips: PairedClips) -> FoldPopulation:
    return learn_population(clips, ~np.isin(clips.actor, (2, 5)), seed=0)


@pytest.fixture(scope="module")
def canonical() -> tuple[PairedClips, FoldPopulation]:
    """With the seven emotions as classes, as on the device."""
    clips = invented(classes=7, seed=3)
    return clips, learn_population(clips, ~np.isin(clips.actor, (2, 5)), seed=0)


def opinions_of(trials: ActorTrials) -> dict[tuple[str, str, int], Opinion]:
    found = [*trials.without_labels(), *trials.with_labels(2, 0, 0)]
    return {(one.regime, one.modality, one.k): one for one in found if isinstance(one, Opinion)}


def test_calibration_helps_people_whom_nobody_trained_on(clips: PairedClips, population: FoldPopulation) -> None:
    found = [o for a in (2, 5) for s in (1, 2) for o in opinions_of(ActorTrials(clips, population, a, s)).values()]
    rows = {(r.regime, r.modality, r.k): r for r in rows_of(found, clips.emotion, np.arange(8), SUBJECT_WISE, 0)}
    general, known = rows[GENERAL, FUSED, 0], rows[CALIBRATED, FUSED, 2]
    assert known.uar > general.uar + 0.05
    assert known.log_loss < general.log_loss
    assert rows[NORMALISED, FUSED, 0].log_loss < general.log_loss
    assert known.label_count == 16
    assert known.ci95[0] <= known.uar <= known.ci95[1]


def test_nothing_but_the_clip_itself_is_taken_of_the_tested_sentence(
    clips: PairedClips, population: FoldPopulation
) -> None:
    """Other labels, and other features of all tested clips but one, leave what is said of that one as it was."""
    before = opinions_of(ActorTrials(clips, population, 2, 1))
    tested = np.flatnonzero((clips.actor == 2) & (clips.sentence == 2))
    emotion, voice, face = clips.emotion.copy(), clips.voice.copy(), clips.face.copy()
    emotion[tested] = (emotion[tested] + 3) % 8
    voice[tested[1:]] += 5.0
    face[tested[1:]] -= 5.0
    changed = replace(clips, emotion=emotion, voice=voice, face=face)
    after = opinions_of(ActorTrials(changed, population, 2, 1))
    assert before.keys() == after.keys()
    for key, one in before.items():
        assert one.test[0] == tested[0]
        assert after[key].probabilities[0] == pytest.approx(one.probabilities[0]), key


def test_the_tested_actors_teach_nothing(clips: PairedClips, population: FoldPopulation) -> None:
    out = np.isin(clips.actor, (2, 5))
    changed = replace(
        clips, voice=np.where(out[:, None], 9.0, clips.voice), face=np.where(out[:, None], 9.0, clips.face)
    )
    again = learn_population(changed, ~out, seed=0)
    assert again.notes == population.notes
    for modality in Modality:
        assert np.array_equal(again.heads[modality].prior.centre, population.heads[modality].prior.centre)
        assert np.array_equal(again.known.confusions[modality], population.known.confusions[modality])


def test_the_same_trial_through_the_device_says_the_same(canonical: tuple[PairedClips, FoldPopulation]) -> None:
    """PersonalCalibration, fed with the labels of a trial, adapts and fuses as the trial does."""
    clips, learnt = canonical
    trials = ActorTrials(clips, learnt, 2, 1)
    found = {(o.regime, o.modality): o for o in trials.with_labels(2, 0, 0) if isinstance(o, Opinion)}
    labels = draw_labels(clips, 2, 1, 2, np.random.default_rng([0, 2, 1, 2, 0]))
    calibration = PersonalCalibration(learnt.known, 1)
    calibration.replace([_label(clips, trials, place, number) for number, place in enumerate(labels)], 0)
    test = found[CALIBRATED, FUSED].test
    said = {m: np.stack([_adapted(calibration, clips, trials, m, place) for place in test]) for m in Modality}
    for modality, p in said.items():
        assert p == pytest.approx(found[CALIBRATED, str(modality)].probabilities, abs=2e-3)
    assert calibration.fusion is not None
    pooled = calibration.fusion.pool(said, dict.fromkeys(Modality, 1.0)).probabilities
    assert pooled == pytest.approx(found[CALIBRATED, FUSED].probabilities, abs=5e-3)


def _label(clips: PairedClips, trials: ActorTrials, place: int, number: int) -> CalibrationLabel:
    evidence = {
        m: ModalityEvidence(
            m,
            trials.general(m, np.array([place]))[0].astype(np.float32),
            features_of(clips, m)[place].astype(np.float32),
            1.0,
        )
        for m in Modality
    }
    emotion = EMOTIONS[clips.emotion[place]]
    face, voice = evidence[Modality.FACE], evidence[Modality.VOICE]
    # An hour apart: each is a take of its own.
    return CalibrationLabel(number + 1, 1, -number * 3_600 * 10**9, emotion, LabelSource.SESSION, number, face, voice)


def _adapted(
    calibration: PersonalCalibration, clips: PairedClips, trials: ActorTrials, modality: Modality, place: int
) -> np.ndarray[tuple[int], np.dtype[np.float32]]:
    general = trials.general(modality, np.array([place]))[0].astype(np.float32)
    embedding = features_of(clips, modality)[place].astype(np.float32)
    adapted = calibration.adapt(Prediction(modality, 0, general, 1.0, embedding=embedding)).probabilities
    assert adapted is not None
    return adapted


def test_rows_carry_the_keys_and_the_canonical_seven(clips: PairedClips, population: FoldPopulation) -> None:
    found = list(ActorTrials(clips, population, 2, 1).without_labels())
    to_seven = np.array([0, 0, 1, 2, 3, 4, 5, 6])
    rows = rows_of(found, clips.emotion, to_seven, SUBJECT_WISE, 0)
    lines = [json.loads(line) for line in json_lines(Report("x", (), records=tuple(rows))).splitlines()]
    assert {"modality", "regime", "k", "labels", "uar", "accuracy", "ci95"} <= lines[0].keys()
    assert {line["labels"] for line in lines} == {"native", "canonical"}
    assert {line["modality"] for line in lines} >= {"voice", "face", "fused", "log_pool", "stacked"}
    assert grids_of(rows, [])[0].rows


def test_an_interval_over_actors_holds_the_mean_and_narrows_with_actors() -> None:
    random = np.random.default_rng(0)
    few, many = random.normal(0.7, 0.1, (5, 20)), random.normal(0.7, 0.1, (40, 20))
    for table in (few, many):
        low, high = interval(table, 0)
        assert low < table.mean() < high
    assert np.subtract(*interval(few, 0)[::-1]) > np.subtract(*interval(many, 0)[::-1])


def test_the_modality_that_is_the_better_is_told(clips: PairedClips, population: FoldPopulation) -> None:
    choices = [c for c in ActorTrials(clips, population, 5, 2).with_labels(1, 0, 0) if isinstance(c, Choice)]
    assert len(choices) == 1
    assert choices[0].truly in (0.0, 0.5, 1.0)
    assert 0.5 <= choices[0].sure <= 1.0
    (row,) = choice_rows(choices, 0)
    assert (row.k, row.n, row.truly) == (1, 1, choices[0].truly)


def test_random_splits_test_every_clip_once_and_are_named(clips: PairedClips) -> None:
    found = random_split_opinions(clips, 0)
    leaked = [one for one in found if one.modality == FUSED and one.k == 0 and one.labels == 0]
    assert sorted(np.concatenate([one.test for one in leaked]).tolist()) == list(range(len(clips)))
    assert all("random" in row.regime for row in rows_of(found, clips.emotion, np.arange(8), RANDOM, 0))


def test_the_covariances_of_people_are_found() -> None:
    """Of many invented people the estimates come near to what they were drawn from."""
    random = np.random.default_rng(1)
    people, classes, each = 150, 4, 6
    person, felt = (grid.ravel() for grid in np.mgrid[:people, :classes, :each][:2])
    b = random.normal(0.0, 1.5, (people, 2))
    d = random.normal(0.0, 1.0, (people, classes, 2))
    z = b[person] + d[person, felt] + random.normal(0.0, 0.5, (len(person), 2))
    manners = fit_manners(LabelledPeople(z, felt, person, felt % 2), classes, HeadRecipe(0.0, 0.0, 1.0))
    assert np.diag(manners.within[0]) == pytest.approx([0.25, 0.25], rel=0.1)
    assert np.diag(manners.manner) == pytest.approx([1.0, 1.0], rel=0.2)
    # The mean of four classes' manner cannot be told from b.
    assert np.diag(manners.person) == pytest.approx([2.5, 2.5], rel=0.35)


def test_folds_take_the_actors_that_are_there(clips: PairedClips) -> None:
    folds = folds_of(clips, "")
    assert sorted(actor for _, _, tested in folds for actor in tested) == sorted(ACTORS)
    assert folds_of(clips, "2") == [(1, (2, 5), (2,))]
    with pytest.raises(ConfigurationError, match="no clips of actor 9"):
        folds_of(clips, "9")
    with pytest.raises(ConfigurationError, match="by comma"):
        folds_of(clips, "two")
    with pytest.raises(ConfigurationError, match="add some with --train"):
        folds_of(invented(actors=(2, 5, 3)), "")
    few = invented(actors=(21, 22, 23, 24))
    assert folds_of(few, "") == [(n, (actor,), (actor,)) for n, actor in enumerate((21, 22, 23, 24), start=1)]
    assert folds_of(few, "", known=24) == [(4, (21, 23, 24), (21, 23, 24)), (5, (22,), (22,))]


def test_more_actors_can_be_joined(clips: PairedClips) -> None:
    more = invented(actors=(1, 21), seed=1)
    joined = clips.joined(more.take(~np.isin(more.actor, clips.actor)))
    assert sorted(set(joined.actor.tolist())) == sorted((*ACTORS, 21))
    assert np.array_equal(joined.take(np.isin(joined.actor, ACTORS)).voice, clips.voice)


def test_action_units_become_features() -> None:
    units = np.zeros((2, 35))
    units[0, 0], units[1, 17] = 4.0, 1.0
    features = face_features(units)
    assert features[0, 0] == pytest.approx(2.0)
    assert features[1, 17] == pytest.approx(np.pi / 2)


def test_a_population_survives_its_file(
    tmp_path: Path, population: FoldPopulation, monkeypatch: pytest.MonkeyPatch
) -> None:
    import ertedge.affect.population as module
    from ertedge.affect import reliability

    seven = learn_population(
        invented(classes=7, seed=3), np.isin(invented(classes=7, seed=3).actor, ACTORS[2:]), 0
    ).known
    module.save(tmp_path / module.FILE, seven)
    monkeypatch.setattr(reliability, "load", lambda path: seven.reliabilities)
    read: Population = module.load(tmp_path)
    assert read.rule is seven.rule
    assert read.stacked.slopes == pytest.approx(seven.stacked.slopes)
    for modality in Modality:
        assert read.confusions[modality] == pytest.approx(seven.confusions[modality])
        assert read.heads[modality].manners.manner == pytest.approx(seven.heads[modality].manners.manner, rel=1e-5)
        assert read.heads[modality].lessons == pytest.approx(seven.heads[modality].lessons, rel=1e-5)
    (tmp_path / module.FILE).write_bytes(b"no population")
    with pytest.raises(ConfigurationError, match="install ertedge again"):
        module.load(tmp_path)
