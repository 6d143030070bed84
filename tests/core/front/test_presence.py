"""Who is there: single people without enrolment, enrolled ones, bystanders, several, turned heads, and nobody's voice."""

from __future__ import annotations

from collections.abc import Iterable

import pytest

from ertedge.core.front.presence import PresenceTracker
from ertedge.core.watch_sensor import SensorSilence
from ertedge.types import Prediction, Presence, PresenceKind, Reason
from tests.core.fakes import SECOND_NS
from tests.core.front_fakes import ANN, BEN, FRAME_NS, LIMITS, STRANGER, FakePeople, frame, gallery, nothing, window

TURNED = (Reason.OFF_POSE,)
TWO = (Reason.TWO_PEOPLE,)


def tracker(people: FakePeople, **enrolled: object) -> PresenceTracker:
    made = PresenceTracker(people, LIMITS)
    made.set_galleries({int(name[1:]): gallery(of) for name, of in enrolled.items()})  # type: ignore[arg-type]
    return made


def over(following: PresenceTracker, events: Iterable[Prediction | SensorSilence]) -> list[Presence | None]:
    return [following.take(event) for event in events]


def kinds(presences: list[Presence | None]) -> list[PresenceKind | None]:
    return [None if presence is None else presence.kind for presence in presences]


def test_without_a_profile_nobody_is_known_and_all_goes_on_as_ever() -> None:
    following = tracker(FakePeople())
    said = over(following, [frame(0), window(1), frame(2, reasons=TWO, faces=2), frame(3, reasons=TWO), nothing(4)])
    assert {(each and each.kind, each and each.profile_id) for each in said} == {(PresenceKind.UNKNOWN, 0)}


def test_the_only_profile_is_taken_to_be_there_without_enrolment() -> None:
    following = tracker(FakePeople.of(4))
    said = over(following, [frame(0, STRANGER), window(1), nothing(2), *(nothing(n) for n in range(3, 200))])
    assert {(each and each.kind, each and each.profile_id) for each in said} == {(PresenceKind.ASSUMED, 4)}


def test_of_several_profiles_who_says_so_is_there_and_else_nobody() -> None:
    people = FakePeople.of(4, 5)
    following = tracker(people)
    assert kinds(over(following, [frame(0), window(1)])) == [PresenceKind.BYSTANDER] * 2
    people.selected = 5
    said = following.take(frame(2))
    assert said == Presence(frame(2).timestamp_ns, PresenceKind.ASSUMED, 5)


def test_an_enrolled_person_is_recognised_after_a_few_frames() -> None:
    following = tracker(FakePeople.of(4, 5), p4=ANN, p5=BEN)
    said = over(following, (frame(n) for n in range(6)))
    assert kinds(said) == [None, None, *[PresenceKind.PROFILE] * 4]
    assert said[-1] is not None
    assert said[-1].profile_id == 4
    assert said[-1].similarity > LIMITS.accept


def test_a_stranger_becomes_a_bystander_and_not_from_one_frame() -> None:
    following = tracker(FakePeople.of(4), p4=ANN)
    said = over(following, (frame(n, STRANGER) for n in range(20)))
    first = kinds(said).index(PresenceKind.BYSTANDER)
    assert kinds(said[:first]) == [None] * first
    assert 10 <= first <= 14
    assert set(kinds(said[first:])) == {PresenceKind.BYSTANDER}
    assert said[-1] is not None
    assert said[-1].profile_id == 0
    assert kinds(over(following, [window(21)])) == [PresenceKind.BYSTANDER]


@pytest.mark.parametrize("frames", [5, 60])
def test_a_turned_head_is_no_bystander(frames: int) -> None:
    following = tracker(FakePeople.of(4), p4=ANN)
    over(following, (frame(n) for n in range(10)))
    turned = over(following, (frame(n, reasons=TURNED) for n in range(10, 10 + frames)))
    assert set(kinds(turned)) == {PresenceKind.PROFILE}
    assert set(kinds(over(following, (frame(n) for n in range(10 + frames, 20 + frames))))) == {PresenceKind.PROFILE}


def test_frames_at_an_odd_angle_pause_and_do_not_make_a_bystander() -> None:
    following = tracker(FakePeople.of(4), p4=ANN)
    over(following, (frame(n) for n in range(10)))
    odd = over(following, (frame(n, cosine=0.5) for n in range(10, 18)))
    assert PresenceKind.BYSTANDER not in kinds(odd)
    assert kinds(over(following, (frame(n) for n in range(18, 26))))[-1] is PresenceKind.PROFILE


