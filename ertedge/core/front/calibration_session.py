"""A guided session: asks for a memory, listens while the person shows and says it, and makes a label of that. Floor 2.

The daemon keeps the time, so that a client only shows what it is told. Whoever needs a break ends the stream; a new one goes
on with the same take, also after a restart, and leaves out the emotions that the person does not want to be asked for. What
is shown here is played, so nothing of it is kept as a state or answered by a suggestion (``is_acting``).
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Sequence
from dataclasses import dataclass, replace

from ertedge.core.clock import Clock
from ertedge.core.front.calibrations import Calibrations
from ertedge.core.front.evidence import Evidence
from ertedge.core.front.port import FrontRecorder
from ertedge.core.front.records import CalibrationPhase, CalibrationPrompt
from ertedge.core.front.words import CalibrationWords, FrontWords
from ertedge.errors import LimitReachedError, NotFoundError, PreconditionError
from ertedge.store.calibration_records import CalibrationSession
from ertedge.types import CalibrationLabel, Emotion, LabelSource, Modality

SECOND_NS = 1_000_000_000
ROUNDS: tuple[tuple[Emotion, ...], ...] = (
    (
        Emotion.NEUTRAL,
        Emotion.SURPRISE,
        Emotion.ANGER,
        Emotion.SADNESS,
        Emotion.FEAR,
        Emotion.DISGUST,
        Emotion.HAPPINESS,
    ),
    (
        Emotion.NEUTRAL,
        Emotion.DISGUST,
        Emotion.FEAR,
        Emotion.SADNESS,
        Emotion.ANGER,
        Emotion.SURPRISE,
        Emotion.HAPPINESS,
    ),
)
"""Two takes an emotion. What is hard stands in the middle, and both rounds end with something glad."""
PREPARE_SECONDS = 7.0
TAKE_SECONDS = 6.0
SAY_SECONDS = 1.5
TICK_SECONDS = 0.5
FACE_LEAD_SECONDS = 0.5
"""A face takes so long to become what is felt."""
VOICE_LEAD_SECONDS = 2.5
"""A speech window is about the three seconds before it; from here on most of that lies in the take."""
FACES_LEAST = 3
VOICES_LEAST = 1
MISSES_MOST = 1
"""Repetitions of a take of which nothing could be read."""
WAIT_SECONDS_MOST = 120.0
"""Without the person for so long, the session ends; it can be gone on with."""
OPEN_NS = 7 * 24 * 3600 * SECOND_NS
"""How long a session can be gone on with."""


@dataclass(frozen=True, slots=True)
class SessionPace:
    """How long the parts of a take last, in seconds; ``face_lead`` and ``voice_lead``: from when on in the take what they
    say is about it."""

    prepare: float = PREPARE_SECONDS
    take: float = TAKE_SECONDS
    say: float = SAY_SECONDS
    tick: float = TICK_SECONDS
    face_lead: float = FACE_LEAD_SECONDS
    voice_lead: float = VOICE_LEAD_SECONDS

    def lead_ns(self, modality: Modality) -> int:
        """The lead of a modality."""
        return round((self.face_lead if modality is Modality.FACE else self.voice_lead) * SECOND_NS)


@dataclass(slots=True)
class _Take:
    """A take as it runs: of which session, when it began by the evidence's time, and how often it was missed."""

    session: CalibrationSession
    words: FrontWords
    turn: int
    begin_ns: int = 0
    misses: int = 0

    @property
    def emotion(self) -> Emotion:
        """What is to be shown."""
        return self.session.plan[self.session.next_take]


