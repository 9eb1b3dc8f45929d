"""Models in pydantic, and so in FastAPI. Only pydantic imports this; payglot does not depend on it."""

from __future__ import annotations

from contextvars import ContextVar
from importlib import import_module
from typing import Any

from ._payglot import Model

# The classes whose schema is being written: one that holds itself is an object there.
_within: ContextVar[tuple[type[Model], ...]] = ContextVar("_within", default=())


def core_schema(model: type[Model]) -> Any:
    """How models of a class are checked and written: from a model, a dict, or JSON; to the types of JSON."""
    schemas: Any = import_module("pydantic_core.core_schema")

    def check(value: object) -> Model:
        if isinstance(value, model):
            return value
        try:
            return model._checked(value)
        except TypeError as error:
            # pydantic reports only these as wrong input.
            raise ValueError(str(error)) from None

    def dump(value: Model, info: Any) -> dict[str, Any]:
        return value.to_dict(mode="json" if info.mode == "json" else "python")

    return schemas.no_info_plain_validator_function(
        check,
        # The form in which pydantic names classes, so that OpenAPI has each model once, under its name.
        ref=f"{model.__module__}.{model.__qualname__}:{id(model)}",
        serialization=schemas.plain_serializer_function_ser_schema(dump, info_arg=True),
    )


def json_schema(model: type[Model]) -> dict[str, Any]:
    """JSON Schema of a class, with that of the classes within."""
    within = _within.get()
    if model in within:
        return {"type": "object"}
    token = _within.set((*within, model))
    try:
        return model._json_schema(json_schema)
    finally:
        _within.reset(token)
