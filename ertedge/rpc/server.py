"""The public gRPC server: services, their health, reflection where it is wanted, the addresses to listen on. Floor 3.

Health tells what a client can rely on: DeviceService, SafetyService, ProfileService and AssessmentService serve as soon as
the server listens, EmotionService once there is a state. SuggestionService does not serve where the recommender cannot be
used, though what needs none of it, such as the catalogue, answers all the same. A sensor process that is away changes
nothing, since a state that says why nothing is known is an answer, and a stream that waits for the sensor must not be ended
for it; the device's status tells.
"""

from __future__ import annotations

import errno
import logging
import os
import socket
import stat
from pathlib import Path

import grpc.aio
from grpc_health.v1 import health, health_pb2, health_pb2_grpc

from ertedge.config import ServerSettings
from ertedge.core.suggestions.guide import GUIDES_MOST
from ertedge.errors import ListenError
from ertedge.rpc import addresses
from ertedge.rpc.addresses import Address, TcpAddress, UnixAddress
from ertedge.rpc.assessment_service import AssessmentService
from ertedge.rpc.device_service import DeviceService
from ertedge.rpc.emotion_service import EmotionService
from ertedge.rpc.errors import ErrorInterceptor
from ertedge.rpc.profile_service import ProfileService
from ertedge.rpc.safety_service import SafetyService
from ertedge.rpc.study_service import StudyService
from ertedge.rpc.suggestion_service import SuggestionService
from ertedge.v1 import (
    assessment_service_pb2_grpc,
    device_service_pb2_grpc,
    emotion_service_pb2_grpc,
    profile_service_pb2_grpc,
    safety_service_pb2_grpc,
    study_service_pb2_grpc,
    suggestion_service_pb2_grpc,
)

logger = logging.getLogger(__name__)

EMOTION_SERVICE = "ertedge.v1.EmotionService"
DEVICE_SERVICE = "ertedge.v1.DeviceService"
SUGGESTION_SERVICE = "ertedge.v1.SuggestionService"
SAFETY_SERVICE = "ertedge.v1.SafetyService"
PROFILE_SERVICE = "ertedge.v1.ProfileService"
ASSESSMENT_SERVICE = "ertedge.v1.AssessmentService"
STUDY_SERVICE = "ertedge.v1.StudyService"
SERVICES = (
    EMOTION_SERVICE,
    DEVICE_SERVICE,
    SUGGESTION_SERVICE,
    SAFETY_SERVICE,
    PROFILE_SERVICE,
    ASSESSMENT_SERVICE,
    STUDY_SERVICE,
)
WATCHED_SERVICES = 4
"""Services with a stream for which ``server.watchers_most`` holds."""
WHOLE_SERVER = ""
REQUEST_BYTES_MOST = 64 * 1024
OTHER_CALLS_MOST = 64
"""Calls served at a time beside the streams."""
GRACE_SECONDS = 1.0
SOCKET_MODE = 0o660
SOCKET_UMASK = 0o117

SERVING = health_pb2.HealthCheckResponse.SERVING
NOT_SERVING = health_pb2.HealthCheckResponse.NOT_SERVING

_OPTIONS = (
    ("grpc.so_reuseport", 0),  # two daemons on one port are a mistake, not a way to share work
    ("grpc.max_receive_message_length", REQUEST_BYTES_MOST),
    ("grpc.keepalive_time_ms", 30_000),
    ("grpc.keepalive_timeout_ms", 10_000),
    ("grpc.keepalive_permit_without_calls", 1),
    ("grpc.http2.min_recv_ping_interval_without_data_ms", 10_000),
)


