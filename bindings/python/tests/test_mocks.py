"""Clients in other people's tests: patched, autospecced, and not pickled (issue 15.3)."""

from __future__ import annotations

import asyncio
import copy
import pickle
from collections.abc import Callable
from typing import Any
from unittest import mock

import payglot
import pytest
from conftest import USER
from payglot.types.paywint_platform import PlatformPaymentRead

PAYMENT = PlatformPaymentRead(payment_id="p-1")


@pytest.fixture
def client() -> payglot.PaywintPlatform:
    return payglot.PaywintPlatform(platform_id="p", secret_key="s")


@pytest.fixture
def async_client() -> payglot.AsyncPaywintPlatform:
    return payglot.AsyncPaywintPlatform(platform_id="p", secret_key="s")


def test_issue_15_3_a_method_of_a_client_is_patched(client: payglot.PaywintPlatform) -> None:
    with mock.patch.object(client.payments, "get", return_value=PAYMENT) as get:
        assert client.payments.get(USER) is PAYMENT
    get.assert_called_once_with(USER)
    with mock.patch.object(client.payments, "get", autospec=True, return_value=PAYMENT):
        assert client.payments.get(USER) is PAYMENT
        with pytest.raises(TypeError):
            client.payments.get(USER, colour="red")  # type: ignore[call-arg]


def test_issue_15_3_a_client_is_autospecced(client: payglot.PaywintPlatform) -> None:
    double: Any = mock.create_autospec(client)
    double.payments.get.return_value = PAYMENT
    assert double.payments.get(USER) is PAYMENT
    with pytest.raises(AttributeError):
        double.payments.fetch(USER)
    with pytest.raises(TypeError):
        double.payments.get(USER, "too", "many")


def test_issue_15_3_mocks_of_async_methods_are_awaited(async_client: payglot.AsyncPaywintPlatform) -> None:
    async def call(get: Callable[[str], Any]) -> Any:
        return await get(USER)

    with mock.patch.object(async_client.payments, "get", return_value=PAYMENT) as get:
        assert asyncio.run(call(async_client.payments.get)) is PAYMENT
    get.assert_awaited_once_with(USER)
    double: Any = mock.create_autospec(async_client)
    double.payments.get.return_value = PAYMENT
    assert asyncio.run(call(double.payments.get)) is PAYMENT
    # A list is iterated, or awaited; its mock is no coroutine.
    assert not isinstance(double.payments.list_received, mock.AsyncMock)


@pytest.mark.parametrize("copied", [pickle.dumps, copy.copy, copy.deepcopy])
def test_issue_15_3_what_has_connections_says_why_it_is_not_copied(
    client: payglot.PaywintPlatform,
    async_client: payglot.AsyncPaywintPlatform,
    copied: Callable[[object], object],
) -> None:
    for value in (client, client.payments, async_client, async_client.payments):
        with pytest.raises(
            TypeError, match="Make a client in each process, for example in the initializer of a pool"
        ):
            copied(value)
