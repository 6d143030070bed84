"""The training of the voice, on a few seconds of synthetic speakers."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from ertedge.errors import ConfigurationError
from ertedge.perception.mfcc import COEFFICIENTS
from ertedge.perception.normalisation import FeaturePrior
from ertedge.perception.speech_frames import FEATURES
from ertedge.perception.voice import VoiceModel
from ertedge.perception.voice_quality import QualityWeights, WindowConditions
from tests.perception.voice_fakes import RecordingNetwork, babble
from tools.data.voice_clips import NATIVE_LABELS, VoiceClip

pytestmark = pytest.mark.tools
torch = pytest.importorskip("torch")
soundfile = pytest.importorskip("soundfile")

from tools.evaluation.voice import select, speakers_in  # noqa: E402
from tools.sound_degradation import Session, active_level, add_noise, apply_session, clip_sound, random_session  # noqa: E402
from tools.voice.batches import Disturbance, TrainingWindows, population, stream_windows  # noqa: E402
from tools.voice.encoder import HEARD  # noqa: E402
from tools.voice.expert import Expert, expert_recall  # noqa: E402
from tools.voice.features import ClipFrames, cached_frames  # noqa: E402
from tools.voice.hops import HopMemory  # noqa: E402
from tools.voice.network import VoiceNetwork  # noqa: E402
from tools.voice.quality_fit import JudgedWindow, accuracy_by_quality, fit_quality  # noqa: E402
from tools.voice.scoring import hear, score  # noqa: E402
from tools.voice.training import Recipe, fit, partners, targets_of  # noqa: E402
from tools.voice.work import HELD_OUT, MAPPING, VALIDATION  # noqa: E402

TINY = Recipe(width=12, epochs=10, batch=4)


@pytest.fixture(scope="module")
def clips(tmp_path_factory: pytest.TempPathFactory) -> list[VoiceClip]:
    """Two speakers with four clips each, of two labels that differ in level and length of pauses."""
    folder = tmp_path_factory.mktemp("clips")
    made = []
    for number in range(8):
        speaker, label = ("ravdess/03", "ravdess/04")[number % 2], ("calm", "angry")[number // 4]
        path = folder / f"{number}.wav"
        soundfile.write(path, babble(3.4, seed=number, level=0.3 if label == "angry" else 0.02), 16_000)
        made.append(VoiceClip(path, "ravdess", speaker, label))
    return made


@pytest.fixture(scope="module")
def frames(clips: list[VoiceClip], tmp_path_factory: pytest.TempPathFactory) -> list[ClipFrames]:
    """Two sessions. All frames count as speech, since the real detector hears none in noise."""
    made = cached_frames(clips, 2, 1, tmp_path_factory.mktemp("features"))
    return [replace(clip, speech=np.ones_like(clip.speech)) for clip in made]


def test_features_are_made_once(clips: list[VoiceClip], tmp_path: Path) -> None:
    first = cached_frames(clips[:2], 2, 1, tmp_path)
    written = {path: path.stat().st_mtime_ns for path in tmp_path.iterdir()}
    again = cached_frames(clips[:2], 2, 1, tmp_path)
    assert written == {path: path.stat().st_mtime_ns for path in tmp_path.iterdir()}
    assert len(first) == len(again) == 4
    for one, other in zip(first, again, strict=True):
        np.testing.assert_array_equal(one.features, other.features)


def test_a_stream_of_cached_frames_is_what_the_device_hears(clips: list[VoiceClip], tmp_path: Path) -> None:
    """The windows that training validates on are those of the device's streaming path."""
    kept = cached_frames(clips, 1, 1, tmp_path)
    prior = FeaturePrior(np.zeros(FEATURES, np.float32), np.full(FEATURES, 5.0, np.float32))
    model = _model(prior)
    by_clip: dict[VoiceClip, list[np.ndarray]] = {}
    ordered = [next(one for one in kept if one.clip == clip) for clip in clips]
    for window in stream_windows(ordered, prior, 3, remember_speaker=True):
        by_clip.setdefault(ordered[window.clip].clip, []).append(window.features)
    for heard in hear(clips, model, seed=3):
        for device, cached in zip(heard.windows, by_clip[heard.clip], strict=True):
            # The cache is float16.
            np.testing.assert_allclose(device.features, cached, atol=0.02)


