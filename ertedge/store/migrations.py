"""The steps that make the database what it is, numbered, each applied once with its record in one transaction. Floor 1.

A step that has been released is never changed; a change of the tables is a new step at the end. ``sqlite-utils`` keeps the
record of what was applied and wraps each step with its record in a transaction. A record of a step that is not in this
file means that a newer ertedge wrote the database.
"""

from __future__ import annotations

from sqlite_utils import Database, Migrations

steps = Migrations("ertedge")


@steps(name="0001_states_and_ledger")
def create_states_and_ledger(db: Database) -> None:
    """A state is one row of about 140 bytes. Every fraction is an integer of 1/30000, which SQLite keeps in two bytes and
    can average; ``rows.py`` says which column is which. AUTOINCREMENT remembers the greatest sequence number ever given,
    also after the last state has been removed for its age."""
    db.execute(
        """
        CREATE TABLE states (
            sequence INTEGER PRIMARY KEY AUTOINCREMENT,
            wall_time_ns INTEGER NOT NULL,
            timestamp_ns INTEGER NOT NULL,
            since_ns INTEGER NOT NULL,
            emotion INTEGER NOT NULL,
            valence INTEGER NOT NULL,
            arousal INTEGER NOT NULL,
            confidence INTEGER NOT NULL,
            reasons INTEGER NOT NULL,
            synthetic INTEGER NOT NULL,
            state_count INTEGER NOT NULL,
            p0 INTEGER NOT NULL, p1 INTEGER NOT NULL, p2 INTEGER NOT NULL, p3 INTEGER NOT NULL,
            p4 INTEGER NOT NULL, p5 INTEGER NOT NULL, p6 INTEGER NOT NULL,
            face_weight INTEGER, face_quality INTEGER, face_reasons INTEGER,
            face_p0 INTEGER, face_p1 INTEGER, face_p2 INTEGER, face_p3 INTEGER,
            face_p4 INTEGER, face_p5 INTEGER, face_p6 INTEGER,
            voice_weight INTEGER, voice_quality INTEGER, voice_reasons INTEGER,
            voice_p0 INTEGER, voice_p1 INTEGER, voice_p2 INTEGER, voice_p3 INTEGER,
            voice_p4 INTEGER, voice_p5 INTEGER, voice_p6 INTEGER
        )
        """
    )
    db.execute("CREATE INDEX states_by_wall_time ON states (wall_time_ns)")
    db.execute(
        """
        CREATE TABLE ledger (
            entry_id INTEGER PRIMARY KEY AUTOINCREMENT,
            wall_time_ns INTEGER NOT NULL,
            event TEXT NOT NULL,
            subject TEXT NOT NULL,
            detail TEXT NOT NULL
        )
        """
    )


