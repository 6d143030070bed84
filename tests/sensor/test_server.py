"""The real server and the real client over a real Unix socket; only the flow behind them is a fake."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import stat
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import grpc
import pytest

from ertedge.errors import InvalidRequestError, ListenError, SensorUnavailableError, StoreError
from ertedge.sensor.client import SensorClient
from ertedge.sensor.mute import FILE_NAME, MuteFile
from ertedge.sensor.permits import FILE_NAME as PERMITTED
from ertedge.sensor.permits import PermitFile
from ertedge.sensor.server import WATCHERS_MOST, SensorServer, SensorService
from ertedge.sensor.v1 import sensor_service_pb2 as messages
from ertedge.sensor.v1 import sensor_service_pb2_grpc as services
from ertedge.types import Emotion, Modality, Prediction, Reason, SensorCondition, SensorName, SensorReport
from tests.sensor.fakes import MODEL, FakeFlow, is_report, prediction


class Scene:
    """A served fake flow."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.socket = directory / "sensor.sock"
        self.flow = FakeFlow()
        self.mutes = MuteFile(directory)
        self.dropped = 0
        self.progressed = 0
        self.permits = PermitFile(directory)
        self.permits.permit(frozenset(SensorName))
        self.service = SensorService(self.flow, self.mutes, self.permits, self._drop)
        self.server = SensorServer(self.socket, self.service)
        self.client = SensorClient(self.socket)

    def _drop(self) -> None:
        self.dropped += 1

    def _progress(self) -> None:
        self.progressed += 1

    async def reports(self, seconds: float) -> int:
        """How many reports come within ``seconds``, the greeting not counted."""
        count = -1
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                async for event in self.client.watch():
                    count += is_report(event)
        return count

    @contextlib.asynccontextmanager
    async def reporting(self) -> AsyncIterator[None]:
        task = asyncio.create_task(self.service.keep_reporting(self._progress))
        try:
            yield
        finally:
            task.cancel()


def play(directory: Path, scene: Callable[[Scene], Awaitable[None]]) -> None:
    async def run() -> None:
        played = Scene(directory)
        await played.server.start()
        played.flow.start(played.service, played.mutes.muted, played.permits.permitted)
        try:
            async with asyncio.timeout(20):
                await scene(played)
        finally:
            await played.server.stop()

    asyncio.run(run())


def test_a_watcher_gets_a_report_and_then_predictions(tmp_path: Path) -> None:
    async def scene(played: Scene) -> None:
        events = played.client.watch()
        first = await anext(events)
        assert isinstance(first, SensorReport)
        assert first.models == (MODEL,)
        assert first.source == "fake"
        assert first.synthetic
        assert first.resident_bytes > 1_000_000
        assert first.cpu_seconds > 0
        for number in range(50):
            played.service.publish(prediction(number))
        got = [await anext(events) for _ in range(50)]
        assert [event.timestamp_ns for event in got] == list(range(50))

    play(tmp_path, scene)


def test_several_watch_at_once(tmp_path: Path) -> None:
    async def scene(played: Scene) -> None:
        watchers = [played.client.watch() for _ in range(5)]
        for events in watchers:
            assert isinstance(await anext(events), SensorReport)
        played.service.publish(prediction(42))
        assert [(await anext(events)).timestamp_ns for events in watchers] == [42] * 5

    play(tmp_path, scene)


def test_watchers_are_bounded(tmp_path: Path) -> None:
    async def scene(played: Scene) -> None:
        watchers = [played.client.watch() for _ in range(WATCHERS_MOST)]
        for events in watchers:
            await anext(events)
        with pytest.raises(SensorUnavailableError, match="RESOURCE_EXHAUSTED"):
            await anext(played.client.watch())

    play(tmp_path, scene)


def test_a_watcher_that_never_reads_stops_nobody(tmp_path: Path) -> None:
    async def scene(played: Scene) -> None:
        sleeper = played.client.watch()
        await anext(sleeper)
        reader = played.client.watch()
        await anext(reader)
        for number in range(1, 2001):
            played.service.publish(prediction(number))
            assert (await anext(reader)).timestamp_ns == number

    play(tmp_path, scene)


def test_only_the_owner_may_open_the_socket_and_it_goes_with_the_server(tmp_path: Path) -> None:
    async def scene(played: Scene) -> None:
        mode = played.socket.stat().st_mode
        assert stat.S_ISSOCK(mode)
        assert stat.S_IMODE(mode) == 0o600

    play(tmp_path, scene)
    assert not (tmp_path / "sensor.sock").exists()


