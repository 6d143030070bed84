"""Generates ``ertedge/v1`` and ``ertedge/sensor/v1`` from ``protos/``; with ``--check``, says whether they are current.

The generated code is committed, so that a device needs no compiler. ``protoc`` comes with ``grpcio-tools``, pinned in the
``dev`` extra to a release whose code runs on protobuf 6.33 and on 7.x.
"""

from __future__ import annotations

import argparse
import filecmp
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PROTOS = ROOT / "protos"
PACKAGES = {
    "ertedge/v1": "Messages and services of the public API. Generated from ``protos/ertedge/v1``; never edited.",
    "ertedge/sensor/v1": "The service inside the device. Generated from ``protos/ertedge/sensor/v1``; never edited.",
}


def generate(out: Path) -> list[Path]:
    """Write every generated file below ``out`` and return their paths relative to it."""
    sources = sorted(str(path.relative_to(PROTOS)) for path in PROTOS.rglob("*.proto"))
    plugins = Path(sys.executable).parent
    options = ["python", "pyi", "grpc_python", "mypy_grpc"]
    command = [sys.executable, "-m", "grpc_tools.protoc", f"-I{PROTOS}"]
    command += [f"--plugin=protoc-gen-mypy_grpc={plugins / 'protoc-gen-mypy_grpc'}"]
    command += [f"--{option}_out={out}" for option in options]
    subprocess.run([*command, *sources], check=True, stdout=subprocess.DEVNULL)
    for package, docstring in PACKAGES.items():
        (out / package / "__init__.py").write_text(f'"""{docstring}"""\n', encoding="utf-8")
    return sorted(path.relative_to(out) for package in PACKAGES for path in (out / package).glob("*.py*"))


def differences(root: Path = ROOT) -> list[str]:
    """The generated files under ``root`` that differ from what ``protos/`` gives now, are missing, or are left over."""
    with tempfile.TemporaryDirectory() as directory:
        fresh = generate(Path(directory))
        stale = [
            str(path)
            for path in fresh
            if not (root / path).exists() or not filecmp.cmp(Path(directory) / path, root / path, shallow=False)
        ]
        present = {path.relative_to(root) for package in PACKAGES for path in (root / package).glob("*.py*")}
    return stale + [f"{path} (left over)" for path in sorted(present - set(fresh))]


def main() -> int:
    """Command line; exit status 1 when ``--check`` finds a difference."""
    parser = argparse.ArgumentParser(prog="python -m tools.generate", description=__doc__)
    parser.add_argument("--check", action="store_true", help="change nothing; exit 1 if generated code is not current")
    arguments = parser.parse_args()
    if not arguments.check:
        for package in PACKAGES:
            (ROOT / package).mkdir(parents=True, exist_ok=True)
        print(f"{len(generate(ROOT))} files generated")
        return 0
    stale = differences()
    if stale:
        print(f"not current, run `make proto`: {', '.join(stale)}", file=sys.stderr)
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main())
