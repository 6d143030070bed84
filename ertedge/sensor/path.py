"""One modality from its device to its predictions: a capture thread fills a buffer, a second thread empties it. Floor 2.

Whatever goes wrong here stays here: a record that cannot be processed is counted, models that cannot be used end this path
with a sentence that says what to do, and a thread that stands still is admitted by ``stall``.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Generic

from ertedge.capture.buffers import Buffer
from ertedge.capture.source import Source
from ertedge.capture.supervisor import Capture
from ertedge.config import SensorSettings
from ertedge.errors import ErtedgeError, ModelError, PerceptionError
from ertedge.sensor.flow import Outlet
from ertedge.sensor.perceive import Perception, Record
from ertedge.types import SENSOR_OF, Modality, ModelInfo, Prediction, SensorCondition, SensorStatus

_log = logging.getLogger(__name__)

READ_SECONDS = 0.2
STALL_SECONDS = 1.0
"""A loop that has not gone round for this long makes no progress; a record takes some milliseconds."""
LOAD_SECONDS = 30.0
"""How long models may take to load, from a slow card."""
HANGING_SECONDS_LEAST = 1.0
"""However short a device's silence may be by the configuration: an idle capture thread goes round twice in this time."""
RETRY_HANGING_SECONDS = 60.0
"""A driver that hangs from the first is worth a new process only this seldom: the other modality would suffer."""
STOP_SECONDS = 2.0


