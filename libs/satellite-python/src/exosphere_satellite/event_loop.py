"""Runs the coroutines of all requests in one event loop, so that they can share an HTTP client."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Coroutine
from concurrent.futures import CancelledError
from typing import Any, TypeVar

from .cancellation import Cancellation
from .failure import Failure

T = TypeVar("T")
_lock = threading.Lock()
_loop: asyncio.AbstractEventLoop | None = None


def event_loop() -> asyncio.AbstractEventLoop:
    """The loop of this process. It runs in a thread of its own, which starts with the first use."""
    global _loop
    with _lock:
        if _loop is None:
            _loop = asyncio.new_event_loop()
            threading.Thread(target=_loop.run_forever, name="exosphere-loop", daemon=True).start()
        return _loop


def wait_for(coroutine: Coroutine[Any, Any, T], cancelled: Cancellation | None = None) -> T:
    """Runs a coroutine to its end, from another thread. It is cancelled when the attempt is."""
    future = asyncio.run_coroutine_threadsafe(coroutine, event_loop())
    if cancelled is not None:
        cancelled.when_set(future.cancel)
    try:
        return future.result()
    except CancelledError:
        raise Failure("The attempt was stopped.", code="cancelled") from None
