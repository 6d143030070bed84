"""How long the present emotion has led, and what carried it. Floor 1; time comes in with the states.

A stretch is one emotion's. It outlasts the short blips that a face makes anyway: others may lead for less than
``BLIP_SECONDS`` at a time, and for no more than ``BLIP_SHARE`` of the stretch together (or ``BLIP_SECONDS`` while it is
young). When they lead for longer, the stretch is theirs. A state that is unknown says nothing against it, but what was not
seen must not be claimed: a stretch ends when nobody could be read for ``HIDDEN_SECONDS``, or for most of it.
"""

from __future__ import annotations

from dataclasses import dataclass

from ertedge.types import EMOTIONS, Emotion, EmotionState, Modality

BLIP_SECONDS = 10.0
BLIP_SHARE = 0.1
HIDDEN_SECONDS = 60.0
HIDDEN_SHARE = 0.5


@dataclass(slots=True)
class _Run:
    """An emotion since it began: ``span`` seconds, of which it was ``seen``; the rest are sums over what was seen."""

    emotion: Emotion
    span: float = 0.0
    seen: float = 0.0
    confidence: float = 0.0
    face: float = 0.0
    voice: float = 0.0
    others: float = 0.0
    hidden: float = 0.0

    def see(self, state: EmotionState, seconds: float) -> None:
        self.seen += seconds
        self.confidence += seconds * state.confidence
        self.face += seconds * _carried(state, Modality.FACE)
        self.voice += seconds * _carried(state, Modality.VOICE)

    def mean(self, total: float) -> float:
        return total / self.seen if self.seen > 0.0 else 0.0


class Stretch:
    """Follows the leading emotion. Feed it every state with the seconds for which it held, in order."""

    def __init__(self) -> None:
        self._run = _Run(Emotion.UNKNOWN)
        self._rival: _Run | None = None
        self._blip = 0.0
        self._hidden = 0.0

    def hold(self, state: EmotionState, seconds: float) -> None:
        """``state`` held for ``seconds``."""
        if state.emotion is Emotion.UNKNOWN:
            self.pass_unseen(seconds)
            return
        self._hidden = 0.0
        if self._run.emotion is Emotion.UNKNOWN:
            self._run = _Run(state.emotion)
        self._run.span += seconds
        if state.emotion is self._run.emotion:
            self._run.see(state, seconds)
            self._blip, self._rival = 0.0, None
        else:
            self._oppose(state, seconds)

    def pass_unseen(self, seconds: float) -> None:
        """Nobody could be read for ``seconds``."""
        self._hidden += seconds
        if self._run.emotion is Emotion.UNKNOWN:
            return
        for run in (self._run, self._rival):
            if run is not None:
                run.span += seconds
                run.hidden += seconds
        if self._hidden >= HIDDEN_SECONDS or self._run.hidden > max(HIDDEN_SECONDS, HIDDEN_SHARE * self._run.span):
            self._begin(_Run(Emotion.UNKNOWN))

    @property
    def emotion(self) -> Emotion:
        """The emotion that leads; UNKNOWN where none does."""
        return self._run.emotion

    @property
    def seconds(self) -> float:
        """How long it has led up to now, blips included."""
        return self._run.span if self._run.emotion is not Emotion.UNKNOWN else 0.0

    @property
    def confidence(self) -> float:
        """Mean confidence of its states, in [0, 1]."""
        return self._run.mean(self._run.confidence)

    @property
    def face_share(self) -> float:
        """How much of it the face carried, in [0, 1]; see ``AffectSummary``."""
        return self._run.mean(self._run.face)

    @property
    def voice_share(self) -> float:
        """How much of it the voice carried, in [0, 1]."""
        return self._run.mean(self._run.voice)

    def _oppose(self, state: EmotionState, seconds: float) -> None:
        self._blip += seconds
        self._run.others += seconds
        if self._rival is None or self._rival.emotion is not state.emotion:
            self._rival = _Run(state.emotion)
        self._rival.span += seconds
        self._rival.see(state, seconds)
        if self._blip >= BLIP_SECONDS or self._run.others > max(BLIP_SECONDS, BLIP_SHARE * self._run.span):
            self._begin(self._rival)

    def _begin(self, run: _Run) -> None:
        self._run = run
        self._blip, self._rival = 0.0, None


def _carried(state: EmotionState, modality: Modality) -> float:
    """The weight of ``modality`` in ``state`` if what it said by itself was the state's emotion, else 0."""
    for share in state.shares:
        if share.modality is modality and share.probabilities is not None:
            said = EMOTIONS[int(share.probabilities.argmax())]
            return float(share.weight) if said is state.emotion else 0.0
    return 0.0
