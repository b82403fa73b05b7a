"""Reads a PDF with Docling: its text layer without models, or everything with them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from exosphere_satellite import Context, Failure, FileValue, Request, satellite
from full_pipeline import read_with_models
from rendering import rendered
from text_pipeline import read_document

_largest = 1 << 30
"""In bytes. The file lies in memory while it is read, since nothing else can be written to."""


@satellite
def run(request: Request, context: Context) -> list[dict[str, Any]]:
    """Gives one object: the text of the document, and on request the document and its images."""
    file = request.input["file"]
    name = file.get("name") or file["file"]
    if file.get("size", 0) > _largest:
        message = f"'{name}' is larger than the {_largest >> 20} MiB that this satellite reads."
        raise Failure(message, code="pdf-too-large", retryable=False)
    if request.config.get("pipeline", "text") == "full":
        return [read_with_models(request, context, name)]
    return [_read_text(request, context, name)]


def _read_text(request: Request, context: Context, name: str) -> dict[str, Any]:
    file, config = request.input["file"], request.config
    digest = file["file"].removeprefix("sha256:")
    store = _storing(context) if config.get("extract-images") else None
    with context.files.as_path(file, ".pdf") as path:
        read = read_document(path, name, digest=digest, store_picture=store, on_page=lambda *_: _stop_if_cancelled(context))
    if not read.document.texts and not read.document.tables:
        raise _without_text(name, read.page_count)
    context.log.info(f"read {read.page_count} pages", name=name)
    return {
        **rendered(read.document, config.get("output-format", "markdown-string"), has_images=bool(read.images)),
        "pages": read.page_count,
        **({} if read.title is None else {"title": read.title}),
        **({} if store is None else {"images": read.images}),
    }


def _storing(context: Context) -> Callable[[str, bytes], FileValue]:
    return lambda name, png: context.files.write(name, "image/png", png)


def _stop_if_cancelled(context: Context) -> None:
    if context.cancelled.is_set():
        raise Failure("The attempt was stopped.", code="cancelled")


def _without_text(name: str, pages: int) -> Failure:
    message = f"'{name}' has {pages} pages and no text layer: it is a scan, perhaps. 'pipeline: full' recognises text in images."
    return Failure(message, code="pdf-without-text", retryable=False)
