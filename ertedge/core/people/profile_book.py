"""Everybody who uses the device, in memory: their names, their numbers, and which request made whom. Floor 2.

Pure: nothing here waits, and nothing is written. ``core.people.people`` sees to it that what stands here is on the disk.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from hashlib import blake2b

from ertedge.core.people.consent_book import NOBODY
from ertedge.core.people.records import PROFILE_FIELDS
from ertedge.errors import ContentChangedError, InvalidRequestError, LimitReachedError, NotFoundError
from ertedge.types import Profile

PROFILES_MOST = 32
"""More people than share a device; a client that creates without end fills no disk."""


class ProfileBook:
    """Profiles by number. A number is never given twice."""

    def __init__(self) -> None:
        self._profiles: dict[int, Profile] = {}
        self._requests: dict[str, int] = {}
        self._last_profile_id = 0

    def __contains__(self, profile_id: int) -> bool:
        return profile_id in self._profiles

    @property
    def everybody(self) -> tuple[Profile, ...]:
        """All profiles, by number."""
        return tuple(self._profiles[number] for number in sorted(self._profiles))

    def get(self, profile_id: int) -> Profile:
        """One of them. Raises NotFoundError."""
        if profile_id not in self._profiles:
            raise NotFoundError(f"there is no profile {profile_id}; list the profiles to see which there are")
        return self._profiles[profile_id]

    def made_by(self, request_id: str) -> Profile | None:
        """The profile that a request of that id made, if there was one."""
        return self._profiles.get(self._requests.get(request_id, NOBODY))

    def take_over(self, profiles: Iterable[Profile], requests: Iterable[tuple[str, int]], last_profile_id: int) -> None:
        """Go on from what is stored."""
        self._profiles = {profile.profile_id: profile for profile in profiles}
        self._requests = dict(requests)
        self._last_profile_id = max(self._last_profile_id, last_profile_id)

    def new(self, display_name: str, language: str, wall_time_ns: int) -> Profile:
        """Somebody new, under a number of their own, who is not entered yet. Raises InvalidRequestError for a name that
        another has, and LimitReachedError."""
        if len(self._profiles) >= PROFILES_MOST:
            raise LimitReachedError(f"there are {PROFILES_MOST} profiles already; erase one that is not used")
        self._check_name(display_name)
        self._last_profile_id += 1
        return _stamped(Profile(self._last_profile_id, display_name, language, wall_time_ns, wall_time_ns, ""))

    def changed(self, wanted: Profile, names: Sequence[str], etag: str, wall_time_ns: int) -> Profile:
        """A profile with the fields that are named taken from ``wanted``; without any, all. It is not entered yet.

        Raises NotFoundError, InvalidRequestError, and ContentChangedError where it is no longer the one of ``etag``.
        """
        if unknown := [name for name in names if name not in PROFILE_FIELDS]:
            known = ", ".join(PROFILE_FIELDS)
            raise InvalidRequestError([("update_mask", f"names {unknown[0][:80]!r}; a profile has {known}")])
        before = self.get(wanted.profile_id)
        check_etag(before, etag)
        changes = {name: getattr(wanted, name) for name in tuple(names) or PROFILE_FIELDS}
        after = replace(before, **changes)
        if after == before:
            return before
        if after.display_name != before.display_name:
            self._check_name(after.display_name, but=before.profile_id)
        return _stamped(replace(after, update_wall_time_ns=wall_time_ns))

    def enter(self, profile: Profile, request_id: str = "") -> None:
        """Have ``profile`` stand here, in place of what stood under its number."""
        self._profiles[profile.profile_id] = profile
        if request_id:
            self._requests[request_id] = profile.profile_id

    def forget(self, profile_id: int) -> None:
        """Have nothing of a person left but that their number is taken."""
        self._profiles.pop(profile_id, None)
        self._requests = {request: number for request, number in self._requests.items() if number != profile_id}

    def _check_name(self, display_name: str, but: int = NOBODY) -> None:
        wanted = display_name.casefold()
        for profile in self._profiles.values():
            if profile.profile_id != but and profile.display_name.casefold() == wanted:
                what = f"is {display_name!r}, as profile {profile.profile_id} is called; choose another"
                raise InvalidRequestError([("display_name", what)])


def check_etag(profile: Profile, etag: str) -> None:
    """Raise ContentChangedError where ``etag`` is another than the profile's; an empty one is any."""
    if etag and etag != profile.etag:
        raise ContentChangedError(f"profile {profile.profile_id} has changed since; read it again and try again")


def _stamped(profile: Profile) -> Profile:
    """``profile`` with the etag of its content."""
    written = repr((profile.profile_id, profile.display_name, profile.language, profile.update_wall_time_ns))
    return replace(profile, etag=blake2b(written.encode(), digest_size=8).hexdigest())
