"""The questionnaires of the device as a study sees them: completed ones with their scores. Floor 2."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from ertedge.errors import NotFoundError
from ertedge.types.assessments import Assessment, Scale
from ertedge.types.study import OutcomeScale, OutcomeScore
from ertedge.wellbeing.library import Library
from ertedge.wellbeing.scoring import scores_of, values_of

COMPLETED_MOST = 1000
"""Of one questionnaire: more than anybody fills in during a study."""


class CompletedAssessments(Protocol):
    """``core.assessments.log.AssessmentLog``."""

    async def completed(
        self, profile_id: int, questionnaire_id: str, *, start_ns: int = 0, limit: int
    ) -> tuple[Assessment, ...]: ...


class StudyOutcomes:
    """Scores of ``assessments`` by the scorings of ``library``. See ``study_port.OutcomePort``."""

    def __init__(self, library: Library, assessments: CompletedAssessments) -> None:
        self._library = library
        self._assessments = assessments

    def scale(self, outcome: OutcomeScale) -> Scale:
        """A scale's scoring. Raises NotFoundError with what there is."""
        scoring = self._library.get(outcome.questionnaire_id).scoring
        found = next((each for each in scoring.scales if each.scale_id == outcome.scale_id), None)
        if found is None:
            known = ", ".join(each.scale_id for each in scoring.scales)
            raise NotFoundError(f"{outcome.questionnaire_id} has no scale {outcome.scale_id!r}; it has {known}")
        return found

    async def completed(self, profile_id: int, questionnaire_ids: Sequence[str]) -> tuple[OutcomeScore, ...]:
        """All that a person has completed of some questionnaires, oldest first. Raises StoreError."""
        found = [
            self._score(each)
            for questionnaire_id in questionnaire_ids
            for each in await self._assessments.completed(profile_id, questionnaire_id, limit=COMPLETED_MOST)
        ]
        return tuple(sorted(found, key=lambda each: each.wall_time_ns))

    def _score(self, assessment: Assessment) -> OutcomeScore:
        instrument = self._library.get(assessment.questionnaire_id, assessment.language)
        scores = scores_of(instrument.scoring, values_of(assessment, instrument.questionnaire))
        return OutcomeScore(
            assessment.questionnaire_id,
            assessment.complete_wall_time_ns,
            tuple((each.scale_id, each.score) for each in scores),
        )
