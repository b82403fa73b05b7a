"""Tables without a grid: columns that stand apart over several lines."""

from __future__ import annotations

from dataclasses import dataclass

from .lines import Cell, Line

_row_gap = 3.5
"""Lines further apart than this, in font heights, are not of one table."""


@dataclass
class _Span:
    left: float
    right: float


def table_length(lines: list[Line], start: int) -> int:
    """How many of the lines from `start` on are rows of one table. Less than two: there is none."""
    end = start
    while end < len(lines):
        line = lines[end]
        if len(line.cells) < 2:
            break
        if end > start and lines[end - 1].box.bottom - line.box.bottom > _row_gap * max(lines[end - 1].height, line.height):
            break
        end += 1
    return end - start


def table_rows(lines: list[Line]) -> list[list[str]]:
    """The cells of each line, in their columns. Every row has a cell for each column."""
    columns = _columns(lines)
    rows: list[list[str]] = []
    for line in lines:
        row = [""] * len(columns)
        for cell in line.cells:
            column = _nearest(columns, cell)
            row[column] = f"{row[column]} {cell.text}" if row[column] else cell.text
        rows.append(row)
    return rows


def _columns(lines: list[Line]) -> list[_Span]:
    """The columns are what the fullest rows cover; a header that spans two of them does not join them."""
    most = max(len(line.cells) for line in lines)
    spans: list[_Span] = []
    for cell in (cell for line in lines if len(line.cells) == most for cell in line.cells):
        merged = _Span(cell.box.left, cell.box.right)
        for span in [span for span in spans if cell.box.left < span.right and cell.box.right > span.left]:
            merged = _Span(min(merged.left, span.left), max(merged.right, span.right))
            spans.remove(span)
        spans.append(merged)
    return sorted(spans, key=lambda span: span.left)


def _nearest(columns: list[_Span], cell: Cell) -> int:
    def distance(column: _Span) -> float:
        overlap = min(cell.box.right, column.right) - max(cell.box.left, column.left)
        return -overlap if overlap > 0 else abs(cell.box.middle[0] - (column.left + column.right) / 2)

    return min(range(len(columns)), key=lambda index: distance(columns[index]))
