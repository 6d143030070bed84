"""The one table between the error tree and gRPC's status codes: the server reads it outwards, the client inwards. Floor 3.

Every error crosses the wire as a ``google.rpc.Status`` with one ``ErrorInfo``: the reason is the error's name in
UPPER_SNAKE, the domain ``ertedge``. Faults of fields travel in a ``BadRequest``. An error that nobody foresaw is INTERNAL
with the id of its log entry: the traceback stays in the log.
"""

from __future__ import annotations

import logging
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from typing import Any

import grpc
import grpc.aio
from google.protobuf.any_pb2 import Any as AnyMessage
from google.rpc import code_pb2, error_details_pb2, status_pb2
from grpc_status import rpc_status

from ertedge.errors import (
    AlreadyRunningError,
    CaptureError,
    ConfigurationError,
    ContentChangedError,
    ErtedgeError,
    InvalidRequestError,
    LimitReachedError,
    ListenError,
    ModelError,
    NotFoundError,
    PerceptionError,
    PreconditionError,
    SensorUnavailableError,
    ServerFailureError,
    ServerUnavailableError,
    StoreCorruptError,
    StoreError,
    StoreFullError,
    StoreKeyError,
    StoreReadOnlyError,
)

logger = logging.getLogger(__name__)

DOMAIN = "ertedge"
PUBLIC_PACKAGE = "/ertedge.v1."

CODES: tuple[tuple[type[ErtedgeError], int], ...] = (
    (InvalidRequestError, code_pb2.INVALID_ARGUMENT),
    (NotFoundError, code_pb2.NOT_FOUND),
    (PreconditionError, code_pb2.FAILED_PRECONDITION),
    (ContentChangedError, code_pb2.ABORTED),
    (LimitReachedError, code_pb2.RESOURCE_EXHAUSTED),
    (SensorUnavailableError, code_pb2.UNAVAILABLE),
    (StoreReadOnlyError, code_pb2.FAILED_PRECONDITION),
    (StoreFullError, code_pb2.RESOURCE_EXHAUSTED),
    (StoreCorruptError, code_pb2.DATA_LOSS),
    (StoreKeyError, code_pb2.FAILED_PRECONDITION),
    (StoreError, code_pb2.UNAVAILABLE),
    (CaptureError, code_pb2.FAILED_PRECONDITION),
    (ModelError, code_pb2.FAILED_PRECONDITION),
    (PerceptionError, code_pb2.FAILED_PRECONDITION),
    (ConfigurationError, code_pb2.FAILED_PRECONDITION),
    (ListenError, code_pb2.FAILED_PRECONDITION),
    (AlreadyRunningError, code_pb2.FAILED_PRECONDITION),
    (ServerUnavailableError, code_pb2.UNAVAILABLE),
    (ServerFailureError, code_pb2.INTERNAL),
    (ErtedgeError, code_pb2.UNKNOWN),
)
"""The first row whose class fits decides, so a subclass stands above its base."""


def status_of(error: ErtedgeError) -> status_pb2.Status:
    """An error of the tree as a status with its details."""
    code = next(code for kind, code in CODES if isinstance(error, kind))
    status = _status(code, str(error), error.reason, {})
    if isinstance(error, InvalidRequestError):
        violations = [
            error_details_pb2.BadRequest.FieldViolation(field=name, description=what) for name, what in error.violations
        ]
        status.details.append(_packed(error_details_pb2.BadRequest(field_violations=violations)))
    return status


def unexpected_status(error: BaseException, method: str) -> status_pb2.Status:
    """An error that nobody foresaw as INTERNAL with the id under which it was logged here."""
    log_id = secrets.token_hex(4)
    logger.error("%s failed unexpectedly, log id %s", method, log_id, exc_info=error)
    message = f"the daemon failed unexpectedly; its log names the cause under {log_id}"
    return _status(code_pb2.INTERNAL, message, "SERVER_FAILURE", {"log_id": log_id})


def error_of(failure: grpc.aio.AioRpcError, address: str) -> ErtedgeError:
    """What a failed call to ``address`` means, as an error of the tree."""
    message = failure.details() or failure.code().name
    status = _status_in(failure)
    reason, violations = "", []
    for detail in status.details if status else ():
        info, bad_request = error_details_pb2.ErrorInfo(), error_details_pb2.BadRequest()
        if detail.Unpack(info) and info.domain == DOMAIN:
            reason = info.reason
        elif detail.Unpack(bad_request):
            violations = [(fault.field, fault.description) for fault in bad_request.field_violations]
    kind = _CLASS_OF_REASON.get(reason)
    if kind is InvalidRequestError:
        return InvalidRequestError(violations or [("request", message)])
    if kind is ConfigurationError:
        return ConfigurationError([message])
    return kind(message) if kind else _unexplained(failure.code(), message, address)


