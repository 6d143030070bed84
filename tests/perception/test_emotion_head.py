from __future__ import annotations

import numpy as np
import pytest

from ertedge.errors import ManifestError
from ertedge.perception.emotion_head import EmotionHead
from ertedge.types import EMOTIONS, Emotion

LABELS = ("neutral", "calm", "angry")
MAPPING = {"neutral": Emotion.NEUTRAL, "calm": Emotion.NEUTRAL, "angry": Emotion.ANGER}


def test_labels_outside_the_seven_go_where_the_mapping_says() -> None:
    head = EmotionHead(LABELS, MAPPING, 1.0)
    native = head.native(np.log(np.asarray([0.2, 0.3, 0.5], np.float32)))
    np.testing.assert_allclose(native, [0.2, 0.3, 0.5], rtol=1e-6)
    seven = head.canonical(native)
    assert seven.shape == (7,)
    assert seven.sum() == pytest.approx(1.0)
    assert seven[EMOTIONS.index(Emotion.NEUTRAL)] == pytest.approx(0.5)
    assert seven[EMOTIONS.index(Emotion.ANGER)] == pytest.approx(0.5)


def test_temperature_softens_without_changing_the_order() -> None:
    logits = np.asarray([[1.0, 2.0, 4.0]], np.float32)
    sharp, soft = EmotionHead(LABELS, MAPPING, 1.0).native(logits), EmotionHead(LABELS, MAPPING, 2.0).native(logits)
    assert soft.max() < sharp.max()
    assert (soft.argsort() == sharp.argsort()).all()


def test_huge_logits_do_not_overflow() -> None:
    native = EmotionHead(LABELS, MAPPING, 0.1).native(np.asarray([1e4, -1e4, 0.0], np.float32))
    np.testing.assert_array_equal(native, [1.0, 0.0, 0.0])


@pytest.mark.parametrize(
    ("mapping", "temperature", "word"),
    [
        ({"neutral": Emotion.NEUTRAL, "angry": Emotion.ANGER}, 1.0, "calm"),
        ({**MAPPING, "bored": Emotion.NEUTRAL}, 1.0, "bored"),
        ({**MAPPING, "calm": Emotion.UNKNOWN}, 1.0, "unknown"),
        (MAPPING, 0.0, "temperature"),
        (MAPPING, float("nan"), "temperature"),
    ],
)
def test_what_contradicts_itself_is_refused(mapping: dict[str, Emotion], temperature: float, word: str) -> None:
    with pytest.raises(ManifestError, match=word):
        EmotionHead(LABELS, mapping, temperature)