@steps(name="0002_suggestions")
def create_suggestions(db: Database) -> None:
    """Words are stored as words, since these rows are few. The context and the candidates of a decision are JSON, read as
    a whole or not at all. ``responses`` and ``requests`` know a repeated request by its id, also after a restart.
    ``learning`` has one row for the person and one (``synthetic``) for the demo and simulations, so that neither learns
    from the other; what is numbered up to ``forgotten_id`` is not to be learnt from again."""
    db.execute(
        """
        CREATE TABLE decisions (
            decision_id INTEGER PRIMARY KEY AUTOINCREMENT,
            wall_time_ns INTEGER NOT NULL,
            trigger TEXT NOT NULL,
            offer_propensity REAL NOT NULL,
            chosen TEXT NOT NULL,
            silence TEXT,
            policy TEXT NOT NULL,
            model TEXT NOT NULL,
            synthetic INTEGER NOT NULL,
            context TEXT NOT NULL,
            candidates TEXT NOT NULL
        )
        """
    )
    db.execute("CREATE INDEX decisions_by_wall_time ON decisions (wall_time_ns)")
    db.execute(
        """
        CREATE TABLE suggestions (
            suggestion_id INTEGER PRIMARY KEY AUTOINCREMENT,
            decision_id INTEGER NOT NULL,
            wall_time_ns INTEGER NOT NULL,
            expire_wall_time_ns INTEGER NOT NULL,
            activity_id TEXT NOT NULL,
            activity_version INTEGER NOT NULL,
            title TEXT NOT NULL,
            minutes REAL NOT NULL,
            reason TEXT NOT NULL,
            trigger TEXT NOT NULL,
            propensity REAL NOT NULL,
            expected_helpfulness REAL NOT NULL,
            expected_sd REAL NOT NULL,
            emotion TEXT NOT NULL,
            valence_before REAL NOT NULL,
            arousal_before REAL NOT NULL,
            status TEXT NOT NULL,
            helpfulness INTEGER NOT NULL,
            valence_after REAL,
            arousal_after REAL,
            snooze_until_wall_time_ns INTEGER NOT NULL,
            update_wall_time_ns INTEGER NOT NULL,
            synthetic INTEGER NOT NULL
        )
        """
    )
    db.execute("CREATE INDEX suggestions_by_wall_time ON suggestions (wall_time_ns)")
    db.execute(
        """
        CREATE TABLE responses (
            response_id INTEGER PRIMARY KEY AUTOINCREMENT,
            request_id TEXT UNIQUE,
            suggestion_id INTEGER NOT NULL,
            wall_time_ns INTEGER NOT NULL,
            kind TEXT NOT NULL,
            rating INTEGER NOT NULL,
            snooze_seconds REAL NOT NULL
        )
        """
    )
    db.execute(
        """
        CREATE TABLE requests (
            request_id TEXT PRIMARY KEY,
            suggestion_id INTEGER NOT NULL,
            wall_time_ns INTEGER NOT NULL
        )
        """
    )
    db.execute(
        """
        CREATE TABLE reviews (
            review_id INTEGER PRIMARY KEY AUTOINCREMENT,
            wall_time_ns INTEGER NOT NULL,
            activity_id TEXT NOT NULL,
            language TEXT NOT NULL,
            activity_version INTEGER NOT NULL,
            digest TEXT NOT NULL,
            reviewer TEXT NOT NULL,
            role TEXT NOT NULL
        )
        """
    )
    db.execute(
        """
        CREATE TABLE learning (
            synthetic INTEGER PRIMARY KEY,
            wall_time_ns INTEGER NOT NULL,
            model TEXT NOT NULL,
            state BLOB NOT NULL,
            forgotten_id INTEGER NOT NULL
        )
        """
    )


@steps(name="0003_safety")
def create_safety(db: Database) -> None:
    """``safety_watch`` and ``safety_plan`` have one row each. No column could hold what a person said. An answer is known
    again by its request's id together with what it answered, so that a graver answer under a used id is still heard."""
    db.execute(
        """
        CREATE TABLE safety_notices (
            notice_id INTEGER PRIMARY KEY AUTOINCREMENT,
            wall_time_ns INTEGER NOT NULL,
            kind TEXT NOT NULL,
            cause TEXT NOT NULL,
            message TEXT NOT NULL,
            open INTEGER NOT NULL,
            ask_count INTEGER NOT NULL,
            ask_wall_time_ns INTEGER NOT NULL,
            response TEXT,
            response_wall_time_ns INTEGER NOT NULL,
            synthetic INTEGER NOT NULL
        )
        """
    )
    db.execute(
        """
        CREATE TABLE safety_answers (
            answer_id INTEGER PRIMARY KEY AUTOINCREMENT,
            request_id TEXT NOT NULL,
            notice_id INTEGER NOT NULL,
            response TEXT NOT NULL,
            finding INTEGER NOT NULL,
            wall_time_ns INTEGER NOT NULL,
            UNIQUE (request_id, notice_id, response, finding)
        )
        """
    )
    db.execute(
        """
        CREATE TABLE safety_watch (
            one INTEGER PRIMARY KEY CHECK (one = 1),
            wall_time_ns INTEGER NOT NULL,
            record TEXT NOT NULL
        )
        """
    )
    db.execute("CREATE TABLE safety_plan (one INTEGER PRIMARY KEY CHECK (one = 1), plan TEXT NOT NULL)")