class Server:
    """Listens from ``start`` to ``stop``. ``bound`` are the addresses as they can be connected to."""

    def __init__(
        self,
        settings: ServerSettings,
        *,
        emotions: EmotionService,
        device: DeviceService,
        suggestions: SuggestionService,
        safety: SafetyService,
        profiles: ProfileService,
        assessments: AssessmentService,
        study: StudyService | None = None,
    ) -> None:
        self._server = grpc.aio.server(
            interceptors=(ErrorInterceptor(),),
            options=_OPTIONS,
            # More than may watch, so that one watcher too many is told why, and a full house still answers its owner.
            maximum_concurrent_rpcs=WATCHED_SERVICES * settings.watchers_most + GUIDES_MOST + OTHER_CALLS_MOST,
        )
        self._health = health.aio.HealthServicer()  # type: ignore[attr-defined]
        self._streaming = (emotions, suggestions, safety, profiles)
        self._suggests = suggestions.is_on
        self.bound: tuple[str, ...] = ()
        emotion_service_pb2_grpc.add_EmotionServiceServicer_to_server(emotions, self._server)
        device_service_pb2_grpc.add_DeviceServiceServicer_to_server(device, self._server)
        suggestion_service_pb2_grpc.add_SuggestionServiceServicer_to_server(suggestions, self._server)
        safety_service_pb2_grpc.add_SafetyServiceServicer_to_server(safety, self._server)
        profile_service_pb2_grpc.add_ProfileServiceServicer_to_server(profiles, self._server)
        assessment_service_pb2_grpc.add_AssessmentServiceServicer_to_server(assessments, self._server)
        self._studies = study is not None
        if study is not None:
            study_service_pb2_grpc.add_StudyServiceServicer_to_server(study, self._server)
        health_pb2_grpc.add_HealthServicer_to_server(self._health, self._server)
        if settings.reflection:
            from grpc_reflection.v1alpha import reflection

            names = (*SERVICES, health.SERVICE_NAME, reflection.SERVICE_NAME)
            reflection.enable_server_reflection(names, self._server)

    async def start(self, listen: tuple[str, ...]) -> None:
        """Listen on every address or on none. Raises ListenError with what to do."""
        for service in (WHOLE_SERVER, *SERVICES):
            await self._health.set(service, NOT_SERVING)
        parsed = [addresses.parse(text) for text in listen]
        self.bound = tuple(self._bind(address) for address in parsed)
        await self._server.start()
        for service in (
            DEVICE_SERVICE,
            SAFETY_SERVICE,
            PROFILE_SERVICE,
            ASSESSMENT_SERVICE,
            *([SUGGESTION_SERVICE] if self._suggests else []),
            *([STUDY_SERVICE] if self._studies else []),
        ):
            await self._health.set(service, SERVING)
        logger.info("listening on %s", ", ".join(self.bound))

    async def set_ready(self) -> None:
        """There is a state: whoever watches the emotions gets an answer."""
        for service in (EMOTION_SERVICE, WHOLE_SERVER):
            await self._health.set(service, SERVING)

    async def stop(self) -> None:
        """Tell the health, let calls end, end the streams, remove the sockets."""
        await self._health.enter_graceful_shutdown()
        for service in self._streaming:
            service.end_streams()
        await self._server.stop(GRACE_SECONDS)
        for address in map(addresses.parse, self.bound):
            if isinstance(address, UnixAddress):
                address.path.unlink(missing_ok=True)

    def _bind(self, address: Address) -> str:
        if isinstance(address, UnixAddress):
            clear_stale_socket(address.path)
            self._add_port(address)
            address.path.chmod(SOCKET_MODE)
            return address.target
        return TcpAddress(address.host, self._add_port(address)).target

    def _add_port(self, address: Address) -> int:
        before = os.umask(SOCKET_UMASK)  # a socket is never open to others, not even until its mode is set
        try:
            return self._server.add_insecure_port(address.target)
        except RuntimeError as error:
            raise ListenError(f"{address.target} cannot be listened on: {_why_not(address)}") from error
        finally:
            os.umask(before)


def clear_stale_socket(path: Path) -> None:
    """Remove a socket that a daemon left behind, and make its folder. Raises ListenError if somebody listens on it, or if
    something else lies there."""
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not path.exists():
            return
        if not stat.S_ISSOCK(path.lstat().st_mode):
            raise ListenError(f"{path} exists and is no socket; choose another path or move it away")
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
            probe.settimeout(1.0)
            refused = probe.connect_ex(str(path)) == errno.ECONNREFUSED
        if not refused:
            raise ListenError(f"unix:{path} is in use by another daemon; stop it, or choose another path")
        path.unlink()
    except OSError as error:
        raise ListenError(
            f"unix:{path} cannot be listened on: {error.strerror or error}; choose another path"
        ) from error


def _why_not(address: Address) -> str:
    """gRPC does not say why it could not bind, so the bind is tried again without it."""
    if isinstance(address, UnixAddress):
        return "its folder cannot be written; choose another path"
    family = socket.AF_INET6 if ":" in address.host else socket.AF_INET
    try:
        with socket.socket(family, socket.SOCK_STREAM) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((address.host, address.port))
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            return "the port is in use; stop the program that has it (`ss -ltnp` names it), or choose another port"
        return f"{error.strerror or error}; choose another address"
    return "gRPC gives no reason; try again, or choose another address"
