"""Between profiles, consents and what people are shown and the messages of ``ertedge.v1``, both ways. Floor 3."""

from __future__ import annotations

from collections.abc import Sequence

from ertedge.core.people.records import PROFILE_FIELDS, Consent
from ertedge.errors import InvalidRequestError
from ertedge.rpc import fields
from ertedge.rpc.convert import PROFILES, numbers, profile_id, profile_name, timestamp_message, timestamp_ns
from ertedge.types import ConsentReceipt, ConsentText, Profile, Purpose, TransparencyNotice
from ertedge.v1 import profile_pb2 as messages

CONSENTS = "/consents/"
RECEIPTS = "/consentReceipts/"
TEXTS = "consentTexts/"
NOTICE = "notice"
NAME_MOST = 80
_WIRE_FIELDS = {"display_name": "display_name", "language_code": "language"}
"""What a mask may name, and what a profile calls it."""

_PURPOSE = numbers(Purpose, messages.Purpose, "PURPOSE")
_PURPOSE_OF_NUMBER = {number: word for word, number in _PURPOSE.items()}


def profile_message(profile: Profile, consents: Sequence[Consent], *, selected: bool) -> messages.Profile:
    """A profile as it goes out."""
    return messages.Profile(
        name=profile_name(profile.profile_id),
        display_name=profile.display_name,
        language_code=profile.language,
        create_time=timestamp_message(profile.create_wall_time_ns),
        update_time=timestamp_message(profile.update_wall_time_ns),
        etag=profile.etag,
        selected=selected,
        consents=[consent_message(profile.profile_id, consent) for consent in consents],
    )


def profile_record(message: messages.Profile) -> Profile:
    """A profile as it came in."""
    return Profile(
        profile_id=profile_id(message.name),
        display_name=message.display_name,
        language=message.language_code,
        create_wall_time_ns=timestamp_ns(message.create_time),
        update_wall_time_ns=timestamp_ns(message.update_time),
        etag=message.etag,
    )


def consent_message(number: int, consent: Consent) -> messages.Consent:
    """A consent of profile ``number`` as it goes out."""
    return messages.Consent(
        name=consent_name(number, consent.purpose),
        purpose=_PURPOSE[consent.purpose],  # type: ignore[arg-type]
        given=consent.given,
        outdated=consent.outdated,
        current_text_version=consent.text_version,
        receipt=None if consent.receipt is None else receipt_message(consent.receipt),
    )


def consent_records(consents: Sequence[messages.Consent]) -> tuple[Consent, ...]:
    """Consents as they came in, without those to a purpose that this version does not know."""
    return tuple(consent_record(consent) for consent in consents if consent.purpose in _PURPOSE_OF_NUMBER)


def consent_record(message: messages.Consent) -> Consent:
    """A consent as it came in."""
    receipt = receipt_record(message.receipt) if message.HasField("receipt") else None
    return Consent(
        _PURPOSE_OF_NUMBER[message.purpose], message.given, receipt, text_version=message.current_text_version
    )


def receipt_message(receipt: ConsentReceipt) -> messages.ConsentReceipt:
    """A receipt as it goes out."""
    return messages.ConsentReceipt(
        name=f"{profile_name(receipt.profile_id)}{RECEIPTS}{receipt.receipt_id}",
        purpose=_PURPOSE[receipt.purpose],  # type: ignore[arg-type]
        given=receipt.given,
        text_version=receipt.text_version,
        text_language_code=receipt.text_language,
        text_digest=receipt.text_digest,
        time=timestamp_message(receipt.wall_time_ns),
    )


def receipt_record(message: messages.ConsentReceipt) -> ConsentReceipt:
    """A receipt as it came in."""
    profile, _, number = message.name.partition(RECEIPTS)
    return ConsentReceipt(
        receipt_id=int(number),
        profile_id=profile_id(profile),
        purpose=_PURPOSE_OF_NUMBER[message.purpose],
        given=message.given,
        text_version=message.text_version,
        text_language=message.text_language_code,
        text_digest=message.text_digest,
        wall_time_ns=timestamp_ns(message.time),
    )


