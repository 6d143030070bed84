"""Generated code is current, and the check that says so can fail."""

from __future__ import annotations

from pathlib import Path

from tools.generate import differences, generate


def test_the_committed_code_is_what_the_protos_give() -> None:
    assert differences() == []


def test_a_stale_a_missing_and_a_left_over_file_are_named(tmp_path: Path) -> None:
    files = generate(tmp_path)
    stale, missing = files[0], files[1]
    (tmp_path / stale).write_text("# edited\n", encoding="utf-8")
    (tmp_path / missing).unlink()
    (tmp_path / "ertedge/v1/old_service_pb2.py").write_text("", encoding="utf-8")
    assert set(differences(tmp_path)) == {str(stale), str(missing), "ertedge/v1/old_service_pb2.py (left over)"}
