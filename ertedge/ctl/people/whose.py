"""Whom a command is about, by a name or a number after ``--profile``. Floor 4."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated

import typer

from ertedge.ctl.people.choice import chosen
from ertedge.rpc.client import Client

Whose = Annotated[str, typer.Option("--profile", help="A name or a number; without it, whoever is meant.")]


@asynccontextmanager
async def client_of(client: Client, profile: str) -> AsyncIterator[Client]:
    """A client that means the person of ``profile``; ``client`` itself where none is named. Raises NotFoundError."""
    if not profile:
        yield client
        return
    person = await chosen(client, profile)
    async with Client(client.address, profile_id=person.profile.profile_id) as theirs:
        yield theirs
