"""``python -m tools.trial analyse|export|verify|seal|simulate|power|describe``: see the package.

Exit status: 0 done; 2 bad usage or a file that cannot be used; 1 anything else.
"""

from __future__ import annotations

import json as json_module
import os
import secrets
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from ertedge.errors import ConfigurationError, ErtedgeError
from ertedge.types.study import ArmKind
from ertedge.wellbeing.study.allocation import SEAL_BYTES, seal_of
from ertedge.wellbeing.study.protocol import example_protocol, read_protocol
from tools.evaluation.report import print_report
from tools.trial.dataset import load_trial
from tools.trial.results import TrialResult

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="Analyse a trial of the device, or simulate one.",
)

Json = Annotated[bool, typer.Option("--json", help="One JSON object a line on stdout, nothing else.")]
Data = Annotated[list[Path], typer.Option(help="An export, or a folder of exports; repeat it for each device.")]
Seed = Annotated[int, typer.Option(help="Of all chance.")]
SIZES, EFFECTS = (60, 125, 250, 500, 800), (0.0, 0.2, 0.28, 0.4, 0.5, 0.8)


class AllocationFaultError(ErtedgeError):
    """Something is not as it was committed to."""


@app.command("analyse")
def analyse_command(
    *,
    data: Data,
    out: Annotated[Path, typer.Option(help="The report, one HTML file.")],
    imputations: Annotated[int, typer.Option(min=2, help="Of each missing score.")] = 50,
    seed: Seed = 20260101,
    json: Json = False,
) -> None:
    """Analyse a trial as its protocol says, and write the report."""
    from tools.trial.analysis import Settings, analyse
    from tools.trial.summary import summary

    trial = load_trial(data)
    result = analyse(trial, Settings(imputations, seed))
    _write_page(out, result, data)
    print_report(summary(result, str(out)), as_json=json)


@app.command("export")
def export_command(*, data: Data, out: Annotated[Path, typer.Option(help="A folder.")], json: Json = False) -> None:
    """Put the exports of one or many devices together, as CSV and Parquet with the data dictionary."""
    from tools.trial.parquet import write_export

    trial = load_trial(data)
    written = write_export(trial, out)
    if json:
        print(
            json_module.dumps(
                {"devices": trial.devices, "people": len(trial.people), "files": [str(p) for p in written]}
            )
        )
    else:
        print(f"{len(trial.people)} people of {trial.devices} devices; {len(written)} files in {out}")


@app.command()
def verify(*, data: Data, json: Json = False) -> None:
    """Check every allocation against the opened seal, away from the device. Exit status 1 if one differs."""
    from tools.trial.verification import verify_allocations

    found = verify_allocations(load_trial(data))
    if json:
        print(
            json_module.dumps({"checked": found.checked, "commitment": found.commitment, "faults": list(found.faults)})
        )
    else:
        for fault in found.faults:
            print(fault)
        print(f"{found.checked} allocations checked against {found.commitment}: {len(found.faults)} faults")
    if found.faults:
        raise AllocationFaultError(f"{len(found.faults)} allocations are not as they were sealed")


