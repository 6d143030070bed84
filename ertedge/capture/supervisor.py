"""Keeps one device running: a thread that opens it, reads it, and opens it again when it went away.

Floor 1. The thread alone touches the source; everyone else asks ``status()``, which never blocks. A device that is missing,
busy, lost or silent is tried again with exponential back-off, and each change of its condition is logged once, however often
it is tried. A driver that never returns holds the thread for good: then the condition is HANGING, ``progress_ns`` stands
still, and the process has to be restarted, which is what its watchdog is for.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from collections.abc import Callable
from typing import Generic, TypeVar

from ertedge.capture.buffers import Buffer
from ertedge.capture.source import Source, SourceEnded
from ertedge.config import SensorSettings
from ertedge.errors import CaptureError, DeviceBusyError, DeviceMissingError, RecordingError
from ertedge.types import SensorCondition, SensorName, SensorStatus

Record = TypeVar("Record")
Result = TypeVar("Result")

READ_SECONDS = 0.2
"""Longest single read, so that a mute is heard in time."""
OPEN_SECONDS = 10.0
"""How long a driver may take to open a device (a network camera's name has to be found, a sound server may be starting)
before it counts as hanging."""
WAIT_SECONDS = 0.5
"""Longest single wait, so that ``progress_ns`` moves also while nothing is to do."""
RATE_SECONDS = 5.0
"""Span over which ``rate_hz`` is taken."""
MUTE_SECONDS = 1.0
"""A device is closed within this time of a mute."""
NOT_PERMITTED = {
    SensorName.CAMERA: "closed until you agree: ertedge-ctl consent give sense_face",
    SensorName.MICROPHONE: "closed until you agree: ertedge-ctl consent give sense_voice",
}
"""What to do about a device to which nobody has agreed."""

log = logging.getLogger(__name__)


class Capture(Generic[Record]):
    """A source, the buffer it fills, and the thread between them."""

    def __init__(
        self,
        sensor: SensorName,
        source: Source[Record],
        buffer: Buffer[Record],
        settings: SensorSettings,
        *,
        muted: bool = False,
        permitted: bool = True,
        clock: Callable[[], int] = time.monotonic_ns,
    ) -> None:
        """``clock`` gives monotonic nanoseconds. Muted or not permitted from the beginning, the device is not opened at
        all."""
        self._sensor = sensor
        self._source = source
        self._buffer = buffer
        self._settings = settings
        self._clock = clock
        self._wake = threading.Condition()
        self._stop_wanted = False
        self._muted = muted
        self._permitted = permitted
        self._open = False
        self._condition = SensorCondition.OFF
        self._detail = "not started"
        self._since_ns = clock()
        self._progress_ns = clock()
        self._driver_ns: int | None = None
        self._opening = False
        self._records = 0
        self._reopened = 0
        self._arrivals: deque[int] = deque(maxlen=512)
        self._thread = threading.Thread(target=self._run, name=f"capture-{sensor}", daemon=True)

    @property
    def progress_ns(self) -> int:
        """When (monotonic) the thread last went round. It stands still while a driver does not return; a device that is
        being opened has ``OPEN_SECONDS``."""
        now = self._clock()
        return now if self._is_opening(now) else self._progress_ns

    @property
    def muted(self) -> bool:
        """Whether a mute was asked for and not lifted."""
        return self._muted

    @property
    def ended(self) -> bool:
        """Whether the recording is over."""
        return self._condition is SensorCondition.ENDED

    def start(self) -> None:
        """Start the thread; the device is opened there. Once only."""
        if self._closed_wanted:
            self._enter_closed()
        else:
            self._enter(SensorCondition.STARTING, f"opening {self._source.device}", logging.DEBUG)
        self._thread.start()

    def stop(self, timeout_seconds: float = 2.0) -> bool:
        """Close the device and end the thread. False when a driver did not return within the timeout."""
        with self._wake:
            self._stop_wanted = True
            self._wake.notify_all()
        if self._thread.ident is None:
            return True
        self._thread.join(timeout_seconds)
        return not self._thread.is_alive()

    def mute(self, timeout_seconds: float = MUTE_SECONDS) -> bool:
        """Close the device and keep it closed. Nothing captured before is read afterwards.

        False when it is not closed within the timeout because its driver does not return; whoever asked must then end the
        process, which closes every device.
        """
        return self._keep_closed(timeout_seconds, muted=True, permitted=self._permitted)

    def unmute(self) -> None:
        """Let the device be opened again, at once, if it is permitted."""
        self._let_open(muted=False, permitted=self._permitted)

    def forbid(self, timeout_seconds: float = MUTE_SECONDS) -> bool:
        """Close the device because nobody agrees to it any longer; otherwise as ``mute``."""
        return self._keep_closed(timeout_seconds, muted=self._muted, permitted=False)

    def permit(self) -> None:
        """Let the device be opened, at once, if it is not muted."""
        self._let_open(muted=self._muted, permitted=True)

    def status(self) -> SensorStatus:
        """The device as it is now."""
        now = self._clock()
        with self._wake:
            self._notice_a_hanging_driver(now)
            recent = [arrival for arrival in self._arrivals if now - arrival <= RATE_SECONDS * 1e9]
            span_seconds = (now - recent[0]) / 1e9 if recent else 0.0
            return SensorStatus(
                sensor=self._sensor,
                condition=self._condition,
                device=self._source.device,
                detail=self._detail,
                records=self._records,
                lost=self._buffer.lost,
                rate_hz=(len(recent) - 1) / span_seconds if span_seconds > 0 else 0.0,
                reopened=self._reopened,
                since_ns=self._since_ns,
            )

    @property
    def _closed_wanted(self) -> bool:
        return self._muted or not self._permitted

    def _keep_closed(self, timeout_seconds: float, *, muted: bool, permitted: bool) -> bool:
        with self._wake:
            self._muted, self._permitted = muted, permitted
            self._wake.notify_all()
            closed = self._wake.wait_for(lambda: not self._open, timeout_seconds)
            self._buffer.clear()
            if closed and self._closed_wanted and self._thread.is_alive():
                self._enter_closed()
            return closed

    def _let_open(self, *, muted: bool, permitted: bool) -> None:
        with self._wake:
            closed_before = self._closed_wanted
            self._muted, self._permitted = muted, permitted
            if closed_before and self._thread.is_alive():
                if self._closed_wanted:
                    self._enter_closed()
                else:
                    self._enter(SensorCondition.STARTING, f"opening {self._source.device}", logging.DEBUG)
            self._wake.notify_all()

    def _enter_closed(self) -> None:
        """What the person chose stands before what nobody agreed to."""
        if self._muted:
            self._enter(SensorCondition.MUTED, f"{self._source.device} is closed until it is unmuted")
        else:
            self._enter(SensorCondition.NOT_PERMITTED, NOT_PERMITTED[self._sensor])

    # Below: the thread.

    def _run(self) -> None:
        pause = self._settings.reopen_first_seconds
        while not self._stop_wanted:
            if self._closed_wanted:
                self._enter_closed()
                self._wait_while(lambda: self._closed_wanted)
                pause = self._settings.reopen_first_seconds
                continue
            opened_ns = self._clock()
            try:
                self._use_device()
            except SourceEnded as ended:
                self._enter(SensorCondition.ENDED, str(ended))
            except RecordingError as error:
                self._enter(SensorCondition.FAILED, str(error), logging.ERROR)
            except CaptureError as error:
                self._enter(_condition_of(error), str(error), logging.WARNING)
            except Exception as error:  # whatever a driver raises, the other modality goes on
                self._enter(
                    SensorCondition.FAILED, f"{self._source.device}: {error!r}; it is opened again", logging.ERROR
                )
                log.debug("the %s's driver raised", self._sensor, exc_info=error)
            finally:
                self._close_device()
            if self.ended or (self._condition is SensorCondition.FAILED and not self._source.live):
                self._wait_while(lambda: not self._closed_wanted)
                continue
            if self._clock() - opened_ns > 1e9 * self._settings.reopen_most_seconds:
                pause = self._settings.reopen_first_seconds
            self._wait_while(lambda: not self._closed_wanted, pause)
            pause = min(2 * pause, self._settings.reopen_most_seconds)
        self._enter(SensorCondition.OFF, "stopped", logging.DEBUG)

    def _use_device(self) -> None:
        """Open and read until a mute, a stop or an error."""
        with self._wake:
            if self._closed_wanted or self._stop_wanted:
                return
            self._open = True
        self._opening = True
        try:
            self._in_driver(self._source.open)
        finally:
            self._opening = False
        last_ns = self._clock()
        while not (self._stop_wanted or self._closed_wanted):
            record = self._in_driver(lambda: self._source.read(READ_SECONDS))
            if record is not None:
                last_ns = self._clock()
                self._deliver(record)
            elif self._source.live and self._clock() - last_ns > self._settings.device_silence_seconds * 1e9:
                silence = self._settings.device_silence_seconds
                detail = f"{self._source.device} gave nothing for {silence:g} s; it is opened again"
                self._enter(SensorCondition.HANGING, detail, logging.WARNING)
                return

    def _deliver(self, record: Record) -> None:
        if self._condition is not SensorCondition.RUNNING:
            self._reopened += self._records > 0
            self._enter(SensorCondition.RUNNING, f"{self._source.device} is open")
        while not (self._stop_wanted or self._closed_wanted):
            if self._buffer.put(record, READ_SECONDS):
                self._records += 1
                self._arrivals.append(self._clock())
                break
            self._progress_ns = self._clock()
        if self._closed_wanted:
            self._buffer.clear()

    def _close_device(self) -> None:
        self._in_driver(self._source.close)
        with self._wake:
            self._open = False
            if self._closed_wanted:
                self._buffer.clear()
                self._enter_closed()
            self._wake.notify_all()

    def _in_driver(self, call: Callable[[], Result]) -> Result:
        """Note when the driver was entered, so that ``status`` sees that it does not return."""
        self._driver_ns = self._progress_ns = self._clock()
        try:
            return call()
        finally:
            self._driver_ns = None
            self._progress_ns = self._clock()

    def _wait_while(self, idle: Callable[[], bool], seconds: float = float("inf")) -> None:
        """Wait until ``idle`` is over, a stop, or the seconds are."""
        end_ns = self._clock() + seconds * 1e9
        with self._wake:
            while idle() and not self._stop_wanted and (left := (end_ns - self._clock()) / 1e9) > 0:
                self._wake.wait(min(left, WAIT_SECONDS))
                self._progress_ns = self._clock()

    def _notice_a_hanging_driver(self, now_ns: int) -> None:
        entered_ns = self._driver_ns
        if self._is_opening(now_ns):
            return
        if entered_ns is not None and now_ns - entered_ns > self._settings.device_silence_seconds * 1e9:
            detail = f"the driver of {self._source.device} does not return; the sensor process has to be restarted"
            self._enter(SensorCondition.HANGING, detail, logging.WARNING)

    def _is_opening(self, now_ns: int) -> bool:
        entered_ns = self._driver_ns
        return self._opening and entered_ns is not None and now_ns - entered_ns < OPEN_SECONDS * 1e9

    def _enter(self, condition: SensorCondition, detail: str, level: int = logging.INFO) -> None:
        """Note the condition, and log it if it is another than before."""
        with self._wake:
            changed = condition is not self._condition
            self._detail = detail
            if changed:
                self._condition = condition
                self._since_ns = self._clock()
        if changed:
            log.log(level, "%s: %s: %s", self._sensor, condition, detail)


def _condition_of(error: CaptureError) -> SensorCondition:
    if isinstance(error, DeviceMissingError):
        return SensorCondition.MISSING
    return SensorCondition.BUSY if isinstance(error, DeviceBusyError) else SensorCondition.FAILED
