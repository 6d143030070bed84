"""The people of the device, and what each has agreed to. Floor 2.

Everything that is asked while people are sensed is answered from memory, since it is asked for every state. What is changed
is on the disk before it counts, with one exception that protects the person: a withdrawal and an erasure count at once,
whatever the disk does, and are tried again until they are written. Where the people cannot be read, nobody has agreed to
anything.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from hashlib import blake2b
from typing import NoReturn

from ertedge.core.clock import Clock
from ertedge.core.consent_texts import ConsentTexts
from ertedge.core.people_port import PeopleRecorder, PeopleStore
from ertedge.core.people_records import PROFILE_FIELDS, Consent
from ertedge.errors import (
    ContentChangedError,
    InvalidRequestError,
    LimitReachedError,
    NotFoundError,
    PreconditionError,
    StoreError,
)
from ertedge.store.people_records import NoticeShowing, ReceiptPage, StoredPeople
from ertedge.types import ConsentReceipt, ConsentText, Profile, Purpose, SensorName, TransparencyNotice

logger = logging.getLogger(__name__)

PROFILES_MOST = 32
"""More people than share a device; a client that creates without end fills no disk."""
GIVEN_AN_HOUR_MOST = 120
NOBODY = 0
AGAIN_SECONDS = 5.0
"""How often people that could not be read are tried again."""
SENSOR_OF_PURPOSE = {Purpose.SENSE_FACE: SensorName.CAMERA, Purpose.SENSE_VOICE: SensorName.MICROPHONE}
NOBODYS = frozenset({Purpose.SENSE_FACE, Purpose.SENSE_VOICE, Purpose.KEEP_HISTORY})
"""What may be done with states that are nobody's: of the demo, of simulations and recordings, which open no device."""

Listener = Callable[[int, Purpose, bool], None]
ErasureListener = Callable[[int], None]


@dataclass
class _Listeners:
    consent: list[Listener]
    erasure: list[ErasureListener]


