"""The way to the worker."""

from __future__ import annotations

import os
import threading
from collections import deque


class Channel:
    """Writes whole lines, from any thread. What waits while a write is on its way goes out with the next one, in one piece."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._waiting: deque[bytes] = deque()
        self._writing = threading.Lock()

    def send(self, line: bytes) -> None:
        """Returns once the line is written: a worker that does not read holds the satellite back."""
        self._waiting.append(line)
        with self._writing:
            lines = []
            while self._waiting:
                lines.append(self._waiting.popleft())
            self._write(b"".join(lines))

    def _write(self, data: bytes) -> None:
        rest = memoryview(data)
        try:
            while rest:
                rest = rest[os.write(self._descriptor, rest) :]
        except BrokenPipeError:
            os._exit(0)  # the worker is gone, nobody reads on
