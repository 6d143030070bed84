"""Addresses as people write them, ``unix:PATH`` or ``HOST:PORT``, checked before anything listens or connects. Floor 3.

The authority of a Unix socket is its file permissions. TCP has no authority here, so it stays on the loopback: any other
host is refused, with the reason.
"""

from __future__ import annotations

import ipaddress
import os
from dataclasses import dataclass
from pathlib import Path

from ertedge.config import UNIX_SOCKET_PATH_LIMIT
from ertedge.errors import ListenError


@dataclass(frozen=True, slots=True)
class UnixAddress:
    """A Unix socket at an absolute path."""

    path: Path

    @property
    def target(self) -> str:
        """The address in gRPC's syntax."""
        return f"unix:{self.path}"


@dataclass(frozen=True, slots=True)
class TcpAddress:
    """A loopback host as a number without brackets, and a port; port 0 lets the system choose."""

    host: str
    port: int

    @property
    def target(self) -> str:
        """The address in gRPC's syntax."""
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


Address = UnixAddress | TcpAddress


def parse(text: str) -> Address:
    """``unix:PATH``, ``HOST:PORT`` or ``[V6]:PORT`` as an address. Raises ``ListenError`` with what is allowed."""
    if text.startswith("unix:"):
        return _unix(text)
    host, separator, port = text.rpartition(":")
    host = host.removeprefix("[").removesuffix("]")
    if not separator or not host or not (port.isascii() and port.isdigit()) or int(port) > 65_535:
        raise ListenError(f"{text!r} is no address; use unix:PATH or 127.0.0.1:PORT")
    if host.lower() == "localhost":
        host = "127.0.0.1"  # a name could be made to resolve elsewhere
    if not _is_loopback(host):
        raise ListenError(
            f"{text} is not allowed: without pairing nothing protects an address that other machines can reach;"
            f" use unix:PATH or 127.0.0.1:{port}"
        )
    return TcpAddress(host, int(port))


def _unix(text: str) -> UnixAddress:
    path = text.removeprefix("unix:")
    if path.startswith("//"):
        path = path.removeprefix("//")
    if not path or path.startswith("@") or "\0" in path:
        raise ListenError(f"{text!r} is no address: an abstract socket has no permissions; use unix:PATH")
    absolute = Path(path).expanduser().absolute()
    if len(os.fsencode(absolute)) > UNIX_SOCKET_PATH_LIMIT:
        raise ListenError(
            f"{text}: a Unix socket's path has at most {UNIX_SOCKET_PATH_LIMIT} bytes; choose a shorter one"
        )
    return UnixAddress(absolute)


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
