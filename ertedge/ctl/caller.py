"""The options before every command, and how a command ends: its exit status and its one line. Floor 4.

Exit status: 0 done; 2 bad usage or configuration; 1 anything else, with one line on standard error that says what to do.
"""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass
from pathlib import Path

import typer
from rich.console import Console

from ertedge import config
from ertedge.ctl.absence import why_away
from ertedge.errors import ConfigurationError, ErtedgeError, InvalidRequestError, ServerUnavailableError
from ertedge.rpc.client import Client


@dataclass(frozen=True, slots=True)
class Caller:
    """The options before the command; a command finds it as its context's ``obj``."""

    address: str
    as_json: bool
    settings: config.Config
    config_path: Path | None
    profile_id: int | None = None

    def run(self, command: Callable[[Client, Console], Awaitable[None]]) -> None:
        """Connect, run ``command``, and turn an error into its exit status and one line."""

        async def connected() -> None:
            async with Client(self.address, profile_id=self.profile_id) as client:
                await command(client, Console())

        self.run_alone(connected)

    def run_alone(self, command: Callable[[], Coroutine[None, None, None]]) -> None:
        """The same for a command that makes its own connections."""
        try:
            asyncio.run(command())
        except KeyboardInterrupt:
            raise typer.Exit(0) from None
        except BrokenPipeError:
            # Whoever read our output has seen enough; writing more, even at exit, would fail again.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            raise typer.Exit(0) from None
        except ErtedgeError as error:
            raise exit_of(error, self.address) from None


def exit_of(error: ErtedgeError, address: str = "") -> typer.Exit:
    """Say ``error`` on one line of standard error; returns the exit to raise."""
    if isinstance(error, ServerUnavailableError) and address:
        absence = why_away(address)
        line = f"{absence.finding}; {absence.remedy}"
    else:
        line = " ".join(str(error).split())
    typer.echo(line, err=True)
    return typer.Exit(2 if isinstance(error, ConfigurationError | InvalidRequestError) else 1)
