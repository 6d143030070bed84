"""What everybody has agreed to, in memory, where it is asked for every state; and who wants to hear of a change. Floor 2.

Pure: nothing here waits, and nothing is written. ``core.people.people`` sees to it that what counts here is on the disk.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable

from ertedge.types import ConsentReceipt, ConsentText, Purpose, SensorName

logger = logging.getLogger(__name__)

NOBODY = 0
SENSOR_OF_PURPOSE = {Purpose.SENSE_FACE: SensorName.CAMERA, Purpose.SENSE_VOICE: SensorName.MICROPHONE}
NOBODYS = frozenset({Purpose.SENSE_FACE, Purpose.SENSE_VOICE, Purpose.KEEP_HISTORY})
"""What may be done with states that are nobody's: of the demo, of simulations and recordings, which open no device."""

Listener = Callable[[int, Purpose, bool], None]


class ConsentBook:
    """The newest receipt of each person and purpose. It decides: what was said last holds."""

    def __init__(self) -> None:
        self._receipts: dict[tuple[int, Purpose], ConsentReceipt] = {}
        self._last_receipt_id = 0
        self._listeners: list[Listener] = []

    def may(self, profile_id: int, purpose: Purpose) -> bool:
        """Whether the person of a profile has agreed to ``purpose``; 0: whether it may be done with what is nobody's."""
        if profile_id == NOBODY:
            return purpose in NOBODYS
        receipt = self._receipts.get((profile_id, purpose))
        return receipt is not None and receipt.given

    @property
    def sensed(self) -> frozenset[SensorName]:
        """The sensors to which somebody has agreed."""
        return frozenset(
            SENSOR_OF_PURPOSE[purpose]
            for (_, purpose), receipt in self._receipts.items()
            if receipt.given and purpose in SENSOR_OF_PURPOSE
        )

    @property
    def withdrawn(self) -> tuple[ConsentReceipt, ...]:
        """The receipts of what was withdrawn and not given again since."""
        return tuple(receipt for receipt in self._receipts.values() if not receipt.given)

    def newest(self, profile_id: int, purpose: Purpose) -> ConsentReceipt | None:
        """What the person said last; None where they never said anything."""
        return self._receipts.get((profile_id, purpose))

    def subscribe(self, listener: Listener) -> None:
        """Have ``listener`` told of each consent that is given (True) or withdrawn (False), also by an erasure."""
        self._listeners.append(listener)

    def take_over(self, receipts: Iterable[ConsentReceipt], last_receipt_id: int) -> None:
        """Go on from what is stored."""
        self._last_receipt_id = max(self._last_receipt_id, last_receipt_id)
        for receipt in receipts:
            self.enter(receipt)

    def new_receipt(self, profile_id: int, text: ConsentText, wall_time_ns: int) -> ConsentReceipt:
        """That the person agrees to ``text``, under a number of its own. It does not count yet."""
        self._last_receipt_id += 1
        return ConsentReceipt(
            self._last_receipt_id,
            profile_id,
            text.purpose,
            True,
            text.version,
            text.language,
            text.digest,
            wall_time_ns,
        )

    def new_withdrawal(self, receipt: ConsentReceipt, wall_time_ns: int) -> ConsentReceipt:
        """That the person takes back what ``receipt`` says, under a number of its own. It does not count yet."""
        self._last_receipt_id += 1
        return ConsentReceipt(
            self._last_receipt_id,
            receipt.profile_id,
            receipt.purpose,
            False,
            receipt.text_version,
            receipt.text_language,
            receipt.text_digest,
            wall_time_ns,
        )

    def enter(self, receipt: ConsentReceipt) -> None:
        """From now on ``receipt`` counts."""
        key = receipt.profile_id, receipt.purpose
        before = self.may(*key)
        self._receipts[key] = receipt
        if receipt.given is not before:
            self._tell(*key, given=receipt.given)

    def forget(self, profile_id: int) -> None:
        """Have nothing of a person left."""
        for purpose in Purpose:
            receipt = self._receipts.pop((profile_id, purpose), None)
            if receipt is not None and receipt.given:
                self._tell(profile_id, purpose, given=False)

    def _tell(self, profile_id: int, purpose: Purpose, *, given: bool) -> None:
        for listener in self._listeners:
            try:
                listener(profile_id, purpose, given)
            except Exception:  # one that fails must not keep the others from hearing of a withdrawal
                logger.exception("profile %d: a listener failed at %s", profile_id, purpose)
