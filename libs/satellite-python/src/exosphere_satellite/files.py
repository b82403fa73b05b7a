"""Files of the blob store."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, BinaryIO, TypedDict

if TYPE_CHECKING:
    import builtins
    from pathlib import Path

FileValue = TypedDict("FileValue", {"file": str, "name": str, "size": int, "content-type": str})
"""A file, as it stands in inputs and outputs: the bytes lie in the blob store, this names them by ``sha256:`` and 64 hex digits."""

Content = bytes | bytearray | memoryview | str | os.PathLike[str] | BinaryIO | Iterable[bytes]
"""What can be written as a file: bytes, text (as UTF-8), the path of a file, or a stream, which is never held in memory as a whole."""

FileReference = str | FileValue | Mapping[str, object]
"""A file value, or its digest alone."""


class Files:
    """Reads and writes files of the blob store."""

    def read(self, file: FileReference) -> BinaryIO:
        """The bytes of a file, as they come. A download that breaks off raises; it is never taken for a whole one."""
        raise NotImplementedError

    def write(self, name: str, content_type: str, content: Content) -> FileValue:
        """Stores bytes; the value that it gives goes into an output object."""
        raise NotImplementedError

    def bytes(self, file: FileReference) -> builtins.bytes:
        """All bytes of a file: for files that fit into the satellite's memory."""
        with self.read(file) as stream:
            return stream.read()

    def text(self, file: FileReference) -> str:
        """A file as text in UTF-8."""
        return self.bytes(file).decode("utf-8")

    @contextmanager
    def as_path(self, file: FileReference, suffix: str = "") -> Iterator[Path]:
        """A copy of a file in a temporary folder, for libraries that want a path. In a container that is memory, too.

        with context.files.as_path(request.input["file"], ".pdf") as path: ...
        """
        import shutil  # these three cost 20 ms at every start
        import tempfile
        from pathlib import Path

        with tempfile.TemporaryDirectory(prefix="exosphere-") as folder:
            path = Path(folder, f"file{suffix}")
            with self.read(file) as stream, path.open("wb") as copy:
                shutil.copyfileobj(stream, copy, 1 << 18)
            yield path


def digest_of(file: FileReference) -> str:
    """``sha256:…`` of a file value."""
    digest = file if isinstance(file, str) else file.get("file")
    if not isinstance(digest, str) or not digest.startswith("sha256:"):
        raise ValueError(f"{digest!r} is no file: expected a file value, or its digest 'sha256:…'")
    return digest
