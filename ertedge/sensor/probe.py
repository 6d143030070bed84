"""What the sensor process would find: ``python -m ertedge.sensor.probe`` prints one JSON object and ends. Floor 2.

``ertedge-ctl doctor`` runs it in a process of its own, so that a device library that crashes takes no one with it, and so
that the check works while no daemon does. Nothing is opened that would light a camera up, and before somebody has agreed
nothing at all.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from pathlib import Path

import numpy as np

from ertedge import config
from ertedge.capture.discover import find_devices
from ertedge.errors import ErtedgeError
from ertedge.inference.manifest import default_models_dir, load_manifest
from ertedge.sensor.permits import PermitFile

REPEATS = 20


def probe(settings: config.Config) -> dict[str, object]:
    """Cameras, microphones and models, each with what is wrong with it and what to do."""
    found = find_devices(settings, PermitFile(settings.data_path).permitted)
    return {
        "camera": found.camera.name if found.camera else "",
        "camera_advice": found.camera_advice,
        "microphone": found.microphone.name if found.microphone else "",
        "microphone_advice": found.microphone_advice,
        "models": _probe_models(settings),
    }


def _probe_models(settings: config.Config) -> list[dict[str, object]]:
    try:
        manifest = load_manifest(Path(settings.models_dir) if settings.models_dir else default_models_dir())
    except ErtedgeError as error:
        return [{"name": "manifest", "inference_us": 0, "error": str(error)}]
    results: list[dict[str, object]] = []
    for entry in manifest.models:
        try:
            trial = manifest.open_trial(entry.name, settings.sensor.threads)
            times = []
            for _ in range(REPEATS):
                started = time.perf_counter_ns()
                trial()
                times.append(time.perf_counter_ns() - started)
            results.append({"name": entry.name, "inference_us": int(np.median(times)) // 1000, "error": ""})
        except ErtedgeError as error:
            results.append({"name": entry.name, "inference_us": 0, "error": str(error)})
    return results


def main() -> int:
    """Command line."""
    parser = argparse.ArgumentParser(prog="python -m ertedge.sensor.probe", description="Print what devices there are.")
    parser.add_argument("--config", type=Path, default=None, help="the daemon's configuration file")
    arguments = parser.parse_args()
    try:
        print(json.dumps(probe(config.load(arguments.config))))  # noqa: T201
    except ErtedgeError as error:
        print(error, file=sys.stderr)  # noqa: T201
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
