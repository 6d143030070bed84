"""What the recommender learns of a person: a response at a time, saved after each, forgotten when told to. Floor 2.

There is one learning for the person and one for the demo and simulations; the recommender holds the one that is in use. What
was learnt with another version of the model is of no use to this one, and is learnt again from the stored suggestions: one
at a time, so that everything else goes on meanwhile, with a recommender that knows a little less for a second.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from typing import Protocol

from ertedge.core.clock import Clock
from ertedge.core.personal_recorder import PersonalRecorder
from ertedge.core.suggestions.log import SuggestionLog
from ertedge.core.suggestions.responses import was_withdrawn
from ertedge.errors import ErtedgeError, StoreCorruptError, StoreError
from ertedge.recommend.exploration import Forecast
from ertedge.store.records import LearningState
from ertedge.types import Activity, DecisionContext, Suggestion

logger = logging.getLogger(__name__)

REPLAYED_MOST = 256
"""So many of the newest suggestions are learnt from again; older ones have faded."""


class Recommender(Protocol):
    """What the core asks of ``recommend.recommender.Recommender``."""

    @property
    def version(self) -> str: ...
    def forecast(
        self, context: DecisionContext, history: Sequence[Suggestion], activities: Sequence[Activity]
    ) -> Forecast: ...
    def learn(self, context: DecisionContext, history_before: Sequence[Suggestion], suggestion: Suggestion) -> None: ...
    def state(self) -> bytes: ...
    def restore(self, state: bytes) -> None: ...
    def forget(self) -> None: ...


class Learner:
    """Belongs to one event loop. ``start``, then ``begin`` for whose learning it is."""

    def __init__(self, recommender: Recommender, log: SuggestionLog, recorder: PersonalRecorder, clock: Clock) -> None:
        self._recommender = recommender
        self._log = log
        self._recorder = recorder
        self._clock = clock
        self._saved: dict[bool, LearningState] = {}
        self._synthetic = False
        self._round = 0
        self._again: asyncio.Task[None] | None = None

    @property
    def version(self) -> str:
        """The model's version."""
        return self._recommender.version

    async def start(self) -> None:
        """Read what was learnt before. Where that cannot be read, it is learnt again from what is remembered."""
        for synthetic in (False, True):
            try:
                state = await self._read(synthetic=synthetic)
            except StoreError as error:
                logger.warning("what was learnt cannot be read: %s", error)
                return
            if state is not None:
                self._saved[synthetic] = state

    def begin(self, *, synthetic: bool) -> None:
        """Use what was learnt of the person, or of the demo person; where that is of no use, begin to learn it again."""
        self._synthetic = synthetic
        if not self._restore():
            self.learn_again()

    def learn_again(self) -> None:
        """Begin anew from what is remembered, because a rating was changed, say; ``settled`` waits for the end of it."""
        self._know_nothing()
        self._again = asyncio.get_running_loop().create_task(self._learn_again(self._round))

    async def settled(self) -> None:
        """Wait until all is learnt."""
        if self._again is not None:
            await self._again

    def history(self) -> tuple[Suggestion, ...]:
        """The suggestions that something may be concluded from: those after the last forgetting, oldest first."""
        forgotten_id = self._forgotten_id
        return tuple(each for each in self._log.history(synthetic=self._synthetic) if each.suggestion_id > forgotten_id)

    def forecast(self, context: DecisionContext, activities: Sequence[Activity]) -> Forecast:
        """What is expected of ``activities``."""
        return self._recommender.forecast(context, self._before(self.history(), None), activities)

    def learn(self, suggestion: Suggestion) -> None:
        """Take in what has become of ``suggestion``, and keep what is known then. Never raises."""
        if self._learn(suggestion, self.history()):
            self._save()

    async def forget(self) -> None:
        """Know nothing of the person any more, here at once and in the files. Raises StoreError when the files still do."""
        self._know_nothing()
        empty = self._log.nothing_learnt(self.version, synthetic=self._synthetic, least_id=self._forgotten_id)
        self._saved[self._synthetic] = empty
        await self._recorder.keep_now(lambda store: store.forget_learning(empty))

    def clear(self) -> None:
        """Know nothing of the person any more, here; what is in the files goes by other means."""
        self._know_nothing()
        self._saved.clear()

    @property
    def _forgotten_id(self) -> int:
        saved = self._saved.get(self._synthetic)
        return saved.forgotten_id if saved is not None else 0

    def _know_nothing(self) -> None:
        """Also ends what is being learnt again."""
        self._round += 1
        self._recommender.forget()

    def _restore(self) -> bool:
        """Whether what was saved could be used."""
        self._know_nothing()
        saved = self._saved.get(self._synthetic)
        if saved is None or not saved.state:
            return False
        if saved.model != self.version:
            logger.info("the recommender is %s now, not %s: it learns again", self.version, saved.model)
            return False
        try:
            self._recommender.restore(saved.state)
        except StoreCorruptError as error:
            logger.warning("what was learnt is damaged and is learnt again: %s", error)
            return False
        return True

    async def _learn_again(self, this_round: int) -> None:
        history = self.history()
        learnt = 0
        for suggestion in history[-REPLAYED_MOST:]:
            if self._round != this_round:
                return
            learnt += self._learn(suggestion, history)
            await asyncio.sleep(0)
        if learnt and self._round == this_round:
            logger.info("the recommender has learnt from %d earlier suggestions", learnt)
            self._save()

    def _learn(self, suggestion: Suggestion, history: Sequence[Suggestion]) -> bool:
        """Whether there was anything to learn from it."""
        context = self._log.context_of(suggestion)
        known = suggestion.suggestion_id > self._forgotten_id and suggestion.synthetic is self._synthetic
        if context is None or not known or suggestion.is_open or was_withdrawn(suggestion):
            return False
        try:
            self._recommender.learn(context, self._before(history, suggestion), suggestion)
        except (ErtedgeError, ValueError) as error:
            logger.warning("suggestion %d taught nothing: %s", suggestion.suggestion_id, error)
            return False
        return True

    @staticmethod
    def _before(history: Sequence[Suggestion], suggestion: Suggestion | None) -> list[Suggestion]:
        """Those that had come to an end: what they say of the person is known."""
        number = None if suggestion is None else suggestion.suggestion_id
        return [
            each
            for each in history
            if (number is None or each.suggestion_id < number) and not each.is_open and not was_withdrawn(each)
        ]

    def _save(self) -> None:
        state = LearningState(
            self._synthetic, self._clock.wall_ns(), self.version, self._recommender.state(), self._forgotten_id
        )
        self._saved[self._synthetic] = state
        self._recorder.keep(lambda store: store.save_learning(state))

    async def _read(self, *, synthetic: bool) -> LearningState | None:
        return await self._recorder.read(lambda store: store.learning(synthetic=synthetic))
