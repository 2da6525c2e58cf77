"""The wire: form bodies `a[b][0]=c` into trees, checked against a shape, and errors into the provider's envelope.

A shape is a dict of allowed parameters. Anything else is refused with `parameter_unknown`, because a client that
misspells a parameter must hear of it here and not in production.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import parse_qsl

from .rules import Refusal, check_metadata

MAX_BODY: Final = 64 * 1024
_PART = re.compile(r"\[([^\[\]]*)\]")


@dataclass(frozen=True, slots=True)
class Field:
    """One parameter: `kind` is text, int, bool, url, metadata, strings, or a nested shape (`shape`, `many`)."""

    kind: str = "text"
    required: bool = False
    choices: tuple[str, ...] = ()
    max_len: int = 5000
    shape: Mapping[str, Field] | None = None
    many: bool = False


Shape = Mapping[str, Field]


def bad(message: str, code: str | None, param: str | None) -> Refusal:
    """A refusal found before any work was done: it never uses up an idempotency key."""
    return Refusal(message, code, param, before_work=True)


def parse_form(raw: bytes) -> dict[str, Any]:
    """A form body or query string as a tree of dicts; list indexes stay keys ('0', '1') until the shape reads them."""
    try:
        pairs = parse_qsl(raw.decode(), keep_blank_values=True, strict_parsing=bool(raw), max_num_fields=1000)
    except ValueError:
        raise bad("The request body is not a valid form.", None, None) from None
    tree: dict[str, Any] = {}
    for name, value in pairs:
        head, bracket, _ = name.partition("[")
        parts = _PART.findall(name[len(head):])
        if not head or (bracket and "".join(f"[{p}]" for p in parts) != name[len(head):]) or len(parts) > 6:
            raise bad(f"Invalid parameter name: {name[:80]}", "parameter_unknown", name[:80])
        node = tree
        path = [head, *parts]
        for step in path[:-1]:
            child = node.setdefault(step or str(len(node)), {})
            if not isinstance(child, dict):
                raise bad(f"Invalid parameter: {name[:80]}", "parameter_unknown", name[:80])
            node = child
        node[path[-1] or str(len(node))] = value
    return tree


def read(tree: Mapping[str, Any], shape: Shape, at: str = "") -> dict[str, Any]:
    """The checked parameters, typed. Raises `Refusal` naming the first wrong one."""
    for name in tree:
        if name not in shape:
            where = f"{at}[{name}]" if at else name
            raise bad(f"Received unknown parameter: {where[:120]}", "parameter_unknown", where[:120])
    out: dict[str, Any] = {}
    for name, field in shape.items():
        where = f"{at}[{name}]" if at else name
        if name not in tree or tree[name] == "":
            if field.required:
                raise bad(f"Missing required param: {where}.", "parameter_missing", where)
            continue
        out[name] = _value(tree[name], field, where)
    return out


def _value(value: Any, field: Field, where: str) -> Any:
    if field.shape is not None or field.kind in ("metadata", "strings"):
        if not isinstance(value, dict):
            raise bad(f"Invalid object: {where}", "parameter_invalid", where)
        return _nested(value, field, where)
    if not isinstance(value, str):
        raise bad(f"Invalid string: {where}", "parameter_invalid", where)
    if field.kind == "int":
        if not re.fullmatch(r"-?[0-9]{1,15}", value):
            raise bad(f"Invalid integer: {value[:40]}", "parameter_invalid_integer", where)
        return int(value)
    if field.kind == "bool":
        if value not in ("true", "false"):
            raise bad(f"Invalid boolean: {value[:40]}", "parameter_invalid", where)
        return value == "true"
    if len(value) > field.max_len:
        raise bad(f"Invalid string: {where} holds at most {field.max_len} characters.", "parameter_invalid", where)
    if field.choices and value not in field.choices:
        raise bad(f"Invalid {where}: must be one of {', '.join(field.choices)}", "parameter_invalid", where)
    if field.kind == "url" and not re.match(r"https?://[^/\s]+", value):
        raise bad(f"Not a valid URL: {where}", "url_invalid", where)
    return value


def _nested(value: dict[str, Any], field: Field, where: str) -> Any:
    if field.kind == "metadata":
        if not all(isinstance(v, str) for v in value.values()):
            raise bad("Metadata values must be strings.", "parameter_invalid", where)
        metadata = {key: text for key, text in value.items() if text != ""}
        check_metadata(metadata)
        return metadata
    if field.kind == "strings":
        if not all(isinstance(v, str) for v in value.values()):
            raise bad(f"Invalid array: {where}", "parameter_invalid", where)
        return list(value.values())
    assert field.shape is not None
    if not field.many:
        return read(value, field.shape, where)
    items = []
    for index, item in value.items():
        if not isinstance(item, dict):
            raise bad(f"Invalid array: {where}", "parameter_invalid", where)
        items.append(read(item, field.shape, f"{where}[{index}]"))
    return items


def envelope(refusal: Refusal) -> dict[str, Any]:
    """The error body of the provider."""
    error: dict[str, Any] = {"type": refusal.kind, "message": refusal.message}
    if refusal.code:
        error["code"] = refusal.code
        error["doc_url"] = f"https://stripe.com/docs/error-codes/{refusal.code.replace('_', '-')}"
    if refusal.param:
        error["param"] = refusal.param
    return {"error": error}


CREATED: Final = Field(
    shape={name: Field("int") for name in ("gt", "gte", "lt", "lte")},
)
PAGE: Final[dict[str, Field]] = {
    "limit": Field("int"),
    "starting_after": Field(),
    "ending_before": Field(),
    "created": CREATED,
    "expand": Field("strings"),
}
EXPAND: Final[dict[str, Field]] = {"expand": Field("strings")}
_META: Final = Field("metadata")

SESSION_CREATE: Final[Shape] = {
    "mode": Field(required=True, choices=("payment",)),
    "success_url": Field("url", required=True),
    "cancel_url": Field("url"),
    "client_reference_id": Field(max_len=200),
    "customer_email": Field(max_len=512),
    "expires_at": Field("int"),
    "locale": Field(max_len=10),
    "metadata": _META,
    "payment_method_types": Field("strings"),
    "submit_type": Field(choices=("auto", "book", "donate", "pay")),
    "line_items": Field(
        required=True,
        many=True,
        shape={
            "quantity": Field("int", required=True),
            "price_data": Field(
                required=True,
                shape={
                    "currency": Field(required=True, max_len=3),
                    "unit_amount": Field("int", required=True),
                    "product_data": Field(
                        required=True,
                        shape={"name": Field(required=True), "description": Field(), "metadata": _META},
                    ),
                },
            ),
        },
    ),
    "payment_intent_data": Field(
        shape={
            "capture_method": Field(choices=("manual", "automatic", "automatic_async")),
            "description": Field(max_len=1000),
            "metadata": _META,
        },
    ),
    **EXPAND,
}
INTENT_UPDATE: Final[Shape] = {"metadata": _META, "description": Field(max_len=1000), **EXPAND}
INTENT_CAPTURE: Final[Shape] = {"amount_to_capture": Field("int"), "metadata": _META, **EXPAND}
INTENT_CANCEL: Final[Shape] = {
    "cancellation_reason": Field(choices=("duplicate", "fraudulent", "requested_by_customer", "abandoned")),
    **EXPAND,
}
REFUND_CREATE: Final[Shape] = {
    "payment_intent": Field(),
    "charge": Field(),
    "amount": Field("int"),
    "reason": Field(choices=("duplicate", "fraudulent", "requested_by_customer")),
    "metadata": _META,
    **EXPAND,
}
ENDPOINT_CREATE: Final[Shape] = {
    "url": Field("url", required=True),
    "enabled_events": Field("strings", required=True),
    "api_version": Field(max_len=60),
    "description": Field(max_len=1000),
    "metadata": _META,
    **EXPAND,
}
