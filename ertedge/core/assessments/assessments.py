"""Questionnaires as the rest of the core sees them: begun, answered an item at a time, scored, compared, amended. Floor 2.

An answer that must not wait goes to safety before anything else happens to it: before it is checked against a repeated
request, before it is stored, and while the questionnaire is still being filled in. Somebody who stops half-way has said it.
The newest DASS-21 of each person is at hand for the recommender, also after a restart.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import replace

from ertedge.core.assessments.importing import given_elsewhere
from ertedge.core.assessments.log import AssessmentLog, fhir_json
from ertedge.core.assessments.port import RedFlagSafety
from ertedge.core.assessments.records import (
    AssessmentAnswered,
    AssessmentCompleted,
    AssessmentStarted,
    AssessmentView,
    QuestionnaireView,
    ScoresOverTime,
)
from ertedge.core.assessments.scores import AssessmentScores
from ertedge.core.clock import Clock
from ertedge.errors import InvalidRequestError, LimitReachedError, PreconditionError
from ertedge.types import QuestionnaireScores, RedFlag
from ertedge.types.assessments import Assessment
from ertedge.wellbeing import filling
from ertedge.wellbeing.library import Instrument, Library
from ertedge.wellbeing.scoring import red_flags_of, values_of

DAY_NS = 86_400 * 1_000_000_000
RESUMED_NS = DAY_NS
"""What was left longer ago is begun anew: the items ask about the last week or two, and answers of two different weeks give
a score of neither."""
URGENT_NS = 30 * DAY_NS
"""What is taken over from elsewhere and is older than this raises no notice: it says nothing of now."""
STEPS_AN_HOUR_MOST = 3_000
"""A client that begins or answers without end fills no disk."""
Step = Callable[[Assessment], Assessment]


class Assessments:
    """Belongs to one event loop. ``start`` before anything else.

    ``safety_of`` gives a person's safety; ``language_of`` a person's language, ISO 639-1, empty where they have none.
    """

    def __init__(
        self,
        *,
        library: Library,
        log: AssessmentLog,
        clock: Clock,
        safety_of: Callable[[int], Awaitable[RedFlagSafety]],
        language_of: Callable[[int], str],
        completed: Callable[[Assessment], None],
        language: str = "en",
    ) -> None:
        """``completed`` hears of each assessment that is completed or amended."""
        self._library = library
        self._tell_completed = completed
        self._log = log
        self._clock = clock
        self._safety_of = safety_of
        self._language_of = language_of
        self._language = language
        self._stepping = asyncio.Lock()
        self._steps_ns: deque[int] = deque(maxlen=STEPS_AN_HOUR_MOST)
        self._scores = AssessmentScores(library, log)

    async def start(self) -> None:
        """Learn everybody's newest DASS-21."""
        await self._scores.start()

    # What is asked without waiting.

    def scores(self, profile_id: int) -> QuestionnaireScores | None:
        """A person's newest DASS-21, None where there is none with all of its scores."""
        return self._scores.newest(profile_id)

    def questionnaires(self, language: str = "") -> tuple[QuestionnaireView, ...]:
        """All of them, by id, in ``language`` where they are there in it; by default in the device's."""
        return tuple(_asked(each) for each in self._library.all(language or self._language))

    def questionnaire(self, questionnaire_id: str, language: str = "") -> QuestionnaireView:
        """One of them. Raises NotFoundError with what may have been meant."""
        return _asked(self._library.get(questionnaire_id, language or self._language))

    # Filling in.

    async def begin(
        self,
        profile_id: int,
        questionnaire_id: str,
        *,
        language: str = "",
        start_over: bool = False,
        request_id: str = "",
    ) -> AssessmentStarted:
        """Begin a questionnaire, or go on with what the person left within a day. A repeated request gets the same.

        Raises NotFoundError, InvalidRequestError for a ``request_id`` that did something else, and LimitReachedError.
        """
        chosen = language or self._language_of(profile_id) or self._language
        instrument = self._library.get(questionnaire_id, chosen)
        what = f"begin {questionnaire_id}"
        await self._safety_of(profile_id)  # it is at hand before the first answer, and there is such a person
        async with self._stepping:
            if (known := await self._known(profile_id, request_id, what)) is not None:
                return self._started(known)
            self._check_pace()
            now_ns = self._clock.wall_ns()
            assessment = await self._log.open_one(profile_id, questionnaire_id)
            if assessment is None or not _goes_on(assessment, instrument, now_ns, start_over=start_over):
                number = await self._log.new_id()
                assessment = filling.begun(number, profile_id, instrument.questionnaire, now_ns)
            self._log.put(assessment, self._instrument(assessment).questionnaire, request_id, what)
        await self._log.saved()
        return self._started(assessment)

    async def answer(self, assessment_id: int, link_id: str, code: str, request_id: str = "") -> AssessmentAnswered:
        """Answer an item, for the first time or anew; an empty ``code`` leaves it open.

        Raises NotFoundError, InvalidRequestError for an item or an answer that is none, PreconditionError once it is
        completed, and LimitReachedError.
        """
        async with self._stepping:
            assessment = await self._log.get(assessment_id)
            instrument, now_ns = self._instrument(assessment), self._clock.wall_ns()
            what = f"answer {assessment_id} {link_id} {code}"
            if not assessment.is_open:
                # It comes too late to be an answer, and is heard all the same.
                now = replace(assessment, update_wall_time_ns=now_ns)
                await self._tell_safety(filling.said(now, instrument.questionnaire, link_id, code), instrument)
                if await self._known(assessment.profile_id, request_id, what) is not None:
                    return await self._answered(assessment, helps=False)
            return await self._step(
                assessment,
                lambda each: filling.answered(each, instrument.questionnaire, link_id, code, now_ns),
                request_id,
                what,
            )

    async def complete(self, assessment_id: int, request_id: str = "") -> AssessmentCompleted:
        """Complete an assessment; one that is completed already stays as it is.

        Raises NotFoundError, PreconditionError where nothing is answered, and InvalidRequestError.
        """
        async with self._stepping:
            assessment = await self._log.get(assessment_id)
            instrument, now_ns = self._instrument(assessment), self._clock.wall_ns()
            if assessment.is_open:
                step = await self._step(
                    assessment,
                    lambda each: filling.completed(each, instrument.questionnaire, now_ns),
                    request_id,
                    f"complete {assessment_id}",
                )
                assessment = step.view.assessment
            return await self._completed(assessment)

    async def amend(
        self, assessment_id: int, link_id: str, code: str, *, reason: str, request_id: str = ""
    ) -> AssessmentAnswered:
        """Change an answer after completion; what was there before is kept.

        Raises NotFoundError, InvalidRequestError for an item or an answer that is none or without a reason,
        PreconditionError while it is in progress, and LimitReachedError.
        """
        async with self._stepping:
            assessment = await self._log.get(assessment_id)
            instrument, now_ns = self._instrument(assessment), self._clock.wall_ns()
            return await self._step(
                assessment,
                lambda each: filling.amended(
                    each, instrument.questionnaire, link_id, code, reason=reason, now_ns=now_ns
                ),
                request_id,
                f"amend {assessment_id} {link_id} {code}",
            )

    async def submit(self, profile_id: int, text: str, request_id: str = "") -> AssessmentCompleted:
        """Take over answers given elsewhere, a FHIR ``QuestionnaireResponse`` in JSON. A repeated request changes nothing.

        Raises InvalidRequestError with every fault, and LimitReachedError.
        """
        given = given_elsewhere(text, self._library.all(self._language), self._clock.wall_ns())
        instrument, given_ns = given.instrument, given.wall_time_ns
        what = f"submit {instrument.questionnaire.questionnaire_id}"
        async with self._stepping:
            if (known := await self._known(profile_id, request_id, what)) is not None:
                return await self._completed(known)
            number = await self._log.new_id()
            begun = filling.begun(number, profile_id, instrument.questionnaire, given_ns)
            step = await self._step(
                begun,
                lambda each: filling.completed(
                    replace(each, answers=given.answers), instrument.questionnaire, given_ns
                ),
                request_id,
                what,
            )
            return await self._completed(step.view.assessment)

    # Reading.

    async def get(self, assessment_id: int) -> AssessmentView:
        """One assessment, as FHIR too. Raises NotFoundError and StoreError."""
        assessment = await self._log.get(assessment_id)
        instrument = self._instrument(assessment)
        return replace(self._view(assessment), fhir_json=fhir_json(assessment, instrument.questionnaire))

    async def page(
        self, profile_id: int, questionnaire_id: str = "", *, limit: int, before: int | None
    ) -> tuple[tuple[AssessmentView, ...], int | None]:
        """A page of a person's assessments, newest first, and where the next begins. Raises StoreError."""
        found, cursor = await self._log.page(profile_id, questionnaire_id, limit=limit, before=before)
        return tuple(self._view(each) for each in found), cursor

    async def over_time(self, profile_id: int, questionnaire_id: str, start_ns: int = 0) -> ScoresOverTime:
        """How a person's scores went since a moment. Raises NotFoundError and StoreError."""
        instrument = self._library.get(questionnaire_id, self._language_of(profile_id) or self._language)
        return await self._scores.over_time(profile_id, instrument, start_ns)

    def forget(self, profile_id: int, *, erased: bool) -> None:
        """Drop what is in memory of a person who has been erased, or has withdrawn the consent to a history."""
        self._log.forget(profile_id, erased=erased)
        self._scores.forget(profile_id)

    # Below: how.

    async def _step(self, before: Assessment, step: Step, request_id: str, what: str) -> AssessmentAnswered:
        """Take a step, tell safety of what must not wait, and only then look at anything else."""
        after = step(before)
        instrument = self._instrument(before)
        raised = await self._tell_safety(after, instrument)
        after = replace(after, flags=tuple(dict.fromkeys((*before.flags, *raised))))
        known = await self._log.request(before.profile_id, request_id)
        if known is not None and known.what != what:
            raise InvalidRequestError([("request_id", "was used for something else; give each request one of its own")])
        if known is None or raised:
            self._check_pace()
            self._log.put(after, instrument.questionnaire, request_id, what)
            if not after.is_open:
                self._tell_completed(after)
                await self._scores.learn(after)
            await self._log.saved()
        else:
            after = before  # said before; what was answered since then stands
        return await self._answered(after, helps=bool(raised))

    async def _tell_safety(self, assessment: Assessment, instrument: Instrument) -> tuple[RedFlag, ...]:
        """Raise the red flags that the answers have newly reached. Returns them."""
        values = values_of(assessment, instrument.questionnaire)
        reached = red_flags_of(instrument.scoring, values, complete=not assessment.is_open)
        new = tuple(flag for flag in reached if flag not in assessment.flags)
        said_ns, now_ns = assessment.update_wall_time_ns, self._clock.wall_ns()
        if new and now_ns - said_ns < URGENT_NS:
            safety = await self._safety_of(assessment.profile_id)
            for flag in new:
                safety.raise_red_flag(flag, min(said_ns, now_ns))
        return new

    async def _known(self, profile_id: int, request_id: str, what: str) -> Assessment | None:
        """The assessment that an earlier request of that id made. Raises InvalidRequestError where it did something else."""
        known = await self._log.request(profile_id, request_id)
        if known is None:
            return None
        if known.what != what:
            raise InvalidRequestError([("request_id", "was used for something else; give each request one of its own")])
        return await self._log.get(known.assessment_id)

    async def _completed(self, assessment: Assessment) -> AssessmentCompleted:
        view = self._view(assessment)
        safety = await self._safety_of(assessment.profile_id)
        helps = bool(assessment.flags) and safety.is_open
        return AssessmentCompleted(
            view,
            await self._scores.changes_before(assessment, self._instrument(assessment)),
            safety.notice if helps else None,
            safety.helplines() if helps else (),
        )

    def _instrument(self, assessment: Assessment) -> Instrument:
        """Its questionnaire. Raises NotFoundError where that is no longer there, PreconditionError in another version."""
        instrument = self._library.get(assessment.questionnaire_id, assessment.language)
        if instrument.questionnaire.version != assessment.questionnaire_version:
            raise PreconditionError(
                f"assessment {assessment.assessment_id} is of version {assessment.questionnaire_version} of"
                f" {assessment.questionnaire_id}, and here is {instrument.questionnaire.version}; begin a new one"
            )
        return instrument

    def _view(self, assessment: Assessment) -> AssessmentView:
        following = None
        if assessment.is_open and assessment.questionnaire_id in self._library.ids:
            instrument = self._library.get(assessment.questionnaire_id, assessment.language)
            following = filling.next_item(assessment, instrument.questionnaire)
        return AssessmentView(assessment, self._scores.of(assessment), following.link_id if following else "")

    def _started(self, assessment: Assessment) -> AssessmentStarted:
        asked = _asked(self._instrument(assessment))
        kept = self._log.keeps(assessment.profile_id)
        return AssessmentStarted(self._view(assessment), asked, resumed=bool(assessment.answers), kept=kept)

    async def _answered(self, assessment: Assessment, *, helps: bool) -> AssessmentAnswered:
        if not helps:
            return AssessmentAnswered(self._view(assessment))
        safety = await self._safety_of(assessment.profile_id)
        notice = safety.notice if safety.is_open else None
        return AssessmentAnswered(self._view(assessment), notice, safety.helplines() if notice else ())

    def _check_pace(self) -> None:
        now_ns = self._clock.monotonic_ns()
        if len(self._steps_ns) == STEPS_AN_HOUR_MOST and now_ns - self._steps_ns[0] < 3600 * 1_000_000_000:
            raise LimitReachedError(f"{STEPS_AN_HOUR_MOST} answers were given within an hour; try again later")
        self._steps_ns.append(now_ns)


def _goes_on(left: Assessment, instrument: Instrument, now_ns: int, *, start_over: bool) -> bool:
    """Whether what was left is gone on with."""
    if left.questionnaire_version != instrument.questionnaire.version:
        return False
    if not left.answers:
        return left.language == instrument.questionnaire.language
    return not start_over and abs(now_ns - left.update_wall_time_ns) < RESUMED_NS


def _asked(instrument: Instrument) -> QuestionnaireView:
    return QuestionnaireView(instrument.questionnaire, instrument.scoring)
