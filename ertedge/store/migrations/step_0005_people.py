"""Step 0005: people and what they agreed to. Floor 1; released, so never changed."""

from __future__ import annotations

from sqlite_utils import Database


def create_people(db: Database) -> None:
    """Who uses the device, and what each has agreed to. A receipt is never changed or replaced, and never removed while its
    person is there: an erasure removes the profile's row first. ``selected_profile`` has one row or none.
    ``notice_showings`` is about nobody: whoever was shown the notice had no profile yet."""
    db.execute(
        """
        CREATE TABLE profiles (
            profile_id INTEGER PRIMARY KEY AUTOINCREMENT,
            display_name TEXT NOT NULL,
            language TEXT NOT NULL,
            create_wall_time_ns INTEGER NOT NULL,
            update_wall_time_ns INTEGER NOT NULL,
            etag TEXT NOT NULL,
            request_id TEXT UNIQUE
        )
        """
    )
    db.execute(
        """
        CREATE TABLE consent_receipts (
            receipt_id INTEGER PRIMARY KEY AUTOINCREMENT,
            profile_id INTEGER NOT NULL,
            purpose TEXT NOT NULL,
            given INTEGER NOT NULL,
            text_version INTEGER NOT NULL,
            text_language TEXT NOT NULL,
            text_digest TEXT NOT NULL,
            wall_time_ns INTEGER NOT NULL
        )
        """
    )
    db.execute("CREATE INDEX consent_receipts_of_profile ON consent_receipts (profile_id, purpose)")
    db.execute(
        """
        CREATE TRIGGER consent_receipts_never_change BEFORE UPDATE ON consent_receipts
        BEGIN SELECT RAISE(ABORT, 'a consent receipt is never changed'); END
        """
    )
    db.execute(
        """
        CREATE TRIGGER consent_receipts_are_never_replaced BEFORE INSERT ON consent_receipts
        WHEN EXISTS (SELECT 1 FROM consent_receipts WHERE receipt_id = NEW.receipt_id)
        BEGIN SELECT RAISE(IGNORE); END
        """
    )
    db.execute(
        """
        CREATE TRIGGER consent_receipts_stay BEFORE DELETE ON consent_receipts
        WHEN EXISTS (SELECT 1 FROM profiles WHERE profile_id = OLD.profile_id)
        BEGIN SELECT RAISE(ABORT, 'a consent receipt goes only with its person'); END
        """
    )
    db.execute(
        """
        CREATE TABLE selected_profile (
            one INTEGER PRIMARY KEY CHECK (one = 1),
            profile_id INTEGER NOT NULL,
            wall_time_ns INTEGER NOT NULL
        )
        """
    )
    db.execute(
        """
        CREATE TABLE notice_showings (
            showing_id INTEGER PRIMARY KEY AUTOINCREMENT,
            version INTEGER NOT NULL,
            language TEXT NOT NULL,
            digest TEXT NOT NULL,
            wall_time_ns INTEGER NOT NULL,
            UNIQUE (version, language)
        )
        """
    )
