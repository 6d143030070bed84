"""Keys come at once, and the terminal is left as it was found, however the program ends."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys

import pytest

from ertedge.ctl.keys import Keys, pressed_keys
from tests.ctl.served import in_terminal

PROGRAM = """
import asyncio, sys
from ertedge.ctl.keys import interruptible, pressed_keys

async def main():
    with pressed_keys() as keys:
        print("live", keys.live, flush=True)
        async for key in keys:
            print("key", repr(key), flush=True)
            if key == "q":
                return
            if key == "x":
                raise RuntimeError("wrong")

interruptible()
try:
    asyncio.run(main())
except KeyboardInterrupt:
    sys.exit(3)
"""


def test_keys_come_without_enter_and_are_not_shown() -> None:
    with in_terminal("-c", PROGRAM) as terminal:
        terminal.wait_for("live True")
        terminal.press("g")
        terminal.wait_for("key 'g'")
        terminal.press("\x1b[A")
        terminal.press("Ä 1")
        terminal.wait_for("key '1'")
        terminal.press("q")
        assert terminal.end() == 0
        assert terminal.modes == terminal.modes_before
        shown = terminal.shown()
        assert "key 'ä'" in shown
        assert "key ' '" in shown
        assert "key '['" not in shown
        assert "\ng" not in shown


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT], ids=lambda number: number.name)
def test_a_signal_leaves_the_terminal_as_it_was(number: signal.Signals) -> None:
    with in_terminal("-c", PROGRAM) as terminal:
        terminal.wait_for("live True")
        assert terminal.modes != terminal.modes_before
        terminal.process.send_signal(number)
        assert terminal.end() == 3
        assert terminal.modes == terminal.modes_before


def test_a_signal_ends_also_what_a_script_started_in_the_background() -> None:
    """There a shell without job control has the program ignore SIGINT from its birth."""
    ignoring = "import signal\nsignal.signal(signal.SIGINT, signal.SIG_IGN)\n" + PROGRAM
    with in_terminal("-c", ignoring) as terminal:
        terminal.wait_for("live True")
        terminal.process.send_signal(signal.SIGTERM)
        assert terminal.end() == 3
        assert terminal.modes == terminal.modes_before


def test_an_exception_leaves_the_terminal_as_it_was() -> None:
    with in_terminal("-c", PROGRAM) as terminal:
        terminal.wait_for("live True")
        terminal.press("x")
        assert terminal.end() == 1
        assert "RuntimeError: wrong" in terminal.shown()
        assert terminal.modes == terminal.modes_before


def test_ctrl_c_still_interrupts() -> None:
    with in_terminal("-c", PROGRAM) as terminal:
        terminal.wait_for("live True")
        terminal.press("\x03")
        assert terminal.end() == 3


def test_what_is_no_terminal_is_not_read() -> None:
    program = PROGRAM.replace("async for key in keys:", "return\n        async for key in keys:")
    done = subprocess.run(
        [sys.executable, "-c", program + "print(sys.stdin.read())"],
        input="rest\n",
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.splitlines() == ["live False", "rest", ""]


def test_a_closed_standard_input_is_no_terminal() -> None:
    program = PROGRAM.replace("async for key in keys:", "return\n        async for key in keys:")
    done = subprocess.run(
        ["/bin/sh", "-c", f"exec '{sys.executable}' - <&-"], input="", capture_output=True, check=False
    )
    assert done.returncode == 0
    command = ["/bin/sh", "-c", 'exec "$0" -c "$1" <&-', sys.executable, program]
    assert subprocess.run(command, capture_output=True, text=True, check=True).stdout == "live False\n"


def test_what_was_typed_before_a_question_is_no_answer() -> None:
    async def ask() -> str:
        keys = Keys(live=True)
        keys.take(b"55")
        keys.forget()
        keys.take(b"3")
        return await keys.next()

    assert asyncio.run(ask()) == "3"


def test_a_terminal_of_somebody_else_is_left_alone() -> None:
    async def look(descriptor: int) -> bool:
        with pressed_keys(descriptor) as keys:
            return keys.live

    master, slave = os.openpty()
    try:
        assert not asyncio.run(look(slave))
    finally:
        os.close(master)
        os.close(slave)


def test_arrows_are_keys_for_whoever_asks_for_them() -> None:
    async def pressed(keys: Keys) -> list[str]:
        keys.take(b"a\x1b[A\x1bOBx\x1b[C\x1b[D\x1b[5~\x1b")
        return [await keys.next() for _ in range(6 + 1)] if keys.live else []

    assert asyncio.run(pressed(Keys(live=True, arrows=True))) == ["a", "up", "down", "x", "right", "left", "\x1b"]

    async def without() -> list[str]:
        keys = Keys(live=True)
        keys.take(b"a\x1b[A\x1bOBx")
        return [await keys.next(), await keys.next()]

    assert asyncio.run(without()) == ["a", "x"]