@pytest.mark.parametrize("remember", [False, True])
def test_windows_of_remembered_hops_are_those_of_the_stream(clips: list[VoiceClip], remember: bool) -> None:
    model = _model(FeaturePrior(np.zeros(FEATURES, np.float32), np.full(FEATURES, 5.0, np.float32)))
    memory = HopMemory()
    streamed = hear(clips[:4], model, remember_speaker=remember)
    for _ in range(2):
        again = hear(clips[:4], model, remember_speaker=remember, memory=memory)
        for one, other in zip(streamed, again, strict=True):
            assert (one.clip, len(one.windows)) == (other.clip, len(other.windows))
            for window, replayed in zip(one.windows, other.windows, strict=True):
                np.testing.assert_allclose(window.features, replayed.features, atol=1e-5)
                assert (window.quality, window.reasons) == (replayed.quality, replayed.reasons)


def _model(prior: FeaturePrior) -> VoiceModel:
    from ertedge.perception.emotion_head import EmotionHead

    network = RecordingNetwork(np.arange(8, dtype=np.float32))
    return VoiceModel(network, EmotionHead(NATIVE_LABELS, MAPPING, 1.0), prior, QualityWeights(0.0, 0.0, 0.0, 0.0))


def test_training_normalises_like_the_device(frames: list[ClipFrames]) -> None:
    """Of a clip of exactly one window both make the same, whether the speaker was heard before or not."""
    prior = population(frames)
    whole = [replace(one, features=one.features[:300], speech=one.speech[:300]) for one in frames if one.session == 0]
    quiet = Disturbance(stranger_share=1.0, warp_most=0.0, time_masks=0, coefficient_masks=0, noise=0.0)
    drawn = TrainingWindows(whole, prior, quiet).window_of(0, np.random.default_rng(0))
    assert drawn.heard is None
    (expected,) = stream_windows(whole[:1], prior, 0, remember_speaker=False)
    np.testing.assert_allclose(drawn.features, expected.features, atol=1e-3)
    # The device heard this same clip once before; training draws one companion, and there is but this one.
    heard = TrainingWindows(whole[:1], prior, replace(quiet, stranger_share=0.0, clips_heard_most=1))
    again = stream_windows([whole[0], whole[0]], prior, 0, remember_speaker=True)
    np.testing.assert_allclose(heard.window_of(0, np.random.default_rng(0)).features, again[1].features, atol=1e-3)


def test_the_population_is_of_speech_only(frames: list[ClipFrames]) -> None:
    marked = [replace(one, speech=np.arange(len(one.speech)) < 100) for one in frames]
    spoken = np.concatenate([one.features[:100].astype(np.float64) for one in frames])
    np.testing.assert_allclose(population(marked).mean, spoken.mean(axis=0), rtol=1e-4, atol=1e-4)


def test_labels_that_a_collection_lacks_are_left_out() -> None:
    targets = targets_of([(0, "a"), (1, "a"), (0, "b")], smoothing=0.1)
    np.testing.assert_array_equal(targets.possible.numpy()[2], [True] + [False] * 7)
    np.testing.assert_allclose(targets.soft.numpy()[0, :2], [0.95, 0.05], rtol=1e-6)
    np.testing.assert_allclose(targets.soft.numpy()[2, 0], 1.0, rtol=1e-6)
    np.testing.assert_allclose(targets.soft.sum(1).numpy(), 1.0, rtol=1e-6)


