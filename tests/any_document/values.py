"""Values that fit a schema, as someone who reads the document would write them. Knows nothing of the generator."""

from __future__ import annotations

from typing import Any
from urllib.parse import unquote

Json = Any

# What stands for bytes in a plan, which is JSON.
BYTES = "$bytes"
FILE = "a file, with ünicode\n"


class Values:
    """Makes values for the schemas of one document."""

    def __init__(self, document: dict[str, Json]) -> None:
        self.document = document
        schemas = (document.get("components") or {}).get("schemas") or {}
        for name, schema in schemas.items():
            if isinstance(schema, dict) and schema.get("$recursiveAnchor") is True:
                self.anchor(schema, f"#/components/schemas/{name}")

    def anchor(self, value: Json, target: str) -> None:
        """Makes references to the schema that they stand in plain ones."""
        if isinstance(value, dict):
            if value.pop("$recursiveRef", None) is not None:
                value["$ref"] = target
            value = list(value.values())
        for one in value if isinstance(value, list) else ():
            self.anchor(one, target)

    def resolve(self, value: Json) -> Json:
        """What a reference leads to."""
        for _ in range(32):
            if not isinstance(value, dict) or not isinstance(value.get("$ref"), str):
                return value
            found: Json = self.document
            for step in value["$ref"].removeprefix("#/").split("/"):
                name = unquote(step).replace("~1", "/").replace("~0", "~")
                found = found[int(name)] if isinstance(found, list) else found[name]
            value = found
        raise ValueError("references go round in circles")

    def merged(self, schema: Json, depth: int = 0) -> dict[str, Json]:
        """A schema with the parts of its `allOf` in it."""
        schema = self.resolve(schema)
        if not isinstance(schema, dict):
            return {}
        parts = schema.get("allOf")
        if not parts or depth > 12:
            return schema
        whole: dict[str, Json] = {"properties": {}, "required": []}
        for part in [*(self.merged(part, depth + 1) for part in parts), schema]:
            for key, value in part.items():
                if key == "properties":
                    whole["properties"] = {**whole["properties"], **value}
                elif key == "required" and isinstance(value, list):
                    whole["required"] = [*whole["required"], *value]
                elif key != "allOf":
                    whole[key] = value
        return {
            key: value
            for key, value in whole.items()
            if value or key not in ("properties", "required")
        }

    def kind(self, schema: dict[str, Json]) -> str:
        """The type of a merged schema; empty where it is any."""
        kind = schema.get("type")
        if isinstance(kind, list):
            kind = next((one for one in kind if one != "null"), "")
        if not kind and (schema.get("properties") or "additionalProperties" in schema):
            kind = "object"
        if not kind and "items" in schema:
            kind = "array"
        return kind or ""

    def value(
        self, schema: Json, *, sent: bool, depth: int = 0, seen: tuple[int, ...] = ()
    ) -> Json:
        """A value for a request (`sent`) or a response."""
        target = self.resolve(schema)
        seen = (*seen, id(target))
        heir = self.heir(target)
        if heir is not None:
            name, part = heir
            value = self.value(part, sent=sent, depth=depth, seen=seen)
            if isinstance(value, dict):
                value[target["discriminator"]["propertyName"]] = name
            return value
        whole = self.merged(target)
        if "const" in whole:
            return whole["const"]
        known = [one for one in whole.get("enum") or [] if one is not None]
        if known:
            return known[0]
        for key in ("oneOf", "anyOf"):
            parts = [
                part
                for part in whole.get(key) or []
                if self.kind(self.merged(part)) != "null"
            ]
            usable = [
                part for part in parts if id(self.resolve(part)) not in seen
            ] or parts
            if usable and not whole.get("properties"):
                return self.variant(whole, usable[0], sent=sent, depth=depth, seen=seen)
        kind = self.kind(whole)
        if kind == "object":
            return self.object(whole, sent=sent, depth=depth, seen=seen)
        if kind == "array":
            items = whole.get("items", {})
            if seen.count(id(self.resolve(items))) > 1 or depth > 5:
                return []
            item = self.value(items, sent=sent, depth=depth + 1, seen=seen)
            return [item] * max(1, min(whole.get("minItems") or 1, 50))
        if kind == "string":
            return self.text(whole)
        if kind == "integer":
            return int(self.number(whole, 7))
        if kind == "number":
            # An amount in cents has no fraction.
            return self.number(
                whole, 7 if whole.get("x-payglot-money") == "cents" else 1.5
            )
        if kind == "boolean":
            return True
        return "text"

    def heir(self, base: Json) -> tuple[str, Json] | None:
        """What a base with a discriminator is first, with its name, where a schema extends it."""
        if not isinstance(base, dict) or not base.get("properties"):
            return None
        if "oneOf" in base or "anyOf" in base:
            return None
        mapping = (base.get("discriminator") or {}).get("mapping") or {}
        for name, target in mapping.items():
            part = {"$ref": target}
            if not target.startswith("#/"):
                continue
            if self.extends(part, base):
                return name, part
        return None

    def extends(self, part: Json, base: Json, depth: int = 0) -> bool:
        """Whether a schema has another by `allOf`, also behind what it has."""
        parts = self.resolve(part).get("allOf") or []
        return depth < 8 and any(
            self.resolve(one) is base or self.extends(one, base, depth + 1)
            for one in parts
        )

    def variant(
        self,
        whole: dict[str, Json],
        part: Json,
        *,
        sent: bool,
        depth: int,
        seen: tuple[int, ...],
    ) -> Json:
        """One alternative of a union, under the name that its discriminator has for it."""
        value = self.value(part, sent=sent, depth=depth, seen=seen)
        discriminator = whole.get("discriminator") or {}
        name = discriminator.get("propertyName")
        if (
            name
            and isinstance(value, dict)
            and isinstance(part, dict)
            and "$ref" in part
        ):
            mapping = discriminator.get("mapping") or {}
            last = part["$ref"].rsplit("/", 1)[-1]
            named = [
                key for key, target in mapping.items() if target in (part["$ref"], last)
            ]
            own = self.merged(part).get("properties", {}).get(name)
            if named:
                value[name] = named[0]
            elif own is None or not self.merged(own).get("enum"):
                value[name] = last
        return value

    def object(
        self, whole: dict[str, Json], *, sent: bool, depth: int, seen: tuple[int, ...]
    ) -> Json:
        required = set(whole.get("required") or [])
        value = {}
        for name, field in (whole.get("properties") or {}).items():
            target = self.resolve(field)
            marks = self.merged(field)
            left_out = "readOnly" if sent else "writeOnly"
            # Beside a reference too, where OpenAPI 3.0 would not look.
            if marks.get(left_out) or (isinstance(field, dict) and field.get(left_out)):
                continue
            is_again = id(target) in seen
            if name not in required and (depth > 2 or is_again):
                continue
            if is_again and seen.count(id(target)) > 2:
                continue
            value[name] = self.value(field, sent=sent, depth=depth + 1, seen=seen)
        more = whole.get("additionalProperties")
        if not value and not whole.get("properties") and more is not False:
            value["key"] = (
                self.value(more, sent=sent, depth=depth + 1, seen=seen)
                if isinstance(more, dict)
                else "value"
            )
        return value

    def text(self, schema: dict[str, Json]) -> Json:
        form = schema.get("format")
        if form in ("binary", "base64url-binary"):
            return {BYTES: FILE}
        known = {
            "date": "2026-01-31",
            "date-time": "2026-01-31T12:30:00Z",
            "uuid": "3f2b8c1e-9d4a-4c6b-8e7f-0a1b2c3d4e5f",
            "byte": "aGVsbG8=",
            "uri": "https://example.com/a?b=c",
            "email": "user@example.com",
        }
        text = known.get(form, "te xt&=+/é")
        if form not in known:
            text = text.ljust(schema.get("minLength") or 0, "x")[
                : schema.get("maxLength") or None
            ]
        return text

    def number(self, schema: dict[str, Json], usual: float) -> float:
        least, most = schema.get("minimum"), schema.get("maximum")
        above, below = schema.get("exclusiveMinimum"), schema.get("exclusiveMaximum")
        if above is True:
            above, least = least, None
        if below is True:
            below, most = most, None
        if isinstance(above, (int, float)) and not isinstance(above, bool):
            least = above + 1
        if isinstance(below, (int, float)) and not isinstance(below, bool):
            most = below - 1
        value = usual
        if least is not None and value < least:
            value = least
        if most is not None and value > most:
            value = most
        return value
