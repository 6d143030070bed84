"""The picture of the README is the real view, and fetches nothing."""

from __future__ import annotations

import re
from dataclasses import replace
from xml.etree import ElementTree

from ertedge.ctl.display import WatchView
from tests.ctl.samples import event, known_state, sensors
from tools.picture import draw, without_hosts


def picture() -> str:
    view = WatchView("unix:/run/ertedge/ertedged.sock", "demo", sensors())
    view.take(event(replace(known_state(), synthetic=True)), 10.0)
    return draw(view, 11.0)


def test_it_shows_the_view() -> None:
    texts = " ".join(ElementTree.fromstring(picture()).itertext()).replace("\xa0", " ")
    assert "SEEMS HAPPY" in texts
    assert "DEMO: nothing here is about a real person" in texts


def test_it_names_no_host_but_its_namespace() -> None:
    svg = picture()
    assert set(re.findall(r"\w+://([^/\"')\s]+)", svg)) == {"www.w3.org"}
    assert "@font-face" not in svg
    assert "url(" not in svg.replace("url(#", "")
    assert len(svg) < 150_000


def test_only_fonts_and_comments_are_taken_out() -> None:
    svg = '<svg><!-- made by x --><style>@font-face { src: url("https://x/y") } .a { fill: red }</style></svg>'
    assert without_hosts(svg) == "<svg><style> .a { fill: red }</style></svg>"
