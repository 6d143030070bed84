"""The shipped helplines are whole and sourced; the region's come first; a configured file adds to them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from ertedge.errors import ConfigurationError
from ertedge.recommend.helplines import INTERNATIONAL, load_helplines

REGIONS = ("US", "CA", "GB", "IE", "DE", "AT", "CH", "PL", "FR", "NL", "ES", "IT", "AU", "NZ", "IN", "JP", "BR")
EMERGENCY = {
    **dict.fromkeys(("IE", "DE", "AT", "CH", "PL", "FR", "NL", "ES", "IT", "IN"), "112"),
    **{"US": "911", "CA": "911", "GB": "999", "AU": "000", "NZ": "111", "JP": "119", "BR": "192"},
}


@pytest.mark.parametrize("region", REGIONS)
def test_every_region_has_an_emergency_number_first_and_somebody_who_listens(region: str) -> None:
    directory = load_helplines()
    lines = directory.helplines(region)
    assert lines[0].emergency
    assert lines[0].contact == directory.emergency(region) == EMERGENCY[region]
    own = [line for line in lines if line.region == region]
    assert len(own) >= 2
    assert lines[: len(own)] == tuple(own)
    assert [line.region for line in lines[len(own) :]] == [INTERNATIONAL] * 4
    assert directory.helplines(region.lower()) == lines


@pytest.mark.parametrize("region", ["", "XX", "atlantis", "\x00"])
def test_an_unknown_region_gets_general_advice_and_the_international_directories(region: str) -> None:
    directory = load_helplines()
    lines = directory.helplines(region)
    assert lines[0].emergency
    assert "112" in lines[0].note
    assert {line.contact for line in lines[1:]} == {
        "https://findahelpline.com",
        "https://www.befrienders.org",
        "https://www.iasp.info",
        "https://childhelplineinternational.org",
    }
    assert directory.emergency(region) == ""


def test_every_entry_names_its_source_and_its_day_and_says_so_where_it_was_not_compared() -> None:
    for line in load_helplines().entries:
        assert re.match(r"https?://", line.source), line
        assert "2010-01-01" <= line.checked <= "2026-11-25", line
        if line.checked != "2026-11-25":
            assert line.note or line.channel == "chat", line
        if line.channel in ("phone", "text") and line.region != INTERNATIONAL:
            assert re.fullmatch(r"[0-9 -]+", line.contact), line


def test_a_configured_file_stands_first(tmp_path: Path) -> None:
    path = tmp_path / "own.toml"
    path.write_text(
        '[[helpline]]\nregion = "DE"\nname = "Our clinic"\ncontact = "030 1234"\nchannel = "phone"\nhours = "8-18"\n'
        'languages = ["de"]\nsource = "https://clinic.example"\nchecked = "2026-11-01"\n',
        "utf-8",
    )
    lines = load_helplines(path).helplines("DE")
    assert [line.name for line in lines[:2]] == ["Notruf", "Our clinic"]


def test_a_configured_file_says_all_its_faults_at_once(tmp_path: Path) -> None:
    path = tmp_path / "own.toml"
    path.write_text(
        '[[helpline]]\nregion = "Germany"\nname = ""\ncontact = "call us"\nchannel = "phon"\nhours = "8-18"\n'
        'languages = ["german"]\nsource = "clinic"\nchecked = "1.11.2026"\nnotes = "x"\n'
        '[[helpline]]\nregion = "DE"\nname = "A"\ncontact = "nobody"\nchannel = "phone"\nhours = "8-18"\n'
        'languages = ["de"]\nsource = "https://a.example"\nchecked = "2026-11-01"\n',
        "utf-8",
    )
    with pytest.raises(ConfigurationError) as raised:
        load_helplines(path)
    told = "; ".join(raised.value.faults)
    for word in (
        "region",
        "name",
        "did you mean phone",
        "'german'",
        "source",
        "checked",
        "did you mean note",
        "no number",
    ):
        assert word in told, word
    assert len(raised.value.faults) == 8


def test_a_number_twice_is_a_fault(tmp_path: Path) -> None:
    entry = (
        '[[helpline]]\nregion = "DE"\nname = "A"\ncontact = "030 1"\nchannel = "phone"\nhours = "8-18"\n'
        'languages = ["de"]\nsource = "https://a.example"\nchecked = "2026-11-01"\n'
    )
    path = tmp_path / "own.toml"
    path.write_text(entry * 2, "utf-8")
    with pytest.raises(ConfigurationError, match=r"helpline.1: DE 030 1 stands in helpline.0 already"):
        load_helplines(path)


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="no such file"):
        load_helplines(tmp_path / "none.toml")
