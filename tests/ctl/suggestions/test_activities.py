"""``activities``: the catalogue, its check, and its sign-offs."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from ertedge.ctl.suggestions.activities import position_seconds
from ertedge.errors import ConfigurationError
from ertedge.types import ActivityFamily
from tests.ctl.conftest import ctl
from tests.ctl.served import ServedHouse, served_house
from tests.ctl.suggestion_samples import activity, quick


@pytest.fixture
def served(tmp_path: Path) -> Iterator[ServedHouse]:
    journal = replace(quick("gratitude"), family=ActivityFamily.JOURNALING, journaling_prompt="What was good?")
    with served_house(tmp_path, activity(), journal) as made:
        yield made


def test_the_list(served: ServedHouse) -> None:
    answer = served.ctl("activities")
    assert (answer.status, answer.err) == (0, "")
    assert [line.split()[0] for line in answer.out.splitlines()] == ["id", "gratitude", "slow-breathing"]
    assert max(map(len, answer.out.splitlines())) <= 80
    (one,) = served.ctl("--json", "activities", "list", "--family", "journaling").out.splitlines()
    assert json.loads(one)["id"] == "gratitude"
    assert served.ctl("activities", "list", "--family", "dancing").status == 2
    assert served.ctl("activities", "list", "--family", "sleep").out == "There is no such activity.\n"


def test_one_whole_with_its_rounds_on_one_line(served: ServedHouse) -> None:
    answer = served.ctl("activities", "show", "slow-breathing")
    assert (answer.status, answer.err) == (0, "")
    text = " ".join(answer.out.split())
    for part in (
        "Slow breathing slow-breathing, version 2, en",
        "Lets body and mind settle.",
        "asthma, COPD and the like",
        "It eased stress more than waiting",
        "(g = 0.35)",
        "10.1/x",
        "not yet reviewed by a clinician",
        "0:00 Sit so that your belly is free",
        "0:20 3 times: In, softly (4 s), Rest (2 s), Out, slowly (6 s), Rest again (2 s)",
    ):
        assert part in text
    assert "What was good?" in served.ctl("activities", "show", "gratitude").out
    (whole,) = served.ctl("--json", "activities", "show", "slow-breathing").out.splitlines()
    assert len(json.loads(whole)["steps"]) == 13


def test_a_sign_off_is_kept_and_shown(served: ServedHouse) -> None:
    answer = served.ctl("activities", "review", "gratitude", "--by", "Dr. A. Weiss", "--role", "psychologist")
    assert (answer.status, answer.err) == (0, "")
    assert "reviewed by Dr. A. Weiss (psychologist)" in answer.out
    assert "Dr. A. Weiss, psychologist" in served.ctl("activities", "show", "gratitude").out
    (line,) = served.ctl("--json", "activities", "list", "--family", "journaling").out.splitlines()
    assert json.loads(line)["reviews"][0]["role"] == "psychologist"


def test_a_sign_off_of_content_that_has_changed_is_refused(served: ServedHouse) -> None:
    who = ("--by", "Dr. A. Weiss", "--role", "psychologist")
    answer = served.ctl("activities", "review", "gratitude", *who, "--digest", "cd" * 32)
    assert answer.status == 1
    assert answer.err.count("\n") == 1
    assert served.ctl("activities", "review", "gratitude", "--by", "me").status == 2
    assert served.ctl("activities", "review", "gratitud", *who).status == 1


def test_the_check_needs_no_daemon_and_passes_its_status_on(tmp_path: Path) -> None:
    good = ctl("activities", "check")
    assert (good.status, good.err) == (0, "")
    assert good.out.startswith("no faults: ")
    (tmp_path / "wrong.toml").write_text("[", encoding="utf-8")
    bad = ctl("activities", "check", str(tmp_path))
    assert bad.status == 1
    assert bad.out.splitlines()[-1] == "1 fault"
    (fault,) = ctl("--json", "activities", "check", str(tmp_path)).out.splitlines()
    assert json.loads(fault)["file"] == str(tmp_path / "wrong.toml")


@pytest.mark.parametrize(("text", "seconds"), [("0:00", 0), ("2:30", 150), ("90", 90), ("12.5", 12.5), (" 1:05 ", 65)])
def test_positions(text: str, seconds: float) -> None:
    assert position_seconds(text) == seconds


@pytest.mark.parametrize("text", ["", "1:60", "-1", "2:", ":30", "1:2:3", "nan", "inf"])
def test_positions_that_are_none(text: str) -> None:
    with pytest.raises(ConfigurationError, match="2:30"):
        position_seconds(text)
