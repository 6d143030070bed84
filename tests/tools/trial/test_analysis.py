"""A trial from its exports to a page that stands alone."""

from __future__ import annotations

import csv
import json
import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pyarrow.parquet as pq
import pytest

from ertedge.errors import ConfigurationError
from tests.tools.trial.exports import PROTOCOL, study_data, write
from tools.trial.__main__ import main
from tools.trial.analysis import Settings, analyse, holm, per_protocol
from tools.trial.ancova import each_of, pooled
from tools.trial.dataset import load_trial
from tools.trial.missing import Scores, impute
from tools.trial.parquet import write_export
from tools.trial.report import page
from tools.trial.results import TrialResult
from tools.trial.verification import verify_allocations

pytestmark = pytest.mark.tools

FAST = Settings(imputations=5)


@pytest.fixture(scope="module")
def export(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write(tmp_path_factory.mktemp("trial") / "one", study_data(60))


@pytest.fixture(scope="module")
def result(export: Path) -> TrialResult:
    return analyse(load_trial([export]), FAST)


@pytest.fixture(scope="module")
def text(result: TrialResult) -> str:
    return page(result, ["A note <of> mine."])


def test_the_effect_that_was_put_in_is_found(result: TrialResult) -> None:
    (comparison,) = result.comparisons
    assert comparison.control == "fixed"
    assert comparison.primary.difference.low < -8 < comparison.primary.difference.high
    assert comparison.g.value > 0.5
    assert comparison.g.value == pytest.approx(-comparison.primary.difference.value / comparison.pooled_sd, rel=0.03)
    assert comparison.primary.means[1] < comparison.primary.means[0]
    improved = comparison.changes[0]
    assert improved.group.share > improved.control.share
    assert improved.needed.startswith("NNTB")
    assert {each.name for each in comparison.variants} >= {"Complete cases", "Worst case", "Per protocol"}


def test_everybody_counts_as_randomised(result: TrialResult) -> None:
    assert result.comparisons[0].primary.difference.n == 60
    flow = result.flow
    assert (flow.randomised, flow.assessed) == (60, 61)
    assert sum(arm.withdrew for arm in flow.arms) == 1
    for arm in flow.arms:
        assert arm.seen + arm.lost == arm.allocated
    worse = {each.name: each.difference for each in result.comparisons[0].variants}
    assert worse["Worst case"].value > worse["Complete cases"].value  # nearer to harm


def test_per_protocol_leaves_out_who_did_little_or_left(export: Path) -> None:
    data = load_trial([export])
    followed = per_protocol(data)
    done = data.adherence("completed")
    assert not followed[done < PROTOCOL.adherence_least].any()
    left = np.array([value is not None for value in data.column("withdraw_day")])
    assert left.sum() == 1
    assert not followed[left].any()


def test_without_gaps_nothing_is_imputed_and_nothing_tips(tmp_path: Path) -> None:
    result = analyse(load_trial([write(tmp_path, study_data(30, lost=0.0, leaves=False))]), FAST)
    (comparison,) = result.comparisons
    assert comparison.missing_share == 0
    assert comparison.tipping is None
    assert comparison.variants[0].difference == comparison.variants[1].difference


def test_the_tipping_point_is_where_the_conclusion_changes(result: TrialResult) -> None:
    (comparison,) = result.comparisons
    tipping = comparison.tipping
    assert tipping is not None
    assert tipping.difference[0] == pytest.approx(comparison.primary.difference.value)
    assert np.all(np.diff(tipping.difference) > 0)
    if tipping.point is not None:
        before = tipping.delta < tipping.point
        assert (tipping.p[before] < 0.05).all()


def test_imputation_keeps_the_level_where_there_is_no_effect() -> None:
    """With a fifth missing by the score in between, one trial in twenty finds an effect that there is not."""
    trials, people, found = 300, 60, 0
    group = (np.arange(people) % 2).astype(float)
    strata = np.array(["a", "b", "b", "a"] * (people // 4))
    for seed in range(trials):
        rng = np.random.default_rng(seed)
        first = rng.standard_normal(people)
        middle = 0.6 * first + 0.8 * rng.standard_normal(people)
        last = 0.6 * middle + 0.8 * rng.standard_normal(people)
        gone = rng.random(people) < 1 / (1 + np.exp(-middle + 1.6))
        scores = Scores((first, middle, np.where(gone, np.nan, last)), group, strata)
        fits = each_of(impute(scores, 10, rng), group, first, strata)
        found += pooled(fits.differences, fits.errors, fits.df, people)[0].p < 0.05
    assert abs(found / trials - 0.05) < 3.3 * np.sqrt(0.05 * 0.95 / trials)


def test_holm() -> None:
    assert holm([0.01, 0.04, 0.03]) == pytest.approx([0.03, 0.06, 0.06])
    assert holm([]) == []
    assert holm([0.9, 0.8]) == [1.0, 1.0]


def test_exports_of_many_devices_are_one_trial(tmp_path: Path) -> None:
    whole = study_data(30)
    for number, each in enumerate(whole.participants):
        slots = tuple(
            slot
            for slot in whole.slots
            if (slot.stratum, slot.slot) == (each.participant.stratum, each.participant.slot)
        )
        write(tmp_path / f"{number:02d}", replace(whole, participants=(each,), slots=slots, not_enrolled=()))
    many, one = load_trial([tmp_path]), load_trial([write(tmp_path.parent / "whole", whole)])
    assert many.devices == 30
    assert many.people == one.people
    assert analyse(many, FAST).comparisons[0].primary == analyse(one, FAST).comparisons[0].primary


def test_what_does_not_belong_together_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"no study.json; `ertedge-ctl study export"):
        load_trial([tmp_path])
    write(tmp_path / "a", study_data(12))
    write(tmp_path / "b", study_data(12))
    with pytest.raises(ConfigurationError, match="somebody stands in two exports"):
        load_trial([tmp_path])
    about = json.loads((tmp_path / "b" / "study.json").read_text())
    (tmp_path / "b" / "study.json").write_text(json.dumps({**about, "protocol_digest": "0", "arms_shown": False}))
    with pytest.raises(ConfigurationError) as caught:
        load_trial([tmp_path])
    assert "another study or protocol" in str(caught.value)
    assert "may not be read yet" in str(caught.value)


def test_too_few_people_are_no_analysis(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="it needs 4 in each group"):
        analyse(load_trial([write(tmp_path, study_data(4))]), FAST)


def test_a_damaged_table_is_named_with_its_line(tmp_path: Path) -> None:
    export = write(tmp_path, study_data(12))
    table = export / "outcomes.csv"
    table.write_text(table.read_text().replace(",dass21,depression,", ",dass21,depression,x", 1))
    with pytest.raises(ConfigurationError, match=r"outcomes.csv: line 2"):
        load_trial([export])


class Loads(HTMLParser):
    """Everything that a browser would fetch for a page."""

    def __init__(self) -> None:
        super().__init__()
        self.fetched: list[str] = []
        self.text: list[str] = []

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        values = dict(attributes)
        if tag in ("script", "link", "iframe", "img", "object", "embed", "video", "audio", "source", "image", "base"):
            self.fetched.append(tag)
        self.fetched += [value or "" for name, value in values.items() if name in ("src", "srcset", "data", "action")]
        self.fetched += [v for n, v in values.items() if n.endswith("href") and v and not v.startswith("#")]
        if (style := values.get("style")) and "url(" in style and "url(#" not in style:
            self.fetched.append(style)

    def handle_data(self, data: str) -> None:
        self.text.append(data)


def test_the_page_loads_nothing_and_says_what_it_must(text: str) -> None:
    loads = Loads()
    loads.feed(text)
    assert loads.fetched == []
    assert "@import" not in text
    assert not re.search(r"url\((?!#)", text)
    words = " ".join(loads.text)
    for expected in (
        "g = 0.28",
        "10.1002/wps.21183",
        "Hedges' g",
        "NNTB",
        "Henry and Crawford (2005)",
        "Tipping point",
        "No p values",
        "A note <of> mine.",
        "Adverse events",
        "de-identified and not anonymous",
    ):
        assert expected in words, expected
    assert "planted words" not in text


def test_every_plot_is_drawn_and_simulated_people_are_called_so_everywhere(text: str) -> None:
    plots = re.findall(r"<svg.*?</svg>", text, flags=re.DOTALL)
    assert len(plots) == 7
    for plot in plots:
        ElementTree.fromstring(plot)
        assert "SIMULATED" in plot
    ids = re.findall(r'\bid="([^"]+)"', text)
    assert len(ids) == len(set(ids))
    title = re.search(r"<title>(.*?)</title>", text)
    assert title is not None
    assert title[1].startswith("SIMULATED")
    assert 'class="simulated band"' in text


def test_a_real_trial_is_not_called_simulated(tmp_path: Path) -> None:
    result = analyse(load_trial([write(tmp_path, study_data(24, synthetic=False))]), FAST)
    assert "SIMULATED" not in page(result)


def test_the_same_seed_writes_the_same_page(result: TrialResult, text: str) -> None:
    again = analyse(result.data, FAST)
    assert again.comparisons[0].primary == result.comparisons[0].primary
    assert page(again, ["A note <of> mine."]) == text


def test_analyse_by_command(export: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["analyse", "--data", str(export), "--out", str(tmp_path / "r.html"), "--imputations", "4", "--json"]
    with pytest.raises(SystemExit) as caught:
        main(arguments)
    assert caught.value.code == 0
    rows = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert {row["name"] for row in rows if "name" in row} >= {"difference", "hedges_g", "p", "rate_difference"}
    assert (tmp_path / "r.html").read_text().startswith("<!DOCTYPE html>")


def test_export_by_command_writes_parquet_with_the_dictionarys_types(
    export: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as caught:
        main(["export", "--data", str(export), "--out", str(tmp_path)])
    assert caught.value.code == 0
    assert "60 people of 1 devices" in capsys.readouterr().out
    table = pq.read_table(tmp_path / "outcomes.parquet")
    assert str(table.schema.field("score").type) == "int64"
    assert table.schema.field("score").metadata[b"meaning"].startswith(b"score; empty")
    assert table.schema.metadata[b"simulated"] == b"true"
    assert table.num_rows == 60 * 3 * 3
    with (tmp_path / "outcomes.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert [row["score"] for row in rows] == [
        "" if value is None else str(value) for value in table.column("score").to_pylist()
    ]
    again = load_trial([tmp_path])
    assert again.people == load_trial([export]).people
    assert verify_allocations(again).faults == ()
    rare = (tmp_path / "small_cells.csv").read_text()
    assert "stratum," not in rare  # both strata have many
    assert "age," in rare
    assert pq.read_table(tmp_path / "participants.parquet").column("age").to_pylist()[0] % 5 == 0


def test_verify_by_command(export: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main(["verify", "--data", str(export)])
    assert caught.value.code == 0
    assert "60 allocations checked" in capsys.readouterr().out
    changed = write(tmp_path, study_data(20))
    slots = (changed / "slots.csv").read_text().splitlines()
    first = slots[1]
    slots[1] = first.replace("personal", "X").replace("fixed", "personal").replace("X", "fixed")
    (changed / "slots.csv").write_text("\n".join(slots) + "\n")
    with pytest.raises(SystemExit) as caught:
        main(["verify", "--data", str(changed)])
    assert caught.value.code == 1
    assert "while the seal says" in capsys.readouterr().out


def test_a_seal_is_made_once_for_its_owner(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "trial.seal"
    for expected in (0, 2):
        with pytest.raises(SystemExit) as caught:
            main(["seal", "--out", str(path)])
        assert caught.value.code == expected
    assert path.stat().st_mode & 0o777 == 0o600
    assert len(path.read_bytes()) == 96
    out = capsys.readouterr().out
    assert path.read_bytes()[:32].hex() not in out
    assert re.search(r"commitment [0-9a-f]{64}", out)


def test_power_by_command(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main(["power", "--people", "60", "--effect", "0", "--effect", "0.5", "--trials", "200", "--json"])
    assert caught.value.code == 0
    rows = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    figures = [row for row in rows if row.get("name") == "power"]
    assert [figure["n"] for figure in figures] == [200, 200]
    assert figures[1]["spread"] > 0


def test_a_group_of_which_nobody_followed_the_protocol_costs_that_line_and_no_other(tmp_path: Path) -> None:
    data = study_data(60)
    idle = tuple(replace(each, adherence=replace(each.adherence, completed=0)) for each in data.participants)
    (comparison,) = analyse(load_trial([write(tmp_path / "idle", replace(data, participants=idle))]), FAST).comparisons
    names = {each.name for each in comparison.variants}
    assert "Per protocol" not in names
    assert {"Complete cases", "Worst case"} <= names


def test_a_line_that_was_cut_is_named(tmp_path: Path) -> None:
    folder = write(tmp_path / "cut", study_data(20))
    path = folder / "participants.csv"
    lines = path.read_text(encoding="utf-8").splitlines()
    lines[3] = lines[3].rpartition(",")[0]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    with pytest.raises(ConfigurationError, match="line 4"):
        load_trial([folder])


def test_putting_exports_together_hides_no_second_commitment(tmp_path: Path) -> None:
    folder = write(tmp_path / "one", study_data(20))
    trial = load_trial([folder])
    trial.about["commitments"] = [*trial.about["commitments"], "0" * 64]
    write_export(trial, tmp_path / "merged")
    again = load_trial([tmp_path / "merged"])
    assert again.about["commitments"] == sorted(trial.about["commitments"])
    with pytest.raises(ConfigurationError, match="different seals"):
        verify_allocations(again)
