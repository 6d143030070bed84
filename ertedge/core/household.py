"""The people of the device and what is each one's own: suggestions, learning and budgets, safety, plan and notices. Floor 2.

Nobody's part, number 0, is always there: that of the demo, of simulations and recordings while there is no profile. A
person's part is made when it is first needed and started in the background; states that come meanwhile wait for it. What is
asked for without naming a person is meant for whoever is in front of the device, and streams that name nobody follow them.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from dataclasses import dataclass, field, replace
from typing import NoReturn, Protocol

from ertedge.config import ServerSettings
from ertedge.core.broadcast import Broadcast
from ertedge.core.clock import Clock
from ertedge.core.safety.records import NoticeEvent
from ertedge.core.safety.safety import Safety
from ertedge.core.suggestions.records import SuggestionEvent
from ertedge.core.suggestions.suggestions import Suggestions
from ertedge.errors import NotFoundError
from ertedge.types import (
    EmotionState,
    Presence,
    PresenceKind,
    Profile,
    Purpose,
    SafetyNotice,
    Suggestion,
)

logger = logging.getLogger(__name__)

NOBODY = 0
TICK_SECONDS = 1.0
WAITING_STATES = 64
"""States that wait while a person's part starts: half a minute of them, and starting takes milliseconds."""
RING_ITEMS = 256
_SOMEBODY_ELSE = (PresenceKind.BYSTANDER, PresenceKind.SEVERAL)


class PeoplePort(Protocol):
    """What this asks of ``core.people.people.People``. Never waits, never raises but where it says so."""

    @property
    def profiles(self) -> tuple[Profile, ...]: ...
    def has(self, profile_id: int) -> bool: ...
    def profile(self, profile_id: int) -> Profile:
        """Raises NotFoundError."""

    def language_of(self, profile_id: int) -> str: ...
    def subscribe(self, listener: Callable[[int, Purpose, bool], None]) -> None: ...
    def on_erased(self, listener: Callable[[int], None]) -> None: ...


@dataclass(frozen=True, slots=True)
class PersonalParts:
    """What is one person's own."""

    suggestions: Suggestions
    safety: Safety


class MakeParts(Protocol):
    """Makes a person's parts, which are started afterwards; both callbacks hear what those who watch are told."""

    def __call__(
        self,
        profile_id: int,
        *,
        suggested: Callable[[Suggestion], None],
        noticed: Callable[[SafetyNotice], None],
    ) -> PersonalParts: ...


@dataclass(slots=True)
class _Member:
    profile_id: int
    parts: PersonalParts
    started: asyncio.Task[None]
    waiting: deque[EmotionState] = field(default_factory=lambda: deque(maxlen=WAITING_STATES))


@dataclass(frozen=True, slots=True)
class _Told:
    """What those are told who follow the person in front: whose it is, and what; neither part where the person changed."""

    profile_id: int
    suggestion: Suggestion | None = None
    notice: SafetyNotice | None = None