def test_a_directory_that_is_not_there_is_a_listen_error(tmp_path: Path) -> None:
    async def run() -> None:
        service = SensorService(FakeFlow(), MuteFile(tmp_path), PermitFile(tmp_path), lambda: None)
        with pytest.raises(ListenError, match="writable"):
            await SensorServer(tmp_path / "nowhere" / "sensor.sock", service).start()

    asyncio.run(run())


def test_nobody_there_is_sensor_unavailable_at_once_and_again(tmp_path: Path) -> None:
    async def run() -> None:
        client = SensorClient(tmp_path / "sensor.sock")
        for _ in range(3):
            async with asyncio.timeout(2):
                with pytest.raises(SensorUnavailableError, match="is it running"):
                    await anext(client.watch())
                with pytest.raises(SensorUnavailableError):
                    await client.mute(SensorName.CAMERA)

    asyncio.run(run())


def test_a_client_comes_back_to_a_server_that_came_back(tmp_path: Path) -> None:
    client = SensorClient(tmp_path / "sensor.sock")

    async def scene(played: Scene) -> None:
        events = client.watch()
        assert isinstance(await anext(events), SensorReport)
        await played.server.stop()
        with pytest.raises(SensorUnavailableError, match=r"stopped|does not answer"):
            await anext(events)

    play(tmp_path, scene)
    play(tmp_path, scene)


def test_mute_is_written_down_closes_the_device_and_is_told(tmp_path: Path) -> None:
    async def scene(played: Scene) -> None:
        events = played.client.watch()
        await anext(events)
        status = await played.client.mute(SensorName.CAMERA)
        assert (status.sensor, status.condition) == (SensorName.CAMERA, SensorCondition.MUTED)
        assert played.flow.muted == MuteFile(tmp_path).muted == {SensorName.CAMERA}
        silence = await anext(events)
        assert isinstance(silence, Prediction)
        assert (silence.modality, silence.probabilities, silence.reasons) == (Modality.FACE, None, (Reason.MUTED,))
        report = await anext(events)
        assert isinstance(report, SensorReport)
        assert [one.condition for one in report.sensors] == [SensorCondition.MUTED, SensorCondition.RUNNING]
        status = await played.client.unmute(SensorName.CAMERA)
        assert status.condition is SensorCondition.RUNNING
        assert played.flow.muted == MuteFile(tmp_path).muted == set()

    play(tmp_path, scene)


def test_a_mute_holds_over_a_restart(tmp_path: Path) -> None:
    async def mute(played: Scene) -> None:
        await played.client.mute(SensorName.MICROPHONE)

    async def look(played: Scene) -> None:
        assert played.flow.muted == {SensorName.MICROPHONE}

    play(tmp_path, mute)
    play(tmp_path, look)


def test_a_driver_that_does_not_let_go_ends_the_process_and_is_no_success(tmp_path: Path) -> None:
    async def scene(played: Scene) -> None:
        played.flow.lets_go = False
        with pytest.raises(SensorUnavailableError, match="does not let go"):
            await played.client.mute(SensorName.CAMERA)
        assert played.dropped == 1
        assert MuteFile(tmp_path).muted == {SensorName.CAMERA}

    play(tmp_path, scene)


def test_an_unmute_that_cannot_be_written_stays_muted(tmp_path: Path) -> None:
    async def scene(played: Scene) -> None:
        await played.client.mute(SensorName.CAMERA)
        (tmp_path / FILE_NAME).with_suffix(".new").mkdir()
        with pytest.raises(StoreError):
            await played.client.unmute(SensorName.CAMERA)
        assert played.flow.muted == MuteFile(tmp_path).muted == {SensorName.CAMERA}

    play(tmp_path, scene)


def test_a_mute_that_cannot_be_written_holds_and_says_so(tmp_path: Path) -> None:
    (tmp_path / FILE_NAME).with_suffix(".new").mkdir()

    async def scene(played: Scene) -> None:
        status = await played.client.mute(SensorName.CAMERA)
        assert status.condition is SensorCondition.MUTED
        assert "until the sensor process restarts" in status.detail
        assert played.flow.muted == {SensorName.CAMERA}

    play(tmp_path, scene)


def test_another_name_is_an_invalid_request(tmp_path: Path) -> None:
    async def scene(played: Scene) -> None:
        async with grpc.aio.insecure_channel(f"unix:{played.socket}") as channel:
            stub = services.SensorServiceStub(channel)
            with pytest.raises(grpc.aio.AioRpcError) as raised:
                await stub.MuteSensor(messages.MuteSensorRequest(sensor="door"))
            assert raised.value.code() is grpc.StatusCode.INVALID_ARGUMENT
            error = played.client._error(raised.value)
            assert isinstance(error, InvalidRequestError)

    play(tmp_path, scene)


