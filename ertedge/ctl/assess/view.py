"""What a person sees of their questionnaires: what one came to, the list, the chart, single answers. Floor 4."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

from ertedge.ctl.assess import words
from ertedge.ctl.assess.ask import Asking
from ertedge.ctl.assess.band_chart import BandChart
from ertedge.ctl.safety.view import say, show_helplines
from ertedge.rpc.assessments_client import (
    AssessmentAnswered,
    AssessmentCompleted,
    AssessmentView,
    QuestionnaireView,
    ScoresOverTime,
)
from ertedge.types.assessments import AssessmentReminder, Scale


def show_questionnaires(console: Console, found: Sequence[QuestionnaireView]) -> None:
    """Which there are."""
    table = Table("name", "title", "questions", "language", box=None, pad_edge=False, header_style="bold")
    for each in found:
        asked = each.questionnaire
        table.add_row(asked.questionnaire_id, Text(asked.title), str(len(asked.items)), asked.language)
    console.print(table)
    console.print("")
    say(console, "To fill one in: ertedge-ctl assess dass21. You can leave at any question and go on within a day.")
    say(console, "Whose they are and what may be done with them: ertedge-ctl --json assess", "dim")


def say_left(console: Console, asking: Asking) -> None:
    """It was left half-way, which is all right."""
    name = asking.asked.questionnaire.questionnaire_id
    if not asking.answered_count:
        say(console, f"Nothing was answered. To begin again: ertedge-ctl assess {name}")
        return
    count = len(asking.items)
    kept = " and kept" if asking.kept else ""
    say(console, f"{asking.answered_count} of {count} questions are answered{kept}.")
    say(console, f"Within a day you can go on where you were: ertedge-ctl assess {name}")
    say_whether_kept(console, asking)


def say_whether_kept(console: Console, asking: Asking) -> None:
    """Where nothing is written down, that is said, with the way to change it."""
    if not asking.kept:
        say(console, words.NOT_KEPT, "dim")


def show_completed(console: Console, completed: AssessmentCompleted, asked: QuestionnaireView) -> None:
    """Help first where it is called for; then the scores in plain words, and what has changed."""
    if completed.notice is not None:
        say(console, completed.notice.message, "bold")
        console.print("")
        show_helplines(console, completed.helplines)
        console.print("")
    say(
        console,
        f"{asked.questionnaire.title}, {words.day_text(completed.view.assessment.complete_wall_time_ns)}",
        "bold",
    )
    for score in completed.view.scores:
        say(console, f"{score.title}: {words.score_text(score)}")
    titles = {score.scale_id: score.title for score in completed.view.scores}
    if completed.changes:
        console.print("")
        say(console, "Since the last time", "bold")
        for line in words.changes_titled(completed.changes, titles):
            say(console, line)
    console.print("")
    say(console, words.NO_DIAGNOSIS, "dim")
    say(console, f"Over time: ertedge-ctl assess chart {asked.questionnaire.questionnaire_id}", "dim")


def show_help(console: Console, answered: AssessmentAnswered) -> None:
    """The help that an answer calls for."""
    if answered.notice is not None:
        console.print("")
        say(console, answered.notice.message, "bold")
        show_helplines(console, answered.helplines)


def show_reminders(console: Console, reminders: Sequence[AssessmentReminder]) -> None:
    """Gently, and with the way to have none."""
    for reminder in reminders:
        name = reminder.questionnaire_id
        say(console, f"If you like: it is a while since the last {name}. ertedge-ctl assess {name}")
        say(console, f"Not now: ertedge-ctl assess dismiss {name}", "dim")
        console.print("")


def show_list(console: Console, found: Sequence[AssessmentView]) -> None:
    """A row each, newest first."""
    if not found:
        say(console, "Nothing was filled in yet. To begin: ertedge-ctl assess dass21")
        return
    table = Table("no.", "day", "questionnaire", "", "scores", box=None, pad_edge=False, header_style="bold")
    for each in found:
        assessment = each.assessment
        table.add_row(
            str(assessment.assessment_id),
            words.day_text(assessment.complete_wall_time_ns or assessment.update_wall_time_ns),
            Text(assessment.questionnaire_id),
            words.STATUS[assessment.status],
            Text(words.summary_text(each)),
        )
    console.print(table)


def show_chart(console: Console, told: ScoresOverTime, name: str) -> None:
    """A picture a scale, then what has changed from the first to the last."""
    if not told.points:
        say(console, f"There is no completed {name} yet. To fill one in: ertedge-ctl assess {name}")
        return
    first, last = told.points[0].wall_time_ns, told.points[-1].wall_time_ns
    span = f"{words.day_text(first)} to {words.day_text(last)}" if len(told.points) > 1 else words.day_text(first)
    say(console, f"{name}: {len(told.points)} filled in, {span}", "bold")
    for scale in told.scales:
        console.print("")
        say(console, scale.title, "bold")
        points = _points(told, scale)
        if not points:
            say(console, "no score yet: too many of its questions were left open")
            continue
        console.print(BandChart(scale, points))
        say(console, _numbers(told, scale), "dim")
    console.print("")
    titles = {scale.scale_id: scale.title for scale in told.scales}
    for line in words.changes_titled(told.changes, titles):
        say(console, line)
    if rule := words.rule_text(told.scales):
        say(console, rule, "dim")
    if any(scale.bands for scale in told.scales):
        say(console, "The bands are the authors' and compare with many people's scores; they diagnose nothing.", "dim")


def show_answers(console: Console, found: AssessmentView, asked: QuestionnaireView) -> None:
    """Every question with its answer, the scores, and what was changed later."""
    assessment = found.assessment
    number, status = assessment.assessment_id, words.STATUS[assessment.status]
    day = words.day_text(assessment.complete_wall_time_ns or assessment.update_wall_time_ns)
    say(console, f"{asked.questionnaire.title}, no. {number}, {status} {day}", "bold")
    table = Table("", "question", "answer", box=None, pad_edge=False, header_style="bold")
    shown = {answer.link_id: answer.code for answer in assessment.answers}
    for item in asked.questionnaire.items:
        choice = item.choice(shown.get(item.link_id, ""))
        answer = (
            f"{choice.code}  {choice.text}" if choice else "left open" if item.link_id in shown else "not asked yet"
        )
        table.add_row(item.link_id, Text(item.text), Text(answer))
    console.print(table)
    for score in found.scores:
        say(console, f"{score.title}: {words.score_text(score)}")
    for each in assessment.amendments:
        before, after = each.code_before or "left open", each.code_after or "left open"
        said = f"{words.day_text(each.wall_time_ns)}: question {each.link_id} changed from {before} to {after}"
        say(console, f"{said} ({each.reason})", "dim")


def _points(told: ScoresOverTime, scale: Scale) -> list[tuple[float, int]]:
    """Where along the whole span each score lies; a single one stands at the end."""
    first, last = told.points[0].wall_time_ns, told.points[-1].wall_time_ns
    span = last - first
    found = []
    for point in told.points:
        score = next((each.score for each in point.scores if each.scale_id == scale.scale_id), None)
        if score is not None:
            found.append(((point.wall_time_ns - first) / span if span else 1.0, score))
    return found


def _numbers(told: ScoresOverTime, scale: Scale) -> str:
    """The scores as numbers, which a picture leaves to guess: the newest dozen with their days."""
    parts = []
    for point in told.points[-12:]:
        score = next((each for each in point.scores if each.scale_id == scale.scale_id), None)
        if score is not None:
            parts.append(f"{words.day_text(point.wall_time_ns)[5:]} {words.brief_score(score)}")
    return "  ".join(parts)