class ModalityPath(Generic[Record]):
    """One modality's two threads. ``absence`` says why there is no source, when there is none."""

    def __init__(
        self,
        modality: Modality,
        source: Source[Record] | None,
        buffer: Buffer[Record],
        load: Callable[[], Perception[Record]],
        settings: SensorSettings,
        *,
        lossless: bool = False,
        absence: str = "",
        after: threading.Event | None = None,
    ) -> None:
        """``load`` runs in this path's thread, once ``after`` is set: two that import at once only hinder one another.

        ``lossless`` waits for whoever watches rather than lose a prediction.
        """
        self.modality = modality
        self.sensor = SENSOR_OF[modality]
        self._source: Source[Record] | None = source
        self._buffer: Buffer[Record] = buffer
        self._load: Callable[[], Perception[Record]] = load
        self._settings = settings
        self._lossless = lossless
        self._absence = absence
        self._after = after
        self._muted = False
        self._permitted = True
        self._fault = ""
        self._rejected = 0
        self._rejection = ""
        self._models: tuple[ModelInfo, ...] = ()
        self._stopping = threading.Event()
        self._begun_ns = self._beat_ns = time.monotonic_ns()
        self._capture: Capture[Record] | None = None
        self._thread: threading.Thread | None = None
        self.loaded = threading.Event()
        """Set when loading is over, well or not."""

    def start(self, outlet: Outlet, muted: bool, ready: Callable[[float], bool], *, permitted: bool = True) -> None:
        """Open the device and load the models. What is no device is opened after that, and when ``ready`` says so; it needs
        no permission."""
        self._muted = muted
        self._begun_ns = self._beat_ns = time.monotonic_ns()
        if self._source is None:
            self.loaded.set()
            return
        self._permitted = permitted or not self._source.live
        self._capture = Capture(
            self.sensor, self._source, self._buffer, self._settings, muted=muted, permitted=self._permitted
        )
        if self._source.live:
            self._capture.start()
        arguments = (self._capture, self._source.live, outlet, ready)
        self._thread = threading.Thread(target=self._run, args=arguments, name=f"perceive-{self.modality}", daemon=True)
        self._thread.start()

    def stop(self) -> bool:
        """Close the device and end the threads. False when one of them does not return within two seconds."""
        self._stopping.set()
        closed = self._capture is None or self._capture.stop(STOP_SECONDS)
        if self._thread is None or not self.loaded.is_set():  # What is being imported holds no device.
            return closed
        self._thread.join(STOP_SECONDS)
        return closed and not self._thread.is_alive()

    def mute(self) -> bool:
        """Close the device and keep it closed. False when its driver does not let go within a second."""
        self._muted = True
        return self._capture is None or self._capture.mute()

    def unmute(self) -> None:
        """Let the device be opened again."""
        self._muted = False
        if self._capture is not None:
            self._capture.unmute()

    def permit(self, permitted: bool) -> bool:
        """Let the device be opened, or close it because nobody agrees to it. False when its driver does not let go."""
        if self._source is None or not self._source.live or permitted is self._permitted:
            return True
        self._permitted = permitted
        if self._capture is None:
            return True
        if not permitted:
            return self._capture.forbid()
        self._capture.permit()
        return True

    @property
    def models(self) -> tuple[ModelInfo, ...]:
        """The models that have been loaded."""
        return self._models

    def status(self) -> SensorStatus:
        """How the device and its models are now."""
        if self._capture is None:
            condition = SensorCondition.MUTED if self._muted else SensorCondition.OFF
            return SensorStatus(self.sensor, condition, "none", self._absence, since_ns=self._begun_ns)
        status = self._capture.status()
        if self._fault:
            # The device was closed for good: what is left to tell is whether the person muted it, and what is wrong.
            condition = SensorCondition.MUTED if self._muted else SensorCondition.FAILED
            return replace(status, condition=condition, detail=self._fault, rate_hz=0.0)
        if not self.loaded.is_set() and status.condition in (SensorCondition.RUNNING, SensorCondition.OFF):
            return replace(status, condition=SensorCondition.STARTING, detail="the models are being loaded")
        if status.condition is not SensorCondition.RUNNING:
            return replace(status, rate_hz=0.0)
        rejected = f"{self._rejected} could not be processed, the last because: {self._rejection}"
        return replace(status, detail=rejected if self._rejected else "")

    def stall(self) -> str:
        """What makes no progress though it should, as a sentence; empty while all is well."""
        if self._thread is None or self._capture is None or self._fault or self._stopping.is_set():
            return ""
        now_ns = time.monotonic_ns()
        still_seconds = (now_ns - self._beat_ns) / 1e9
        if still_seconds > (STALL_SECONDS if self.loaded.is_set() else LOAD_SECONDS):
            return f"the {self.modality} loop has stood still for {still_seconds:.1f} s"
        hung_seconds = (now_ns - self._capture.progress_ns) / 1e9
        allowed_seconds = max(self._settings.device_silence_seconds, HANGING_SECONDS_LEAST)
        worth_it = self._capture.status().records > 0 or (now_ns - self._begun_ns) / 1e9 > RETRY_HANGING_SECONDS
        if hung_seconds > allowed_seconds and worth_it:
            return f"the driver of the {self.sensor} has not returned for {hung_seconds:.1f} s"
        return ""

    # Below: the thread.

    def _run(self, capture: Capture[Record], live: bool, outlet: Outlet, ready: Callable[[float], bool]) -> None:
        try:
            perception = self._loaded_perception()
            while not live and not ready(READ_SECONDS) and not self._stopping.is_set():
                self._beat_ns = time.monotonic_ns()
            if not live and not self._stopping.is_set():
                capture.start()
            while not self._stopping.is_set():
                self._beat_ns = time.monotonic_ns()
                record = self._buffer.get(READ_SECONDS)
                if record is not None:
                    self._hand_on(self._perceive(perception, record), outlet)
        except ErtedgeError as error:
            self._fail(capture, str(error))
        except Exception as error:  # noqa: BLE001 - a fault of one modality must not be the end of the other
            _log.exception("the %s path ended", self.modality)
            self._fail(capture, f"the {self.modality} path ended with {error!r}; the log says more")

    def _loaded_perception(self) -> Perception[Record]:
        try:
            while self._after is not None and not self._after.wait(READ_SECONDS) and not self._stopping.is_set():
                pass
            perception: Perception[Record] = self._load()
        finally:
            self._beat_ns = time.monotonic_ns()
            self.loaded.set()
        self._models = perception.models
        return perception

    def _perceive(self, perception: Perception[Record], record: Record) -> Sequence[Prediction]:
        try:
            return perception.perceive(record)
        except PerceptionError as error:
            self._reject(str(error))
        except ModelError:
            raise
        except Exception as error:  # noqa: BLE001 - one odd record must not end what reads a person all day
            _log.debug("the %s path could not process a record", self.modality, exc_info=error)
            self._reject(repr(error))
        return ()

    def _reject(self, why: str) -> None:
        if not self._rejected:
            _log.warning("%s: what the %s gave could not be processed: %s", self.modality, self.sensor, why)
        self._rejected += 1
        self._rejection = why

    def _hand_on(self, predictions: Sequence[Prediction], outlet: Outlet) -> None:
        for prediction in predictions:
            if self._muted or not self._permitted:
                return
            if not self._lossless:
                outlet.publish(prediction)
                continue
            while not (outlet.offer(prediction, READ_SECONDS) or self._stopping.is_set()):
                self._beat_ns = time.monotonic_ns()

    def _fail(self, capture: Capture[Record], why: str) -> None:
        _log.error("%s: %s; the %s is closed", self.modality, why, self.sensor)
        self._fault = why
        capture.stop(STOP_SECONDS)