def test_a_permission_taken_back_closes_the_device_is_written_down_and_told(tmp_path: Path) -> None:
    async def scene(played: Scene) -> None:
        events = played.client.watch()
        await anext(events)
        statuses = await played.client.permit(frozenset({SensorName.MICROPHONE}))
        assert [one.condition for one in statuses] == [SensorCondition.NOT_PERMITTED, SensorCondition.RUNNING]
        assert played.flow.permitted == PermitFile(tmp_path).permitted == {SensorName.MICROPHONE}
        silence = await anext(events)
        assert isinstance(silence, Prediction)
        assert (silence.modality, silence.reasons) == (Modality.FACE, (Reason.NO_CONSENT,))
        report = await anext(events)
        assert isinstance(report, SensorReport)
        assert report.sensors[0].condition is SensorCondition.NOT_PERMITTED
        await played.client.permit(frozenset(SensorName))
        assert played.flow.permitted == PermitFile(tmp_path).permitted == set(SensorName)

    play(tmp_path, scene)


def test_a_permission_holds_over_a_restart(tmp_path: Path) -> None:
    async def withdraw(played: Scene) -> None:
        await played.client.permit(frozenset())
        assert PermitFile(tmp_path).permitted == set()

    async def look(played: Scene) -> None:
        assert played.permits.permitted == played.flow.permitted == set(SensorName)

    play(tmp_path, look)
    play(tmp_path, withdraw)


def test_a_device_that_is_no_longer_permitted_and_not_let_go_ends_the_process(tmp_path: Path) -> None:
    async def scene(played: Scene) -> None:
        played.flow.lets_go = False
        with pytest.raises(SensorUnavailableError, match="does not let go"):
            await played.client.permit(frozenset())
        assert played.dropped == 1
        assert PermitFile(tmp_path).permitted == set()

    play(tmp_path, scene)


def test_a_permission_that_cannot_be_written_opens_nothing(tmp_path: Path) -> None:
    async def scene(played: Scene) -> None:
        await played.client.permit(frozenset())
        (tmp_path / PERMITTED).with_suffix(".new").mkdir()
        with pytest.raises(StoreError):
            await played.client.permit(frozenset({SensorName.CAMERA}))
        assert played.flow.permitted == PermitFile(tmp_path).permitted == set()

    play(tmp_path, scene)


def test_reports_come_about_once_a_second_and_stop_while_nothing_progresses(tmp_path: Path) -> None:
    async def scene(played: Scene) -> None:
        async with played.reporting():
            assert await played.reports(3.2) in (3, 4)
            assert played.progressed in (3, 4)
            played.flow.stalled = "the face loop stands still"
            await asyncio.sleep(0.1)
            before = played.progressed
            assert await played.reports(2.0) == 0
            assert played.progressed == before
            played.flow.stalled = ""
            assert await played.reports(1.5) >= 1

    play(tmp_path, scene)


def test_a_silent_modality_says_why_more_often_than_a_face_prediction_grows_old(tmp_path: Path) -> None:
    async def scene(played: Scene) -> None:
        played.flow.muted = {SensorName.CAMERA}
        times = []
        async with played.reporting():
            async for event in played.client.watch():
                if isinstance(event, Prediction):
                    assert event.reasons == (Reason.MUTED,)
                    times.append(event.timestamp_ns)
                if len(times) == 4:
                    break
        assert max(later - earlier for earlier, later in itertools.pairwise(times)) < 0.9e9

    play(tmp_path, scene)


class PromptedFakeFlow(FakeFlow):
    """A flow with a simulated person."""

    def __init__(self) -> None:
        super().__init__()
        self.prompted: list[Emotion | None] = []

    def prompt(self, emotion: Emotion | None) -> None:
        self.prompted.append(emotion)


def test_a_simulated_person_is_prompted_and_a_real_one_is_not(tmp_path: Path) -> None:
    async def scene(played: Scene) -> None:
        await played.client.prompt(Emotion.FEAR)  # a flow of devices knows of no prompt
        flow = PromptedFakeFlow()
        played.service._flow = flow
        await played.client.prompt(Emotion.FEAR)
        await played.client.prompt(None)
        assert flow.prompted == [Emotion.FEAR, None]

    play(tmp_path, scene)
