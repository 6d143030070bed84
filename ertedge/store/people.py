"""The queries on profiles, consent receipts, who is selected, and when the notice was shown. Floor 1.

A receipt is never changed and never removed but with its person: triggers of the database refuse the rest, so erasure
removes the profile's own row before its receipts. Numbers are given by the core and never twice, which ``sqlite_sequence``
remembers also of people who are gone. What is written here is on the disk when a method returns, and not only handed to the
system, since a power cut must not bring back what somebody has withdrawn.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from typing import Any

from sqlite_utils import Database

from ertedge.store.numbers import last_number
from ertedge.store.people_records import NoticeShowing, ReceiptPage, StoredPeople
from ertedge.types import ConsentReceipt, Profile, Purpose

INTEGER_MOST = 2**63 - 1
_PROFILE = "profile_id, display_name, language, create_wall_time_ns, update_wall_time_ns, etag"
_RECEIPT = "receipt_id, profile_id, purpose, given, text_version, text_language, text_digest, wall_time_ns"


class PeopleTable:
    """The people of ``database``; ``reporting`` turns its errors into StoreErrors, which every method may raise."""

    def __init__(self, database: Database, reporting: Callable[[], AbstractContextManager[None]]) -> None:
        self._database = database
        self._reporting = reporting

    def load(self) -> StoredPeople:
        """Everything that the core answers from."""
        with self._reporting():
            profiles = self._database.execute(f"SELECT {_PROFILE} FROM profiles ORDER BY profile_id").fetchall()
            newest = self._database.execute(
                f"SELECT {_RECEIPT} FROM consent_receipts WHERE receipt_id IN"
                " (SELECT MAX(receipt_id) FROM consent_receipts GROUP BY profile_id, purpose) ORDER BY receipt_id"
            ).fetchall()
            requests = self._database.execute(
                "SELECT request_id, profile_id FROM profiles WHERE request_id IS NOT NULL ORDER BY profile_id"
            ).fetchall()
            selected = self._database.execute("SELECT profile_id FROM selected_profile").fetchone()
            showing = self._database.execute(
                "SELECT version, language, digest, wall_time_ns FROM notice_showings ORDER BY showing_id LIMIT 1"
            ).fetchone()
            return StoredPeople(
                profiles=tuple(Profile(*row) for row in profiles),
                receipts=_receipts(newest),
                last_profile_id=last_number(self._database, "profiles"),
                last_receipt_id=last_number(self._database, "consent_receipts"),
                requests=tuple((row[0], row[1]) for row in requests),
                selected=int(selected[0]) if selected else 0,
                first_showing=NoticeShowing(*showing) if showing else None,
            )

    def add_profile(self, profile: Profile, request_id: str = "") -> None:
        """Store a new person; one that is already stored is left as it is."""
        with self._writing():
            self._database.execute(
                f"INSERT OR IGNORE INTO profiles ({_PROFILE}, request_id) VALUES (?, ?, ?, ?, ?, ?, ?)",
                [*_profile_row(profile), request_id or None],
            )

    def update_profile(self, profile: Profile) -> None:
        """Store what a person is called by now; nothing where they have been erased since."""
        with self._writing():
            self._database.execute(
                "UPDATE profiles SET display_name = ?, language = ?, update_wall_time_ns = ?, etag = ? WHERE profile_id = ?",
                [
                    profile.display_name,
                    profile.language,
                    profile.update_wall_time_ns,
                    profile.etag,
                    profile.profile_id,
                ],
            )

    def add_receipt(self, receipt: ConsentReceipt) -> None:
        """Store that somebody agreed or withdrew; a receipt that is already stored is left as it is, and so is everything
        where its person has been erased since."""
        with self._writing():
            self._database.execute(
                f"INSERT OR IGNORE INTO consent_receipts ({_RECEIPT}) SELECT ?, ?, ?, ?, ?, ?, ?, ?"
                " WHERE EXISTS (SELECT 1 FROM profiles WHERE profile_id = ?)",
                [
                    receipt.receipt_id,
                    receipt.profile_id,
                    receipt.purpose.value,
                    receipt.given,
                    receipt.text_version,
                    receipt.text_language,
                    receipt.text_digest,
                    receipt.wall_time_ns,
                    receipt.profile_id,
                ],
            )

    def list_receipts(self, profile_id: int, *, limit: int, before: int | None) -> ReceiptPage:
        """At most ``limit`` of a person's receipts, newest first; ``before`` is the ``next_cursor`` of the page before."""
        with self._reporting():
            rows = self._database.execute(
                f"SELECT {_RECEIPT} FROM consent_receipts WHERE profile_id = ? AND receipt_id < ?"
                " ORDER BY receipt_id DESC LIMIT ?",
                [profile_id, INTEGER_MOST if before is None else before, limit + 1],
            ).fetchall()
        return ReceiptPage(_receipts(rows[:limit]), rows[limit - 1][0] if len(rows) > limit else None)

    def select(self, profile_id: int, wall_time_ns: int) -> None:
        """Store who said that it is them; 0: nobody any longer."""
        with self._writing(), self._database.atomic():
            self._database.execute("DELETE FROM selected_profile")
            if profile_id:
                self._database.execute(
                    "INSERT INTO selected_profile (one, profile_id, wall_time_ns) VALUES (1, ?, ?)",
                    [profile_id, wall_time_ns],
                )

    def add_notice_showing(self, showing: NoticeShowing) -> None:
        """Store that the notice was shown; once for each version and language, the first time."""
        with self._writing():
            self._database.execute(
                "INSERT OR IGNORE INTO notice_showings (version, language, digest, wall_time_ns) VALUES (?, ?, ?, ?)",
                [showing.version, showing.language, showing.digest, showing.wall_time_ns],
            )

    @contextmanager
    def _writing(self) -> Iterator[None]:
        """As ``reporting``, and what was written is synced: with ``synchronous=NORMAL`` only a checkpoint does that."""
        with self._reporting():
            yield
            self._database.execute("PRAGMA wal_checkpoint(FULL)").fetchall()


def _profile_row(profile: Profile) -> list[Any]:
    return [
        profile.profile_id,
        profile.display_name,
        profile.language,
        profile.create_wall_time_ns,
        profile.update_wall_time_ns,
        profile.etag,
    ]


def _receipts(rows: Sequence[Any]) -> tuple[ConsentReceipt, ...]:
    """Without those to a purpose that this version does not know: what it does not know, it does not do."""
    known = set(Purpose)
    return tuple(
        ConsentReceipt(row[0], row[1], Purpose(row[2]), bool(row[3]), *row[4:]) for row in rows if row[2] in known
    )
