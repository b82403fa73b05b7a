"""Reads pages with Docling's parser."""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pypdfium2
from docling_core.types.doc.page import PdfCellRenderingMode
from docling_parse.pdf_parser import ContentConfig, ContentLevel, DecodeConfig, DoclingPdfParser, PdfDocument

from exosphere_satellite import Failure

from .page import Box, Item, Page, Picture, Rule

# What the parser says where a font does not tell which letter a glyph is.
_unknown_glyph = re.compile(r"GLYPH<[^>]*>")
_unseen = {PdfCellRenderingMode.INVISIBLE, PdfCellRenderingMode.ONLY_CLIPPING}
_longest_thin_side = 2.0
_smallest_picture = 16


class Pdf:
    """A PDF that is open. Of its pages only one is in memory at a time."""

    def __init__(self, document: PdfDocument, title: str | None, name: str) -> None:
        self.title = title
        """As the file itself says."""
        self.page_count = document.number_of_pages()
        self._document = document
        self._name = name

    def pages(self, *, with_pictures: bool) -> Iterator[tuple[Page, list[Picture]]]:
        """The pages, in their order, with their pictures. Fails with `pdf-invalid` at one that cannot be read."""
        content = _content(with_pictures)
        for number in range(1, self.page_count + 1):
            try:
                found = self._document.get_page(number, content_config=content)
            except Exception as cause:  # whatever the parser throws: the file is its input
                raise invalid(self._name, f"page {number} cannot be read ({cause})") from cause
            yield _page(number, found), list(_pictures(found.bitmap_resources))
            self._document.unload_pages((number, number + 1))


@contextmanager
def open_pdf(path: Path, name: str) -> Iterator[Pdf]:
    """Opens a PDF. Fails, not retryable, with `pdf-invalid` or `pdf-encrypted`."""
    parser = DoclingPdfParser(loglevel="fatal")
    try:
        document = parser.load(path, decode_config=DecodeConfig(release_native_memory_every_n_pages=20))
    except Exception as cause:
        check_pdf(path, name)
        raise invalid(name, "its structure is damaged") from cause
    try:
        yield Pdf(document, title_of(path), name)
    finally:
        document.unload()


def invalid(name: str, why: str) -> Failure:
    return Failure(f"'{name}' is no PDF that can be read: {why}", code="pdf-invalid", retryable=False)


def check_pdf(path: Path, name: str) -> None:
    """Fails where PDFium cannot open a file, and says why: Docling's parser does not."""
    try:
        pypdfium2.PdfDocument(path).close()
    except pypdfium2.PdfiumError as error:
        if "password" not in str(error).lower():
            raise invalid(name, str(error)) from error
        message = f"'{name}' is encrypted and cannot be read without its password."
        raise Failure(message, code="pdf-encrypted", retryable=False) from error


def title_of(path: Path) -> str | None:
    """As the file itself says."""
    try:
        document = pypdfium2.PdfDocument(path)
    except pypdfium2.PdfiumError:
        return None
    try:
        return document.get_metadata_value("Title").strip() or None
    finally:
        document.close()


def _content(with_pictures: bool) -> ContentConfig:
    return ContentConfig(
        char_cells_content_level=ContentLevel.COMPUTE,
        word_cells_content_level=ContentLevel.SKIP,
        line_cells_content_level=ContentLevel.COMPUTE_AND_MATERIALIZE,
        shapes_content_level=ContentLevel.COMPUTE_AND_MATERIALIZE,
        bitmaps_content_level=ContentLevel.COMPUTE_AND_MATERIALIZE if with_pictures else ContentLevel.SKIP,
        include_bitmap_bytes=with_pictures,
    )


def _page(number: int, found: Any) -> Page:
    size = found.dimension
    return Page(
        number=number,
        width=size.width,
        height=size.height,
        items=tuple(_items(found.textline_cells)),
        rules=tuple(rule for shape in found.shapes for rule in _rules(shape)),
    )


def _items(cells: Iterable[Any]) -> Iterator[Item]:
    for cell in cells:
        text = " ".join(_unknown_glyph.sub("", cell.text).split())
        rect = cell.rect
        is_upright = abs(rect.r_y1 - rect.r_y0) <= abs(rect.r_x1 - rect.r_x0)
        if text and is_upright and cell.rendering_mode not in _unseen:
            yield Item(text, _box(rect))


def _box(rect: Any) -> Box:
    xs = (rect.r_x0, rect.r_x1, rect.r_x2, rect.r_x3)
    ys = (rect.r_y0, rect.r_y1, rect.r_y2, rect.r_y3)
    return Box(min(xs), min(ys), max(xs), max(ys))


def _rules(shape: Any) -> Iterator[Rule]:
    """The straight lines of a shape: its own, or the edges of a box. A box that is thin is one line."""
    points = [(point.x, point.y) for point in shape.points]
    if len(points) < 2 or len(points) > 6:
        return
    xs, ys = [x for x, _ in points], [y for _, y in points]
    left, right, bottom, top = min(xs), max(xs), min(ys), max(ys)
    if top - bottom <= _longest_thin_side < right - left:
        yield Rule(True, (top + bottom) / 2, left, right)
    elif right - left <= _longest_thin_side < top - bottom:
        yield Rule(False, (left + right) / 2, bottom, top)
    elif all(_is_near(x, (left, right)) and _is_near(y, (bottom, top)) for x, y in points):
        for y in (bottom, top):
            yield Rule(True, y, left, right)
        for x in (left, right):
            yield Rule(False, x, bottom, top)


def _is_near(value: float, others: tuple[float, float]) -> bool:
    return any(abs(value - other) < 0.5 for other in others)


def _pictures(bitmaps: Iterable[Any]) -> Iterator[Picture]:
    for bitmap in bitmaps:
        image = bitmap.image.pil_image if bitmap.image is not None else None
        # Smaller ones are bullets, shadows and lines.
        if image is None or min(image.size) < _smallest_picture:
            continue
        if image.mode == "RGBA" and image.getchannel("A").getextrema() == (255, 255):
            image = image.convert("RGB")
        png = io.BytesIO()
        image.save(png, "PNG")
        yield Picture(_box(bitmap.rect), png.getvalue(), image.size)
