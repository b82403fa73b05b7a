"""Files through the worker's gateway: HTTP on a unix socket."""

from __future__ import annotations

import hashlib
import io
import json
import os
import socket
from collections.abc import Iterable
from http.client import HTTPConnection, HTTPException, HTTPResponse
from typing import Any, BinaryIO, cast

from .failure import Failure
from .files import Content, FileReference, Files, FileValue, digest_of

_block = 1 << 18


class GatewayFiles(Files):
    """The files that one request may reach."""

    def __init__(self, path: str, token: str) -> None:
        self._path = path
        self._token = token

    def read(self, file: FileReference) -> BinaryIO:
        digest = digest_of(file)
        connection = _UnixConnection(self._path)
        try:
            response = _exchange(connection, "GET", f"/v1/files/{digest}", self._headers(), None)
        except BaseException:
            connection.close()
            raise
        return cast(BinaryIO, io.BufferedReader(_Download(digest, connection, response), _block))

    def write(self, name: str, content_type: str, content: Content) -> FileValue:
        if isinstance(content, (str, bytes, bytearray, memoryview)):
            return self._post(name, content_type, content.encode("utf-8") if isinstance(content, str) else bytes(content))
        if isinstance(content, os.PathLike):
            with open(content, "rb", buffering=0) as stream:
                return self._post(name, content_type, stream)
        return self._post(name, content_type, content)

    def _post(self, name: str, content_type: str, body: bytes | Any | Iterable[bytes]) -> FileValue:
        connection = _UnixConnection(self._path)
        try:
            stored = json.loads(_exchange(connection, "POST", "/v1/files", self._headers(), body).read())
        finally:
            connection.close()
        return {"file": stored["file"], "name": name, "size": stored["size"], "content-type": content_type}

    def _headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self._token}"}


class _UnixConnection(HTTPConnection):
    """It has no time limit of its own: the attempt has one."""

    def __init__(self, path: str) -> None:
        super().__init__("files", blocksize=_block)
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.connect(self._path)


def _exchange(connection: HTTPConnection, method: str, path: str, headers: dict[str, str], body: Any) -> HTTPResponse:
    try:
        connection.connect()
    except OSError as cause:
        raise _unavailable(f"cannot be reached ({cause})") from cause
    try:
        connection.request(method, path, body, headers)
    except (BrokenPipeError, ConnectionResetError):
        # It answered before it had read everything, and its answer says why. The end tells it that nothing more comes.
        if connection.sock is not None:
            connection.sock.shutdown(socket.SHUT_WR)
    try:
        response = connection.getresponse()
        if response.status >= 300:
            raise _refusal(response.status, response.read())
    except (OSError, HTTPException) as cause:
        raise _unavailable(f"broke off ({type(cause).__name__}: {cause})") from cause
    return response


def _unavailable(what: str) -> Failure:
    return Failure(f"The gateway to the blob store {what}. Another attempt may help.", code="blob-store-unavailable")


def _refusal(status: int, body: bytes) -> Failure:
    try:
        error = json.loads(body)["error"]
        return Failure(error["message"], code=error.get("code", "blob-store-unavailable"), retryable=error.get("retryable", True))
    except (ValueError, KeyError, TypeError):
        return _unavailable(f"answered {status} without a reason")


class _Download(io.RawIOBase):
    """Bytes on their way. Their digest is known beforehand, so one that was cut off is told from a whole one at its end."""

    def __init__(self, digest: str, connection: HTTPConnection, response: HTTPResponse) -> None:
        super().__init__()
        self._digest = digest
        self._connection = connection
        self._response = response
        self._hash = hashlib.sha256()
        self._size = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        view = memoryview(buffer)
        try:
            count = self._response.readinto(view)
        except (OSError, HTTPException) as cause:
            raise self._broken() from cause
        self._take(view[:count])
        return count

    def readall(self) -> bytes:
        # Without it, RawIOBase would ask for 8 KiB at a time.
        try:
            data = self._response.read()
        except (OSError, HTTPException) as cause:
            raise self._broken() from cause
        if data:
            self._take(data)
        self._take(b"")
        return data

    def close(self) -> None:
        self._response.close()
        self._connection.close()
        super().close()

    def _take(self, data: Any) -> None:
        if len(data) > 0:
            self._size += len(data)
            self._hash.update(data)
        elif f"sha256:{self._hash.hexdigest()}" != self._digest:
            raise self._broken()

    def _broken(self) -> Failure:
        return _unavailable(f"broke off after {self._size} bytes of {self._digest}")
