"""What is stored of a person as HL7 FHIR R4 resources, for a clinic's system to read. Floor 2; pure.

Only what FHIR has a place for: the person, what they agreed to, their answers to questionnaires, and a day's mean of what
the device took them to feel as an observation (hl7.org/fhir/R4: patient, consent, questionnaireresponse, observation).
Single states stay out, since no clinic wants half a million observations of a year; they are in the other files.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ertedge.store.export import time_text
from ertedge.types import EMOTIONS, Emotion, EmotionState

Resource = dict[str, Any]

DAY_NS = 86_400 * 1_000_000_000
_STATUS = {"completed": "completed", "amended": "amended", "stopped": "stopped"}
_RATIO = {"unit": "1", "system": "http://unitsofmeasure.org", "code": "1"}
_SCOPE = {
    "coding": [{"system": "http://terminology.hl7.org/CodeSystem/consentscope", "code": "patient-privacy"}],
    "text": "Privacy Consent",
}
_CATEGORY = {"coding": [{"system": "http://loinc.org", "code": "59284-0", "display": "Consent Document"}]}


def patient(profile: Mapping[str, Any]) -> Resource:
    """The person of a row of ``profiles``."""
    resource: Resource = {
        "resourceType": "Patient",
        "id": _id(profile["profile_id"]),
        "name": [{"text": profile["display_name"]}],
    }
    if profile["language"]:
        resource["communication"] = [
            {"language": {"coding": [{"system": "urn:ietf:bcp:47", "code": profile["language"]}]}, "preferred": True}
        ]
    return resource


def consent(receipt: Mapping[str, Any], *, is_newest: bool) -> Resource:
    """A row of ``consent_receipts``. Only the newest about its purpose is in force, and only where it agrees."""
    text = f"{receipt['purpose']}, version {receipt['text_version']} ({receipt['text_language']})"
    return {
        "resourceType": "Consent",
        "id": f"consent-{receipt['receipt_id']}",
        "status": "active" if is_newest and receipt["given"] else "inactive",
        "scope": _SCOPE,
        "category": [_CATEGORY],
        "patient": _reference(receipt["profile_id"]),
        "dateTime": receipt["time"],
        "policyRule": {"text": f"{text}, SHA-256 {receipt['text_digest']}"},
        "provision": {
            "type": "permit" if receipt["given"] else "deny",
            "code": [{"text": receipt["purpose"]}],
        },
    }


def questionnaire_response(assessment: Mapping[str, Any]) -> Resource | None:
    """A row of ``assessments``, which holds the resource; None where it is damaged."""
    kept = assessment["response"]
    if not isinstance(kept, dict):
        return None
    return kept | {
        "resourceType": "QuestionnaireResponse",
        "id": f"assessment-{assessment['assessment_id']}",
        "status": kept.get("status") or _STATUS.get(assessment["status"], "in-progress"),
        "subject": _reference(assessment["profile_id"]),
        "authored": assessment["complete_time"] or assessment["update_time"],
    }


def observation(day: EmotionState) -> Resource:
    """A day's states, merged into one: how pleasant and how excited, and the share of each emotion."""
    begin_ns = day.wall_time_ns // DAY_NS * DAY_NS
    resource: Resource = {
        "resourceType": "Observation",
        "id": f"feeling-{day.profile_id}-{begin_ns // DAY_NS}",
        "status": "final",
        "code": {"text": "Mean of what was taken to be felt in a day"},
        "subject": _reference(day.profile_id),
        "effectivePeriod": {"start": time_text(begin_ns), "end": time_text(begin_ns + DAY_NS - 1)},
        "method": {"text": "Estimated by a device from face and voice; not a diagnosis"},
    }
    if day.emotion is Emotion.UNKNOWN and not float(day.probabilities.sum()):
        reason = {"system": "http://terminology.hl7.org/CodeSystem/data-absent-reason", "code": "unknown"}
        return resource | {"dataAbsentReason": {"coding": [reason]}}
    resource["component"] = [
        _component("valence, from -1 (unpleasant) to 1 (pleasant)", day.valence),
        _component("arousal, from -1 (calm) to 1 (excited)", day.arousal),
        *(
            _component(f"mean probability of {emotion.value}", float(probability))
            for emotion, probability in zip(EMOTIONS, day.probabilities, strict=True)
        ),
        {"code": {"text": "number of states"}, "valueInteger": day.state_count},
    ]
    return resource


def _component(what: str, value: float) -> Resource:
    return {"code": {"text": what}, "valueQuantity": {"value": round(value, 4), **_RATIO}}


def _id(profile_id: int) -> str:
    return f"profile-{profile_id}"


def _reference(profile_id: int) -> Resource:
    return {"reference": f"Patient/{_id(profile_id)}"}
