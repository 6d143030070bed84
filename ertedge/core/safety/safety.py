"""Safety as the rest of the core sees it: notices, the safety plan, helplines; told to whoever watches. Floor 2.

All of it lives in memory and is written to the store beside, so it goes on when the store does not: nothing here waits for
the disk longer than ``SAVE_SECONDS``, and nothing fails for it. What a person says in words is looked through for words of
crisis and forgotten.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing
from dataclasses import replace
from typing import Protocol, TypeVar

from ertedge.config import SafetySettings, ServerSettings
from ertedge.core.broadcast import Broadcast
from ertedge.core.clock import Clock
from ertedge.core.numbers import Numbers
from ertedge.core.safety.plan import PlanBook
from ertedge.core.safety.records import NoticeEvent, SafetyAnswered
from ertedge.core.steady_time import SteadyTime
from ertedge.core.store_port import SafetyStore
from ertedge.errors import NotFoundError, StoreError
from ertedge.recommend import safety_watch
from ertedge.recommend.crisis_words import Finding, crisis_words
from ertedge.recommend.helplines import HelplineDirectory
from ertedge.recommend.notice_words import NoticeWords
from ertedge.recommend.safety_watch import Moment, SafetyWatch, WatchRecord
from ertedge.store.safety_records import SafetyAnswer, StoredSafety
from ertedge.types import (
    AffectSummary,
    EmotionState,
    HealthCondition,
    Helpline,
    NoticeResponse,
    RedFlag,
    SafetyNotice,
    SafetyPlan,
)

logger = logging.getLogger(__name__)

LOAD_SECONDS = 2.0
"""How long the disk may take to say what was open; it is asked again after a minute, and nobody waits for it."""
SAVE_SECONDS = 0.5
"""How long an answer waits for the disk before it is given anyway."""
RECORD_NS = 60 * 1_000_000_000
"""How often the watch's record is stored while nothing happens: what a power cut can take from the time counted so far."""
STEP_NS = 60 * 1_000_000_000
"""A step of the wall clock of which those who watch are told."""
RING_NOTICES = 256
KNOWN_NOTICES = 256
ANSWERS_MOST = 1000
TEXT_AT_ONCE = 2_000
"""Characters that are looked through on the event loop; more, on a thread."""
Answer = TypeVar("Answer")


class SafetyRecorder(Protocol):
    """What this asks of ``core.recorder.Recorder``."""

    def keep(self, change: Callable[[SafetyStore], None]) -> None: ...
    async def read(self, question: Callable[[SafetyStore], Answer]) -> Answer: ...
    async def flush(self) -> None: ...


