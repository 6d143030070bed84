"""Assessments as FHIR ``QuestionnaireResponse`` resources and back; resources from elsewhere with all their faults."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

from ertedge.types.assessments import Questionnaire
from ertedge.wellbeing.filling import amended, answered, completed
from ertedge.wellbeing.response import canonical_of, read_response, response_of, stored_answers
from tests.wellbeing.samples import DASS, GAD, all_at, done, filled


def moment(wall_time_ns: int) -> str:
    return f"t{wall_time_ns}"


def test_what_is_written_is_a_whole_questionnaire_response() -> None:
    assessment = answered(filled(GAD, {"1": 2}, 7), GAD.questionnaire, "2", "", 2000)
    document = response_of(assessment, GAD.questionnaire, moment)
    assert json.loads(json.dumps(document)) == document
    assert document == {
        "resourceType": "QuestionnaireResponse",
        "id": "7",
        "language": "en",
        "questionnaire": "urn:ertedge:questionnaire:gad7|2006",
        "status": "in-progress",
        "subject": {"type": "Patient", "identifier": {"system": "urn:ertedge:profiles", "value": "1"}},
        "authored": "t2000",
        "item": [
            {
                "linkId": "1",
                "text": "Feeling nervous, anxious or on edge",
                "answer": [
                    {
                        "valueCoding": {
                            "extension": [
                                {
                                    "url": "http://hl7.org/fhir/StructureDefinition/ordinalValue",
                                    "valueDecimal": 2,
                                }
                            ],
                            "system": "urn:ertedge:answers:phq",
                            "code": "2",
                            "display": "More than half the days",
                        }
                    }
                ],
            },
            {"linkId": "2", "text": "Not being able to stop or control worrying"},
        ],
    }
    assert stored_answers(document) == assessment.answers
    assert canonical_of(document) == ("urn:ertedge:questionnaire:gad7", "2006")


def test_nobodys_answers_have_no_subject_and_amendments_are_told() -> None:
    assessment = amended(done(GAD, all_at(GAD, 1)), GAD.questionnaire, "1", "", reason="a slip", now_ns=3000)
    document = response_of(replace(assessment, profile_id=0), GAD.questionnaire, moment)
    assert "subject" not in document
    assert document["status"] == "amended"
    assert document["authored"] == "t1000"
    (told,) = document["extension"]
    assert {each["url"]: next(v for k, v in each.items() if k != "url") for each in told["extension"]} == {
        "time": "t3000", "linkId": "1", "before": "1", "after": "left open", "reason": "a slip",
    }  # fmt: skip


def grouped() -> Questionnaire:
    items = GAD.questionnaire.items
    inner = [replace(items[0], groups=("a",)), replace(items[1], groups=("a", "b")), replace(items[2], groups=("a",))]
    return replace(GAD.questionnaire, items=(*inner, items[3]))


def test_items_stand_in_their_groups() -> None:
    assessment = completed(filled(GAD, {"1": 0, "2": 1, "3": 2, "4": 3}), grouped(), 5)
    document = response_of(assessment, grouped(), moment)
    assert [item["linkId"] for item in document["item"]] == ["a", "4"]
    assert [item["linkId"] for item in document["item"][0]["item"]] == ["1", "b", "3"]
    assert stored_answers(document) == assessment.answers
    assert read_response(document, grouped()) == (assessment.answers, [])


def test_a_completed_response_is_read_back_as_it_was() -> None:
    assessment = done(DASS, {str(n): n % 4 for n in range(1, 20)})
    answers, faults = read_response(response_of(assessment, DASS.questionnaire, moment), DASS.questionnaire)
    assert faults == []
    assert answers == assessment.answers


def test_answers_are_known_by_what_they_count_too() -> None:
    items: list[dict[str, Any]] = [
        {"linkId": "2", "answer": [{"valueDecimal": 3.0}]},
        {"linkId": "1", "answer": [{"valueInteger": 0}]},
    ]
    answers, faults = read_response({"status": "completed", "item": items}, GAD.questionnaire)
    assert faults == []
    assert [(each.link_id, each.code) for each in answers] == [("1", "0"), ("2", "3")]


def test_every_fault_of_a_response_is_said() -> None:
    items: list[dict[str, Any]] = [
        {"linkId": "1", "answer": [{"valueCoding": {"code": "7"}}]},
        {"linkId": "2", "answer": [{"valueInteger": 1}, {"valueInteger": 2}]},
        {"linkId": "3", "answer": [{"valueBoolean": True}]},
        {"linkId": "4", "answer": [{"valueInteger": True}]},
        {"linkId": "5"},
        {"linkId": "5"},
        {"linkId": "77"},
    ]
    _, faults = read_response({"status": "in-progress", "item": items}, GAD.questionnaire)
    said = "\n".join(faults)
    for part in (
        "status: is 'in-progress'; only what is completed can be taken over",
        "item '1': '7' is none of its answers; they are 0, 1, 2, 3",
        "item '2': has more than one answer",
        "item '3': None is none of its answers",
        "item '4': True is none of its answers",
        "item '5': stands twice",
        "item '77': GAD-7: Generalised Anxiety Disorder scale has no such item; did you mean 7?",
    ):
        assert part in said, part
    assert read_response({"status": "completed"}, GAD.questionnaire)[1] == ["item: there is no answer in it"]
    for wrong in ("x", [1], [{"text": "no linkId"}], [{"linkId": "1", "item": 3}]):
        _, faults = read_response({"status": "completed", "item": wrong}, GAD.questionnaire)
        assert [fault[:50] for fault in faults] == ["item: must be a list of objects, each with a linkI"]


def test_groups_without_end_are_a_fault() -> None:
    items: list[Any] = []
    for _ in range(400):
        items = [{"linkId": "g", "item": items}]
    _, faults = read_response({"status": "completed", "item": items}, GAD.questionnaire)
    assert "at most 32 within each other" in faults[0]
