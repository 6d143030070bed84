"""Studies as a person reads them in a terminal. Floor 4."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

from ertedge.ctl.objects import time_text
from ertedge.rpc.study_client import ParticipantView, StudyInfo
from ertedge.types.study import Adherence, AdverseEvent, AllocationCheck, Disclosure, DueAssessment, DueStatus

DUE_STYLE = {DueStatus.DUE: "bold", DueStatus.MISSED: "dim", DueStatus.UPCOMING: "dim", DueStatus.DONE: ""}
DISCLOSED = {Disclosure.AT_ENROLMENT: "from enrolment on", Disclosure.AT_END: "at the end"}


def say(console: Console, sentence: str, style: str = "") -> None:
    """A sentence as it is, in lines of the terminal's width."""
    console.print(Text(sentence, style=style))


def words(text: object) -> str:
    """A word of the API as people write it."""
    return str(text).replace("_", " ")


def studies_table(studies: Sequence[StudyInfo]) -> Table:
    """A row a study."""
    table = _table("study", "people", "since (UTC)", "", "title")
    for study in studies:
        ended = "open" if study.is_open else "ended"
        table.add_row(
            study.study_id,
            str(study.participant_count),
            time_text(study.create_wall_time_ns)[:10],
            ended + (", simulated" if study.synthetic else ""),
            Text(study.title),
        )
    return table


def show_study(console: Console, study: StudyInfo) -> None:
    """What a study is, for whoever runs it."""
    say(console, study.title, "bold")
    if study.synthetic:
        say(console, "SIMULATED: its people are not real.", "bold")
    rows = [
        ("groups", ", ".join(f"{arm.name} ({words(arm.kind)}) {arm.ratio}" for arm in study.arms)),
        ("group may be read", DISCLOSED[study.disclosure]),
        ("primary outcome", f"{study.primary_outcome} at {study.primary_time_point}"),
        ("questionnaires", ", ".join(f"{each.name} (day {each.day})" for each in study.time_points)),
        ("duration", f"{study.duration_days} days"),
        ("people", str(study.participant_count)),
        ("protocol", f"version {study.version}, SHA-256 {study.protocol_digest[:16]}"),
    ]
    grid = Table.grid(padding=(0, 2))
    for name, value in rows:
        grid.add_row(Text(name, style="dim"), Text(value))
    console.print(grid)
    say(console, "The allocation is sealed. Write this commitment down, or register it with the trial:", "dim")
    console.print(study.commitment, markup=False, highlight=False, soft_wrap=True)


def participants_table(found: Sequence[ParticipantView]) -> Table:
    """A row a participant."""
    table = _table("no.", "profile", "stratum", "group", "how far", "since (UTC)", "until")
    for one in found:
        table.add_row(
            str(one.participant_id),
            str(one.profile_id),
            words(one.stratum),
            one.arm or "sealed",
            words(one.status),
            time_text(one.enrol_wall_time_ns)[:10],
            time_text(one.end_wall_time_ns)[:10],
        )
    return table


def show_participant(console: Console, one: ParticipantView) -> None:
    """What to tell somebody who has just been enrolled."""
    say(console, f"Participant {one.participant_id} of {one.study_id}, profile {one.profile_id}.", "bold")
    if one.arm:
        say(console, f"Group: {one.arm_title}.")
    else:
        say(console, "The group was allocated, and stays sealed until the study is over for them.")
    say(console, f"The study lasts until {time_text(one.end_wall_time_ns)[:10]} (UTC).")


def due_table(due: Sequence[DueAssessment]) -> Table:
    """A row a questionnaire and time point."""
    table = _table("when", "questionnaire", "how it stands", "from (UTC)", "until", "answered")
    for each in due:
        table.add_row(
            words(each.time_point),
            each.questionnaire_id,
            Text(each.status.value, style=DUE_STYLE[each.status]),
            time_text(each.open_wall_time_ns)[:10],
            time_text(each.close_wall_time_ns)[:10],
            time_text(each.done_wall_time_ns)[:10] if each.done_wall_time_ns else "",
        )
    return table


def show_adherence(console: Console, adherence: Adherence) -> None:
    """What somebody did, in two lines."""
    say(
        console,
        f"{adherence.offered} activities offered, {adherence.unasked} of them unasked; {adherence.begun} begun,"
        f" {adherence.completed} completed.",
    )
    say(
        console,
        f"{adherence.rated} were rated, {adherence.helped} of them as helpful. Active on {adherence.days_active} of"
        f" {adherence.days} days.",
    )


def events_table(events: Sequence[AdverseEvent]) -> Table:
    """A row an adverse event, the serious ones bold."""
    table = _table("no.", "who", "since (UTC)", "what", "serious", "strength", "related", "outcome")
    for each in events:
        table.add_row(
            str(each.event_id),
            str(each.participant_id),
            time_text(each.onset_wall_time_ns)[:10],
            words(each.category),
            Text(words(each.seriousness) if each.is_serious else "no", style="bold" if each.is_serious else ""),
            words(each.severity),
            words(each.relatedness),
            words(each.outcome),
        )
    return table


def show_check(console: Console, check: AllocationCheck) -> None:
    """What an opened seal says."""
    say(console, f"commitment {check.commitment}")
    say(console, f"seed       {check.seed}")
    say(console, f"nonce      {check.nonce}")
    for fault in check.faults:
        say(console, fault, "bold")
    if not check.faults:
        say(console, f"All {check.checked} allocations are as they were sealed.", "bold")


def _table(*names: str) -> Table:
    table = Table(*names, box=None, pad_edge=False)
    table.header_style = "bold"
    return table