class Safety:
    """Belongs to one event loop. ``start`` before anything else; ``run`` asks again when it is time.

    ``conditions`` are those of the configuration; ``language`` tells that of the messages. ``numbers`` are those that all
    people of the device share; ``told`` hears of each notice that those who watch are told of.
    """

    def __init__(
        self,
        *,
        settings: SafetySettings,
        server: ServerSettings,
        clock: Clock,
        recorder: SafetyRecorder,
        helplines: HelplineDirectory,
        language: Callable[[], str] = lambda: "en",
        conditions: Sequence[HealthCondition] = (),
        numbers: Numbers | None = None,
        told: Callable[[SafetyNotice], None] | None = None,
    ) -> None:
        self._settings = settings
        self._clock = clock
        self._recorder = recorder
        self._directory = helplines
        self._language = language
        self._configured = frozenset(conditions)
        self._numbers = numbers or Numbers()
        self._steady = SteadyTime(clock)
        self._start_wall_ns = clock.wall_ns()
        # Numbers given while the store could not be read must not be those of stored notices: they count milliseconds.
        self._watch = self._new_watch(WatchRecord(next_notice_id=clock.wall_ns() // 1_000_000))
        self._loaded = False
        self._plan = PlanBook(recorder.keep)
        self._known: dict[int, SafetyNotice] = {}
        self._answers: dict[tuple[str, int, NoticeResponse, int], None] = {}
        self._recorded_ns = 0
        self._tried_ns = 0
        self._record_waits = False
        self._saves: set[asyncio.Task[None]] = set()
        self._broadcast: Broadcast[SafetyNotice] = Broadcast(
            clock,
            server,
            last_sequence=clock.wall_ns() // 1_000_000,
            ring_items=RING_NOTICES,
            opening=self._open_notices,
            earlier_runs=False,
            told=told,
        )

    @property
    def is_open(self) -> bool:
        """Whether a notice is open: then nothing else may be suggested."""
        return self._watch.is_open

    @property
    def notice(self) -> SafetyNotice | None:
        """The newest notice, open or closed, as it was last told; None before the first."""
        now = self._now()
        notice = self._watch.notice(now)
        return notice and (self._renamed(now) or self._known.get(notice.notice_id, notice))

    @property
    def denials(self) -> int:
        """How many denials have counted since the notice's last cause."""
        return self._watch.denials

    @property
    def plan(self) -> SafetyPlan:
        """The person's safety plan; empty until they fill it in."""
        return self._plan.plan

    @property
    def conditions(self) -> frozenset[HealthCondition]:
        """The health conditions that the choice of activities must take care of: of the plan and of the configuration."""
        return self._configured.union(self.plan.conditions)

    @property
    def region(self) -> str:
        """The configured country, ISO 3166-1; empty: none."""
        return self._settings.region

    @property
    def watcher_count(self) -> int:
        """How many watch now."""
        return self._broadcast.watcher_count

    def helplines(self, region: str | None = None) -> tuple[Helpline, ...]:
        """Helplines for ``region``, or else for the configured one: the country's first, then the international ones."""
        return self._directory.helplines(self.region if region is None else region)

    async def start(self) -> None:
        """Go on where the last run ended. Without the store, begin anew, and go on from it once it can be read."""
        await asyncio.to_thread(crisis_words)  # half a second of reading that no answer is to wait for
        await self._load()

    async def tick(self) -> None:
        """What is done each second: ask again, close what is over, store how far it is, read a store that is back."""
        now = self._now()
        if (notice := self._watch.tick(now)) or (notice := self._renamed(now)):
            self._publish(notice, now)
        elif now.steady_ns - self._recorded_ns >= RECORD_NS and not self._record_waits:
            self._keep(now)
        if not self._loaded and now.steady_ns - self._tried_ns >= RECORD_NS:
            await self._load()

    def consider(self, state: EmotionState, summary: AffectSummary | None = None) -> None:
        """Take in a state, and the summary of the recent ones. Never waits, never raises."""
        self._steady.follow(state)
        now = self._now()
        if notice := self._watch.see(state, summary, now):
            self._publish(notice, now)

    def raise_red_flag(self, flag: RedFlag, wall_ns: int | None = None) -> SafetyNotice:
        """A questionnaire, given at ``wall_ns`` (by default now), says what must not wait. Never waits, never raises."""
        now = self._now()
        moment = now if wall_ns is None else replace(now, wall_ns=wall_ns)
        return self._publish(self._watch.raise_red_flag(flag, moment), now)

    async def ask_for_help(self, text: str = "") -> SafetyAnswered:
        """The person wants help now. Raises a notice at once and gives the plan and the helplines with it."""
        finding = await _finding_in(text)
        now = self._now()
        notice = self._publish(self._watch.ask_for_help(finding, now), now)
        await self._saved()
        return SafetyAnswered(notice, self.helplines(), self.plan)

    async def respond(
        self, notice_id: int, response: NoticeResponse, text: str = "", request_id: str = ""
    ) -> SafetyAnswered:
        """The person answers a notice, the newest or an earlier one. A repeated request changes nothing, unless it now
        says something graver. Raises ``NotFoundError`` for a notice that never was, but never to somebody who needs help.
        """
        finding = await _finding_in(text)
        needs_help = response is NoticeResponse.NEED_HELP or finding is not Finding.NOTHING
        now = self._now()
        answered = newest = self.notice
        if newest is None or newest.notice_id != notice_id:
            answered = newest if needs_help else await self._earlier(notice_id)
        key = (request_id, notice_id, response, int(finding))
        if answered is not None and (key in self._answers or (answered is not newest and not needs_help)):
            # Said before; or an answer to what was asked long ago, which says nothing of now.
            return SafetyAnswered(answered, self.helplines())
        changed = self._watch.respond(response, finding, now)
        if changed is not None:
            answered = self._publish(changed, now, self._remember(SafetyAnswer(*key, now.wall_ns)))
            await self._saved()
        if answered is None:
            raise _no_such_notice(notice_id)
        return SafetyAnswered(answered, self.helplines())

    async def update_plan(self, plan: SafetyPlan, names: Sequence[str] = ()) -> SafetyPlan:
        """Replace the fields of the plan that are named; without any, all of them. Raises ``InvalidRequestError``."""
        self._plan.update(plan, names, self._clock.wall_ns())
        await self._saved()
        return self.plan

    def knows(self, notice_id: int) -> bool:
        """Whether the notice of that number is this person's and in memory."""
        return notice_id in self._known

    async def list_notices(
        self, *, limit: int, before: int | None, only_open: bool
    ) -> tuple[tuple[SafetyNotice, ...], int | None]:
        """A page of notices, newest first, and where the next begins; of those in memory where the store cannot be read."""
        try:
            page = await self._recorder.read(
                lambda store: store.list_safety_notices(limit=limit, before=before, only_open=only_open)
            )
            return tuple(self._as_now(each) for each in page.notices), page.next_cursor
        except StoreError:
            chosen = [
                self._as_now(notice)
                for number, notice in sorted(self._known.items(), reverse=True)
                if (before is None or number < before) and (notice.open or not only_open)
            ]
            return tuple(chosen[:limit]), chosen[limit - 1].notice_id if len(chosen) > limit else None

    async def watch(self, since_sequence: int = 0) -> AsyncGenerator[NoticeEvent, None]:
        """The open notice if there is one, and every notice that is raised or changes after it, with heartbeats.

        With ``since_sequence``, those after it. Raises LimitReachedError.
        """
        async with aclosing(self._broadcast.watch(since_sequence)) as events:
            async for event in events:
                yield NoticeEvent(event.item, event.sequence, event.dropped_count, event.send_wall_time_ns)

    def end_watches(self) -> None:
        """End the stream of everybody who watches now, because the server stops."""
        self._broadcast.end_watches()

    def stop(self) -> None:
        """Have the last record stored; the recorder writes it when it stops."""
        self._keep(self._now())

    def _now(self) -> Moment:
        return Moment(self._steady.now_ns(), self._steady.wall_ns())

    def _words(self) -> NoticeWords:
        """The messages as they read now: the person may have changed their language."""
        return NoticeWords(self._language(), self._directory.emergency(self._settings.region))

    def _new_watch(self, saved: WatchRecord) -> SafetyWatch:
        return SafetyWatch(self._settings.severe_minutes, self._words, saved, self._numbers.next)

    def _open_notices(self) -> tuple[SafetyNotice, ...]:
        notice = self.notice
        return (notice,) if notice is not None and notice.open else ()

    def _as_now(self, notice: SafetyNotice) -> SafetyNotice:
        newest = self.notice
        if newest is not None and newest.notice_id == notice.notice_id:
            return newest
        return self._known.get(notice.notice_id, notice)

    def _renamed(self, now: Moment) -> SafetyNotice | None:
        """The open notice where a step of the wall clock has changed what the moment of its next question is called."""
        notice = self._watch.notice(now)
        told = self._known.get(notice.notice_id) if notice is not None and notice.open else None
        if notice is None or told is None or abs(notice.ask_wall_time_ns - told.ask_wall_time_ns) < STEP_NS:
            return None
        return notice

    def _publish(self, notice: SafetyNotice, now: Moment, answer: SafetyAnswer | None = None) -> SafetyNotice:
        """Tell everybody of a notice that is new or has changed, and have it stored."""
        before = self._known.get(notice.notice_id)
        if before is None or before.open is not notice.open:
            logger.info("safety notice %d %s", notice.notice_id, "opened" if notice.open else "closed")
        self._know(notice)
        self._broadcast.publish(notice)
        self._keep(now, notice, answer)
        return notice

    def _know(self, notice: SafetyNotice) -> None:
        self._known[notice.notice_id] = notice
        while len(self._known) > KNOWN_NOTICES:
            del self._known[min(self._known)]

    def _keep(self, now: Moment, notice: SafetyNotice | None = None, answer: SafetyAnswer | None = None) -> None:
        # Until the earlier record has been read, ours must not take its place.
        record = safety_watch.to_text(self._watch.record(now, self._clock.wall_ns())) if self._loaded else ""
        self._recorded_ns, self._record_waits = now.steady_ns, True

        def save(store: SafetyStore) -> None:
            store.save_safety(record, now.wall_ns, notice, answer)
            self._record_waits = False

        self._recorder.keep(save)

    async def _saved(self) -> None:
        """Wait until what was kept is on the disk, but not long, and not at all where it fails."""
        task = asyncio.create_task(self._recorder.flush())
        self._saves.add(task)
        task.add_done_callback(self._saves.discard)
        await asyncio.wait({task}, timeout=SAVE_SECONDS)

    async def _earlier(self, notice_id: int) -> SafetyNotice:
        if notice_id in self._known:
            return self._known[notice_id]
        try:
            return await self._recorder.read(lambda store: store.safety_notice(notice_id))
        except (NotFoundError, StoreError):
            raise _no_such_notice(notice_id) from None

    def _remember(self, answer: SafetyAnswer) -> SafetyAnswer | None:
        """``answer`` if a repetition of it could be known again."""
        if not answer.request_id:
            return None
        self._answers[answer.request_id, answer.notice_id, answer.response, answer.finding] = None
        while len(self._answers) > ANSWERS_MOST:
            del self._answers[next(iter(self._answers))]
        return answer

    async def _load(self) -> None:
        self._tried_ns = self._steady.now_ns()
        try:
            async with asyncio.timeout(LOAD_SECONDS):
                stored = await self._recorder.read(lambda store: store.safety())
        except (StoreError, TimeoutError) as error:
            why = str(error) or "the disk does not answer"
            logger.error("safety notices begin anew, since the earlier ones cannot be read: %s", why)
            return
        self._loaded = True
        ours = tuple(self._answers)
        self._answers = dict.fromkeys(
            [*((a.request_id, a.notice_id, a.response, a.finding) for a in stored.answers), *ours]
        )
        self._plan.take_over(stored.plan)
        self._take_over_watch(stored)
        self._keep(self._now())

    def _take_over_watch(self, stored: StoredSafety) -> None:
        now = self._now()
        saved = self._readable(stored.watch)
        if self._watch.notice(now) is None:
            self._steady.go_on_from(saved.steady_ns)
            now = self._now()
            next_id = max(saved.next_notice_id, stored.last_notice_id + 1)
            self._watch = self._new_watch(replace(saved, next_notice_id=next_id))
            if saved.notice is not None:
                self._know(saved.notice)
                self._broadcast.publish(saved.notice)
        for left in stored.open_notices:
            ours = self._watch.notice(now)
            if ours is None or ours.notice_id != left.notice_id:
                self._take_over(left, now)

    def _take_over(self, left: SafetyNotice, now: Moment) -> None:
        """``left`` is open in the store, but not here: another was raised while it could not be read, or its record cannot
        be. There is one notice from now on, with the graver cause."""
        self._publish(self._watch.take_over(left, now), now)
        closed = replace(left, open=False, ask_wall_time_ns=0)
        self._know(closed)
        self._keep(now, closed)

    def _readable(self, record: str) -> WatchRecord:
        """The record as of when this run started; a new one where there is none or it cannot be read."""
        try:
            return safety_watch.restore(record, self._start_wall_ns) if record else WatchRecord()
        except ValueError as error:
            logger.error("safety notices begin anew: %s", error)
            return WatchRecord()


async def _finding_in(text: str) -> Finding:
    if len(text) <= TEXT_AT_ONCE:
        return crisis_words().find(text)
    return await asyncio.to_thread(crisis_words().find, text)


def _no_such_notice(notice_id: int) -> NotFoundError:
    return NotFoundError(f"there is no safety notice {notice_id}; list them to see which there are")
