"""What a test can do to a sandbox: its JSON interface, as methods."""

from __future__ import annotations

import json
from datetime import timedelta
from http.client import HTTPConnection, HTTPException
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlsplit

if TYPE_CHECKING:
    from collections.abc import Mapping
    from decimal import Decimal
    from typing import Literal

    Record = dict[str, Any]
    Decision = Literal["pending", "approved", "rejected", "failed"]
    Kind = Literal["status", "refuse", "reset_before", "reset_after_commit", "truncate", "delay"]

TIMEOUT = 30
"""Seconds for a call of the interface."""


class SandboxError(RuntimeError):
    """The sandbox did not start, or refused what a test asked of it."""


class SandboxAPI:
    """The interface for tests. Everything that takes time goes by the sandbox's own clock: see `advance`."""

    base_url: str

    def info(self) -> Record:
        """Addresses, ids that exist from the start, operations."""
        return self._call("GET", "info")

    def requests(self) -> list[Record]:
        """The last 500 requests and why they were refused; no bodies, no queries."""
        return self._list("GET", "requests", "requests")

    def advance(self, time: timedelta | int) -> Record:
        """Move the clock forward by seconds or a timedelta; what is due happens."""
        seconds = int(time.total_seconds()) if isinstance(time, timedelta) else time
        return self._call("POST", "clock/advance", {"seconds": seconds})

    def fund(self, id: str, amount: Decimal | int | str) -> Record:
        """Fill a wallet at once: the id is a user of any API, or one of Paywint's bank accounts."""
        return self._call("POST", f"wallets/{quote(id)}/fund", {"amount": str(amount)})

    def pay(self, payment_id: str, *, payer_name: str | None = None) -> Record:
        """Pay a payment link as its page does."""
        return self._call("POST", f"payments/{quote(payment_id)}/pay", {"payer_name": payer_name})

    def reject(self, payment_id: str, *, reason: str | None = None) -> Record:
        """Refuse a payment that is open or under way; its money goes back."""
        return self._call("POST", f"payments/{quote(payment_id)}/reject", {"reason": reason})

    def refund(self, payment_id: str) -> Record:
        """Give amount and fees of a payment back that went well."""
        return self._call("POST", f"payments/{quote(payment_id)}/refund")

    def kyc(self, user_id: str, status: Decision) -> Record:
        """Decide the check of a person."""
        return self._call("POST", f"kyc/{quote(user_id)}", {"status": status})

    def forget_kyc(self, user_id: str) -> Record:
        """Forget who a user is."""
        return self._call("DELETE", f"kyc/{quote(user_id)}")

    def kyb(self, user_id: str, status: Literal["pending", "approved", "rejected"]) -> Record:
        """Decide the check of a business."""
        return self._call("POST", f"kyb/{quote(user_id)}", {"status": status})

    def forget_kyb(self, user_id: str) -> Record:
        """Forget what a user's business is."""
        return self._call("DELETE", f"kyb/{quote(user_id)}")

    def add_payee_card(
        self,
        payee_id: str,
        *,
        last_four: str | None = None,
        expiry: str | None = None,
        nick_name: str | None = None,
    ) -> Record:
        """Add a card of a payee; the expiry is `MM/YYYY`."""
        card = {"last_four": last_four, "expiry": expiry, "nick_name": nick_name}
        return self._call("POST", f"payees/{quote(payee_id)}/cards", card)

    def spend(self, card_id: str, amount: Decimal | int | str) -> Record:
        """Pay a shop with a Linora card, or be declined."""
        return self._call("POST", f"linora/cards/{quote(card_id)}/spend", {"amount": str(amount)})

    def ledger(self) -> Record:
        """Whether the books balance."""
        return self._call("GET", "ledger")

    def snapshot(self) -> Record:
        """The whole state, credentials not included; `restore` takes it."""
        return self._call("GET", "snapshot")

    def restore(self, snapshot: Record) -> Record:
        """Go back to a snapshot."""
        return self._call("POST", "restore", snapshot)

    def reset(self) -> Record:
        """Go back to the start; credentials and webhook endpoints stay."""
        return self._call("POST", "reset")

    def faults(self) -> list[Record]:
        """The faults that are still to happen."""
        return self._list("GET", "faults", "faults")

    def add_fault(
        self,
        operation: str,
        kind: Kind,
        *,
        times: int | None = 1,
        status: int | None = None,
        retry_after: int | None = None,
        delay_ms: int | None = None,
    ) -> list[Record]:
        """Let the next calls of an operation go wrong. Returns the faults that are still to happen.

        Args:
            operation: `provider/resource.method`, such as `paywint-platform/payments.create`, `provider/*`
                or `*`.
            kind: What goes wrong.
            times: How many calls it happens to; `None` for all until it is taken away.
            status: The status of the kind `status`, 200 to 599.
            retry_after: Seconds for its `Retry-After`.
            delay_ms: Milliseconds of the kind `delay`.
        """
        how = {"status": status, "retry_after": retry_after, "delay_ms": delay_ms}
        given = {name: value for name, value in how.items() if value is not None}
        # Null times are all times.
        fault = {"operation": operation, "kind": kind, "times": times, **given}
        return self._list("POST", "faults", "faults", json.dumps(fault))

    def remove_fault(self, id: int) -> list[Record]:
        """Take a fault away."""
        return self._list("DELETE", f"faults/{id}", "faults")

    def clear_faults(self) -> None:
        """Take all faults away."""
        self._call("DELETE", "faults")

    def webhook_endpoints(self) -> list[Record]:
        """Who is told of what happens; no secrets."""
        return self._list("GET", "webhooks/endpoints", "endpoints")

    def add_webhook(self, url: str, *, secret: str | None = None, **settings: object) -> Record:
        """Tell this URL of what happens from now on. The answer holds `id` and `secret`.

        Args:
            url: Where to.
            secret: Key of the signatures; made up where it is not given.
            settings: `provider`, `copies` and how deliveries are signed; docs/sandbox.md has them all.
        """
        return self._call("POST", "webhooks/endpoints", {"url": url, "secret": secret, **settings})

    def remove_webhook(self, id: str) -> None:
        """Tell an endpoint no more."""
        self._call("DELETE", f"webhooks/endpoints/{quote(id)}")

    def hold_webhooks(self, id: str) -> Record:
        """Let what an endpoint should be told wait."""
        return self._call("POST", f"webhooks/endpoints/{quote(id)}/hold")

    def release_webhooks(self, id: str, *, order: Literal["as_made", "reversed"] = "as_made") -> Record:
        """Send what waits, in this order."""
        return self._call("POST", f"webhooks/endpoints/{quote(id)}/release", {"order": order})

    def webhook_events(self) -> list[Record]:
        """What happened, newest first, with every delivery and attempt."""
        return self._list("GET", "webhooks/events", "events")

    def resend_webhook(self, event_id: str) -> Record:
        """Send an event once more."""
        return self._call("POST", f"webhooks/events/{quote(event_id)}/resend")

    def _list(self, method: str, path: str, name: str, body: str | None = None) -> list[Record]:
        records: list[Record] = self._send(method, path, body)[name]
        return records

    def _call(self, method: str, path: str, body: Mapping[str, object] | None = None) -> Record:
        given = {name: value for name, value in (body or {}).items() if value is not None}
        return self._send(method, path, None if body is None else json.dumps(given))

    def _send(self, method: str, path: str, body: str | None) -> Record:
        # No proxy of the environment comes between a test and its sandbox.
        connection = HTTPConnection(urlsplit(self.base_url).netloc, timeout=TIMEOUT)
        headers = {} if body is None else {"Content-Type": "application/json"}
        try:
            connection.request(method, f"/_sandbox/api/{path}", body, headers)
            answer = connection.getresponse()
            text = answer.read().decode()
        except (OSError, HTTPException) as error:
            raise SandboxError(f"the sandbox does not answer: {error}") from error
        finally:
            connection.close()
        if answer.status != 200:
            raise SandboxError(f"{method} {path}: the sandbox answered {answer.status}: {text}")
        parsed: Record = json.loads(text)
        return parsed
