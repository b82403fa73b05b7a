"""What a satellite works on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Request:
    """What a satellite works on: checked against its manifest."""

    config: dict[str, Any]
    """What controls the satellite."""
    input: Any = None
    """The data of this execution; the item itself, where the step has no ``input``."""
    item: Any = None
    """The object that the step before handed on."""
    # Not in its repr: that ends up in logs.
    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)
    """The secrets that the step granted, by the satellite's key."""


def request_of(line: Mapping[str, Any]) -> Request:
    """The request of a line. One without ``input`` works on the item."""
    item = line.get("item")
    return Request(line.get("config") or {}, line["input"] if "input" in line else item, item, line.get("secrets") or {})
