"""The document, as Docling has it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePath

from docling_core.types.doc import (
    BoundingBox,
    ContentLayer,
    CoordOrigin,
    DocItemLabel,
    DoclingDocument,
    DocumentOrigin,
    ImageRef,
    ListGroup,
    ProvenanceItem,
    Size,
    TableCell,
    TableData,
)

from exosphere_satellite import FileValue

from .blocks import Block, Heading, ListItem, Paragraph, Table, blocks_of, body_height
from .furniture import furniture_of
from .page import Box, Item, Page, Picture
from .pdf import Pdf, open_pdf

StorePicture = Callable[[str, bytes], FileValue]
"""Stores a picture, a PNG, under a name."""


@dataclass(frozen=True)
class Shown:
    """A picture that is stored, with its place on the page."""

    box: Box
    pixels: tuple[int, int]
    file: FileValue


@dataclass(frozen=True)
class ReadDocument:
    """What was read of a PDF."""

    title: str | None
    page_count: int
    document: DoclingDocument
    images: list[FileValue]
    """Each of them once, however often it is shown."""


def read_document(
    path: Path,
    name: str,
    *,
    digest: str,
    store_picture: StorePicture | None = None,
    on_page: Callable[[int, int], None] = lambda number, count: None,
) -> ReadDocument:
    """Reads a PDF. Fails, not retryable, with `pdf-invalid` or `pdf-encrypted`.

    :param digest: of the file, in hex
    :param store_picture: is called with each picture; without it, pictures are left out
    :param on_page: is called before each page with its number and their count; what it raises ends the reading
    """
    with open_pdf(path, name) as pdf:
        pages = list(_pages(pdf, PurePath(name).stem, store_picture, on_page))
    furniture = furniture_of([page for page, _ in pages])
    body = body_height([page for page, _ in pages], furniture)
    # The hash has 52 bits of the digest: what JSON's numbers hold exactly.
    origin = DocumentOrigin(mimetype="application/pdf", binary_hash=int(digest[:13], 16), filename=PurePath(name).name)
    document = DoclingDocument(name=PurePath(name).stem, origin=origin)
    for page, shown in pages:
        _add_page(document, page, blocks_of(page, body, furniture), shown)
        _add_furniture(document, page, furniture)
    images = {picture.file["file"]: picture.file for _, shown in pages for picture in shown}
    return ReadDocument(pdf.title, pdf.page_count, document, list(images.values()))


def _pages(pdf: Pdf, stem: str, store: StorePicture | None, on_page: Callable[[int, int], None]) -> Iterator[tuple[Page, list[Shown]]]:
    """Pictures are stored page by page: those of a whole document would not fit into memory."""
    to_come = pdf.pages(with_pictures=store is not None)
    stored: dict[str, FileValue] = {}
    for number in range(1, pdf.page_count + 1):
        on_page(number, pdf.page_count)
        page, pictures = next(to_come)
        yield (
            page,
            []
            if store is None
            else [_shown(picture, f"{stem}-{number}-{at}.png", store, stored) for at, picture in enumerate(pictures, 1)],
        )


def _shown(picture: Picture, name: str, store: StorePicture, stored: dict[str, FileValue]) -> Shown:
    value = store(name, picture.png)
    # A logo on every page is one file, under the name that it got first.
    return Shown(picture.box, picture.pixels, stored.setdefault(value["file"], value))


def _add_page(document: DoclingDocument, page: Page, blocks: list[Block], shown: list[Shown]) -> None:
    document.add_page(page_no=page.number, size=Size(width=page.width, height=page.height))
    list_group: ListGroup | None = None
    for part in _with_pictures(blocks, shown):
        place = _place(page, part)
        if not isinstance(part, ListItem):
            list_group = None
            _add(document, part, place)
            continue
        if list_group is None:
            list_group = document.add_list_group()
        document.add_list_item(part.text, enumerated=part.marker != "-", marker=part.marker, prov=place, parent=list_group)


def _add_furniture(document: DoclingDocument, page: Page, furniture: set[int]) -> None:
    """Running heads and page numbers are in the document, in the layer that Docling has for them, and not in its text."""
    for item in page.items:
        if id(item) in furniture:
            label = DocItemLabel.PAGE_HEADER if item.box.bottom > page.height / 2 else DocItemLabel.PAGE_FOOTER
            document.add_text(label, item.text, prov=_place(page, item), content_layer=ContentLayer.FURNITURE)


def _with_pictures(blocks: list[Block], shown: list[Shown]) -> list[Block | Shown]:
    """Each picture stands before the first block that lies below it."""
    parts: list[Block | Shown] = list(blocks)
    for picture in sorted(shown, key=lambda picture: picture.box.top):
        at = next((index for index, part in enumerate(parts) if _is_below(part.box, picture.box)), len(parts))
        parts.insert(at, picture)
    return parts


def _is_below(box: Box, other: Box) -> bool:
    return box.top <= other.middle[1] and box.left < other.right and box.right > other.left


def _add(document: DoclingDocument, part: Block | Shown, place: ProvenanceItem) -> None:
    if isinstance(part, Heading) and part.level == 1:
        document.add_title(part.text, prov=place)
    elif isinstance(part, Heading):
        document.add_heading(part.text, level=part.level - 1, prov=place)
    elif isinstance(part, Paragraph):
        document.add_text(DocItemLabel.TEXT, part.text, prov=place)
    elif isinstance(part, Table):
        document.add_table(_table_data(part.rows), prov=place)
    elif isinstance(part, Shown):
        width, height = part.pixels
        image = ImageRef(
            mimetype="image/png",
            dpi=max(1, round(72 * width / max(part.box.width, 1))),
            size=Size(width=width, height=height),
            uri=Path(part.file["name"]),
        )
        document.add_picture(image=image, prov=place)


def _place(page: Page, part: Block | Shown | Item) -> ProvenanceItem:
    box = BoundingBox(l=part.box.left, t=part.box.top, r=part.box.right, b=part.box.bottom, coord_origin=CoordOrigin.BOTTOMLEFT)
    length = 0 if isinstance(part, (Table, Shown)) else len(part.text)
    return ProvenanceItem(page_no=page.number, bbox=box, charspan=(0, length))


def _table_data(rows: list[list[str]]) -> TableData:
    cells = [
        TableCell(
            text=text,
            start_row_offset_idx=row,
            end_row_offset_idx=row + 1,
            start_col_offset_idx=column,
            end_col_offset_idx=column + 1,
            column_header=row == 0,
        )
        for row, texts in enumerate(rows)
        for column, text in enumerate(texts)
    ]
    return TableData(num_rows=len(rows), num_cols=len(rows[0]), table_cells=cells)