def _unexplained(code: grpc.StatusCode, message: str, address: str) -> ErtedgeError:
    """A failure without an ErrorInfo: gRPC's own, or of a service that is not ours."""
    if code in (grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.DEADLINE_EXCEEDED):
        return ServerUnavailableError(f"the daemon does not answer at {address} ({message}); is ertedged running?")
    if code is grpc.StatusCode.NOT_FOUND:
        return NotFoundError(message)
    if code is grpc.StatusCode.RESOURCE_EXHAUSTED:
        return LimitReachedError(message)
    return ServerFailureError(f"{address} answered {code.name}: {message}")


class ErrorInterceptor(grpc.aio.ServerInterceptor):  # type: ignore[type-arg]
    """Turns what a servicer raises into the status of the table, so that no servicer has to."""

    async def intercept_service(
        self,
        continuation: Callable[[grpc.HandlerCallDetails], Awaitable[grpc.RpcMethodHandler[Any, Any]]],
        handler_call_details: grpc.HandlerCallDetails,
    ) -> grpc.RpcMethodHandler[Any, Any]:
        handler = await continuation(handler_call_details)
        method = handler_call_details.method
        if handler is None or not method.startswith(PUBLIC_PACKAGE):
            return handler
        call: Any = handler.unary_unary
        stream: Any = handler.unary_stream  # the stubs know only their synchronous forms
        if stream is not None:
            return grpc.unary_stream_rpc_method_handler(
                _guarded_stream(stream, method),
                request_deserializer=handler.request_deserializer,
                response_serializer=handler.response_serializer,
            )
        return grpc.unary_unary_rpc_method_handler(
            _guarded_call(call, method),
            request_deserializer=handler.request_deserializer,
            response_serializer=handler.response_serializer,
        )


def _guarded_call(servicer: Callable[[Any, Any], Awaitable[Any]], method: str) -> Any:
    async def guarded(request: Any, context: grpc.aio.ServicerContext[Any, Any]) -> Any:
        try:
            return await servicer(request, context)
        except ErtedgeError as error:
            status = status_of(error)
        except Exception as error:  # noqa: BLE001 (the last line of defence: logged, and told without its traceback)
            status = unexpected_status(error, method)
        return await _abort(context, status)

    return guarded


def _guarded_stream(servicer: Callable[[Any, Any], AsyncIterator[Any]], method: str) -> Any:
    async def guarded(request: Any, context: grpc.aio.ServicerContext[Any, Any]) -> AsyncIterator[Any]:
        try:
            async for response in servicer(request, context):
                yield response
            return
        except ErtedgeError as error:
            status = status_of(error)
        except Exception as error:  # noqa: BLE001 (the last line of defence: logged, and told without its traceback)
            status = unexpected_status(error, method)
        await _abort(context, status)

    return guarded


async def _abort(context: grpc.aio.ServicerContext[Any, Any], status: status_pb2.Status) -> None:
    call_status = rpc_status.to_status(status)
    await context.abort(call_status.code, call_status.details, call_status.trailing_metadata)


def _status(code: int, message: str, reason: str, metadata: dict[str, str]) -> status_pb2.Status:
    info = error_details_pb2.ErrorInfo(reason=reason, domain=DOMAIN, metadata=metadata)
    return status_pb2.Status(code=code, message=message, details=[_packed(info)])


def _packed(detail: Any) -> AnyMessage:
    packed = AnyMessage()
    packed.Pack(detail)
    return packed


def _status_in(failure: grpc.aio.AioRpcError) -> status_pb2.Status | None:
    metadata: Iterable[tuple[str, Any]] = tuple(failure.trailing_metadata() or ())  # type: ignore[arg-type]
    for key, value in metadata:
        if key == "grpc-status-details-bin":
            return status_pb2.Status.FromString(value)
    return None


def _classes(kind: type[ErtedgeError]) -> dict[str, type[ErtedgeError]]:
    found = {kind.__new__(kind).reason: kind}
    for child in kind.__subclasses__():
        found |= _classes(child)
    return found


_CLASS_OF_REASON = _classes(ErtedgeError)
