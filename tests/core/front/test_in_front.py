"""What may be read of whoever is there: consents, bystanders, and nothing of the one before."""

from __future__ import annotations

from ertedge.core.front.in_front import VOICE_WINDOW_NS, InFront
from ertedge.types import Modality, Presence, PresenceKind, Purpose, Reason
from tests.core.front_fakes import FRAME_NS, FakePeople, frame, window

SECONDS_4 = 40


def presence(number: int, kind: PresenceKind = PresenceKind.PROFILE, profile_id: int = 4) -> Presence:
    return Presence(frame(number).timestamp_ns, kind, profile_id)


def test_what_was_not_agreed_to_is_silenced_with_its_reason() -> None:
    people = FakePeople({4: {Purpose.SENSE_VOICE}})
    there = InFront(people)
    there.follow(presence(0))
    there.take(frame(1))
    there.take(window(1))
    said = there.said(presence(1))
    assert said[Modality.FACE].probabilities is None
    assert said[Modality.FACE].embedding is None
    assert said[Modality.FACE].reasons == (Reason.NO_CONSENT,)
    assert said[Modality.VOICE].probabilities is not None
    assert not there.note(frame(1), presence(1))
    assert there.note(window(1), presence(1))
    assert there.evidence.over(Modality.FACE, 0, 2**62) is None
    assert there.evidence.over(Modality.VOICE, 0, 2**62) is not None


def test_what_is_taken_back_is_gone_from_the_evidence_and_from_what_comes() -> None:
    people = FakePeople.of(4)
    there = InFront(people)
    there.follow(presence(0))
    for number in (1, 2):
        there.note(frame(number), presence(number))
        there.note(window(number), presence(number))
    assert not there.follow(presence(2))
    people.withdraw(4, Purpose.SENSE_FACE)
    assert there.evidence.count(Modality.FACE, 0, 2**62) == 0
    assert there.evidence.count(Modality.VOICE, 0, 2**62) == 2
    assert there.follow(presence(3))
    assert not there.follow(presence(3))
    people.withdraw(4, Purpose.STUDY)
    assert not there.follow(presence(4))
    people.erase(4)
    assert there.evidence.count(Modality.VOICE, 0, 2**62) == 0
    assert there.evidence.profile_id == 0


def test_nothing_of_the_one_before_is_read_as_the_nexts() -> None:
    there = InFront(FakePeople.of(4, 5))
    assert there.follow(presence(0))
    assert not there.follow(presence(1, PresenceKind.ASSUMED))
    there.take(window(2))
    there.note(window(2), presence(2))
    assert there.follow(presence(3, profile_id=5))
    assert there.said(presence(3, profile_id=5)) == {}
    assert there.evidence.profile_id == 5
    assert there.evidence.over(Modality.VOICE, 0, 2**62) is None


def test_a_window_in_which_the_one_before_may_be_heard_is_not_read() -> None:
    there = InFront(FakePeople.of(4))
    there.follow(presence(0, PresenceKind.BYSTANDER, 0))
    there.follow(presence(1))
    early, late = 1 + VOICE_WINDOW_NS // FRAME_NS - 1, 1 + VOICE_WINDOW_NS // FRAME_NS
    there.take(window(early))
    assert there.said(presence(early))[Modality.VOICE].reasons == (Reason.BYSTANDER,)
    there.take(window(late))
    assert there.said(presence(late))[Modality.VOICE].probabilities is not None


def test_who_comes_from_nobody_is_heard_at_once() -> None:
    there = InFront(FakePeople.of(4))
    there.follow(presence(0, PresenceKind.NOBODY, 0))
    there.follow(presence(1))
    there.take(window(2))
    assert there.said(presence(2))[Modality.VOICE].probabilities is not None


def test_what_is_nobodys_leaves_no_evidence_and_says_why() -> None:
    there = InFront(FakePeople.of(4))
    for kind, reason in (
        (PresenceKind.BYSTANDER, Reason.BYSTANDER),
        (PresenceKind.SEVERAL, Reason.TWO_PEOPLE),
        (PresenceKind.NOBODY, Reason.NO_FACE),
    ):
        nobodys = presence(SECONDS_4, kind, 0)
        there.follow(nobodys)
        there.take(frame(SECONDS_4))
        assert not there.note(frame(SECONDS_4), nobodys)
        estimate = there.silence(nobodys.timestamp_ns, nobodys)
        assert (estimate.probabilities, estimate.shares, estimate.reasons) == (None, (), (reason,))
        assert there.is_alone is (kind is not PresenceKind.SEVERAL)
    dark = frame(50, None, reasons=(Reason.NO_FACE, Reason.TOO_DARK), faces=0)
    there.take(dark)
    nobody = presence(50, PresenceKind.NOBODY, 0)
    assert there.silence(nobody.timestamp_ns, nobody).reasons == (Reason.NO_FACE, Reason.TOO_DARK)
