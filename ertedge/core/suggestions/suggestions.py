"""Suggestions: what is offered to the person, what they do with it, and what is learnt from that. Floor 2.

Every published state passes through ``consider``, which never waits. Safety is asked first and always, then whether this
moment is a decision point (``decision_maker``). A second's tick lets offers expire and snoozed ones come back where no state
comes. Whatever changes is told to those who watch, kept, and learnt from.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from dataclasses import replace

import numpy as np

from ertedge.config import ServerSettings, SuggestionSettings
from ertedge.core.broadcast import Broadcast
from ertedge.core.clock import Clock
from ertedge.core.local_time import PolicyTime
from ertedge.core.study.arms import ArmPort, outside_study
from ertedge.core.suggestions.activities import Activities
from ertedge.core.suggestions.decision_maker import MINUTE_NS, DecisionMaker, SafetyPort, no_scores
from ertedge.core.suggestions.demonstration import (
    PURSUED_MINUTES,
    SPAN_SECONDS,
    for_demonstration,
    is_demonstration,
    is_synthetic,
)
from ertedge.core.suggestions.evaluation import DECISIONS_MOST, evaluation_of
from ertedge.core.suggestions.learner import Learner
from ertedge.core.suggestions.log import SuggestionLog
from ertedge.core.suggestions.records import SuggestionEvent, SuggestionsEvaluation
from ertedge.core.suggestions.responses import aged, answered, withdrawn
from ertedge.errors import (
    InvalidRequestError,
    LimitReachedError,
    NothingFitsError,
    SafetyFirstError,
    SuggestionsOffError,
)
from ertedge.recommend.affect_window import AffectWindow
from ertedge.recommend.past_offers import PURSUED_HOURS
from ertedge.store.records import SuggestionPage
from ertedge.types import (
    AffectSummary,
    Decision,
    EmotionState,
    QuestionnaireScores,
    ResponseKind,
    SilenceReason,
    Suggestion,
    SuggestionResponse,
    SuggestionStatus,
    Trigger,
)

logger = logging.getLogger(__name__)

LOOK_NS = 2 * 1_000_000_000
"""How often the recent states are summed up and the policy is asked."""
AFTER_NS = 5 * MINUTE_NS
"""How long after an activity the states are summed up that say how it left the person."""
AFTER_DEMONSTRATION_NS = MINUTE_NS // 2
REQUESTS_AN_HOUR_MOST = 60
ANSWERS_AN_HOUR_MOST = 600
"""A client that asks or answers without end fills no disk."""
RING_SUGGESTIONS = 256


class Suggestions:
    """Belongs to one event loop. ``start`` before anything else; ``run`` lets time pass.

    ``learner`` is None where the recommender cannot be used, and ``off_detail`` then says why: nothing is suggested, while
    safety, the catalogue and what was suggested before stay. ``source`` tells what the states come from. ``arm`` is
    what the person's group of a study changes; ``told`` hears of each suggestion that those who watch are told of;
    ``scores`` is the person's newest DASS-21, ``language`` what they are spoken to in (None: the device's language).
    """

    def __init__(
        self,
        *,
        settings: SuggestionSettings,
        server: ServerSettings,
        clock: Clock,
        log: SuggestionLog,
        activities: Activities,
        safety: SafetyPort,
        learner: Learner | None,
        source: Callable[[], str],
        generator: np.random.Generator,
        off_detail: str = "",
        arm: Callable[[], ArmPort] = outside_study,
        told: Callable[[Suggestion], None] | None = None,
        scores: Callable[[], QuestionnaireScores | None] = no_scores,
        language: Callable[[], str] | None = None,
    ) -> None:
        self._configured = settings
        self._language = language
        self._scores = scores
        self._arm = arm
        self._log = log
        self._activities = activities
        self._safety = safety
        self._learner = learner
        self._source = source
        self._generator = generator
        self._off_detail = off_detail
        self._time = PolicyTime(clock)
        self._answering = asyncio.Lock()
        self._answers_ns: deque[int] = deque(maxlen=ANSWERS_AN_HOUR_MOST)
        self._trouble = ""
        self._broadcast: Broadcast[Suggestion] = Broadcast(
            clock,
            server,
            last_sequence=clock.wall_ns() // 1_000_000,
            ring_items=RING_SUGGESTIONS,
            opening=lambda: tuple(each for each in (self.current,) if each is not None),
            earlier_runs=False,
            told=told,
        )
        self._demonstration = is_demonstration(source())
        self._synthetic = is_synthetic(source())
        self._begin()

    async def start(self) -> None:
        """Go on where the last run ended, as far as the store can be read."""
        await self._log.start()
        if self._learner is not None:
            await self._learner.start()
            self._learner.begin(synthetic=self._synthetic)
            await self._learner.settled()

    @property
    def off_detail(self) -> str:
        """Why nothing can be suggested; empty where it can."""
        return self._off_detail if self._learner is None else ""

    @property
    def current(self) -> Suggestion | None:
        """The newest suggestion that is open."""
        found = self._log.open(synthetic=self._synthetic)
        return found[-1] if found else None

    def consider(self, state: EmotionState) -> None:
        """Take in the next state. Never waits, never raises: whatever goes wrong here, perception goes on."""
        try:
            self._follow_source(state)
            now_ns = self._time.take(state)
            if state.synthetic and not self._looked_ns:
                self._log.begin_simulation(now_ns)
            self._window.add(state)
            if abs(now_ns - self._looked_ns) < LOOK_NS:
                self._safety.consider(state)
                return
            summary = self._summary()
            self._safety.consider(state, summary)
            self._look(now_ns, summary)
        except Exception as error:  # noqa: BLE001 (the last line of defence of the core's loop; logged)
            self._note_trouble(error)

    def tick(self) -> None:
        """What is done each second: let time pass where no state does. Never raises."""
        try:
            now_ns = self._time.now_ns()
            if abs(now_ns - self._looked_ns) >= LOOK_NS:
                self._look(now_ns, self._summary())
            else:
                self._let_pass(now_ns)
        except Exception as error:  # noqa: BLE001 (as in ``consider``)
            self._note_trouble(error)

    async def request(self, request_id: str = "") -> Suggestion:
        """Suggest something now. A repeated ``request_id`` gets the suggestion of the first.

        Raises SafetyFirstError while a notice is open, NothingFitsError when no activity does, SuggestionsOffError, and
        LimitReachedError when somebody asks all the time.
        """
        async with self._answering:
            known = await self._log.requested(request_id)
            if known is not None:
                return await self._log.get(known)
            maker, now_ns = self._maker, self._time.now_ns()
            if maker is None:
                raise SuggestionsOffError(f"nothing can be suggested: {self._off_detail}")
            if maker.refusal:
                raise SuggestionsOffError(maker.refusal)
            self._let_pass(now_ns)
            self._check_pace(now_ns)
            before = self._log.open(synthetic=self._synthetic)
            decision, suggestion = maker.decide(Trigger.REQUEST, maker.context(now_ns, self._summary()))
            if suggestion is None:
                raise _refusal(decision)
            self._broadcast.publish(suggestion)
            for each in before:
                if each.status is SuggestionStatus.OFFERED:
                    self._change(withdrawn(each, now_ns))
            if request_id:
                self._log.add_request(request_id, suggestion)
            return suggestion

    async def respond(self, response: SuggestionResponse) -> Suggestion:
        """Take in what the person did; its time is set here. Returns the suggestion as it is now.

        A repeated ``request_id`` changes nothing, also after a restart. Raises NotFoundError, PreconditionError with what is
        possible, InvalidRequestError for a ``request_id`` that was used for something else, and LimitReachedError.
        """
        async with self._answering:
            known = await self._log.response_of(response.request_id)
            if known is not None:
                if replace(known, wall_time_ns=0) != replace(response, wall_time_ns=0):
                    raise InvalidRequestError([("request_id", "was used for another answer; give each one of its own")])
                return await self._log.get(known.suggestion_id)
            now_ns = self._time.now_ns()
            self._let_pass(now_ns)
            if len(self._answers_ns) == ANSWERS_AN_HOUR_MOST and now_ns - self._answers_ns[0] < 60 * MINUTE_NS:
                raise LimitReachedError(f"{ANSWERS_AN_HOUR_MOST} answers were given within an hour; try again later")
            suggestion = await self._log.get(response.suggestion_id)
            stamped = replace(response, wall_time_ns=now_ns)
            changed = answered(suggestion, stamped)
            self._log.add_response(stamped)
            self._answers_ns.append(now_ns)
            if response.kind is ResponseKind.COMPLETE:
                self._finished_ns[changed.suggestion_id] = (now_ns, self._time.in_states_ns())
            self._change(changed, rated_before=suggestion.helpfulness > 0)
            return changed

    async def suggestion(self, suggestion_id: int) -> Suggestion:
        """One suggestion. Raises NotFoundError, and StoreError where it could only be in a store that is broken."""
        return await self._log.get(suggestion_id)

    async def page(self, *, limit: int, before: int | None) -> SuggestionPage:
        """A page of suggestions, newest first."""
        return await self._log.page(limit=limit, before=before)

    async def evaluate(self, start_ns: int = 0) -> SuggestionsEvaluation:
        """How well the suggestions did from a moment on, and how another policy would have done."""
        decisions = await self._log.logged(start_ns, synthetic=self._synthetic, most=DECISIONS_MOST)
        # A long log takes a second on a small device, and nobody waits for that.
        return await asyncio.to_thread(evaluation_of, decisions, self._log.history(synthetic=self._synthetic))

    async def forget(self) -> None:
        """Forget what was learnt about the person, also where the recommender that learnt it cannot be used. Raises
        StoreError when it is forgotten here but not yet in the files."""
        async with self._answering:
            if self._learner is None:
                await self._log.forget_learning(synthetic=self._synthetic)
            else:
                await self._learner.forget()

    def remembers(self, suggestion_id: int) -> bool:
        """Whether the suggestion of that number is this person's and in memory."""
        return self._log.remembered(suggestion_id) is not None

    def forget_history(self) -> None:
        """Remember nothing of what was: the person has withdrawn their consent to a history."""
        self._log.clear()
        if self._learner is not None:
            self._learner.clear()
        self._begin()

    async def watch(self, since_sequence: int = 0) -> AsyncGenerator[SuggestionEvent, None]:
        """The open suggestion if there is one, and every one that is made or changes after it, with heartbeats.

        With ``since_sequence``, those after it. Raises LimitReachedError.
        """
        async with aclosing(self._broadcast.watch(since_sequence)) as events:
            async for event in events:
                yield SuggestionEvent(event.item, event.sequence, event.dropped_count, event.send_wall_time_ns)

    def end_watches(self) -> None:
        """End the stream of everybody who watches now, because the server stops."""
        self._broadcast.end_watches()

    def _begin(self) -> None:
        self._settings = for_demonstration(self._configured) if self._demonstration else self._configured
        self._maker = self._make_maker(self._settings)
        self._pursued_minutes = PURSUED_MINUTES if self._demonstration else PURSUED_HOURS * 60.0
        self._window = AffectWindow(SPAN_SECONDS) if self._demonstration else AffectWindow()
        self._time.begin_anew()
        self._looked_ns = 0
        self._finished_ns: dict[int, tuple[int, int]] = {}
        """Of activities done just now: when by the policy's time, and when by the states' wall clock."""

    def _make_maker(self, settings: SuggestionSettings) -> DecisionMaker | None:
        if self._learner is None:
            return None
        return DecisionMaker(
            settings,
            log=self._log,
            activities=self._activities,
            safety=self._safety,
            learner=self._learner,
            generator=self._generator,
            arm=self._arm,
            scores=self._scores,
            language=self._language,
        )

    def _follow_source(self, state: EmotionState) -> None:
        """Begin anew where the states come from somewhere else than before: ``auto`` has found nothing but the demo, say."""
        demonstration = is_demonstration(self._source())
        if (demonstration, state.synthetic) == (self._demonstration, self._synthetic):
            return
        other_person = state.synthetic is not self._synthetic
        self._demonstration, self._synthetic = demonstration, state.synthetic
        self._begin()
        if other_person and self._learner is not None:
            self._learner.begin(synthetic=self._synthetic)

    def _look(self, now_ns: int, summary: AffectSummary) -> None:
        self._looked_ns = now_ns
        self._let_pass(now_ns)
        if (maker := self._maker) is not None:
            context = maker.context(now_ns, summary)
            if (trigger := maker.trigger(context)) is not None:
                _, suggestion = maker.decide(trigger, context)
                if suggestion is not None:
                    self._broadcast.publish(suggestion)
        self._trouble = ""

    def _summary(self) -> AffectSummary:
        summary = self._window.summary(self._time.in_states_ns())
        return summary if summary.synthetic is self._synthetic else replace(summary, synthetic=self._synthetic)

    def _let_pass(self, now_ns: int) -> None:
        """What the time has made of open suggestions. While a safety notice is open, an offer is taken back."""
        held_back = self._safety.is_open
        for each in self._log.open(synthetic=self._synthetic):
            if held_back and each.status is SuggestionStatus.OFFERED:
                changed = withdrawn(each, now_ns)
            else:
                changed = aged(each, self._settings, now_ns, held_back=held_back, pursued_minutes=self._pursued_minutes)
            if changed is not each:
                self._change(changed)
        self._note_how_it_left(now_ns)

    def _change(self, suggestion: Suggestion, *, rated_before: bool = False) -> None:
        """Remember, tell and learn what has become of ``suggestion``."""
        self._log.put(suggestion)
        self._broadcast.publish(suggestion)
        if self._learner is not None and not suggestion.is_open:
            if rated_before:
                self._learner.learn_again()
            else:
                self._learner.learn(suggestion)

    def _note_how_it_left(self, now_ns: int) -> None:
        """Sum up the states after an activity, some minutes after it was done."""
        pause_ns = AFTER_DEMONSTRATION_NS if self._demonstration else AFTER_NS
        for number, (done_ns, in_states_ns) in tuple(self._finished_ns.items()):
            if now_ns - done_ns < pause_ns:
                continue
            del self._finished_ns[number]
            after, known = self._window.since_summary(in_states_ns), self._log.remembered(number)
            if after is not None and known is not None:
                self._log.put(noted := replace(known, valence_after=after.valence, arousal_after=after.arousal))
                self._broadcast.publish(noted)

    def _check_pace(self, now_ns: int) -> None:
        hour_ago_ns = now_ns - 60 * MINUTE_NS
        history = self._log.history(synthetic=self._synthetic)[-REQUESTS_AN_HOUR_MOST:]
        asked = [each for each in history if each.trigger is Trigger.REQUEST and each.wall_time_ns > hour_ago_ns]
        if len(asked) >= REQUESTS_AN_HOUR_MOST:
            raise LimitReachedError(f"{len(asked)} suggestions were asked for within an hour; take up one of them")

    def _note_trouble(self, error: Exception) -> None:
        """Log an error once, however often it comes again."""
        if str(error) != self._trouble:
            logger.error("suggestions have a fault", exc_info=error)
        self._trouble = str(error)


def _refusal(decision: Decision) -> SafetyFirstError | NothingFitsError:
    """Why a request is not met."""
    if decision.silence is SilenceReason.SAFETY:
        return SafetyFirstError("a safety notice is open, and help comes first; see the notices and the safety plan")
    return NothingFitsError("no activity fits the person and the moment; ask again later")
