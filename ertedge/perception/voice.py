"""The voice path: chunks of sound in, predictions out, one every half second once three seconds were heard.

Floor 1 (thought). Sound, band-pass, speech or not, MFCC and pitch, normalisation, network, calibrated probabilities of
the seven: the steps are in the files beside this one; here they follow one another.
"""

from __future__ import annotations

from dataclasses import dataclass, fields

from ertedge.errors import ManifestError, ModelError
from ertedge.perception.emotion_head import EmotionHead
from ertedge.perception.network import ModelEntry, Network
from ertedge.perception.normalisation import FeaturePrior
from ertedge.perception.speech import SileroSpeechDetector, SpeechDetector
from ertedge.perception.speech_frames import FEATURES
from ertedge.perception.speech_windows import DEFAULT_LIMITS, WINDOW_FRAMES, SpeechWindows, VoiceLimits
from ertedge.perception.voice_quality import QualityWeights
from ertedge.types import AudioChunk, Float32Array, Modality, Prediction, SpeechWindow


@dataclass(frozen=True, slots=True)
class VoiceModel:
    """A voice network with what its manifest entry says of it.

    ``network`` takes (1, 300, 42) normalised MFCC and pitch; its first output is (1, labels) logits.
    """

    network: Network
    head: EmotionHead
    prior: FeaturePrior
    quality: QualityWeights

    @classmethod
    def of(cls, network: Network, entry: ModelEntry) -> VoiceModel:
        """The voice network as its manifest entry describes it. Raises ManifestError when a parameter is missing or
        wrong."""
        coefficients = entry.vector("quality").tolist()
        if len(coefficients) != len(fields(QualityWeights)):
            raise ManifestError(f"the voice's quality needs {len(fields(QualityWeights))} coefficients")
        mean = entry.vector("feature_mean")
        if mean.shape != (FEATURES,):
            raise ManifestError(f"the voice's feature_mean needs {FEATURES} numbers, got shape {mean.shape}")
        prior_frames, most_frames = entry.parameter("prior_frames"), entry.parameter("most_frames")
        return cls(
            network=network,
            head=EmotionHead(entry.labels, entry.mapping, entry.temperature),
            prior=FeaturePrior(mean, entry.vector("feature_deviation"), prior_frames, most_frames),
            quality=QualityWeights(*coefficients),
        )

    def logits(self, window: SpeechWindow) -> Float32Array:
        """The network's opinion of a window, (labels,). Raises ModelError when it has not as many logits as labels."""
        logits = self.network(window.features.reshape(1, WINDOW_FRAMES, FEATURES))[0].reshape(-1)
        if logits.size != len(self.head.labels):
            raise ModelError(f"the voice network has {logits.size} logits for {len(self.head.labels)} labels")
        return logits


class VoicePerception:
    """One microphone's voice path. Not thread-safe: one stream, one caller."""

    def __init__(
        self, model: VoiceModel, detector: SpeechDetector | None = None, limits: VoiceLimits = DEFAULT_LIMITS
    ) -> None:
        """``detector`` is Silero's unless another is given."""
        self._model = model
        self._windows = SpeechWindows(detector or SileroSpeechDetector(), model.prior, model.quality, limits)

    @property
    def gaps(self) -> int:
        """How often the stream broke (samples lost, a chunk that could not be used) since the start."""
        return self._windows.gaps

    def process(self, chunk: AudioChunk) -> list[Prediction]:
        """The predictions of the windows that end within ``chunk``, oldest first; mostly none or one.

        A window with too little speech (NO_SPEECH) or too much noise or clipping (LOW_QUALITY) gives a prediction
        without probabilities. Raises PerceptionError for a chunk that cannot be processed (not finite, wrong rate or
        shape); the next chunk is processed as the first after a gap.
        """
        return [self._predict(window) for window in self._windows.process(chunk)]

    def forget_speaker(self) -> None:
        """Somebody else speaks now: what was learnt of the last speaker's voice is forgotten."""
        self._windows.forget_speaker()

    def _predict(self, window: SpeechWindow) -> Prediction:
        probabilities = None
        if not window.reasons:
            probabilities = self._model.head.canonical(self._model.head.native(self._model.logits(window)))
        return Prediction(
            Modality.VOICE,
            window.timestamp_ns,
            probabilities,
            window.quality,
            window.reasons,
            embedding=window.statistics,
        )
