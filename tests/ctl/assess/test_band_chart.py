"""The chart of a scale: bands told apart, every score in its band, the same without colour and in ASCII."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from ertedge.ctl.assess.band_chart import NAME_WIDTH, BandChart, Point
from ertedge.types.assessments import Scale
from ertedge.wellbeing.library import load_library

SCALES = [scale for instrument in load_library().all() for scale in instrument.scoring.scales]


def drawn(scale: Scale, points: list[Point], *, width: int = 80, encoding: str = "utf-8") -> list[str]:
    file = io.TextIOWrapper(io.BytesIO(), encoding=encoding, errors="replace")
    console = Console(file=file, width=width, no_color=True)
    console.print(BandChart(scale, points))
    file.seek(0)
    return file.read().splitlines()


def dots(line: str) -> bool:
    return any(0x2800 < ord(each) <= 0x28FF for each in line)


@pytest.mark.parametrize("scale", SCALES, ids=lambda scale: f"{scale.scale_id}-{scale.most}")
@pytest.mark.parametrize("highest", [False, True])
def test_every_band_has_its_mark_and_its_name(scale: Scale, highest: bool) -> None:
    lines = drawn(scale, [(0.0, scale.most if highest else 0), (1.0, 1)])
    assert len(lines) <= 22
    assert all(len(line) <= 80 for line in lines)
    marks = [int(line[:3]) for line in lines if line[:3].strip()]
    assert marks == sorted(marks, reverse=True)
    expected = [band.low for band in reversed(scale.bands)] or [scale.most, 0]
    assert marks == expected
    for band in scale.bands:
        assert sum(line[80 - NAME_WIDTH :].strip() == band.title for line in lines) == 1


@pytest.mark.parametrize("scale", [each for each in SCALES if each.bands], ids=lambda scale: scale.scale_id)
def test_a_score_is_drawn_between_its_bands_mark_and_the_next(scale: Scale) -> None:
    for band in scale.bands:
        middle = (band.low + band.high) // 2
        lines = drawn(scale, [(0.5, middle)])
        row = next(index for index, line in enumerate(lines) if dots(line[4:60]))
        begins = next(index for index, line in enumerate(lines) if line[:3].strip() == str(band.low))
        assert row <= begins
        if band is not scale.bands[-1]:
            above = next(index for index, line in enumerate(lines) if line[:3].strip() == str(band.high + 1))
            assert row >= above


def test_time_goes_from_left_to_right_and_scores_are_joined() -> None:
    scale = next(each for each in SCALES if each.scale_id == "depression" and each.most == 42)
    lines = drawn(scale, [(0.0, 30), (1.0, 0)])
    places = [[n for n, each in enumerate(line) if 0x2800 < ord(each) <= 0x28FF] for line in lines]
    centres = [sum(each) / len(each) for each in places if each]
    assert centres == sorted(centres)
    assert all(places[places.index(next(each for each in places if each)) :])


def test_in_ascii_it_says_the_same() -> None:
    scale = SCALES[-1]
    lines = drawn(scale, [(0.0, 1), (1.0, 20)], encoding="ascii")
    assert all(line.isascii() for line in lines)
    assert "*" in "".join(lines)
    assert "." in "".join(lines)


def test_narrow_it_still_fits() -> None:
    assert all(len(line) <= 40 for line in drawn(SCALES[-1], [(0.0, 1), (1.0, 5)], width=40))
