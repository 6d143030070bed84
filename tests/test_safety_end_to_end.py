"""Safety with real processes: a bad half hour becomes a notice, and a cry for help outlives a power cut."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import AsyncIterator
from pathlib import Path

from ertedge.rpc.client import Client
from ertedge.rpc.safety_client import NoticeEvent
from ertedge.types import NoticeKind, NoticeResponse, SafetyCause, SafetyNotice, SafetyPlan
from tests.daemon_process import daemon, state_that

BAD_HALF_HOUR = """
title = "a bad half hour"
seed = 3
speed = 300
face = { frames_per_second = 0.5 }
voice = { step_seconds = 2 }
segments = [
    { emotion = "neutral", seconds = 300, intensity = 0.9 },
    { emotion = "sadness", seconds = 3600, intensity = 0.9 },
]
"""
CONFIG = "[safety]\nregion = 'DE'\n[suggestions]\nlanguage = 'de'\n"


async def notice_that(events: AsyncIterator[NoticeEvent], kind: NoticeKind) -> SafetyNotice:
    async with asyncio.timeout(40):
        async for event in events:
            if event.notice is not None and event.notice.kind is kind:
                return event.notice
    raise AssertionError("the stream ended")


def test_a_bad_half_hour_a_cry_for_help_and_a_power_cut(tmp_path: Path) -> None:
    async def first_run(address: str) -> SafetyNotice:
        async with Client(address) as client:
            events = client.safety.watch()
            raised = await notice_that(events, NoticeKind.CHECK_IN)
            assert (raised.cause, raised.synthetic, raised.open) == (SafetyCause.SEVERE_STATE, True, True)
            assert "bist du in Sicherheit" in raised.message
            await client.safety.update_plan(SafetyPlan(warning_signs=("ich schlafe nicht",)))
            answered = await client.safety.respond(raised.notice_id, NoticeResponse.NEED_HELP)
            assert answered.helplines[0].contact == "112"
            assert "0800 111 0 111" in [line.contact for line in answered.helplines]
            support = await notice_that(events, NoticeKind.SUPPORT)
            assert (support.notice_id, support.synthetic) == (raised.notice_id, False)
            return support

    async def second_run(address: str) -> None:
        async with Client(address) as client:
            await state_that(client.watch())
            page = await client.safety.list_notices(only_open=True)
            assert [(each.notice_id, each.kind, each.cause) for each in page.notices] == [
                (support.notice_id, NoticeKind.SUPPORT, SafetyCause.ASKED_FOR_HELP)
            ]
            asked = await client.safety.ask_for_help()
            assert asked.notice.notice_id == support.notice_id
            assert asked.plan is not None
            assert asked.plan.warning_signs == ("ich schlafe nicht",)

    scenario = tmp_path / "bad.toml"
    scenario.write_text(BAD_HALF_HOUR, "utf-8")
    with daemon(tmp_path, source=f"simulate:{scenario}", config=CONFIG) as running:
        support = asyncio.run(first_run(running.address))
        running.process.send_signal(signal.SIGKILL)
        running.process.wait(15)
        assert "Traceback" not in running.log
    with daemon(tmp_path, config=CONFIG) as running:
        asyncio.run(second_run(running.address))
        assert running.stop() == 0
        assert "Traceback" not in running.log
