"""``ertedge-ctl assess``: in lines, as objects, on a screen; left and gone on with; results, list, chart, amendments."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from ertedge.ctl.main import app
from ertedge.types.assessments import AssessmentReminder
from tests.ctl.conftest import Answer
from tests.ctl.served import ServedHouse, in_terminal, served_house
from tests.rpc.house import House


def typed(served: ServedHouse, lines: str, *arguments: str) -> Answer:
    """Run the command with ``lines`` on its standard input, one character a line."""
    given = "".join(f"{each}\n" for each in lines)
    environment = {"ERTEDGE_ADDRESS": None, "COLUMNS": "80"}
    result = CliRunner().invoke(app, ["--address", served.address, *arguments], input=given, env=environment)
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return Answer(result.exit_code, result.stdout, result.stderr)


def objects(answer: Answer) -> list[dict[str, Any]]:
    assert answer.status == 0, answer.err
    return [json.loads(line) for line in answer.out.splitlines()]


def flat(answer: Answer) -> str:
    assert answer.status == 0, answer.err
    return " ".join(answer.out.split())


def test_alone_it_shows_which_there_are_and_how_to_begin(tmp_path: Path) -> None:
    with served_house(tmp_path) as served:
        shown = flat(served.ctl("assess"))
        for part in ("check-in", "dass21", "gad7", "phq9", "ertedge-ctl assess dass21"):
            assert part in shown
        found = {each["id"]: each for each in objects(served.ctl("--json", "assess"))}
        assert found["dass21"]["item_count"] == 21
        assert "public domain" in found["dass21"]["terms"]
        assert found["phq9"]["scales"] == ["depression"]
        assert "Nothing was filled in yet" in served.ctl("assess", "list").out
        assert "There is no completed dass21 yet" in served.ctl("assess", "chart").out


def test_in_lines_back_open_left_and_gone_on_with(tmp_path: Path) -> None:
    with served_house(tmp_path) as served:
        left = typed(served, "12b1xs0", "assess", "dass21")
        shown = flat(left)
        assert shown.count("2 of 21: I was aware of dryness of my mouth") == 2
        assert "(your answer so far)" in shown
        assert "'x' is no answer; type one of 0, 1, 2, 3, or b, s, q" in shown
        assert "3 of 21 questions are answered and kept." in shown
        assert "ertedge-ctl assess dass21" in shown
        assert "3 answered so far" in served.ctl("assess", "list").out
        done = flat(typed(served, "1" * 16 + "0", "assess", "dass21"))
        assert " 5 of 21: " in done
        assert " 4 of 21: " not in done
        assert "Depression: 12 of 42 (an open question stands at the mean of the others)." in done
        assert "Stress: 14 of 42. Within the range of most people." in done
        assert "It is no diagnosis" in done
        assert "severe" not in done
        assert "Nothing was answered" in flat(typed(served, "", "assess", "gad7"))
        assert "Nothing was answered" in flat(typed(served, "q", "assess", "gad7"))


def test_help_comes_with_the_answer_and_with_the_result(tmp_path: Path) -> None:
    with served_house(tmp_path) as served:
        shown = flat(typed(served, "0000000010", "assess", "phq9"))
        at_once, result = shown.split("10 of 10: ")
        for part in (at_once, result):
            assert "you do not have to carry it alone" in part
            assert "findahelpline.com" in part
        assert "You can go on with the questions, or leave" in at_once
        assert "Depression: 1 of 27. Within the range of most people." in result
        assert "an answer in a questionnaire" in served.ctl("safety", "notices").out


def test_as_objects(tmp_path: Path) -> None:
    with served_house(tmp_path) as served:
        found = objects(typed(served, "0000000030", "--json", "assess", "phq9"))
        items = [each for each in found if each["record"] == "item"]
        assert [each["number"] for each in items] == list(range(1, 11))
        assert items[0]["choices"][3] == {"code": "3", "text": "Nearly every day", "value": 3}
        records = [each["record"] for each in found]
        assert records.index("safety_notice") == records.index("item") + 9  # at once, before the tenth
        (assessment,) = [each for each in found if each["record"] == "assessment"]
        assert assessment["scores"][0]["score"] == 3
        assert assessment["red_flags"] == ["self_harm_thoughts"]
        assert assessment["status"] == "completed"
        assert "changes" in records
        left = objects(typed(served, "1", "--json", "assess", "gad7"))
        assert (left[-1]["record"], left[-1]["status"], left[-1]["next_link_id"]) == ("assessment", "in_progress", "2")


def test_what_changed_is_told_and_drawn(tmp_path: Path) -> None:
    with served_house(tmp_path) as served:
        typed(served, "2" * 20 + "0", "assess", "dass21")
        second = flat(typed(served, "1" * 20 + "0", "assess", "dass21"))
        assert "Since the last time" in second
        assert "Depression: 24 on 20" in second
        assert "12 now. That has become easier, by more than chance." in second
        typed(served, "1" * 20 + "0", "assess", "dass21")
        chart = served.ctl("assess", "chart", "dass21")
        assert all(len(line) <= 80 for line in chart.out.splitlines())
        shown = flat(chart)
        for part in (
            "dass21: 3 filled in",
            "Depression",
            "Anxiety",
            "Stress",
            "extremely severe",
            "moderate",
            "normal",
        ):
            assert part in shown
        assert "Least change that is more than chance: Depression 7.4, Anxiety 6.9, Stress 7.4." in shown
        assert "they diagnose nothing" in shown
        found = objects(served.ctl("--json", "assess", "chart", "dass21"))
        assert [each["record"] for each in found] == ["scores", "scores", "scores", "changes"]
        assert [score["score"] for score in found[0]["scores"]] == [24, 28, 28]
        assert found[1]["changes"][0]["kind"] == "improved"
        assert found[2]["changes"][0]["kind"] == "uncertain"
        assert found[1]["changes"][0]["reliable_change_index"] == pytest.approx(-12 / 3.7918, abs=1e-3)


def test_a_worsening_is_told_gently_and_chance_as_chance(tmp_path: Path) -> None:
    with served_house(tmp_path) as served:
        typed(served, "0" * 7, "assess", "gad7")
        assert "no more than answers differ by chance" in flat(typed(served, "1" * 3 + "0" * 4, "assess", "gad7"))
        worse = flat(typed(served, "2" * 7, "assess", "gad7"))
        assert "That has become harder, by more than chance." in worse
        assert "somebody you trust, or your doctor" in worse
        better = flat(typed(served, "0" * 7, "assess", "gad7"))
        assert "out of the range in which many people look for help" in better


def test_too_much_left_open_is_no_score(tmp_path: Path) -> None:
    with served_house(tmp_path) as served:
        shown = flat(typed(served, "ss11111", "assess", "gad7"))
        assert "Anxiety: no score, since 2 of its 7 questions are open" in shown
        assert "no score yet" in flat(served.ctl("assess", "chart", "gad7"))


def test_the_check_in_in_german(tmp_path: Path) -> None:
    with served_house(tmp_path) as served:
        shown = flat(typed(served, "31", "assess", "check-in", "--language", "de"))
        assert "Wie ist deine Stimmung heute?" in shown
        assert "Stimmung: 3 of 4" in shown
        typed(served, "40", "assess", "check-in")
        drawn = flat(served.ctl("assess", "chart", "check-in"))
        assert "Mood" in drawn
        assert "diagnose" not in drawn  # it has no bands


def test_single_answers_amended_and_as_fhir(tmp_path: Path) -> None:
    with served_house(tmp_path) as served:
        typed(served, "1111111", "assess", "gad7")
        shown = flat(served.ctl("assess", "show", "1"))
        assert "Trouble relaxing" in shown
        assert "1 Several days" in shown
        assert "Anxiety: 7 of 21" in shown
        assert served.ctl("assess", "amend", "1", "4", "3").status == 2
        changed = flat(served.ctl("assess", "amend", "1", "4", "3", "--reason", "I pressed the wrong key"))
        assert "The answer before is kept" in changed
        after = flat(served.ctl("assess", "show", "1"))
        assert "question 4 changed from 1 to 3 (I pressed the wrong key)" in after
        assert "Anxiety: 9 of 21" in after
        assert "amended" in served.ctl("assess", "list").out
        (fhir,) = objects(served.ctl("assess", "show", "1", "--fhir"))
        assert (fhir["resourceType"], fhir["status"]) == ("QuestionnaireResponse", "amended")
        (opened,) = objects(served.ctl("--json", "assess", "amend", "1", "5", "-", "--reason", "unsure"))
        assert opened["answers"]["5"] is None
        assert len(opened["amendments"]) == 2


def test_answers_from_a_file(tmp_path: Path) -> None:
    with served_house(tmp_path) as served:
        typed(served, "1" * 20 + "0", "assess", "dass21")
        file = tmp_path / "answers.json"
        file.write_text(served.ctl("assess", "show", "1", "--fhir").out, encoding="utf-8")
        assert "Stress: 14 of 42" in flat(served.ctl("assess", "answers", str(file)))
        assert len(objects(served.ctl("--json", "assess", "list"))) == 2
        file.write_text(file.read_text(encoding="utf-8").replace('"code": "1"', '"code": "7"'), encoding="utf-8")
        wrong = served.ctl("assess", "answers", str(file))
        assert wrong.status == 2
        assert "item '1': '7' is none of its answers" in wrong.err
        missing = served.ctl("assess", "answers", str(tmp_path / "none.json"))
        assert (missing.status, missing.err.count("\n")) == (2, 1)


def test_a_person_is_named_where_there_are_several(tmp_path: Path) -> None:
    async def people(house: House) -> None:
        for name in ("Ann", "Ben"):
            await house.people.create(name)

    with served_house(tmp_path) as served:
        typed(served, "31", "assess", "check-in")
        served.inside(people)
        assert served.ctl("assess", "list").status == 2
        shown = flat(typed(served, "22", "assess", "check-in", "--profile", "Ben"))
        assert "not written down, since you have not agreed to a history" in shown
        (bens,) = objects(served.ctl("--json", "assess", "list", "--profile", "ben"))
        assert bens["profile"] == "profiles/2"
        assert "Nothing was filled in yet" in served.ctl("assess", "list", "--profile", "1").out
        assert "did you mean Ann?" in served.ctl("assess", "list", "--profile", "Anne").err


def test_a_reminder_is_gentle_and_can_be_dismissed(tmp_path: Path) -> None:
    async def remind(house: House) -> None:
        day_ns, now_ns = 86_400 * 10**9, house.clock.wall_ns()
        house.store.assessments.given[0, "dass21"] = AssessmentReminder(0, "dass21", now_ns - 1, now_ns + day_ns)
        await house.questionnaires.reminders.start()

    with served_house(tmp_path) as served:
        assert served.ctl("assess", "dismiss").status == 1
        served.inside(remind)
        shown = flat(served.ctl("assess", "list"))
        assert "If you like: it is a while since the last dass21." in shown
        assert "Not now: ertedge-ctl assess dismiss dass21" in shown
        (reminder,) = objects(served.ctl("--json", "assess", "list"))
        assert (reminder["record"], reminder["questionnaire"]) == ("assessment_reminder", "dass21")
        assert "All right." in served.ctl("assess", "dismiss").out
        assert objects(served.ctl("--json", "assess", "dismiss"))[0]["dismissed"] is True
        assert objects(served.ctl("--json", "assess", "list")) == []


def test_a_questionnaire_that_is_none_and_a_daemon_that_is_away_are_one_line(tmp_path: Path) -> None:
    with served_house(tmp_path) as served:
        answer = served.ctl("assess", "das21")
        assert (answer.status, answer.err.count("\n")) == (1, 1)
        assert "did you mean dass21?" in answer.err
        assert served.ctl("assess", "show", "99").status == 1
    away = served.ctl("assess", "dass21")
    assert (away.status, away.err.count("\n")) == (1, 1)


def test_in_a_terminal_with_digits_arrows_back_leaving_and_going_on(tmp_path: Path) -> None:
    program = ("-m", "ertedge.ctl.main", "--address")
    with served_house(tmp_path) as served:
        with in_terminal(*program, served.address, "assess", "gad7") as terminal:
            terminal.wait_for("question 1 of 7")
            terminal.press("2")
            terminal.wait_for("question 2 of 7")
            terminal.press("\x1b[B\x1b[B\n")
            terminal.wait_for("question 3 of 7")
            terminal.press("\x1b[D")
            terminal.wait_for("▶* 2  More than half the days")
            terminal.press("q")
            terminal.wait_for("2 of 7 questions are answered and kept")
            assert terminal.end() == 0
            assert terminal.modes == terminal.modes_before
        with in_terminal(*program, served.address, "assess", "gad7") as terminal:
            terminal.wait_for("question 3 of 7")
            for number in range(4, 8):
                terminal.press("1")
                terminal.wait_for(f"question {number} of 7")
            terminal.press("s")
            terminal.wait_for("That was the last question.")
            terminal.press("\n")
            terminal.wait_for("Anxiety: 9 of 21")
            assert terminal.end() == 0
