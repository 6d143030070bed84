"""Assessments to test with: the shipped questionnaires, filled in."""

from __future__ import annotations

from collections.abc import Mapping

from ertedge.types.assessments import Assessment
from ertedge.wellbeing.filling import answered, begun, completed
from ertedge.wellbeing.library import Instrument, load_library
from ertedge.wellbeing.scoring import scores_of

LIBRARY = load_library()
DASS = LIBRARY.get("dass21")
PHQ = LIBRARY.get("phq9")
GAD = LIBRARY.get("gad7")
CHECK_IN = LIBRARY.get("check-in")


def all_at(instrument: Instrument, value: int) -> dict[str, int]:
    """Every item answered with the same value."""
    return {item.link_id: value for item in instrument.questionnaire.items}


def filled(instrument: Instrument, values: Mapping[str, int], assessment_id: int = 1, now_ns: int = 1000) -> Assessment:
    """Answered as far as ``values`` go, and not completed."""
    assessment = begun(assessment_id, 1, instrument.questionnaire, now_ns)
    for link_id, value in values.items():
        item = instrument.questionnaire.item(link_id)
        assert item is not None
        code = next(choice.code for choice in item.choices if choice.value == value)
        assessment = answered(assessment, instrument.questionnaire, link_id, code, now_ns)
    return assessment


def done(instrument: Instrument, values: Mapping[str, int], assessment_id: int = 1, now_ns: int = 1000) -> Assessment:
    """The same, completed."""
    return completed(filled(instrument, values, assessment_id, now_ns), instrument.questionnaire, now_ns)


def scores(instrument: Instrument, values: Mapping[str, int]) -> dict[str, int | None]:
    """The scores by scale."""
    return {each.scale_id: each.score for each in scores_of(instrument.scoring, values)}
