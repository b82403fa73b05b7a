"""Tables with a grid: lines that are drawn say where the cells are, also those with several lines of text."""

from __future__ import annotations

from dataclasses import dataclass

from .lines import lines_of
from .page import Box, Item, Rule

_near = 2.5
"""Rules that miss each other by so much still meet, in points."""
_most_rules = 1500
"""Pages with more have a drawing: to compare them all would take long."""


@dataclass(frozen=True, slots=True)
class Grid:
    box: Box
    rows: list[list[str]]
    items: list[Item]
    """What stands in it."""


def grids_of(items: list[Item], rules: tuple[Rule, ...]) -> list[Grid]:
    """The tables of a page that are drawn as grids."""
    different = list({(rule.is_horizontal, round(rule.at), round(rule.start), round(rule.end)): rule for rule in rules}.values())
    if not 5 <= len(different) <= _most_rules:
        return []
    return [grid for group in _connected(different) if (grid := _grid(items, group)) is not None]


def _connected(rules: list[Rule]) -> list[list[Rule]]:
    """Groups of rules that meet one another."""
    groups: list[list[Rule]] = []
    for rule in rules:
        met = [group for group in groups if any(_meet(rule, other) for other in group)]
        groups = [group for group in groups if group not in met]
        groups.append([rule, *(other for group in met for other in group)])
    return groups


def _meet(one: Rule, other: Rule) -> bool:
    if one.is_horizontal == other.is_horizontal:
        return abs(one.at - other.at) < _near and one.start < other.end + _near and other.start < one.end + _near
    return _holds(one, other.at) and _holds(other, one.at)


def _holds(rule: Rule, at: float) -> bool:
    return rule.start - _near < at < rule.end + _near


def _grid(items: list[Item], rules: list[Rule]) -> Grid | None:
    ys = _positions([rule for rule in rules if rule.is_horizontal])[::-1]
    xs = _positions([rule for rule in rules if not rule.is_horizontal])
    if len(ys) < 3 or len(xs) < 3:
        return None
    box = Box(xs[0], ys[-1], xs[-1], ys[0])
    inside = [item for item in items if box.left < item.box.middle[0] < box.right and box.bottom < item.box.middle[1] < box.top]
    cells: dict[tuple[int, int], list[Item]] = {}
    for item in inside:
        x, y = item.box.middle
        row = next(index for index in range(len(ys) - 1) if y >= ys[index + 1])
        column = next(index for index in range(len(xs) - 1) if x <= xs[index + 1])
        cells.setdefault((row, column), []).append(item)
    rows = [[_text(cells.get((row, column), [])) for column in range(len(xs) - 1)] for row in range(len(ys) - 1)]
    return Grid(box, _trimmed(rows), inside) if _is_table(rows) else None


def _positions(rules: list[Rule]) -> list[float]:
    """Where rules lie, from the smallest; those that nearly coincide are one."""
    found: list[float] = []
    for at in sorted(rule.at for rule in rules):
        if not found or at - found[-1] > _near:
            found.append(at)
    return found


def _text(items: list[Item]) -> str:
    return " ".join(line.text for line in lines_of(items))


def _is_table(rows: list[list[str]]) -> bool:
    """A chart or a frame has a grid, too, but little in it."""
    filled = [[bool(text) for text in row] for row in rows]
    rows_with_several = sum(sum(row) >= 2 for row in filled)
    return rows_with_several >= 2 and sum(map(sum, filled)) >= 0.4 * sum(map(len, filled))


def _trimmed(rows: list[list[str]]) -> list[list[str]]:
    """Without the rows and columns in which nothing stands: double lines and margins."""
    rows = [row for row in rows if any(row)]
    columns = [index for index in range(len(rows[0])) if any(row[index] for row in rows)]
    return [[row[index] for index in columns] for row in rows]
