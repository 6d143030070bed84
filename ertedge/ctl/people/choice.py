"""Whose profile a command means: a number, a name, or whoever is meant where nobody is named. Floor 4."""

from __future__ import annotations

import difflib
from collections.abc import Sequence

from ertedge.errors import InvalidRequestError, NotFoundError
from ertedge.rpc.client import Client
from ertedge.rpc.profiles_client import Person

COLLECTION = "profiles/"
NOBODY_YET = "there is no profile yet; make one with: ertedge-ctl profiles create NAME"


async def chosen(client: Client, given: str = "") -> Person:
    """The person that ``given`` names; where it is empty, the one who is selected, or else the only one.

    Raises NotFoundError with what to do, and InvalidRequestError where somebody has to be named.
    """
    people = await client.profiles.profiles()
    if not people:
        raise NotFoundError(NOBODY_YET)
    return _named(people, given) if given else _meant(people)


def _named(people: Sequence[Person], given: str) -> Person:
    number = given.removeprefix(COLLECTION)
    for person in people:
        if number == str(person.profile.profile_id) or given.casefold() == person.profile.display_name.casefold():
            return person
    names = [person.profile.display_name for person in people]
    close = difflib.get_close_matches(given, names, n=1, cutoff=0.5)
    meant = f"; did you mean {close[0]}?" if close else f"; there are {', '.join(names)}"
    raise NotFoundError(f"there is no profile {given!r}{meant}")


def _meant(people: Sequence[Person]) -> Person:
    if len(people) == 1:
        return people[0]
    if selected := [person for person in people if person.selected]:
        return selected[0]
    names = ", ".join(f"{person.profile.profile_id} ({person.profile.display_name})" for person in people)
    raise InvalidRequestError([("profile", f"say whose it is: {names}; or say who is here: ertedge-ctl profiles use")])