class Household:
    """Belongs to one event loop. ``start`` before anything else; ``run`` lets time pass for everybody."""

    def __init__(
        self, *, people: PeoplePort, make: MakeParts, clock: Clock, server: ServerSettings, off_detail: str = ""
    ) -> None:
        """``off_detail``: why nothing can be suggested to anybody; empty where it can."""
        self.off_detail = off_detail
        self._people = people
        self._make = make
        self._members: dict[int, _Member] = {}
        self._front = NOBODY
        self._told_front = NOBODY
        self._suggested: Broadcast[_Told] = self._broadcast(clock, server, self._open_suggestion)
        self._noticed: Broadcast[_Told] = self._broadcast(clock, server, self._open_notice)
        people.subscribe(self._hear)
        people.on_erased(self._forget)

    async def start(self) -> None:
        """Start nobody's part, and that of everybody who has a profile: a notice that was open stays open."""
        for profile_id in (NOBODY, *(profile.profile_id for profile in self._people.profiles)):
            await self._started(profile_id)
        self._told_front = self.front

    @property
    def front(self) -> int:
        """Whose what is asked for without a name is: the person's in front, or else the only profile's, or else nobody's."""
        profiles = [profile.profile_id for profile in self._people.profiles]
        if self._front in profiles:
            return self._front
        return profiles[0] if len(profiles) == 1 else NOBODY

    @property
    def language(self) -> str:
        """What whoever is in front is spoken to in, ISO 639-1: their own language, or else the device's."""
        return self._people.language_of(self.front)

    @property
    def loaded(self) -> tuple[int, ...]:
        """Those whose parts are in memory."""
        return tuple(self._members)

    async def of(self, profile_id: int | None = None) -> PersonalParts:
        """A person's parts; None: those of whoever is in front. Raises NotFoundError for a profile that there is not."""
        number = self.front if profile_id is None else profile_id
        if number != NOBODY:
            self._people.profile(number)
        return await self._started(number)

    async def of_suggestion(self, suggestion_id: int, profile_id: int | None = None) -> PersonalParts:
        """The parts of whoever was given that suggestion; where that is not known, as ``of``."""
        return await self.of(self._owner(lambda parts: parts.suggestions.remembers(suggestion_id), profile_id))

    async def of_notice(self, notice_id: int, profile_id: int | None = None) -> PersonalParts:
        """The parts of whoever the notice is about; where that is not known, as ``of``."""
        return await self.of(self._owner(lambda parts: parts.safety.knows(notice_id), profile_id))

    def has_open_notice(self, profile_id: int) -> bool:
        """Whether a safety notice about the person is open. Never waits, never raises."""
        member = self._members.get(profile_id)
        return member is not None and member.parts.safety.is_open

    def follow(self, presence: Presence) -> None:
        """Hear who is in front. Whoever was last stays so while nobody is seen, until somebody else comes."""
        if presence.kind in (PresenceKind.PROFILE, PresenceKind.ASSUMED):
            self._front = presence.profile_id
        elif presence.kind in _SOMEBODY_ELSE:
            self._front = NOBODY
        self._tell_of_change()

    def consider(self, state: EmotionState) -> None:
        """Hand the state to the person whose it is. Never waits, never raises.

        Where there are profiles, a real state that is nobody's says nothing of anybody.
        """
        if state.profile_id == NOBODY and not state.synthetic and self._people.profiles:
            return
        if not self._people.has(state.profile_id):
            return  # erased a moment ago
        if state.profile_id not in (NOBODY, self._front):
            self._front = state.profile_id
            self._tell_of_change()
        try:
            member = self._member(state.profile_id)
        except Exception:
            logger.exception("profile %d: no suggestions and no safety for them", state.profile_id)
            return
        if member.started.done():
            member.parts.suggestions.consider(state)
        else:
            member.waiting.append(state)

    async def run(self) -> NoReturn:
        """Let time pass where no state does, and ask again when it is time, for ever."""
        while True:
            await asyncio.sleep(TICK_SECONDS)
            for member in tuple(self._members.values()):
                if member.started.done():
                    member.parts.suggestions.tick()
                    await member.parts.safety.tick()

    async def watch_suggestions(
        self, profile_id: int | None = None, since_sequence: int = 0
    ) -> AsyncGenerator[SuggestionEvent, None]:
        """A person's suggestions, as ``Suggestions.watch`` gives them; None: those of whoever is in front, also when another
        comes: then an event without a suggestion says whose the next ones are, unless one of theirs is open."""
        if profile_id is not None:
            parts = await self.of(profile_id)
            async with aclosing(parts.suggestions.watch(since_sequence)) as events:
                async for event in events:
                    yield replace(event, profile_id=profile_id)
            return
        async with aclosing(self._suggested.watch(since_sequence)) as told:
            async for each in told:
                whose, item = (each.item.profile_id, each.item.suggestion) if each.item else (self.front, None)
                yield SuggestionEvent(item, each.sequence, each.dropped_count, each.send_wall_time_ns, whose)

    async def watch_notices(
        self, profile_id: int | None = None, since_sequence: int = 0
    ) -> AsyncGenerator[NoticeEvent, None]:
        """A person's safety notices, as ``watch_suggestions`` gives suggestions."""
        if profile_id is not None:
            parts = await self.of(profile_id)
            async with aclosing(parts.safety.watch(since_sequence)) as events:
                async for event in events:
                    yield replace(event, profile_id=profile_id)
            return
        async with aclosing(self._noticed.watch(since_sequence)) as told:
            async for each in told:
                whose, item = (each.item.profile_id, each.item.notice) if each.item else (self.front, None)
                yield NoticeEvent(item, each.sequence, each.dropped_count, each.send_wall_time_ns, whose)

    def end_watches(self) -> None:
        """End the stream of everybody who watches now, because the server stops."""
        self._suggested.end_watches()
        self._noticed.end_watches()
        for member in self._members.values():
            member.parts.suggestions.end_watches()
            member.parts.safety.end_watches()

    def stop(self) -> None:
        """Have the last records of safety stored; the recorder writes them when it stops."""
        for member in self._members.values():
            member.started.cancel()
            member.parts.safety.stop()

    def _broadcast(
        self, clock: Clock, server: ServerSettings, opening: Callable[[], tuple[_Told, ...]]
    ) -> Broadcast[_Told]:
        return Broadcast(
            clock,
            server,
            last_sequence=clock.wall_ns() // 1_000_000,
            ring_items=RING_ITEMS,
            opening=opening,
            earlier_runs=False,
        )

    async def _started(self, profile_id: int) -> PersonalParts:
        member = self._member(profile_id)
        await asyncio.wait({member.started})
        if member.started.cancelled():
            raise NotFoundError(f"profile {profile_id} was erased in the meantime")
        return member.parts

    def _member(self, profile_id: int) -> _Member:
        found = self._members.get(profile_id)
        if found is None:
            parts = self._make(
                profile_id,
                suggested=lambda suggestion: self._pass_on_suggestion(profile_id, suggestion),
                noticed=lambda notice: self._pass_on_notice(profile_id, notice),
            )
            started = asyncio.get_running_loop().create_task(self._start(profile_id, parts))
            found = self._members[profile_id] = _Member(profile_id, parts, started)
        return found

    async def _start(self, profile_id: int, parts: PersonalParts) -> None:
        try:
            await parts.safety.start()
            await parts.suggestions.start()
        except Exception:  # what waits is taken in all the same
            logger.exception("profile %d: could not go on where the last run ended", profile_id)
        member = self._members.get(profile_id)
        while member is not None and member.waiting:
            parts.suggestions.consider(member.waiting.popleft())

    def _owner(self, is_theirs: Callable[[PersonalParts], bool], profile_id: int | None) -> int | None:
        if profile_id is not None:
            return profile_id
        return next((number for number, member in self._members.items() if is_theirs(member.parts)), None)

    def _pass_on_suggestion(self, profile_id: int, suggestion: Suggestion) -> None:
        if profile_id == self.front:
            self._suggested.publish(_Told(profile_id, suggestion=suggestion))

    def _pass_on_notice(self, profile_id: int, notice: SafetyNotice) -> None:
        if profile_id == self.front:
            self._noticed.publish(_Told(profile_id, notice=notice))

    def _tell_of_change(self) -> None:
        if self.front == self._told_front:
            return
        self._told_front = self.front
        self._suggested.publish((*self._open_suggestion(), _Told(self.front))[0])
        self._noticed.publish((*self._open_notice(), _Told(self.front))[0])

    def _open_suggestion(self) -> tuple[_Told, ...]:
        member = self._members.get(self.front)
        current = member and member.parts.suggestions.current
        return (_Told(self.front, suggestion=current),) if current else ()

    def _open_notice(self) -> tuple[_Told, ...]:
        member = self._members.get(self.front)
        notice = member and member.parts.safety.notice
        return (_Told(self.front, notice=notice),) if notice and notice.open else ()

    def _hear(self, profile_id: int, purpose: Purpose, given: bool) -> None:
        member = self._members.get(profile_id)
        if purpose is Purpose.KEEP_HISTORY and not given and member is not None:
            # One that is still starting may read what is about to be removed.
            member.started.add_done_callback(lambda _: member.parts.suggestions.forget_history())

    def _forget(self, profile_id: int) -> None:
        """The person was erased: nothing of them stays in memory."""
        member = self._members.pop(profile_id, None)
        if self._front == profile_id:
            self._front = NOBODY
        if member is not None:
            member.started.cancel()
            member.parts.suggestions.end_watches()
            member.parts.safety.end_watches()
        self._suggested.clear()
        self._noticed.clear()
        self._tell_of_change()
