"""What may be read of whoever is in front of the device: the newest predictions, less what they have not agreed to. Floor 2.

Nothing passes from one person to the next: with another presence the predictions of before are dropped, and so are speech
windows in which the one before may still be heard.
"""

from __future__ import annotations

from dataclasses import replace

from ertedge.core.front.evidence import Evidence
from ertedge.core.front.presence import NOT_ONES_OWN, PeoplePort
from ertedge.types import Estimate, Modality, Prediction, Presence, PresenceKind, Purpose, Reason

VOICE_WINDOW_NS = 3 * 1_000_000_000
"""A voice prediction is about so long a time before it."""
CONSENT_OF = {Modality.FACE: Purpose.SENSE_FACE, Modality.VOICE: Purpose.SENSE_VOICE}
_REASON = {PresenceKind.BYSTANDER: Reason.BYSTANDER, PresenceKind.SEVERAL: Reason.TWO_PEOPLE}


class InFront:
    """The newest prediction of each modality, and ``evidence`` of the last seconds, of the one person who is there."""

    def __init__(self, people: PeoplePort) -> None:
        self.evidence = Evidence()
        self._people = people
        self._newest: dict[Modality, Prediction] = {}
        self._who = PresenceKind.UNKNOWN, 0
        self._voice_from_ns: int | None = None
        self._withdrawn = False
        people.subscribe(self._consent_changed)
        people.on_erased(self._erased)

    @property
    def is_alone(self) -> bool:
        """Whether there are not several people."""
        return self._who[0] is not PresenceKind.SEVERAL

    def clear(self) -> None:
        """Nothing comes from the sensor process: what was said before is no longer true."""
        self._newest.clear()

    def take(self, prediction: Prediction) -> None:
        """Keep a prediction, whosever it is."""
        self._newest[prediction.modality] = prediction

    def follow(self, presence: Presence) -> bool:
        """Whether it is somebody else than before who is there now, or the same person who has taken something back: either
        way nothing of before may be seen in what comes."""
        who = _who(presence)
        if who == self._who:
            withdrawn, self._withdrawn = self._withdrawn, False
            return withdrawn
        another_voice = self._who[1] != 0 or self._who[0] in (PresenceKind.BYSTANDER, PresenceKind.SEVERAL)
        self._voice_from_ns = presence.timestamp_ns + VOICE_WINDOW_NS if another_voice else None
        self._who, self._withdrawn = who, False
        self._newest = {m: each for m, each in self._newest.items() if each.timestamp_ns >= presence.timestamp_ns}
        self.evidence.follow(presence.profile_id)
        return True

    def said(self, presence: Presence) -> dict[Modality, Prediction]:
        """The newest predictions, each silenced with its reason where its person has not agreed to it, or it may be about
        somebody else."""
        return {modality: self._permitted(each, presence) for modality, each in self._newest.items()}

    def note(self, prediction: Prediction, presence: Presence) -> bool:
        """Keep what was just said as evidence of the person, and tell whether there was anything to keep."""
        if presence.kind in NOT_ONES_OWN:
            return False
        permitted = self._permitted(prediction, presence)
        self.evidence.add(permitted)
        return permitted.probabilities is not None

    def silence(self, now_ns: int, presence: Presence) -> Estimate:
        """The estimate at a moment that is nobody's: no probabilities, no shares, and why."""
        face = self._newest.get(Modality.FACE)
        seen = tuple(reason for reason in face.reasons if reason is not Reason.TWO_PEOPLE) if face is not None else ()
        reasons = (_REASON[presence.kind],) if presence.kind in _REASON else (seen or (Reason.NO_FACE,))
        return Estimate(now_ns, None, 0.0, 0.0, 0.0, (), reasons)

    def _consent_changed(self, profile_id: int, purpose: Purpose, given: bool) -> None:
        if given or profile_id != self._who[1]:
            return
        for modality, needed in CONSENT_OF.items():
            if purpose is needed:
                self._withdrawn = True
                self.evidence.forget(modality)

    def _erased(self, profile_id: int) -> None:
        if profile_id == self._who[1]:
            self._withdrawn = True
            self.evidence.follow(0)

    def _permitted(self, prediction: Prediction, presence: Presence) -> Prediction:
        if not self._people.may(presence.profile_id, CONSENT_OF[prediction.modality]):
            return _silenced(prediction, Reason.NO_CONSENT)
        if prediction.modality is Modality.VOICE and self._voice_from_ns is not None:
            if prediction.timestamp_ns < self._voice_from_ns:
                return _silenced(prediction, Reason.BYSTANDER)
            self._voice_from_ns = None
        return prediction


def _who(presence: Presence) -> tuple[PresenceKind, int]:
    """Recognised or taken to be there makes no other person."""
    kind = PresenceKind.PROFILE if presence.kind is PresenceKind.ASSUMED else presence.kind
    return kind, presence.profile_id


def _silenced(prediction: Prediction, reason: Reason) -> Prediction:
    return replace(prediction, probabilities=None, quality=0.0, reasons=(reason,), embedding=None)
