"""Parity: everything that the documents have is there, under its name."""

from __future__ import annotations

import importlib
import inspect
import json
from pathlib import Path
from typing import Any

import payglot
import pytest

SURFACE = json.loads((Path(__file__).parents[3] / "tests/contract/generated_surface.json").read_text())
PROVIDERS = [pytest.param(provider, id=provider["name"]) for provider in SURFACE["providers"]]


def client(provider: dict[str, Any], prefix: str) -> Any:
    credentials = {credential["python"]: "x" for credential in provider["credentials"]}
    return getattr(payglot, prefix + provider["class"])(base_url="http://127.0.0.1:1", **credentials)


@pytest.mark.parametrize("prefix", ["", "Async"])
@pytest.mark.parametrize("provider", PROVIDERS)
def test_operations(provider: dict[str, Any], prefix: str) -> None:
    there = client(provider, prefix)
    for view in (there, there.with_raw_response):
        for operation in provider["operations"]:
            resource, name = operation["python"]
            method = getattr(getattr(view, resource), name)
            assert inspect.getdoc(method), operation["name"]
            parameters = inspect.signature(method).parameters
            positional = [n for n, p in parameters.items() if p.kind is p.POSITIONAL_OR_KEYWORD]
            assert positional == operation["positional"], operation["name"]
            for argument in operation["keywords"]:
                parameter = parameters[argument["python"]]
                assert parameter.kind is parameter.KEYWORD_ONLY, operation["name"]
                is_required = parameter.default is parameter.empty
                assert is_required == argument["required"], (operation["name"], argument)
            for option in ("timeout", "max_retries", "headers"):
                assert option in parameters, operation["name"]


@pytest.mark.parametrize("provider", PROVIDERS)
def test_models_and_enums(provider: dict[str, Any]) -> None:
    types = importlib.import_module(f"payglot.types.{provider['module']}")
    for model in provider["models"]:
        there = getattr(types, model["name"])
        assert issubclass(there, payglot.types.Model)
        for field in model["fields"] + model["helpers"]:
            assert field["python"] in dir(there), (model["name"], field)
    for enum in provider["enums"]:
        for value in enum["values"]:
            assert getattr(getattr(types, enum["name"]), value["python"]) == value["wire"]


def test_errors() -> None:
    for error in SURFACE["errors"]:
        there = getattr(payglot, error["name"])
        assert issubclass(there, Exception)
        assert there.__doc__
        if error["parent"]:
            assert getattr(payglot, error["parent"]) in there.__bases__
        for field in error["fields"]:
            assert hasattr(there("text"), field["python"]), (error["name"], field)
