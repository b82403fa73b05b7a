"""Runs a satellite in the test's own process, with the contract of the real runtime."""

from __future__ import annotations

import hashlib
import io
import json
import os
import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from typing import Any, BinaryIO, cast

from .cancellation import Cancellation
from .context import Context, Level
from .failure import Failure, error_of
from .files import Content, FileReference, Files, FileValue, digest_of
from .output import list_json, log_json, metrics_json
from .records import current
from .request import request_of
from .satellite import Run, Satellite


class MemoryFiles(Files):
    """The files of a test. Put files in with `write`, look at what a satellite wrote with `text` or `bytes`."""

    def __init__(self) -> None:
        self._stored: dict[str, Any] = {}

    def __len__(self) -> int:
        return len(self._stored)

    def read(self, file: FileReference) -> BinaryIO:
        digest = digest_of(file)
        if digest not in self._stored:
            raise Failure(f"There is no file {digest}.", code="blob-missing", retryable=False)
        return io.BytesIO(self._stored[digest])

    def write(self, name: str, content_type: str, content: Content) -> FileValue:
        data = _bytes_of(content)
        digest = f"sha256:{hashlib.sha256(data).hexdigest()}"
        self._stored[digest] = data
        return {"file": digest, "name": name, "size": len(data), "content-type": content_type}


@dataclass
class Result:
    """What came of a request."""

    objects: list[dict[str, Any]] = field(default_factory=list)
    """What was emitted and then what was returned, as JSON. Empty where it failed."""
    error: dict[str, Any] | None = None
    """``message``, ``code``, ``retryable`` and perhaps ``retry-after`` in ms."""
    logs: list[dict[str, Any]] = field(default_factory=list)
    """``level``, ``message``, ``fields``."""
    metrics: dict[str, Any] = field(default_factory=dict)
    files: Files = field(default_factory=MemoryFiles)


def run(
    satellite: Satellite | Run,
    *,
    config: Mapping[str, Any] | None = None,
    input: Any = None,
    item: Any = None,
    secrets: Mapping[str, str] | None = None,
    files: Files | None = None,
    endpoints: Mapping[str, str] | None = None,
    on_emit: Callable[[list[dict[str, Any]]], object] | None = None,
    timeout: float = 60,
    **more: Any,
) -> Result:
    """Runs a satellite with one request: it is copied as JSON, outputs must be a list of objects that JSON can hold, what is raised
    becomes an error, `cancelled` is set at the time limit (in seconds).

    :param on_emit: is called with each list that the satellite emits; a slow one holds it back
    :param more: `execution`, `idempotency_key`, `attempt`, `resume` ({"count": 1, "last-key": "a"})

    result = run(satellite, config={"greeting": "Hello"}, input={"name": "Ada"})
    assert result.objects == [{"text": "Hello, Ada!"}]
    """
    line = {
        "execution": "run/step/0",
        "attempt": 1,
        "deadline": (datetime.now(timezone.utc) + timedelta(seconds=timeout)).isoformat(),
        "config": config or {},
        "item": item,
        **({} if input is None else {"input": input}),
        "secrets": secrets or {},
        **{key.replace("_", "-"): value for key, value in more.items()},
    }
    line.setdefault("idempotency-key", line["execution"])
    result = Result(files=MemoryFiles() if files is None else files)
    cancelled = Cancellation()
    outlet = _Recorder(result, on_emit)
    context = Context(json.loads(json.dumps(line)), outlet=outlet, files=result.files, endpoints=endpoints or {}, cancelled=cancelled)
    called = satellite if isinstance(satellite, Satellite) else Satellite(satellite)
    thread = threading.Thread(target=_run, args=(called, json.loads(json.dumps(line)), context, result), daemon=True)
    thread.start()
    thread.join(timeout)
    if thread.is_alive():
        cancelled.set()
        return Result(error=error_of(Failure(f"The attempt took longer than {timeout:g} s.", code="timeout")), logs=result.logs)
    return result


class _Recorder:
    def __init__(self, result: Result, on_emit: Callable[[list[dict[str, Any]]], object] | None) -> None:
        self._result = result
        self._on_emit = on_emit

    def log(self, level: Level, message: str, fields: Mapping[str, Any]) -> None:
        self._result.logs.append(json.loads(log_json({"level": level, "message": message, "fields": fields})))

    def emit(self, objects: Iterable[Mapping[str, Any]]) -> None:
        emitted = json.loads(list_json(objects))
        if self._on_emit is not None:
            self._on_emit(emitted)
        self._result.objects.extend(emitted)


def _run(satellite: Satellite, line: Mapping[str, Any], context: Context, result: Result) -> None:
    current.set(context)
    try:
        result.objects.extend(json.loads(list_json(satellite(request_of(line), context))))
        result.metrics = json.loads(metrics_json(context.collected_metrics))
    except BaseException as thrown:
        result.objects = []
        result.error = error_of(thrown)


def _bytes_of(content: Content) -> Any:
    if isinstance(content, str):
        return content.encode("utf-8")
    if isinstance(content, (bytes, bytearray, memoryview)):
        return bytes(content)
    if isinstance(content, os.PathLike):
        with open(content, "rb") as stream:
            return stream.read()
    if hasattr(content, "read"):
        return cast(BinaryIO, content).read()
    return b"".join(cast("Iterable[Any]", content))
