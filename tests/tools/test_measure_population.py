"""What is known of people in general: its parts, on numbers that can be checked, and the file that ships."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from ertedge.affect import population
from ertedge.errors import ConfigurationError
from ertedge.inference.manifest import default_models_dir
from ertedge.perception.voice_statistics import SIZE
from ertedge.types import EMOTIONS, Emotion, Modality
from tools.evaluation.personal_clips import load_paired
from tools.measure_population import canonical, confusion, share_between, voice_counts

pytestmark = pytest.mark.tools

CLIPS = ("03-01-01-01-01-01-01", "03-01-05-02-02-01-01")


def collection(folder: Path) -> Path:
    """Two clips of one actor with their action units, in the layout of RAVDESS."""
    import soundfile

    actor = folder / "ravdess" / "Actor_01"
    actor.mkdir(parents=True)
    random = np.random.default_rng(0)
    for name in CLIPS:
        soundfile.write(actor / f"{name}.wav", random.normal(0.0, 0.1, 48_000), 16_000)
    names = [f"AU{n:02d}_r" for n in range(17)] + [f"AU{n:02d}_c" for n in range(18)]
    rows = [",".join([name.replace("03", "01", 1), *["0.25"] * 35]) for name in CLIPS]
    (folder / "ravdess" / "openface_au.csv").write_text(
        "\n".join([",".join(["clip", *names]), *rows]), encoding="utf-8"
    )
    return folder


@pytest.mark.parametrize("windows", [False, True])
def test_face_and_voice_of_a_clip_are_paired_and_kept(tmp_path: Path, *, windows: bool) -> None:
    root, out = collection(tmp_path / "data"), tmp_path / "out"
    clips = load_paired(root, out, windows=windows)
    assert clips.voice.shape == (2, SIZE)
    assert clips.face.shape == (2, 35)
    assert clips.face[0, 0] == pytest.approx(0.5)
    assert (clips.emotion.tolist(), clips.sentence.tolist(), clips.actor.tolist()) == ([0, 4], [1, 2], [1, 1])
    for sound in root.rglob("*.wav"):
        sound.write_bytes(b"not read again")
    assert np.array_equal(load_paired(root, out, windows=windows).voice, clips.voice)


def test_action_units_that_do_not_fit_are_named(tmp_path: Path) -> None:
    root = collection(tmp_path)
    path = root / "ravdess" / "openface_au.csv"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("0.25", "much", 1), encoding="utf-8")
    with pytest.raises(ConfigurationError, match="line 2"):
        load_paired(root, tmp_path / "out")
    path.write_text(text.replace("AU00_r", "AU00"), encoding="utf-8")
    with pytest.raises(ConfigurationError, match="got 16 and 18"):
        load_paired(root, tmp_path / "out")


def test_calm_is_neutral_among_the_seven(tmp_path: Path) -> None:
    clips = load_paired(collection(tmp_path), tmp_path / "out")
    mapping = dict.fromkeys(("neutral", "calm", "happy", "sad", "fearful", "disgust", "surprised"), Emotion.NEUTRAL)
    seven = canonical(clips, {**mapping, "angry": Emotion.ANGER})
    assert seven.emotion.tolist() == [0, EMOTIONS.index(Emotion.ANGER)]
    assert seven.classes == 7


def test_the_share_between_people_is_found() -> None:
    random = np.random.default_rng(0)
    person = np.repeat(np.arange(200), 5)
    embeddings = random.normal(0.0, 2.0, (200, 3))[person] + random.normal(0.0, 1.0, (1_000, 3))
    assert share_between(embeddings, person) == pytest.approx(0.8, abs=0.03)


def test_counts_and_votes_make_rows() -> None:
    counts, votes = np.diag(np.full(7, 80.0)), np.ones((7, 7))
    rows = confusion(counts, votes)
    assert rows.sum(axis=1) == pytest.approx(np.ones(7))
    assert rows[0, 0] == pytest.approx((80 + 20 / 7) / 100)
    models = default_models_dir()
    native = voice_counts(
        models,
        {
            "neutral": Emotion.NEUTRAL,
            "calm": Emotion.NEUTRAL,
            "happy": Emotion.HAPPINESS,
            "sad": Emotion.SADNESS,
            "angry": Emotion.ANGER,
            "fearful": Emotion.FEAR,
            "disgust": Emotion.DISGUST,
            "surprised": Emotion.SURPRISE,
        },
    )
    assert native.sum() == 1_200
    assert native[0].sum() == 240
    with pytest.raises(ConfigurationError, match="train_voice"):
        voice_counts(models / "nowhere", {})


def test_what_ships_fits_the_device() -> None:
    people = population.load(default_models_dir())
    assert people.heads[Modality.VOICE].size == SIZE
    assert people.heads[Modality.FACE].size == 128
    for head in people.heads.values():
        for covariance in (head.manners.person, head.manners.manner, *head.manners.within):
            assert np.linalg.eigvalsh((covariance + covariance.T) / 2.0).min() > 0
        assert head.manners.means.shape[0] == len(EMOTIONS)
