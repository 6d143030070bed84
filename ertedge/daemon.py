"""``ertedged``, the core process: composes everything, starts it in order, stops it in the opposite order. Floor 4.

The sensor process is started before anything heavy is imported here, because its models are what the first state waits for.
"""

from __future__ import annotations

import argparse
import asyncio
import logging
import os
import signal
import sys
from collections.abc import Coroutine, Sequence
from pathlib import Path
from typing import Any

from ertedge import __version__
from ertedge import config as configuration
from ertedge.config import Config
from ertedge.core.data_directory import alone_in
from ertedge.core.log import start_logging
from ertedge.core.supervisor import SensorProcess
from ertedge.errors import ConfigurationError, ErtedgeError, ListenError, StoreKeyError
from ertedge.rpc import addresses

logger = logging.getLogger(__name__)

NOTIFY_SECONDS = 1.0
"""How often systemd hears that the event loop turns; well within any sensible WatchdogSec."""


def main(arguments: Sequence[str] | None = None) -> int:
    """The command line. Exit status 0 when stopped, 2 for wrong usage or configuration, 1 for anything else."""
    options = _parser().parse_args(arguments)
    try:
        config = _load(options)
        start_logging(config.log.level)
        signal.signal(signal.SIGTERM, _exit_at_once)  # until the event loop takes it over
        with alone_in(config.data_path):
            _run(config, options)
    except ConfigurationError as error:
        for fault in error.faults:
            sys.stderr.write(f"{error.source}: {fault}\n" if error.source else f"{fault}\n")
        return 2
    except ErtedgeError as error:
        sys.stderr.write(f"ertedged: {error}\n")
        return 2 if isinstance(error, StoreKeyError) else 1  # a key is configured, and trying again mends nothing
    except KeyboardInterrupt:
        return 0
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="ertedged", description="Reads how the person in front of the device feels, and tells it over gRPC."
    )
    parser.add_argument("--config", type=Path, metavar="FILE", help="a TOML file; without it, the defaults")
    parser.add_argument("--source", help="auto, demo, camera, replay:PATH or simulate:FILE")
    parser.add_argument(
        "--listen", action="append", metavar="ADDRESS", help="unix:PATH or 127.0.0.1:PORT; may be given several times"
    )
    parser.add_argument("--data-dir", metavar="DIR", help="where the store and the sockets live")
    parser.add_argument(
        "--sensor",
        choices=("child", "external"),
        default="child",
        help="child (default): start the sensor process; external: it is started by somebody else, such as systemd",
    )
    parser.add_argument("--version", action="version", version=f"ertedged {__version__}")
    return parser


def _load(options: argparse.Namespace) -> Config:
    """The configuration with the options on top. Raises ConfigurationError, for addresses that are not allowed too."""
    given: dict[str, Any] = {"source": options.source, "data_dir": options.data_dir}
    overrides = {key: value for key, value in given.items() if value is not None}
    if options.listen:
        overrides["server"] = {"listen": options.listen}
    config = configuration.load(options.config, overrides)
    faults = []
    for text in config.listen_addresses:
        try:
            addresses.parse(text)
        except ListenError as error:
            faults.append(f"server.listen: {error}")
    if faults:
        raise ConfigurationError(faults, str(options.config or ""))
    return config


def _run(config: Config, options: argparse.Namespace) -> None:
    # Of what is multiplied here nothing is large. On several threads, which wait for each other by spinning, a decision
    # takes ten times as long where something else runs. Read when numpy is loaded, here and in the sensor process.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    process = None
    try:
        if options.sensor == "child":
            process = SensorProcess(_sensor_command(config, options))
            process.start()
        asyncio.run(_serve(config, process))
    finally:
        if process is not None:
            process.kill()  # does nothing to one that was stopped in order


def _sensor_command(config: Config, options: argparse.Namespace) -> list[str]:
    """The sensor process reads the same configuration, and dies with this process however this one ends."""
    command = [sys.executable, "-m", "ertedge.sensor.process", "--parent", str(os.getpid())]
    if options.config:
        command += ["--config", str(options.config)]
    return [*command, "--source", config.source, "--data-dir", str(config.data_path)]


async def _serve(config: Config, process: SensorProcess | None) -> None:
    """Run the core process until a signal comes, and take it apart again in the opposite order."""
    from sdnotify import SystemdNotifier

    from ertedge.composition import compose  # heavy: imported while the sensor process starts

    stopping = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stopping.set)
    systemd = SystemdNotifier()
    core = await compose(config, process)

    async def tell_that_ready() -> None:
        await core.emotions.wait_for_first()
        await core.server.set_ready()
        while True:
            systemd.notify("WATCHDOG=1")
            await asyncio.sleep(NOTIFY_SECONDS)

    try:
        await core.server.start(config.listen_addresses)
        systemd.notify("READY=1")
        await _until(stopping, [*core.running, tell_that_ready()])
    finally:
        systemd.notify("STOPPING=1")
        await core.server.stop()
        if process is not None:
            await process.stop()
        await core.stop()
        logger.info("stopped")


async def _until(stopping: asyncio.Event, running: Sequence[Coroutine[Any, Any, None]]) -> None:
    """Run all of ``running`` until ``stopping`` is set, or until one of them fails: its error is raised."""
    stop = asyncio.create_task(stopping.wait())
    tasks = [asyncio.create_task(each) for each in running]
    done, _ = await asyncio.wait([stop, *tasks], return_when=asyncio.FIRST_COMPLETED)
    for task in (stop, *tasks):
        task.cancel()
    await asyncio.gather(stop, *tasks, return_exceptions=True)
    for task in done:
        task.result()


def _exit_at_once(*_: object) -> None:
    raise SystemExit(0)


if __name__ == "__main__":
    sys.exit(main())
