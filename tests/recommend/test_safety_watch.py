"""The course of a notice, cause by cause: how often it asks, what counts as a denial, when it closes, what is saved."""

from __future__ import annotations

import itertools

import pytest

from ertedge.recommend.crisis_words import Finding
from ertedge.recommend.notice_words import NoticeWords
from ertedge.recommend.safety_watch import (
    COURSES,
    HOUR_NS,
    MINUTE_NS,
    OFF_MOST_NS,
    PAUSES_NS,
    Moment,
    SafetyWatch,
    WatchRecord,
    restore,
    to_text,
)
from ertedge.types import NoticeKind, NoticeResponse, RedFlag, SafetyCause, SafetyNotice

WALL_NS = 1_790_000_000 * 1_000_000_000
SAFE, NOT_NOW, NEED_HELP = NoticeResponse.SAFE, NoticeResponse.NOT_NOW, NoticeResponse.NEED_HELP


class Life:
    """A watch and its time."""

    def __init__(self, saved: WatchRecord | None = None) -> None:
        self.watch = SafetyWatch(20.0, lambda: NoticeWords("en", "112"), saved)
        self.now_ns = saved.steady_ns if saved else 0

    @property
    def now(self) -> Moment:
        return Moment(self.now_ns, WALL_NS + self.now_ns)

    @property
    def notice(self) -> SafetyNotice:
        notice = self.watch.notice(self.now)
        assert notice is not None
        return notice

    def wait(self, span_ns: int) -> None:
        self.now_ns += span_ns
        self.watch.tick(self.now)

    def say(self, response: NoticeResponse, finding: Finding = Finding.NOTHING) -> None:
        self.watch.respond(response, finding, self.now)


def raised(cause: SafetyCause) -> Life:
    life = Life()
    match cause:
        case SafetyCause.RED_FLAG:
            life.watch.raise_red_flag(RedFlag.SELF_HARM_THOUGHTS, life.now)
        case SafetyCause.CRISIS_WORDS:
            life.watch.ask_for_help(Finding.CRISIS, life.now)
        case SafetyCause.ASKED_FOR_HELP:
            life.watch.ask_for_help(Finding.NOTHING, life.now)
        case SafetyCause.SEVERE_STATE:
            life.watch.take_over(SafetyNotice(1, WALL_NS, NoticeKind.CHECK_IN, cause, ""), life.now)
    return life


@pytest.mark.parametrize(
    ("cause", "kind", "hours"),
    [
        (SafetyCause.SEVERE_STATE, NoticeKind.CHECK_IN, 3.5),
        (SafetyCause.ASKED_FOR_HELP, NoticeKind.SUPPORT, 27.5),
        (SafetyCause.RED_FLAG, NoticeKind.SUPPORT, 72.0),
        (SafetyCause.CRISIS_WORDS, NoticeKind.SUPPORT, 72.0),
    ],
)
def test_the_soonest_that_a_notice_closes(cause: SafetyCause, kind: NoticeKind, hours: float) -> None:
    """Answered SAFE every minute, for ever."""
    life = raised(cause)
    assert life.notice.kind is kind
    minutes = 0
    while life.watch.is_open:
        life.say(SAFE)
        life.wait(MINUTE_NS)
        minutes += 1
    assert minutes == pytest.approx(60 * hours, abs=2)
    assert not life.notice.open
    assert life.notice.ask_wall_time_ns == 0


@pytest.mark.parametrize("cause", list(SafetyCause))
def test_without_a_denial_it_never_closes_and_asks_at_least_daily(cause: SafetyCause) -> None:
    for answer in (None, NOT_NOW):
        life = raised(cause)
        for day in range(1, 31):
            for _ in range(24):
                life.wait(HOUR_NS)
                if answer:
                    life.say(answer)
            assert life.watch.is_open
            assert life.notice.ask_count >= day
            assert life.notice.ask_wall_time_ns - life.now.wall_ns <= PAUSES_NS[-1]