class CalibrationSessions:
    """One at a time. Belongs to one event loop.

    ``evidence`` is of whoever is in front; ``is_alone`` tells whether they are; ``prompt`` hears what a simulated person
    should show, None at the end of a take.
    """

    def __init__(
        self,
        calibrations: Calibrations,
        evidence: Evidence,
        recorder: FrontRecorder,
        clock: Clock,
        *,
        synthetic: Callable[[], bool],
        is_alone: Callable[[], bool],
        prompt: Callable[[Emotion | None], None] = lambda _: None,
        pace: SessionPace | None = None,
    ) -> None:
        self._calibrations = calibrations
        self._evidence = evidence
        self._recorder = recorder
        self._clock = clock
        self._synthetic = synthetic
        self._is_alone = is_alone
        self._prompt = prompt
        self._pace = pace or SessionPace()
        self._acting_profile: int | None = None
        self._turn = 0
        self._ending = asyncio.Event()

    def is_acting(self, profile_id: int) -> bool:
        """Whether the person plays what they show, since a session asks them to."""
        return self._acting_profile == profile_id

    def end_all(self) -> None:
        """End the stream of whoever is calibrating, because the server stops."""
        self._ending.set()

    async def open_session(self, profile_id: int) -> CalibrationSession | None:
        """The newest session of a person that can be gone on with. Raises StoreError."""
        sessions = await self._recorder.read(lambda store: store.calibrations.sessions(profile_id))
        newest = sessions[-1] if sessions else None
        return newest if newest is not None and self._is_open(newest) else None

    async def run(
        self, profile_id: int, words: FrontWords, *, session_id: int = 0, skip: Sequence[Emotion] = ()
    ) -> AsyncGenerator[CalibrationPrompt, None]:
        """Guide through a new session, or go on with that of a number; emotions in ``skip`` are left out of it from now on.

        Raises PreconditionError without the consent to keep a history or where the person stays away, NotFoundError for a
        session that cannot be gone on with, LimitReachedError while another runs, StoreError.
        """
        self._calibrations.check_consent(profile_id)
        if self._acting_profile not in (None, profile_id):
            raise LimitReachedError("somebody is calibrating just now; wait until that is done")
        # The person's own stream of before may have been cut without this end noticing: the new one takes over.
        self._turn += 1
        turn, self._acting_profile = self._turn, profile_id
        try:
            session = await self._begin(profile_id, session_id, skip)
            while not session.is_over and not self._is_ended(turn):
                take = _Take(session, words, turn)
                if take.emotion not in session.skipped:
                    async for prompt in self._take(take):
                        yield prompt
                if self._is_ended(turn):
                    return
                session = replace(session, next_take=session.next_take + 1)
                await self._save(session)
            if session.is_over:
                yield _over(session, words)
        finally:
            if turn == self._turn:
                self._acting_profile = None
                self._prompt(None)

    def _is_ended(self, turn: int) -> bool:
        return self._ending.is_set() or turn != self._turn

    async def _begin(self, profile_id: int, session_id: int, skip: Sequence[Emotion]) -> CalibrationSession:
        if session_id:
            found = await self._recorder.read(lambda store: store.calibrations.sessions(profile_id))
            session = next((each for each in found if each.session_id == session_id and self._is_open(each)), None)
            if session is None:
                raise NotFoundError(f"there is no session {session_id} to go on with; begin a new one")
            skipped = tuple(dict.fromkeys((*session.skipped, *skip)))
            session = replace(session, skipped=skipped)
        else:
            number = 1 + await self._recorder.read(lambda store: store.calibrations.last_session_id())
            plan = tuple(emotion for order in ROUNDS for emotion in order)
            session = CalibrationSession(
                number, profile_id, self._clock.wall_ns(), self._synthetic(), plan, 0, tuple(dict.fromkeys(skip))
            )
        await self._save(session)
        return session

    def _is_open(self, session: CalibrationSession) -> bool:
        age_ns = self._clock.wall_ns() - session.begin_wall_time_ns
        return not session.is_over and age_ns < OPEN_NS and session.synthetic is self._synthetic()

    async def _take(self, take: _Take) -> AsyncGenerator[CalibrationPrompt, None]:
        """Ask for a take, again where nothing could be read of it, and make a label of it."""
        said = take.words.calibration
        while not self._is_ended(take.turn):
            async for prompt in self._until_there(take):
                yield prompt
            self._prompt(take.emotion)
            async for prompt in self._for(self._pace.prepare, take, CalibrationPhase.PREPARE, said.ready):
                yield prompt
            take.begin_ns = self._evidence.now_ns
            async for prompt in self._for(self._pace.take, take, CalibrationPhase.TAKE, said.take):
                yield prompt
            if self._is_ended(take.turn):
                return
            self._prompt(None)
            label = self._label(take)
            if label is not None:
                await self._calibrations.add(label)
                async for prompt in self._for(self._pace.say, take, CalibrationPhase.TAKEN, _thanks(label, said)):
                    yield prompt
                return
            take.misses += 1
            again = take.misses <= MISSES_MOST
            sentence = said.missed if again else said.missed_left
            async for prompt in self._for(self._pace.say, take, CalibrationPhase.MISSED, sentence):
                yield prompt
            if not again:
                return

    async def _until_there(self, take: _Take) -> AsyncGenerator[CalibrationPrompt, None]:
        """Wait for the person where it is not them, or not them alone."""
        waited, said = 0.0, take.words.calibration
        while self._evidence.profile_id != take.session.profile_id and not self._is_ended(take.turn):
            if waited >= WAIT_SECONDS_MOST:
                raise PreconditionError("you were not there for a while; go on with the session whenever you like")
            yield self._said(take, CalibrationPhase.WAIT, said.not_you if self._is_alone() else said.alone)
            await self._sleep(self._pace.tick)
            waited += self._pace.tick

    async def _for(
        self, seconds: float, take: _Take, phase: CalibrationPhase, sentence: str
    ) -> AsyncGenerator[CalibrationPrompt, None]:
        """Say the same for so long, with what is left of it and what has been seen and heard."""
        begin_ns = self._clock.monotonic_ns()
        while not self._is_ended(take.turn):
            left = seconds - (self._clock.monotonic_ns() - begin_ns) / SECOND_NS
            if left <= 0:
                return
            yield replace(self._said(take, phase, sentence), seconds=seconds, remaining_seconds=left)
            await self._sleep(min(left, self._pace.tick))

    async def _sleep(self, seconds: float) -> None:
        try:
            async with asyncio.timeout(seconds):
                await self._ending.wait()
        except TimeoutError:
            return

    def _said(self, take: _Take, phase: CalibrationPhase, sentence: str) -> CalibrationPrompt:
        showing = phase in (CalibrationPhase.TAKE, CalibrationPhase.TAKEN)
        return CalibrationPrompt(
            session_id=take.session.session_id,
            profile_id=take.session.profile_id,
            phase=phase,
            emotion=take.emotion,
            take=take.session.next_take + 1,
            takes=len(take.session.plan),
            seconds=0.0,
            remaining_seconds=0.0,
            seen=showing and self._has(Modality.FACE, take),
            heard=showing and self._has(Modality.VOICE, take),
            asks=take.words.prompt[take.emotion],
            says=sentence,
        )

    def _has(self, modality: Modality, take: _Take) -> bool:
        least = FACES_LEAST if modality is Modality.FACE else VOICES_LEAST
        begin_ns = take.begin_ns + self._pace.lead_ns(modality)
        return self._evidence.count(modality, begin_ns, self._evidence.now_ns + 1) >= least

    def _label(self, take: _Take) -> CalibrationLabel | None:
        """What was read in the take, as a label of its emotion; None where that is nothing, or not the person's."""
        if self._evidence.profile_id != take.session.profile_id:
            return None
        end_ns = self._evidence.now_ns + 1
        face, voice = (
            self._evidence.over(modality, take.begin_ns + self._pace.lead_ns(modality), end_ns) for modality in Modality
        )
        label = CalibrationLabel(
            label_id=0,
            profile_id=take.session.profile_id,
            wall_time_ns=self._clock.wall_ns(),
            emotion=take.emotion,
            source=LabelSource.SESSION,
            session_id=take.session.session_id,
            face=face if self._has(Modality.FACE, take) else None,
            voice=voice if self._has(Modality.VOICE, take) else None,
        )
        return label if label.face or label.voice else None

    async def _save(self, session: CalibrationSession) -> None:
        self._calibrations.check_consent(session.profile_id)  # it may have been withdrawn, or the person erased, since
        await self._recorder.keep_now(lambda store: store.calibrations.save_session(session))


def _thanks(label: CalibrationLabel, said: CalibrationWords) -> str:
    """What was read of a take, in plain words."""
    if label.face and label.voice:
        return said.taken
    return said.taken_face if label.face else said.taken_voice


def _over(session: CalibrationSession, words: FrontWords) -> CalibrationPrompt:
    """The last prompt of a session."""
    takes = len(session.plan)
    return CalibrationPrompt(
        session_id=session.session_id,
        profile_id=session.profile_id,
        phase=CalibrationPhase.DONE,
        emotion=None,
        take=takes,
        takes=takes,
        seconds=0.0,
        remaining_seconds=0.0,
        seen=False,
        heard=False,
        asks="",
        says=words.calibration.done,
    )
