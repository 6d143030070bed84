"""The command line of ``ertedge-ctl``: options and dispatch. Floor 4; ``caller`` knows how a command ends."""

from __future__ import annotations

import io
import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from ertedge import config
from ertedge.ctl import doctor as doctor_command
from ertedge.ctl import export as export_command
from ertedge.ctl import history as history_command
from ertedge.ctl import status as status_command
from ertedge.ctl import store as store_command
from ertedge.ctl import watch as watch_command
from ertedge.ctl.assess import assess as assess_command
from ertedge.ctl.caller import Caller, exit_of
from ertedge.ctl.front import calibrate as calibrate_command
from ertedge.ctl.front import enrol as enrol_command
from ertedge.ctl.front import feel as feel_command
from ertedge.ctl.keys import interruptible
from ertedge.ctl.people import consent as consent_command
from ertedge.ctl.people import profiles as profiles_command
from ertedge.ctl.safety import safety as safety_command
from ertedge.ctl.study import study as study_command
from ertedge.ctl.suggestions import activities as activities_command
from ertedge.ctl.suggestions import suggestions as suggestions_command
from ertedge.errors import ErtedgeError
from ertedge.rpc.client import default_address
from ertedge.types import SensorName

app = typer.Typer(add_completion=False, no_args_is_help=True, pretty_exceptions_enable=False)
sensors_app = typer.Typer(no_args_is_help=True, help="List, mute and unmute the camera and the microphone.")
app.add_typer(sensors_app, name="sensors")
app.command()(suggestions_command.suggest)
app.add_typer(suggestions_command.app, name="suggestions")
app.command()(activities_command.guide)
app.add_typer(activities_command.app, name="activities")
app.command()(enrol_command.enrol)
app.command()(calibrate_command.calibrate)
app.command()(feel_command.feel)
app.add_typer(safety_command.app, name="safety")
app.add_typer(assess_command.app, name="assess")
app.add_typer(study_command.app, name="study")
app.add_typer(profiles_command.app, name="profiles")
profiles_command.app.command()(calibrate_command.trust)
app.command()(export_command.export)
app.add_typer(store_command.app, name="store")
app.add_typer(consent_command.app, name="consent")
app.command()(consent_command.notice)


class SensorChoice(StrEnum):
    """What a mute command takes."""

    CAMERA = "camera"
    MICROPHONE = "microphone"
    ALL = "all"

    @property
    def names(self) -> tuple[SensorName, ...]:
        """The sensors that are meant."""
        return tuple(SensorName) if self is SensorChoice.ALL else (SensorName(self.value),)


@app.callback()
def options(
    context: typer.Context,
    *,
    address: Annotated[
        str | None,
        typer.Option(help="unix:PATH or HOST:PORT; default: $ERTEDGE_ADDRESS, or the usual socket."),
    ] = None,
    json_: Annotated[bool, typer.Option("--json", help="One JSON object a line on stdout, nothing else.")] = False,
    config_: Annotated[Path | None, typer.Option("--config", help="The daemon's configuration file.")] = None,
    data_dir: Annotated[Path | None, typer.Option(help="The daemon's data directory.")] = None,
    profile: Annotated[
        int | None, typer.Option(min=0, help="Whom it is about, by number; default: whoever is in front of the device.")
    ] = None,
) -> None:
    """Watch and steer the ertedge daemon."""
    try:
        settings = config.load(config_, {"data_dir": str(data_dir)} if data_dir else None)
        context.obj = Caller(address or default_address(settings), json_, settings, config_, profile)
    except ErtedgeError as error:
        raise exit_of(error) from None


@app.command()
def status(context: typer.Context) -> None:
    """How the device is: source, sensors, models, processes, store."""
    caller: Caller = context.obj
    caller.run(lambda client, console: status_command.show_status(client, console, as_json=caller.as_json))


@app.command()
def watch(
    context: typer.Context,
    seconds: Annotated[float | None, typer.Option(min=0.1, help="End by itself after this long.")] = None,
) -> None:
    """The live state, until Ctrl-C."""
    caller: Caller = context.obj
    caller.run(lambda client, console: watch_command.watch(client, console, seconds=seconds, as_json=caller.as_json))


@app.command()
def history(
    context: typer.Context,
    since: Annotated[str, typer.Option(help="How far back: 90s, 15m, 2h, 7d.")] = "1h",
    resolution: Annotated[str, typer.Option(help="One state for each span of this length; 0: every state.")] = "1m",
    limit: Annotated[int, typer.Option(min=1, help="At most this many states.")] = 100,
) -> None:
    """States of the past, newest first, with a chart of valence."""
    caller: Caller = context.obj
    caller.run(
        lambda client, console: history_command.history(
            client, console, since=since, resolution=resolution, limit=limit, as_json=caller.as_json
        )
    )


@app.command()
def models(context: typer.Context) -> None:
    """The models in use and their terms."""
    caller: Caller = context.obj
    caller.run(lambda client, console: status_command.show_models(client, console, as_json=caller.as_json))


@app.command()
def privacy(
    context: typer.Context,
    limit: Annotated[int, typer.Option(min=1, help="At most this many entries.")] = 50,
) -> None:
    """What the device did that touches privacy, newest first."""
    caller: Caller = context.obj
    caller.run(
        lambda client, console: status_command.show_privacy(client, console, limit=limit, as_json=caller.as_json)
    )


@app.command()
def doctor(context: typer.Context) -> None:
    """Check camera, microphone, models, socket, disk, clock and temperature, and say how to mend each."""
    caller: Caller = context.obj

    async def look() -> None:
        whole = await doctor_command.doctor(
            caller.address, caller.settings, Console(), config_path=caller.config_path, as_json=caller.as_json
        )
        if not whole:
            raise typer.Exit(1)

    caller.run_alone(look)


@sensors_app.command("list")
def sensors_list(context: typer.Context) -> None:
    """How the camera and the microphone are."""
    caller: Caller = context.obj
    caller.run(lambda client, console: status_command.show_sensors(client, console, as_json=caller.as_json))


@sensors_app.command("mute")
def sensors_mute(context: typer.Context, sensor: SensorChoice) -> None:
    """Close a sensor's device and keep it closed, over restarts too."""
    _mute(context, sensor, muted=True)


@sensors_app.command("unmute")
def sensors_unmute(context: typer.Context, sensor: SensorChoice) -> None:
    """Let a sensor be used again."""
    _mute(context, sensor, muted=False)


def _mute(context: typer.Context, sensor: SensorChoice, *, muted: bool) -> None:
    caller: Caller = context.obj
    caller.run(
        lambda client, console: status_command.set_mute(
            client, console, sensor.names, muted=muted, as_json=caller.as_json
        )
    )


def main() -> None:
    """Entry of ``ertedge-ctl``."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")  # a terminal without Unicode shows less, and nothing breaks
    interruptible()
    app()


if __name__ == "__main__":
    main()
