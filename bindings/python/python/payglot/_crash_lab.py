"""The crash lab of the `payglot` command, for tests."""

from __future__ import annotations

import json
import os
import subprocess
from typing import TYPE_CHECKING, NamedTuple

from ._command import WAY_OUT, find
from ._payglot import Hidden
from ._sandbox_api import SandboxError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


class CrashRun(NamedTuple):
    """One run in which the program was killed."""

    name: str
    """Where it was killed, `paywint-platform/payments.create #1, committed`. The same in every experiment."""
    problems: list[str]
    """What was wrong: done too often, lost without a word, hung. Empty where all was well."""
    note: str | None
    """What else there is to say."""


class CrashReport(NamedTuple):
    """What the runs of a crash lab showed."""

    usual: dict[str, int]
    """How often it does undisturbed what it does, by operations that create something or move money."""
    runs: list[CrashRun]
    """One for each run in which it was killed."""
    shortest_wrong: str | None
    """The name of the run that goes wrong with the fewest kills."""

    @property
    def wrong(self) -> list[CrashRun]:
        """The runs in which something was wrong."""
        return [run for run in self.runs if run.problems]


def crash_lab(
    command: Sequence[str | os.PathLike[str]],
    *,
    workers: int = 1,
    timeout: int = 30,
    webhook: str | None = None,
    trigger: str | None = None,
    random: int = 0,
    seed: int = 1,
    only: str | None = None,
    environment: Mapping[str, str] | None = None,
    binary: str | None = None,
) -> CrashReport:
    """Kill a program at every step that a sandbox can see, start it again, and read what was done.

    The program runs once undisturbed: what it does then is what it ought to do. Then it runs again for every
    step of its calls, against a fresh sandbox each time. It finds the sandbox by its environment, as every
    client does, with a funded wallet for the user `SANDBOX_USER_ID`; what it wants to remember over a crash
    belongs into the folder `CRASH_LAB_DIR`.

    Args:
        command: The program and its arguments.
        workers: How many copies run at once. All of them are killed, as when a machine dies.
        timeout: Longest time for one run, in seconds; a program that takes longer hangs.
        webhook: The program serves webhooks at this URL, and is stopped when nothing happens any more.
        trigger: A shell command that runs once in each run: before the program or, with `webhook`, when it
            listens.
        random: Also this many runs with two kills each.
        seed: Draws the same runs at random again.
        only: Only the run of this name.
        environment: Further environment variables of the program.
        binary: The `payglot` command. Otherwise what `PAYGLOT_BIN` names, else that of `payglot[testing]`.

    Raises:
        SandboxError: There is nothing to learn: the program does not get through undisturbed, or never
            calls.
    """
    # No traceback that is shown with local variables has them.
    more = Hidden(dict(environment or {}))
    del environment
    given = [
        "--workers",
        str(workers),
        "--timeout",
        str(timeout),
        "--random",
        str(random),
        "--seed",
        str(seed),
    ]
    for name, value in (("--webhook", webhook), ("--trigger", trigger), ("--only", only)):
        if value is not None:
            given += [name, value]
    line = [binary or find(), "crash-lab", "--json", *given, "--", *map(os.fspath, command)]
    problem = None
    try:
        ended = subprocess.run(
            line, stdin=subprocess.DEVNULL, capture_output=True, env={**os.environ, **more.fields()}
        )
    except OSError as error:
        problem = f"the crash lab cannot be started ({error.strerror}); {WAY_OUT}"
    if problem is not None:
        # Not within the handler: the frames of `subprocess` hold the whole environment.
        raise SandboxError(problem)
    if ended.returncode not in (0, 1):
        raise SandboxError(ended.stderr.decode(errors="replace").strip() or "the crash lab said nothing")
    told = json.loads(ended.stdout)
    return CrashReport(told["usual"], [CrashRun(**run) for run in told["runs"]], told["shortest_wrong"])
