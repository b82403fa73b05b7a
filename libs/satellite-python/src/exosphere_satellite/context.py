"""What a satellite is given beside the request, to work on it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal, Protocol

from .cancellation import Cancellation
from .files import Files

Level = Literal["debug", "info", "warn", "error"]


@dataclass(frozen=True)
class Resume:
    """How much of a list that an earlier attempt began is recorded."""

    count: int
    last_key: str | None


class Outlet(Protocol):
    """Where logs and emitted objects of one request go: to the worker, or to a test."""

    def log(self, level: Level, message: str, fields: Mapping[str, Any]) -> None: ...

    def emit(self, objects: Iterable[Mapping[str, Any]]) -> None: ...


class Log:
    """Writes log records. They are kept with the execution; secrets in them are masked.

    context.log.info("fetched", status=200)
    context.log.info("fetched", {"content-type": "text/plain"})
    """

    __slots__ = ("_outlet",)

    def __init__(self, outlet: Outlet) -> None:
        self._outlet = outlet

    def debug(self, message: str, fields: Mapping[str, Any] | None = None, /, **more: Any) -> None:
        self._outlet.log("debug", message, {**(fields or {}), **more})

    def info(self, message: str, fields: Mapping[str, Any] | None = None, /, **more: Any) -> None:
        self._outlet.log("info", message, {**(fields or {}), **more})

    def warn(self, message: str, fields: Mapping[str, Any] | None = None, /, **more: Any) -> None:
        self._outlet.log("warn", message, {**(fields or {}), **more})

    def error(self, message: str, fields: Mapping[str, Any] | None = None, /, **more: Any) -> None:
        self._outlet.log("error", message, {**(fields or {}), **more})

    warning = warn


class Context:
    """What a satellite is given beside the request, to work on it."""

    def __init__(
        self,
        line: Mapping[str, Any],
        *,
        outlet: Outlet,
        files: Files,
        endpoints: Mapping[str, str],
        cancelled: Cancellation,
    ) -> None:
        resume = line.get("resume")
        self.execution: str = line.get("execution", "")
        """``<run>/<step>/<path>``, for people and logs."""
        self.idempotency_key: str = line.get("idempotency-key", "")
        """The same in every attempt and retry: send it along with whatever has an effect."""
        self.attempt: int = line.get("attempt", 1)
        """Starts at 1."""
        self.deadline: str = line.get("deadline", "")
        """ISO 8601: when this attempt is stopped."""
        self.resume = None if resume is None else Resume(resume["count"], resume.get("last-key"))
        """How much of a list that an earlier attempt began is recorded: so many objects, the last with that key."""
        self.cancelled = cancelled
        """Is set when the attempt is stopped: long work looks at it now and then. An ``async def`` is cancelled."""
        self.log = Log(outlet)
        self.files = files
        """Reads and writes files of the blob store."""
        self.collected_metrics: dict[str, Any] = {}
        self._outlet = outlet
        self._endpoints = endpoints

    def emit(self, objects: Iterable[Mapping[str, Any]]) -> None:
        """Hands objects on while the satellite still works; returns when more may come. Only where the manifest names ``output.key``.

        What the satellite returns comes after them. In an ``async def``: ``await asyncio.to_thread(context.emit, objects)``.
        """
        self._outlet.emit(objects)

    def metrics(self, values: Mapping[str, Any] | None = None, /, **more: Any) -> None:
        """Token counts and the like: kept on the execution, never in the output. Later values of a key replace earlier ones."""
        self.collected_metrics.update(values or {}, **more)

    def endpoint(self, name: str, fallback: str) -> str:
        """The base URL that the environment gives a service (``s3``), without a slash at its end, or else the fallback."""
        return self._endpoints.get(name, fallback).rstrip("/")

    def url(self, url: str) -> str:
        """A URL as the environment has it: where it rewrites the beginning (``https://api.example.com``), with that in its place."""
        for prefix in sorted(self._endpoints, key=len, reverse=True):
            start = prefix.rstrip("/")
            if "://" in start and url.startswith(start) and url[len(start) : len(start) + 1] in ("", "/", "?", "#"):
                return self._endpoints[prefix].rstrip("/") + url[len(start) :]
        return url
