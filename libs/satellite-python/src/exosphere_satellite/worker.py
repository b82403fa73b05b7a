"""Works on what the worker sends."""

from __future__ import annotations

import json
import re
import sys
import threading
from collections.abc import Callable, Iterable, Mapping
from queue import SimpleQueue
from typing import Any

from .attempt import Attempt, AttemptOutlet
from .channel import Channel
from .context import Context
from .failure import Failure, described, error_of
from .files import Files
from .output import list_json, metrics_json
from .records import current, log_traceback
from .request import request_of
from .satellite import Satellite

_nonce = re.compile(rb'\s*\{\s*"nonce"\s*:\s*"([0-9a-f]+)"')
"""The beginning of a request: enough to answer it, where the rest cannot be read."""


class Worker:
    """Reads requests on one thread and works on them on others, so that a request that goes on holds back none."""

    def __init__(self, satellite: Satellite, setting: Mapping[str, Any], channel: Channel) -> None:
        self.running: dict[str, Attempt] = {}
        self._satellite = satellite
        self._files_path: str = setting.get("files") or ""
        self._endpoints: Mapping[str, str] = setting.get("endpoints") or {}
        self._concurrency = max(1, setting.get("concurrency") or 1)
        self._channel = channel
        self._waiting: SimpleQueue[Attempt] = SimpleQueue()
        self._threads = 0

    def serve(self, lines: Iterable[bytes], expect: Callable[[float | None], None]) -> None:
        """Reads lines to their end. `expect` is told the time limit of each request."""
        for line in lines:
            try:
                message = json.loads(line)
                self._take(message, expect)
            except (ValueError, KeyError, TypeError, AttributeError) as fault:
                print(f"a line of the worker cannot be read ({fault}): {line[:200]!r}", file=sys.stderr, flush=True)
            except (RecursionError, MemoryError) as fault:  # it is the line's fault: what else is at work goes on
                self._refuse(line, fault)

    def once(self, line: Mapping[str, Any]) -> None:
        """Works on one request, on this thread. Nobody answers to what it emits."""
        attempt = Attempt(line, self._channel)
        self.running[attempt.nonce] = attempt
        self._work(attempt, waits=False)

    def cancel_all(self) -> None:
        """Tells every request to stop."""
        for attempt in list(self.running.values()):
            attempt.cancelled.set()

    def _refuse(self, line: bytes, fault: RecursionError | MemoryError) -> None:
        begun = _nonce.match(line)
        if begun is None:
            print(f"a line of the worker cannot be read ({described(fault)}): {line[:200]!r}", file=sys.stderr, flush=True)
            return
        too_deep = isinstance(fault, RecursionError)
        message = "The request is nested too deeply to be read." if too_deep else "The request does not fit in the memory of the container."
        error = error_of(Failure(message, code="input-invalid", retryable=not too_deep))
        self._channel.send(b'{"nonce":"%b","error":%b}\n' % (begun[1], json.dumps(error).encode()))

    def _take(self, message: Mapping[str, Any], expect: Callable[[float | None], None]) -> None:
        if "nonce" in message:
            attempt = Attempt(message, self._channel)
            expect(attempt.timeout)
            self.running[attempt.nonce] = attempt
            if self._threads < self._concurrency and self._threads < len(self.running):
                self._threads += 1
                threading.Thread(target=self._work_on, name=f"exosphere-{self._threads}", daemon=True).start()
            self._waiting.put(attempt)
        elif "taken" in message:
            if taken := self.running.get(message["taken"]):
                taken.take()
        elif "cancel" in message:
            if stopped := self.running.get(message["cancel"]):
                stopped.stop()
                if stopped.claim():  # no thread has it yet, and perhaps none is free
                    self._end(stopped, b'"error":{"message":"The attempt was stopped.","code":"cancelled"}')

    def _work_on(self) -> None:
        while True:
            self._work(self._waiting.get(), waits=True)

    def _work(self, attempt: Attempt, *, waits: bool) -> None:
        if not attempt.claim():
            return
        try:
            items = attempt.line.get("items")
            body = self._one(attempt, waits) if items is None else self._batch(attempt, items)
        except BaseException as fault:  # one of ours, or a line that is not as agreed: the thread must live on
            body = b'"error":' + json.dumps(error_of(fault)).encode()
        self._end(attempt, body)

    def _end(self, attempt: Attempt, body: bytes) -> None:
        attempt.answer(body)
        self.running.pop(attempt.nonce, None)

    def _one(self, attempt: Attempt, waits: bool) -> bytes:
        context = self._context(attempt, attempt.line, AttemptOutlet(attempt, None, waits=waits))
        return self._reply(attempt.line, context)

    def _reply(self, line: Mapping[str, Any], context: Context) -> bytes:
        token = current.set(context)
        try:
            return _objects(self._satellite(request_of(line), context), context)
        except BaseException as thrown:  # also sys.exit(): it ends the request, not the container
            return _error(thrown, context)
        finally:
            current.reset(token)

    def _batch(self, attempt: Attempt, items: list[Mapping[str, Any]]) -> bytes:
        contexts = [self._context(attempt, item, AttemptOutlet(attempt, index, waits=False)) for index, item in enumerate(items)]
        if self._satellite.has_batch:
            replies = self._replies(items, contexts)
        else:
            replies = [self._reply(item, context) for item, context in zip(items, contexts)]
        return b'"results":[' + b",".join(b"{" + reply + b"}" if reply else b"null" for reply in replies) + b"]"

    def _replies(self, items: list[Mapping[str, Any]], contexts: list[Context]) -> list[bytes]:
        token = current.set(contexts[0])
        try:
            results = list(self._satellite.call_batch([request_of(item) for item in items], contexts))
            if len(results) != len(items):
                raise Failure(f"A batch of {len(items)} requests got {len(results)} results.", code="output-invalid")
            return [_result(result, context) for result, context in zip(results, contexts)]
        except BaseException as thrown:
            return [_error(thrown, contexts[0]), *(_error(thrown, context, traced=True) for context in contexts[1:])]
        finally:
            current.reset(token)

    def _context(self, attempt: Attempt, line: Mapping[str, Any], outlet: AttemptOutlet) -> Context:
        token = line.get("files-token") or attempt.line.get("files-token") or ""
        files = _LateFiles(self._files_path, token)
        return Context(line, outlet=outlet, files=files, endpoints=self._endpoints, cancelled=attempt.cancelled)


