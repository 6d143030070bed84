"""``ertedge-ctl store``: how the store on the disk is, and its encryption. Works on the files themselves. Floor 4."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from ertedge import maintenance
from ertedge.config import Config
from ertedge.ctl.caller import Caller, exit_of
from ertedge.ctl.objects import print_object
from ertedge.errors import ErtedgeError
from ertedge.maintenance import StoreReport

app = typer.Typer(no_args_is_help=True, help="How the store on the disk is; encrypt it, decrypt it, change its key.")

KeyFile = Annotated[
    Path | None,
    typer.Option("--key-file", metavar="FILE", help="The file with the key, instead of the configured one."),
]
UNREACHED = (
    "What a disk keeps of earlier versions of the plain file cannot be reached from here; of flash cards, only a new one is"
    " sure to hold none."
)


@app.command()
def status(context: typer.Context, key_file: KeyFile = None) -> None:
    """Whether the store is encrypted, and whether the configured key fits. Changes nothing."""
    caller: Caller = context.obj
    found = maintenance.report(_config(caller, key_file))
    if caller.as_json:
        print_object(asdict(found))
    else:
        _show(Console(), found)
    if found.trouble:
        raise typer.Exit(1)


@app.command()
def encrypt(context: typer.Context, key_file: KeyFile = None) -> None:
    """Encrypt a plain store with the configured key. Stop the daemon first."""
    caller: Caller = context.obj
    try:
        key = maintenance.encrypt(_config(caller, key_file))
    except ErtedgeError as error:
        raise exit_of(error) from None
    _done(caller, "encrypted", f"The store is encrypted. It opens with {key.origin}; keep a copy of the key elsewhere.")
    if not caller.as_json:
        Console().print(UNREACHED, style="dim", markup=False, highlight=False)


@app.command()
def decrypt(context: typer.Context, key_file: KeyFile = None) -> None:
    """Make an encrypted store plain. Stop the daemon first."""
    caller: Caller = context.obj
    try:
        maintenance.decrypt(_config(caller, key_file))
    except ErtedgeError as error:
        raise exit_of(error) from None
    _done(
        caller, "decrypted", "The store is plain. Take the key out of [store], since ertedged refuses a key for it now."
    )


@app.command("rotate-key")
def rotate_key(
    context: typer.Context,
    to: Annotated[
        Path | None,
        typer.Option("--to", metavar="FILE", help="Where the new key goes; by default in the old one's place."),
    ] = None,
    key_file: KeyFile = None,
) -> None:
    """Give an encrypted store a new key. Stop the daemon first."""
    caller: Caller = context.obj
    try:
        key = maintenance.rotate_key(_config(caller, key_file), to)
    except ErtedgeError as error:
        raise exit_of(error) from None
    _done(caller, "rotated", f"The store has a new key. It opens with {key.origin} and no longer with the old one.")


@app.command("new-key")
def new_key(
    context: typer.Context, file: Annotated[Path, typer.Argument(metavar="FILE", help="A file that is not there yet.")]
) -> None:
    """Make a key in a new file that only you can read."""
    caller: Caller = context.obj
    try:
        maintenance.new_key(file)
    except ErtedgeError as error:
        raise exit_of(error) from None
    _done(caller, "made", f"A new key is in {file}. Name it in [store] key_file, and keep a copy of it elsewhere.")


def _config(caller: Caller, key_file: Path | None) -> Config:
    if key_file is None:
        return caller.settings
    store = caller.settings.store.model_copy(update={"key_file": str(key_file), "credential": ""})
    return caller.settings.model_copy(update={"store": store})


def _done(caller: Caller, what: str, sentence: str) -> None:
    if caller.as_json:
        print_object({"done": what})
    else:
        Console().print(sentence, markup=False, highlight=False)


def _show(console: Console, found: StoreReport) -> None:
    words = {"absent": "there is none yet", "plain": "not encrypted", "encrypted": "encrypted", "": "not readable"}
    console.print(f"store    {found.path}", markup=False, highlight=False, soft_wrap=True)
    console.print(f"is       {words[found.kind]}, {found.size_bytes / 1e6:.1f} MB", markup=False, highlight=False)
    console.print(f"key      {found.key or 'none is configured'}", markup=False, highlight=False, soft_wrap=True)
    if found.unfinished:
        console.print(
            "A change of its encryption was cut; the next start or command ends it.", markup=False, highlight=False
        )
    if found.trouble:
        console.print(found.trouble, markup=False, highlight=False, soft_wrap=True)