@pytest.mark.parametrize(("first", "second"), list(itertools.permutations(SafetyCause, 2)))
def test_of_two_causes_the_graver_stays_and_the_notice_is_one(first: SafetyCause, second: SafetyCause) -> None:
    life = raised(first)
    life.say(SAFE)
    life.wait(10 * MINUTE_NS)
    other = raised(second).notice
    life.watch.take_over(other, life.now)
    order = list(COURSES)
    assert life.notice.notice_id == 1
    assert life.notice.cause is max(first, second, key=order.index)
    support = SafetyCause.SEVERE_STATE not in (first, second) or NoticeKind.SUPPORT in (other.kind, life.notice.kind)
    assert life.notice.kind is (NoticeKind.SUPPORT if support else NoticeKind.CHECK_IN)
    assert life.watch.denials == 0
    assert life.notice.ask_wall_time_ns == life.now.wall_ns + PAUSES_NS[0]


def test_words_under_a_denial() -> None:
    life = raised(SafetyCause.SEVERE_STATE)
    life.say(SAFE, Finding.CONCERN)
    assert (life.watch.denials, life.notice.kind, life.notice.response) == (0, NoticeKind.CHECK_IN, SAFE)
    life.say(SAFE, Finding.CRISIS)
    assert (life.notice.kind, life.notice.cause, life.notice.response) == (
        NoticeKind.SUPPORT,
        SafetyCause.CRISIS_WORDS,
        NEED_HELP,
    )


def test_a_concern_after_it_is_closed_raises_a_check_in() -> None:
    life = raised(SafetyCause.SEVERE_STATE)
    while life.watch.is_open:
        life.say(SAFE)
        life.wait(HOUR_NS)
    life.say(SAFE, Finding.CONCERN)
    assert (life.notice.notice_id, life.notice.kind, life.notice.open) == (2, NoticeKind.CHECK_IN, True)


def test_asking_again_says_so_and_the_first_message_returns_with_a_new_cause() -> None:
    life = raised(SafetyCause.ASKED_FOR_HELP)
    first = life.notice.message
    life.wait(31 * MINUTE_NS)
    assert "I have not forgotten" in life.notice.message
    life.watch.ask_for_help(Finding.NOTHING, life.now)
    assert life.notice.message == first


def test_nothing_is_nothing() -> None:
    life = Life()
    assert not life.watch.is_open
    assert life.watch.notice(life.now) is None
    life.wait(1000 * HOUR_NS)
    life.say(SAFE)
    life.say(NOT_NOW)
    assert life.watch.notice(life.now) is None


def test_what_is_saved_goes_on_and_an_hour_off_is_an_hour() -> None:
    life = raised(SafetyCause.RED_FLAG)
    life.say(SAFE)
    life.wait(10 * MINUTE_NS)
    text = to_text(life.watch.record(life.now, life.now.wall_ns))
    assert "\\n" not in text
    again = Life(restore(text, life.now.wall_ns + 5 * MINUTE_NS))
    assert again.watch.denials == 1
    again.wait(14 * MINUTE_NS)
    assert again.notice.ask_count == 1
    again.wait(2 * MINUTE_NS)
    assert again.notice.ask_count == 2


@pytest.mark.parametrize("off_ns", [-8760 * HOUR_NS, 0, 8760 * HOUR_NS])
def test_what_the_wall_clock_says_of_the_time_off_is_believed_for_a_night(off_ns: int) -> None:
    life = raised(SafetyCause.CRISIS_WORDS)
    record = life.watch.record(life.now, life.now.wall_ns)
    restored = restore(to_text(record), life.now.wall_ns + off_ns)
    assert restored.steady_ns - record.steady_ns == min(max(0, off_ns), OFF_MOST_NS)
    again = Life(restored)
    again.watch.tick(again.now)
    assert again.watch.is_open


@pytest.mark.parametrize("text", ["", "{}x", "null", '{"version": 1, "steady_ns": "soon"}', '{"version": 99}'])
def test_what_cannot_be_read_is_told(text: str) -> None:
    with pytest.raises(ValueError, match="safety watch"):
        restore(text, WALL_NS)