class People:
    """Belongs to one event loop. ``start`` before anything else; ``run`` tries again what could not be read."""

    def __init__(self, recorder: PeopleRecorder, clock: Clock, texts: ConsentTexts, language: str = "en") -> None:
        """``language`` is the device's, ISO 639-1."""
        self.texts = texts
        self._recorder = recorder
        self._clock = clock
        self._language = language
        self._profiles: dict[int, Profile] = {}
        self._receipts: dict[tuple[int, Purpose], ConsentReceipt] = {}
        self._requests: dict[str, int] = {}
        self._selected = NOBODY
        self._first_showing: NoticeShowing | None = None
        self._last_profile_id = 0
        self._last_receipt_id = 0
        self._loaded = False
        self._trouble = ""
        self._giving: dict[tuple[int, Purpose], int] = {}
        """Consents that are being written, by the number of their receipt."""
        self._erasing: set[int] = set()
        """Who is no longer here, but may still be on the disk."""
        self._given_ns: deque[int] = deque(maxlen=GIVEN_AN_HOUR_MOST)
        self._changing = asyncio.Lock()
        self._listeners = _Listeners([], [])

    # What is asked all the time. Never waits, never raises.

    def may(self, profile_id: int, purpose: Purpose) -> bool:
        """Whether the person of a profile has agreed to ``purpose``; 0: whether it may be done with what is nobody's."""
        if profile_id == NOBODY:
            return purpose in NOBODYS
        receipt = self._receipts.get((profile_id, purpose))
        return receipt is not None and receipt.given

    @property
    def sensed(self) -> frozenset[SensorName]:
        """The sensors to which somebody has agreed. Empty before anybody did, and where the people cannot be read."""
        return frozenset(
            SENSOR_OF_PURPOSE[purpose]
            for (_, purpose), receipt in self._receipts.items()
            if receipt.given and purpose in SENSOR_OF_PURPOSE
        )

    @property
    def selected(self) -> int:
        """The profile whose person said that it is them in front of the device; 0: nobody did."""
        return self._selected

    @property
    def profiles(self) -> tuple[Profile, ...]:
        """Everybody, by number."""
        return tuple(self._profiles[number] for number in sorted(self._profiles))

    @property
    def trouble(self) -> str:
        """Why the people cannot be read, and what to do; empty while they can."""
        return self._trouble

    def subscribe(self, listener: Listener) -> None:
        """Have ``listener`` told of each consent that is given (True) or withdrawn (False), also by an erasure."""
        self._listeners.consent.append(listener)

    def on_erased(self, listener: ErasureListener) -> None:
        """Have ``listener`` told of each profile that is erased, before the disk is: it must write nothing of it after."""
        self._listeners.erasure.append(listener)

    # Start and trouble.

    async def start(self) -> None:
        """Read everybody. Without the store nobody is known, and so nobody sensed, until it can be read."""
        await self._load()

    async def run(self) -> NoReturn:
        """Try again what could not be read, for ever."""
        while True:
            await asyncio.sleep(AGAIN_SECONDS)
            if not self._loaded:
                await self._load()

    # Profiles.

    def profile(self, profile_id: int) -> Profile:
        """One person. Raises NotFoundError, and StoreError where the people cannot be read."""
        self._check_loaded()
        if profile_id not in self._profiles:
            raise NotFoundError(f"there is no profile {profile_id}; list the profiles to see which there are")
        return self._profiles[profile_id]

    def list_profiles(self) -> tuple[Profile, ...]:
        """Everybody, by number. Raises StoreError where the people cannot be read."""
        self._check_loaded()
        return self.profiles

    async def create(
        self, display_name: str, language: str = "", request_id: str = "", *, by: str = "the daemon"
    ) -> Profile:
        """A new person, who has agreed to nothing yet. A repeated ``request_id`` gets the profile of the first.

        Raises InvalidRequestError for a name that another has, LimitReachedError, and StoreError: then nobody was created.
        """
        async with self._changing:
            self._check_loaded()
            if request_id and (known := self._requests.get(request_id)) in self._profiles:
                return self._profiles[known]
            if len(self._profiles) >= PROFILES_MOST:
                raise LimitReachedError(f"there are {PROFILES_MOST} profiles already; erase one that is not used")
            self._check_name(display_name)
            now_ns = self._clock.wall_ns()
            self._last_profile_id += 1
            profile = _stamped(Profile(self._last_profile_id, display_name, language, now_ns, now_ns, ""))
            await self._recorder.keep_now(lambda store: store.people.add_profile(profile, request_id))
            self._profiles[profile.profile_id] = profile
            if request_id:
                self._requests[request_id] = profile.profile_id
            self._note("PROFILE_CREATED", profile.profile_id, f"was created by {by}")
            return profile

    async def update(
        self, profile: Profile, names: Sequence[str] = (), etag: str = "", *, by: str = "the daemon"
    ) -> Profile:
        """Replace the fields that are named by those of ``profile``; without any, all. ``etag``: of the profile that the
        change was made from; empty: whatever it is now.

        Raises NotFoundError, InvalidRequestError, ContentChangedError where it has changed since, and StoreError: then
        nothing changed.
        """
        if unknown := [name for name in names if name not in PROFILE_FIELDS]:
            raise InvalidRequestError(
                [("update_mask", f"names {unknown[0][:80]!r}; a profile has {', '.join(PROFILE_FIELDS)}")]
            )
        async with self._changing:
            before = self.profile(profile.profile_id)
            _check_etag(before, etag)
            kept = {name: getattr(profile, name) for name in tuple(names) or PROFILE_FIELDS}
            changed = replace(before, **kept)
            if changed == before:
                return before
            if changed.display_name != before.display_name:
                self._check_name(changed.display_name, but=before.profile_id)
            changed = _stamped(replace(changed, update_wall_time_ns=self._clock.wall_ns()))
            await self._recorder.keep_now(lambda store: store.people.update_profile(changed))
            if before.profile_id not in self._profiles:
                raise NotFoundError(f"profile {before.profile_id} was erased in the meantime")
            self._profiles[before.profile_id] = changed
            self._note("PROFILE_CHANGED", before.profile_id, f"was changed by {by}")
            return changed

    async def delete(self, profile_id: int, etag: str = "", *, by: str = "the daemon") -> None:
        """Erase a person with all that is theirs. Nothing of them is sensed or used from the first moment on.

        Raises NotFoundError, ContentChangedError, and StoreError: then they are gone from here, but not yet from the disk,
        which is tried again; so does a repetition of this.
        """
        if profile_id not in self._erasing:
            _check_etag(self.profile(profile_id), etag)
            self._forget(profile_id)
        async with self._changing:
            if profile_id not in self._erasing:
                return
            try:
                await self._recorder.keep_now(lambda store: _erase(store, profile_id))
            except StoreError as error:
                self._recorder.keep(lambda store: self._erased(store, profile_id))
                raise type(error)(
                    f"profile {profile_id} is no longer used, but could not be removed from the disk yet: {error}"
                ) from error
            self._erasing.discard(profile_id)
            self._note("PROFILE_ERASED", NOBODY, f"Profile {profile_id} was erased by {by} with all that was theirs.")

    async def select(self, profile_id: int, *, by: str = "the daemon") -> None:
        """The person of a profile says that it is them in front of the device; 0: nobody says so any longer.

        Raises NotFoundError, and StoreError: then it counts until the daemon stops.
        """
        async with self._changing:
            if profile_id != NOBODY:
                self.profile(profile_id)
            if profile_id == self._selected:
                return
            self._selected = profile_id
            if profile_id:
                self._note("PROFILE_SELECTED", profile_id, f"was said by {by} to be in front of the device")
            now_ns = self._clock.wall_ns()
            await self._recorder.keep_now(lambda store: store.people.select(profile_id, now_ns))

    # Consent.

    def consent(self, profile_id: int, purpose: Purpose) -> Consent:
        """How a person's consent to ``purpose`` stands. Raises NotFoundError."""
        self.profile(profile_id)
        receipt = self._receipts.get((profile_id, purpose))
        given = receipt is not None and receipt.given
        return Consent(purpose, given, receipt, self.texts.current_version(purpose))

    def consents(self, profile_id: int) -> tuple[Consent, ...]:
        """How each of a person's consents stands, in the order of ``Purpose``. Raises NotFoundError."""
        return tuple(self.consent(profile_id, purpose) for purpose in Purpose)

    def text(self, purpose: Purpose, profile_id: int = NOBODY, language: str = "") -> ConsentText:
        """What to show before asking: in ``language``, or else in the person's, or else in the device's."""
        own = self._profiles[profile_id].language if profile_id in self._profiles else ""
        return self.texts.current(purpose, language or own or self._language)

    async def give(
        self, profile_id: int, purpose: Purpose, *, version: int, language: str, digest: str, by: str = "the daemon"
    ) -> Consent:
        """The person agrees to ``purpose``, having been shown the text of that version, language and digest.

        Agreeing again to the same text changes nothing. Raises NotFoundError, ContentChangedError where the text is not
        the current one, LimitReachedError, and StoreError: then it does not count.
        """
        async with self._changing:
            before = self.consent(profile_id, purpose)
            text = self.texts.shown(purpose, version, language, digest)
            if before.given and before.receipt is not None and before.receipt.text_digest == digest:
                return before
            self._check_pace()
            receipt = self._new_receipt(profile_id, text, given=True)
            key = profile_id, purpose
            self._giving[key] = receipt.receipt_id
            try:
                await self._recorder.keep_now(lambda store: store.people.add_receipt(receipt))
            finally:
                withdrawn = self._giving.pop(key, 0) != receipt.receipt_id
            self.profile(profile_id)  # it may have been erased in the meantime
            if withdrawn:
                raise PreconditionError(f"the consent to {purpose} was withdrawn while it was being given")
            self._receipts[key] = receipt
            self._note("CONSENT_GIVEN", profile_id, f"agreed to {purpose} (text {version}, {language}), told by {by}")
            if not before.given:
                self._tell(profile_id, purpose, given=True)
            return self.consent(profile_id, purpose)

    async def withdraw(self, profile_id: int, purpose: Purpose, *, by: str = "the daemon") -> Consent:
        """The person no longer agrees. It counts from this moment on, and what the consent covered is removed.

        Withdrawing what was not given changes nothing. Raises NotFoundError, and StoreError: then it counts here, and the
        disk is tried again.
        """
        before = self.consent(profile_id, purpose)
        key = profile_id, purpose
        if not before.given and key not in self._giving:
            return before
        self._giving.pop(key, None)
        shown = before.receipt
        text = self.text(purpose, profile_id)
        receipt = self._new_receipt(profile_id, text, given=False)
        if shown is not None:  # what is withdrawn is the consent to the text that was agreed to
            receipt = replace(
                receipt,
                text_version=shown.text_version,
                text_language=shown.text_language,
                text_digest=shown.text_digest,
            )
        self._receipts[key] = receipt
        self._note("CONSENT_WITHDRAWN", profile_id, f"withdrew the consent to {purpose}, told by {by}")
        self._tell(profile_id, purpose, given=False)
        try:
            await self._recorder.keep_now(lambda store: _withdraw(store, receipt))
        except StoreError as error:
            self._recorder.keep(lambda store: _withdraw(store, receipt))
            raise type(error)(
                f"the consent to {purpose} is withdrawn and no longer used, but that could not be written down yet; until"
                f" it is, a restart would forget it: {error}"
            ) from error
        return self.consent(profile_id, purpose)

    async def receipts(self, profile_id: int, *, limit: int, before: int | None) -> ReceiptPage:
        """A page of a person's receipts, newest first. Raises NotFoundError and StoreError."""
        self.profile(profile_id)
        return await self._recorder.read(
            lambda store: store.people.list_receipts(profile_id, limit=limit, before=before)
        )

    # The notice.

    def notice(self, language: str = "") -> TransparencyNotice:
        """What is to be shown before somebody is sensed for the first time."""
        return self.texts.notice(language or self._language)

    @property
    def first_showing(self) -> NoticeShowing | None:
        """When the notice was first shown to somebody; None: never yet."""
        return self._first_showing

    async def note_showing(self, version: int, language: str, digest: str, *, by: str = "the daemon") -> None:
        """The notice was shown. Written down once for each version and language. Raises ContentChangedError where it is not
        the current one, and StoreError."""
        notice = self.texts.notice(language)
        if (notice.version, notice.language, notice.digest) != (version, language, digest):
            raise ContentChangedError(
                f"the notice is by now version {notice.version} ({notice.language}); show it as it is"
            )
        showing = NoticeShowing(version, language, digest, self._clock.wall_ns())
        if self._first_showing is None:
            self._first_showing = showing
            self._recorder.record_ledger(
                "NOTICE_SHOWN",
                "notice",
                f"The notice that the device reads emotions was shown by {by}, for the first time.",
            )
        await self._recorder.keep_now(lambda store: store.people.add_notice_showing(showing))

    # Below: how.

    async def _load(self) -> None:
        try:
            stored = await self._recorder.read(lambda store: store.people.load())
        except StoreError as error:
            if not self._trouble:
                logger.error("nobody is sensed, since who has agreed to it cannot be read: %s", error)
            self._trouble = str(error)
            return
        self._take_over(stored)

    def _take_over(self, stored: StoredPeople) -> None:
        self._profiles = {profile.profile_id: profile for profile in stored.profiles}
        self._requests = {request: number for request, number in stored.requests if number in self._profiles}
        self._receipts = {
            (receipt.profile_id, receipt.purpose): receipt
            for receipt in stored.receipts
            if receipt.profile_id in self._profiles
        }
        self._last_profile_id, self._last_receipt_id = stored.last_profile_id, stored.last_receipt_id
        self._selected = stored.selected if stored.selected in self._profiles else NOBODY
        self._first_showing = self._first_showing or stored.first_showing
        self._loaded, self._trouble = True, ""
        for (profile_id, purpose), receipt in self._receipts.items():
            if receipt.given:
                self._tell(profile_id, purpose, given=True)

    def _check_loaded(self) -> None:
        if not self._loaded:
            raise StoreError(f"who uses this device cannot be read: {self._trouble or 'it has not been read yet'}")

    def _check_name(self, display_name: str, but: int = NOBODY) -> None:
        wanted = display_name.casefold()
        for profile in self._profiles.values():
            if profile.profile_id != but and profile.display_name.casefold() == wanted:
                raise InvalidRequestError(
                    [
                        (
                            "display_name",
                            f"is {display_name!r}, as profile {profile.profile_id} is called; choose another",
                        )
                    ]
                )

    def _check_pace(self) -> None:
        now_ns = self._clock.monotonic_ns()
        if len(self._given_ns) == GIVEN_AN_HOUR_MOST and now_ns - self._given_ns[0] < 3600 * 1_000_000_000:
            raise LimitReachedError(f"{GIVEN_AN_HOUR_MOST} consents were given within an hour; try again later")
        self._given_ns.append(now_ns)

    def _new_receipt(self, profile_id: int, text: ConsentText, *, given: bool) -> ConsentReceipt:
        self._last_receipt_id += 1
        return ConsentReceipt(
            self._last_receipt_id,
            profile_id,
            text.purpose,
            given,
            text.version,
            text.language,
            text.digest,
            self._clock.wall_ns(),
        )

    def _forget(self, profile_id: int) -> None:
        """Have nothing of the person left in memory, and tell everybody who may have."""
        self._erasing.add(profile_id)
        del self._profiles[profile_id]
        self._requests = {request: number for request, number in self._requests.items() if number != profile_id}
        if self._selected == profile_id:
            self._selected = NOBODY
        held = [purpose for purpose in Purpose if self.may(profile_id, purpose)]
        for purpose in Purpose:
            self._receipts.pop((profile_id, purpose), None)
            self._giving.pop((profile_id, purpose), None)
        for purpose in held:
            self._tell(profile_id, purpose, given=False)
        for listener in self._listeners.erasure:
            try:
                listener(profile_id)
            except Exception:  # one that fails must not keep the others, nor the erasure, from being done
                logger.exception("profile %d: a listener failed at its erasure", profile_id)

    def _erased(self, store: PeopleStore, profile_id: int) -> None:
        """On the recorder's thread, at a later try."""
        _erase(store, profile_id)
        self._erasing.discard(profile_id)

    def _tell(self, profile_id: int, purpose: Purpose, *, given: bool) -> None:
        for listener in self._listeners.consent:
            try:
                listener(profile_id, purpose, given)
            except Exception:  # one that fails must not keep the others from hearing of a withdrawal
                logger.exception("profile %d: a listener failed at %s", profile_id, purpose)

    def _note(self, event: str, profile_id: int, what: str) -> None:
        """Into the privacy ledger; never with a name. What is about a person goes with them."""
        if profile_id == NOBODY:
            self._recorder.record_ledger(event, "profiles", what)
        else:
            self._recorder.record_ledger(
                event, f"profiles/{profile_id}", f"Profile {profile_id} {what}.", profile_id=profile_id
            )


def _stamped(profile: Profile) -> Profile:
    """``profile`` with the etag of its content."""
    written = repr((profile.profile_id, profile.display_name, profile.language, profile.update_wall_time_ns))
    return replace(profile, etag=blake2b(written.encode(), digest_size=8).hexdigest())


def _check_etag(profile: Profile, etag: str) -> None:
    if etag and etag != profile.etag:
        raise ContentChangedError(f"profile {profile.profile_id} has changed since; read it again and try again")


def _withdraw(store: PeopleStore, receipt: ConsentReceipt) -> None:
    store.people.add_receipt(receipt)
    store.erase_covered(receipt.profile_id, receipt.purpose)


def _erase(store: PeopleStore, profile_id: int) -> None:
    store.erase_profile(profile_id)