def receipt_records(receipts: Sequence[messages.ConsentReceipt]) -> tuple[ConsentReceipt, ...]:
    """Receipts as they came in, without those of a purpose that this version does not know."""
    return tuple(receipt_record(receipt) for receipt in receipts if receipt.purpose in _PURPOSE_OF_NUMBER)


def text_message(text: ConsentText) -> messages.ConsentText:
    """A consent's text as it goes out."""
    return messages.ConsentText(
        name=f"{TEXTS}{text.purpose.value}",
        purpose=_PURPOSE[text.purpose],  # type: ignore[arg-type]
        version=text.version,
        language_code=text.language,
        title=text.title,
        text=text.text,
        digest=text.digest,
        machine_drafted=text.machine_drafted,
    )


def text_records(texts: Sequence[messages.ConsentText]) -> tuple[ConsentText, ...]:
    """Texts as they came in, without those for a purpose that this version does not know."""
    return tuple(
        ConsentText(
            purpose=_PURPOSE_OF_NUMBER[text.purpose],
            version=text.version,
            language=text.language_code,
            title=text.title,
            text=text.text,
            digest=text.digest,
            machine_drafted=text.machine_drafted,
        )
        for text in texts
        if text.purpose in _PURPOSE_OF_NUMBER
    )


def notice_message(notice: TransparencyNotice, first_show_wall_ns: int) -> messages.Notice:
    """The notice as it goes out; 0: it has never been shown."""
    return messages.Notice(
        name=NOTICE,
        version=notice.version,
        language_code=notice.language,
        title=notice.title,
        text=notice.text,
        digest=notice.digest,
        machine_drafted=notice.machine_drafted,
        first_show_time=timestamp_message(first_show_wall_ns) if first_show_wall_ns else None,
    )


def notice_record(message: messages.Notice) -> TransparencyNotice:
    """The notice as it came in."""
    return TransparencyNotice(
        version=message.version,
        language=message.language_code,
        title=message.title,
        text=message.text,
        digest=message.digest,
        machine_drafted=message.machine_drafted,
    )


def consent_name(number: int, purpose: Purpose) -> str:
    """The resource name of a consent of profile ``number``."""
    return f"{profile_name(number)}{CONSENTS}{purpose.value}"


def consent_of(name: str) -> tuple[int, Purpose]:
    """The profile and the purpose in a consent's resource name. Raises InvalidRequestError."""
    profile, found, purpose = name.partition(CONSENTS)
    if not found or purpose not in set(Purpose) or not fields.is_number(profile.removeprefix(PROFILES)):
        known = ", ".join(Purpose)
        raise InvalidRequestError(
            [("name", f"is {name[:80]!r}; use {PROFILES}NUMBER{CONSENTS}PURPOSE with one of {known}")]
        )
    return int(profile.removeprefix(PROFILES)), Purpose(purpose)


def fields_of(paths: Sequence[str]) -> tuple[str, ...]:
    """What a mask names, as a profile calls it; empty: everything. Raises InvalidRequestError."""
    if unknown := [path for path in paths if path not in _WIRE_FIELDS]:
        raise InvalidRequestError(
            [("update_mask", f"names {unknown[0][:80]!r}; of a profile can be changed: {', '.join(_WIRE_FIELDS)}")]
        )
    return tuple(_WIRE_FIELDS[path] for path in paths) or PROFILE_FIELDS


def paths_of(names: Sequence[str]) -> list[str]:
    """``fields_of``, backwards."""
    wire = {field: path for path, field in _WIRE_FIELDS.items()}
    return [wire.get(name, name) for name in names]


def checked(message: messages.Profile, names: Sequence[str] = PROFILE_FIELDS) -> tuple[str, str]:
    """``display_name`` and ``language`` of a request's profile, those that ``names`` ask for being right. Raises
    InvalidRequestError with every fault."""
    faults = []
    display_name = " ".join(message.display_name.split())
    if "display_name" in names and not (0 < len(display_name) <= NAME_MOST and display_name.isprintable()):
        faults.append(("profile.display_name", f"must be given, in at most {NAME_MOST} printable characters"))
    language = message.language_code
    if "language" in names and language and not (len(language) == 2 and language.isalpha() and language.islower()):
        faults.append(("profile.language_code", f"is {language[:20]!r}; use two letters such as en, or leave it out"))
    if faults:
        raise InvalidRequestError(faults)
    return display_name, language
