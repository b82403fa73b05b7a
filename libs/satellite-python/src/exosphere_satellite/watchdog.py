"""Ends a process whose worker does not: of a worker that is lost, nothing stays behind."""

from __future__ import annotations

import faulthandler
import os
import sys
import threading
import time
from collections.abc import Mapping
from typing import NoReturn

from .attempt import Attempt

grace = 5.0
"""How long, in seconds, after its time limit an attempt may still be at work. A worker that lives has killed it by then."""
_look = 0.5
_rearm = 2.0


class Watchdog:
    """Looks after the time limits of what is running."""

    def __init__(self, running: Mapping[str, Attempt]) -> None:
        self._running = running
        self._longest = 0.0
        self._armed_at = 0.0

    def start(self) -> None:
        faulthandler.enable()
        threading.Thread(target=self._watch, name="exosphere-watchdog", daemon=True).start()

    def expect(self, timeout: float | None) -> None:
        """A request comes that may take so long."""
        if timeout is not None and timeout > self._longest:
            self._longest = timeout
            self._arm()

    def _watch(self) -> None:
        while True:
            time.sleep(_look)
            now = time.monotonic()
            for attempt in list(self._running.values()):
                if now > attempt.due + grace:
                    _end(attempt)
                if now > attempt.due:
                    attempt.cancelled.set()
            if self._longest > 0 and now - self._armed_at > _rearm:
                self._arm()

    def _arm(self) -> None:
        # C code that never gives the interpreter back stops this thread as well. faulthandler's timer is a thread in C: it ends the
        # process, with where it hung on stderr, unless it is set anew in time.
        self._armed_at = time.monotonic()
        try:
            faulthandler.dump_traceback_later(self._longest + grace + _rearm + 2 * _look, exit=True)
        except RuntimeError:
            pass  # no more threads allowed: the one above is left


def _end(attempt: Attempt) -> NoReturn:
    execution = attempt.line.get("execution", attempt.nonce)
    message = f"'{execution}' is still at work {grace:g} s after its time limit of {attempt.timeout:g} s: the process ends."
    print(message, file=sys.stderr, flush=True)
    faulthandler.dump_traceback()
    os._exit(1)
