"""How a satellite fails."""

from __future__ import annotations


class Failure(Exception):
    """What a satellite raises to say how it failed. Anything else that it raises counts as code ``satellite-error``, retryable.

    raise Failure(f"Bucket '{bucket}' does not exist.", code="bucket-missing", retryable=False)
    """

    def __init__(
        self,
        message: str,
        *,
        code: str = "satellite-error",
        retryable: bool = True,
        retry_after: float | None = None,
    ) -> None:
        """
        :param code: a short name for programs, in kebab-case
        :param retryable: whether another attempt can help; false for what is wrong with the request itself
        :param retry_after: the next attempt starts not before so many seconds (a server's ``Retry-After``)
        """
        super().__init__(message)
        self.message = message
        self.code = code
        self.retryable = retryable
        self.retry_after = retry_after


def error_of(thrown: BaseException) -> dict[str, object]:
    """The error of an answer, for whatever was raised."""
    if not isinstance(thrown, Failure):
        return {"message": described(thrown), "code": "satellite-error", "retryable": True}
    error: dict[str, object] = {"message": thrown.message, "code": thrown.code, "retryable": thrown.retryable}
    if thrown.retry_after is not None:
        error["retry-after"] = round(thrown.retry_after * 1000)
    return error


def described(thrown: BaseException) -> str:
    """``KeyError: 'name'``: the name of the kind belongs to it, a message alone is often only half a sentence."""
    text = str(thrown)
    return f"{type(thrown).__name__}: {text}" if text else type(thrown).__name__
