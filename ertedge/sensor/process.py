"""The sensor process: ``python -m ertedge.sensor.process``. Floor 2.

It gives up the network, makes sure that it is the only one in its data directory, reads the mutes and what is permitted, and
only then opens devices and models and serves them on a Unix socket. SIGTERM ends it in the opposite order. What is heavy is
imported after the network is gone, since threads that already run keep it.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import ctypes
import fcntl
import logging
import os
import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from ertedge import config as configuration
from ertedge.config import Config
from ertedge.errors import AlreadyRunningError, ConfigurationError, ErtedgeError, RecordingError, StoreReadOnlyError
from ertedge.sensor.confinement import refuse_network

if TYPE_CHECKING:
    from ertedge.sensor.flow import Flow
    from ertedge.types import SensorName

_log = logging.getLogger(__name__)

_PR_SET_PDEATHSIG = 1
_NETWORK_SCHEMES = ("rtsp://", "rtsps://", "http://", "https://")
_LEAVE_SECONDS = 0.2
"""Time for the last answer to reach its caller when the process has to end itself."""


def main(arguments: Sequence[str] | None = None) -> int:
    """The command line. Exit status 0 when stopped, 2 for a wrong configuration or recording, 1 for anything else."""
    options = _parser().parse_args(arguments)
    try:
        if options.parent:
            _die_with(options.parent)
        config = _load(options)
        logging.basicConfig(level=config.log.level.upper(), format="%(asctime)s %(levelname)s %(message)s")
        _give_up_network(config)
        with _alone_in(config.data_path):
            return asyncio.run(_run(config))
    except ConfigurationError as error:
        for fault in error.faults:
            sys.stderr.write(f"{error.source}: {fault}\n" if error.source else f"{fault}\n")
        return 2
    except RecordingError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    except ErtedgeError as error:
        sys.stderr.write(f"{error}\n")
        return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m ertedge.sensor.process", description="The sensor process of ertedge."
    )
    parser.add_argument("--config", type=Path, help="the configuration file that the daemon reads too")
    parser.add_argument(
        "--source", help="auto, demo, camera, replay:PATH or simulate:FILE, instead of the configured one"
    )
    parser.add_argument("--data-dir", help="where the socket and the mutes live, instead of the configured directory")
    parser.add_argument("--parent", type=int, metavar="PID", help="end as soon as this process, the parent, has ended")
    return parser


def _load(options: argparse.Namespace) -> Config:
    given = {"source": options.source, "data_dir": options.data_dir}
    return configuration.load(options.config, {key: value for key, value in given.items() if value is not None})


def _die_with(parent: int) -> None:
    """Have the kernel end this process when its parent does, however that happens (prctl(2), PR_SET_PDEATHSIG).

    SIGKILL, because a camera must not stay open for nobody even where this process hangs; the kernel closes the devices.
    """
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0) != 0:
        _log.warning("the sensor process cannot be tied to its parent: %s", os.strerror(ctypes.get_errno()))
    if os.getppid() != parent:
        raise SystemExit(1)


def _give_up_network(config: Config) -> None:
    camera = config.camera.device
    if config.source in ("auto", "camera") and camera.startswith(_NETWORK_SCHEMES):
        _log.warning("the network stays open to the sensor process, because its camera %s is on the network", camera)
        return
    try:
        refuse_network()
    except OSError as error:
        _log.warning(
            "the kernel cannot take the network from the sensor process (%s); let systemd do it", error.strerror
        )


@contextlib.contextmanager
def _alone_in(data_dir: Path) -> Iterator[None]:
    """Hold the lock of ``data_dir``, which is made if it is missing. Raises AlreadyRunningError, StoreReadOnlyError."""
    path = data_dir / "sensor.lock"
    try:
        data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise StoreReadOnlyError(f"{path}: {error.strerror}; choose another directory with --data-dir") from error
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    except BlockingIOError:
        raise AlreadyRunningError(f"another sensor process uses {data_dir}; stop it first") from None
    finally:
        os.close(descriptor)


async def _run(config: Config) -> int:
    """Start in order, serve until SIGTERM, stop in the opposite order."""
    from sdnotify import SystemdNotifier

    from ertedge.sensor.mute import MuteFile
    from ertedge.sensor.permits import PermitFile
    from ertedge.sensor.server import SensorServer, SensorService

    systemd = SystemdNotifier()
    stopping = asyncio.Event()
    _on_signals(stopping.set)
    mutes, permits = MuteFile(config.data_path), PermitFile(config.data_path)
    flow = make_flow(config, permits.permitted)
    service = SensorService(flow, mutes, permits, _drop_process)
    server = SensorServer(config.sensor_socket, service)
    await server.start()
    flow.start(service, mutes.muted, permits.permitted)
    systemd.notify("READY=1")
    async with asyncio.TaskGroup() as tasks:  # Should reporting fail, that is no reason to go on quietly.
        reporting = tasks.create_task(service.keep_reporting(lambda: systemd.notify("WATCHDOG=1")))
        await stopping.wait()
        reporting.cancel()
    systemd.notify("STOPPING=1")
    released = await asyncio.to_thread(flow.stop)
    await server.stop()
    if not released:
        _log.error("a driver or a network does not return; the process ends without it")
        _leave(1)
    return 0


def make_flow(config: Config, permitted: frozenset[SensorName] = frozenset()) -> Flow:
    """The flow that ``config.source`` asks for; nothing is opened yet, and only what is ``permitted`` is even asked what it
    is. Raises ConfigurationError, RecordingError."""
    kind, _, written = config.source.partition(":")
    if kind == "simulate":
        from ertedge.sensor.scenario import load_scenario
        from ertedge.sensor.simulation import Simulation

        return Simulation(load_scenario(written), written, config.suggestions.timezone)
    from ertedge.sensor.loop import SensorLoop

    return SensorLoop.of(config, permitted)


def _on_signals(stop: Callable[[], None]) -> None:
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop)


def _drop_process() -> None:
    """End this process shortly, whatever its threads do: what closes a device whose driver does not."""
    _log.error("a device does not close; the sensor process ends, so that the kernel closes it")
    asyncio.get_running_loop().call_later(_LEAVE_SECONDS, _leave, 1)


def _leave(status: int) -> None:
    logging.shutdown()
    os._exit(status)


if __name__ == "__main__":
    sys.exit(main())
