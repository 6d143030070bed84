"""What the core tells of suggestions beside the suggestions themselves: events, pages, guidance, estimates.

Floor 2; imports only types, so that a client which wants these records loads neither the store nor the recommender.
"""

from __future__ import annotations

from dataclasses import dataclass

from ertedge.types import ActivityStep, Suggestion


@dataclass(frozen=True, slots=True)
class SuggestionEvent:
    """An event of a watch stream: a suggestion that is new or has changed, or a heartbeat, in which it is None.

    ``sequence`` is what to resume with; ``dropped_count`` how many events the stream has lost so far; ``profile_id`` whose
    suggestions the stream tells of now, 0: nobody's.
    """

    suggestion: Suggestion | None
    sequence: int
    dropped_count: int
    send_wall_time_ns: int
    profile_id: int = 0


@dataclass(frozen=True, slots=True)
class SuggestionsPage:
    """Suggestions, newest first. ``next_page_token`` asks for the next page; empty on the last."""

    suggestions: tuple[Suggestion, ...]
    next_page_token: str


@dataclass(frozen=True, slots=True)
class GuideEvent:
    """A step of an activity is due; in the last event ``step`` is None and the activity is over.

    ``position_seconds`` is where in the activity this is, to go on from after a pause; ``remaining_seconds`` how much of the
    step is left from there, of ``total_seconds`` that the whole activity lasts.
    """

    step: ActivityStep | None
    step_index: int
    step_count: int
    position_seconds: float
    remaining_seconds: float
    total_seconds: float


@dataclass(frozen=True, slots=True)
class PolicyEstimate:
    """What a policy gains a decision, as estimated by ``method`` from the log: mean helpfulness in [-1, 1] with its 95%
    interval; ``effective_count`` is Kish's."""

    policy: str
    method: str
    value: float
    low: float
    high: float
    decision_count: int
    effective_count: float


@dataclass(frozen=True, slots=True)
class SuggestionsEvaluation:
    """How well the suggestions of this device do. ``estimates`` is empty where the log is too short for any; ``note`` says
    in plain words what they can and cannot say."""

    estimates: tuple[PolicyEstimate, ...]
    decision_count: int
    offer_count: int
    completed_count: int
    note: str
