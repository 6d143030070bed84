"""Listening: sockets that daemons left behind, ports that are taken, permissions, reflection."""

from __future__ import annotations

import asyncio
import socket
import stat
from pathlib import Path

import grpc
import grpc.aio
import pytest

from ertedge.config import ServerSettings
from ertedge.errors import ListenError
from ertedge.rpc.client import Client
from ertedge.rpc.server import REQUEST_BYTES_MOST, clear_stale_socket
from ertedge.v1 import emotion_service_pb2 as emotion
from tests.rpc.house import House, house_at


async def start(folder: Path, *addresses: str, settings: ServerSettings | None = None) -> House:
    house = House(folder, settings or ServerSettings())
    await house.start()
    try:
        await house.server.start(addresses)
    except ListenError:
        await house.recorder.stop()
        raise
    return house


async def stop(house: House) -> None:
    await house.server.stop()
    await house.recorder.stop()


def test_the_socket_is_for_its_owner_and_group_and_goes_with_the_server(tmp_path: Path) -> None:
    async def scenario() -> None:
        path = tmp_path / "new" / "e.sock"
        house = await start(tmp_path, f"unix:{path}")
        mode = path.stat().st_mode
        assert stat.S_ISSOCK(mode)
        assert stat.S_IMODE(mode) == 0o660
        assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
        await stop(house)
        assert not path.exists()

    asyncio.run(scenario())


def test_a_socket_left_behind_is_replaced_and_a_live_one_is_not(tmp_path: Path) -> None:
    async def scenario() -> None:
        path = tmp_path / "e.sock"
        with socket.socket(socket.AF_UNIX) as left:
            left.bind(str(path))
        first = await start(tmp_path, f"unix:{path}")
        with pytest.raises(ListenError, match="in use by another daemon"):
            await start(tmp_path, f"unix:{path}")
        async with Client(f"unix:{path}") as client:
            assert await client.is_serving("ertedge.v1.DeviceService")
        await stop(first)

    asyncio.run(scenario())


def test_what_is_no_socket_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("mine", encoding="utf-8")
    with pytest.raises(ListenError, match="no socket"):
        clear_stale_socket(path)
    with pytest.raises(ListenError, match="cannot be listened on"):
        clear_stale_socket(path / "e.sock")
    assert path.read_text(encoding="utf-8") == "mine"


def test_a_port_in_use_says_who_could_know(tmp_path: Path) -> None:
    async def scenario() -> None:
        with socket.socket() as other:
            other.bind(("127.0.0.1", 0))
            other.listen()
            port = other.getsockname()[1]
            with pytest.raises(ListenError, match=f"{port} .*port is in use.*ss -ltnp"):
                await start(tmp_path, f"127.0.0.1:{port}")

    asyncio.run(scenario())


def test_two_daemons_do_not_share_a_port(tmp_path: Path) -> None:
    async def scenario() -> None:
        first = await start(tmp_path, "127.0.0.1:0")
        (address,) = first.server.bound
        with pytest.raises(ListenError, match="in use"):
            await start(tmp_path, address)
        async with Client(address) as client:
            assert await client.is_serving("ertedge.v1.DeviceService")
        await stop(first)

    asyncio.run(scenario())


def test_a_foreign_address_is_refused_before_anything_listens(tmp_path: Path) -> None:
    async def scenario() -> None:
        path = tmp_path / "e.sock"
        with pytest.raises(ListenError, match="not allowed"):
            await start(tmp_path, f"unix:{path}", "0.0.0.0:50051")
        assert not path.exists()

    asyncio.run(scenario())


@pytest.mark.parametrize("reflection", [True, False])
def test_reflection_is_there_when_asked_for(tmp_path: Path, reflection: bool) -> None:
    from grpc_reflection.v1alpha import reflection_pb2 as messages
    from grpc_reflection.v1alpha import reflection_pb2_grpc as services

    async def scenario() -> set[str]:
        settings = ServerSettings(reflection=reflection)
        async with house_at(tmp_path, settings) as (house, _), grpc.aio.insecure_channel(house.address) as channel:
            call = services.ServerReflectionStub(channel).ServerReflectionInfo()
            await call.write(messages.ServerReflectionRequest(list_services=""))
            answer = await call.read()
            call.cancel()
            return {service.name for service in answer.list_services_response.service}

    if reflection:
        assert {"ertedge.v1.EmotionService", "ertedge.v1.DeviceService"} <= asyncio.run(scenario())
    else:
        with pytest.raises(grpc.aio.AioRpcError, match="UNIMPLEMENTED"):
            asyncio.run(scenario())


def test_an_absurd_request_is_refused_unread(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with house_at(tmp_path) as (_, client):
            request = emotion.GetEmotionStateRequest(name="x" * (REQUEST_BYTES_MOST + 1))
            with pytest.raises(grpc.aio.AioRpcError) as caught:
                await client._emotions.GetEmotionState(request)
            assert caught.value.code() is grpc.StatusCode.RESOURCE_EXHAUSTED

    asyncio.run(scenario())
