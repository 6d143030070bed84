"""The decisions and suggestions of one person: the recent ones in memory, all of them in the store. Floor 2.

Whatever is put here is kept by the recorder soon after; memory goes on where the store does not. The person's and those of
the demo and simulations are told apart everywhere, since neither says anything of the other. A simulated week may be played
twice, so that an earlier run's suggestions lie in the future of the next: those are listed, but are no history.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections import deque
from collections.abc import Callable, Sequence
from typing import TypeVar

from ertedge.core.clock import Clock
from ertedge.core.numbers import SharedNumbers
from ertedge.core.personal_recorder import PersonalRecorder
from ertedge.core.store_port import ProfileStore
from ertedge.errors import NotFoundError, StoreError
from ertedge.store.records import LearningState, SuggestionPage
from ertedge.types import Decision, DecisionContext, Suggestion, SuggestionResponse

logger = logging.getLogger(__name__)

Answer = TypeVar("Answer")

REMEMBERED_SUGGESTIONS = 1000
"""More than two years of them at the budget's mean."""
REMEMBERED_DECISIONS = 512
REMEMBERED_REQUESTS = 1024
ASK_SECONDS = 1.0
"""How long an answer waits for the store to say whether it was given before."""
RECENT_NS = 26 * 3600 * 1_000_000_000
"""Decisions of so long ago are read at the start: the policy asks for those of about a day."""


