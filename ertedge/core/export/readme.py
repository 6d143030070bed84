"""The README of an export: what each file holds and what each field means, made from the data dictionary. Floor 2; pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ertedge.store.data_dictionary import EXPORTED
from ertedge.store.export_form import Form

FORMS: Mapping[Form, str] = {
    Form.TIME: "date and time in UTC, empty: never",
    Form.FLAG: "true or false",
    Form.FRACTION: "number",
    Form.EMOTION: "word",
    Form.REASONS: "list of words",
    Form.JSON: "object",
    Form.FLOATS: "list of numbers",
    Form.BYTES: "Base64",
}


def readme(profile_id: int, made: str, counts: Mapping[str, int]) -> str:
    """Explains an export made at ``made``; ``counts`` says how many lines each table has in it."""
    return "\n".join(_lines(profile_id, made, counts))


def _lines(profile_id: int, made: str, counts: Mapping[str, int]) -> Iterator[str]:
    yield f"# Everything that this device keeps about you (profile {profile_id})"
    yield ""
    yield f"Made at {made}. No picture and no sound is in it, since none is ever kept."
    yield ""
    yield "The files whose names end in `.jsonl` are text: each line is one object in JSON, in the order in which it was"
    yield "stored. Any text editor opens them, and spreadsheets and programs read them. `fhir/bundle.json` holds part of the"
    yield "same once more in the form that clinics exchange (HL7 FHIR R4, a collection of Patient, Consent,"
    yield "QuestionnaireResponse and Observation), with one Observation for each day."
    yield ""
    yield "What is in here is about you and nobody else. Keep it where only you can read it: it is not encrypted."
    for exported in EXPORTED:
        yield ""
        yield f"## {exported.file}.jsonl"
        yield ""
        yield f"{exported.meaning} Lines: {counts.get(exported.table, 0)}."
        yield ""
        yield "| field | what it says | written as |"
        yield "|---|---|---|"
        for field in exported.fields:
            yield f"| `{field.key}` | {field.meaning} | {FORMS.get(field.form, 'as it is')} |"
    yield ""
