"""The part of the client that calibrates and reports feelings: ``Client.calibration``. Floor 3."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass

from ertedge.core.front.records import (
    CalibrationPhase,
    CalibrationPrompt,
    CalibrationStatus,
    FeelingQuestion,
    FeelingQuestionEvent,
    FeelingReport,
)
from ertedge.errors import ErtedgeError
from ertedge.rpc import convert, convert_front
from ertedge.rpc.connection import Connection
from ertedge.rpc.suggestions_client import new_request_id
from ertedge.types import CalibrationLabel, Emotion
from ertedge.v1 import calibration_pb2 as messages
from ertedge.v1 import profile_service_pb2_grpc as services

__all__ = [
    "CalibrationClient",
    "CalibrationPhase",
    "CalibrationPrompt",
    "CalibrationStatus",
    "FeelingQuestion",
    "FeelingQuestionEvent",
    "FeelingReport",
    "LabelsPage",
]


@dataclass(frozen=True, slots=True)
class LabelsPage:
    """Labels, newest first. ``next_page_token`` asks for the next page; empty on the last."""

    labels: tuple[CalibrationLabel, ...]
    next_page_token: str


class CalibrationClient:
    """Calibration over ``connection``. ``profile_id`` is who is meant; None: whoever is in front of the device, or the only
    profile's person. Calls raise the errors of ``ertedge.errors`` as the daemon did."""

    def __init__(self, connection: Connection, profile_id: int | None = None) -> None:
        self._connection = connection
        self._profile_id = profile_id
        self._stub = services.ProfileServiceStub(connection.channel)

    async def run(
        self, *, session_id: int = 0, profile_id: int = 0, skip: Sequence[Emotion] = (), language: str = ""
    ) -> AsyncGenerator[CalibrationPrompt, None]:
        """The prompts of a new guided session, or of the one of that number (of ``profile_id``) gone on with, to its end.

        Closing it early is a break: the session can be gone on with. Raises PreconditionError without the consent to
        keep a history, NotFoundError, LimitReachedError while another runs, ServerUnavailableError.
        """
        request = messages.StartCalibrationRequest(
            profile=convert.profile_name(profile_id or self._profile_id or 0),
            skip_emotions=[convert.EMOTION_NUMBER[emotion] for emotion in skip],  # type: ignore[misc]
            language_code=language,
        )
        if session_id:
            request.session = (
                f"{convert.PROFILES}{profile_id or self._profile_id or 0}{convert_front.SESSIONS}{session_id}"
            )
        async with aclosing(self._connection.stream(self._stub.StartCalibration(request))) as prompts:
            async for message in prompts:
                yield convert_front.prompt_record(message)

    async def report(
        self,
        emotion: Emotion | None = None,
        *,
        point: tuple[float, float] | None = None,
        request_id: str = "",
    ) -> FeelingReport:
        """Say how the person feels: a word, or a point (valence, arousal). A repeated ``request_id`` adds nothing; without
        one, one is made. Raises InvalidRequestError, PreconditionError, NotFoundError."""
        request = messages.ReportFeelingRequest(
            profile=self._profile,
            emotion=convert.EMOTION_NUMBER[emotion] if emotion is not None else 0,  # type: ignore[arg-type]
            request_id=request_id or new_request_id(),
        )
        if point is not None:
            request.point.CopyFrom(messages.AffectPoint(valence=point[0], arousal=point[1]))
        return convert_front.report_record(await self._connection.call(self._stub.ReportFeeling, request))

    async def status(self) -> CalibrationStatus:
        """What is known of the person."""
        request = messages.GetCalibrationRequest(name=self._calibration)
        return convert_front.calibration_record(await self._connection.call(self._stub.GetCalibration, request))

    async def labels(self, *, page_size: int = 0, page_token: str = "") -> LabelsPage:
        """One page of what the person said that they felt, newest first. Of the evidence, only which modality there is."""
        request = messages.ListCalibrationLabelsRequest(
            parent=self._profile, page_size=page_size, page_token=page_token
        )
        page = await self._connection.call(self._stub.ListCalibrationLabels, request)
        return LabelsPage(
            tuple(convert_front.label_record(label) for label in page.calibration_labels), page.next_page_token
        )

    async def take_back(self, label: CalibrationLabel) -> None:
        """Forget one label, and what was learnt from it. Raises NotFoundError."""
        name = f"{convert.PROFILES}{label.profile_id}{convert_front.LABELS}{label.label_id}"
        request = messages.DeleteCalibrationLabelRequest(name=name)
        await self._connection.call(self._stub.DeleteCalibrationLabel, request)

    async def forget(self) -> None:
        """Forget every label of the person, and what was learnt from them."""
        request = messages.ForgetCalibrationRequest(name=self._calibration)
        await self._connection.call(self._stub.ForgetCalibration, request)

    def watch_questions(
        self,
        since_sequence: int = 0,
        *,
        reconnect: bool = True,
        on_lost: Callable[[ErtedgeError], None] | None = None,
    ) -> AsyncIterator[FeelingQuestionEvent]:
        """Moments at which somebody may be asked how they feel, with heartbeats between. ``reconnect`` as in
        ``Client.watch``."""
        return self._connection.follow(
            lambda sequence: self._stub.WatchFeelingQuestions(
                messages.WatchFeelingQuestionsRequest(since_sequence=sequence)
            ),
            convert_front.question_record,
            since_sequence=since_sequence,
            reconnect=reconnect,
            on_lost=on_lost,
        )

    @property
    def _profile(self) -> str:
        return convert.profile_name(self._profile_id or 0)

    @property
    def _calibration(self) -> str:
        return f"{self._profile}{convert_front.CALIBRATION}" if self._profile else ""
