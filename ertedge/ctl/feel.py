"""``ertedge-ctl feel``: say how one feels, by a word or a point; or wait for a good moment to be asked. Floor 4."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.console import Console

from ertedge.ctl.calibrate import emotion_of
from ertedge.ctl.calibration_objects import question_object, report_object
from ertedge.ctl.calibration_words import FEELING, YOUR
from ertedge.ctl.caller import Caller
from ertedge.ctl.objects import print_object
from ertedge.ctl.whose import Whose, client_of
from ertedge.errors import InvalidRequestError
from ertedge.rpc.calibration_client import FeelingReport
from ertedge.rpc.client import Client
from ertedge.types import Modality


def feel(
    context: typer.Context,
    word: Annotated[str, typer.Argument(help="Such as happy, sad, calm.")] = "",
    *,
    valence: Annotated[float | None, typer.Option(min=-1.0, max=1.0, help="-1 unpleasant, 1 pleasant.")] = None,
    arousal: Annotated[float | None, typer.Option(min=-1.0, max=1.0, help="-1 calm, 1 excited.")] = None,
    profile: Whose = "",
    ask: Annotated[bool, typer.Option("--ask", help="Wait, and ask when an answer tells most; until Ctrl-C.")] = False,
) -> None:
    """Say how you feel right now. It counts for the seconds before, and teaches the device how you show it."""
    caller: Caller = context.obj
    if (valence is None) != (arousal is None):
        raise typer.BadParameter("give both --valence and --arousal, or neither")
    point = (valence, arousal) if valence is not None and arousal is not None else None

    async def run(client: Client, console: Console) -> None:
        async with client_of(client, profile) as theirs:
            if ask:
                await _ask(theirs, console, as_json=caller.as_json)
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


def thanks(report: FeelingReport) -> str:
    """What was taken in."""
    label = report.label
    read = [YOUR[modality].removeprefix("your ") for modality in Modality if label.of(modality) is not None]
    return (
        f"Thank you. Noted: {FEELING.get(label.emotion, label.emotion)}, beside what your {' and '.join(read)} showed."
        f" I know {report.summary.labels} moments of yours now."
    )
