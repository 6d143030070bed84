"""Balanced, reproducible from the seed alone, and checkable once the seal is open."""

from __future__ import annotations

import hashlib
import hmac
import itertools
from collections import Counter
from dataclasses import replace

import pytest

from ertedge.types.study import UsedSlot
from ertedge.wellbeing.study.allocation import Seal, allocation, allocations, check, next_slot
from ertedge.wellbeing.study.order import next_in_order
from ertedge.wellbeing.study.protocol import example_protocol, read_protocol

PROTOCOL = read_protocol(example_protocol())
SEED = bytes(range(32))
SEAL = Seal(SEED, b"n" * 32, b"p" * 32)


def test_the_sequence_is_a_function_of_the_seed_the_study_and_the_stratum() -> None:
    first = allocations(PROTOCOL, SEED, "severe", 60)
    assert first == allocations(PROTOCOL, SEED, "severe", 60)
    assert first[:7] == allocations(PROTOCOL, SEED, "severe", 7)
    assert allocation(PROTOCOL, SEED, "severe", 12) == first[12]
    assert first != allocations(PROTOCOL, SEED, "mild_to_moderate", 60)
    assert first != allocations(PROTOCOL, bytes(32), "severe", 60)
    assert first != allocations(replace(PROTOCOL, study_id="another"), SEED, "severe", 60)


def test_the_sequence_is_what_the_documented_recipe_gives() -> None:
    """Written again from the docstring with nothing of the module, as an auditor would."""

    def numbers() -> itertools.chain[int]:
        return itertools.chain.from_iterable(
            [int.from_bytes(hmac.new(SEED, f"example-pilot/severe/{n}".encode(), hashlib.sha256).digest()[:8], "big")]
            for n in itertools.count()
        )

    chance, found = iter(numbers()), list[str]()
    while len(found) < 40:
        size = (4, 6)[next(chance) % 2]
        block = ["personal"] * (size // 2) + ["fixed"] * (size // 2)
        for last in range(size - 1, 0, -1):
            other = next(chance) % (last + 1)
            block[last], block[other] = block[other], block[last]
        found += block
    assert allocations(PROTOCOL, SEED, "severe", 40) == tuple(found[:40])


@pytest.mark.parametrize("ratio", [1, 2])
def test_the_arms_are_never_further_apart_than_half_a_block(ratio: int) -> None:
    arms = (replace(PROTOCOL.arms[0], ratio=ratio), PROTOCOL.arms[1])
    sizes = (4, 6) if ratio == 1 else (3, 6)
    protocol = replace(PROTOCOL, arms=arms, block_sizes=sizes)
    for seed in range(20):
        sequence = allocations(protocol, bytes([seed]) * 32, "severe", 120)
        for count in range(1, 121):
            counts = Counter(sequence[:count])
            assert abs(counts["personal"] - ratio * counts["fixed"]) <= 3 * ratio


def test_each_permutation_of_a_block_is_about_equally_likely() -> None:
    protocol = replace(PROTOCOL, block_sizes=(4,))
    orders: Counter[tuple[str, ...]] = Counter()
    for seed in range(1200):
        orders[allocations(protocol, seed.to_bytes(32, "big"), "severe", 4)] += 1
    assert len(orders) == 6
    # Chi-squared with 5 degrees of freedom: 20.5 is its 99.9% quantile.
    assert sum((count - 200) ** 2 / 200 for count in orders.values()) < 20.5


def test_a_slot_beyond_all_reason_is_refused() -> None:
    with pytest.raises(ValueError, match="a stratum has 0 to"):
        allocations(PROTOCOL, SEED, "severe", 1_000_000)


def test_the_next_slot_is_after_the_last_that_was_used_in_the_stratum() -> None:
    used = [UsedSlot("example-pilot", "severe", 4, "fixed"), UsedSlot("other", "severe", 9, "fixed")]
    assert next_slot(used, "example-pilot", "severe") == 5
    assert next_slot(used, "example-pilot", "mild_to_moderate") == 0


def used_slots(count: int) -> list[UsedSlot]:
    return [
        UsedSlot("example-pilot", stratum.name, slot, allocation(PROTOCOL, SEED, stratum.name, slot))
        for stratum in PROTOCOL.strata
        for slot in range(count)
    ]


def test_an_opened_seal_explains_every_allocation() -> None:
    found = check(PROTOCOL, SEAL.commitment, SEAL, used_slots(9))
    assert found.faults == ()
    assert found.checked == 18
    opened = bytes.fromhex(found.seed) + bytes.fromhex(found.nonce)
    assert hashlib.sha256(opened).hexdigest() == SEAL.commitment


def test_tampering_is_found() -> None:
    used = used_slots(5)
    other = "fixed" if used[3].arm == "personal" else "personal"
    used[3] = replace(used[3], arm=other)
    used.append(used[0])
    used.append(UsedSlot("example-pilot", "no_such", 0, "fixed"))
    faults = check(PROTOCOL, SEAL.commitment, SEAL, used).faults
    assert len(faults) == 3
    assert any("while the seal says" in fault for fault in faults)
    assert any("was used twice" in fault for fault in faults)
    assert any("no such stratum" in fault for fault in faults)
    swapped = replace(SEAL, seed=b"other".ljust(32, b"!"))
    assert any(
        "not the one that was committed to" in fault for fault in check(PROTOCOL, SEAL.commitment, swapped, []).faults
    )


def test_no_part_of_the_seal_is_shown_by_accident() -> None:
    for secret in (SEAL.seed, SEAL.nonce, SEAL.pseudonym_key):
        assert secret.hex() not in repr(SEAL)
        assert repr(secret)[2:-1] not in repr(SEAL)


@pytest.mark.parametrize(
    ("order", "eligible", "offered", "expected"),
    [
        ((), ("b", "a"), (), "a"),
        (("b", "a"), ("b", "a"), (), "b"),
        (("b", "a"), ("b", "a"), ("b",), "a"),
        (("b", "a"), ("b", "a"), ("b", "a"), "b"),
        (("b", "a", "c"), ("a", "c"), (), "a"),
        (("b", "a", "c"), ("b", "a", "c"), ("a",), "b"),
        (("b", "a"), ("x",), (), ""),
        ((), (), (), ""),
    ],
)
def test_a_fixed_order_is_gone_through_and_what_could_not_be_comes_as_soon_as_it_can(
    order: tuple[str, ...], eligible: tuple[str, ...], offered: tuple[str, ...], expected: str
) -> None:
    assert next_in_order(order, eligible, offered) == expected
