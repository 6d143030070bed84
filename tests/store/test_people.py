"""Profiles and receipts in a real database: what is immutable stays, and what is erased goes."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from ertedge.config import StoreSettings
from ertedge.store.people_records import NoticeShowing
from ertedge.store.store import Store
from ertedge.types import ConsentReceipt, Profile, Purpose

DIGEST = "ab" * 32


def profile(number: int, name: str = "Anna") -> Profile:
    return Profile(number, name, "de", 1_000 + number, 2_000 + number, f"etag{number}")


def receipt(
    number: int, profile_id: int = 1, purpose: Purpose = Purpose.SENSE_FACE, given: bool = True
) -> ConsentReceipt:
    return ConsentReceipt(number, profile_id, purpose, given, 1, "en", DIGEST, 5_000 + number)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "ertedge.db"


@pytest.fixture
def store(path: Path) -> Iterator[Store]:
    opened = Store.open(path, StoreSettings())
    yield opened
    opened.close()


def test_people_come_back_as_they_were(path: Path) -> None:
    with_people = Store.open(path, StoreSettings())
    for number in (1, 2):
        with_people.people.add_profile(profile(number, f"Anna {number}"), f"request {number}")
    with_people.people.add_receipt(receipt(1))
    with_people.people.add_receipt(receipt(2, purpose=Purpose.KEEP_HISTORY))
    with_people.people.add_receipt(receipt(3, given=False))
    with_people.people.add_receipt(receipt(4, profile_id=2))
    with_people.people.select(2, 7_000)
    with_people.people.add_notice_showing(NoticeShowing(1, "en", DIGEST, 8_000))
    with_people.close()

    found = Store.open(path, StoreSettings())
    stored = found.people.load()
    found.close()
    assert stored.profiles == (profile(1, "Anna 1"), profile(2, "Anna 2"))
    assert stored.receipts == (
        receipt(2, purpose=Purpose.KEEP_HISTORY),
        receipt(3, given=False),
        receipt(4, profile_id=2),
    )
    assert (stored.last_profile_id, stored.last_receipt_id, stored.selected) == (2, 4, 2)
    assert stored.requests == (("request 1", 1), ("request 2", 2))
    assert stored.first_showing == NoticeShowing(1, "en", DIGEST, 8_000)


def test_what_is_written_is_on_the_disk_and_not_only_in_the_log_of_this_process(store: Store, path: Path) -> None:
    store.people.add_profile(profile(1))
    store.people.add_receipt(receipt(1))
    copy = path.with_name("copy.db")
    shutil.copy(path, copy)  # as a power cut that lost the log would leave it
    with sqlite3.connect(copy) as connection:
        assert connection.execute("SELECT COUNT(*) FROM profiles").fetchone() == (1,)
        assert connection.execute("SELECT COUNT(*) FROM consent_receipts").fetchone() == (1,)
    connection.close()


def test_writing_again_does_no_harm(store: Store) -> None:
    for _ in range(2):
        store.people.add_profile(profile(1), "a request")
        store.people.add_receipt(receipt(1))
        store.people.add_notice_showing(NoticeShowing(1, "en", DIGEST, 8_000))
    store.people.add_notice_showing(NoticeShowing(1, "en", DIGEST, 9_000))
    store.people.add_receipt(receipt(1, given=False))  # another under a number that is taken is not that one
    stored = store.people.load()
    assert stored.profiles == (profile(1),)
    assert stored.receipts == (receipt(1),)
    assert stored.first_showing is not None and stored.first_showing.wall_time_ns == 8_000


def test_a_change_is_kept(store: Store) -> None:
    store.people.add_profile(profile(1))
    changed = Profile(1, "Lena", "en", 1_001, 9_000, "other")
    store.people.update_profile(changed)
    store.people.update_profile(profile(2))  # never was
    assert store.people.load().profiles == (changed,)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE consent_receipts SET given = 0",
        "UPDATE consent_receipts SET text_digest = ''",
        "UPDATE OR REPLACE consent_receipts SET profile_id = 2",
        "DELETE FROM consent_receipts",
    ],
)
def test_a_receipt_is_immutable(store: Store, path: Path, statement: str) -> None:
    store.people.add_profile(profile(1))
    store.people.add_receipt(receipt(1))
    with sqlite3.connect(path) as connection, pytest.raises(sqlite3.IntegrityError):
        connection.execute(statement)
    connection.close()
    assert store.people.load().receipts == (receipt(1),)


def test_a_receipt_is_not_replaced(store: Store, path: Path) -> None:
    store.people.add_profile(profile(1))
    store.people.add_receipt(receipt(1))
    with sqlite3.connect(path) as connection:
        connection.execute("REPLACE INTO consent_receipts SELECT 1, 1, 'study', 0, 1, 'en', '', 1")
    connection.close()
    assert store.people.load().receipts == (receipt(1),)


def test_what_is_agreed_to_and_not_known_is_left_out(store: Store, path: Path) -> None:
    store.people.add_profile(profile(1))
    store.people.add_receipt(receipt(1))
    with sqlite3.connect(path) as connection:
        connection.execute("INSERT INTO consent_receipts SELECT 2, 1, 'read_minds', 1, 1, 'en', '', 1")
    connection.close()
    stored = store.people.load()
    assert stored.receipts == (receipt(1),)
    assert stored.last_receipt_id == 2
    assert store.people.list_receipts(1, limit=9, before=None).receipts == (receipt(1),)


def test_receipts_are_paged_newest_first(store: Store) -> None:
    store.people.add_profile(profile(1))
    store.people.add_profile(profile(2, "Lena"))
    for number in range(1, 8):
        store.people.add_receipt(receipt(number, profile_id=2 if number == 4 else 1, given=bool(number % 2)))
    first = store.people.list_receipts(1, limit=4, before=None)
    assert [each.receipt_id for each in first.receipts] == [7, 6, 5, 3]
    rest = store.people.list_receipts(1, limit=4, before=first.next_cursor)
    assert [each.receipt_id for each in rest.receipts] == [2, 1]
    assert rest.next_cursor is None


def test_an_erasure_takes_the_person_with_their_receipts_and_gives_no_number_twice(store: Store, path: Path) -> None:
    store.people.add_profile(profile(1, "Anna-of-the-test"), "a request of hers")
    store.people.add_profile(profile(2, "Lena"))
    store.people.add_receipt(receipt(1))
    store.people.add_receipt(receipt(2, profile_id=2))
    store.people.select(1, 7_000)
    store.erase_profile(1)
    stored = store.people.load()
    assert stored.profiles == (profile(2, "Lena"),)
    assert stored.receipts == (receipt(2, profile_id=2),)
    assert (stored.selected, stored.last_profile_id, stored.last_receipt_id) == (0, 2, 2)
    store.people.add_receipt(receipt(3))  # written late, of somebody who is gone
    assert store.people.load().receipts == (receipt(2, profile_id=2),)
    left = b"".join(file.read_bytes() for file in path.parent.glob("ertedge.db*"))
    assert b"Anna-of-the-test" not in left and b"a request of hers" not in left


def test_the_last_person_s_number_is_not_given_again_after_their_erasure(store: Store) -> None:
    store.people.add_profile(profile(7))
    store.erase_profile(7)
    assert store.people.load().last_profile_id == 7


def test_withdrawing_takes_what_was_covered_and_leaves_the_receipts(store: Store) -> None:
    store.people.add_profile(profile(1))
    store.people.add_receipt(receipt(1, purpose=Purpose.KEEP_HISTORY))
    store.people.add_receipt(receipt(2, purpose=Purpose.KEEP_HISTORY, given=False))
    store.erase_covered(1, Purpose.KEEP_HISTORY)
    stored = store.people.load()
    assert stored.profiles == (profile(1),)
    assert [each.receipt_id for each in store.people.list_receipts(1, limit=9, before=None).receipts] == [2, 1]
