"""Who is allocated to which group: permuted blocks of random sizes within strata, from a sealed seed. Floor 1; pure.

The sequence of a stratum is a function of the seed, the study's id and the stratum's name, so that whoever has the opened
seal can check every allocation, in any language: all chance comes from HMAC-SHA256 with the seed as the key (``_Chance``).

**The seal.** At the study's creation a seed and a nonce of 32 random bytes each are drawn, and the commitment
SHA-256(seed || nonce) is published with the study. The seed lies in a file for the daemon's user alone, and no call of the
API gives it, or an allocation that nobody has been enrolled for, away. After the study's end the seal is opened: the
commitment proves that the sequence was fixed before the first person, and each allocation can be recomputed.

**What this does not protect against.** The device must know the next allocation in order to make it. Whoever is root on
the device, or its daemon's user, or has its unencrypted disk in hand, can read the seal's file and know every allocation
beforehand. What conceals allocations from such people is what conceals a sealed envelope: that they are not those who
enrol. Where enrolment and administration are in one hand, have a third party keep the device, or use a central service. A
seal that somebody replaced is found out by the commitment, once it was published elsewhere, in the trial's registration,
say; and somebody who creates the study again until the sequence suits them is found out by that alone.

Not telling somebody their own group (``disclosure = "at_end"``) keeps them from being told, not from finding out: whoever
reads what they were offered sees that a fixed order is one, by the order itself and by a propensity of 1.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ertedge.types.study import AllocationCheck, StudyProtocol, UsedSlot

SEED_BYTES = 32
NONCE_BYTES = 32
SEAL_BYTES = SEED_BYTES + NONCE_BYTES + 32
"""A seal as it is kept: the seed, the nonce, the key of the pseudonyms."""
SLOTS_MOST = 100_000
"""More people than any stratum has; a slot beyond is a mistake."""


@dataclass(frozen=True, slots=True)
class Seal:
    """A sealed seed. ``repr`` shows neither part, so that no log does. ``pseudonym_key`` makes the pseudonyms of exports and
    is never opened."""

    seed: bytes
    nonce: bytes
    pseudonym_key: bytes

    def __repr__(self) -> str:
        """Without the secret."""
        return f"Seal(commitment={self.commitment})"

    @property
    def commitment(self) -> str:
        """SHA-256 of the seed and the nonce, in hexadecimal: what is published at the beginning."""
        return hashlib.sha256(self.seed + self.nonce).hexdigest()


def seal_of(kept: bytes) -> Seal:
    """The seal in its ``SEAL_BYTES``. Raises ``ValueError`` for any other length."""
    if len(kept) != SEAL_BYTES:
        raise ValueError(f"a seal has {SEAL_BYTES} bytes, not {len(kept)}")
    return Seal(kept[:SEED_BYTES], kept[SEED_BYTES : SEED_BYTES + NONCE_BYTES], kept[SEED_BYTES + NONCE_BYTES :])


class _Chance:
    """Numbers from HMAC-SHA256: the key is the seed, the message ``label/counter``, eight bytes of each digest a number."""

    def __init__(self, seed: bytes, label: str) -> None:
        self._seed, self._label, self._counter = seed, label, 0

    def below(self, limit: int) -> int:
        """A whole number in [0, limit), each equally likely: what lies in the last, uneven part is drawn anew."""
        whole = (1 << 64) - (1 << 64) % limit
        while True:
            message = f"{self._label}/{self._counter}".encode()
            self._counter += 1
            value = int.from_bytes(hmac.digest(self._seed, message, "sha256")[:8])
            if value < whole:
                return value % limit


def allocations(protocol: StudyProtocol, seed: bytes, stratum: str, count: int) -> tuple[str, ...]:
    """The names of the arms of the first ``count`` slots of a stratum. Raises ``ValueError`` for more than ``SLOTS_MOST``.

    Block after block: its size is drawn from ``block_sizes``, it holds each arm in proportion to its ratio in the order of
    the protocol, and is then shuffled (Fisher and Yates, from its end).
    """
    if not 0 <= count <= SLOTS_MOST:
        raise ValueError(f"a stratum has 0 to {SLOTS_MOST} slots, not {count}")
    chance = _Chance(seed, f"{protocol.study_id}/{stratum}")
    whole = sum(arm.ratio for arm in protocol.arms)
    found: list[str] = []
    while len(found) < count:
        size = protocol.block_sizes[chance.below(len(protocol.block_sizes))]
        block = [arm.name for arm in protocol.arms for _ in range(arm.ratio * size // whole)]
        for last in range(len(block) - 1, 0, -1):
            other = chance.below(last + 1)
            block[last], block[other] = block[other], block[last]
        found += block
    return tuple(found[:count])


def allocation(protocol: StudyProtocol, seed: bytes, stratum: str, slot: int) -> str:
    """The name of the arm of one slot, from 0."""
    return allocations(protocol, seed, stratum, slot + 1)[slot]


def next_slot(used: Iterable[UsedSlot], study_id: str, stratum: str) -> int:
    """The slot after the last that was used in a stratum."""
    return 1 + max((each.slot for each in used if (each.study_id, each.stratum) == (study_id, stratum)), default=-1)


def check(protocol: StudyProtocol, commitment: str, seal: Seal, used: Sequence[UsedSlot]) -> AllocationCheck:
    """Whether ``seal`` is the one that was committed to, and explains every allocation that was made."""
    faults: list[str] = []
    if seal.commitment != commitment:
        faults.append("the seal is not the one that was committed to: its SHA-256 differs")
    names = {each.name for each in protocol.strata}
    seen: set[tuple[str, int]] = set()
    for each in sorted(used, key=lambda each: (each.stratum, each.slot)):
        where = f"slot {each.slot} of {each.stratum}"
        if each.stratum not in names:
            faults.append(f"{where}: the protocol has no such stratum")
            continue
        if (each.stratum, each.slot) in seen:
            faults.append(f"{where}: was used twice")
        seen.add((each.stratum, each.slot))
        sealed = allocation(protocol, seal.seed, each.stratum, each.slot)
        if sealed != each.arm:
            faults.append(f"{where}: was allocated to {each.arm}, while the seal says {sealed}")
    return AllocationCheck(protocol.study_id, commitment, seal.seed.hex(), seal.nonce.hex(), len(used), tuple(faults))
