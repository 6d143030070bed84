"""Every error of the tree has a code, one ErrorInfo, and comes out of the client as what it was."""

from __future__ import annotations

import asyncio
import logging
from pathlib import Path
from typing import Any

import grpc
import grpc.aio
import pytest
from google.rpc import code_pb2, error_details_pb2

from ertedge.errors import (
    ConfigurationError,
    ErtedgeError,
    InvalidRequestError,
    LimitReachedError,
    NotFoundError,
    SensorUnavailableError,
    ServerFailureError,
    ServerUnavailableError,
    StoreCorruptError,
    StoreFullError,
    StoreReadOnlyError,
)
from ertedge.rpc.client import Client
from ertedge.rpc.errors import CODES, status_of
from ertedge.v1 import device_service_pb2 as device
from ertedge.v1 import device_service_pb2_grpc as device_grpc
from tests.rpc.house import house_at


def every(kind: type[ErtedgeError]) -> list[type[ErtedgeError]]:
    return [kind, *(found for child in kind.__subclasses__() for found in every(child))]


def make(kind: type[ErtedgeError]) -> ErtedgeError:
    if kind is InvalidRequestError:
        return InvalidRequestError([("name", "is wrong"), ("page_size", "is negative")])
    return ConfigurationError(["make room"]) if kind is ConfigurationError else kind("make room")


OURS = [kind for kind in every(ErtedgeError) if kind.__module__ == "ertedge.errors"]


@pytest.mark.parametrize("kind", OURS)
def test_each_error_has_one_error_info_that_names_it(kind: type[ErtedgeError]) -> None:
    status = status_of(make(kind))
    infos = [detail for detail in status.details if detail.Is(error_details_pb2.ErrorInfo.DESCRIPTOR)]
    assert len(infos) == 1
    info = error_details_pb2.ErrorInfo()
    infos[0].Unpack(info)
    assert (info.reason, info.domain) == (make(kind).reason, "ertedge")
    assert status.code != code_pb2.OK


def test_no_row_of_the_table_is_hidden_by_one_above_it() -> None:
    kinds = [kind for kind, _ in CODES]
    for place, kind in enumerate(kinds):
        assert not [above for above in kinds[:place] if issubclass(kind, above)]


class Failing(device_grpc.DeviceServiceServicer):
    """Raises what it is given."""

    def __init__(self, error: Exception) -> None:
        self._error = error

    async def GetDeviceStatus(self, request: device.GetDeviceStatusRequest, context: Any) -> device.DeviceStatus:  # noqa: N802
        raise self._error


async def what_the_client_gets(folder: Path, error: Exception) -> BaseException:
    from ertedge.rpc.errors import ErrorInterceptor

    server = grpc.aio.server(interceptors=(ErrorInterceptor(),))
    device_grpc.add_DeviceServiceServicer_to_server(Failing(error), server)  # type: ignore[abstract]
    server.add_insecure_port(f"unix:{folder}/s")
    await server.start()
    try:
        async with Client(f"unix:{folder}/s") as client:
            with pytest.raises(ErtedgeError) as caught:
                await client.device_status()
            return caught.value
    finally:
        await server.stop(None)


@pytest.mark.parametrize(
    "kind",
    [NotFoundError, SensorUnavailableError, LimitReachedError, StoreFullError, StoreReadOnlyError, StoreCorruptError],
)
def test_an_error_arrives_as_what_it_was(tmp_path: Path, kind: type[ErtedgeError]) -> None:
    got = asyncio.run(what_the_client_gets(tmp_path, kind("make room")))
    assert (type(got), str(got)) == (kind, "make room")


def test_bad_fields_arrive_one_by_one(tmp_path: Path) -> None:
    got = asyncio.run(what_the_client_gets(tmp_path, make(InvalidRequestError)))
    assert isinstance(got, InvalidRequestError)
    assert got.violations == (("name", "is wrong"), ("page_size", "is negative"))


def test_an_unexpected_error_keeps_its_traceback_in_the_log(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    got = asyncio.run(what_the_client_gets(tmp_path, ZeroDivisionError("secret detail")))
    assert isinstance(got, ServerFailureError)
    assert "secret" not in str(got)
    (record,) = [each for each in caplog.records if each.name == "ertedge.rpc.errors"]
    assert record.levelno == logging.ERROR
    log_id = record.getMessage().rsplit(" ", 1)[1]
    assert log_id in str(got)
    assert record.exc_info is not None
    assert "secret detail" in str(record.exc_info[1])


def test_a_daemon_that_is_not_there_and_a_call_that_it_does_not_know(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with Client(f"unix:{tmp_path}/nobody") as client:
            with pytest.raises(ServerUnavailableError, match="is ertedged running"):
                await client.device_status()
        async with house_at(tmp_path) as (_, client):
            call = client._channel.unary_unary("/ertedge.v1.DeviceService/FlyAway", bytes, bytes)
            with pytest.raises(grpc.aio.AioRpcError) as caught:
                await call(b"")
            assert caught.value.code() is grpc.StatusCode.UNIMPLEMENTED

    asyncio.run(scenario())
