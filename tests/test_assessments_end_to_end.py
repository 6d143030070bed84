"""Questionnaires with real processes: a red flag said half-way outlives a power cut, and what was left is gone on with."""

from __future__ import annotations

import asyncio
import json
import signal
from pathlib import Path

from ertedge.rpc.client import Client
from ertedge.types import NoticeKind, SafetyCause
from tests.daemon_process import daemon, state_that
from tests.wellbeing.test_library import drop_in


def test_left_half_way_cut_off_and_gone_on_with(tmp_path: Path) -> None:
    async def first_run(address: str) -> int:
        async with Client(address) as client:
            await state_that(client.watch())
            started = await client.assessments.start("dass21")
            number = started.view.assessment.assessment_id
            for item in started.asked.questionnaire.items[:5]:
                await client.assessments.answer(number, item.link_id, "1")
            answered = await client.assessments.answer(number, "21", "2")
            assert answered.notice is not None
            assert answered.helplines
            return number

    async def second_run(address: str) -> None:
        async with Client(address) as client:
            await state_that(client.watch())
            (notice,) = (await client.safety.list_notices(only_open=True)).notices
            assert (notice.cause, notice.kind) == (SafetyCause.RED_FLAG, NoticeKind.SUPPORT)
            started = await client.assessments.start("dass21")
            assert started.resumed
            assert started.view.assessment.assessment_id == number
            assert started.view.next_link_id == "6"
            assert started.view.assessment.code("21") == "2"
            for item in started.asked.questionnaire.items[5:20]:
                await client.assessments.answer(number, item.link_id, "0")
            completed = await client.assessments.complete(number)
            assert [score.score for score in completed.view.scores] == [8, 4, 2]
            assert completed.notice is not None
            assert json.loads((await client.assessments.assessment(number)).fhir_json)["status"] == "completed"
            assert await client.is_serving("ertedge.v1.AssessmentService")

    with daemon(tmp_path) as running:
        number = asyncio.run(first_run(running.address))
        running.process.send_signal(signal.SIGKILL)
        running.process.wait(15)
        assert "Traceback" not in running.log
    with daemon(tmp_path) as running:
        asyncio.run(second_run(running.address))
        assert running.stop() == 0
        assert "Traceback" not in running.log
        assert "meaningless" not in running.log


def test_a_folder_of_ones_own_is_served_and_a_fault_in_it_stops_the_start(tmp_path: Path) -> None:
    folder = tmp_path / "questionnaires"
    folder.mkdir()
    drop_in(folder, lambda resource: resource.update(title="Ours"))
    config = f"[assessments]\nquestionnaires_dir = '{folder}'\n"

    async def title(address: str) -> str:
        async with Client(address) as client:
            await state_that(client.watch())
            return (await client.assessments.questionnaire("gad7")).questionnaire.title

    with daemon(tmp_path, config=config) as running:
        assert asyncio.run(title(running.address)) == "Ours"
        assert running.stop() == 0
    drop_in(folder, lambda resource: resource.update(item=[]))
    with daemon(tmp_path, config=config) as running:
        assert running.process.wait(60) == 2
        assert "gad7.json: item: " in running.log