_KEYED_BY_PROFILE = (
    (
        "responses",
        "response_id, request_id, suggestion_id, wall_time_ns, kind, rating, snooze_seconds",
        """
            response_id INTEGER PRIMARY KEY AUTOINCREMENT,
            profile_id INTEGER NOT NULL DEFAULT 0,
            request_id TEXT,
            suggestion_id INTEGER NOT NULL,
            wall_time_ns INTEGER NOT NULL,
            kind TEXT NOT NULL,
            rating INTEGER NOT NULL,
            snooze_seconds REAL NOT NULL,
            UNIQUE (profile_id, request_id)
        """,
    ),
    (
        "requests",
        "request_id, suggestion_id, wall_time_ns",
        """
            profile_id INTEGER NOT NULL DEFAULT 0,
            request_id TEXT NOT NULL,
            suggestion_id INTEGER NOT NULL,
            wall_time_ns INTEGER NOT NULL,
            PRIMARY KEY (profile_id, request_id)
        """,
    ),
    (
        "learning",
        "synthetic, wall_time_ns, model, state, forgotten_id",
        """
            profile_id INTEGER NOT NULL DEFAULT 0,
            synthetic INTEGER NOT NULL,
            wall_time_ns INTEGER NOT NULL,
            model TEXT NOT NULL,
            state BLOB NOT NULL,
            forgotten_id INTEGER NOT NULL,
            PRIMARY KEY (profile_id, synthetic)
        """,
    ),
    (
        "safety_watch",
        "wall_time_ns, record",
        """
            profile_id INTEGER PRIMARY KEY,
            wall_time_ns INTEGER NOT NULL,
            record TEXT NOT NULL
        """,
    ),
    ("safety_plan", "plan", "profile_id INTEGER PRIMARY KEY, plan TEXT NOT NULL"),
)
"""Of each table that 0004 makes anew: its name, the columns that stay, and what it is from then on."""


@steps(name="0004_profiles")
def tell_people_apart(db: Database) -> None:
    """Every row that is about a person says whose it is; 0 is nobody's, which all rows were so far. Tables whose key was one
    for the whole device are made anew, since SQLite changes no key: what a request's id names, what was learnt, the safety
    watch and the safety plan.

    ``erasures`` is the record of an erasure that was begun, so that the next start ends it; a row goes with its end.
    """
    for table in ("states", "ledger", "decisions", "suggestions", "safety_notices", "safety_answers"):
        db.execute(f"ALTER TABLE {table} ADD COLUMN profile_id INTEGER NOT NULL DEFAULT 0")
    db.execute("CREATE INDEX states_by_profile ON states (profile_id, wall_time_ns)")
    # An index ends with the row's number, so this one has a person's states in the order of their sequence.
    db.execute("CREATE INDEX states_of_profile ON states (profile_id)")
    db.execute("CREATE INDEX decisions_by_profile ON decisions (profile_id, wall_time_ns)")
    db.execute("CREATE INDEX suggestions_of_profile ON suggestions (profile_id)")
    db.execute("CREATE INDEX safety_notices_of_profile ON safety_notices (profile_id)")
    for table, columns, definition in _KEYED_BY_PROFILE:
        db.execute(f"CREATE TABLE {table}_of_people ({definition})")
        db.execute(f"INSERT INTO {table}_of_people ({columns}, profile_id) SELECT {columns}, 0 FROM {table}")
        db.execute(f"DROP TABLE {table}")
        db.execute(f"ALTER TABLE {table}_of_people RENAME TO {table}")
    db.execute(
        """
        CREATE TABLE erasures (
            erasure_id INTEGER PRIMARY KEY,
            profile_id INTEGER NOT NULL,
            purpose TEXT
        )
        """
    )


@steps(name="0005_people")
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


