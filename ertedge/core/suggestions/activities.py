"""The catalogue as people use it: in a person's or the device's language, with the sign-offs given here. Floor 2."""

from __future__ import annotations

import logging

from ertedge.core.clock import Clock
from ertedge.core.recorder import Recorder
from ertedge.errors import ContentChangedError, StoreError
from ertedge.recommend.catalogue import Catalogue
from ertedge.types import Activity, ActivityFamily, ActivityReview

logger = logging.getLogger(__name__)


class Activities:
    """``catalogue`` as loaded; ``language`` is the device's. ``start`` brings in the sign-offs. For one event loop."""

    def __init__(self, catalogue: Catalogue, recorder: Recorder, clock: Clock, language: str) -> None:
        self._catalogue = catalogue
        self._recorder = recorder
        self._clock = clock
        self._language = language
        self._reviews: tuple[ActivityReview, ...] = ()

    async def start(self) -> None:
        """Read the sign-offs. Without a store there are none: an activity counts as reviewed only where that is known."""
        try:
            self._reviews = await self._recorder.read(lambda store: store.reviews())
        except StoreError as error:
            logger.warning("no activity counts as reviewed, since the sign-offs cannot be read: %s", error)
        self._catalogue = self._catalogue.with_reviews(self._reviews)

    @property
    def language(self) -> str:
        """The device's language."""
        return self._language

    def all(self, language: str = "", family: ActivityFamily | None = None) -> tuple[Activity, ...]:
        """The activities by id, of one family if it is given; in the device's language if none is given."""
        found = self._catalogue.activities(language or self._language)
        return tuple(activity for activity in found if family in (None, activity.family))

    def get(self, activity_id: str, language: str = "") -> Activity:
        """One activity. Raises NotFoundError with what may have been meant."""
        return self._catalogue.get(activity_id, language or self._language)

    async def review(self, activity_id: str, *, reviewer: str, role: str, language: str, digest: str) -> Activity:
        """Sign an activity's content off, and keep that. The same sign-off again changes nothing.

        Raises NotFoundError, ContentChangedError when ``digest`` is given and is not that of the content, and StoreError
        when the sign-off cannot be kept: then it does not hold.
        """
        activity = self.get(activity_id, language)
        if digest and digest != activity.digest:
            raise ContentChangedError(
                f"the content of {activity_id} is another than the one that was read; read it again (digest"
                f" {activity.digest[:12]})"
            )
        given = ActivityReview(
            activity_id=activity.activity_id,
            language=activity.language,
            activity_version=activity.version,
            digest=activity.digest,
            reviewer=reviewer,
            role=role,
            wall_time_ns=self._clock.wall_ns(),
        )
        if not any((known.reviewer, known.role) == (reviewer, role) for known in activity.reviews):
            await self._recorder.keep_now(lambda store: store.append_review(given))
            self._reviews = (*self._reviews, given)
            self._catalogue = self._catalogue.with_reviews(self._reviews)
        return self.get(activity_id, language)
