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
from typing import NoReturn

from ertedge.core.clock import Clock
from ertedge.core.people.consent_book import NOBODY, ConsentBook, Listener
from ertedge.core.people.consent_texts import ConsentTexts
from ertedge.core.people.notice_board import NoticeBoard
from ertedge.core.people.port import PeopleRecorder, PeopleStore
from ertedge.core.people.profile_book import ProfileBook, check_etag
from ertedge.core.people.records import Consent
from ertedge.errors import LimitReachedError, PreconditionError, StoreError
from ertedge.store.people_records import ReceiptPage, StoredPeople
from ertedge.types import ConsentReceipt, ConsentText, Profile, Purpose, SensorName

logger = logging.getLogger(__name__)

CHANGES_AN_HOUR_MOST = 240
"""A client that changes something without end fills no disk. Taking back and erasing is possible at any pace."""
AGAIN_SECONDS = 5.0
"""How often people that could not be read are tried again."""

ErasureListener = Callable[[int], None]
Change = Callable[[PeopleStore], None]


class People:
    """Belongs to one event loop. ``start`` before anything else; ``run`` tries again what could not be read."""

    def __init__(self, recorder: PeopleRecorder, clock: Clock, texts: ConsentTexts, language: str = "en") -> None:
        """``language`` is the device's, ISO 639-1."""
        self.texts = texts
        self.notices = NoticeBoard(recorder, clock, texts, language)
        self._recorder = recorder
        self._clock = clock
        self._language = language
        self._profiles = ProfileBook()
        self._book = ConsentBook()
        self._selected = NOBODY
        self._loaded = False
        self._trouble = ""
        self._giving: dict[tuple[int, Purpose], ConsentReceipt] = {}
        """Consents that are being written and do not count yet."""
        self._unended: list[ConsentReceipt] = []
        """Withdrawals of earlier runs of which something may be left on the disk."""
        self._erasing: set[int] = set()
        """Who is no longer here, but may still be on the disk."""
        self._changes_ns: deque[int] = deque(maxlen=CHANGES_AN_HOUR_MOST)
        self._changing = asyncio.Lock()
        self._erasure_listeners: list[ErasureListener] = []
        self._loop: asyncio.AbstractEventLoop

    # What is asked all the time. Never waits, never raises.

    def may(self, profile_id: int, purpose: Purpose) -> bool:
        """Whether the person of a profile has agreed to ``purpose``; 0: whether it may be done with what is nobody's."""
        return self._book.may(profile_id, purpose)

    def has(self, profile_id: int) -> bool:
        """Whether there is a profile of that number; nobody's, 0, always is."""
        return profile_id == NOBODY or profile_id in self._profiles

    def language_of(self, profile_id: int) -> str:
        """What the person is spoken to in, ISO 639-1: their own language, or else, also for nobody, the device's."""
        own = self._profiles.get(profile_id).language if profile_id in self._profiles else ""
        return own or self._language

    @property
    def sensed(self) -> frozenset[SensorName]:
        """The sensors to which somebody has agreed. Empty before anybody did, and where the people cannot be read."""
        return self._book.sensed

    @property
    def selected(self) -> int:
        """The profile whose person said that it is them in front of the device; 0: nobody did."""
        return self._selected

    @property
    def profiles(self) -> tuple[Profile, ...]:
        """Everybody, by number."""
        return self._profiles.everybody

    @property
    def trouble(self) -> str:
        """Why the people cannot be read, and what to do; empty while they can."""
        return self._trouble

    def subscribe(self, listener: Listener) -> None:
        """Have ``listener`` told of each consent that is given (True) or withdrawn (False), also by an erasure."""
        self._book.subscribe(listener)

    def on_erased(self, listener: ErasureListener) -> None:
        """Have ``listener`` told of each profile that is erased, before the disk is: it must write nothing of it after."""
        self._erasure_listeners.append(listener)

    # Start and trouble.

    async def start(self) -> None:
        """Read everybody. Without the store nobody is known, and so nobody sensed, until it can be read."""
        self._loop = asyncio.get_running_loop()
        await self._load()

    async def run(self) -> NoReturn:
        """Try again what could not be read, for ever, and what the last run may have left of a withdrawal."""
        while True:
            if not self._loaded:
                await self._load()
            while self._unended and await self._ended(self._unended[-1]):
                self._unended.pop()
            await asyncio.sleep(AGAIN_SECONDS)

    # Profiles.

    def profile(self, profile_id: int) -> Profile:
        """One person. Raises NotFoundError, and StoreError where the people cannot be read."""
        self._check_loaded()
        return self._profiles.get(profile_id)

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
            if (known := self._profiles.made_by(request_id)) is not None:
                return known
            profile = self._profiles.new(display_name, language, self._clock.wall_ns())
            self._check_pace()
            await self._recorder.keep_now(lambda store: store.people.add_profile(profile, request_id))
            self._profiles.enter(profile, request_id)
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
        async with self._changing:
            before = self.profile(profile.profile_id)
            changed = self._profiles.changed(profile, names, etag, self._clock.wall_ns())
            if changed == before:
                return before
            self._check_pace()
            await self._recorder.keep_now(lambda store: store.people.update_profile(changed))
            self.profile(profile.profile_id)  # it may have been erased in the meantime
            self._profiles.enter(changed)
            self._note("PROFILE_CHANGED", changed.profile_id, f"was changed by {by}")
            return changed

    async def delete(self, profile_id: int, etag: str = "", *, by: str = "the daemon") -> None:
        """Erase a person with all that is theirs. Nothing of them is sensed or used from the first moment on.

        Raises NotFoundError, ContentChangedError, and StoreError: then they are gone from here, but not yet from the disk,
        which is tried again; so does a repetition of this.
        """
        if profile_id not in self._erasing:
            check_etag(self.profile(profile_id), etag)
            self._forget(profile_id)
        async with self._changing:
            if profile_id not in self._erasing:
                return
            await self._made_sure(
                lambda store: self._erase(store, profile_id, by),
                f"profile {profile_id} is no longer used, but could not be removed from the disk yet",
            )

    async def select(self, profile_id: int, *, by: str = "the daemon") -> None:
        """The person of a profile says that it is them in front of the device; 0: nobody says so any longer.

        Raises NotFoundError, and StoreError: then it counts until the daemon stops.
        """
        async with self._changing:
            if profile_id != NOBODY:
                self.profile(profile_id)
            if profile_id == self._selected:
                return
            self._check_pace()
            self._selected = profile_id
            if profile_id:
                self._note("PROFILE_SELECTED", profile_id, f"was said by {by} to be in front of the device")
            now_ns = self._clock.wall_ns()
            await self._recorder.keep_now(lambda store: store.people.select(profile_id, now_ns))

    # Consent.

    def consent(self, profile_id: int, purpose: Purpose) -> Consent:
        """How a person's consent to ``purpose`` stands. Raises NotFoundError."""
        self.profile(profile_id)
        return Consent(
            purpose,
            self.may(profile_id, purpose),
            self._book.newest(profile_id, purpose),
            self.texts.current_version(purpose),
        )

    def consents(self, profile_id: int) -> tuple[Consent, ...]:
        """How each of a person's consents stands, in the order of ``Purpose``. Raises NotFoundError."""
        return tuple(self.consent(profile_id, purpose) for purpose in Purpose)

    def text(self, purpose: Purpose, profile_id: int = NOBODY, language: str = "") -> ConsentText:
        """What to show before asking: in ``language``, or else in the person's, or else in the device's."""
        return self.texts.current(purpose, language or self.language_of(profile_id))

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
            receipt = self._book.new_receipt(profile_id, text, self._clock.wall_ns())
            key = profile_id, purpose
            self._giving[key] = receipt
            try:
                await self._recorder.keep_now(lambda store: store.people.add_receipt(receipt))
            finally:
                withdrawn = self._giving.pop(key, None) is not receipt
            self.profile(profile_id)  # it may have been erased in the meantime
            if withdrawn:
                raise PreconditionError(f"the consent to {purpose} was withdrawn while it was being given")
            self._book.enter(receipt)
            self._note("CONSENT_GIVEN", profile_id, f"agreed to {purpose} (text {version}, {language}), told by {by}")
            return self.consent(profile_id, purpose)

    async def withdraw(self, profile_id: int, purpose: Purpose, *, by: str = "the daemon") -> Consent:
        """The person no longer agrees. It counts from this moment on, and what the consent covered is removed.

        Withdrawing what was not given changes nothing. Raises NotFoundError, and StoreError: then it counts here, and the
        disk is tried again.
        """
        before = self.consent(profile_id, purpose)
        given = self._giving.pop((profile_id, purpose), None) or (before.receipt if before.given else None)
        if given is None:
            return before
        withdrawal = self._book.new_withdrawal(given, self._clock.wall_ns())
        self._book.enter(withdrawal)
        self._note("CONSENT_WITHDRAWN", profile_id, f"withdrew the consent to {purpose}, told by {by}")
        so_far = f"the consent to {purpose} is withdrawn and no longer used, but"
        await self._made_sure(
            lambda store: store.people.add_receipt(withdrawal),
            f"{so_far} that could not be written down yet, and until it is, a restart would forget it",
            then=lambda store: _remove_covered(store, withdrawal),
        )
        await self._made_sure(
            lambda store: _remove_covered(store, withdrawal),
            f"{so_far} what it covered could not be removed from the disk yet",
        )
        return self.consent(profile_id, purpose)

    async def receipts(self, profile_id: int, *, limit: int, before: int | None) -> ReceiptPage:
        """A page of a person's receipts, newest first. Raises NotFoundError and StoreError."""
        self.profile(profile_id)
        return await self._recorder.read(
            lambda store: store.people.list_receipts(profile_id, limit=limit, before=before)
        )

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
        self._profiles.take_over(stored.profiles, stored.requests, stored.last_profile_id)
        self._selected = stored.selected if stored.selected in self._profiles else NOBODY
        self.notices.take_over(stored.first_showing)
        self._loaded, self._trouble = True, ""
        ours = (receipt for receipt in stored.receipts if receipt.profile_id in self._profiles)
        self._book.take_over(ours, stored.last_receipt_id)
        self._unended = list(self._book.withdrawn)

    async def _ended(self, withdrawal: ConsentReceipt) -> bool:
        """Whether what a withdrawn consent covered is gone. A power cut may have come between the one and the other."""
        profile_id, purpose = withdrawal.profile_id, withdrawal.purpose
        if self._book.newest(profile_id, purpose) is not withdrawal:
            return True
        try:
            await self._recorder.keep_now(lambda store: _remove_covered(store, withdrawal))
        except StoreError:
            return False  # it is not used; the disk is tried again
        return True

    def _check_loaded(self) -> None:
        if not self._loaded:
            raise StoreError(f"who uses this device cannot be read: {self._trouble or 'it has not been read yet'}")

    def _check_pace(self) -> None:
        now_ns = self._clock.monotonic_ns()
        most = self._changes_ns.maxlen
        if len(self._changes_ns) == most and now_ns - self._changes_ns[0] < 3600 * 1_000_000_000:
            raise LimitReachedError(
                f"{most} changes were made to profiles and consents within an hour; try again later"
            )
        self._changes_ns.append(now_ns)

    def _forget(self, profile_id: int) -> None:
        """Have nothing of the person left in memory, and tell everybody who may have."""
        self._erasing.add(profile_id)
        self._profiles.forget(profile_id)
        if self._selected == profile_id:
            self._selected = NOBODY
        for key in [key for key in self._giving if key[0] == profile_id]:
            del self._giving[key]
        self._book.forget(profile_id)
        for listener in self._erasure_listeners:
            try:
                listener(profile_id)
            except Exception:  # one that fails must not keep the others, nor the erasure, from being done
                logger.exception("profile %d: a listener failed at its erasure", profile_id)

    def _erase(self, store: PeopleStore, profile_id: int, by: str) -> None:
        """On the recorder's thread; nothing where an earlier try has done it."""
        if profile_id in self._erasing:
            store.erase_profile(profile_id)
            self._erasing.discard(profile_id)
            what = f"A profile was erased by {by} with all that belonged to its person."
            self._loop.call_soon_threadsafe(self._note, "PROFILE_ERASED", NOBODY, what)

    async def _made_sure(self, change: Change, what_if_not: str, then: Change | None = None) -> None:
        """Make ``change`` before returning. Where the disk refuses, have it tried again until it is made, ``then`` after it,
        and raise the error with what that means for now."""
        try:
            await self._recorder.keep_now(change)
        except StoreError as error:
            for each in (change, *([then] if then else [])):
                self._recorder.keep(each)
            raise type(error)(f"{what_if_not}: {error}") from error

    def _note(self, event: str, profile_id: int, what: str) -> None:
        """Into the privacy ledger; never with a name. What is about a person goes with them."""
        if profile_id == NOBODY:
            self._recorder.record_ledger(event, "profiles", what)
        else:
            self._recorder.record_ledger(
                event, f"profiles/{profile_id}", f"Profile {profile_id} {what}.", profile_id=profile_id
            )


def _remove_covered(store: PeopleStore, withdrawal: ConsentReceipt) -> None:
    store.erase_covered(withdrawal.profile_id, withdrawal.purpose)