class _LateFiles(Files):
    """Many satellites read no file: the HTTP client is loaded (30 ms) only for those that do."""

    def __init__(self, path: str, token: str) -> None:
        self._where = (path, token)

    def read(self, file: Any) -> Any:
        return self._gateway().read(file)

    def write(self, name: str, content_type: str, content: Any) -> Any:
        return self._gateway().write(name, content_type, content)

    def _gateway(self) -> Files:
        from .gateway import GatewayFiles

        return GatewayFiles(*self._where)


def _result(result: Any, context: Context) -> bytes:
    if result is None:
        return b""
    try:
        if isinstance(result, BaseException):
            raise result
        return _objects(result, context)
    except BaseException as thrown:
        return _error(thrown, context)


def _objects(output: Any, context: Context) -> bytes:
    return b'"objects":' + list_json(output) + _metrics(context)


def _error(thrown: BaseException, context: Context, *, traced: bool = False) -> bytes:
    if not traced and (not isinstance(thrown, Failure) or thrown.__cause__ is not None):
        log_traceback(context, thrown)
    body = json.dumps(error_of(thrown), ensure_ascii=False).encode("utf-8", "replace")
    try:
        return b'"error":' + body + _metrics(context)
    except Failure:
        return b'"error":' + body  # the first fault is told, not that of the metrics


def _metrics(context: Context) -> bytes:
    return b',"metrics":' + metrics_json(context.collected_metrics) if context.collected_metrics else b""
