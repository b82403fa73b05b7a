"""The sign that an attempt is stopped."""

from __future__ import annotations

import threading
from collections.abc import Callable


class Cancellation(threading.Event):
    """Is set when an attempt is stopped: by the worker, at its deadline, or because the worker is gone."""

    def __init__(self) -> None:
        super().__init__()
        self._callbacks: list[Callable[[], object]] = []

    def when_set(self, callback: Callable[[], object]) -> None:
        """Calls back once it is set, or at once; twice where both fall together."""
        self._callbacks.append(callback)
        if self.is_set():
            callback()

    def set(self) -> None:
        super().set()
        for callback in list(self._callbacks):
            callback()
