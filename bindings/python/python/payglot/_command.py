"""The `payglot` command, a program of its own: where it is, and how it is run."""

from __future__ import annotations

import os
import sys

from ._payglot import __version__

PACKAGE = "payglot-cli"
NAME = "payglot.exe" if os.name == "nt" else "payglot"
WAY_OUT = "install it with `pip install 'payglot[testing]'`, or say in PAYGLOT_BIN where it is"


def find() -> str:
    """Where the program is: what `PAYGLOT_BIN` names, else that of `payglot-cli`, else one on the path."""
    return os.environ.get("PAYGLOT_BIN") or _packaged() or NAME


def _packaged() -> str | None:
    from importlib.metadata import PackageNotFoundError, distribution

    try:
        package = distribution(PACKAGE)
    except PackageNotFoundError:
        return None
    if package.version != __version__:
        message = f"{PACKAGE} is version {package.version}, payglot is {__version__}; install both anew"
        raise RuntimeError(message)
    programs = [path.locate() for path in package.files or () if path.name == NAME]
    return next((str(program) for program in programs if os.path.isfile(str(program))), None)


def main() -> None:
    """Run the program instead of this one, with its arguments."""
    command = [find(), *sys.argv[1:]]
    try:
        if os.name == "nt":
            from subprocess import call

            sys.exit(call(command))
        os.execvp(command[0], command)
    except OSError as error:
        sys.exit(f"payglot: cannot run {command[0]}: {error.strerror}; {WAY_OUT}")
