"""The ledger names who read, without the port and once a minute."""

from __future__ import annotations

import pytest

from ertedge.rpc import access
from ertedge.rpc.access import AGAIN_NS, AccessLog, who
from tests.core.fakes import FakeLedger


@pytest.mark.parametrize(
    ("peer", "name"),
    [
        ("unix:", "the local socket"),
        ("unix:/run/e.sock", "the local socket"),
        ("ipv4:127.0.0.1:40312", "127.0.0.1"),
        ("ipv6:%5B::1%5D:40312", "::1"),
        ("ipv6:[::1]:40312", "::1"),
        ("strange", "strange"),
    ],
)
def test_peers_have_names_that_last(peer: str, name: str) -> None:
    assert who(peer) == name


def test_the_same_again_is_written_after_a_minute_and_another_at_once() -> None:
    ledger, now_ns = FakeLedger(), [0]
    log = AccessLog(ledger, lambda: now_ns[0])
    log.note("STATES_READ", "ipv4:127.0.0.1:1", "read emotion states")
    log.note("STATES_READ", "ipv4:127.0.0.1:2", "read emotion states")
    log.note("STATES_WATCHED", "ipv4:127.0.0.1:2", "watches")
    log.note("STATES_READ", "unix:", "read emotion states")
    now_ns[0] = AGAIN_NS
    log.note("STATES_READ", "unix:", "read emotion states")
    assert ledger.entries == [
        ("STATES_READ", "127.0.0.1"),
        ("STATES_WATCHED", "127.0.0.1"),
        ("STATES_READ", "the local socket"),
        ("STATES_READ", "the local socket"),
    ]
    assert ledger.details[0] == "A client at 127.0.0.1 read emotion states."


def test_it_remembers_no_more_than_so_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(access, "KNOWN_MOST", 3)
    ledger = FakeLedger()
    log = AccessLog(ledger, lambda: 0)
    for number in range(10):
        log.note("STATES_READ", f"peer{number}", "read")
    assert len(ledger.entries) == 10
    assert len(log._noted_ns) <= 3