class SuggestionLog:
    """Belongs to one event loop. ``start`` before anything else."""

    def __init__(self, recorder: PersonalRecorder, clock: Clock, numbers: SharedNumbers | None = None) -> None:
        """``numbers`` are those that all people of the device share."""
        self._recorder = recorder
        self._clock = clock
        self._numbers = numbers or SharedNumbers()
        self._suggestions: dict[int, Suggestion] = {}
        self._histories: dict[bool, dict[int, None]] = {False: {}, True: {}}
        self._open: set[int] = set()
        self._decisions: dict[bool, deque[Decision]] = {
            synthetic: deque(maxlen=REMEMBERED_DECISIONS) for synthetic in (False, True)
        }
        self._contexts: dict[int, DecisionContext] = {}
        self._responses: dict[str, SuggestionResponse] = {}
        self._requests: dict[str, int] = {}
        self._questions: set[asyncio.Task[object]] = set()

    async def start(self) -> None:
        """Go on where the last run ended. Without the store there is no history, and numbers go on from the milliseconds
        since 1970, which are more than any that was ever given."""
        now_ns = self._clock.wall_ns()
        try:
            self._numbers.suggestions.go_on_from(await self._recorder.read(lambda store: store.last_suggestion_id()))
            self._numbers.decisions.go_on_from(await self._recorder.read(lambda store: store.last_decision_id()))
            page = await self._recorder.read(
                lambda store: store.list_suggestions(limit=REMEMBERED_SUGGESTIONS, before=None)
            )
            self._contexts = await self._recorder.read(
                lambda store: store.decision_contexts([each.decision_id for each in page.suggestions])
            )
            for synthetic, decisions in self._decisions.items():
                decisions.extend(await self._recent_decisions(now_ns, synthetic=synthetic))
        except StoreError as error:
            logger.warning("nothing is known of earlier suggestions: %s", error)
            self._numbers.suggestions.go_on_from(now_ns // 1_000_000)
            self._numbers.decisions.go_on_from(now_ns // 1_000_000)
            return
        for suggestion in reversed(page.suggestions):
            self._remember(suggestion)

    def clear(self) -> None:
        """Remember nothing any more: the person lets no history be kept, and the store holds none by then."""
        for remembered in (self._suggestions, self._open, self._contexts, self._responses, self._requests):
            remembered.clear()
        for synthetic in (False, True):
            self._histories[synthetic].clear()
            self._decisions[synthetic].clear()

    def begin_simulation(self, now_ns: int) -> None:
        """A simulation begins at a moment, UTC nanoseconds: what is later is of another run and no history of this one."""
        for number in tuple(self._histories[True]):
            if self._suggestions[number].wall_time_ns > now_ns:
                del self._histories[True][number]
                self._open.discard(number)
        earlier = [each for each in self._decisions[True] if each.context.wall_time_ns <= now_ns]
        self._decisions[True] = deque(earlier, maxlen=REMEMBERED_DECISIONS)

    def history(self, *, synthetic: bool) -> tuple[Suggestion, ...]:
        """The remembered suggestions of the person, or of the demo person, oldest first."""
        return tuple(self._suggestions[number] for number in self._histories[synthetic])

    def decisions(self, *, synthetic: bool) -> Sequence[Decision]:
        """The recent decisions, oldest first."""
        return self._decisions[synthetic]

    def open(self, *, synthetic: bool) -> tuple[Suggestion, ...]:
        """Those that a person may still begin or is at, oldest first."""
        found = (self._suggestions[number] for number in sorted(self._open))
        return tuple(suggestion for suggestion in found if suggestion.synthetic is synthetic)

    def remembered(self, suggestion_id: int) -> Suggestion | None:
        """The suggestion of that number if it is in memory."""
        return self._suggestions.get(suggestion_id)

    def context_of(self, suggestion: Suggestion) -> DecisionContext | None:
        """What its decision was made from; None where that is no longer stored."""
        return self._contexts.get(suggestion.decision_id)

    def next_suggestion_id(self) -> int:
        """A number for a new suggestion."""
        return self._numbers.suggestions.next()

    def next_decision_id(self) -> int:
        """A number for a new decision."""
        return self._numbers.decisions.next()

    def add_decision(self, decision: Decision) -> None:
        """Remember and keep what was decided."""
        self._decisions[decision.context.affect.synthetic].append(decision)
        if decision.chosen:
            self._contexts[decision.decision_id] = decision.context
        self._recorder.keep(lambda store: store.append_decisions((decision,)))

    def put(self, suggestion: Suggestion) -> None:
        """Remember and keep a suggestion, or what has become of it."""
        self._remember(suggestion)
        self._recorder.keep(lambda store: store.save_suggestion(suggestion))

    def add_response(self, response: SuggestionResponse) -> None:
        """Remember and keep what a person did."""
        if response.request_id:
            self._responses[response.request_id] = response
            _forget_oldest(self._responses, REMEMBERED_REQUESTS)
        self._recorder.keep(lambda store: store.append_response(response))

    def nothing_learnt(self, model: str, *, synthetic: bool, least_id: int = 0) -> LearningState:
        """What stands for ``model`` once all that was learnt from the suggestions up to now is forgotten."""
        newest = self.history(synthetic=synthetic)
        forgotten_id = max(least_id, newest[-1].suggestion_id if newest else 0)
        return LearningState(synthetic, self._clock.wall_ns(), model, b"", forgotten_id)

    async def forget_learning(self, *, synthetic: bool) -> None:
        """Erase from the files what was learnt, whichever model learnt it. Raises StoreError when they still hold it."""
        empty = self.nothing_learnt("", synthetic=synthetic)
        await self._recorder.keep_now(lambda store: store.forget_learning(empty))

    def add_request(self, request_id: str, suggestion: Suggestion) -> None:
        """Remember and keep which suggestion a request got."""
        number, at_ns = suggestion.suggestion_id, suggestion.wall_time_ns
        self._requests[request_id] = number
        _forget_oldest(self._requests, REMEMBERED_REQUESTS)
        self._recorder.keep(lambda store: store.append_request(request_id, number, at_ns))

    async def response_of(self, request_id: str) -> SuggestionResponse | None:
        """The response that came under that id, if one did, in this run or an earlier one."""
        if not request_id or request_id in self._responses:
            return self._responses.get(request_id)
        return await self._asked(lambda store: store.response_of(request_id))

    async def requested(self, request_id: str) -> int | None:
        """The number of the suggestion that a request of that id got, in this run or an earlier one."""
        if not request_id or request_id in self._requests:
            return self._requests.get(request_id)
        return await self._asked(lambda store: store.requested_suggestion(request_id))

    async def get(self, suggestion_id: int) -> Suggestion:
        """The suggestion of that number. Raises NotFoundError, and StoreError where it could only be in the store."""
        if suggestion_id in self._suggestions:
            return self._suggestions[suggestion_id]
        if not 0 < suggestion_id <= self._numbers.suggestions.last:
            raise NotFoundError(f"there is no suggestion {suggestion_id}")
        return await self._recorder.read(lambda store: store.suggestion(suggestion_id))

    async def page(self, *, limit: int, before: int | None) -> SuggestionPage:
        """A page of suggestions, newest first; of those in memory where the store holds none or cannot be read."""
        if not self._recorder.keeps:
            return self._remembered_page(limit, before)
        try:
            page = await self._recorder.read(lambda store: store.list_suggestions(limit=limit, before=before))
        except StoreError:
            return self._remembered_page(limit, before)
        current = (self._suggestions.get(each.suggestion_id, each) for each in page.suggestions)
        return SuggestionPage(tuple(current), page.next_cursor)

    async def logged(self, start_ns: int, *, synthetic: bool, most: int) -> tuple[Decision, ...]:
        """The newest decisions from a moment on, oldest first; of those in memory where the store holds none or cannot be
        read."""
        if self._recorder.keeps:
            with contextlib.suppress(StoreError):
                return await self._recorder.read(
                    lambda store: store.decisions_since(start_ns, synthetic=synthetic, most=most)
                )
        remembered = [each for each in self._decisions[synthetic] if each.context.wall_time_ns >= start_ns]
        return tuple(remembered[-most:])

    def _remembered_page(self, limit: int, before: int | None) -> SuggestionPage:
        known = (each for each in sorted(self._suggestions, reverse=True) if before is None or each < before)
        chosen = [self._suggestions[number] for number in known]
        return SuggestionPage(tuple(chosen[:limit]), chosen[limit - 1].suggestion_id if len(chosen) > limit else None)

    async def _asked(self, question: Callable[[ProfileStore], Answer | None]) -> Answer | None:
        """What the store says within ``ASK_SECONDS``; None where it cannot, since nobody waits for a disk that hangs."""
        task = asyncio.create_task(self._recorder.read(question))
        self._questions.add(task)
        task.add_done_callback(self._answered_late)
        done, _ = await asyncio.wait({task}, timeout=ASK_SECONDS)
        if not done:
            return None
        try:
            return task.result()
        except StoreError:
            return None

    def _answered_late(self, task: asyncio.Task[object]) -> None:
        self._questions.discard(task)
        if not task.cancelled():
            task.exception()  # looked at, so that nobody is told that nobody did

    async def _recent_decisions(self, now_ns: int, *, synthetic: bool) -> tuple[Decision, ...]:
        return await self._recorder.read(
            lambda store: store.decisions_since(now_ns - RECENT_NS, synthetic=synthetic, most=REMEMBERED_DECISIONS)
        )

    def _remember(self, suggestion: Suggestion) -> None:
        number = suggestion.suggestion_id
        is_new = number not in self._suggestions
        self._suggestions[number] = suggestion
        if is_new:
            self._histories[suggestion.synthetic][number] = None
        if suggestion.is_open and number in self._histories[suggestion.synthetic]:
            self._open.add(number)
        else:
            self._open.discard(number)
        while len(self._suggestions) > REMEMBERED_SUGGESTIONS:
            self._drop(min(self._suggestions.keys() - self._open))

    def _drop(self, number: int) -> None:
        dropped = self._suggestions.pop(number)
        self._histories[dropped.synthetic].pop(number, None)
        self._contexts.pop(dropped.decision_id, None)


def _forget_oldest(known: dict[str, SuggestionResponse] | dict[str, int], most: int) -> None:
    while len(known) > most:
        del known[next(iter(known))]
