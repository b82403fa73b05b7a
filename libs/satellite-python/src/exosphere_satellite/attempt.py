"""One line of work from the worker, and its answers."""

from __future__ import annotations

import json
import math
import threading
import time
from collections.abc import Iterable, Mapping
from typing import Any

from .cancellation import Cancellation
from .channel import Channel
from .context import Level
from .failure import Failure
from .output import list_json, log_json

_empty = b"[]"


class Attempt:
    """A request, or a batch of them, that is at work."""

    def __init__(self, line: Mapping[str, Any], channel: Channel) -> None:
        self.line = line
        self.nonce: str = line["nonce"]
        self.cancelled = Cancellation()
        self.timeout = timeout_of(line)
        """In seconds, or None."""
        self.due = math.inf
        """When it is over its time limit, by `time.monotonic()`."""
        self._start_clock()
        self._channel = channel
        self._head = b'{"nonce":' + json.dumps(self.nonce).encode()
        self._claimed = threading.Lock()
        self._emitting = threading.Lock()
        self._taken: threading.Semaphore | None = None

    def answer(self, body: bytes) -> None:
        """Sends a line. `body` begins with its first key."""
        self._channel.send(self._head + b"," + body + b"}\n")

    def claim(self) -> bool:
        """Whether it is the caller's to work on: it is so once."""
        return self._claimed.acquire(blocking=False)

    def stop(self) -> None:
        """The worker wants it no longer, and wants to know that this is heard."""
        self.answer(b'"heard":true')
        self.cancelled.set()

    def take(self) -> None:
        """The worker has recorded the last emit."""
        if self._taken is not None:
            self._taken.release()

    def emit(self, objects: Iterable[Mapping[str, Any]], *, waits: bool) -> None:
        """Hands a list on, and waits until it is recorded."""
        body = list_json(objects)
        if body == _empty:
            return
        with self._emitting:
            self._stop_if_cancelled()
            if self._taken is None:
                self._taken = threading.Semaphore(0)
                self.cancelled.when_set(self._taken.release)
            self.answer(b'"emit":' + body)
            if waits:
                self.due = math.inf  # the clock stands still while the worker takes what there is
                self._taken.acquire()
                self._stop_if_cancelled()
            self._start_clock()

    def _start_clock(self) -> None:
        if self.timeout is not None:
            self.due = time.monotonic() + self.timeout

    def _stop_if_cancelled(self) -> None:
        if self.cancelled.is_set():
            raise Failure("The attempt was stopped.", code="cancelled")


class AttemptOutlet:
    """Where logs and emitted objects of one request of an attempt go."""

    __slots__ = ("_attempt", "_index", "_waits")

    def __init__(self, attempt: Attempt, index: int | None, *, waits: bool) -> None:
        self._attempt = attempt
        self._index = index
        self._waits = waits

    def log(self, level: Level, message: str, fields: Mapping[str, Any]) -> None:
        record: dict[str, Any] = {"level": level, "message": str(message)}
        if fields:
            record["fields"] = fields
        index = b"" if self._index is None else b'"index":%d,' % self._index
        self._attempt.answer(index + b'"log":' + log_json(record))

    def emit(self, objects: Iterable[Mapping[str, Any]]) -> None:
        if self._index is not None:
            raise Failure("In a batch nothing can be emitted: return the objects.", code="output-invalid", retryable=False)
        self._attempt.emit(objects, waits=self._waits)


def timeout_of(line: Mapping[str, Any]) -> float | None:
    """The time limit of a line in seconds: of a batch, that of its most patient item."""
    limits = [part["timeout-ms"] for part in (line, *line.get("items", ())) if part.get("timeout-ms") is not None]
    return max(limits) / 1000 if limits else None
