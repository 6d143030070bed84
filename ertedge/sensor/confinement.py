"""Takes the network away from this process for good, before any device is opened. Floor 2.

The kernel's system call filter (seccomp, see seccomp(2) and the kernel's ``seccomp_filter`` page) refuses every socket that
is neither a Unix socket nor a netlink one, through which libcamera learns of devices. It holds for C libraries and children
too and cannot be lifted again. systemd's ``RestrictAddressFamilies`` does the same for the unit; this is for a sensor
process that someone starts by hand.
"""

from __future__ import annotations

import ctypes
import errno
import os
import platform
import socket
from dataclasses import dataclass

_PR_SET_NO_NEW_PRIVS = 38
_PR_SET_SECCOMP = 22
_SECCOMP_MODE_FILTER = 2
_LOAD_WORD = 0x20  # BPF_LD | BPF_W | BPF_ABS
_JUMP_EQUAL = 0x15  # BPF_JMP | BPF_JEQ | BPF_K
_JUMP_AT_LEAST = 0x35  # BPF_JMP | BPF_JGE | BPF_K
_RETURN = 0x06  # BPF_RET | BPF_K
_ALLOW = 0x7FFF_0000
_ERRNO = 0x0005_0000
_NUMBER, _ARCHITECTURE, _FIRST_ARGUMENT = 0, 4, 16
"""Offsets in ``struct seccomp_data``; the argument's low half, since both architectures are little-endian."""
_X32_BIT = 0x4000_0000
"""Calls of x86_64's 32-bit-pointer twin have this bit; no 64-bit call of either architecture does."""
_IO_URING_SETUP = 425
"""The same number everywhere; a ring can open sockets past the filter, and nothing here needs one."""


@dataclass(frozen=True, slots=True)
class _Machine:
    audit_architecture: int
    socket_call: int


_MACHINES = {"x86_64": _Machine(0xC000_003E, 41), "aarch64": _Machine(0xC000_00B7, 198)}


class _Instruction(ctypes.Structure):
    """``struct sock_filter``."""

    _fields_ = (("code", ctypes.c_ushort), ("jt", ctypes.c_ubyte), ("jf", ctypes.c_ubyte), ("k", ctypes.c_uint))


class _Program(ctypes.Structure):
    """``struct sock_fprog``."""

    _fields_ = (("length", ctypes.c_ushort), ("instructions", ctypes.POINTER(_Instruction)))


def refuse_network() -> None:
    """From now on no thread started later, and no child, can open a network socket: they get EAFNOSUPPORT.

    Raises OSError where the kernel or the machine cannot do this; then nothing has changed.
    """
    machine = _MACHINES.get(platform.machine())
    if machine is None:
        raise OSError(errno.ENOSYS, f"no system call filter is written for {platform.machine()}")
    instructions = _filter(machine)
    program = _Program(len(instructions), (_Instruction * len(instructions))(*instructions))
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0:
        raise _last_error("no_new_privs")
    if libc.prctl(_PR_SET_SECCOMP, _SECCOMP_MODE_FILTER, ctypes.byref(program), 0, 0) != 0:
        raise _last_error("seccomp")


def _filter(machine: _Machine) -> list[_Instruction]:
    """Each row: what to do, where to go on (counted from the next row) when it holds and when not, the operand."""
    return [
        _Instruction(_LOAD_WORD, 0, 0, _ARCHITECTURE),
        _Instruction(_JUMP_EQUAL, 0, 9, machine.audit_architecture),  # a call of another architecture: not permitted
        _Instruction(_LOAD_WORD, 0, 0, _NUMBER),
        _Instruction(_JUMP_AT_LEAST, 7, 0, _X32_BIT),  # likewise
        _Instruction(_JUMP_EQUAL, 6, 0, _IO_URING_SETUP),  # not permitted
        _Instruction(_JUMP_EQUAL, 0, 4, machine.socket_call),  # anything but socket(): allowed
        _Instruction(_LOAD_WORD, 0, 0, _FIRST_ARGUMENT),
        _Instruction(_JUMP_EQUAL, 2, 0, socket.AF_UNIX),
        _Instruction(_JUMP_EQUAL, 1, 0, socket.AF_NETLINK),
        _Instruction(_RETURN, 0, 0, _ERRNO | errno.EAFNOSUPPORT),
        _Instruction(_RETURN, 0, 0, _ALLOW),
        _Instruction(_RETURN, 0, 0, _ERRNO | errno.EPERM),
    ]


def _last_error(what: str) -> OSError:
    number = ctypes.get_errno()
    return OSError(number, f"{what}: {os.strerror(number)}")
