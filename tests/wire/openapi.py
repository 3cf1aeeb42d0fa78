"""Requests held against Discord's OpenAPI description, and against what the description misses."""

import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema_rs

from tests.wire.discord_state import Json, parts

MOST_TEXT, MOST_COMPONENTS, MOST_CONTENT = 4_000, 40, 2_000
V2 = 1 << 15


class Description:
    """Discord's description of its own API: which bodies an operation takes."""

    def __init__(self, path: Path) -> None:
        self._spec = json.loads(path.read_text(encoding="utf-8"))
        self._validator = cache(self._compile)

    def objections(self, method: str, template: str, body: Any) -> list[str]:
        """Return why an operation does not take a body; nothing, where it does."""
        validator = self._validator(method, template)
        if validator is None or body is None:
            return []
        return [
            f"{'/'.join(map(str, each.instance_path))}: {each.message}" for each in validator.iter_errors(mended(body))
        ]

    def _compile(self, method: str, template: str) -> Any:
        operation = self._spec["paths"].get(template, {}).get(method.lower())
        if operation is None:
            raise KeyError(f"{method} {template} is not in Discord's description")
        content = operation.get("requestBody", {}).get("content", {})
        if "application/json" not in content:
            return None
        schema = content["application/json"]["schema"]
        return jsonschema_rs.Draft202012Validator({"components": self._spec["components"], **schema})


def mended(body: Any) -> Any:
    """Return a body without what the description wrongly refuses: numbers that Discord takes for ids."""
    if not isinstance(body, dict):
        return body
    body = dict(body)
    if isinstance(body.get("recipient_id"), int):
        body["recipient_id"] = str(body["recipient_id"])
    if isinstance(body.get("allowed_mentions"), dict):
        named = body["allowed_mentions"]
        body["allowed_mentions"] = named | {
            key: list(map(str, named[key])) for key in ("users", "roles") if key in named
        }
    if isinstance(body.get("attachments"), list):
        body["attachments"] = [each | {"id": str(each["id"])} if "id" in each else each for each in body["attachments"]]
    if isinstance(body.get("data"), dict):
        body["data"] = mended(body["data"])
    return body


def missed(template: str, body: Any) -> list[str]:
    """Return what Discord refuses although its description does not say so."""
    if not isinstance(body, dict):
        return []
    if template.endswith("/callback"):
        return list(_in_answer(body))
    sends = template.endswith(("/messages", "/{webhook_token}")) or "/messages/" in template
    return list(_in_message(body, whole=template.endswith(("/messages", "/{webhook_token}")))) if sends else []


def _in_answer(body: Json) -> Iterator[str]:
    """Look at the answer to an interaction."""
    kind, data = body.get("type"), body.get("data")
    if kind == 4 and not data:
        yield "an answer of type 4 without data"
    if kind in {4, 7} and data:
        yield from _in_message(data, whole=kind == 4)
    if kind == 9 and data:
        yield from _twice([part for top in data.get("components", ()) for part in parts(top)])


def _in_message(body: Json, *, whole: bool) -> Iterator[str]:
    every = [part for top in body.get("components") or [] for part in parts(top)]
    content = body.get("content") or ""
    if len(content) > MOST_CONTENT:
        yield f"content of {len(content)} characters"
    if (body.get("flags") or 0) & V2:
        if content or body.get("embeds"):
            yield "content or embeds beside Components V2"
        text = sum(len(part.get("content") or "") for part in every)
        if text > MOST_TEXT:
            yield f"{text} characters in the components"
        if len(every) > MOST_COMPONENTS:
            yield f"{len(every)} components"
    elif len(body.get("components") or []) > 5:
        yield "more than 5 rows"
    if whole and not (
        content or every or any(body.get(name) for name in ("embeds", "attachments", "sticker_ids", "poll"))
    ):
        yield "an empty message"
    yield from _twice(every)


def _twice(every: list[Json]) -> Iterator[str]:
    controls = [part["custom_id"] for part in every if part.get("custom_id")]
    if len(set(controls)) < len(controls):
        yield f"a custom_id twice among {sorted(controls)}"
