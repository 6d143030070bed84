"""The part of ProfileService about faces and feelings: enrolment, calibration, self-reports. Floor 3; thin."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import aclosing
from typing import Any

import grpc.aio

from ertedge.core.front.front import Front
from ertedge.core.front.records import CalibrationStatus
from ertedge.rpc import convert, convert_front, fields, pages
from ertedge.rpc.access import AccessLog
from ertedge.v1 import calibration_pb2 as calibration
from ertedge.v1 import enrolment_pb2 as enrolment
from ertedge.v1 import profile_service_pb2_grpc as services

Context = grpc.aio.ServicerContext[Any, Any]


class FrontCalls(services.ProfileServiceServicer):
    """Speaks for ``front``; ``access`` hears who reads how a person is read."""

    def __init__(self, front: Front, access: AccessLog) -> None:
        self._front = front
        self._front_access = access

    def end_streams(self) -> None:
        """End every stream, so that a stop waits for none."""
        self._front.end_streams()

    async def EnrolFace(  # noqa: N802 (gRPC's name)
        self, request: enrolment.EnrolFaceRequest, _context: Context
    ) -> AsyncIterator[enrolment.EnrolFaceResponse]:
        """How far the enrolment is, until it is done or the client goes."""
        number = self._profile(request.profile)
        words = self._front.words(number, fields.language(request.language_code))
        async with aclosing(self._front.enrolment.enrol(number, words)) as progresses:
            async for progress in progresses:
                yield convert_front.progress_message(progress)

    async def GetFaceEnrolment(  # noqa: N802 (gRPC's name)
        self, request: enrolment.GetFaceEnrolmentRequest, _context: Context
    ) -> enrolment.FaceEnrolment:
        """Whether the face is enrolled."""
        number = self._front.profile_of(convert_front.part_of(request.name, convert_front.ENROLMENT))
        gallery = self._front.faces.galleries.get(number)
        return convert_front.enrolment_message(number, 0 if gallery is None else len(gallery))

    async def ForgetFace(  # noqa: N802 (gRPC's name)
        self, request: enrolment.ForgetFaceRequest, _context: Context
    ) -> enrolment.ForgetFaceResponse:
        """Nothing, once the face is forgotten."""
        await self._front.faces.forget(self._profile(request.profile))
        return enrolment.ForgetFaceResponse()

    async def StartCalibration(  # noqa: N802 (gRPC's name)
        self, request: calibration.StartCalibrationRequest, _context: Context
    ) -> AsyncIterator[calibration.StartCalibrationResponse]:
        """The prompts of a guided session, until it is over or the client goes."""
        owner, session_id = convert_front.session_of(request.session)
        number = self._front.profile_of(owner) if owner else self._profile(request.profile)
        words = self._front.words(number, fields.language(request.language_code))
        skip = convert_front.emotions_of(request.skip_emotions)
        session = self._front.sessions.run(number, words, session_id=session_id, skip=skip)
        async with aclosing(session) as prompts:
            async for prompt in prompts:
                yield convert_front.prompt_message(prompt)

    async def ReportFeeling(  # noqa: N802 (gRPC's name)
        self, request: calibration.ReportFeelingRequest, _context: Context
    ) -> calibration.ReportFeelingResponse:
        """The label, and what is known with it."""
        point = (request.point.valence, request.point.arousal) if request.HasField("point") else None
        reported = await self._front.report(
            self._profile(request.profile),
            emotion=convert_front.reported_emotion(request.emotion),
            point=point,
            request_id=fields.request_id(request.request_id),
        )
        return calibration.ReportFeelingResponse(
            calibration_label=convert_front.label_message(reported.label),
            calibration=convert_front.calibration_message(CalibrationStatus(reported.summary, 0, 0)),
        )

    async def GetCalibration(  # noqa: N802 (gRPC's name)
        self, request: calibration.GetCalibrationRequest, context: Context
    ) -> calibration.Calibration:
        """What is known of the person."""
        number = self._front.profile_of(convert_front.part_of(request.name, convert_front.CALIBRATION))
        found = await self._front.calibration(number)
        self._front_access.note("CALIBRATION_READ", context.peer(), "read how well face and voice show what is felt")
        return convert_front.calibration_message(found)

    async def ListCalibrationLabels(  # noqa: N802 (gRPC's name)
        self, request: calibration.ListCalibrationLabelsRequest, context: Context
    ) -> calibration.ListCalibrationLabelsResponse:
        """A page of what the person said that they felt."""
        labels = await self._front.calibrations.labels(self._profile(request.parent, "parent"))
        page, token = pages.slice_of(labels, request)
        self._front_access.note("FEELINGS_READ", context.peer(), "read what somebody said that they felt")
        return calibration.ListCalibrationLabelsResponse(
            calibration_labels=[convert_front.label_message(label) for label in page], next_page_token=token
        )

    async def DeleteCalibrationLabel(  # noqa: N802 (gRPC's name)
        self, request: calibration.DeleteCalibrationLabelRequest, _context: Context
    ) -> calibration.DeleteCalibrationLabelResponse:
        """Nothing, once the label is gone."""
        owner, label_id = convert_front.label_of(request.name)
        await self._front.calibrations.take_back(self._front.profile_of(owner), label_id)
        return calibration.DeleteCalibrationLabelResponse()

    async def ForgetCalibration(  # noqa: N802 (gRPC's name)
        self, request: calibration.ForgetCalibrationRequest, _context: Context
    ) -> calibration.ForgetCalibrationResponse:
        """Nothing, once every label is forgotten."""
        number = self._front.profile_of(convert_front.part_of(request.name, convert_front.CALIBRATION))
        await self._front.calibrations.forget(number)
        return calibration.ForgetCalibrationResponse()

    async def WatchFeelingQuestions(  # noqa: N802 (gRPC's name)
        self, request: calibration.WatchFeelingQuestionsRequest, _context: Context
    ) -> AsyncIterator[calibration.WatchFeelingQuestionsResponse]:
        """Moments at which somebody may be asked how they feel, until the client goes."""
        async with aclosing(self._front.questions.watch(request.since_sequence)) as events:
            async for event in events:
                yield convert_front.question_message(event)

    def _profile(self, name: str, field: str = "profile") -> int:
        """The profile that a request means; empty: who is in front of the device. Raises NotFoundError."""
        number = fields.number_of(name, convert.PROFILES, field=field) if name else 0
        return self._front.profile_of(number)
