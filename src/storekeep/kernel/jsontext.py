"""JSON in text columns: one encoder, keys sorted, so that the same facts are the same bytes."""

from typing import Any

import msgspec

_encoder = msgspec.json.Encoder(order="deterministic")


def dump(value: Any) -> str:
    """Value to JSON text; frozen dataclasses become objects."""
    return _encoder.encode(value).decode()


def load(value: str | None) -> Any:
    """JSON text to plain lists, dicts, numbers; `None` stays `None`."""
    return None if value is None else msgspec.json.decode(value)
