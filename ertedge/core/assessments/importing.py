"""Answers that were given elsewhere, as a FHIR R4 ``QuestionnaireResponse``: what they say, and of when. Floor 2."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from ertedge.errors import InvalidRequestError
from ertedge.types.assessments import ItemAnswer
from ertedge.wellbeing.library import Instrument
from ertedge.wellbeing.response import canonical_of, read_response

DAY_NS = 86_400 * 1_000_000_000
FAULTS_MOST = 10
"""An error travels in a header, which has room for no more."""
_DATE_TIME = re.compile(
    r"(?P<year>\d{4})(-(?P<month>\d\d)(-(?P<day>\d\d)(?P<time>T\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d))?)?)?"
)


@dataclass(frozen=True, slots=True)
class GivenElsewhere:
    """The answers, of which questionnaire, and when they were given."""

    instrument: Instrument
    answers: tuple[ItemAnswer, ...]
    wall_time_ns: int


def given_elsewhere(text: str, instruments: Sequence[Instrument], now_ns: int) -> GivenElsewhere:
    """What the resource in ``text`` says. Raises InvalidRequestError with every fault, or the first of many.

    A clock that is a day ahead is forgiven, and then counts as now; without a moment it is now.
    """
    try:
        document = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise InvalidRequestError([("fhir_json", f"is not JSON: {error}")]) from None
    if not isinstance(document, dict) or document.get("resourceType") != "QuestionnaireResponse":
        raise InvalidRequestError([("fhir_json", "is no FHIR QuestionnaireResponse")])
    url, version = canonical_of(document)
    instrument = next((each for each in instruments if each.questionnaire.url == url), None)
    if instrument is None:
        known = ", ".join(each.questionnaire.url for each in instruments)
        raise InvalidRequestError([("fhir_json", f"questionnaire: {url[:80]!r} is none of {known}")])
    answers, faults = read_response(document, instrument.questionnaire)
    if version not in ("", instrument.questionnaire.version):
        faults.append(f"questionnaire: is of version {version[:40]!r}; here is {instrument.questionnaire.version!r}")
    authored = document.get("authored")
    given_ns = now_ns if authored is None else moment_ns(str(authored))
    if given_ns is None or given_ns > now_ns + DAY_NS:
        faults.append(
            f"authored: {str(authored)[:40]!r} is no moment up to now; write 2026-01-31, or with its time and zone"
        )
        given_ns = now_ns
    if faults:
        shown = faults[:FAULTS_MOST]
        more = [f"and {len(faults) - FAULTS_MOST} more"] if len(faults) > FAULTS_MOST else []
        raise InvalidRequestError([("fhir_json", fault) for fault in (*shown, *more)])
    return GivenElsewhere(instrument, answers, min(given_ns, now_ns))


def moment_ns(text: str) -> int | None:
    """A FHIR ``dateTime`` as UTC nanoseconds, None where it is none from 1970 on.

    It is a year, a year and a month, a day, or a day with its time and zone; what is not said is taken as its beginning.
    """
    found = _DATE_TIME.fullmatch(text)
    if found is None:
        return None
    day = f"{found['year']}-{found['month'] or '01'}-{found['day'] or '01'}"
    try:
        moment = datetime.fromisoformat(day + (found["time"] or "T00:00:00Z"))
    except ValueError:
        return None
    milliseconds = round(moment.astimezone(UTC).timestamp() * 1_000)
    return milliseconds * 1_000_000 if milliseconds >= 0 else None
