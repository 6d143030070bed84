"""The notice that the device reads emotions, and whether anybody has been shown it yet. Floor 2.

It is to be shown before a person is sensed for the first time, as Article 50(3) of Regulation (EU) 2024/1689 asks; when it
was is kept, and stands in the privacy ledger. To whom is not known: whoever sees it first has no profile yet.
"""

from __future__ import annotations

from ertedge.core.clock import Clock
from ertedge.core.people.consent_texts import ConsentTexts
from ertedge.core.people.port import PeopleRecorder
from ertedge.errors import ContentChangedError
from ertedge.store.people_records import NoticeShowing
from ertedge.types import TransparencyNotice


class NoticeBoard:
    """Belongs to one event loop. ``language`` is the device's, ISO 639-1."""

    def __init__(self, recorder: PeopleRecorder, clock: Clock, texts: ConsentTexts, language: str) -> None:
        self._recorder = recorder
        self._clock = clock
        self._texts = texts
        self._language = language
        self._first_showing: NoticeShowing | None = None

    @property
    def first_showing(self) -> NoticeShowing | None:
        """When it was first shown to somebody; None: never yet."""
        return self._first_showing

    def take_over(self, first_showing: NoticeShowing | None) -> None:
        """Go on from what is stored."""
        self._first_showing = first_showing or self._first_showing

    def notice(self, language: str = "") -> TransparencyNotice:
        """The newest, in ``language`` or else in the device's."""
        return self._texts.notice(language or self._language)

    async def note(self, version: int, language: str, digest: str, *, by: str = "the daemon") -> None:
        """It was shown. Written down once for each version and language. Raises ContentChangedError where that is not the
        newest, and StoreError."""
        newest = self._texts.notice(language)
        if (newest.version, newest.language, newest.digest) != (version, language, digest):
            raise ContentChangedError(
                f"the notice is by now version {newest.version} ({newest.language}); show that one, as it is"
            )
        showing = NoticeShowing(version, language, digest, self._clock.wall_ns())
        if self._first_showing is None:
            self._first_showing = showing
            what = f"The notice that the device reads emotions was shown for the first time, by {by}."
            self._recorder.record_ledger("NOTICE_SHOWN", "notice", what)
        await self._recorder.keep_now(lambda store: store.people.add_notice_showing(showing))