def test_a_training_learns_and_goes_on_where_it_was(frames: list[ClipFrames], tmp_path: Path) -> None:
    torch.set_num_threads(1)
    speakers = ("ravdess/03", "ravdess/04")
    whole = fit(frames, speakers, TINY, 1, tmp_path / "whole")
    windows = stream_windows(frames, whole.prior, 0, remember_speaker=True)
    with torch.no_grad():
        logits = whole.network(torch.from_numpy(np.stack([window.features for window in windows])))
    assert logits.shape == (len(windows), 8)
    # Interrupted after the fifth epoch: the checkpoint stands, the result does not.
    (tmp_path / "again").mkdir()
    checkpoint = torch.load(tmp_path / "whole" / "checkpoint.pt", weights_only=True)
    assert checkpoint["epoch"] == 10
    torch.save(checkpoint, tmp_path / "again" / "checkpoint.pt")
    resumed = fit(frames, speakers, TINY, 1, tmp_path / "again")
    for one, other in zip(whole.network.parameters(), resumed.network.parameters(), strict=True):
        torch.testing.assert_close(one, other)


def test_a_pupil_learns_what_its_teachers_say(frames: list[ClipFrames], tmp_path: Path) -> None:
    """Taught by nothing but a network that always says "angry", it says "angry" of clips that are labelled "calm"."""
    torch.set_num_threads(1)
    speakers = ("ravdess/03", "ravdess/04")
    teacher = fit(frames, speakers, replace(TINY, epochs=2), 1, tmp_path / "teacher")
    angry = NATIVE_LABELS.index("angry")
    with torch.no_grad():
        teacher.network.head.weight.zero_()
        teacher.network.head.bias.copy_(9.0 * torch.nn.functional.one_hot(torch.tensor(angry), len(NATIVE_LABELS)))
    recipe = replace(TINY, taught_share=1.0, epochs=30, average_decay=0.8)
    taught = fit(frames, speakers, recipe, 1, tmp_path / "pupil", teachers=(teacher,))
    calm = [clip for clip in frames if clip.clip.label == "calm"]
    windows = stream_windows(calm, taught.prior, 0, remember_speaker=True)
    with torch.no_grad():
        said = taught.network(torch.from_numpy(np.stack([window.features for window in windows])))
    # Of labels that no clip has, nothing is learnt.
    assert bool((said[:, angry] > said[:, NATIVE_LABELS.index("calm")] + 1.0).all())


def test_mixed_windows_keep_the_larger_share_and_none_are_mixed_by_nothing() -> None:
    other, share = partners(0.3, 1_000, np.random.default_rng(0))
    assert sorted(other.tolist()) == list(range(1_000))
    assert 0.5 <= float(share.min()) < 0.55
    assert float(share.max()) > 0.99
    alone, whole = partners(0.0, 5, np.random.default_rng(0))
    assert alone.tolist() == list(range(5))
    assert whole.tolist() == [1.0] * 5


