"""The face path: which face is read, when nothing is said and why, and what a frame that is no picture meets."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from ertedge.errors import ManifestError, ModelError, PerceptionError
from ertedge.perception.emotion_head import EmotionHead
from ertedge.perception.face import FaceLimits, FaceModel, FacePerception, standardise
from ertedge.perception.face_quality import FaceQualityWeights
from ertedge.types import EMOTIONS, Emotion, FaceBox, Float32Array, Modality, Reason, UInt8Array, VideoFrame

TEMPLATE = np.array([[14.7, 18.1], [33.1, 17.8], [23.9, 28.0], [16.7, 36.8], [31.8, 36.6]], np.float32)
LABELS = ("neutral", "happiness", "surprise", "sadness", "anger", "disgust", "fear", "contempt")
MAPPING = {label: Emotion(label) for label in LABELS[:7]} | {"contempt": Emotion.DISGUST}
WEIGHTS = FaceQualityWeights(1.9, -0.5, -0.4, -2.0, -0.2, -0.6, -0.3, -0.2, -1.0)


class SeenNetwork:
    """A network that remembers its input and says "surprise"; its embedding is the crop's first row."""

    def __init__(self) -> None:
        self.inputs: list[Float32Array] = []

    def __call__(self, x: Float32Array, /) -> tuple[Float32Array, ...]:
        self.inputs.append(x)
        logits = np.zeros((1, 8), np.float32)
        logits[0, 2] = 5.0
        return logits, np.arange(1, 129, dtype=np.float32)[None]


class KnownFaces:
    """A detector that finds the faces it was given."""

    def __init__(self, *faces: FaceBox) -> None:
        self.faces = faces

    def detect(self, frame: VideoFrame, /) -> tuple[FaceBox, ...]:
        return self.faces


def face(left: float = 100, top: float = 100, size: float = 4.0, score: float = 0.9) -> FaceBox:
    """A frontal face whose crop begins at (left, top) and is magnified ``size`` times."""
    return FaceBox(left, top, 40 * size, 48 * size, score, TEMPLATE * size + np.array([left, top], np.float32))


def picture(level: float = 120, seed: int = 0) -> UInt8Array:
    grain = np.random.default_rng(seed).normal(0, level / 3, (60, 80, 3))
    return np.repeat(np.repeat(np.clip(level + grain, 0, 255), 8, 0), 8, 1).astype(np.uint8)


def perception(*faces: FaceBox, network: SeenNetwork | None = None) -> FacePerception:
    head = EmotionHead(LABELS, MAPPING, 1.5)
    return FacePerception(KnownFaces(*faces), FaceModel(network or SeenNetwork(), head, TEMPLATE, WEIGHTS))


def test_a_good_face_gives_calibrated_probabilities_of_the_seven() -> None:
    prediction = perception(face()).process(VideoFrame(7, picture()))
    assert prediction.reasons == ()
    assert (prediction.modality, prediction.timestamp_ns, prediction.faces) == (Modality.FACE, 7, 1)
    assert prediction.probabilities is not None
    assert EMOTIONS[int(prediction.probabilities.argmax())] is Emotion.SURPRISE
    expected = np.exp(5 / 1.5) / (np.exp(5 / 1.5) + 7)
    assert prediction.probabilities.max() == pytest.approx(expected, rel=1e-5)
    assert prediction.embedding is not None
    assert np.linalg.norm(prediction.embedding) == pytest.approx(1.0, abs=1e-5)
    assert 0.5 < prediction.quality <= 1


def test_the_network_sees_the_standardised_crop_of_the_face() -> None:
    network = SeenNetwork()
    image = picture()
    image[100:292, 100:292] = np.kron(np.eye(2), np.full((96, 96), 255)).astype(np.uint8)[:, :, None]
    perception(face(), network=network).process(VideoFrame(0, image))
    (seen,) = network.inputs
    assert seen.shape == (1, 1, 48, 48)
    assert seen.dtype == np.float32
    assert abs(seen.mean()) < 0.05
    # White, black, black, white: the quarters of the crop are those of the square that was painted.
    signs = [seen[0, 0, 12, 12], seen[0, 0, 12, 36], seen[0, 0, 36, 12], seen[0, 0, 36, 36]]
    assert [value > 0 for value in signs] == [True, False, False, True]


