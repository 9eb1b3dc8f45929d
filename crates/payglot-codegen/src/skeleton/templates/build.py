"""Builds the wheel and the npm package into dist/. `--debug` leaves optimization out."""

import json
import os
import platform
import shutil
import subprocess
import sys
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent
DIST = ROOT / "dist"
TARGET = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))
MACHINES = {"x86_64": "x64", "AMD64": "x64", "aarch64": "arm64", "arm64": "arm64"}
LIBRARIES = {"linux": "lib{}.so", "darwin": "lib{}.dylib", "win32": "{}.dll"}


def run(*words: object) -> None:
    subprocess.run([str(word) for word in words], cwd=ROOT, check=True)


def program(name: str) -> Path:
    """A program of the virtual environment that this makes for itself."""
    folder = ROOT / ".tools"
    if not folder.is_dir():
        venv.create(folder, with_pip=True)
        run(program("python"), "-m", "pip", "install", "--quiet", "-r", "tools/build-python.txt")
    return folder / ("Scripts" if os.name == "nt" else "bin") / name


def main() -> None:
    debug = "--debug" in sys.argv[1:]
    profile = ["--profile", "dev"] if debug else ["--release"]
    shutil.rmtree(DIST, ignore_errors=True)
    DIST.mkdir()
    manifest = ROOT / "bindings/python/Cargo.toml"
    run(program("maturin"), "build", "--quiet", *profile, "--manifest-path", manifest, "--out", DIST)
    run("cargo", "build", "--quiet", *profile, "--package", "payglot-node")
    node = ROOT / "bindings/node"
    built = TARGET / ("debug" if debug else "release") / LIBRARIES[sys.platform].format("payglot_node")
    name = json.loads((node / "package.json").read_text())["name"]
    shutil.copy(built, node / f"{name}.{sys.platform}-{MACHINES[platform.machine()]}.node")
    for licence in ROOT.glob("LICENSE-*"):
        shutil.copy(licence, node)
    npm = "npm.cmd" if os.name == "nt" else "npm"
    run(npm, "pack", "--silent", "--pack-destination", DIST, node)
    print(*sorted(path.relative_to(ROOT) for path in DIST.iterdir()), sep="\n")


main()
