"""An assessment as a FHIR R4 ``QuestionnaireResponse``, both ways. Floor 1; imports only words.

The resource stands by itself: it names its questionnaire with its version and holds the text of every question and answer
with what it counts, so that it can be read where the questionnaire is not. An item that was left open is there without an
answer, one that was not shown yet is not there. Of a resource from elsewhere, every fault is reported.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from ertedge.types.assessments import (
    AnswerChoice,
    Assessment,
    AssessmentStatus,
    ItemAnswer,
    Questionnaire,
    QuestionnaireItem,
)
from ertedge.wellbeing.fhir import ORDINAL_VALUE

STATUS: dict[AssessmentStatus, str] = {
    AssessmentStatus.IN_PROGRESS: "in-progress",
    AssessmentStatus.COMPLETED: "completed",
    AssessmentStatus.AMENDED: "amended",
}
PROFILES = "urn:ertedge:profiles"
AMENDMENT = "urn:ertedge:amendment"
DEPTH_MOST = 32
"""Groups within groups; no questionnaire needs more, and Python's own recursion ends."""

Document = dict[str, Any]


def response_of(assessment: Assessment, questionnaire: Questionnaire, moment: Callable[[int], str]) -> Document:
    """The resource. ``moment`` writes UTC nanoseconds as FHIR's ``dateTime``."""
    document: Document = {
        "resourceType": "QuestionnaireResponse",
        "id": str(assessment.assessment_id),
        "language": assessment.language,
        "questionnaire": f"{questionnaire.url}|{assessment.questionnaire_version}",
        "status": STATUS[assessment.status],
    }
    if assessment.amendments:
        document["extension"] = [
            {
                "url": AMENDMENT,
                "extension": [
                    {"url": "time", "valueDateTime": moment(each.wall_time_ns)},
                    {"url": "linkId", "valueString": each.link_id},
                    {"url": "before", "valueString": each.code_before or "left open"},
                    {"url": "after", "valueString": each.code_after or "left open"},
                    {"url": "reason", "valueString": each.reason},
                ],
            }
            for each in assessment.amendments
        ]
    if assessment.profile_id:
        identifier = {"system": PROFILES, "value": str(assessment.profile_id)}
        document["subject"] = {"type": "Patient", "identifier": identifier}
    document["authored"] = moment(assessment.complete_wall_time_ns or assessment.update_wall_time_ns)
    if items := _items(assessment, questionnaire):
        document["item"] = items
    return document


def stored_answers(document: Mapping[str, Any]) -> tuple[ItemAnswer, ...]:
    """The answers in a resource that ``response_of`` has made; its questionnaire need not be there any more."""
    return tuple(
        ItemAnswer(item["linkId"], item["answer"][0]["valueCoding"]["code"] if "answer" in item else "")
        for item in _flat(document.get("item", []))
        if "item" not in item
    )


def read_response(
    document: Mapping[str, Any], questionnaire: Questionnaire
) -> tuple[tuple[ItemAnswer, ...], list[str]]:
    """The answers in a resource from elsewhere, in the questionnaire's order, and every fault. An answer is known by its
    code, or by the number that it counts."""
    faults: list[str] = []
    answers: dict[str, ItemAnswer] = {}
    if document.get("status") not in ("completed", "amended"):
        faults.append(f"status: is {_short(document.get('status'))}; only what is completed can be taken over")
    items = document.get("item", [])
    if not _is_items(items):
        said = f"item: must be a list of objects, each with a linkId, at most {DEPTH_MOST} within each other"
        return (), [*faults, said]
    groups = {group for item in questionnaire.items for group in item.groups}
    for entry in _flat(items):
        link_id = str(entry["linkId"])
        item = questionnaire.item(link_id)
        if item is None:
            if link_id not in groups or "answer" in entry:
                faults.append(f"item {_short(link_id)}: {_no_item(link_id, questionnaire)}")
            continue
        if link_id in answers:
            faults.append(f"item {link_id!r}: stands twice")
        code, fault = _answer(entry.get("answer", []), item)
        if fault:
            faults.append(f"item {link_id!r}: {fault}")
        answers[link_id] = ItemAnswer(link_id, code)
    if not any(answer.code for answer in answers.values()) and not faults:
        faults.append("item: there is no answer in it")
    return tuple(answers[item.link_id] for item in questionnaire.items if item.link_id in answers), faults


def canonical_of(document: Mapping[str, Any]) -> tuple[str, str]:
    """The URL of the questionnaire that a resource answers, and its version; each empty where it is not said."""
    url, _, version = str(document.get("questionnaire") or "").partition("|")
    return url, version


def _items(assessment: Assessment, questionnaire: Questionnaire) -> list[Document]:
    """Items within their groups, in the questionnaire's order."""
    top: list[Document] = []
    places: dict[tuple[str, ...], list[Document]] = {(): top}
    shown = {answer.link_id: answer.code for answer in assessment.answers}
    for item in questionnaire.items:
        if item.link_id not in shown:
            continue
        for depth in range(len(item.groups)):
            path = item.groups[: depth + 1]
            if path not in places:
                places[path] = []
                places[path[:-1]].append({"linkId": path[-1], "item": places[path]})
        entry: Document = {"linkId": item.link_id, "text": item.text}
        if (choice := item.choice(shown[item.link_id])) is not None:
            entry["answer"] = [{"valueCoding": _coding(choice)}]
        places[item.groups].append(entry)
    return top


def _coding(choice: AnswerChoice) -> Document:
    coding: Document = {}
    if choice.value is not None:
        coding["extension"] = [{"url": ORDINAL_VALUE, "valueDecimal": choice.value}]
    if choice.system:
        coding["system"] = choice.system
    return coding | {"code": choice.code, "display": choice.text}


def _flat(items: list[Any]) -> Iterator[Document]:
    for item in items:
        yield item
        yield from _flat(item.get("item", []))


def _is_items(items: object, depth: int = 0) -> bool:
    return (
        depth <= DEPTH_MOST
        and isinstance(items, list)
        and all(
            isinstance(item, dict) and item.get("linkId") and _is_items(item.get("item", []), depth + 1)
            for item in items
        )
    )


def _answer(given: object, item: QuestionnaireItem) -> tuple[str, str]:
    """The code of the answer that is given, and what is wrong with it; both are empty where the item was left open."""
    if given == []:
        return "", ""
    if not isinstance(given, list) or len(given) != 1 or not isinstance(given[0], dict):
        return "", "has more than one answer, or none that can be read; it takes one"
    answer = given[0]
    coding = answer.get("valueCoding")
    value = answer.get("valueInteger", answer.get("valueDecimal"))
    if isinstance(coding, dict):
        choice = item.choice(str(coding.get("code")))
        said = _short(coding.get("code"))
    else:
        counted = isinstance(value, int | float) and not isinstance(value, bool)
        choice = next((each for each in item.choices if counted and each.value == value), None)
        said = _short(value)
    if choice is None:
        return "", f"{said} is none of its answers; they are {', '.join(each.code for each in item.choices)}"
    return choice.code, ""


def _no_item(link_id: str, questionnaire: Questionnaire) -> str:
    known = [item.link_id for item in questionnaire.items]
    close = difflib.get_close_matches(link_id, known, n=1, cutoff=0.5)
    return f"{questionnaire.title} has no such item{f'; did you mean {close[0]}?' if close else ''}"


def _short(value: object) -> str:
    return repr(value)[:80]
