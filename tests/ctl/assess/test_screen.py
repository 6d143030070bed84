"""A questionnaire on a screen: what each key does, help at once and all the time, and a daemon that goes away."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from rich.console import Console, RenderableType

from ertedge.ctl.assess.ask import Asking, keys_of
from ertedge.ctl.assess.screen import ask_on_screen, item_picture, notice_picture
from ertedge.ctl.keys import Keys
from ertedge.errors import ServerUnavailableError
from ertedge.rpc.assessments_client import AssessmentAnswered, AssessmentCompleted
from ertedge.rpc.client import Client
from ertedge.types.assessments import AnswerChoice, QuestionnaireItem
from ertedge.wellbeing.library import load_library
from tests.rpc.house import House, house_at

UP, DOWN, RIGHT, LEFT = "\x1b[A", "\x1b[B", "\x1b[C", "\x1b[D"


class Stage:
    """A screen that remembers its pictures, and presses the next keys once a picture shows the text beside them."""

    height = 24

    def __init__(self, *presses: tuple[str, str]) -> None:
        self.keys = Keys(live=True, arrows=True)
        self.pictures: list[str] = []
        self._presses = list(presses)
        self._console = Console(width=80, height=24)

    def draw(self, picture: RenderableType) -> None:
        with self._console.capture() as captured:
            self._console.print(picture)
        self.pictures.append(captured.get())
        if self._presses and self._presses[0][0] in self.pictures[-1]:
            self.keys.take(self._presses.pop(0)[1].encode())


def on_stage(
    folder: Path, questionnaire_id: str, *presses: tuple[str, str]
) -> tuple[AssessmentCompleted | None, Asking, Stage]:
    async def run() -> tuple[AssessmentCompleted | None, Asking, Stage]:
        async with house_at(folder) as (_, client):
            asking = Asking(client.assessments, await client.assessments.start(questionnaire_id))
            stage = Stage(*presses)
            return await ask_on_screen(client, stage, asking), asking, stage

    return asyncio.run(run())


def test_digits_answer_and_enter_at_the_end_completes(tmp_path: Path) -> None:
    completed, _, stage = on_stage(
        tmp_path, "check-in", ("question 1 of 2", "3"), ("question 2 of 2", "1"), ("That was the last question", "\r")
    )
    assert completed is not None
    assert [score.score for score in completed.view.scores] == [3, 1]
    assert "2 questions are answered." in stage.pictures[-1]


def test_arrows_choose_and_enter_answers_and_the_ends_hold(tmp_path: Path) -> None:
    completed, _, stage = on_stage(
        tmp_path,
        "check-in",
        ("question 1 of 2", f"{UP}{DOWN}{DOWN}{UP}\n"),
        ("question 2 of 2", DOWN * 9 + "\n"),
        ("That was the last question", "\n"),
    )
    assert completed is not None
    assert [score.score for score in completed.view.scores] == [1, 4]
    assert any("▶  4  more than I can carry" in picture for picture in stage.pictures)


def test_back_shows_what_was_answered_and_forward_keeps_it(tmp_path: Path) -> None:
    completed, _, _ = on_stage(
        tmp_path,
        "check-in",
        ("question 1 of 2", "3"),
        ("question 2 of 2", LEFT),
        ("▶* 3  rather good", RIGHT),
        ("question 2 of 2", "2"),
        ("That was the last question", "b"),
        ("▶* 2  some", "0"),
        ("That was the last question", "\n"),
    )
    assert completed is not None
    assert [score.score for score in completed.view.scores] == [3, 0]


def test_open_questions_are_told_as_open(tmp_path: Path) -> None:
    completed, _, _ = on_stage(
        tmp_path,
        "check-in",
        ("question 1 of 2", "s"),
        ("question 2 of 2", LEFT),
        ("left open before", RIGHT),
        ("question 2 of 2", "1"),
        ("1 questions are answered, 1 are left open.", "\n"),
    )
    assert completed is not None
    assert [score.score for score in completed.view.scores] == [None, 1]


@pytest.mark.parametrize("key", ["q", "\x1b"])
def test_leaving_keeps_what_was_answered(tmp_path: Path, key: str) -> None:
    completed, asking, _ = on_stage(tmp_path, "dass21", ("question 1 of 21", "2"), ("question 2 of 21", key))
    assert completed is None
    assert asking.answered_count == 1


def test_an_answer_that_calls_for_help_shows_it_before_anything_else(tmp_path: Path) -> None:
    presses = [(f"question {number} of 10", "0") for number in range(1, 9)]
    completed, asking, stage = on_stage(
        tmp_path,
        "phq9",
        *presses,
        ("question 9 of 10", "1"),
        ("You are not alone with this", "h"),
        ("help now", "q"),
        ("You are not alone with this", "\n"),
        ("question 10 of 10", "q"),
    )
    assert completed is None
    assert asking.answered_count == 9
    first = next(picture for picture in stage.pictures if "You are not alone with this" in picture)
    for part in ("you do not have to carry it alone", "findahelpline.com", "Your answer is kept", "q stops here"):
        assert part in " ".join(first.replace("│", " ").split())
    after = stage.pictures.index(first)
    assert not any("question 10" in picture for picture in stage.pictures[:after])


def test_one_may_stop_there(tmp_path: Path) -> None:
    completed, asking, _ = on_stage(
        tmp_path,
        "dass21",
        *[(f"question {number} of 21", "s") for number in range(1, 21)],
        ("question 21 of 21", "3"),
        ("You are not alone with this", "q"),
    )
    assert completed is None
    assert asking.answered_count == 1


def test_help_is_one_key_away_and_can_be_asked_for(tmp_path: Path) -> None:
    completed, _, stage = on_stage(
        tmp_path,
        "dass21",
        ("question 1 of 21", "h"),
        ("help now", "n"),
        ("not an emergency service", "h"),
        ("question 1 of 21", "q"),
    )
    assert completed is None
    assert any("findahelpline.com" in picture for picture in stage.pictures)


def test_a_daemon_that_is_away_is_told_with_what_helps_without_it_and_nothing_is_lost(tmp_path: Path) -> None:
    async def run() -> None:
        async with house_at(tmp_path) as (_, client):
            asking = Asking(client.assessments, await client.assessments.start("gad7"))
            flaky = Flaky(asking)
            stage = Stage(("question 1 of 7", "3"), ("does not answer", "3"), ("question 2 of 7", "q"))
            assert await ask_on_screen(client, stage, flaky) is None
            assert asking.answered_count == 1
            told = next(picture for picture in stage.pictures if "does not answer" in picture)
            assert "112" in told

    asyncio.run(run())


class Flaky(Asking):
    """Fails the first answer, as where the daemon is away."""

    def __init__(self, asking: Asking) -> None:
        self.__dict__.update(asking.__dict__)
        self._failures = 1
        self._behind = asking

    async def answer(self, code: str) -> AssessmentAnswered:
        if self._failures:
            self._failures -= 1
            raise ServerUnavailableError("away")
        answered = await self._behind.answer(code)
        self.view, self.index = self._behind.view, self._behind.index
        return answered


def test_every_question_fits_80_by_24_without_colour(tmp_path: Path) -> None:
    async def scenario(_house: House, client: Client) -> None:
        console = Console(width=80, height=24, no_color=True)
        for instrument in load_library().all():
            name = instrument.questionnaire.questionnaire_id
            asking = Asking(client.assessments, await client.assessments.start(name))
            for index, item in enumerate(asking.items):
                asking.index = index
                with console.capture() as captured:
                    console.print(item_picture(asking, item, 0))
                lines = captured.get().splitlines()
                assert len(lines) <= 24, (name, item.link_id, len(lines))
                assert all(len(line) <= 80 for line in lines)
                whole = " ".join(captured.get().replace("│", " ").split())
                assert item.text in whole, (name, item.link_id)
                assert all(choice.text in whole for choice in item.choices)
        with console.capture() as captured:
            console.print(notice_picture("word " * 80, await client.safety.helplines()))
        assert len(captured.get().splitlines()) <= 24

    asyncio.run(_with(tmp_path, scenario))


async def _with(folder: Path, scenario: Callable[[House, Client], Awaitable[None]]) -> None:
    async with house_at(folder) as (house, client):
        await scenario(house, client)


def test_answers_without_digits_as_codes_are_counted_from_one() -> None:
    yes, no = AnswerChoice("yes", "Yes", 1), AnswerChoice("no", "No", 0)
    assert keys_of(QuestionnaireItem("a", "", "?", (yes, no))) == {"1": yes, "2": no}
    zero = AnswerChoice("0", "Never", 0)
    assert keys_of(QuestionnaireItem("a", "", "?", (zero, AnswerChoice("3", "Often", 3))))["0"] == zero
