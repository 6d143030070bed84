"""The linear machine on functionals, who is trained on and tested, and where our figures come from."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from ertedge.errors import ConfigurationError
from tools.data.voice_clips import NATIVE_LABELS, VoiceClip
from tools.peers.svm import Described, trained_predictions
from tools.peers.voices import kept_figures, protocols

pytestmark = pytest.mark.tools

ENGLISH = tuple(f"ravdess/{actor:02d}" for actor in (1, 2, 3, 8, 10))
POLISH = ("nemo/A", "nemo/B")
SIX = ("neutral", "happy", "sad", "angry", "fearful", "surprised")


def described(clips_a_label: int = 3, shift: float = 0.0, size: int = 12) -> Described:
    """Clips whose labels lie apart in ``size`` features, each speaker's moved by ``shift`` in a direction of their own."""
    random = np.random.default_rng(0)
    places = 3.0 * random.standard_normal((len(NATIVE_LABELS), size))
    clips, features = [], []
    for speaker in (*ENGLISH, *POLISH):
        constant = shift * random.standard_normal(size)
        collection = speaker.split("/")[0]
        for label in NATIVE_LABELS if collection == "ravdess" else SIX:
            for _ in range(clips_a_label):
                clips.append(VoiceClip(Path("x"), collection, speaker, label))
                noise = 0.3 * random.standard_normal(size) + constant
                features.append(places[NATIVE_LABELS.index(label)] + noise)
    return Described.of(tuple(clips), np.array(features))


def test_the_machine_learns_what_can_be_learnt_and_chooses_among_what_is_allowed() -> None:
    data = described()
    test = data.speakers == "ravdess/02"
    said = trained_predictions(data, ~test, test)
    assert (said == data.labels[test]).all()
    among = np.array([0, 3])
    restricted = trained_predictions(data, ~test, test, among)
    assert set(restricted.tolist()) <= {0, 3}
    assert (restricted[np.isin(data.labels[test], among)] == data.labels[test][np.isin(data.labels[test], among)]).all()


def test_a_known_speaker_has_no_constant_of_their_own() -> None:
    data = described(shift=20.0, size=5)
    known = data.speaker_standardised()
    for speaker in np.unique(known.speakers):
        own = known.features[known.speakers == speaker]
        np.testing.assert_allclose(own.mean(axis=0), 0.0, atol=1e-9)
        np.testing.assert_allclose(own.std(axis=0), 1.0, atol=1e-9)
    assert not np.allclose(data.features, known.features)
    test = data.speakers == "ravdess/02"
    right = [(trained_predictions(one, ~test, test) == one.labels[test]).mean() for one in (data, known)]
    assert right[1] > right[0]


def test_nobody_is_trained_on_and_tested_at_once() -> None:
    data = described()
    folds, left_out, language = protocols(data)
    for protocol in (folds, left_out, language):
        for train, test in protocol.turns:
            assert train.any() and test.any()
            assert set(data.speakers[train]).isdisjoint(data.speakers[test])
    # Actors 1, 2, 3, 8 and 10 lie in five different folds, and both Polish speakers in every training of them.
    assert [sorted(set(data.speakers[test])) for _, test in folds.turns] == [
        ["ravdess/02"],
        ["ravdess/03"],
        ["ravdess/10"],
        ["ravdess/08"],
        ["ravdess/01"],
    ]
    assert all(set(POLISH) <= set(data.speakers[train]) for train, _ in folds.turns)
    assert [sorted(set(data.speakers[test])) for _, test in left_out.turns] == [["nemo/A"], ["nemo/B"]]
    ((train, _),) = language.turns
    assert set(data.speakers[train]) == set(ENGLISH)
    assert folds.among is None
    assert language.among is not None
    assert {NATIVE_LABELS[label] for label in language.among} == set(SIX)


TURNS = (frozenset({"ravdess/02", "ravdess/05"}), frozenset({"ravdess/03"}), frozenset({"ravdess/09"}))


def keep(path: Path, names: list[str], labels: list[int], probabilities: np.ndarray) -> Path:
    np.savez(path, names=names, labels=np.array(labels), probabilities=probabilities)
    return path


def test_what_our_networks_said_is_scored_turn_by_turn(tmp_path: Path) -> None:
    names = [f"Actor_{actor}/03-01-01-01-01-01-{actor}.flac" for actor in ("02", "05", "03", "03")]
    path = keep(tmp_path / "folds.npz", names, [0, 1, 2, 3], np.eye(8)[[0, 1, 2, 0]])
    (figure,) = kept_figures(path, TURNS, None, "ours", 0)
    assert (figure.value, figure.n) == (0.75, 4)
    assert figure.spread == pytest.approx(np.std([1.0, 0.5], ddof=1))


def test_only_labels_that_compete_are_chosen(tmp_path: Path) -> None:
    said = np.zeros((2, 8))
    said[:, 1] = 0.9
    said[:, 4] = 0.1
    path = keep(tmp_path / "language.npz", ["samples/AB_anger_1.flac", "samples/CD_anger_1.flac"], [4, 4], said)
    turn = [frozenset({"nemo/AB", "nemo/CD"})]
    everything = kept_figures(path, turn, None, "ours", 0)
    competing = kept_figures(path, turn, np.array([0, 4]), "ours", 0)
    assert [figure.value for figure in everything] == [0.0, 0.0, 0.0]
    assert [figure.value for figure in competing] == [1.0, 1.0, 1.0]
    assert [figure.name for figure in competing] == ["uar", "uar_low", "uar_high"]


def test_a_file_that_is_no_such_thing_is_named(tmp_path: Path) -> None:
    path = tmp_path / "folds.npz"
    np.savez(path, names=["Actor_02/a"])
    with pytest.raises(ConfigurationError, match=r"folds\.npz: holds no probabilities"):
        kept_figures(path, TURNS, None, "ours", 0)
    with pytest.raises(ConfigurationError, match="nobody is no clip's name"):
        kept_figures(keep(path, ["nobody"], [0], np.eye(8)[[0]]), TURNS, None, "ours", 0)
    with pytest.raises(ConfigurationError, match="different lengths"):
        kept_figures(keep(path, ["a/AB_anger_1"], [0], np.eye(8)[[0, 1]]), TURNS, None, "ours", 0)
    with pytest.raises(ConfigurationError, match=r"missing\.npz: holds no"):
        kept_figures(tmp_path / "missing.npz", TURNS, None, "ours", 0)
