"""The course of a safety notice: what raises it, how it asks again, what closes it. Floor 1; the time is passed in.

    nothing ──severe state──► CHECK_IN ──graver cause, NEED_HELP, crisis words──► SUPPORT
    either ──SAFE, spaced, often enough, the cause having passed──► closed

There is at most one open notice. A new cause escalates it and begins its course anew. It asks again after growing pauses,
whether the person answered SAFE, NOT_NOW or nothing. Only SAFE counts towards closing, and only once for every time that it
was asked: a flood of answers is one answer. How many it takes, and how long the notice stays at least, depends on the
gravest cause (``COURSES``). The figures are ours, on the side of asking, since one denial says little: of inpatients who
died by suicide 78% had denied such thoughts when last asked (Busch, Fawcett and Jacobs 2003, doi 10.4088/JCP.v64n0105).
Words can escalate and never close. What a demo or a simulation raised closes when what it plays has passed, since there is
nobody to be asked; as soon as a person says anything grave, the notice is theirs.

Spans are counted in steady time, which no step of the wall clock moves, and which goes on over restarts (``restore``).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from pydantic import TypeAdapter, ValidationError

from ertedge.recommend.crisis_words import Finding
from ertedge.recommend.notice_words import NoticeWords
from ertedge.recommend.severe_state import SevereLevel, SevereState
from ertedge.types import (
    AffectSummary,
    EmotionState,
    NoticeKind,
    NoticeResponse,
    RedFlag,
    SafetyCause,
    SafetyNotice,
)

MINUTE_NS = 60 * 1_000_000_000
HOUR_NS = 60 * MINUTE_NS
PAUSES_NS = (30 * MINUTE_NS, 3 * HOUR_NS, 24 * HOUR_NS)
"""How long until it asks again: first, then, and from then on."""
OFF_MOST_NS = 12 * HOUR_NS
"""While the device was off only the wall clock went on, and of that a night is believed: a clock set forward by a year
brings the next question nearer, and by itself closes nothing."""
REPEAT_NS = MINUTE_NS
"""The same cause within this time is the same event said twice."""
VERSION = 1


@dataclass(frozen=True, slots=True)
class Moment:
    """Steady time and wall time, both in nanoseconds, of one instant."""

    steady_ns: int
    wall_ns: int


@dataclass(frozen=True, slots=True)
class Course:
    """How many spaced denials it takes to close a notice, and how long it stays open at least since its last cause."""

    denials: int
    least_open_ns: int


CHECK_IN_COURSE = Course(3, 3 * HOUR_NS)
COURSES: dict[SafetyCause, Course] = {
    SafetyCause.SEVERE_STATE: CHECK_IN_COURSE,
    SafetyCause.ASKED_FOR_HELP: Course(4, 24 * HOUR_NS),
    SafetyCause.RED_FLAG: Course(4, 72 * HOUR_NS),
    SafetyCause.CRISIS_WORDS: Course(4, 72 * HOUR_NS),
}
"""The gravest cause last."""
_GRAVITY = {cause: gravity for gravity, cause in enumerate(COURSES)}


@dataclass(frozen=True, slots=True)
class WatchRecord:
    """The whole of a watch, as it outlives a restart; ``notice`` is the newest one, open or closed. Steady times count
    nanoseconds from the first start of the first watch; ``flags`` are the red flags of an open notice."""

    version: int = VERSION
    steady_ns: int = 0
    wall_ns: int = 0
    next_notice_id: int = 1
    level: SevereLevel = field(default_factory=SevereLevel)
    notice: SafetyNotice | None = None
    flags: tuple[RedFlag, ...] = ()
    denials: int = 0
    denial_ns: int = 0
    step: int = 0
    ask_ns: int = 0
    cause_ns: int = 0


_RECORD = TypeAdapter(WatchRecord)


class SafetyWatch:
    """Watches over one person. ``words`` gives the messages as they read now; ``number`` the number of a new notice, of at
    least the one that it is given, where several people are watched over; by default the next."""

    def __init__(
        self,
        severe_minutes: float,
        words: Callable[[], NoticeWords],
        saved: WatchRecord | None = None,
        number: Callable[[int], int] = int,
    ) -> None:
        self._words = words
        self._number = number
        self._now = saved or WatchRecord()
        self._severe = SevereState(severe_minutes, self._now.level)

    @property
    def is_open(self) -> bool:
        """Whether a notice is open: then nothing else is suggested."""
        return self._now.notice is not None and self._now.notice.open

    @property
    def denials(self) -> int:
        """How many denials have counted since the last cause."""
        return self._now.denials

    def notice(self, now: Moment) -> SafetyNotice | None:
        """The newest notice, with the time of its next question as the wall clock tells it now."""
        notice = self._now.notice
        if notice is None or not notice.open:
            return notice
        return replace(notice, ask_wall_time_ns=now.wall_ns + max(0, self._now.ask_ns - now.steady_ns))

    def record(self, now: Moment, wall_ns: int) -> WatchRecord:
        """What to go on with after a restart. ``wall_ns`` is the wall clock's own; a simulation may be ahead of it."""
        return replace(
            self._now, steady_ns=now.steady_ns, wall_ns=wall_ns, level=self._severe.level(), notice=self.notice(now)
        )

    def see(self, state: EmotionState, summary: AffectSummary | None, now: Moment) -> SafetyNotice | None:
        """Take in a state. This and ``tick`` answer with the notice where it has changed."""
        notice, closed = self.notice(now), None
        if notice is not None and notice.open and notice.synthetic is not state.synthetic:
            if state.synthetic:
                return None  # what a demo plays says nothing of the person who needs help
            closed = self._close(notice)  # and what the demo raised says nothing of the person who is here now
        lasted = self._severe.sustained
        self._severe.see(state, summary, now.steady_ns)
        if self._severe.sustained and not lasted:
            return self._raise(SafetyCause.SEVERE_STATE, NoticeKind.CHECK_IN, now, synthetic=state.synthetic)
        return self.tick(now) or closed

    def tick(self, now: Moment) -> SafetyNotice | None:
        """Ask again if it is time, or close what is over."""
        notice = self._now.notice
        if notice is None or not notice.open:
            return None
        self._severe.let_pass(now.steady_ns)
        if self._is_over(now):
            return self._close(notice)
        if now.steady_ns < self._now.ask_ns:
            return None
        step = min(self._now.step + 1, len(PAUSES_NS) - 1)
        message = self._words().message(notice.kind, notice.cause, again=True)
        asked = replace(notice, ask_count=notice.ask_count + 1, message=message)
        self._now = replace(self._now, notice=asked, step=step, ask_ns=now.steady_ns + PAUSES_NS[step])
        return self.notice(now)

    def raise_red_flag(self, flag: RedFlag, now: Moment) -> SafetyNotice:
        """A questionnaire says what must not wait."""
        notice = self._raise(SafetyCause.RED_FLAG, NoticeKind.SUPPORT, now)
        flags = self._now.flags if flag in self._now.flags else (*self._now.flags, flag)
        self._now = replace(self._now, flags=flags)
        return notice

    def ask_for_help(self, finding: Finding, now: Moment) -> SafetyNotice:
        """The person wants help; ``finding`` is of what they said."""
        cause = SafetyCause.CRISIS_WORDS if finding is Finding.CRISIS else SafetyCause.ASKED_FOR_HELP
        return self._raise(cause, NoticeKind.SUPPORT, now)

    def respond(self, response: NoticeResponse, finding: Finding, now: Moment) -> SafetyNotice | None:
        """The person answers the newest notice; ``finding`` is of what they said, and can only make this more careful.
        Answers with the notice as it is then; None where there is none, or a closed one and nothing to raise another."""
        if finding is Finding.CRISIS:
            return self._raise(SafetyCause.CRISIS_WORDS, NoticeKind.SUPPORT, now, NoticeResponse.NEED_HELP)
        if response is NoticeResponse.NEED_HELP:
            return self._raise(SafetyCause.ASKED_FOR_HELP, NoticeKind.SUPPORT, now, response)
        if not self.is_open:
            if finding is Finding.NOTHING:
                return None
            return self._raise(SafetyCause.CRISIS_WORDS, NoticeKind.CHECK_IN, now, response)
        self._note(response, now)
        if response is NoticeResponse.SAFE and finding is Finding.NOTHING:
            self._count_denial(now)
            if self._now.notice is not None and self._is_over(now):
                return self._close(self._now.notice)
        return self.notice(now)

    def take_over(self, notice: SafetyNotice, now: Moment) -> SafetyNotice:
        """Go on with what another watch had open: its cause counts here from the beginning."""
        return self._raise(notice.cause, notice.kind, now, synthetic=notice.synthetic)

    def _note(self, response: NoticeResponse, now: Moment) -> None:
        if self._now.notice is not None:
            noted = replace(self._now.notice, response=response, response_wall_time_ns=now.wall_ns)
            self._now = replace(self._now, notice=noted)

    def _count_denial(self, now: Moment) -> None:
        """A denial counts when the device would by now have asked again after the one before, however often it is given."""
        denials = self._now.denials
        if denials and now.steady_ns - self._now.denial_ns < _pause_after(denials):
            return
        self._now = replace(
            self._now,
            denials=denials + 1,
            denial_ns=now.steady_ns,
            step=min(denials, len(PAUSES_NS) - 1),
            ask_ns=now.steady_ns + _pause_after(denials + 1),
        )

    def _raise(
        self,
        cause: SafetyCause,
        kind: NoticeKind,
        now: Moment,
        response: NoticeResponse | None = None,
        *,
        synthetic: bool = False,
    ) -> SafetyNotice:
        """Open a notice, or escalate the open one: never a second, never a lighter one, and always from the beginning."""
        before = self._now.notice if self.is_open else None  # what was closed stays closed
        if before is None:
            number = self._number(self._now.next_notice_id)
            notice = SafetyNotice(number, now.wall_ns, kind, cause, "", synthetic=synthetic)
            self._now = replace(self._now, next_notice_id=number + 1, flags=())
        else:
            graver = max(before.cause, cause, key=_GRAVITY.__getitem__)
            support = NoticeKind.SUPPORT in (before.kind, kind)
            said_twice = graver is before.cause and support is (before.kind is NoticeKind.SUPPORT)
            said_twice = said_twice and now.steady_ns - self._now.cause_ns < REPEAT_NS
            notice = replace(
                before,
                kind=NoticeKind.SUPPORT if support else NoticeKind.CHECK_IN,
                cause=graver,
                ask_count=before.ask_count + (not said_twice),
                synthetic=before.synthetic and synthetic,
            )
        notice = replace(notice, message=self._words().message(notice.kind, notice.cause))
        if response is not None:
            notice = replace(notice, response=response, response_wall_time_ns=now.wall_ns)
        ask_ns = now.steady_ns + PAUSES_NS[0]
        self._now = replace(self._now, notice=notice, denials=0, step=0, ask_ns=ask_ns, cause_ns=now.steady_ns)
        return self.notice(now) or notice

    def _is_over(self, now: Moment) -> bool:
        notice = self._now.notice
        if notice is None or self._severe.sustained:
            return False
        if notice.synthetic:
            return now.steady_ns - self._now.cause_ns >= PAUSES_NS[0]
        course = COURSES[notice.cause] if notice.kind is NoticeKind.SUPPORT else CHECK_IN_COURSE
        return self._now.denials >= course.denials and now.steady_ns - self._now.cause_ns >= course.least_open_ns

    def _close(self, notice: SafetyNotice) -> SafetyNotice:
        closed = replace(notice, open=False, ask_wall_time_ns=0)
        self._now = replace(self._now, notice=closed, flags=())
        return closed


def _pause_after(denials: int) -> int:
    return PAUSES_NS[min(denials, len(PAUSES_NS)) - 1]


def to_text(record: WatchRecord) -> str:
    """A record as text for the store."""
    return _RECORD.dump_json(record).decode()


def restore(text: str, wall_ns: int) -> WatchRecord:
    """The record in ``text`` as of ``wall_ns``: steady time goes on by how long the device was off, as far as that is
    believed. Raises ``ValueError`` where it is not one, or of another version."""
    try:
        record = _RECORD.validate_json(text)
    except ValidationError as error:
        raise ValueError(f"the state of the safety watch cannot be read: {error.error_count()} faults") from None
    if record.version != VERSION:
        raise ValueError(f"the state of the safety watch is of version {record.version}, not {VERSION}")
    off_ns = min(max(0, wall_ns - record.wall_ns), OFF_MOST_NS)
    return replace(record, steady_ns=record.steady_ns + off_ns, wall_ns=wall_ns)
