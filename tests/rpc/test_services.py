"""The public services over a real connection: watch, get, list, status, sensors, the ledger."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from ertedge.config import ServerSettings
from ertedge.errors import (
    ErtedgeError,
    InvalidRequestError,
    LimitReachedError,
    NotFoundError,
    SensorUnavailableError,
    ServerUnavailableError,
    StoreFullError,
)
from ertedge.rpc.client import Client
from ertedge.types import Emotion, SensorCondition, SensorName
from ertedge.v1 import device_service_pb2 as device
from ertedge.v1 import emotion_pb2 as words
from ertedge.v1 import emotion_service_pb2 as emotion
from tests.core.fakes import report
from tests.rpc.house import house_at


def test_watch_begins_with_the_current_state_follows_and_beats(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with house_at(tmp_path, ServerSettings(heartbeat_seconds=1.0)) as (house, client):
            house.publish(3)
            events = client.watch()
            first = await anext(events)
            assert first.state is not None
            assert (first.state.sequence, first.sequence, first.dropped_count) == (3, 3, 0)
            house.publish(emotion=Emotion.ANGER)
            second = await anext(events)
            assert second.state is not None
            assert (second.state.sequence, second.state.emotion) == (4, Emotion.ANGER)
            assert second.send_wall_time_ns >= second.state.wall_time_ns
            heartbeat = await anext(events)
            assert (heartbeat.state, heartbeat.sequence) == (None, 4)
            assert (await client.device_status()).watcher_count == 1

    asyncio.run(scenario())


def test_watch_resumes(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with house_at(tmp_path) as (house, client):
            house.publish(5)
            events = client.watch(since_sequence=2)
            assert [(await anext(events)).sequence for _ in range(3)] == [3, 4, 5]

    asyncio.run(scenario())


def test_a_client_that_leaves_makes_room_for_the_next(tmp_path: Path) -> None:
    async def scenario() -> None:
        settings = ServerSettings(watchers_most=1)
        async with house_at(tmp_path, settings) as (house, client):
            house.publish()
            async with Client(house.address) as other:
                await anext(other.watch())
                with pytest.raises(LimitReachedError, match="watchers_most"):
                    await anext(client.watch())
            for _ in range(100):
                await asyncio.sleep(0.02)
                if not house.emotions.watcher_count:
                    break
            assert (await anext(client.watch())).sequence == 1

    asyncio.run(scenario())


def test_a_client_that_never_reads_costs_nobody_anything(tmp_path: Path) -> None:
    """Its stream stops at the flow control window of HTTP/2; everyone else gets every state, and it the newest."""

    async def scenario() -> None:
        async with house_at(tmp_path) as (house, client):
            house.publish()
            async with Client(house.address) as lazy:
                stream = lazy._emotions.WatchEmotionStates(emotion.WatchEmotionStatesRequest())
                await stream.read()
                events = client.watch()
                await anext(events)
                for _ in range(40):
                    house.publish(100)
                    while (event := await anext(events)).sequence < house.emotions.last_sequence:
                        pass
                    assert event.dropped_count < house.emotions.last_sequence
                seen, dropped = 1, 0
                while seen < house.emotions.last_sequence:
                    late = await stream.read()
                    assert isinstance(late, emotion.WatchEmotionStatesResponse)
                    seen, dropped = late.sequence, late.dropped_count
                assert seen == 4001
                assert dropped > 1000

    asyncio.run(scenario())


def test_a_watch_survives_the_daemon_and_resumes(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with house_at(tmp_path) as (house, client):
            house.publish(2)
            losses: list[ErtedgeError] = []
            events = client.watch(on_lost=losses.append)
            assert (await anext(events)).sequence == 2
            await house.server.stop()
            house.publish(2)
            house.server = house.make_server()
            await house.server.start((house.address,))
            assert [(await anext(events)).sequence for _ in range(2)] == [3, 4]
            assert losses
            assert all(isinstance(loss, ServerUnavailableError) for loss in losses)

    asyncio.run(scenario())


def test_a_watch_may_also_end_with_the_daemon(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with house_at(tmp_path) as (house, client):
            house.publish()
            events = client.watch(reconnect=False)
            await anext(events)
            await house.server.stop()
            with pytest.raises(ServerUnavailableError):
                await anext(events)

    asyncio.run(scenario())


def test_one_state_by_name(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with house_at(tmp_path) as (house, client):
            with pytest.raises(NotFoundError, match="no emotion state yet"):
                await client.state()
            house.publish(1100)
            assert (await client.state()).sequence == 1100
            assert (await client.state(1099)).sequence == 1099
            assert (await client.state(1)).sequence == 1  # no longer in memory, but stored
            with pytest.raises(NotFoundError):
                await client.state(5000)
            wrong = ("", "emotionStates/", "emotionStates/-1", "emotionStates/x", f"emotionStates/{2**63}", "x/1")
            for name in (*wrong, "emotionStates/" + "9" * 5000):
                with pytest.raises(InvalidRequestError, match="name"):
                    await client._call(client._emotions.GetEmotionState, emotion.GetEmotionStateRequest(name=name))

    asyncio.run(scenario())


def test_history_page_by_page_ends_with_the_newest_state_stored(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with house_at(tmp_path) as (house, client):
            house.publish(7)
            page = await client.list_states(page_size=3)
            assert [state.sequence for state in page.states] == [7, 6, 5]
            assert [state.sequence async for state in client.states(page_size=3)] == [7, 6, 5, 4, 3, 2, 1]
            with pytest.raises(InvalidRequestError, match="page_token"):
                await client.list_states(page_token=page.next_page_token, resolution_ns=60_000_000_000)
            with pytest.raises(InvalidRequestError, match="page_token"):
                await client.list_states(page_token="nonsense")
            with pytest.raises(InvalidRequestError, match="page_size"):
                await client.list_states(page_size=-1)
            with pytest.raises(InvalidRequestError, match="end_time"):
                await client.list_states(start_wall_time_ns=5, end_wall_time_ns=5)
            with pytest.raises(InvalidRequestError, match="resolution"):
                await client.list_states(resolution_ns=-1)
            with pytest.raises(InvalidRequestError, match="start_time"):
                await client.list_states(start_wall_time_ns=-1)

    asyncio.run(scenario())


def test_a_full_disk_is_told_and_the_stream_goes_on(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with house_at(tmp_path) as (house, client):
            house.store.trouble = StoreFullError("the disk is full; make room")
            house.publish(2)
            events = client.watch()
            assert (await anext(events)).sequence == 2
            assert (await client.list_states()).states == ()
            status = await client.device_status()
            assert (status.store.writing, status.store.detail) == (False, "the disk is full; make room")
            house.store.trouble = None
            assert len((await client.list_states()).states) == 2
            assert (await client.device_status()).store.writing

    asyncio.run(scenario())


def test_sensors_and_their_mutes(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with house_at(tmp_path) as (house, client):
            house.device.take_report(report(microphone=SensorCondition.MISSING))
            camera, microphone = await client.sensors()
            assert (camera.sensor, camera.condition) == (SensorName.CAMERA, SensorCondition.RUNNING)
            assert microphone.condition is SensorCondition.MISSING
            assert (await client.mute(SensorName.CAMERA)).condition is SensorCondition.MUTED
            assert (await client.sensor(SensorName.CAMERA)).condition is SensorCondition.MUTED
            assert (await client.unmute(SensorName.CAMERA)).condition is SensorCondition.STARTING
            ledger = await client.list_ledger(page_size=2)
            assert [entry.event for entry in ledger.entries] == ["SENSOR_UNMUTED", "CAMERA_CLOSED"]
            rest = await client.list_ledger(page_token=ledger.next_page_token)
            assert [entry.event for entry in rest.entries] == ["SENSOR_MUTED", "CAMERA_OPENED"]
            house.sensor.unavailable = True
            with pytest.raises(SensorUnavailableError):
                await client.mute(SensorName.CAMERA)
            for call, request in (
                (client._device.GetSensor, device.GetSensorRequest(name="sensors/nose")),
                (client._device.GetSensor, device.GetSensorRequest(name="camera")),
                (client._device.GetDeviceStatus, device.GetDeviceStatusRequest(name="other")),
            ):
                with pytest.raises(NotFoundError):
                    await client._call(call, request)

    asyncio.run(scenario())


def test_who_reads_is_written_down_once(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with house_at(tmp_path) as (house, client):
            house.publish()
            for _ in range(3):
                await client.state()
                await client.list_states()
                await anext(client.watch())
            entries = (await client.list_ledger()).entries
            assert [(entry.event, entry.subject) for entry in reversed(entries)] == [
                ("STATES_READ", "the local socket"),
                ("STATES_WATCHED", "the local socket"),
            ]

    asyncio.run(scenario())


def test_health_tells_each_service_apart(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with house_at(tmp_path) as (house, client):
            names = ("ertedge.v1.DeviceService", "ertedge.v1.EmotionService", "", "ertedge.v1.NoSuchService")
            assert [await client.is_serving(name) for name in names] == [True, False, False, False]
            await house.server.set_ready()
            assert [await client.is_serving(name) for name in names] == [True, True, True, False]

    asyncio.run(scenario())


def test_two_hundred_watchers_each_get_every_state(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with house_at(tmp_path) as (house, client):
            house.publish()
            streams = [client.watch() for _ in range(200)]
            await asyncio.gather(*(anext(stream) for stream in streams))
            house.publish()
            events = await asyncio.gather(*(anext(stream) for stream in streams))
            assert {event.sequence for event in events} == {2}
            assert {event.dropped_count for event in events} == {0}

    asyncio.run(scenario())


def test_nothing_on_the_wire_could_show_or_recognise_a_face() -> None:
    messages = [m for file in (emotion, device, words) for m in file.DESCRIPTOR.message_types_by_name.values()]
    names = {field.name for message in messages for field in message.fields}
    assert "probabilities" in names
    assert not {
        name for name in names if any(part in name for part in ("embedding", "image", "pixel", "audio", "sample"))
    }
