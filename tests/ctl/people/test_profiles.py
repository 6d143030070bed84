"""``ertedge-ctl profiles``, ``consent`` and ``notice``: what they show, ask and do, in words and as objects."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from ertedge.ctl.main import app
from ertedge.types import Purpose, SensorName
from tests.ctl.conftest import Answer
from tests.ctl.served import ServedHouse, served_house
from tests.rpc.house import House


@pytest.fixture
def served(short_path: Path) -> Iterator[ServedHouse]:
    with served_house(short_path) as house:
        yield house


def typed(served: ServedHouse, words: str, *arguments: str) -> Answer:
    """Run a command, and type ``words`` where it asks."""
    environment = {"ERTEDGE_ADDRESS": None, "COLUMNS": "80"}
    result = CliRunner().invoke(app, ["--address", served.address, *arguments], input=words, env=environment)
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return Answer(result.exit_code, result.stdout, result.stderr)


def objects(served: ServedHouse, *arguments: str) -> list[dict[str, Any]]:
    answer = served.ctl("--json", *arguments)
    assert (answer.status, answer.err) == (0, "")
    return [json.loads(line) for line in answer.out.splitlines()]


def flat(text: str) -> str:
    return " ".join(text.split())


async def covered(house: House) -> list[tuple[int, Purpose]]:
    return list(house.store.covered)


async def sensed(house: House) -> frozenset[SensorName]:
    return house.people.sensed


def test_without_anybody_it_says_how_to_begin(served: ServedHouse) -> None:
    assert "profiles create NAME" in served.ctl("profiles").out
    for command in (("profiles", "show"), ("consent",), ("consent", "give", "study", "--yes"), ("consent", "list")):
        answer = served.ctl(*command)
        assert (answer.status, answer.out) == (1, "")
        assert answer.err == "there is no profile yet; make one with: ertedge-ctl profiles create NAME\n"
    assert served.ctl("profiles", "erase", "Anna", "--yes").status == 1


def test_profiles_are_made_shown_changed_and_used(served: ServedHouse) -> None:
    made = served.ctl("profiles", "create", "Anna Lena", "--language", "de")
    assert "Hello Anna Lena. You are profile 1." in made.out
    assert "Nothing is sensed for you until you agree." in made.out
    assert "ertedge-ctl consent give sense_face --profile 1" in made.out
    shown = served.ctl("profiles", "show").out
    for words in ("Anna Lena", "profile 1, de", "look at your face", "not asked", "take part in the study"):
        assert words in shown
    changed = served.ctl("profiles", "update", "anna lena", "--name", "Lena", "--language", "")
    assert "Lena\nprofile 1, the device's language" in changed.out
    assert served.ctl("profiles", "update", "Lena").status == 2
    assert "Lena is in front of the device from now on." in served.ctl("profiles", "use", "1").out
    listed = served.ctl("profiles", "list").out
    assert "Lena" in listed and "in use" in listed and "nothing yet" in listed
    assert "Nobody is said to be" in served.ctl("profiles", "use", "--nobody").out
    assert served.ctl("profiles", "create", "LENA").status == 2


def test_a_name_that_is_nobody_s_gets_a_suggestion(served: ServedHouse) -> None:
    for name in ("Anna", "Lena"):
        served.ctl("profiles", "create", name)
    assert "did you mean Anna?" in served.ctl("profiles", "show", "Ana").err
    assert "there are Anna, Lena" in served.ctl("profiles", "show", "7").err
    unclear = served.ctl("consent", "give", "sense_face", "--yes")
    assert unclear.status == 2
    assert "1 (Anna), 2 (Lena)" in unclear.err
    served.ctl("profiles", "use", "Lena")
    assert "Lena" in served.ctl("profiles", "show").out
    assert "Anna" in served.ctl("profiles", "show", "profiles/1").out


def test_agreeing_shows_the_whole_text_and_asks(served: ServedHouse) -> None:
    served.ctl("profiles", "create", "Anna")
    declined = typed(served, "n\n", "consent", "give", "sense_face")
    assert declined.status == 1
    assert "Anna, do you agree? [y/N]" in declined.out
    assert "Nothing changed. That is fine" in declined.out
    assert typed(served, "", "consent", "give", "sense_face").status == 1  # nobody there to answer
    assert served.inside(sensed) == frozenset()
    agreed = typed(served, "yes\n", "consent", "give", "sense_face")
    assert agreed.status == 0
    for words in ("Look at your face?", "this is voluntary", "not a medical examination", "version 1 (en)"):
        assert words in flat(agreed.out)
    assert "To take it back: ertedge-ctl consent withdraw sense_face" in agreed.out
    assert served.inside(sensed) == {SensorName.CAMERA}
    assert max(map(len, agreed.out.splitlines())) <= 80


def test_not_being_seen_any_longer_needs_no_question_and_losing_a_history_does(served: ServedHouse) -> None:
    served.ctl("profiles", "create", "Anna")
    for purpose in ("sense_face", "sense_voice", "keep_history"):
        assert served.ctl("consent", "give", purpose, "--yes").status == 0
    stopped = typed(served, "", "consent", "withdraw", "sense_face")
    assert stopped.status == 0
    assert "Nothing is read from your face any more." in flat(stopped.out)
    kept = typed(served, "n\n", "consent", "withdraw", "keep_history")
    assert "removed for good" in kept.out and "Nothing changed." in kept.out
    assert served.inside(covered) == [(1, Purpose.SENSE_FACE)]
    everything = typed(served, "y\n", "consent", "withdraw", "all")
    assert "Nothing is read from your voice any more." in flat(everything.out)
    assert "your history is removed" in flat(everything.out)
    assert served.inside(covered)[1:] == [(1, Purpose.SENSE_VOICE), (1, Purpose.KEEP_HISTORY)]
    assert "You had not agreed to that" in served.ctl("consent", "withdraw", "study").out
    history = served.ctl("consent", "list").out
    assert history.count("agreed") == 3 and history.count("withdrew") == 3
    assert "withdrawn" in served.ctl("consent").out


def test_the_texts_can_be_read_in_another_language(served: ServedHouse) -> None:
    german = served.ctl("consent", "show", "study", "--language", "de").out
    assert "An der Studie teilnehmen?" in german
    assert "drafted by a machine" in flat(german)
    everything = served.ctl("consent", "show").out
    for title in ("Look at your face?", "Keep a history?", "Take part in the study?"):
        assert title in everything
    assert max(map(len, everything.splitlines())) <= 80


def test_the_notice_is_shown_and_noted(served: ServedHouse) -> None:
    assert objects(served, "notice")[0]["first_show_time"] is None
    shown = served.ctl("notice").out
    assert "This device reads emotions" in shown
    assert "emotion recognition system" in flat(shown)
    assert objects(served, "notice")[0]["first_show_time"] is not None
    assert objects(served, "notice", "--language", "de")[0]["machine_drafted"]


def test_an_erasure_says_what_goes_and_wants_the_name(served: ServedHouse) -> None:
    served.ctl("profiles", "create", "Anna")
    refused = typed(served, "anna\n", "profiles", "erase", "Anna")
    assert refused.status == 1
    for words in ("This removes everything of Anna", "cannot be undone", "safety plan", "type the name Anna"):
        assert words in flat(refused.out)
    assert "nothing was erased" in refused.out
    assert typed(served, "", "profiles", "erase", "1").status == 1
    erased = typed(served, "Anna\n", "profiles", "erase", "1")
    assert erased.status == 0
    assert "It is erased" in erased.out
    assert objects(served, "profiles") == []


def test_everything_as_objects(served: ServedHouse) -> None:
    (made,) = objects(served, "profiles", "create", "Anna", "--language", "de")
    assert (made["record"], made["id"], made["display_name"], made["selected"]) == ("profile", 1, "Anna", False)
    assert [consent["purpose"] for consent in made["consents"]] == [str(purpose) for purpose in Purpose]
    text, consent = objects(served, "consent", "give", "keep_history", "--yes")
    assert text["record"] == "consent_text" and len(text["digest"]) == 64 and text["language_code"] == "de"
    assert consent["given"] and consent["profile"] == 1 and not consent["outdated"]
    assert objects(served, "profiles", "use", "Anna") == [{"record": "selection", "profile": 1}]
    assert objects(served, "profiles", "use", "--nobody") == [{"record": "selection", "profile": None}]
    assert objects(served, "profiles", "list") == objects(served, "profiles", "show")
    assert len(objects(served, "consent")) == len(Purpose)
    assert len(objects(served, "consent", "show")) == len(Purpose)
    (withdrawn,) = objects(served, "consent", "withdraw", "all")
    assert not withdrawn["given"]
    receipts = objects(served, "consent", "list", "--limit", "9")
    assert [(each["id"], each["given"], each["text_digest"]) for each in receipts] == [
        (2, False, text["digest"]),
        (1, True, text["digest"]),
    ]
    (changed,) = objects(served, "profiles", "update", "1", "--name", "Lena")
    assert changed["display_name"] == "Lena" and changed["etag"] != made["etag"]
    for command in (("profiles", "erase", "1"), ("consent", "give", "study")):
        asked = served.ctl("--json", *command)
        assert asked.status == 2 and asked.out == ""
        assert "--yes" in asked.err
    assert objects(served, "profiles", "erase", "1", "--yes") == [{"record": "erasure", "profile": 1}]
