"""One simulated person's eight weeks on their device, from the baseline to the export. Host side only.

The device decides: at each slot in which the person is there, six minutes of emotion states go through the household to the
person's suggestions, which offer what their policy and group make of it. The person answers as the cohort's simulator has
them answer. What an activity truly did to them adds to what they have gained, which moves their severity (``people``).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from ertedge.core.household import PersonalParts
from ertedge.core.study.records import Enrolment
from ertedge.errors import NothingFitsError, PreconditionError, SafetyFirstError, SuggestionsOffError
from ertedge.types import (
    EMOTIONS,
    Activity,
    AffectSummary,
    Emotion,
    EmotionState,
    NoticeResponse,
    ResponseKind,
    Suggestion,
    SuggestionResponse,
    SuggestionStatus,
)
from ertedge.types.assessments import DASS21
from ertedge.types.study import (
    AdverseEvent,
    CharacteristicValue,
    EventCategory,
    EventOutcome,
    EventSeverity,
    NotEnrolledReason,
    Relatedness,
    Seriousness,
    StudyProtocol,
)
from ertedge.wellbeing.study.export import ExportFile
from tools.cohort.schedule import SLOTS
from tools.trial.device import TrialDevice
from tools.trial.people import SCALES, TrialPerson, answers

MINUTE_NS = 60 * 1_000_000_000
DAY_NS = 24 * 60 * MINUTE_NS
STATE_NS = MINUTE_NS // 2
"""As far apart as a state counts for itself (``recommend.affect_window.HOLD_SECONDS``)."""
SESSION_STATES = 12
AFTER_STATES = 11
"""Five and a half minutes after an activity: the device sums up how it left the person after five."""
ENROL_HOUR = 10.0
HARM = -0.2
_DASS_ITEMS = {
    "depression": ("3", "5", "10", "13", "16", "17", "21"),
    "anxiety": ("2", "4", "7", "9", "15", "19", "20"),
    "stress": ("1", "6", "8", "11", "12", "14", "18"),
}


@dataclass(frozen=True, slots=True)
class Place:
    """What the centre gave this person: the study, the seal, and a slot in the sequence of their stratum."""

    protocol: StudyProtocol
    protocol_text: str
    seal: bytes
    slot: int | None


@dataclass(frozen=True, slots=True)
class Screening:
    """What is so of somebody who was asked. ``raw`` (3,) is what they answer to the baseline."""

    age: int
    gender: str
    excluded: bool
    declines: bool
    raw: tuple[int, int, int]


async def live(
    device: TrialDevice, person: TrialPerson, screening: Screening, place: Place, activities: Sequence[Activity]
) -> tuple[ExportFile, ...]:
    """A person's whole study, with the device's own export at its end. Somebody who cannot be enrolled is counted there.

    ``activities`` is the catalogue in the order in which ``person`` knows it.
    """
    run = _Run(device, person, place, {activity.activity_id: number for number, activity in enumerate(activities)})
    await device.studies.create(place.protocol_text, place.seal, synthetic=True)
    device.clock.move_to(run.start_ns + int(ENROL_HOUR * 60) * MINUTE_NS - DAY_NS)
    await run.fill_in(screening.raw)
    device.clock.move_to(run.start_ns)
    if await run.enrol(screening):
        await run.weeks()
    await device.studies.end(place.protocol.study_id)
    return await device.followup.export(place.protocol.study_id)


class _Run:
    """The state of one person's study."""

    def __init__(self, device: TrialDevice, person: TrialPerson, place: Place, numbers: dict[str, int]) -> None:
        self._device, self._person, self._place = device, person, place
        self._sequence = 0
        self._done = 0
        self._participant = 0
        self._heard = (0, 0)
        """The newest asking of a safety notice that was answered."""
        self._numbers = numbers
        self.start_ns = device.clock.wall_ns() + DAY_NS
        self.start_ns -= self.start_ns % DAY_NS

    async def fill_in(self, raw: Sequence[int]) -> None:
        """Answer the whole DASS-21, item by item, through the device's own questionnaires."""
        assessments, rng = self._device.assessments, self._person.chance
        codes = {
            item.link_id: {choice.value: choice.code for choice in item.choices}
            for item in assessments.questionnaire(DASS21).questionnaire.items
        }
        started = await assessments.begin(self._device.profile_id, DASS21)
        number = started.view.assessment.assessment_id
        for scale, row in zip(SCALES, answers(np.array(raw), rng), strict=True):
            for link_id, value in zip(_DASS_ITEMS[scale], row, strict=True):
                await assessments.answer(number, link_id, codes[link_id][int(value)])
        await assessments.complete(number)

    async def enrol(self, screening: Screening) -> bool:
        """Whether the person takes part; else the study has counted why not."""
        protocol = self._place.protocol
        if screening.declines:
            await self._device.studies.record_not_enrolled(protocol.study_id, NotEnrolledReason.DECLINED)
            return False
        exclusions = (protocol.exclusion[0].criterion_id,) if screening.excluded and protocol.exclusion else ()
        enrolment = Enrolment(
            study_id=protocol.study_id,
            profile_id=self._device.profile_id,
            confirmed_criteria=tuple(each.criterion_id for each in protocol.inclusion),
            present_exclusions=exclusions,
            characteristics=(
                CharacteristicValue("age", str(screening.age)),
                CharacteristicValue("gender", screening.gender),
            ),
            slot=self._place.slot,
        )
        try:
            participant = await self._device.studies.enrol(enrolment)
        except PreconditionError:
            return False
        self._participant = participant.participant_id
        return True

    async def weeks(self) -> None:
        """Live, slot by slot, until the study is over or the person leaves."""
        parts = await self._device.household.of(self._device.profile_id)
        protocol, rng, assumed = self._place.protocol, self._person.chance, self._person.severity.assumed
        points = {point.day: point for point in protocol.time_points if point.day}
        for day in range(protocol.duration_days + 1):
            if day in points:
                await self._time_point(day)
            if day == protocol.duration_days:
                return
            await parts.safety.tick()
            for slot in range(SLOTS):
                if self._person.present[day, slot]:
                    await self._slot(parts, day, slot)
            await self._device.recorder.flush()
            if rng.random() < assumed.event_week / 7:
                await self._event(day, EventCategory.OTHER, Relatedness.UNRELATED)
            if (leaving := rng.random()) < (assumed.withdraw_week + assumed.erase_week) / 7:
                await self._device.studies.withdraw(
                    protocol.study_id, self._participant, keep_data=leaving >= assumed.erase_week / 7
                )
                return

    async def _slot(self, parts: PersonalParts, day: int, slot: int) -> None:
        """Six minutes at the device, and what comes of an offer."""
        person, number = self._person, day * SLOTS + slot
        begins_ns = self.start_ns + day * DAY_NS + int(person.hours[day, slot] * 60 * MINUTE_NS)
        affect = person.mood.context(number).affect
        for each in range(SESSION_STATES):
            self._device.clock.move_to(begins_ns + each * STATE_NS)
            self._device.household.consider(self._state(affect, each))
        await self._answer_notice(parts)
        offered = parts.suggestions.current
        if offered is None and person.asks[day, slot]:
            offered = await self._ask(parts)
        if offered is not None and offered.status is SuggestionStatus.OFFERED:
            await self._answer(parts, offered, number, affect)

    async def _ask(self, parts: PersonalParts) -> Suggestion | None:
        try:
            return await parts.suggestions.request()
        except (NothingFitsError, SafetyFirstError, SuggestionsOffError):
            return None

    async def _answer(self, parts: PersonalParts, offered: Suggestion, number: int, affect: AffectSummary) -> None:
        """Do with an offer what this person does with it."""
        person, suggestions, clock = self._person, parts.suggestions, self._device.clock
        activity = self._numbers[offered.activity_id]
        helpfulness = float(person.mood.truth(number).helpfulness[activity])
        outcome = person.mood.respond(number, activity)
        if not outcome.begun:
            if outcome.dismissed:
                await suggestions.respond(SuggestionResponse(offered.suggestion_id, ResponseKind.DISMISS, 0))
            return
        await suggestions.respond(SuggestionResponse(offered.suggestion_id, ResponseKind.START, 0))
        if not outcome.finished:
            return
        clock.move_to(clock.wall_ns() + int(offered.minutes * MINUTE_NS))
        done = SuggestionResponse(offered.suggestion_id, ResponseKind.COMPLETE, 0, rating=outcome.rating)
        await suggestions.respond(done)
        self._done += 1
        person.severity.gained += helpfulness
        after = replace(
            affect,
            valence=outcome.valence_after if outcome.valence_after is not None else affect.valence,
            arousal=outcome.arousal_after if outcome.arousal_after is not None else affect.arousal,
        )
        for each in range(AFTER_STATES):
            clock.move_to(clock.wall_ns() + STATE_NS)
            self._device.household.consider(self._state(after, each))
        if helpfulness < HARM and person.chance.random() < person.severity.assumed.distress:
            await self._event(number // SLOTS, EventCategory.DISTRESS_FROM_ACTIVITY, Relatedness.PROBABLE)

    async def _answer_notice(self, parts: PersonalParts) -> None:
        """A safety notice comes before everything: a simulated person says that they are safe each time it asks."""
        notice = parts.safety.notice
        asked = (notice.notice_id, notice.ask_count) if notice is not None and notice.open else None
        if notice is not None and asked is not None and asked != self._heard:
            self._heard = asked
            request = f"{notice.notice_id}-{notice.ask_count}"
            await parts.safety.respond(notice.notice_id, NoticeResponse.SAFE, request_id=request)

    async def _time_point(self, day: int) -> None:
        """Fill the questionnaire in when it is due, or not."""
        person, assumed = self._person, self._person.severity.assumed
        self._device.clock.move_to(self.start_ns + day * DAY_NS + int(ENROL_HOUR * 60) * MINUTE_NS)
        odds = np.log(assumed.missing_post / (1 - assumed.missing_post))
        odds += assumed.missing_severity * float(person.severity.trait[0]) - assumed.missing_activity * (self._done - 8)
        if person.chance.random() < 1 / (1 + np.exp(-odds)):
            return
        await self.fill_in(person.severity.raw_scores(day, person.chance, person.figures).tolist())

    async def _event(self, day: int, category: EventCategory, relatedness: Relatedness) -> None:
        rng = self._person.chance
        serious = category is EventCategory.OTHER and rng.random() < 0.05
        event = AdverseEvent(
            event_id=0,
            participant_id=self._participant,
            profile_id=0,
            onset_wall_time_ns=min(self._device.clock.wall_ns(), self.start_ns + day * DAY_NS + DAY_NS // 2),
            category=category,
            seriousness=Seriousness.HOSPITALISATION if serious else Seriousness.NOT_SERIOUS,
            severity=EventSeverity.SEVERE if serious else EventSeverity.MILD,
            relatedness=relatedness,
            outcome=EventOutcome.RECOVERED,
            description="",
            record_wall_time_ns=0,
            update_wall_time_ns=0,
        )
        await self._device.followup.record_event(self._place.protocol.study_id, event)

    def _state(self, affect: AffectSummary, number: int) -> EmotionState:
        """The next state of a session in which the person feels ``affect``: as sure as the device was of it on average."""
        rng = self._person.chance
        self._sequence += 1
        known = affect.emotion is not Emotion.UNKNOWN and rng.random() < affect.known_share
        blurred = np.maximum(
            affect.probabilities + 0.3 * affect.probability_sd * rng.standard_normal(len(EMOTIONS)), 1e-3
        )
        now_ns = self._device.clock.monotonic_ns()
        return EmotionState(
            sequence=self._sequence,
            timestamp_ns=now_ns,
            wall_time_ns=self._device.clock.wall_ns(),
            emotion=affect.emotion if known else Emotion.UNKNOWN,
            probabilities=(blurred / blurred.sum()).astype(np.float32),
            valence=affect.valence if known else 0.0,
            arousal=affect.arousal if known else 0.0,
            confidence=affect.confidence if known else 0.0,
            since_ns=now_ns - number * STATE_NS,
            shares=(),
            synthetic=True,
            profile_id=self._device.profile_id,
        )
