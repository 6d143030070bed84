"""``ertedge-ctl status``, ``sensors``, ``models`` and ``privacy``: the device as it is, in tables. Floor 4."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rich.console import Console
from rich.table import Table
from rich.text import Text

from ertedge.ctl.objects import entry_object, model_object, print_object, sensor_object, status_object, time_text
from ertedge.ctl.suggestions.words import STATUS
from ertedge.ctl.words import CONDITION, SENSOR
from ertedge.errors import NotFoundError
from ertedge.rpc.client import Client, DeviceStatus, LedgerEntry
from ertedge.types import (
    DriftCondition,
    ModalityDrift,
    ModelInfo,
    SafetyNotice,
    SensorCondition,
    SensorName,
    SensorStatus,
    Suggestion,
)

SUGGESTION_SERVICE = "ertedge.v1.SuggestionService"


async def show_status(client: Client, console: Console, *, as_json: bool) -> None:
    """The whole device."""
    status, care = await client.device_status(), await _look_at_care(client)
    if as_json:
        print_object(
            {**status_object(status), "suggestions_on": care.suggests, "safety_notice_open": care.notice is not None}
        )
        return
    console.print(_overview(status, care), "")
    console.print(sensors_table(status.sensors), "")
    if status.models:
        console.print(_models_table(status.models))


@dataclass(frozen=True, slots=True)
class _Care:
    """Whether anything can be suggested, and what is open now."""

    suggests: bool
    suggestion: Suggestion | None
    notice: SafetyNotice | None

    @property
    def suggestions(self) -> str:
        if not self.suggests:
            return (
                "OFF: the recommender cannot be used; the daemon's log says why, and `ertedge-ctl doctor` looks at it"
            )
        if self.suggestion is None:
            return "on, and none is open"
        return (
            f"on; number {self.suggestion.suggestion_id} is {STATUS[self.suggestion.status]}: {self.suggestion.title}"
        )

    @property
    def safety(self) -> str:
        return "no notice is open" if self.notice is None else "A NOTICE IS OPEN: see `ertedge-ctl safety`"


async def _look_at_care(client: Client) -> _Care:
    try:
        suggestion = await client.suggestions.suggestion()
    except NotFoundError:
        suggestion = None
    notices = await client.safety.list_notices(only_open=True, page_size=1)
    notice = notices.notices[0] if notices.notices else None
    return _Care(await client.is_serving(SUGGESTION_SERVICE), suggestion, notice)


async def show_sensors(client: Client, console: Console, *, as_json: bool) -> None:
    """The sensors."""
    sensors = await client.sensors()
    if as_json:
        for sensor in sensors:
            print_object(sensor_object(sensor))
    else:
        console.print(sensors_table(sensors))


async def set_mute(
    client: Client, console: Console, names: Sequence[SensorName], *, muted: bool, as_json: bool
) -> None:
    """Mute or unmute ``names``, one after the other."""
    for name in names:
        sensor = await (client.mute(name) if muted else client.unmute(name))
        if as_json:
            print_object(sensor_object(sensor))
        elif muted:
            _say(console, f"The {SENSOR[name]} is closed and stays closed until `ertedge-ctl sensors unmute {name}`.")
        else:
            _say(console, f"The {SENSOR[name]} may be used again: {CONDITION[sensor.condition]}.")


async def show_models(client: Client, console: Console, *, as_json: bool) -> None:
    """The models in use."""
    models = await client.models()
    if as_json:
        for model in models:
            print_object(model_object(model))
    elif models:
        console.print(_models_table(models, full=True))
    else:
        console.print("No models are in use: the sensor process is starting, or it plays a simulation.")


async def show_privacy(client: Client, console: Console, *, limit: int, as_json: bool) -> None:
    """The newest ``limit`` entries of the privacy ledger."""
    entries: list[LedgerEntry] = []
    page_token = ""
    while len(entries) < limit:
        page = await client.list_ledger(page_size=limit - len(entries), page_token=page_token)
        entries += page.entries
        if not (page_token := page.next_page_token):
            break
    if as_json:
        for entry in entries:
            print_object(entry_object(entry))
        return
    if not entries:
        console.print("Nothing is written in the privacy ledger yet.")
        return
    table = Table("time (UTC)", "what happened", box=None, pad_edge=False, header_style="bold")
    for entry in entries:
        table.add_row(time_text(entry.wall_time_ns)[:19].replace("T", " "), Text(entry.detail))
    console.print(table)


def _say(console: Console, sentence: str) -> None:
    console.print(sentence, markup=False, highlight=False)


def sensors_table(sensors: Sequence[SensorStatus]) -> Table:
    """A row a sensor."""
    table = Table("sensor", "condition", "rate", "lost", "device", box=None, pad_edge=False, header_style="bold")
    for sensor in sensors:
        style = {SensorCondition.RUNNING: "green", SensorCondition.MUTED: "yellow"}.get(sensor.condition, "red")
        table.add_row(
            SENSOR[sensor.sensor],
            Text(CONDITION[sensor.condition], style=style),
            f"{sensor.rate_hz:.1f}/s",
            str(sensor.lost),
            Text("\n").join(_device(sensor)),
        )
    return table


def _device(sensor: SensorStatus) -> list[Text]:
    """What it is and, where it does not run, what to do."""
    lines = [Text(sensor.device)] if sensor.device else []
    if sensor.detail and sensor.condition is not SensorCondition.RUNNING:
        lines.append(Text(f"-> {sensor.detail}", style="italic"))
    return lines


def _overview(status: DeviceStatus, care: _Care) -> Table:
    store = status.store
    stored = f"{store.state_count} states, {store.size_bytes / 1e6:.1f} MB, {store.free_bytes / 1e9:.1f} GB free"
    connected = "connected" if status.sensor_connected else "away"
    restarts = f", restarted {status.sensor_restart_count} times" if status.sensor_restart_count else ""
    table = Table.grid(padding=(0, 2))
    rows = {
        "ertedge": f"{status.version}, since {time_text(status.start_wall_time_ns)[:19].replace('T', ' ')} UTC",
        "source": status.source + (" (nothing here is about a real person)" if status.synthetic else ""),
        "sensor process": connected + restarts,
        "store": stored if store.writing else f"NOT WRITING: {store.detail} ({store.lost_count} states lost)",
        "suggestions": care.suggestions,
        "safety": care.safety,
        "watchers": str(status.watcher_count),
    }
    for drift in status.drifts:
        rows[f"{drift.modality} readings"] = drift_words(drift)
    for usage in status.processes:
        rows[usage.process] = f"{usage.resident_bytes / 1e6:.0f} MB, {usage.cpu_seconds:.1f} s of processor"
    for name, value in rows.items():
        table.add_row(Text(name, style="bold"), Text(value))
    return table


def drift_words(drift: ModalityDrift) -> str:
    """How what a modality gives compares with its model's evidence."""
    match drift.condition:
        case DriftCondition.DRIFTED:
            since = time_text(drift.since_wall_ns)[:19].replace("T", " ")
            return f"WARNING, since {since} UTC: {drift.detail}"
        case DriftCondition.STEADY:
            return "like the people on whom the model was measured"
        case DriftCondition.GATHERING:
            return "too few yet to compare"
        case _:
            return f"not compared: {drift.detail}"


def _models_table(models: Sequence[ModelInfo], *, full: bool = False) -> Table:
    table = Table("model", "version", "size", "a call", "runtime", box=None, pad_edge=False, header_style="bold")
    if full:
        table.add_column("terms")
    for model in models:
        timing = f"{model.inference_us / 1e3:.2f} ms" if model.inference_us else "-"
        row = [model.name, model.version, f"{model.size_bytes / 1e3:.0f} kB", timing, model.runtime]
        table.add_row(*map(Text, [*row, model.terms] if full else row))
    return table
