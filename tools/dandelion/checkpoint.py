"""The optimizer's whole state as a JSON file, so that a resumed run equals one that was never interrupted. Host side only.

Numbers are written so that they read back to the same bits; infinite values, which a failed evaluation gets, are written
as null. The file is replaced in one step: an interruption while writing leaves the file before.
"""

from __future__ import annotations

import json
import math
from collections import deque
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from ertedge.errors import ConfigurationError
from tools.dandelion.distribution import Distribution, Rates
from tools.dandelion.efficient import EfficientDandelion, Parts, Season, Seed
from tools.dandelion.landscapes import Float64Array
from tools.dandelion.meadow import Flight, Meadow
from tools.dandelion.space import Space
from tools.dandelion.terrain import Terrain

VERSION = 1

Json = dict[str, Any]


def save(optimizer: EfficientDandelion, path: Path) -> None:
    """Write the optimizer's state to ``path``."""
    write(state_of(optimizer), path)


def load(path: Path, space: Space) -> EfficientDandelion:
    """The optimizer as it was saved, over the same space.

    Seeds that were out when it was saved are still out: whoever resumes evaluates ``optimizer.out`` again. Raises
    ``ConfigurationError`` where the file is none of ours or was made with another space.
    """
    return from_state(read(path), space, str(path))


def write(state: Json, path: Path) -> None:
    """Replace the file by this state, in one step."""
    beside = path.with_name(path.name + ".part")
    beside.write_text(json.dumps(state, allow_nan=False))
    beside.replace(path)


def read(path: Path) -> Json:
    """The state in a file. Raises ``ConfigurationError`` where it cannot be read as one."""
    try:
        state = json.loads(path.read_text())
    except (OSError, ValueError) as error:
        raise ConfigurationError([f"cannot be read as a checkpoint: {error}"], str(path)) from error
    if not isinstance(state, dict):
        raise ConfigurationError(["is no checkpoint; start anew without it"], str(path))
    return state


def state_of(optimizer: EfficientDandelion) -> Json:
    """The whole state in terms of JSON."""
    season = optimizer.season
    state: Json = {
        "version": VERSION,
        "parameters": {name: repr(parameter) for name, parameter in optimizer.space.parameters.items()},
        "evaluations": optimizer.evaluations,
        "parts": asdict(optimizer.parts),
        "random": optimizer.rng.bit_generator.state,
        "points": _lists(optimizer.points),
        "values": _finite(optimizer.values),
        "waiting": [_from_seed(seed) for seed in optimizer.waiting],
        "out": [_from_seed(seed) for seed in optimizer.out.values()],
        "asked": optimizer.asked,
        "season": {
            "seeds": season.seeds,
            "landed": [_from_seed(seed) for seed, _ in season.landed],
            "landed_values": _finite([value for _, value in season.landed]),
            "distribution": None if season.distribution is None else _from_distribution(season.distribution),
            "meadow": None if season.meadow is None else _from_meadow(season.meadow),
            "ground": None if season.ground is None else _from_ground(season.ground),
            "trust": season.trust,
            "best": _finite([season.best])[0],
            "idle": season.idle,
            "generation": season.generation,
        },
    }
    return state


def from_state(state: Json, space: Space, source: str = "checkpoint") -> EfficientDandelion:
    """The inverse of ``state_of``. Raises ``ConfigurationError`` for another version or another space."""
    if state.get("version") != VERSION:
        raise ConfigurationError([f"is no checkpoint of version {VERSION}; start anew without it"], source)
    if state["parameters"] != {name: repr(parameter) for name, parameter in space.parameters.items()}:
        raise ConfigurationError(["was made for other parameters; start anew without it"], source)
    optimizer = EfficientDandelion(space, state["evaluations"], parts=Parts(**state["parts"]))
    optimizer.rng.bit_generator.state = state["random"]
    optimizer.points = [np.array(point) for point in state["points"]]
    optimizer.values = _infinite(state["values"])
    optimizer.waiting = deque(_to_seed(seed, space) for seed in state["waiting"])
    optimizer.out = {seed["number"]: _to_seed(seed, space) for seed in state["out"]}
    optimizer.asked = state["asked"]
    optimizer.season = _to_season(state["season"], space)
    return optimizer


