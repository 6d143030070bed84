"""``ertedge-ctl export``: everything about a person into one file that only its owner can read. Floor 4.

The archive takes its name once it is whole. Until then it has another beside it, which is removed where anything fails.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from ertedge.ctl.caller import Caller
from ertedge.ctl.objects import print_object
from ertedge.ctl.people.choice import chosen
from ertedge.errors import InvalidRequestError
from ertedge.rpc.client import Client


def export(
    context: typer.Context,
    profile: Annotated[str, typer.Argument(metavar="PROFILE", help="A name or a number.")],
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The archive that is made, such as me.zip.")],
    force: Annotated[bool, typer.Option("--force", help="Write over a file that is there.")] = False,
) -> None:
    """Everything that the device keeps about a person, as one ZIP archive with a README that explains it."""
    caller: Caller = context.obj

    async def fetch(client: Client, console: Console) -> None:
        person = await chosen(client, profile)
        number, name = person.profile.profile_id, person.profile.display_name
        size = await save(client.profiles.export(number), file, force=force)
        if caller.as_json:
            print_object({"record": "export", "profile": number, "file": str(file), "size_bytes": size})
            return
        console.print(
            f"{file} holds all that is kept about {name}, {size / 1e6:.1f} MB.", markup=False, highlight=False
        )
        console.print("It is not encrypted: keep it where only you can read it.", style="dim", highlight=False)

    caller.run(fetch)


async def save(chunks: AsyncIterator[bytes], file: Path, *, force: bool) -> int:
    """Write ``chunks`` to ``file``, mode 0600; returns how many bytes it were.

    Raises InvalidRequestError where it is there already and not to be written over, or cannot be written.
    """
    part = file.with_name(f".{file.name}.{os.getpid()}.part")
    try:
        _check_free(file, force)
        with os.fdopen(_opened(part), "wb") as written:
            async for chunk in chunks:
                written.write(chunk)
            written.flush()
            os.fsync(written.fileno())
            size = written.tell()
        if force:
            part.replace(file)
        else:
            os.link(part, file)
            part.unlink()
        return size
    except FileExistsError:
        raise InvalidRequestError([("FILE", f"{file} is there already; name another, or add --force")]) from None
    except OSError as error:
        raise InvalidRequestError([("FILE", f"{file} cannot be written ({error.strerror}); name another")]) from None
    finally:
        with contextlib.suppress(OSError):
            part.unlink()


def _check_free(file: Path, force: bool) -> None:
    """Before anything is fetched, so that nobody waits for what cannot be written."""
    if not force and os.path.lexists(file):
        raise FileExistsError(file)


def _opened(part: Path) -> int:
    return os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
