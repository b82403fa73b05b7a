"""What libraries log, as log records of the request that is at work."""

from __future__ import annotations

import logging
import sys
import traceback
from contextvars import ContextVar

from .context import Context, Level

current: ContextVar[Context | None] = ContextVar("exosphere_request", default=None)
"""The request that this thread, or this coroutine, works on."""


def take_logging() -> None:
    """From here on `logging` and `warnings` go to the log of the request, or to stderr where there is none."""
    root = logging.getLogger()
    root.setLevel(logging.INFO)
    root.addHandler(_RequestHandler())
    logging.captureWarnings(True)


def log_traceback(context: Context, thrown: BaseException) -> None:
    """Where it happened, for the author. The message alone goes to the user."""
    context.log.error("".join(traceback.format_exception(thrown)).rstrip())


class _RequestHandler(logging.Handler):
    def emit(self, record: logging.LogRecord) -> None:
        try:
            message = self.format(record)
            context = current.get()
            if context is None:
                print(f"{record.levelname} {record.name}: {message}", file=sys.stderr, flush=True)
            else:
                getattr(context.log, _level(record.levelno))(message, logger=record.name)
        except Exception:
            self.handleError(record)


def _level(number: int) -> Level:
    if number < logging.INFO:
        return "debug"
    if number < logging.WARNING:
        return "info"
    return "warn" if number < logging.ERROR else "error"
