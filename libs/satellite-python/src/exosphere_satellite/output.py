"""What a satellite gives, as JSON. Strict: what JSON does not have is an error here, not a surprise at the other end."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from .failure import Failure

_encode = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode
_largest_object = 64 * 2**20


def list_json(output: Any) -> bytes:
    """A list of objects as JSON. Fails with ``output-invalid`` and the place, or with ``output-too-large``."""
    objects = _list_of(output)
    text = _strict_json(objects, "the list")
    if len(text) > _largest_object:
        for index, entry in enumerate(objects):
            _check_size(entry, index)
    return text


def metrics_json(metrics: Mapping[str, Any]) -> bytes:
    """Metrics as JSON. Fails with ``output-invalid`` and the place."""
    return _strict_json(metrics, "metrics")


def log_json(record: Mapping[str, Any]) -> bytes:
    """A log record as JSON. It never fails: what JSON does not have stands there as text."""
    try:
        text = json.dumps(record, ensure_ascii=False, allow_nan=False, separators=(",", ":"), default=repr)
    except (ValueError, TypeError, RecursionError):
        fields = {str(key): repr(value)[:1000] for key, value in record.get("fields", {}).items()}
        text = json.dumps({**record, "fields": fields}, ensure_ascii=False, default=repr)
    return text.encode("utf-8", "replace")


def _list_of(output: Any) -> list[dict[str, Any]]:
    if output is None:
        return []
    if isinstance(output, (str, bytes, dict)) or not isinstance(output, Iterable):
        raise _invalid(f"A satellite returns a list of objects, this one returned a value of type '{type(output).__name__}'.")
    objects = output if isinstance(output, list) else list(output)
    for index, entry in enumerate(objects):
        if not isinstance(entry, dict):
            raise _invalid(f"Entry {index} of the list is no object (dict), but a value of type '{type(entry).__name__}'.")
    return objects


def _strict_json(value: Any, name: str) -> bytes:
    try:
        return _encode(value).encode("utf-8")
    except (ValueError, TypeError, RecursionError) as cause:  # UnicodeEncodeError is a ValueError
        fault = next(_faults(value, name, 0), f"{name}: {cause}")
        raise _invalid(f"The output cannot be written as JSON: {fault}.") from cause


def _faults(value: Any, path: str, depth: int) -> Iterator[str]:
    """What JSON does not have, with its place."""
    if depth > 500:
        yield f"{path[:80]}… contains itself, or is nested too deeply"
    elif isinstance(value, dict):
        for key, entry in value.items():
            if not isinstance(key, (str, int, float, bool, type(None))):
                yield f"{path} has a key of type '{type(key).__name__}', expected text"
            yield from _faults(str(key), f"a key of {path}", depth + 1)
            yield from _faults(entry, f"{path}.{key}", depth + 1)
    elif isinstance(value, (list, tuple)):
        for index, entry in enumerate(value):
            yield from _faults(entry, f"{path}[{index}]", depth + 1)
    elif isinstance(value, float):
        if not math.isfinite(value):
            yield f"{path} is {value}, which JSON does not have: give null or a text"
    elif isinstance(value, str):
        if any("\ud800" <= letter <= "\udfff" for letter in value):
            yield f"{path} holds half of a surrogate pair, which is no text: use value.encode('utf-16', 'replace')"
    elif not isinstance(value, (int, type(None))):
        yield f"{path} is of type '{type(value).__name__}': give text, numbers, lists or dicts"


def _check_size(entry: Any, index: int) -> None:
    size = len(_encode(entry).encode("utf-8"))
    if size > _largest_object:
        message = f"Entry {index} of the list has {size // 2**20} MiB, at most {_largest_object // 2**20} MiB are possible: write a file."
        raise Failure(message, code="output-too-large", retryable=False)


def _invalid(message: str) -> Failure:
    return Failure(message, code="output-invalid")
