"""Which tables hold what belongs to a person, and what of it goes when they withdraw a consent. Floor 1; imports words.

Erasure, withdrawal and export go through ``PERSONAL_TABLES``, so a new table needs a line here and nothing else: a test
fails for a table that is in neither list. Every row of a personal table names its person in one column.
"""

from __future__ import annotations

from dataclasses import dataclass

from ertedge.store.rows import share_columns
from ertedge.types import Modality, Purpose


@dataclass(frozen=True, slots=True)
class CoveredColumns:
    """What of a row rests on one consent: ``columns`` become NULL when it is withdrawn, and rows for which ``row_goes`` (a
    condition in SQL) holds go whole."""

    purpose: Purpose
    columns: tuple[str, ...] = ()
    row_goes: str = ""


@dataclass(frozen=True, slots=True)
class PersonalTable:
    """A table whose rows are about a person, whose number is in ``profile_column``.

    ``covered_by``: the rows go when any of these consents is withdrawn. ``columns_covered``: parts of them go. What neither
    names stays until the person is erased. ``also_goes`` is a condition in SQL for rows that go with the person though the
    column does not name them; ``:name`` stands for ``profiles/7``.

    ``is_derived``: it only sums up what other tables hold, and is not exported beside them.

    Erasure goes through the tables in the order of the list.
    """

    name: str
    profile_column: str = "profile_id"
    covered_by: frozenset[Purpose] = frozenset()
    columns_covered: tuple[CoveredColumns, ...] = ()
    also_goes: str = ""
    is_derived: bool = False


def _share(modality: Modality, purpose: Purpose) -> CoveredColumns:
    """A state in which the modality had a share rests on it as a whole; in any other only its columns do."""
    name = modality.value
    return CoveredColumns(purpose, share_columns(modality), f"coalesce({name}_weight, 0) > 0 OR {name}_p0 IS NOT NULL")


def _evidence(modality: Modality, purpose: Purpose, other: Modality) -> CoveredColumns:
    """A label's evidence of the modality goes, and the label with it where the other has none either."""
    columns = tuple(f"{modality.value}_{name}" for name in ("quality", "probabilities", "embedding"))
    return CoveredColumns(purpose, columns, f"{other.value}_probabilities IS NULL")


_HISTORY = frozenset({Purpose.KEEP_HISTORY})
_STUDY = frozenset({Purpose.STUDY})

PERSONAL_TABLES: tuple[PersonalTable, ...] = (
    # First of all: a consent's receipt may go only once its person is gone.
    PersonalTable("profiles"),
    PersonalTable("consent_receipts"),
    PersonalTable("selected_profile"),
    PersonalTable(
        "states",
        covered_by=_HISTORY,
        columns_covered=(
            _share(Modality.FACE, Purpose.SENSE_FACE),
            _share(Modality.VOICE, Purpose.SENSE_VOICE),
        ),
    ),
    PersonalTable(
        "state_hours",
        covered_by=frozenset({Purpose.KEEP_HISTORY, Purpose.SENSE_FACE, Purpose.SENSE_VOICE}),
        is_derived=True,
    ),
    PersonalTable("ledger", also_goes="subject = :name OR subject LIKE :name || '/%'"),
    PersonalTable("decisions", covered_by=_HISTORY),
    PersonalTable("suggestions", covered_by=_HISTORY),
    PersonalTable("responses", covered_by=_HISTORY),
    PersonalTable("requests", covered_by=_HISTORY),
    PersonalTable("learning", covered_by=_HISTORY),
    PersonalTable("safety_notices"),
    PersonalTable("safety_answers"),
    PersonalTable("safety_watch"),
    PersonalTable("safety_plan"),
    PersonalTable("enrolled_faces", covered_by=frozenset({Purpose.FACE_RECOGNITION, Purpose.SENSE_FACE})),
    PersonalTable(
        "calibration_labels",
        covered_by=_HISTORY,
        columns_covered=(
            _evidence(Modality.FACE, Purpose.SENSE_FACE, Modality.VOICE),
            _evidence(Modality.VOICE, Purpose.SENSE_VOICE, Modality.FACE),
        ),
    ),
    PersonalTable("calibration_sessions", covered_by=_HISTORY),
    PersonalTable("assessments", covered_by=_HISTORY),
    PersonalTable("assessment_amendments", covered_by=_HISTORY),
    PersonalTable("assessment_requests", covered_by=_HISTORY),
    PersonalTable("assessment_reminders", covered_by=_HISTORY),
    PersonalTable("study_participants", covered_by=_STUDY),
    PersonalTable("study_events", covered_by=_STUDY),
)

DEVICE_TABLES: tuple[str, ...] = (
    "reviews",
    "erasures",
    "notice_showings",
    "face_network",
    "studies",
    "study_slots",
    "study_not_enrolled",
    "_sqlite_migrations",
)
"""Tables that hold nothing of a person in front of the device: who signed activities off, which erasure is going on, when
the notice was shown, which network reads faces, studies with the slots of their allocation that were used, and sqlite-utils'
record of migrations. SQLite's own (``sqlite_%``) are neither."""
