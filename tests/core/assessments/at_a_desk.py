"""Assessments at a desk of their own, and answers as another device gives them."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Coroutine
from typing import Any

from tests.core.assessment_desk import Desk


def at_a_desk(test: Callable[[Desk], Coroutine[Any, Any, None]]) -> Callable[[], None]:
    """Run the test at a new desk."""

    def run() -> None:
        async def inside() -> None:
            await test(await Desk().start())

        asyncio.run(inside())

    run.__name__ = test.__name__
    return run


def response(desk: Desk, values: dict[str, int], questionnaire_id: str = "dass21", **fields: object) -> str:
    questionnaire = desk.assessments.questionnaire(questionnaire_id).questionnaire
    items = [{"linkId": link_id, "answer": [{"valueInteger": value}]} for link_id, value in values.items()]
    document = {
        "resourceType": "QuestionnaireResponse",
        "questionnaire": questionnaire.url,
        "status": "completed",
        "item": items,
        **fields,
    }
    return json.dumps(document)
