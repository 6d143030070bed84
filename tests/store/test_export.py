"""Every column of every personal table is explained and written readably, and only the person's own rows are given."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest

from ertedge.store import Store
from ertedge.store.data_dictionary import EXPORTED
from ertedge.store.export import time_text
from ertedge.store.export_form import Exported
from ertedge.store.personal_tables import PERSONAL_TABLES
from ertedge.store.records import LearningState
from ertedge.types import Emotion, Reason, SafetyPlan
from tests.store.samples import START_NS, state
from tests.store.suggestion_samples import decision, suggestion


def test_every_personal_table_is_exported_once_to_a_file_of_its_own() -> None:
    assert sorted(each.table for each in EXPORTED) == sorted(
        table.name for table in PERSONAL_TABLES if not table.is_derived
    )
    assert len({each.file for each in EXPORTED}) == len(EXPORTED)


@pytest.mark.parametrize("exported", EXPORTED, ids=lambda exported: exported.table)
def test_every_column_is_explained(store: Store, exported: Exported) -> None:
    columns = {row[1] for row in store._database.execute(f"PRAGMA table_info({exported.table})").fetchall()}
    unexplained = columns - {field.column for field in exported.fields}
    assert not unexplained, f"explain {sorted(unexplained)} in ertedge/store/data_dictionary.py"
    assert {field.column for field in exported.fields} == columns
    assert len({field.key for field in exported.fields}) == len(columns)
    assert all(len(field.meaning) > 5 for field in exported.fields)
    assert exported.meaning.endswith(".")


def test_codes_become_words_and_times_dates(store: Store) -> None:
    unknown = replace(
        state(2), emotion=Emotion.UNKNOWN, reasons=(Reason.NO_FACE, Reason.MUTED), profile_id=1, synthetic=True
    )
    store.append_states([replace(state(1), profile_id=1, valence=-0.25), unknown])
    first, second = store.export_page(1, "states", after=-1, limit=9).rows
    assert first["time"] == time_text(state(1).wall_time_ns)
    assert first["valence"] == -0.25
    assert first["emotion"] == state(1).emotion.value
    assert (second["emotion"], sorted(second["reasons"])) == ("unknown", ["muted", "no_face"])
    assert (first["synthetic"], second["synthetic"]) == (False, True)
    assert first["probability_happiness"] == pytest.approx(float(state(1).probabilities[1]), abs=1e-4)
    assert time_text(1_700_000_000_123_456_789) == "2023-11-14T22:13:20.123456789Z"


def test_what_is_kept_as_json_numbers_or_bytes_is_readable(store: Store) -> None:
    mine = store.of(1)
    mine.append_decisions([decision(4)])
    mine.save_suggestion(suggestion(5))
    mine.save_learning(LearningState(False, START_NS, "recommender 1", b"\x00\xff", 0))
    mine.save_safety_plan(SafetyPlan(warning_signs=("tired",)))
    store.faces.replace_gallery(1, np.eye(2, 128, dtype=np.float32), START_NS)
    (made,) = store.export_page(1, "decisions", after=-1, limit=9).rows
    assert made["context"]["affect"]["emotion"] == decision(4).context.affect.emotion.value
    (offered,) = store.export_page(1, "suggestions", after=-1, limit=9).rows
    assert offered["snooze_until_time"] is None, "0 stands for never"
    assert store.export_page(1, "learning", after=-1, limit=9).rows[0]["state"] == "AP8="
    assert store.export_page(1, "safety_plan", after=-1, limit=9).rows[0]["plan"]["warning_signs"] == ["tired"]
    faces = store.export_page(1, "enrolled_faces", after=-1, limit=9).rows
    assert [sum(row["embedding"]) for row in faces] == [1.0, 1.0]
    store._database.execute("UPDATE safety_plan SET plan = 'not json'")
    assert store.export_page(1, "safety_plan", after=-1, limit=9).rows[0]["plan"] == "not json"
    json.dumps([made, offered, *faces])


def test_pages_meet_and_hold_nobody_elses_rows(store: Store) -> None:
    store.append_states([replace(state(each), profile_id=each % 2) for each in range(1, 31)])
    found: list[int] = []
    after: int | None = -1
    while after is not None:
        page = store.export_page(1, "states", after=after, limit=4)
        assert len(page.rows) <= 4
        found += [row["sequence"] for row in page.rows]
        after = page.next_cursor
    assert found == list(range(1, 31, 2))
    store.append_ledger("PROFILE_READ", "profiles/1", "It was read.", START_NS)
    store.append_ledger("PROFILE_READ", "profiles/12", "It was read.", START_NS)
    assert len(store.export_page(1, "ledger", after=-1, limit=9).rows) == 1
