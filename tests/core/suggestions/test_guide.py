"""Each step when it is due, from any position on, without drift; and an end."""

from __future__ import annotations

import asyncio

import pytest

from ertedge.core.suggestions import guide as module
from ertedge.core.suggestions.guide import Guide, events
from ertedge.core.suggestions.records import GuideEvent
from ertedge.errors import InvalidRequestError, LimitReachedError
from tests.core.fakes import SECOND_NS, FakeClock
from tests.core.suggestion_fakes import activity

BREATHING = activity("breathing")
"""Read for 2 s, breathe in for 4 s, breathe out for 6 s."""


class SleepingClock(FakeClock):
    """A clock that a wait moves on, and every look by a little more, as real ones do."""

    late_ns = 0

    def monotonic_ns(self) -> int:
        self.now_ns += self.late_ns
        return self.now_ns


def told(event: GuideEvent) -> tuple[str, int, float, float]:
    return (event.step.show if event.step else "", event.step_index, event.position_seconds, event.remaining_seconds)


@pytest.mark.parametrize(
    ("position", "expected"),
    [
        (0.0, [("Sit down", 0, 0, 2), ("Breathe in", 1, 2, 4), ("Breathe out", 2, 6, 6), ("", 3, 12, 0)]),
        (2.0, [("Breathe in", 1, 2, 4), ("Breathe out", 2, 6, 6), ("", 3, 12, 0)]),
        (3.5, [("Breathe in", 1, 3.5, 2.5), ("Breathe out", 2, 6, 6), ("", 3, 12, 0)]),
        (11.75, [("Breathe out", 2, 11.75, 0.25), ("", 3, 12, 0)]),
        (12.0, [("", 3, 12, 0)]),
    ],
)
def test_what_is_still_to_come(position: float, expected: list[tuple[str, int, float, float]]) -> None:
    found = list(events(BREATHING, position))
    assert [told(event) for event in found] == expected
    assert {(event.step_count, event.total_seconds) for event in found} == {(3, 12.0)}


@pytest.mark.parametrize("position", [-0.001, 12.001, 1e12, float("nan"), float("inf")])
def test_a_position_outside_is_refused_with_the_length(position: float) -> None:
    async def scenario() -> None:
        with pytest.raises(InvalidRequestError, match=r"position: is .*lasts 12 s"):
            await anext(Guide(FakeClock()).through(BREATHING, position))

    asyncio.run(scenario())


def test_every_step_comes_when_it_is_due_and_lateness_does_not_add_up(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = SleepingClock()
    clock.late_ns = SECOND_NS // 10
    waits: list[float] = []

    async def wait(_event: asyncio.Event, seconds: float) -> bool:
        waits.append(seconds)
        clock.now_ns += round(max(0.0, seconds) * 1e9)
        return False

    monkeypatch.setattr(module, "_is_set_within", wait)

    async def scenario() -> None:
        begin_ns = clock.now_ns
        came = [
            (event.position_seconds, (clock.now_ns - begin_ns) / 1e9)
            async for event in Guide(clock).through(BREATHING, 1.0)
        ]
        assert [position for position, _ in came] == [1.0, 2.0, 6.0, 12.0]
        for position, at in came:
            assert at - (position - 1.0) == pytest.approx(0.1, abs=0.11)

    asyncio.run(scenario())
    assert waits[2] == pytest.approx(3.9)


def test_the_real_clock_guides_through_short_steps_and_counts_who_is_guided() -> None:
    async def scenario() -> None:
        from ertedge.core.clock import SystemClock

        guide = Guide(SystemClock())
        stream = guide.through(BREATHING, 11.95)
        first = await anext(stream)
        assert (first.step_index, guide.guided_count) == (2, 1)
        assert (await anext(stream)).step is None
        with pytest.raises(StopAsyncIteration):
            await anext(stream)
        assert guide.guided_count == 0

    asyncio.run(scenario())


def test_a_stop_ends_everybodys_guidance_and_too_many_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "GUIDES_MOST", 2)

    async def scenario() -> None:
        guide = Guide(FakeClock())
        streams = [guide.through(BREATHING) for _ in range(2)]
        for stream in streams:
            await anext(stream)
        with pytest.raises(LimitReachedError):
            await anext(guide.through(BREATHING))
        guide.end_all()
        for stream in streams:
            with pytest.raises(StopAsyncIteration):
                await asyncio.wait_for(anext(stream), 2)
        assert guide.guided_count == 0
        await anext(guide.through(BREATHING, 12.0))

    asyncio.run(scenario())
