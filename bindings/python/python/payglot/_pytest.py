"""Fixtures for pytest, which finds them by itself: `payglot_sandbox`, and a client of it for every API."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from .testing import Sandbox

from ._generated_index import PROVIDERS

MARKER = "payglot_sandbox(seed, state, strict, webhook, webhook_secret): options of `payglot_sandbox`"


def pytest_configure(config: pytest.Config) -> None:
    """Make the marker known."""
    config.addinivalue_line("markers", MARKER)


@pytest.fixture
def payglot_sandbox(request: pytest.FixtureRequest) -> Iterator[Sandbox]:
    """A sandbox of this test alone; `@pytest.mark.payglot_sandbox(seed=7)` gives it options."""
    from .testing import Sandbox

    marker = request.node.get_closest_marker("payglot_sandbox")
    with Sandbox(**(marker.kwargs if marker else {})) as sandbox:
        yield sandbox


def _client_of(name: str) -> Callable[..., Iterator[Any]]:
    def client(payglot_sandbox: Sandbox) -> Iterator[Any]:
        import payglot

        with payglot_sandbox.client(getattr(payglot, name)) as ready:
            yield ready

    client.__doc__ = f"A `{name}` client of this test's sandbox."
    return client


for _class, (_module, _) in PROVIDERS.items():
    globals()[f"sandbox_{_module}"] = pytest.fixture(_client_of(_class), name=f"sandbox_{_module}")
