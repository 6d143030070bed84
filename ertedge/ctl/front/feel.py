"""``ertedge-ctl feel``: say how one feels, by a word or a point; or wait for a good moment to be asked. Floor 4."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import typer
from rich.console import Console

from ertedge.ctl.caller import Caller
from ertedge.ctl.front.calibrate import emotion_of
from ertedge.ctl.front.calibration_objects import label_object, question_object, report_object
from ertedge.ctl.front.calibration_words import FEELING, YOUR
from ertedge.ctl.objects import print_object
from ertedge.ctl.people.whose import Whose, client_of
from ertedge.errors import InvalidRequestError, NotFoundError
from ertedge.rpc.calibration_client import FeelingReport
from ertedge.rpc.client import Client
from ertedge.types import LabelSource, Modality

LISTED_MOST = 100


def feel(
    context: typer.Context,
    word: Annotated[str, typer.Argument(help="Such as happy, sad, calm.")] = "",
    *,
    valence: Annotated[float | None, typer.Option(min=-1.0, max=1.0, help="-1 unpleasant, 1 pleasant.")] = None,
    arousal: Annotated[float | None, typer.Option(min=-1.0, max=1.0, help="-1 calm, 1 excited.")] = None,
    profile: Whose = "",
    list_: Annotated[bool, typer.Option("--list", help="Show what you said so far, newest first.")] = False,
    undo: Annotated[bool, typer.Option("--undo", help="Take the newest back: it was a slip.")] = False,
    ask: Annotated[bool, typer.Option("--ask", help="Wait, and ask when an answer tells most; until Ctrl-C.")] = False,
) -> None:
    """Say how you feel right now. It counts for the seconds before, and teaches the device how you show it."""
    caller: Caller = context.obj
    if (valence is None) != (arousal is None):
        raise typer.BadParameter("give both --valence and --arousal, or neither")
    point = (valence, arousal) if valence is not None and arousal is not None else None

    async def run(client: Client, console: Console) -> None:
        async with client_of(client, profile) as theirs:
            if ask or list_ or undo:
                doing = _ask if ask else _list if list_ else _undo
                await doing(theirs, console, as_json=caller.as_json)
                return
            if not word and point is None:
                raise InvalidRequestError([("feeling", f"say one of {', '.join(FEELING.values())}, or a point")])
            report = await theirs.calibration.report(emotion_of(word) if word else None, point=point)
            if caller.as_json:
                print_object(report_object(report))
            else:
                console.print(thanks(report), markup=False, highlight=False, soft_wrap=True)

    caller.run(run)


async def _ask(client: Client, console: Console, *, as_json: bool) -> None:
    """Tell of each question when it comes; the answer is another ``feel``."""
    async for event in client.calibration.watch_questions():
        if as_json:
            print_object(question_object(event))
        elif event.question is not None:
            console.print(event.question.text, markup=False, highlight=False, soft_wrap=True)
            console.print("To answer: ertedge-ctl feel WORD", markup=False, highlight=False)


async def _list(client: Client, console: Console, *, as_json: bool) -> None:
    labels = (await client.calibration.labels(page_size=LISTED_MOST)).labels
    for label in labels:
        if as_json:
            print_object(label_object(label))
        else:
            when = datetime.fromtimestamp(label.wall_time_ns / 1e9).strftime("%Y-%m-%d %H:%M")
            how = "in a session" if label.source is LabelSource.SESSION else "said by you"
            console.print(f"{when}  {FEELING.get(label.emotion, label.emotion):<10} {how}", highlight=False)
    if not labels and not as_json:
        console.print("You have not said yet how you feel.", highlight=False)


async def _undo(client: Client, console: Console, *, as_json: bool) -> None:
    newest = (await client.calibration.labels(page_size=1)).labels
    if not newest:
        raise NotFoundError("there is nothing to take back")
    await client.calibration.take_back(newest[0])
    if as_json:
        print_object(label_object(newest[0]))
    else:
        console.print(f"Taken back: {FEELING.get(newest[0].emotion, newest[0].emotion)}.", highlight=False)


def thanks(report: FeelingReport) -> str:
    """What was taken in."""
    label = report.label
    read = [YOUR[modality].removeprefix("your ") for modality in Modality if label.of(modality) is not None]
    felt = FEELING.get(label.emotion, label.emotion)
    return f"Thank you. Noted: {felt}, with what your {' and '.join(read)} showed (moment {report.summary.labels})."