@steps(name="0007_faces_and_calibration")
def create_faces_and_calibration(db: Database) -> None:
    """Embeddings of enrolled faces; labels of what a person felt, with what face and voice had said, as blobs of 32-bit
    floats; guided sessions. AUTOINCREMENT remembers the numbers of what is gone."""
    db.execute(
        """
        CREATE TABLE enrolled_faces (
            face_id INTEGER PRIMARY KEY AUTOINCREMENT,
            profile_id INTEGER NOT NULL,
            embedding BLOB NOT NULL,
            wall_time_ns INTEGER NOT NULL
        )
        """
    )
    db.execute("CREATE INDEX enrolled_faces_of_profile ON enrolled_faces (profile_id)")
    db.execute(
        """
        CREATE TABLE calibration_labels (
            label_id INTEGER PRIMARY KEY AUTOINCREMENT,
            profile_id INTEGER NOT NULL,
            wall_time_ns INTEGER NOT NULL,
            emotion TEXT NOT NULL,
            source TEXT NOT NULL,
            session_id INTEGER NOT NULL,
            synthetic INTEGER NOT NULL,
            valence REAL,
            arousal REAL,
            face_quality REAL, face_probabilities BLOB, face_embedding BLOB,
            voice_quality REAL, voice_probabilities BLOB, voice_embedding BLOB,
            request_id TEXT,
            UNIQUE (profile_id, request_id)
        )
        """
    )
    db.execute("CREATE INDEX calibration_labels_of_profile ON calibration_labels (profile_id, wall_time_ns)")
    db.execute(
        """
        CREATE TABLE calibration_sessions (
            session_id INTEGER PRIMARY KEY AUTOINCREMENT,
            profile_id INTEGER NOT NULL,
            begin_wall_time_ns INTEGER NOT NULL,
            synthetic INTEGER NOT NULL,
            plan TEXT NOT NULL,
            next_take INTEGER NOT NULL,
            skipped TEXT NOT NULL
        )
        """
    )
    db.execute("CREATE INDEX calibration_sessions_of_profile ON calibration_sessions (profile_id)")


@steps(name="0008_study")
def create_study(db: Database) -> None:
    """Studies, the slots of their sealed sequences that were used, and how many were asked in vain name no person; who
    takes part and what went wrong do. A group stands with its slot alone, so that an export of what is stored of a person
    does not tell it before the protocol does. AUTOINCREMENT remembers the numbers of those who are gone."""
    db.execute(
        """
        CREATE TABLE studies (
            study_id TEXT PRIMARY KEY,
            protocol_text TEXT NOT NULL,
            commitment TEXT NOT NULL,
            create_wall_time_ns INTEGER NOT NULL,
            end_wall_time_ns INTEGER NOT NULL,
            synthetic INTEGER NOT NULL
        )
        """
    )
    db.execute(
        """
        CREATE TABLE study_slots (
            study_id TEXT NOT NULL,
            stratum TEXT NOT NULL,
            slot INTEGER NOT NULL,
            arm TEXT NOT NULL,
            erased INTEGER NOT NULL,
            PRIMARY KEY (study_id, stratum, slot)
        )
        """
    )
    db.execute(
        """
        CREATE TABLE study_not_enrolled (
            entry_id INTEGER PRIMARY KEY,
            study_id TEXT NOT NULL,
            wall_time_ns INTEGER NOT NULL,
            reason TEXT NOT NULL,
            criterion_id TEXT NOT NULL,
            UNIQUE (study_id, wall_time_ns, reason, criterion_id)
        )
        """
    )
    db.execute(
        """
        CREATE TABLE study_participants (
            participant_id INTEGER PRIMARY KEY AUTOINCREMENT,
            study_id TEXT NOT NULL,
            profile_id INTEGER NOT NULL,
            stratum TEXT NOT NULL,
            slot INTEGER NOT NULL,
            enrol_wall_time_ns INTEGER NOT NULL,
            characteristics TEXT NOT NULL,
            withdraw_wall_time_ns INTEGER NOT NULL,
            withdraw_reason TEXT NOT NULL,
            request_id TEXT UNIQUE
        )
        """
    )
    db.execute(
        """
        CREATE TABLE study_events (
            event_id INTEGER PRIMARY KEY AUTOINCREMENT,
            participant_id INTEGER NOT NULL,
            profile_id INTEGER NOT NULL,
            onset_wall_time_ns INTEGER NOT NULL,
            category TEXT NOT NULL,
            seriousness TEXT NOT NULL,
            severity TEXT NOT NULL,
            relatedness TEXT NOT NULL,
            outcome TEXT NOT NULL,
            description TEXT NOT NULL,
            record_wall_time_ns INTEGER NOT NULL,
            update_wall_time_ns INTEGER NOT NULL,
            request_id TEXT UNIQUE
        )
        """
    )


