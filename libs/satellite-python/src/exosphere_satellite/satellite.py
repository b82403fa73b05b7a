"""The satellite itself: the function that its author wrote."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from types import CoroutineType
from typing import Any

from .context import Context
from .failure import Failure
from .request import Request

Objects = Iterable[Mapping[str, Any]] | None
Run = Callable[[Request, Context], Objects | Awaitable[Objects]]
BatchResults = Sequence[Objects | Failure]
RunBatch = Callable[[Sequence[Request], Sequence[Context]], BatchResults | Awaitable[BatchResults]]


class Satellite:
    """A satellite. Calling it runs the function with what it is given."""

    def __init__(self, run: Run) -> None:
        self._run = run
        self._run_batch: RunBatch | None = None
        self.__doc__ = run.__doc__
        self.__name__ = getattr(run, "__name__", "satellite")

    def batch(self, run_batch: RunBatch) -> RunBatch:
        """Decorates the function that takes several requests in one call, for steps with ``batch``.

        ``contexts[i]`` belongs to ``requests[i]``. It gives one result for each, in the same order; a ``Failure`` (or ``None``) in a
        place fails only that request, an exception fails all. Without it, each request is run alone.
        """
        self._run_batch = run_batch
        return run_batch

    @property
    def has_batch(self) -> bool:
        return self._run_batch is not None

    def __call__(self, request: Request, context: Context) -> Any:
        return _settled(self._run(request, context), context)

    def call_batch(self, requests: Sequence[Request], contexts: Sequence[Context]) -> Any:
        if self._run_batch is None:
            raise TypeError(f"'{self.__name__}' has no function for a batch")
        return _settled(self._run_batch(requests, contexts), contexts[0])


def satellite(run: Run) -> Satellite:
    """Makes a satellite of a function, also of an ``async def``. A module that is run has exactly one.

    The function returns a list of objects, or ``None`` for an empty one; it may be a generator.
    """
    return Satellite(run)


def _settled(result: Any, context: Context) -> Any:
    if not isinstance(result, CoroutineType):
        return result
    from .event_loop import wait_for  # asyncio costs 50 ms: only who needs it pays

    return wait_for(result, context.cancelled)