@app.command()
def seal(*, out: Annotated[Path, typer.Option(help="A file that is not there yet; made for its owner alone.")]) -> None:
    """Make a seal for a study over several devices; give its commitment to whoever registers the trial."""
    drawn = secrets.token_bytes(SEAL_BYTES)
    try:
        with os.fdopen(os.open(out, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(drawn)
    except FileExistsError:
        raise ConfigurationError(["is there already; a study is sealed once"], str(out)) from None
    except OSError as error:
        raise ConfigurationError([f"cannot be written: {error.strerror}"], str(out)) from None
    print(f"commitment {seal_of(drawn).commitment}")


@app.command()
def example(
    check: Annotated[Path | None, typer.Option(help="Check this protocol instead of printing the example.")] = None,
) -> None:
    """Print the protocol that comes with ertedge, as a start for one's own; or check one, with every fault at once."""
    if check is None:
        print(example_protocol(), end="")
        return
    try:
        text = check.read_text(encoding="utf-8")
    except OSError as error:
        raise ConfigurationError([f"cannot be read: {error.strerror}"], str(check)) from None
    protocol = read_protocol(text, str(check))
    print(f"{protocol.study_id}, version {protocol.version}: no faults; SHA-256 {protocol.digest}")


@app.command()
def simulate(
    *,
    out: Annotated[Path, typer.Option(help="A folder; a trial that was broken off there goes on.")],
    people: Annotated[int, typer.Option(min=8, max=5000, help="Enrolled, in both groups together.")] = 125,
    weeks: Annotated[int, typer.Option(min=3, max=52)] = 8,
    seed: Seed = 1,
    effect: Annotated[float, typer.Option(help="Times the assumed effect of activities; 0: the null scenario.")] = 1.0,
    control: Annotated[ArmKind, typer.Option(help="What the control gets.")] = ArmKind.FIXED_ORDER,
    workers: Annotated[int, typer.Option(min=1, help="Processes at a time.")] = 1,
    power: Annotated[bool, typer.Option("--power", help="A power table as well.")] = False,
    json: Json = False,
) -> None:
    """Simulate a whole trial on the device's own code, export and analyse it. SIMULATED stands on all of it."""
    from tools.trial.analysis import analyse
    from tools.trial.simulate import DEVICES, TrialSettings, simulate_trial
    from tools.trial.summary import summary

    if control is ArmKind.EXPERIMENTAL:
        raise ConfigurationError(["--control: is fixed_order or waiting_list"])
    settings = TrialSettings(people, weeks, seed, effect, control.value)
    simulate_trial(settings, out, workers=workers, tell=lambda text: print(text, file=sys.stderr, flush=True))
    trial = load_trial([out / DEVICES])
    result = analyse(trial)
    report = out / "report.html"
    _write_page(report, result, [out])
    print_report(summary(result, str(report)), as_json=json)
    if power:
        _power((people,), EFFECTS, 2000, seed, as_json=json)


@app.command("power")
def power_command(
    *,
    people: Annotated[list[int] | None, typer.Option(min=12, help="Sizes of a trial; repeat it.")] = None,
    effect: Annotated[list[float] | None, typer.Option(help="Standardised differences; repeat it.")] = None,
    trials: Annotated[int, typer.Option(min=100, help="Simulated trials a row.")] = 5000,
    correlation: Annotated[float, typer.Option(min=0.0, max=0.95, help="Of baseline and post score.")] = 0.5,
    lost: Annotated[float, typer.Option(min=0.0, max=0.8, help="Share without a post score.")] = 0.2,
    seed: Seed = 1,
    json: Json = False,
) -> None:
    """The power of the primary analysis by simulation, with its Monte Carlo error. Fast, and without the device."""
    _power(people or SIZES, effect or EFFECTS, trials, seed, correlation=correlation, lost=lost, as_json=json)


@app.command()
def describe(*, json: Json = False) -> None:
    """List what a simulated trial assumes, with the source of each."""
    from tools.trial.assumptions import load_assumptions

    _, listed = load_assumptions()
    if json:
        for each in listed:
            print(
                json_module.dumps(
                    {"name": each.name, "value": each.value, "meaning": each.meaning, "source": each.source}
                )
            )
        return
    table = Table(
        "assumption", "value", "meaning", "source", title="What a simulated trial assumes", title_justify="left"
    )
    for each in listed:
        table.add_row(each.name, f"{each.value:g}", each.meaning, each.source)
    Console().print(table)


def _power(
    sizes: Sequence[int],
    effects: Sequence[float],
    trials: int,
    seed: int,
    *,
    correlation: float = 0.5,
    lost: float = 0.2,
    as_json: bool,
) -> None:
    from tools.trial.power import PowerAssumptions, power_table
    from tools.trial.summary import power_report

    assumed = PowerAssumptions(correlation, lost)
    print_report(power_report(power_table(sizes, effects, trials, seed, assumed), assumed), as_json=as_json)


def _write_page(out: Path, result: TrialResult, data: Sequence[Path]) -> None:
    from tools.trial.report import page
    from tools.trial.simulate import notes_of, settings_of

    found = [settings for folder in data for place in (folder, folder.parent) if (settings := settings_of(place))]
    notes = [note for settings in found[:1] for note in notes_of(settings)]
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        out.write_text(page(result, notes), encoding="utf-8")
    except OSError as error:
        raise ConfigurationError([f"cannot be written: {error.strerror}"], str(out)) from None


def main(arguments: Sequence[str] | None = None) -> None:
    """Entry of ``python -m tools.trial``."""
    try:
        app(args=None if arguments is None else list(arguments), prog_name="python -m tools.trial")
    except ErtedgeError as error:
        print(error, file=sys.stderr)
        sys.exit(2 if isinstance(error, ConfigurationError) else 1)


if __name__ == "__main__":
    main()
