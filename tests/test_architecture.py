"""The floors of the house, asserted from the source, and what each process may load, asserted in subprocesses."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "ertedge"

GENERATED = {"v1", "sensor.v1"}
"""Made from protos/: messages without behaviour, which only the rooms named in ``MAY_IMPORT`` touch."""

WORDS = {"types", "errors", "config"}
HANDS = {"capture", "inference", "store"}
THOUGHT = {"perception", "affect", "recommend", "wellbeing"}
FLOW = {"sensor", "core"}

MAY_IMPORT: dict[str, set[str]] = {
    "types": set(),
    "errors": set(),
    "config": {"errors"},
    **dict.fromkeys(HANDS | THOUGHT, WORDS),
    "sensor": WORDS | HANDS | THOUGHT | {"sensor.v1", "v1"},
    "core": WORDS | HANDS | THOUGHT,
    "rpc": WORDS | FLOW | {"v1"},
    "composition": WORDS | HANDS | THOUGHT | FLOW | {"rpc"},
    "maintenance": WORDS | {"store", "core"},
    "daemon": WORDS | FLOW | {"rpc", "composition"},
    "ctl": {"types", "errors", "config", "rpc", "maintenance"},
    "kiosk": {"types", "errors", "config", "rpc"},
}
"""For each room, the rooms that it may import beside itself and the package's version."""

FORBIDDEN_IN_THOUGHT = {
    "socket",
    "sqlite3",
    "sqlite_utils",
    "time",
    "datetime",
    "sounddevice",
    "picamera2",
    "av",
    "grpc",
}
HOST_ONLY = ("torch", "openvino", "sklearn", "matplotlib", "statsmodels", "pyarrow", "pandas")
DEVICES = ("cv2", "sounddevice", "picamera2")


def modules() -> list[Path]:
    return [p for p in sorted(PACKAGE.rglob("*.py")) if room_of(p) not in GENERATED and p != PACKAGE / "__init__.py"]


def room_of(path: Path) -> str:
    """The room a source file belongs to: its first folder (or name), with generated packages apart."""
    parts = path.relative_to(PACKAGE).with_suffix("").parts
    return room_of_name(".".join(("ertedge", *parts)))


def room_of_name(module: str) -> str:
    parts = module.split(".")[1:]
    return "sensor.v1" if parts[:2] == ["sensor", "v1"] else parts[0]


def imports_of(path: Path) -> list[tuple[int, str]]:
    """Every module that ``path`` imports, anywhere in it, with its line. ``from a import b`` counts as ``a.b``."""
    found: list[tuple[int, str]] = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found += [(node.lineno, alias.name) for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}:{node.lineno}: imports are absolute here"
            found += [(node.lineno, f"{node.module}.{alias.name}") for alias in node.names]
    return found


def test_every_room_is_on_the_plan() -> None:
    assert {room_of(path) for path in modules()} <= set(MAY_IMPORT)


@pytest.mark.parametrize("path", modules(), ids=lambda path: str(path.relative_to(PACKAGE)))
def test_imports_go_downward_only(path: Path) -> None:
    room = room_of(path)
    allowed = MAY_IMPORT[room] | {room, "__version__"}
    wrong = [
        f"line {line}: {room} may not import {name}"
        for line, name in imports_of(path)
        if name.split(".")[0] == "ertedge" and room_of_name(name) not in allowed
    ]
    assert not wrong
    assert not [name for _, name in imports_of(path) if name.split(".")[0] in ("tools", "tests")]


@pytest.mark.parametrize(
    "path", [p for p in modules() if room_of(p) in THOUGHT], ids=lambda path: str(path.relative_to(PACKAGE))
)
def test_thought_has_no_device_no_socket_no_database_and_no_clock(path: Path) -> None:
    assert not {name.split(".")[0] for _, name in imports_of(path)} & FORBIDDEN_IN_THOUGHT


@pytest.mark.parametrize("path", modules(), ids=lambda path: str(path.relative_to(PACKAGE)))
def test_no_function_changes_the_state_of_its_module(path: Path) -> None:
    assert not [node for node in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(node, ast.Global)]


_IMPORT_ALL = """
import importlib, sys
class Blocked:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in {blocked!r}:
            raise ModuleNotFoundError(f"{{name}} is blocked", name=name)
sys.meta_path.insert(0, Blocked())
for name in {names!r}:
    importlib.import_module(name)
loaded = sorted(set(sys.modules) & set({blocked!r}))
assert not loaded, loaded
print("imported", len({names!r}))
"""


def _import_with_blocked(names: list[str], blocked: tuple[str, ...]) -> None:
    source = _IMPORT_ALL.format(names=names, blocked=blocked)
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", source], capture_output=True, text=True, check=False, cwd=ROOT
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == f"imported {len(names)}"


def _name(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def test_every_device_module_imports_without_the_hosts_packages() -> None:
    names = [_name(path) for path in modules() if path.name != "__main__.py"]
    _import_with_blocked(names, HOST_ONLY)


def test_the_core_process_imports_without_the_devices_packages() -> None:
    rooms = WORDS | {"store", "affect", "core", "rpc", "daemon", "ctl"}
    names = [_name(path) for path in modules() if room_of(path) in rooms and path.name != "__main__.py"]
    _import_with_blocked([*names, "ertedge.sensor.client", "ertedge.inference.manifest"], HOST_ONLY + DEVICES)
