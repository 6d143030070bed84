"""What completed assessments come to: scores, how they went over time, and everybody's newest DASS-21. Floor 2.

Scores are worked out from the answers whenever they are asked for and stored nowhere, so that they are always those of the
answers as they are now, amendments included.
"""

from __future__ import annotations

import logging

from ertedge.core.assessments.log import AssessmentLog
from ertedge.core.assessments.records import ScorePoint, ScoresOverTime
from ertedge.errors import StoreError
from ertedge.types import QuestionnaireScores
from ertedge.types.assessments import DASS21, Assessment, ScaleChange, ScaleScore
from ertedge.wellbeing.change import changes
from ertedge.wellbeing.library import Instrument, Library
from ertedge.wellbeing.scoring import dass21_scores, scores_of, values_of

logger = logging.getLogger(__name__)

POINTS_MOST = 1_000
BEFORE_MOST = 16
"""How many of the newest are looked through for one that has scores, or is the one before."""


class AssessmentScores:
    """Belongs to one event loop. ``start`` before anything else."""

    def __init__(self, library: Library, log: AssessmentLog) -> None:
        self._library = library
        self._log = log
        self._newest: dict[int, QuestionnaireScores] = {}

    async def start(self) -> None:
        """Learn everybody's newest DASS-21. Without the store the recommender goes without, until one is filled in."""
        try:
            newest = await self._log.newest_completed(DASS21)
        except StoreError as error:
            logger.error("the recommender goes without earlier questionnaires, which cannot be read: %s", error)
            return
        for assessment in newest:
            await self.learn(assessment)

    def newest(self, profile_id: int) -> QuestionnaireScores | None:
        """A person's newest DASS-21 that has all of its scores. Never waits."""
        return self._newest.get(profile_id)

    def of(self, assessment: Assessment) -> tuple[ScaleScore, ...]:
        """Its scores; none while it is in progress, and none where its questionnaire is no longer there in its version."""
        if assessment.is_open or assessment.questionnaire_id not in self._library.ids:
            return ()
        instrument = self._library.get(assessment.questionnaire_id, assessment.language)
        if instrument.questionnaire.version != assessment.questionnaire_version:
            return ()
        return scores_of(instrument.scoring, values_of(assessment, instrument.questionnaire))

    async def learn(self, assessment: Assessment) -> None:
        """Hold the person's newest DASS-21, after one was completed or amended, which may have taken a score from it."""
        if assessment.questionnaire_id != DASS21:
            return
        profile_id = assessment.profile_id
        found: tuple[Assessment, ...] = (assessment,)
        try:
            found = await self._log.completed(profile_id, DASS21, limit=BEFORE_MOST)
        except StoreError:
            logger.warning("assessment %d may not be the newest, since others cannot be read", assessment.assessment_id)
        told = (dass21_scores(each, self.of(each)) for each in reversed(found))
        newest = next((scores for scores in told if scores is not None), None)
        if newest is not None:
            self._newest[profile_id] = newest
        else:
            self._newest.pop(profile_id, None)

    async def changes_before(self, assessment: Assessment, instrument: Instrument) -> tuple[ScaleChange, ...]:
        """What changed since the one completed before; nothing where the store cannot say."""
        end_ns = assessment.complete_wall_time_ns
        try:
            found = await self._log.completed(
                assessment.profile_id, assessment.questionnaire_id, end_ns=end_ns, limit=BEFORE_MOST
            )
        except StoreError:
            return ()
        key = (end_ns, assessment.assessment_id)
        before = [each for each in found if (each.complete_wall_time_ns, each.assessment_id) < key]
        if not before:
            return ()
        earlier = before[-1]
        return changes(instrument.scoring, self.of(earlier), self.of(assessment), earlier.complete_wall_time_ns)

    async def over_time(self, profile_id: int, instrument: Instrument, start_ns: int = 0) -> ScoresOverTime:
        """How a person's scores went since a moment. Raises StoreError."""
        number = instrument.questionnaire.questionnaire_id
        found = await self._log.completed(profile_id, number, start_ns=start_ns, limit=POINTS_MOST)
        points: list[ScorePoint] = []
        for assessment in found:
            scores = self.of(assessment)
            changed = _changes(instrument, points[-1], scores) if points else ()
            points.append(ScorePoint(assessment.assessment_id, assessment.complete_wall_time_ns, scores, changed))
        whole = _changes(instrument, points[0], points[-1].scores) if len(points) > 1 else ()
        return ScoresOverTime(instrument.scoring.scales, tuple(points), whole)

    def forget(self, profile_id: int) -> None:
        """Drop what is in memory of a person."""
        self._newest.pop(profile_id, None)


def _changes(instrument: Instrument, before: ScorePoint, scores: tuple[ScaleScore, ...]) -> tuple[ScaleChange, ...]:
    return changes(instrument.scoring, before.scores, scores, before.wall_time_ns)
