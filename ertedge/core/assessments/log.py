"""Assessments in memory and in the store, as one. Floor 2.

What is being filled in lives in memory and is written beside, so that a disk that is full or gone interrupts nobody. Of a
person who has not agreed to a history nothing is written: their assessments are here until the daemon stops, and scored like
any other.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Callable
from datetime import UTC, datetime

from ertedge.core.assessments.port import Answer, AssessmentRecorder, AssessmentStore
from ertedge.core.clock import Clock
from ertedge.errors import NotFoundError, StoreError
from ertedge.store.assessment_records import AssessmentRequest, StoredAssessment
from ertedge.types.assessments import Assessment, Questionnaire
from ertedge.wellbeing.response import response_of, stored_answers

logger = logging.getLogger(__name__)

SAVE_SECONDS = 0.5
"""How long an answer waits for the disk before it is given anyway."""
READ_SECONDS = 2.0
REMEMBERED = 256
REQUESTS_REMEMBERED = 2_000
LATEST_NS = 2**63 - 1


class AssessmentLog:
    """Belongs to one event loop. ``may_keep`` says whether anything of a profile may be written."""

    def __init__(self, recorder: AssessmentRecorder, clock: Clock, may_keep: Callable[[int], bool]) -> None:
        self._recorder = recorder
        self._clock = clock
        self._may_keep = may_keep
        self._known: dict[int, Assessment] = {}
        self._requests: dict[tuple[int, str], AssessmentRequest] = {}
        self._last_id: int | None = None
        self._erased: set[int] = set()
        self._saves: set[asyncio.Task[None]] = set()

    def keeps(self, profile_id: int) -> bool:
        """Whether what a person answers is written down."""
        return self._may_keep(profile_id)

    async def new_id(self) -> int:
        """A number that was never given. Without the store they count milliseconds, so as not to be those of stored ones."""
        if self._last_id is None:
            try:
                self._last_id = await self._read(lambda store: store.assessments.last_id())
            except StoreError:
                return max(self._clock.wall_ns() // 1_000_000, *self._known, 0) + 1
        self._last_id = max(self._last_id, *self._known, 0) + 1
        return self._last_id

    async def get(self, assessment_id: int) -> Assessment:
        """One assessment. Raises NotFoundError, and StoreError where it could only be in a store that is broken."""
        if assessment_id in self._known:
            return self._known[assessment_id]
        try:
            stored = await self._read(lambda store: store.assessments.get(assessment_id))
        except NotFoundError:
            raise NotFoundError(f"there is no assessment {assessment_id}; list them to see which there are") from None
        return self._record(stored)

    async def open_one(self, profile_id: int, questionnaire_id: str) -> Assessment | None:
        """The newest that a person has begun and not completed."""
        here = [
            each
            for each in self._known.values()
            if each.is_open and (each.profile_id, each.questionnaire_id) == (profile_id, questionnaire_id)
        ]
        if here or not self._may_keep(profile_id):
            return max(here, key=lambda each: each.assessment_id, default=None)
        try:
            stored = await self._read(lambda store: store.assessments.open_one(profile_id, questionnaire_id))
        except StoreError:
            return None
        return None if stored is None else self._record(stored)

    def put(self, assessment: Assessment, questionnaire: Questionnaire, request_id: str = "", what: str = "") -> None:
        """Remember an assessment as it is now, and have it written. ``request_id`` made the change, which ``what`` tells."""
        profile_id, now_ns = assessment.profile_id, self._clock.wall_ns()
        if profile_id in self._erased:
            raise NotFoundError(f"profile {profile_id} was erased in the meantime")
        self._remember(assessment)
        request = None
        if request_id:
            request = AssessmentRequest(request_id, profile_id, assessment.assessment_id, what, now_ns)
            self._requests[profile_id, request_id] = request
            while len(self._requests) > REQUESTS_REMEMBERED:
                del self._requests[next(iter(self._requests))]
        stored = _stored(assessment, questionnaire)

        def save(store: AssessmentStore) -> None:
            # Asked when it is written: what waited for a disk must not come after a withdrawal or an erasure.
            if self._may_keep(profile_id) and profile_id not in self._erased:
                store.assessments.save(stored, request)

        self._recorder.keep(save)

    async def saved(self) -> None:
        """Wait until what was put is on the disk, but not long, and not at all where it fails."""
        task = asyncio.create_task(self._recorder.flush())
        self._saves.add(task)
        task.add_done_callback(self._saves.discard)
        await asyncio.wait({task}, timeout=SAVE_SECONDS)

    async def request(self, profile_id: int, request_id: str) -> AssessmentRequest | None:
        """What a request of that id did for a person, if there was one."""
        if not request_id or (known := self._requests.get((profile_id, request_id))) is not None:
            return known if request_id else None
        try:
            return await self._read(lambda store: store.assessments.request(profile_id, request_id))
        except StoreError:
            return None

    async def page(
        self, profile_id: int, questionnaire_id: str, *, limit: int, before: int | None
    ) -> tuple[tuple[Assessment, ...], int | None]:
        """A page of a person's assessments, newest first, and where the next begins; of those in memory where nothing of
        the person is written. Raises StoreError."""
        if self._may_keep(profile_id):
            page = await self._read(
                lambda store: store.assessments.page(profile_id, questionnaire_id, limit=limit, before=before)
            )
            return tuple(self._as_now(each) for each in page.assessments), page.next_cursor
        found = [
            each
            for number, each in sorted(self._known.items(), reverse=True)
            if each.profile_id == profile_id
            and (before is None or number < before)
            and questionnaire_id in ("", each.questionnaire_id)
        ]
        return tuple(found[:limit]), found[limit - 1].assessment_id if len(found) > limit else None

    async def completed(
        self, profile_id: int, questionnaire_id: str, *, start_ns: int = 0, end_ns: int = LATEST_NS, limit: int
    ) -> tuple[Assessment, ...]:
        """The newest ``limit`` that a person completed from a moment up to and with another, oldest first. Raises
        StoreError."""
        if self._may_keep(profile_id):
            stored = await self._read(
                lambda store: store.assessments.completed(
                    profile_id, questionnaire_id, start_ns=start_ns, end_ns=end_ns, limit=limit
                )
            )
            return tuple(self._as_now(each) for each in stored)
        found = sorted(
            (
                each
                for each in self._known.values()
                if (each.profile_id, each.questionnaire_id) == (profile_id, questionnaire_id)
                and not each.is_open
                and start_ns <= each.complete_wall_time_ns <= end_ns
            ),
            key=lambda each: (each.complete_wall_time_ns, each.assessment_id),
        )
        return tuple(found[-limit:])

    async def newest_completed(self, questionnaire_id: str) -> tuple[Assessment, ...]:
        """Of each person the one that they completed last. Raises StoreError."""
        stored = await self._read(lambda store: store.assessments.newest_completed(questionnaire_id))
        return tuple(self._as_now(each) for each in stored)

    def forget(self, profile_id: int, *, erased: bool) -> None:
        """Drop what is in memory of a person; ``erased``: write nothing of them any more either, for numbers of profiles are
        never given twice."""
        self._known = {number: each for number, each in self._known.items() if each.profile_id != profile_id}
        self._requests = {key: each for key, each in self._requests.items() if each.profile_id != profile_id}
        if erased and profile_id:
            self._erased.add(profile_id)

    async def _read(self, question: Callable[[AssessmentStore], Answer]) -> Answer:
        """What the store answers. Raises StoreError, also where the disk does not answer in time: nobody's answer, and no
        red flag of anybody, waits for a disk that hangs."""
        try:
            async with asyncio.timeout(READ_SECONDS):
                return await self._recorder.read(question)
        except TimeoutError:
            raise StoreError(f"the disk has not answered for {READ_SECONDS:g} s; see whether it is failing") from None

    def _remember(self, assessment: Assessment) -> None:
        self._known.pop(assessment.assessment_id, None)
        self._known[assessment.assessment_id] = assessment
        while len(self._known) > REMEMBERED:
            del self._known[next(iter(self._known))]

    def _as_now(self, stored: StoredAssessment) -> Assessment:
        return self._known.get(stored.assessment_id) or self._record(stored)

    def _record(self, stored: StoredAssessment) -> Assessment:
        try:
            answers = stored_answers(json.loads(stored.response))
        except (ValueError, KeyError, TypeError, AttributeError):
            logger.error("the answers of assessment %d cannot be read", stored.assessment_id)
            answers = ()
        return Assessment(
            assessment_id=stored.assessment_id,
            profile_id=stored.profile_id,
            questionnaire_id=stored.questionnaire_id,
            questionnaire_version=stored.questionnaire_version,
            language=stored.language,
            status=stored.status,
            wall_time_ns=stored.wall_time_ns,
            update_wall_time_ns=stored.update_wall_time_ns,
            complete_wall_time_ns=stored.complete_wall_time_ns,
            answers=answers,
            amendments=stored.amendments,
            flags=stored.flags,
        )


def fhir_json(assessment: Assessment, questionnaire: Questionnaire) -> str:
    """The assessment as a FHIR R4 ``QuestionnaireResponse``."""
    return json.dumps(response_of(assessment, questionnaire, moment_text), ensure_ascii=False)


def moment_text(wall_time_ns: int) -> str:
    """UTC as FHIR's ``dateTime``."""
    moment = datetime.fromtimestamp(wall_time_ns / 1e9, UTC)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _stored(assessment: Assessment, questionnaire: Questionnaire) -> StoredAssessment:
    return StoredAssessment(
        assessment_id=assessment.assessment_id,
        profile_id=assessment.profile_id,
        questionnaire_id=assessment.questionnaire_id,
        questionnaire_version=assessment.questionnaire_version,
        language=assessment.language,
        status=assessment.status,
        wall_time_ns=assessment.wall_time_ns,
        update_wall_time_ns=assessment.update_wall_time_ns,
        complete_wall_time_ns=assessment.complete_wall_time_ns,
        flags=assessment.flags,
        response=fhir_json(assessment, questionnaire),
        amendments=assessment.amendments,
    )