def test_who_sits_down_in_anothers_place_inherits_nothing() -> None:
    following = tracker(FakePeople.of(4), p4=ANN)
    over(following, (frame(n) for n in range(20)))
    over(following, (nothing(n) for n in range(20, 35)))
    said = over(following, (frame(n, STRANGER) for n in range(35, 60)))
    assert PresenceKind.PROFILE not in kinds(said)
    assert kinds(said)[-1] is PresenceKind.BYSTANDER


def test_not_even_within_one_frame() -> None:
    following = tracker(FakePeople.of(4), p4=ANN)
    over(following, (frame(n) for n in range(20)))
    said = kinds(over(following, (frame(n, STRANGER) for n in range(20, 45))))
    assert PresenceKind.PROFILE not in said[3:]
    assert said[-1] is PresenceKind.BYSTANDER


def test_two_enrolled_people_take_turns() -> None:
    following = tracker(FakePeople.of(4, 5), p4=ANN, p5=BEN)
    over(following, (frame(n) for n in range(10)))
    over(following, (nothing(n) for n in range(10, 25)))
    said = over(following, (frame(n, BEN) for n in range(25, 35)))
    assert {each.profile_id for each in said if each is not None} == {5}


def test_a_voice_without_a_face_counts_for_the_last_person_only_briefly() -> None:
    following = tracker(FakePeople.of(4), p4=ANN)
    over(following, (frame(n) for n in range(10)))
    over(following, (nothing(n) for n in range(10, 60)))
    assert kinds(over(following, [window(60)])) == [PresenceKind.PROFILE]
    over(following, (nothing(n) for n in range(61, 120)))
    assert kinds(over(following, [window(120)])) == [PresenceKind.NOBODY]


def test_after_a_bystander_a_voice_is_nobodys() -> None:
    following = tracker(FakePeople.of(4), p4=ANN)
    over(following, (frame(n) for n in range(10)))
    over(following, (frame(n, STRANGER) for n in range(10, 30)))
    over(following, (nothing(n) for n in range(30, 45)))
    assert kinds(over(following, [window(45)])) == [PresenceKind.NOBODY]


def test_a_second_face_makes_several_and_a_flicker_does_not() -> None:
    following = tracker(FakePeople.of(4), p4=ANN)
    over(following, (frame(n) for n in range(10)))
    flicker = over(following, [frame(10, reasons=TWO, faces=2), frame(11), frame(12)])
    assert set(kinds(flicker)) == {PresenceKind.PROFILE}
    together = over(following, (frame(n, reasons=TWO, faces=2) for n in range(13, 20)))
    assert kinds(together)[2:] == [PresenceKind.SEVERAL] * 5
    assert kinds(over(following, [window(20)])) == [PresenceKind.SEVERAL]
    alone = kinds(over(following, (frame(n, STRANGER) for n in range(21, 60))))
    assert PresenceKind.PROFILE not in alone
    assert alone[-1] is PresenceKind.BYSTANDER


def test_where_nothing_can_be_seen_the_only_profile_is_assumed_again() -> None:
    following = tracker(FakePeople.of(4), p4=ANN)
    over(following, (frame(n) for n in range(10)))
    muted = over(following, [frame(10, None, reasons=(Reason.MUTED,), faces=0), window(11)])
    assert kinds(muted) == [PresenceKind.ASSUMED] * 2
    lost = following.take(SensorSilence(9 * SECOND_NS, connected=False))
    assert lost is not None
    assert (lost.kind, lost.profile_id) == (PresenceKind.ASSUMED, 4)
    back = over(following, (frame(0, at_ns=10 * SECOND_NS + n * FRAME_NS) for n in range(5)))
    assert kinds(back)[:2] == [None, None]
    assert kinds(back)[-1] is PresenceKind.PROFILE


def test_who_is_selected_and_not_enrolled_is_believed_unless_the_face_is_anothers() -> None:
    people = FakePeople.of(4, 5)
    people.selected = 5
    following = tracker(people, p4=ANN)
    said = over(following, (frame(n, BEN) for n in range(20)))
    assert {each.profile_id for each in said if each is not None} == {5}
    recognised = over(following, (frame(n, ANN) for n in range(20, 40)))[-1]
    assert recognised is not None
    assert (recognised.kind, recognised.profile_id) == (PresenceKind.PROFILE, 4)


def test_a_simulation_that_looks_once_a_minute_recognises_too() -> None:
    following = tracker(FakePeople.of(4), p4=ANN)
    said = over(following, (frame(n, at_ns=n * 60 * SECOND_NS) for n in range(1, 8)))
    assert kinds(said)[-1] is PresenceKind.PROFILE
