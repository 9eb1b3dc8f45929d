"""A sandbox for tests: a process of its own that stands in for all APIs.

With pytest, ask for the fixture `payglot_sandbox`.
"""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
from typing import TYPE_CHECKING, Any, TypeVar

from ._command import WAY_OUT, find
from ._crash_lab import CrashReport, CrashRun, crash_lab
from ._generated_sandbox_api import SandboxAPI
from ._payglot import Hidden
from ._providers import provider_of
from ._sandbox_api import SandboxError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from types import TracebackType

    from ._client import BaseClient

__all__ = ["CrashReport", "CrashRun", "Sandbox", "SandboxError", "crash_lab"]

Client = TypeVar("Client", bound="BaseClient")
SECONDS_TO_STOP = 5


class Sandbox(SandboxAPI):
    """A sandbox on a free port of this machine. It ends with this process at the latest, however that ends.

    It starts when it is made, and stops at the end of a `with` statement or with `stop`:

        with Sandbox() as sandbox, sandbox.client(PaywintPlatform) as client:
            client.cards.create_add_link(sandbox.user_id, card_purpose="PAYMENT")

    Args:
        seed: Makes credentials and identifiers the same in every run.
        state: File that keeps everything; otherwise it is kept in memory.
        strict: Refuse what the documents do not declare.
        webhook: Where to deliver webhooks: a URL, or several.
        webhook_secret: Key of the webhooks' signatures. Otherwise one is made up: see `webhooks`.
        binary: The `payglot` command. Otherwise what `PAYGLOT_BIN` names, else that of `payglot[testing]`.

    Raises:
        SandboxError: It did not start.
    """

    base_url: str
    """Where it listens, for all APIs alike."""

    token: str
    """What changes by its JSON interface must bring, as `Authorization: Bearer`. The methods bring it."""

    user_id: str
    """A user who is there from the start."""

    credentials: Mapping[str, str]
    """The credentials that it takes, by name. They are good for this sandbox alone."""

    environment: Mapping[str, str]
    """The environment variables by which clients find it and authenticate."""

    webhooks: list[dict[str, str]]
    """`url` and `secret` of each endpoint that `webhook` named."""

    def __init__(
        self,
        *,
        seed: int | None = None,
        state: str | os.PathLike[str] | None = None,
        strict: bool = False,
        webhook: str | Iterable[str] = (),
        webhook_secret: str | None = None,
        binary: str | None = None,
    ) -> None:
        # First: no traceback that is shown with local variables has it. Not an argument of the command
        # either, which everybody on the machine can read.
        secret = Hidden({} if webhook_secret is None else {"PAYGLOT_SANDBOX_WEBHOOK_SECRET": webhook_secret})
        del webhook_secret
        urls = " ".join([webhook] if isinstance(webhook, str) else webhook)
        more = Hidden(secret.fields(), {"PAYGLOT_SANDBOX_WEBHOOKS": urls} if urls else None)
        del webhook, urls
        command = [binary or find(), "sandbox", "--listen", "127.0.0.1:0", "--json", "--exit-with-stdin"]
        if seed is not None:
            command += ["--seed", str(seed)]
        if state is not None:
            command += ["--state", os.fspath(state)]
        if strict:
            command.append("--strict")
        self._process, told = _start(command, more)
        self.base_url = told.pop("base_url")
        self.token = told.pop("token")
        self.user_id = told.pop("user_id")
        self.environment = told.pop("environment")
        self.webhooks = told.pop("webhooks", [])
        self.credentials = told

    def client(self, kind: type[Client], **options: Any) -> Client:
        """Make a client of this sandbox, which goes through no proxy.

        Args:
            kind: A class of payglot, such as `PaywintPlatform` or `AsyncPaywintPlatform`.
            options: What the client is told beside host and credentials.
        """
        provider = provider_of(kind)
        if provider is None:
            raise TypeError("client() takes a class of a client, such as PaywintPlatform")
        module, credentials = provider
        told = self.credentials
        # Where two APIs have credentials of one name, the second has its own name in front.
        given = {name: told.get(f"{module}_{name}") or told[name] for name in credentials}
        return kind(**{**given, "base_url": self.base_url, "proxy": False, **options})

    def stop(self) -> None:
        """Stop it, and wait until it is gone. A second call does nothing."""
        process = self._process
        if process.stdin is not None:
            process.stdin.close()
        try:
            process.wait(SECONDS_TO_STOP)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        if process.stdout is not None:
            process.stdout.close()

    def __enter__(self) -> Sandbox:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.stop()

    def __repr__(self) -> str:
        # A traceback shows one that did not start.
        return f"Sandbox({vars(self).get('base_url', 'not made')})"


def _start(command: list[str], more: Hidden) -> tuple[subprocess.Popen[bytes], dict[str, Any]]:
    """Start the process, with more variables than this one has; it has started when it says so."""
    with tempfile.TemporaryFile() as errors:
        problem = None
        try:
            process = subprocess.Popen(
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                env={**os.environ, **more.fields()},
            )
        except OSError as error:
            problem = f"the sandbox cannot be started ({error.strerror}); {WAY_OUT}"
        if problem is not None:
            # Not within the handler: the frames of `subprocess` hold the whole environment.
            raise SandboxError(problem)
        assert process.stdout is not None and process.stdin is not None
        line = process.stdout.readline()
        try:
            return process, json.loads(line)
        except ValueError:
            process.kill()
            process.wait()
            process.stdin.close()
            process.stdout.close()
            errors.seek(0)
            reason = errors.read().decode(errors="replace").strip() or "it said nothing"
            raise SandboxError(f"the sandbox did not start: {reason}") from None
