"""Profiles, consents and what people are shown as JSON objects, one a line. Floor 4; field names as in the API."""

from __future__ import annotations

from ertedge.ctl.objects import Json, time_text
from ertedge.rpc.profiles_client import Consent, Person, ShownNotice
from ertedge.types import ConsentReceipt, ConsentText


def person_object(person: Person) -> dict[str, Json]:
    """A profile with its consents."""
    profile = person.profile
    return {
        "record": "profile",
        "id": profile.profile_id,
        "display_name": profile.display_name,
        "language_code": profile.language,
        "create_time": time_text(profile.create_wall_time_ns),
        "update_time": time_text(profile.update_wall_time_ns),
        "etag": profile.etag,
        "selected": person.selected,
        "consents": [_consent(consent) for consent in person.consents],
    }


def consent_object(profile_id: int, consent: Consent) -> dict[str, Json]:
    """How a person's consent stands."""
    return {"record": "consent", "profile": profile_id, **_consent(consent)}


def receipt_object(receipt: ConsentReceipt) -> dict[str, Json]:
    """That somebody agreed or withdrew."""
    return {
        "record": "consent_receipt",
        "id": receipt.receipt_id,
        "profile": receipt.profile_id,
        "purpose": str(receipt.purpose),
        "given": receipt.given,
        "text_version": receipt.text_version,
        "text_language_code": receipt.text_language,
        "text_digest": receipt.text_digest,
        "time": time_text(receipt.wall_time_ns),
    }


def text_object(text: ConsentText) -> dict[str, Json]:
    """What a person is shown before they agree."""
    return {
        "record": "consent_text",
        "purpose": str(text.purpose),
        "version": text.version,
        "language_code": text.language,
        "title": text.title,
        "text": text.text,
        "digest": text.digest,
        "machine_drafted": text.machine_drafted,
    }


def notice_object(shown: ShownNotice) -> dict[str, Json]:
    """The notice that the device reads emotions."""
    notice, first = shown.notice, shown.first_show_wall_time_ns
    return {
        "record": "notice",
        "version": notice.version,
        "language_code": notice.language,
        "title": notice.title,
        "text": notice.text,
        "digest": notice.digest,
        "machine_drafted": notice.machine_drafted,
        "first_show_time": time_text(first) if first else None,
    }


def _consent(consent: Consent) -> dict[str, Json]:
    said = consent.receipt
    return {
        "purpose": str(consent.purpose),
        "given": consent.given,
        "outdated": consent.outdated,
        "current_text_version": consent.text_version,
        "text_version": said.text_version if said else None,
        "time": time_text(said.wall_time_ns) if said else None,
    }
