"""The shipped questionnaires, word for word where it matters, and what is said of files that are wrong."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from importlib import resources
from pathlib import Path
from typing import Any

import pytest

from ertedge.errors import ConfigurationError, NotFoundError
from ertedge.wellbeing.library import load_library, read_library
from tests.wellbeing.samples import CHECK_IN, DASS, GAD, LIBRARY, PHQ

SHIPPED = Path(str(resources.files("ertedge.wellbeing").joinpath("data", "questionnaires")))
DASS_TEXTS = """
I found it hard to wind down
I was aware of dryness of my mouth
I couldn't seem to experience any positive feeling at all
I experienced breathing difficulty (e.g. excessively rapid breathing, breathlessness in the absence of physical exertion)
I found it difficult to work up the initiative to do things
I tended to over-react to situations
I experienced trembling (e.g. in the hands)
I felt that I was using a lot of nervous energy
I was worried about situations in which I might panic and make a fool of myself
I felt that I had nothing to look forward to
I found myself getting agitated
I found it difficult to relax
I felt down-hearted and blue
I was intolerant of anything that kept me from getting on with what I was doing
I felt I was close to panic
I was unable to become enthusiastic about anything
I felt I wasn't worth much as a person
I felt that I was rather touchy
I was aware of the action of my heart in the absence of physical exertion (e.g. sense of heart rate increase, heart \
missing a beat)
I felt scared without any good reason
I felt that life was meaningless
"""


def test_the_dass21_is_asked_word_for_word() -> None:
    questionnaire = DASS.questionnaire
    assert [item.text for item in questionnaire.items] == DASS_TEXTS.strip().split("\n")
    assert [item.link_id for item in questionnaire.items] == [str(number) for number in range(1, 22)]
    assert questionnaire.instruction == (
        "Please read each statement and circle a number 0, 1, 2 or 3 which indicates how much the statement applied to you"
        " over the past week. There are no right or wrong answers. Do not spend too much time on any statement."
    )
    answers = [(choice.value, choice.text) for choice in questionnaire.items[0].choices]
    assert answers == [
        (0, "Did not apply to me at all"),
        (1, "Applied to me to some degree, or some of the time"),
        (2, "Applied to me to a considerable degree, or a good part of time"),
        (3, "Applied to me very much, or most of the time"),
    ]
    assert all(item.choices == questionnaire.items[0].choices for item in questionnaire.items)
    assert "Lovibond" in questionnaire.attribution
    assert "public domain" in questionnaire.terms


def test_phq9_and_gad7_name_their_authors_and_their_terms() -> None:
    for instrument in (PHQ, GAD):
        assert "No permission required to reproduce, translate, display or distribute" in instrument.questionnaire.terms
        assert "Spitzer" in instrument.questionnaire.attribution
        answers = [choice.text for choice in instrument.questionnaire.items[0].choices]
        assert answers == ["Not at all", "Several days", "More than half the days", "Nearly every day"]
    assert PHQ.questionnaire.items[8].text == (
        "Thoughts that you would be better off dead or of hurting yourself in some way"
    )
    assert PHQ.questionnaire.items[9].choices[3].text == "Extremely difficult"
    assert len(PHQ.questionnaire.items) == 10
    assert len(GAD.questionnaire.items) == 7


def test_a_language_that_is_not_there_is_english() -> None:
    assert LIBRARY.languages("check-in") == ("de", "en")
    assert LIBRARY.get("check-in", "de").questionnaire.items[0].text == "Wie ist deine Stimmung heute?"
    assert LIBRARY.get("check-in", "de").scoring.scales[0].title == "Stimmung"
    assert LIBRARY.get("dass21", "de").questionnaire.language == "en"
    assert LIBRARY.ids == ("check-in", "dass21", "gad7", "phq9")
    assert len(CHECK_IN.questionnaire.items) == 2


def test_an_unknown_questionnaire_is_met_with_what_may_have_been_meant() -> None:
    with pytest.raises(NotFoundError, match="did you mean dass21"):
        LIBRARY.get("dass-21")
    with pytest.raises(NotFoundError, match="there are check-in, dass21"):
        LIBRARY.get("x")


def test_every_shipped_resource_is_a_plain_fhir_questionnaire() -> None:
    for path in sorted(SHIPPED.glob("*.json")):
        resource = json.loads(path.read_text(encoding="utf-8"))
        assert resource["resourceType"] == "Questionnaire"
        assert resource["status"] == "active"
        assert resource["copyright"]
        assert all(item["type"] == "choice" for item in resource["item"])


def drop_in(folder: Path, change: Callable[[dict[str, Any]], None], name: str = "gad7") -> Path:
    """The files of a shipped questionnaire in a folder, with the resource changed."""
    resource = json.loads((SHIPPED / f"{name}.json").read_text(encoding="utf-8"))
    change(resource)
    (folder / f"{name}.json").write_text(json.dumps(resource), encoding="utf-8")
    shutil.copy(SHIPPED / f"{name}.toml", folder)
    return folder


def faults(folder: Path) -> str:
    with pytest.raises(ConfigurationError) as raised:
        load_library([folder])
    return "\n".join(raised.value.faults)


def test_a_folder_adds_and_replaces(tmp_path: Path) -> None:
    library = load_library([drop_in(tmp_path, lambda resource: resource.update(title="Ours"))])
    assert library.get("gad7").questionnaire.title == "Ours"
    assert library.get("dass21").questionnaire == DASS.questionnaire
    inline = [
        {"valueCoding": {"code": code, "display": text}, "extension": [{"url": "x", "valueString": "y"}]}
        for code, text in (("n", "no"), ("y", "yes"))
    ]
    for value, option in enumerate(inline):
        option["extension"].append(  # type: ignore[attr-defined]
            {"url": "http://hl7.org/fhir/StructureDefinition/ordinalValue", "valueDecimal": value}
        )
    resource = {
        "resourceType": "Questionnaire",
        "id": "sleep",
        "url": "https://clinic.example/sleep",
        "version": "2",
        "language": "en",
        "title": "Sleep",
        "status": "active",
        "description": "About your nights.",
        "copyright": "A clinic",
        "date": "2026-01-01",
        "_title": {"id": "t"},
        "item": [
            {"linkId": "g", "type": "group", "item": [
                {"linkId": "g.1", "type": "choice", "text": "Slept?", "answerOption": inline, "required": True},
                {"linkId": "g.t", "type": "display", "text": "Thank you"},
            ]},
        ],
    }  # fmt: skip
    (tmp_path / "sleep.json").write_text(json.dumps(resource), encoding="utf-8")
    (tmp_path / "sleep.toml").write_text(
        'questionnaire = "sleep"\nsource = "made up for this test"\n[[scales]]\nid = "nights"\ntitle = { en = "Nights" }\n'
        'items = ["g.1"]\nhigher_is = "better"\nmissing = { most = 0, source = "made up, too" }\n',
        encoding="utf-8",
    )
    sleep = load_library([tmp_path]).get("sleep")
    assert [(item.link_id, item.groups) for item in sleep.questionnaire.items] == [("g.1", ("g",))]
    assert [choice.value for choice in sleep.questionnaire.items[0].choices] == [0, 1]
    assert sleep.scoring.scales[0].higher_is_better


def test_all_that_is_wrong_with_a_resource_is_said_at_once(tmp_path: Path) -> None:
    def spoil(resource: dict[str, Any]) -> None:
        resource["titel"] = resource.pop("title")
        resource["status"] = "activ"
        resource["item"][0]["type"] = "string"
        resource["item"][1]["enableWhen"] = []
        del resource["copyright"]

    said = faults(drop_in(tmp_path, spoil))
    for part in (
        "titel: unknown key; did you mean title?",
        "title: is missing",
        "'activ' is none of draft, active, retired, unknown; did you mean active?",
        "item.0.type: 'string' is none of group, display, choice",
        "item.1.enableWhen: asks an item only after certain answers",
        "copyright: is missing",
    ):
        assert part in said, part


def test_all_that_is_wrong_with_the_items_is_said_at_once(tmp_path: Path) -> None:
    def spoil(resource: dict[str, Any]) -> None:
        resource["item"][0]["answerValueSet"] = "#answer"
        resource["item"][1]["linkId"] = "3"
        resource["item"][3]["text"] = " "
        resource["item"][4]["repeats"] = True
        resource["item"][5]["answerOption"] = [{"valueCoding": {"code": "1", "display": "x"}}]
        resource["item"][6]["item"] = [{"linkId": "8", "type": "display", "text": "x"}]

    said = faults(drop_in(tmp_path, spoil))
    for part in (
        "item.0 (1): answerValueSet '#answer' is not contained; contained are: #answers",
        "linkId '3' stands 2 times",
        "item.3 (4): text is missing",
        "item.4 (5): repeats",
        "item.5 (6): needs either answerOption or answerValueSet",
        "item.6 (7): has items below it",
    ):
        assert part in said, part


def rescored(folder: Path, old: str, new: str) -> str:
    drop_in(folder, lambda resource: None, "dass21")
    text = (folder / "dass21.toml").read_text(encoding="utf-8")
    assert old in text
    (folder / "dass21.toml").write_text(text.replace(old, new, 1), encoding="utf-8")
    return faults(folder)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("multiplier", "multiplyer", "multiplyer: unknown key; did you mean multiplier?"),
        ('"3", "5"', '"3", "3"', "scales.0 (depression).items: '3' stands 2 times"),
        ('"3", "5"', '"3", "x5"', "the questionnaire has no item 'x5'; did you mean 5?"),
        ("high = 9", "high = 8", "scales.0 (depression).bands (mild): begins at 10; after normal it must be 9"),
        ("high = 42", "high = 41", "ends at 41; the highest score is 42"),
        ("low = 0", "low = 1", "begins at 1; the first begins at 0"),
        ("most = 1", "most = 7", "scales.0 (depression).missing.most: is 7, but there are 7 items"),
        ("reliability = 0.88", "reliability = 1.88", "reliability"),
        ("reliability = 0.88\n", "", "needs either mean, sd and reliability, or points"),
        ('item = "21"', 'item = "22"', "red_flags.0.item: the questionnaire has no item '22'"),
        ("at_least = 1", "at_least = 4", "red_flags.0.at_least: is 4, but no answer counts more than 3"),
        ('flag = "life_not_worthwhile"', 'flag = "life"', "none of life_not_worthwhile"),
        ('{ en = "Depression", de', "{ de", "scales.0 (depression): its words in en are missing"),
        ('questionnaire = "dass21"', 'questionnaire = "dass"', "name the file dass.toml"),
    ],
)
def test_what_is_wrong_with_a_scoring_is_said(tmp_path: Path, old: str, new: str, said: str) -> None:
    assert said in rescored(tmp_path, old, new)


def test_a_translation_that_asks_something_else_is_a_fault(tmp_path: Path) -> None:
    drop_in(tmp_path, lambda resource: None)
    resource = json.loads((tmp_path / "gad7.json").read_text(encoding="utf-8"))
    resource |= {"language": "de", "version": "2", "item": resource["item"][:6]}
    (tmp_path / "gad7.de.json").write_text(json.dumps(resource), encoding="utf-8")
    said = faults(tmp_path)
    assert "its items, answers or what they count differ" in said
    assert "version: is" in said


def test_files_that_are_no_questionnaires(tmp_path: Path) -> None:
    drop_in(tmp_path, lambda resource: None)
    (tmp_path / "gad7.toml").unlink()
    (tmp_path / "a.json").write_text("{", encoding="utf-8")
    (tmp_path / "b.json").write_text("[]", encoding="utf-8")
    (tmp_path / "c.json").write_text('{"resourceType": "Patient"}', encoding="utf-8")
    (tmp_path / "d.json").write_bytes(b"\xff\xfe")
    (tmp_path / "e.json").write_text("[" * 100_000, encoding="utf-8")
    (tmp_path / "phq.toml").write_text("x = ", encoding="utf-8")
    shutil.copy(SHIPPED / "phq9.toml", tmp_path)
    instruments, found = read_library([tmp_path])
    said = "\n".join(found)
    for part in (
        "a.json: is not JSON",
        "b.json: is no FHIR resource",
        "c.json: resourceType: 'Patient' is none of Questionnaire",
        "d.json: cannot be read",
        "e.json: is not JSON",
        "phq.toml: is not TOML",
        "phq9.toml: questionnaire: no questionnaire 'phq9' can be read in this folder",
        f"has no scoring; write {tmp_path / 'gad7.toml'}",
    ):
        assert part in said, part
    assert len(instruments) == 5
    assert "there is no such folder" in faults(tmp_path / "none")


def test_the_same_questionnaire_twice_in_a_folder_is_a_fault(tmp_path: Path) -> None:
    drop_in(tmp_path, lambda resource: None)
    shutil.copy(tmp_path / "gad7.json", tmp_path / "gad7-again.json")
    assert "id: gad7 stands twice in en" in faults(tmp_path)


def test_groups_without_end_are_a_fault(tmp_path: Path) -> None:
    def deepen(resource: dict[str, Any]) -> None:
        for _ in range(300):
            resource["item"] = [{"linkId": "g", "type": "group", "item": resource["item"]}]

    assert "more than 32 items stand within each other" in faults(drop_in(tmp_path, deepen))
