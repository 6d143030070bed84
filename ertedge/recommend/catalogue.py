"""The catalogue of activities: those shipped and those of a clinic's own folder, in every language, with their reviews.

Floor 1; imports only words. A catalogue never changes after it is made; ``with_reviews`` makes another.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

from ertedge.errors import ConfigurationError, NotFoundError
from ertedge.recommend.catalogue_file import ORIGINAL_LANGUAGE
from ertedge.recommend.catalogue_reader import read_catalogue
from ertedge.types import Activity, ActivityReview


class Catalogue:
    """Activities by language and id. Where a language lacks one, English stands in."""

    def __init__(self, activities: Iterable[Activity]) -> None:
        self._by_language: dict[str, dict[str, Activity]] = {}
        for activity in activities:
            self._by_language.setdefault(activity.language, {})[activity.activity_id] = activity

    @property
    def languages(self) -> tuple[str, ...]:
        """The languages that something is written in, sorted."""
        return tuple(sorted(self._by_language))

    def activities(self, language: str = ORIGINAL_LANGUAGE) -> tuple[Activity, ...]:
        """All activities by id, each in ``language`` or else in English."""
        found = self._in(language)
        return tuple(found[activity_id] for activity_id in sorted(found))

    def get(self, activity_id: str, language: str = ORIGINAL_LANGUAGE) -> Activity:
        """The activity in ``language`` or else in English. Raises ``NotFoundError`` with what may have been meant."""
        found = self._in(language)
        if activity_id not in found:
            close = difflib.get_close_matches(activity_id, found, n=1, cutoff=0.5)
            meant = f"; did you mean {close[0]}?" if close else "; ertedge-ctl activities list shows all of them"
            raise NotFoundError(f"there is no activity {activity_id!r}{meant}")
        return found[activity_id]

    def with_reviews(self, reviews: Iterable[ActivityReview]) -> Catalogue:
        """This catalogue with ``reviews`` in place of those it has.

        A review holds for the activity whose id, language and digest it names: once the content has changed, its digest
        is another, and the review is void.
        """
        holding: dict[tuple[str, str, str], list[ActivityReview]] = {}
        for review in reviews:
            holding.setdefault((review.activity_id, review.language, review.digest), []).append(review)
        return Catalogue(
            replace(a, reviews=tuple(holding.get((a.activity_id, a.language, a.digest), ())))
            for by_id in self._by_language.values()
            for a in by_id.values()
        )

    def _in(self, language: str) -> dict[str, Activity]:
        return {**self._by_language.get(ORIGINAL_LANGUAGE, {}), **self._by_language.get(language, {})}


def load_catalogue(folders: Sequence[Path] = (), reviews: Iterable[ActivityReview] = ()) -> Catalogue:
    """The shipped catalogue with the activities of ``folders`` added or put in place of shipped ones of the same id.

    Raises ``ConfigurationError`` with every fault of every file.
    """
    activities, faults = read_catalogue(folders)
    if faults:
        raise ConfigurationError([str(fault) for fault in faults])
    return Catalogue(activities).with_reviews(reviews)
