"""Lines of text, and the cells in them."""

from __future__ import annotations

from dataclasses import dataclass

from .page import Box, Item, around

_cell_gap = 1.2
"""A gap wider than this, in font heights, separates cells; justified text stays below it."""
_word_gap = 0.15
"""A gap wider than this separates words, where the file has no blank."""


@dataclass(frozen=True, slots=True)
class Cell:
    """Text that stands together in a line: a sentence, or what is in one column of a table."""

    text: str
    box: Box


@dataclass(frozen=True, slots=True)
class Line:
    cells: tuple[Cell, ...]
    height: float
    """Of its largest font."""
    box: Box

    @property
    def text(self) -> str:
        return " ".join(cell.text for cell in self.cells)


def lines_of(items: list[Item]) -> list[Line]:
    """The items as lines, from top to bottom, and their cells from left to right."""
    rows: list[list[Item]] = []
    for item in sorted(items, key=lambda item: (-item.box.bottom, item.box.left)):
        # Superscripts and mixed sizes share a line.
        if rows and rows[-1][0].box.bottom - item.box.bottom < 0.5 * max(rows[-1][0].box.height, item.box.height):
            rows[-1].append(item)
        else:
            rows.append([item])
    return [_line(row) for row in rows]


def _line(row: list[Item]) -> Line:
    height = max(item.box.height for item in row)
    cells: list[Cell] = []
    for item in sorted(row, key=lambda item: item.box.left):
        gap = item.box.left - cells[-1].box.right if cells else 0.0
        if not cells or gap > _cell_gap * height:
            cells.append(Cell(item.text, item.box))
        else:
            blank = " " if gap > _word_gap * height else ""
            cells[-1] = Cell(cells[-1].text + blank + item.text, around([cells[-1].box, item.box]))
    return Line(tuple(cells), height, around([cell.box for cell in cells]))
