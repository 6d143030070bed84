"""The network is gone for good, for threads and children too, and Unix sockets stay."""

from __future__ import annotations

import errno
import platform
import subprocess
import sys

import pytest

from ertedge.sensor import confinement

_SCENE = """
import errno, socket, subprocess, sys, threading
from ertedge.sensor.confinement import refuse_network

refuse_network()

def refused(family):
    try:
        socket.socket(family, socket.SOCK_DGRAM).close()
    except OSError as error:
        return error.errno == errno.EAFNOSUPPORT
    return False

assert refused(socket.AF_INET) and refused(socket.AF_INET6) and refused(socket.AF_PACKET)
found = []
thread = threading.Thread(target=lambda: found.append(refused(socket.AF_INET)))
thread.start()
thread.join()
assert found == [True]
child = "import socket; socket.socket(socket.AF_INET)"
assert subprocess.run([sys.executable, "-c", child], stderr=subprocess.DEVNULL).returncode != 0
socket.socket(socket.AF_UNIX).close()
one, other = socket.socketpair()
one.sendall(b"hello")
assert other.recv(5) == b"hello"
one.close(), other.close()
socket.socket(socket.AF_NETLINK, socket.SOCK_RAW).close()
print("confined")
"""


@pytest.mark.skipif(platform.machine() not in ("x86_64", "aarch64"), reason="the filter is written for two machines")
def test_no_network_socket_can_be_opened_any_more() -> None:
    done = subprocess.run([sys.executable, "-c", _SCENE], capture_output=True, text=True, check=False)
    assert done.stdout.strip() == "confined", done.stderr


def test_another_machine_is_left_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(platform, "machine", lambda: "riscv64")
    with pytest.raises(OSError, match="riscv64") as raised:
        confinement.refuse_network()
    assert raised.value.errno == errno.ENOSYS
