"""What the core tells of assessments beside the assessments themselves: scores, changes, what to ask, help. Floor 2.

Imports only types, so that a client which wants these records loads neither the store nor the questionnaires.
"""

from __future__ import annotations

from dataclasses import dataclass

from ertedge.types import Helpline, SafetyNotice
from ertedge.types.assessments import Assessment, Questionnaire, Scale, ScaleChange, ScaleScore, Scoring


@dataclass(frozen=True, slots=True)
class AssessmentView:
    """An assessment with what it comes to. ``scores`` are empty while it is in progress; ``next_link_id`` is the item to ask
    next, empty where all were shown; ``fhir_json`` is the whole as a FHIR resource, where that was asked for."""

    assessment: Assessment
    scores: tuple[ScaleScore, ...] = ()
    next_link_id: str = ""
    fhir_json: str = ""


@dataclass(frozen=True, slots=True)
class QuestionnaireView:
    """A questionnaire with its scoring."""

    questionnaire: Questionnaire
    scoring: Scoring


@dataclass(frozen=True, slots=True)
class AssessmentStarted:
    """What to ask. ``resumed``: it had been begun before. ``kept``: the answers are written down; without the consent to a
    history they are in memory alone, until the device stops."""

    view: AssessmentView
    asked: QuestionnaireView
    resumed: bool
    kept: bool = True


@dataclass(frozen=True, slots=True)
class AssessmentAnswered:
    """An assessment after a step, and the help that the step calls for: the notice that it raised, with who listens."""

    view: AssessmentView
    notice: SafetyNotice | None = None
    helplines: tuple[Helpline, ...] = ()


@dataclass(frozen=True, slots=True)
class AssessmentCompleted:
    """The same with what changed since the one before; only scales of which that can be said."""

    view: AssessmentView
    changes: tuple[ScaleChange, ...]
    notice: SafetyNotice | None = None
    helplines: tuple[Helpline, ...] = ()


@dataclass(frozen=True, slots=True)
class AssessmentsPage:
    """Assessments, newest first. ``next_page_token`` asks for the next page; empty on the last."""

    assessments: tuple[AssessmentView, ...]
    next_page_token: str


@dataclass(frozen=True, slots=True)
class ScorePoint:
    """The scores of one assessment, when it was completed, and what changed since the one before."""

    assessment_id: int
    wall_time_ns: int
    scores: tuple[ScaleScore, ...]
    changes: tuple[ScaleChange, ...]


@dataclass(frozen=True, slots=True)
class ScoresOverTime:
    """How a person's scores went: ``points`` oldest first, ``changes`` from the first to the last."""

    scales: tuple[Scale, ...]
    points: tuple[ScorePoint, ...]
    changes: tuple[ScaleChange, ...]
