"""The part of the client that enrols faces: ``Client.enrolment``. Floor 3."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing

from ertedge.core.front.records import EnrolmentHint, EnrolmentProgress, View
from ertedge.rpc import convert, convert_front
from ertedge.rpc.connection import Connection
from ertedge.v1 import enrolment_pb2 as messages
from ertedge.v1 import profile_service_pb2_grpc as services

__all__ = ["EnrolmentClient", "EnrolmentHint", "EnrolmentProgress", "View"]


class EnrolmentClient:
    """Enrolment over ``connection``. ``profile_id`` is whose face is meant; None: that of whoever is in front of the device,
    or of the only profile. Calls raise the errors of ``ertedge.errors`` as the daemon did."""

    def __init__(self, connection: Connection, profile_id: int | None = None) -> None:
        self._connection = connection
        self._profile_id = profile_id
        self._stub = services.ProfileServiceStub(connection.channel)

    async def enrol(self, language: str = "") -> AsyncGenerator[EnrolmentProgress, None]:
        """Enrol the face of the person before the camera; the last progress ``is_done``. Raises PreconditionError without
        the consents to sense and to recognise the face, NotFoundError, LimitReachedError, ServerUnavailableError."""
        request = messages.EnrolFaceRequest(profile=self._name, language_code=language)
        async with aclosing(self._connection.stream(self._stub.EnrolFace(request))) as progresses:
            async for message in progresses:
                yield convert_front.progress_record(message)

    async def frame_count(self) -> int:
        """From how many pictures the person is known; 0: they are not enrolled."""
        name = f"{self._name}{convert_front.ENROLMENT}" if self._name else ""
        request = messages.GetFaceEnrolmentRequest(name=name)
        return (await self._connection.call(self._stub.GetFaceEnrolment, request)).frame_count

    async def forget(self) -> None:
        """Recognise the person no longer."""
        await self._connection.call(self._stub.ForgetFace, messages.ForgetFaceRequest(profile=self._name))

    @property
    def _name(self) -> str:
        return convert.profile_name(self._profile_id or 0)
