"""Only this machine can be listened on, and a refusal says what can."""

from __future__ import annotations

from pathlib import Path

import pytest

from ertedge.errors import ListenError
from ertedge.rpc.addresses import TcpAddress, UnixAddress, parse


@pytest.mark.parametrize(
    ("text", "target"),
    [
        ("unix:/run/e.sock", "unix:/run/e.sock"),
        ("unix:///run/e.sock", "unix:/run/e.sock"),
        ("127.0.0.1:50051", "127.0.0.1:50051"),
        ("127.9.9.9:1", "127.9.9.9:1"),
        ("localhost:50051", "127.0.0.1:50051"),
        ("[::1]:50051", "[::1]:50051"),
        ("127.0.0.1:0", "127.0.0.1:0"),
    ],
)
def test_allowed(text: str, target: str) -> None:
    assert parse(text).target == target


def test_kinds_and_relative_paths() -> None:
    assert parse("unix:e.sock") == UnixAddress(Path.cwd() / "e.sock")
    assert parse("[::1]:7") == TcpAddress("::1", 7)


@pytest.mark.parametrize("text", ["0.0.0.0:50051", "192.168.1.7:50051", "[::]:50051", "example.org:50051", "*:50051"])
def test_what_other_machines_can_reach_is_refused_with_the_reason(text: str) -> None:
    with pytest.raises(ListenError, match="not allowed: without pairing nothing protects"):
        parse(text)


@pytest.mark.parametrize(
    "text",
    ["", "50051", "127.0.0.1", "127.0.0.1:", "127.0.0.1:x", "127.0.0.1:65536", ":50051", "unix:", "127.0.0.1:-1"],
)
def test_what_is_no_address_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(ListenError, match=r"unix:PATH"):
        parse(text)


def test_abstract_and_overlong_sockets_are_refused() -> None:
    with pytest.raises(ListenError, match="abstract"):
        parse("unix:@ertedge")
    with pytest.raises(ListenError, match="107 bytes"):
        parse("unix:/" + "x" * 107)