def test_a_network_learns_what_the_encoder_heard(frames: list[ClipFrames], tmp_path: Path) -> None:
    """Half of what was heard follows the loudness of the frames, which the network can see; the other half is noise."""
    torch.set_num_threads(1)
    random = np.random.default_rng(0)
    heard = []
    for clip in frames:
        loudness = clip.features[::4, :1].astype(np.float32)
        half = np.repeat(loudness, HEARD // 2, axis=1)
        heard.append(replace(clip, heard=np.hstack((half, random.normal(size=half.shape))).astype(np.float16)))
    recipe = replace(TINY, epochs=60, heard_weight=1.0, mixup=0.01, average_decay=0.8)
    fitted = fit(heard, ("ravdess/03", "ravdess/04"), recipe, 1, tmp_path / "pupil")
    echo = torch.nn.Linear(fitted.network.channels, HEARD)
    echo.load_state_dict(torch.load(tmp_path / "pupil" / "checkpoint.pt", weights_only=True)["parts"][1])
    calm = Disturbance(time_masks=0, coefficient_masks=0, noise=0.0)
    windows = TrainingWindows(heard, fitted.prior, calm)
    drawn = [windows.window(clip, random) for clip in range(8)]
    with torch.no_grad():
        mapped = fitted.network.map(torch.from_numpy(np.stack([one.features for one in drawn])))
        echoed = echo(mapped.squeeze(-1).transpose(1, 2)).numpy()
    missed = np.square(echoed - np.stack([one.heard for one in drawn if one.heard is not None])).mean(axis=(0, 1))
    assert missed[: HEARD // 2].mean() < 0.5
    assert missed[HEARD // 2 :].mean() > 0.8


def test_an_expert_tells_what_the_encoder_hears(frames: list[ClipFrames]) -> None:
    """Somebody else's clips, too; labels that a collection never had are nothing there, and possible in another."""
    random = np.random.default_rng(0)
    heard = [
        replace(clip, heard=random.normal(clip.clip.label == "angry", 1.0, (80, HEARD)).astype(np.float16))
        for clip in frames
    ]
    known = [clip for clip in heard if clip.clip.speaker == "ravdess/03"]
    asked = [clip for clip in heard if clip.clip.speaker == "ravdess/04"]
    other = replace(heard[0], clip=replace(heard[0].clip, collection="other", label="happy"))
    expert = Expert([*known, other])
    answers = expert(asked)
    assert [NATIVE_LABELS[best] for best in answers.argmax(axis=1)] == [clip.clip.label for clip in asked]
    assert np.count_nonzero(answers.sum(axis=0)) == 2
    np.testing.assert_allclose(answers.sum(axis=1), 1.0, rtol=1e-5)
    assert expert_recall(expert, asked) == 1.0
    elsewhere = [replace(clip, clip=replace(clip.clip, collection="a third")) for clip in asked]
    assert np.count_nonzero(expert(elsewhere).sum(axis=0)) == 3


def test_a_teacher_that_heard_somebody_else_is_refused(frames: list[ClipFrames], tmp_path: Path) -> None:
    teacher = fit(frames, ("ravdess/03", "ravdess/04"), replace(TINY, epochs=2), 1, tmp_path / "teacher")
    with pytest.raises(ConfigurationError, match="other speakers"):
        fit(frames, ("ravdess/03",), TINY, 1, tmp_path / "pupil", teachers=(teacher,))


def test_training_computes_the_convolution_that_is_exported() -> None:
    """Stride, dilation and padding included; the batch's own statistics are those that evaluation then uses."""
    torch.manual_seed(0)
    network = VoiceNetwork(width=12, dropout=0.0)
    for layer in network.modules():
        if isinstance(layer, torch.nn.BatchNorm2d):
            layer.momentum = 1.0
    x = torch.randn(3, 301, FEATURES)
    trained = network.train()(x)
    for layer in network.modules():
        if isinstance(layer, torch.nn.BatchNorm2d):
            n = {12: 151, 16: 76}[layer.num_features] * 3
            layer.running_var.mul_((n - 1) / n)
    with torch.no_grad():
        torch.testing.assert_close(network.eval()(x), trained, atol=1e-3, rtol=1e-3)


def test_a_network_of_the_cepstra_alone_does_not_hear_the_pitch() -> None:
    torch.manual_seed(0)
    x = torch.randn(2, 300, FEATURES)
    other = torch.cat((x[:, :, :COEFFICIENTS], torch.randn(2, 300, FEATURES - COEFFICIENTS)), dim=2)
    deaf, whole = VoiceNetwork(12, features=COEFFICIENTS).eval(), VoiceNetwork(12).eval()
    with torch.no_grad():
        assert torch.equal(deaf(x), deaf(other))
        assert not torch.allclose(whole(x), whole(other))


def test_the_network_fits_its_budget() -> None:
    network = VoiceNetwork()
    assert network(torch.zeros(2, 300, FEATURES)).shape == (2, 8)
    assert sum(parameter.numel() for parameter in network.parameters()) < 400_000


def test_clips_are_scored_in_the_order_given(clips: list[VoiceClip]) -> None:
    model = _model(FeaturePrior(np.zeros(FEATURES, np.float32), np.ones(FEATURES, np.float32)))
    scores = score(hear(clips, model), model)
    assert scores.probabilities.shape == (8, 8)
    np.testing.assert_allclose(scores.probabilities.sum(axis=1), 1.0, rtol=1e-5)
    np.testing.assert_array_equal(scores.labels, [clip.label_index for clip in clips])
    assert scores.abstained.all()  # Noise is no speech to the real detector.


@pytest.mark.parametrize("snr_db", [0.0, 20.0])
@pytest.mark.parametrize("babbling", [False, True])
def test_noise_has_the_level_asked_for(snr_db: float, babbling: bool) -> None:
    sound = babble(2.0).astype(np.float64)
    noise = add_noise(sound, snr_db, 1.0, babbling, np.random.default_rng(0)) - sound
    measured = 20 * np.log10(active_level(sound) / np.sqrt(np.mean(noise**2)))
    assert measured == pytest.approx(snr_db, abs=0.1)


def test_a_session_keeps_sound_finite_and_in_range() -> None:
    for seed in range(30):
        random = np.random.default_rng(seed)
        session = random_session(random)
        heard = apply_session(babble(1.0), session, random)
        assert heard.dtype == np.float32
        assert np.isfinite(heard).all()
        assert np.abs(heard).max() <= 1.0
        assert heard.size == pytest.approx(16_000 / session.speed, rel=0.01)


def test_speed_moves_length_and_pitch() -> None:
    tone = np.sin(2 * np.pi * 400 * np.arange(16_000) / 16_000).astype(np.float32)
    faster = apply_session(tone, Session(speed=1.25), np.random.default_rng(0))
    spectrum = np.abs(np.fft.rfft(faster))
    assert np.fft.rfftfreq(faster.size, 1 / 16_000)[spectrum.argmax()] == pytest.approx(500.0, abs=2.0)


def test_clipping_cuts_at_full_scale() -> None:
    clipped = clip_sound(babble(1.0).astype(np.float64), 12.0)
    assert np.abs(clipped).max() == 1.0
    assert np.mean(np.abs(clipped) >= 0.985) > 0.01


def test_quality_is_fitted_to_what_decides() -> None:
    """Right and wrong drawn from known coefficients are found again, and accuracy rises with the quality."""
    random = np.random.default_rng(0)
    judged = []
    for _ in range(4_000):
        conditions = WindowConditions(random.uniform(0, 1), random.uniform(0, 40), random.uniform(0, 0.1))
        chance = 1 / (1 + np.exp(-(-2.0 + conditions.speech_share + 0.6 * conditions.snr_db / 10)))
        right = random.random() < chance
        judged.append(JudgedWindow(conditions, np.eye(8, dtype=np.float32)[0], 0 if right else 1))
    weights = fit_quality(judged)
    assert weights.speech_share == pytest.approx(1.0, abs=0.35)
    assert weights.snr_per_10_db == pytest.approx(0.6, abs=0.1)
    assert weights.clipped_share <= 0.0
    accuracies = [accuracy for _, accuracy, _ in accuracy_by_quality(judged, weights)]
    assert accuracies[0] < accuracies[2] < accuracies[4]


def test_the_shipped_model_never_sees_its_test() -> None:
    assert not set(HELD_OUT) & set(VALIDATION)
    assert speakers_in("Trained on ravdess/03, ravdess/04, nemo/EB0; no other") == {
        "ravdess/03",
        "ravdess/04",
        "nemo/EB0",
    }


def test_actors_can_be_chosen(clips: list[VoiceClip]) -> None:
    assert {clip.speaker for clip in select(clips, "ravdess", "3", 0)} == {"ravdess/03"}
    assert len(select(clips, "ravdess", "", 2)) == 4
    with pytest.raises(ConfigurationError, match="ravdess/09"):
        select(clips, "ravdess", "3,9", 0)
