"""What lies on a page, as headings, paragraphs, list items and tables."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Set
from dataclasses import dataclass

from .columns import regions
from .grids import Grid, grids_of
from .lines import Line, lines_of
from .page import Box, Item, Page, around
from .tables import table_length, table_rows

_bullet = re.compile(r"^(?:[•▪◦‣·●○■]|[-–*](?=\s))\s*")
_number = re.compile(r"^\(?(\d{1,2})[.)]\s+(?=\S)")
_paragraph_gap = 1.9
"""Lines further apart than this, in font heights, are two paragraphs."""


@dataclass(frozen=True, slots=True)
class Heading:
    text: str
    level: int
    box: Box


@dataclass(frozen=True, slots=True)
class Paragraph:
    text: str
    box: Box


@dataclass(frozen=True, slots=True)
class ListItem:
    text: str
    marker: str
    """`-`, or the number as it is written: `1.`"""
    box: Box


@dataclass(frozen=True, slots=True)
class Table:
    rows: list[list[str]]
    """The first one is the header. Every row has a cell for each column."""
    box: Box


Block = Heading | Paragraph | ListItem | Table


def body_height(pages: Iterable[Page], furniture: Set[int] = frozenset()) -> float:
    """The height of running text: the one that most letters have."""
    letters: Counter[float] = Counter()
    for item in (item for page in pages for item in page.items if id(item) not in furniture):
        letters[round(item.box.height * 2) / 2] += len(item.text)
    return letters.most_common(1)[0][0] if letters else 0.0


def blocks_of(page: Page, body: float, furniture: Set[int] = frozenset()) -> list[Block]:
    """The blocks of a page in reading order.

    :param body: the height of running text in the whole document
    :param furniture: the ids of items that are left out
    """
    items = [item for item in page.items if id(item) not in furniture]
    grids = grids_of(items, page.rules)
    in_grids = {id(item) for grid in grids for item in grid.items}
    blocks: list[Block] = []
    for part, grid in _between([item for item in items if id(item) not in in_grids], grids):
        for region in regions(part):
            blocks += _blocks(lines_of(region), body)
        if grid is not None:
            blocks.append(Table(grid.rows, grid.box))
    return blocks


def _between(items: list[Item], grids: list[Grid]) -> Iterable[tuple[list[Item], Grid | None]]:
    """What stands above each grid, with the grid, and then the rest."""
    rest = items
    for grid in sorted(grids, key=lambda grid: -grid.box.top):
        above = [item for item in rest if item.box.middle[1] > grid.box.middle[1]]
        rest = [item for item in rest if item.box.middle[1] <= grid.box.middle[1]]
        yield above, grid
    yield rest, None


def _blocks(lines: list[Line], body: float) -> list[Block]:
    blocks: list[Block] = []
    paragraph: list[Line] = []

    def close() -> None:
        if paragraph:
            blocks.append(_text_block(paragraph, body))
            paragraph.clear()

    at = 0
    while at < len(lines):
        length = table_length(lines, at)
        if length >= 2:
            close()
            rows = lines[at : at + length]
            blocks.append(Table(table_rows(rows), around([row.box for row in rows])))
            at += length
            continue
        if not paragraph or not _continues(paragraph, lines[at]):
            close()
        paragraph.append(lines[at])
        at += 1
    close()
    return blocks


def _continues(paragraph: list[Line], line: Line) -> bool:
    before = paragraph[-1]
    is_close = before.box.bottom - line.box.bottom <= _paragraph_gap * max(before.height, line.height)
    return is_close and abs(before.height - line.height) < 0.6 and not _begins_item(paragraph[0], line)


def _begins_item(first: Line, line: Line) -> bool:
    if _bullet.match(line.text):
        return True
    number = _number.match(line.text)
    if number is None:
        return False
    # A sentence may go on with a number; the next one of a list is one more than that before.
    before = _number.match(first.text)
    return int(number[1]) == (1 if before is None else int(before[1]) + 1)


def _text_block(lines: list[Line], body: float) -> Block:
    text = lines[0].text
    for line in lines[1:]:
        text = _joined(text, line.text)
    box = around([line.box for line in lines])
    level = _heading_level(lines[0].height / body, text)
    if level is not None:
        return Heading(text, level, box)
    if bullet := _bullet.match(text):
        return ListItem(text[bullet.end() :], "-", box)
    if number := _number.match(text):
        return ListItem(text[number.end() :], f"{number[1]}.", box)
    return Paragraph(text, box)


def _heading_level(size: float, text: str) -> int | None:
    if len(text) > 200:
        return None
    if size >= 1.7:
        return 1
    if size >= 1.25:
        return 2
    return 3 if size >= 1.12 else None


def _joined(before: str, line: str) -> str:
    """Two lines; a word that was divided at the end of the first becomes whole."""
    if len(before) > 1 and before[-1] == "-" and before[-2].islower() and line[:1].islower():
        return before[:-1] + line
    return f"{before} {line}"
