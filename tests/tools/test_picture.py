"""The picture of the README is the real view, and fetches nothing."""

from __future__ import annotations

import re
from dataclasses import replace
from xml.etree import ElementTree

import pytest

from ertedge.ctl.display import WatchView
from ertedge.types import Reason
from tests.ctl.samples import event, known_state, sensors, unknown_state
from tools.picture import draw, is_telling, with_dots, without_hosts


def picture() -> str:
    view = WatchView("unix:/run/ertedge/ertedged.sock", "demo", sensors())
    view.take(event(replace(known_state(), synthetic=True)), 10.0)
    return draw(view, 11.0)


def test_it_shows_the_view() -> None:
    texts = " ".join(ElementTree.fromstring(picture()).itertext()).replace("\xa0", " ")
    assert "SEEMS HAPPY" in texts
    assert "DEMO: nothing here is about a real person" in texts


def test_a_state_worth_a_picture_tells_everything() -> None:
    assert is_telling(known_state())
    assert not is_telling(None)
    assert not is_telling(unknown_state(Reason.NO_FACE))
    silent = replace(known_state().shares[1], probabilities=None)
    assert not is_telling(replace(known_state(), shares=(known_state().shares[0], silent)))


def test_it_names_no_host_but_its_namespace() -> None:
    svg = picture()
    assert set(re.findall(r"\w+://([^/\"')\s]+)", svg)) == {"www.w3.org"}
    assert "@font-face" not in svg
    assert "url(" not in svg.replace("url(#", "")
    assert len(svg) < 150_000


def test_the_chart_needs_no_font() -> None:
    svg = picture()
    assert svg.count("<circle") > 3  # those of the window's frame are three
    assert not re.search("[\u2800-\u28ff]", svg)


def test_dots_stand_where_the_braille_stood() -> None:
    drawn = with_dots('<text class="watch-r1" x="100" y="50" textLength="24">\u2801\u2880</text>')
    assert drawn.startswith('<g class="watch-r1">')
    places = [(float(x), float(y)) for x, y in re.findall(r'cx="([\d.]+)" cy="([\d.]+)"', drawn)]
    first, second = places
    assert 100 < first[0] < 106.1
    assert 118.3 < second[0] < 124.4
    assert second[1] - first[1] == pytest.approx(24.4 * 3 / 4, abs=0.1)


def test_only_fonts_and_comments_are_taken_out() -> None:
    svg = '<svg><!-- made by x --><style>@font-face { src: url("https://x/y") } .a { fill: red }</style></svg>'
    assert without_hosts(svg) == "<svg><style> .a { fill: red }</style></svg>"
