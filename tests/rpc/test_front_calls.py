"""Enrolment and calibration through a real server and client: a person enrols, calibrates, reports and forgets."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager
from pathlib import Path

import pytest

from ertedge.core.front.records import CalibrationPhase, CalibrationPrompt
from ertedge.errors import InvalidRequestError, NotFoundError, PreconditionError
from ertedge.rpc.client import Client
from ertedge.types import Emotion, Modality, Presence, PresenceKind, Purpose, Reason
from tests.core.fakes import leaning, prediction
from tests.core.front_fakes import ANN, BEN, frame, gallery
from tests.rpc.house import House, house_at


@asynccontextmanager
async def someone(folder: Path, *purposes: Purpose) -> AsyncIterator[tuple[House, Client]]:
    """A house with one person, who has agreed to ``purposes`` (by default to all but the study)."""
    async with house_at(folder) as (house, client):
        await client.profiles.create("Ann")
        await agree(house, 1, *purposes)
        yield house, client


async def agree(house: House, profile_id: int, *purposes: Purpose) -> None:
    """A person agrees to ``purposes``, by default to all but the study."""
    for purpose in purposes or (set(Purpose) - {Purpose.STUDY}):
        text = house.people.text(purpose)
        await house.people.give(profile_id, purpose, version=text.version, language=text.language, digest=text.digest)


def sit_down(house: House, profile_id: int = 1) -> None:
    presence = Presence(house.clock.monotonic_ns(), PresenceKind.ASSUMED, profile_id)
    house.front.in_front.follow(presence)


def show(house: House, emotion: Emotion, *modalities: Modality) -> None:
    """A moment of the person, as the loop would note it."""
    now_ns = house.clock.monotonic_ns()
    presence = Presence(now_ns, PresenceKind.ASSUMED, house.front.in_front.evidence.profile_id)
    for modality in modalities or tuple(Modality):
        house.front.in_front.note(prediction(modality, now_ns, emotion), presence)


@asynccontextmanager
async def acting(house: House, mood: list[Emotion], *modalities: Modality) -> AsyncIterator[None]:
    """The person shows the last of ``mood``, a hundred times a second."""

    async def act() -> None:
        while True:
            show(house, mood[-1], *modalities)
            await asyncio.sleep(0.01)

    task = asyncio.create_task(act())
    try:
        yield
    finally:
        task.cancel()


def run(scene: object) -> None:
    asyncio.run(scene)  # type: ignore[arg-type]


def test_a_face_is_enrolled_recognised_and_forgotten(tmp_path: Path) -> None:
    async def scene() -> None:
        async with someone(tmp_path) as (house, client):
            assert await client.enrolment.frame_count() == 0

            async def look() -> None:
                for number in range(40):
                    house.front.enrolment.see(frame(number, reasons=(Reason.TOO_DARK,) if number < 5 else ()))
                    await asyncio.sleep(0.01)

            looking = asyncio.create_task(look())
            seen = [progress async for progress in client.enrolment.enrol()]
            await looking
            assert seen[0].asks.startswith("Look at the camera")
            assert any(progress.says.startswith("More light, please") for progress in seen)
            assert [progress.taken for progress in seen] == sorted(progress.taken for progress in seen)
            assert seen[-1].is_done
            assert seen[-1].says.startswith("Done.")
            assert await client.enrolment.frame_count() == 12
            assert list(house.store.faces.galleries()) == [1]
            said = [house.front.presence.take(frame(100 + number)) for number in range(5)]
            assert said[-1] is not None
            assert (said[-1].kind, said[-1].profile_id) == (PresenceKind.PROFILE, 1)
            await client.enrolment.forget()
            assert await client.enrolment.frame_count() == 0
            assert house.store.faces.galleries() == {}
            events = [entry.event for entry in house.store.entries]
            await house.recorder.flush()
            events = [entry.event for entry in house.store.entries]
            assert events.count("FACE_ENROLLED") == events.count("FACE_FORGOTTEN") == 1

    run(scene())


def test_enrolment_needs_both_consents_and_another_persons_face_is_refused(tmp_path: Path) -> None:
    async def scene() -> None:
        async with someone(tmp_path, Purpose.SENSE_FACE) as (house, client):
            with pytest.raises(PreconditionError, match="agrees to have it sensed and recognised"):
                async for _ in client.enrolment.enrol():
                    pass
            await agree(house, 1, Purpose.FACE_RECOGNITION)
            await client.profiles.create("Ben")
            await agree(house, 2, Purpose.SENSE_FACE, Purpose.FACE_RECOGNITION)
            await house.front.faces.replace(2, gallery(BEN))

            async def look() -> None:
                for number in range(40):
                    house.front.enrolment.see(frame(number, BEN))
                    await asyncio.sleep(0.01)

            looking = asyncio.create_task(look())
            async with Client(house.address, profile_id=1) as anns:
                with pytest.raises(PreconditionError, match="as another profile's"):
                    async for _ in anns.enrolment.enrol():
                        pass
            looking.cancel()
            assert list(house.front.faces.galleries) == [2]
            await house.people.withdraw(2, Purpose.FACE_RECOGNITION)
            assert list(house.front.faces.galleries) == []

    run(scene())


def test_a_guided_session_makes_labels_can_be_left_and_gone_on_with(tmp_path: Path) -> None:
    async def scene() -> None:
        async with someone(tmp_path) as (house, client):
            sit_down(house)
            mood = [Emotion.NEUTRAL]
            async with acting(house, mood):
                prompts: list[CalibrationPrompt] = []
                async with aclosing(client.calibration.run(skip=[Emotion.FEAR])) as session_prompts:
                    async for prompt in session_prompts:
                        prompts.append(prompt)
                        mood.append(prompt.emotion or Emotion.NEUTRAL)
                        if prompt.take == 4:
                            break
                session = prompts[-1].session_id
                for _ in range(100):
                    if not house.front.sessions.is_acting(1):
                        break
                    await asyncio.sleep(0.01)
                status = await client.calibration.status()
                assert status.open_session_id == session
                assert status.takes_left == 14 - 3
                assert status.summary.labels == 3
                async for prompt in client.calibration.run(session_id=session, profile_id=1):
                    prompts.append(prompt)
                    mood.append(prompt.emotion or Emotion.NEUTRAL)
            assert prompts[-1].phase is CalibrationPhase.DONE
            assert Emotion.FEAR not in {prompt.emotion for prompt in prompts}
            assert {prompt.session_id for prompt in prompts} == {session}
            by_phase = {prompt.phase: prompt for prompt in prompts}
            assert "brushing" not in by_phase[CalibrationPhase.PREPARE].asks
            assert by_phase[CalibrationPhase.TAKEN].seen
            labels = house.store.calibrations.labels(1, synthetic=False)
            assert len(labels) == 12
            assert {label.emotion for label in labels} == set(Emotion) - {Emotion.FEAR, Emotion.UNKNOWN}
            assert all(label.session_id == session for label in labels)
            happy = next(label for label in labels if label.emotion is Emotion.HAPPINESS)
            assert happy.face is not None
            assert happy.face.probabilities.argmax() == leaning(Emotion.HAPPINESS).argmax()
            status = await client.calibration.status()
            assert status.open_session_id == 0
            assert status.summary.labels == 12
            with pytest.raises(NotFoundError, match="begin a new one"):
                async for _ in client.calibration.run(session_id=session, profile_id=1):
                    pass

    run(scene())


def test_a_take_of_which_nothing_is_read_is_asked_for_again_and_then_left(tmp_path: Path) -> None:
    async def scene() -> None:
        async with someone(tmp_path) as (house, client):
            sit_down(house)
            skip = [each for each in Emotion if each not in (Emotion.ANGER, Emotion.UNKNOWN)]
            prompts = [prompt async for prompt in client.calibration.run(skip=skip)]
            missed = [prompt.says for prompt in prompts if prompt.phase is CalibrationPhase.MISSED]
            assert any("again" in said for said in missed)
            assert any("next one" in said for said in missed)
            assert prompts[-1].phase is CalibrationPhase.DONE
            assert house.store.calibrations.labels(1, synthetic=False) == ()

    run(scene())


def test_a_voice_alone_is_a_label_too_and_the_person_is_told(tmp_path: Path) -> None:
    async def scene() -> None:
        async with someone(tmp_path) as (house, client):
            sit_down(house)
            skip = [each for each in Emotion if each not in (Emotion.ANGER, Emotion.UNKNOWN)]
            async with acting(house, [Emotion.ANGER], Modality.FACE):
                said = {p.says for p in [p async for p in client.calibration.run(skip=skip)]}
            assert any(sentence.startswith("Seen, but not heard") for sentence in said)
            labels = house.store.calibrations.labels(1, synthetic=False)
            assert [label.voice for label in labels] == [None, None]

    run(scene())


def test_the_session_waits_for_its_person(tmp_path: Path) -> None:
    async def scene() -> None:
        async with someone(tmp_path) as (house, client):
            sit_down(house, 0)
            skip = [each for each in Emotion if each not in (Emotion.ANGER, Emotion.UNKNOWN)]
            async with acting(house, [Emotion.ANGER]):
                phases: list[CalibrationPhase] = []
                async for prompt in client.calibration.run(skip=skip):
                    phases.append(prompt.phase)
                    if len(phases) == 4:
                        sit_down(house)
            assert phases[:4] == [CalibrationPhase.WAIT] * 4
            assert phases[-1] is CalibrationPhase.DONE
            assert len(house.store.calibrations.labels(1, synthetic=False)) == 2

    run(scene())


def test_a_feeling_is_reported_by_a_word_or_a_point_once(tmp_path: Path) -> None:
    async def scene() -> None:
        async with someone(tmp_path) as (house, client):
            sit_down(house)
            with pytest.raises(PreconditionError, match="neither see nor hear"):
                await client.calibration.report(Emotion.HAPPINESS)
            show(house, Emotion.HAPPINESS)
            first = await client.calibration.report(Emotion.HAPPINESS, request_id="one")
            again = await client.calibration.report(Emotion.HAPPINESS, request_id="one")
            assert first.label.label_id == again.label.label_id
            assert again.summary.labels == 1
            pointed = await client.calibration.report(point=(-0.6, -0.3))
            assert pointed.label.emotion is Emotion.SADNESS
            assert [pointed.label.valence, pointed.label.arousal] == pytest.approx([-0.6, -0.3])
            assert pointed.summary.labels == 2
            for bad in ((None, None), (Emotion.UNKNOWN, None), (None, (2.0, 0.0))):
                with pytest.raises(InvalidRequestError):
                    await client.calibration.report(bad[0], point=bad[1])
            page = await client.calibration.labels(page_size=1)
            assert [label.emotion for label in page.labels] == [Emotion.SADNESS]
            rest = await client.calibration.labels(page_size=1, page_token=page.next_page_token)
            assert [label.emotion for label in rest.labels] == [Emotion.HAPPINESS]
            assert rest.next_page_token == ""
            await client.calibration.take_back(page.labels[0])
            with pytest.raises(NotFoundError, match="no moment"):
                await client.calibration.take_back(page.labels[0])
            assert (await client.calibration.status()).summary.labels == 1
            assert len(house.store.calibrations.labels(1, synthetic=False)) == 1
            await client.calibration.forget()
            assert (await client.calibration.status()).summary.labels == 0
            assert house.store.calibrations.labels(1, synthetic=False) == ()

    run(scene())


def test_without_a_history_nothing_is_learnt_and_withdrawing_it_forgets(tmp_path: Path) -> None:
    async def scene() -> None:
        async with someone(tmp_path) as (house, client):
            sit_down(house)
            show(house, Emotion.HAPPINESS)
            await client.calibration.report(Emotion.HAPPINESS)
            await house.people.withdraw(1, Purpose.KEEP_HISTORY)
            assert (await client.calibration.status()).summary.labels == 0
            with pytest.raises(PreconditionError, match="keep_history"):
                await client.calibration.report(Emotion.HAPPINESS)
            with pytest.raises(PreconditionError, match="keep_history"):
                async for _ in client.calibration.run():
                    pass

    run(scene())


def test_withdrawing_a_sense_takes_its_evidence(tmp_path: Path) -> None:
    async def scene() -> None:
        async with someone(tmp_path) as (house, client):
            sit_down(house)
            show(house, Emotion.HAPPINESS)
            await client.calibration.report(Emotion.HAPPINESS)
            show(house, Emotion.ANGER, Modality.FACE)
            await client.calibration.report(Emotion.ANGER)
            await house.people.withdraw(1, Purpose.SENSE_VOICE)
            face, voice = (await client.calibration.status()).summary.reliabilities
            assert (face.labels, voice.labels) == (2, 0)

    run(scene())


def test_it_must_be_clear_who_is_meant(tmp_path: Path) -> None:
    async def scene() -> None:
        async with house_at(tmp_path) as (house, client):
            with pytest.raises(NotFoundError, match="no profile yet"):
                await client.calibration.status()
            for name in ("Ann", "Ben"):
                await client.profiles.create(name)
            with pytest.raises(NotFoundError, match="not clear whose"):
                await client.calibration.status()
            sit_down(house, 2)
            assert (await client.calibration.status()).summary.profile_id == 2
            async with Client(house.address, profile_id=9) as nobodys:
                with pytest.raises(NotFoundError, match="no profile 9"):
                    await nobodys.calibration.status()

    run(scene())


def test_words_are_in_the_persons_language(tmp_path: Path) -> None:
    async def scene() -> None:
        async with house_at(tmp_path) as (house, client):
            person = await client.profiles.create("Ann", "de")
            assert house.front.words(person.profile.profile_id).language == "de"
            assert house.front.words(person.profile.profile_id, "en").language == "en"
            assert house.front.words(person.profile.profile_id, "fr").language == "de"

    run(scene())


def test_a_stop_ends_the_streams(tmp_path: Path) -> None:
    async def scene() -> None:
        async with someone(tmp_path) as (house, client):
            first_progress = await anext(client.enrolment.enrol())
            assert not first_progress.is_done
            stream = client.calibration.watch_questions(reconnect=False)
            first = await anext(stream)
            assert first.question is None
            house.front.end_streams()

    run(scene())
    assert ANN.shape == BEN.shape