@steps(name="0006_assessments")
def create_assessments(db: Database) -> None:
    """``response`` is a FHIR R4 QuestionnaireResponse, read as a whole. An assessment is completed where its time of
    completion is not 0. An amendment is never changed, which a trigger sees to; ``assessment_requests`` knows a repeated
    request by its id, also after a restart."""
    db.execute(
        """
        CREATE TABLE assessments (
            assessment_id INTEGER PRIMARY KEY AUTOINCREMENT,
            profile_id INTEGER NOT NULL,
            questionnaire TEXT NOT NULL,
            version TEXT NOT NULL,
            language TEXT NOT NULL,
            status TEXT NOT NULL,
            wall_time_ns INTEGER NOT NULL,
            update_wall_time_ns INTEGER NOT NULL,
            complete_wall_time_ns INTEGER NOT NULL,
            flags TEXT NOT NULL,
            response TEXT NOT NULL
        )
        """
    )
    db.execute(
        "CREATE INDEX assessments_by_completion ON assessments (profile_id, questionnaire, complete_wall_time_ns)"
    )
    db.execute(
        """
        CREATE TABLE assessment_amendments (
            amendment_id INTEGER PRIMARY KEY AUTOINCREMENT,
            profile_id INTEGER NOT NULL,
            assessment_id INTEGER NOT NULL,
            wall_time_ns INTEGER NOT NULL,
            link_id TEXT NOT NULL,
            code_before TEXT NOT NULL,
            code_after TEXT NOT NULL,
            reason TEXT NOT NULL,
            UNIQUE (assessment_id, wall_time_ns, link_id)
        )
        """
    )
    db.execute(
        "CREATE TRIGGER amendments_stay BEFORE UPDATE ON assessment_amendments"
        " BEGIN SELECT RAISE(ABORT, 'an amendment is never changed'); END"
    )
    db.execute(
        """
        CREATE TABLE assessment_requests (
            profile_id INTEGER NOT NULL,
            request_id TEXT NOT NULL,
            assessment_id INTEGER NOT NULL,
            what TEXT NOT NULL,
            wall_time_ns INTEGER NOT NULL,
            PRIMARY KEY (profile_id, request_id)
        )
        """
    )
    db.execute(
        """
        CREATE TABLE assessment_reminders (
            profile_id INTEGER NOT NULL,
            questionnaire TEXT NOT NULL,
            wall_time_ns INTEGER NOT NULL,
            expire_wall_time_ns INTEGER NOT NULL,
            dismissed INTEGER NOT NULL,
            PRIMARY KEY (profile_id, questionnaire)
        )
        """
    )


@steps(name="0009_state_hours")
def create_state_hours(db: Database) -> None:
    """A person's states of an hour, summed up; ``sums`` is NULL where a state came later. It follows from ``states``."""
    db.execute(
        """
        CREATE TABLE state_hours (
            profile_id INTEGER NOT NULL,
            hour INTEGER NOT NULL,
            first_sequence INTEGER NOT NULL,
            last_sequence INTEGER NOT NULL,
            sums TEXT,
            PRIMARY KEY (profile_id, hour)
        )
        """
    )