def _to_season(state: Json, space: Space) -> Season:
    landed = [_to_seed(seed, space) for seed in state["landed"]]
    return Season(
        state["seeds"],
        Rates.of(state["seeds"], space.dimensions),
        list(zip(landed, _infinite(state["landed_values"]), strict=True)),
        None if state["distribution"] is None else _to_distribution(state["distribution"]),
        None if state["meadow"] is None else _to_meadow(state["meadow"]),
        None if state["ground"] is None else _to_ground(state["ground"]),
        state["trust"],
        _infinite([state["best"]])[0],
        state["idle"],
        state["generation"],
    )


def _from_seed(seed: Seed) -> Json:
    flight = None if seed.flight is None else asdict(seed.flight)
    return {"number": seed.number, "stage": seed.stage, "point": seed.point.tolist(), "flight": flight}


def _to_seed(state: Json, space: Space) -> Seed:
    point = np.array(state["point"])
    flight = None if state["flight"] is None else Flight(**state["flight"])
    return Seed(state["number"], state["stage"], point, space.decode(point), flight)


def _from_distribution(distribution: Distribution) -> Json:
    return {
        "centre": distribution.centre.tolist(),
        "width": distribution.width,
        "shape": distribution.shape.tolist(),
        "axes": distribution.axes.tolist(),
        "lengths": distribution.lengths.tolist(),
        "path": distribution.path.tolist(),
        "floor": distribution.floor.tolist(),
        "success": distribution.success.tolist(),
        "lead": distribution.lead,
        "generation": distribution.generation,
        "previous": None if distribution.previous is None else _finite(distribution.previous.tolist()),
    }


def _to_distribution(state: Json) -> Distribution:
    return Distribution(
        np.array(state["centre"]),
        state["width"],
        np.array(state["shape"]),
        # The memory order of the axes decides the last bit of products with them; LAPACK's is by columns.
        np.asfortranarray(state["axes"]),
        np.array(state["lengths"]),
        np.array(state["path"]),
        np.array(state["success"]),
        np.array(state["floor"]),
        state["lead"],
        state["generation"],
        None if state["previous"] is None else np.array(_infinite(state["previous"])),
    )


def _from_meadow(meadow: Meadow) -> Json:
    return {
        "places": meadow.places.tolist(),
        "values": _finite(meadow.values.tolist()),
        "displaced": _lists(meadow.displaced),
        "winds": meadow.winds.tolist(),
        "exchanges": meadow.exchanges.tolist(),
        "slot": meadow.slot,
    }


def _to_meadow(state: Json) -> Meadow:
    return Meadow(
        np.array(state["places"]),
        np.array(_infinite(state["values"])),
        [np.array(place) for place in state["displaced"]],
        np.array(state["winds"]),
        np.array(state["exchanges"]),
        state["slot"],
    )


def _from_ground(ground: Terrain) -> Json:
    return {
        "kind": ground.kind,
        "coefficients": ground.coefficients.tolist(),
        "frame": _from_distribution(ground.frame),
    }


def _to_ground(state: Json) -> Terrain:
    return Terrain(state["kind"], np.array(state["coefficients"]), _to_distribution(state["frame"]))


def _lists(arrays: list[Float64Array]) -> list[list[float]]:
    return [array.tolist() for array in arrays]


def _finite(values: list[float]) -> list[float | None]:
    return [value if math.isfinite(value) else None for value in values]


def _infinite(values: list[float | None]) -> list[float]:
    return [math.inf if value is None else value for value in values]
