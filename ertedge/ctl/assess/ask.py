"""Asking a questionnaire, an item at a time: where it is, what was answered, forward, back. Floor 4.

Every answer is with the daemon before the next item is shown, so that leaving loses nothing, however it comes about. How an
item is shown and how an answer comes in is another's: a screen (``assess_screen``) or lines (``assess_lines``).
"""

from __future__ import annotations

from ertedge.rpc.assessments_client import (
    AssessmentAnswered,
    AssessmentCompleted,
    AssessmentsClient,
    AssessmentStarted,
    AssessmentView,
    QuestionnaireView,
)
from ertedge.types.assessments import AnswerChoice, QuestionnaireItem


class Asking:
    """Begins at the first item that is neither answered nor left open."""

    def __init__(self, assessments: AssessmentsClient, started: AssessmentStarted) -> None:
        self.asked: QuestionnaireView = started.asked
        self.view: AssessmentView = started.view
        self.resumed = started.resumed
        self.kept = started.kept
        self._assessments = assessments
        items = self.asked.questionnaire.items
        self.index = next((n for n, item in enumerate(items) if item.link_id == self.view.next_link_id), len(items))

    @property
    def items(self) -> tuple[QuestionnaireItem, ...]:
        """All that is asked."""
        return self.asked.questionnaire.items

    @property
    def item(self) -> QuestionnaireItem | None:
        """The item that is asked now; None once all were shown."""
        return self.items[self.index] if self.index < len(self.items) else None

    @property
    def answered_count(self) -> int:
        """How many have an answer."""
        return sum(1 for answer in self.view.assessment.answers if answer.code)

    def given(self, item: QuestionnaireItem) -> AnswerChoice | None:
        """What was answered to an item, if anything was."""
        return item.choice(self.view.assessment.code(item.link_id))

    def was_shown(self, item: QuestionnaireItem) -> bool:
        """Whether an item was answered or left open."""
        return any(answer.link_id == item.link_id for answer in self.view.assessment.answers)

    async def answer(self, code: str) -> AssessmentAnswered:
        """Answer the item that is asked (an empty ``code`` leaves it open) and go on to the next."""
        item = self.items[self.index]
        answered = await self._assessments.answer(self.view.assessment.assessment_id, item.link_id, code)
        self.view = answered.view
        self.index += 1
        return answered

    def back(self) -> None:
        """To the item before, if there is one."""
        self.index = max(0, self.index - 1)

    def forward(self) -> None:
        """To the next item, past one that was shown already."""
        if self.item is not None and self.was_shown(self.item):
            self.index += 1

    async def complete(self) -> AssessmentCompleted:
        """What it comes to. Raises PreconditionError where nothing is answered."""
        return await self._assessments.complete(self.view.assessment.assessment_id)


def keys_of(item: QuestionnaireItem) -> dict[str, AnswerChoice]:
    """The digit for each answer: its code where every code is a digit, as on paper, and else 1, 2 and so on."""
    digits = [choice.code for choice in item.choices]
    if not all(len(code) == 1 and code.isascii() and code.isdigit() for code in digits):
        digits = [str(number) for number in range(1, len(item.choices) + 1)]
    return dict(zip(digits, item.choices, strict=True))