def test_brightness_and_contrast_drop_out_but_flat_noise_is_not_magnified() -> None:
    crop = picture()[:48, :48, 0]
    np.testing.assert_allclose(standardise(crop), standardise((crop // 2 + 20).astype(np.uint8)), atol=0.05)
    assert np.abs(standardise(np.full((48, 48), 90, np.uint8))).max() == 0
    flat = np.random.default_rng(0).integers(99, 102, (48, 48)).astype(np.uint8)
    assert standardise(flat).std() < 0.2


def test_the_largest_face_is_read() -> None:
    small, large = face(20, 20, 1.2), face(300, 100, 4.5)
    crop = perception().crop(VideoFrame(0, picture()), (small, large))
    assert crop.box is large
    assert crop.faces == 2
    assert Reason.TWO_PEOPLE not in crop.reasons


def test_two_faces_of_like_size_are_two_people() -> None:
    prediction = perception(face(10, 100, 4.0), face(330, 100, 3.4)).process(VideoFrame(0, picture()))
    assert prediction.reasons == (Reason.TWO_PEOPLE,)
    assert prediction.probabilities is None
    assert prediction.embedding is None
    assert prediction.faces == 2


def test_a_doubtful_second_face_silences_nobody() -> None:
    prediction = perception(face(10, 100, 4.0), face(330, 100, 3.4, score=0.55)).process(VideoFrame(0, picture()))
    assert prediction.reasons == ()
    assert prediction.probabilities is not None


def test_nobody_and_nobody_in_the_dark() -> None:
    assert perception().process(VideoFrame(0, picture())).reasons == (Reason.NO_FACE,)
    night = perception().process(VideoFrame(0, picture(4)))
    assert night.reasons == (Reason.NO_FACE, Reason.TOO_DARK)
    assert night.quality == 0
    assert night.probabilities is None


def test_a_face_in_the_dark_is_not_guessed() -> None:
    prediction = perception(face()).process(VideoFrame(0, picture(5)))
    assert prediction.reasons == (Reason.TOO_DARK,)
    assert prediction.probabilities is None


def test_a_face_turned_away_is_off_pose() -> None:
    points = TEMPLATE.copy()
    points[:, 0] = 24 + 0.35 * (points[:, 0] - 24)
    points[2, 0] += 12
    turned = replace(face(), landmarks=(points * 4 + 100).astype(np.float32))
    assert perception(turned).process(VideoFrame(0, picture())).reasons == (Reason.OFF_POSE,)


def test_a_head_lying_on_its_side_is_off_pose() -> None:
    middle = TEMPLATE.mean(axis=0)
    lying = (TEMPLATE - middle) @ np.array([[0, 1], [-1, 0]], np.float32) * 4 + 250
    prediction = perception(replace(face(), landmarks=lying.astype(np.float32))).process(VideoFrame(0, picture()))
    assert prediction.reasons == (Reason.OFF_POSE,)


def test_a_speck_of_a_face_is_low_quality() -> None:
    speck = face(size=0.2, score=0.51)
    strict = FacePerception(KnownFaces(speck), perception()._model, FaceLimits(quality=0.9))
    assert strict.process(VideoFrame(0, picture())).reasons == (Reason.LOW_QUALITY,)


@pytest.mark.parametrize(
    ("image", "words"),
    [
        (np.zeros((480, 640), np.uint8), "BGR"),
        (np.full((480, 640, 3), np.nan, np.float32), "uint8"),
        (np.zeros((480, 640, 4), np.uint8), "pixel format"),
        (np.broadcast_to(np.uint8(0), (20_000, 20_000, 3)), "larger than 8192"),
        (np.zeros((8, 8, 3), np.uint8), "too small"),
        (np.zeros((0, 0, 3), np.uint8), "too small"),
    ],
    ids=["grey", "NaN", "four channels", "20,000 pixels", "tiny", "empty"],
)
def test_a_frame_that_is_no_picture_is_refused_with_what_to_do(image: UInt8Array, words: str) -> None:
    with pytest.raises(PerceptionError, match=words):
        perception(face()).process(VideoFrame(0, image))


def test_landmarks_that_are_not_finite_are_a_perception_error() -> None:
    broken = replace(face(), landmarks=np.full((5, 2), np.nan, np.float32))
    with pytest.raises(PerceptionError, match="finite"):
        perception(broken).process(VideoFrame(0, picture()))


def test_a_network_that_is_not_facenet_is_a_model_error() -> None:
    head = EmotionHead(LABELS[:7], {label: MAPPING[label] for label in LABELS[:7]}, 1.0)
    model = FaceModel(SeenNetwork(), head, TEMPLATE, WEIGHTS)
    with pytest.raises(ModelError, match="logits"):
        model.read(np.zeros((48, 48), np.uint8))
    with pytest.raises(ModelError, match="template"):
        replace(model, template=TEMPLATE[:4])


class Entry:
    """A manifest entry as perception reads it."""

    labels = LABELS
    mapping = MAPPING
    temperature = 1.2

    def __init__(self, quality: tuple[float, ...]) -> None:
        self._vectors = {"template": TEMPLATE, "quality": np.array(quality, np.float32)}

    def parameter(self, name: str, /) -> float:
        return {"dark_level": 9.0, "misfit_limit": 0.2, "turn_limit": 1.1, "quality_limit": 0.4, "companion_size": 0.7}[
            name
        ]

    def vector(self, name: str, /) -> Float32Array:
        return self._vectors[name]


def test_model_and_limits_are_made_from_a_manifest_entry() -> None:
    entry = Entry((1.0, -0.1, -0.2, -0.3, -0.4, -0.5, -0.6, -0.7, -0.8))
    model = FaceModel.of(SeenNetwork(), entry)
    assert model.quality.saturated == pytest.approx(-0.8)
    assert model.head.temperature == 1.2
    assert FaceLimits.of(entry) == FaceLimits(dark_level=9.0, misfit=0.2, turn=1.1, quality=0.4, companion_size=0.7)
    with pytest.raises(ManifestError, match="9 coefficients"):
        FaceModel.of(SeenNetwork(), Entry((1.0, -0.1)))
