"""Reading order: what stands in columns of running text is read one column after the other."""

from __future__ import annotations

from statistics import median

from .page import Item, around

_fewest_lines = 5
_shortest_line = 22
"""In letters: shorter ones are cells of a table."""
_narrowest_gutter = 6.0


def regions(items: list[Item]) -> list[list[Item]]:
    """The items in groups that are read one after the other, each of them one column wide."""
    gutter = _gutter(items)
    if gutter is None:
        return [items] if items else []
    found: list[list[Item]] = []
    band: list[Item] = []
    is_crossing = False
    # What crosses the gutter, a title say, is read between what is above and what is below it.
    for item in sorted(items, key=lambda item: -item.box.top):
        crosses = item.box.left < gutter < item.box.right
        if crosses != is_crossing:
            found += [band] if is_crossing else _sides(band, gutter)
            band, is_crossing = [], crosses
        band.append(item)
    return found + ([band] if is_crossing else _sides(band, gutter))


def _sides(band: list[Item], gutter: float) -> list[list[Item]]:
    """What stands between two crossing lines: two columns, or a table that is as wide as both."""
    left = [item for item in band if item.box.middle[0] < gutter]
    right = [item for item in band if item.box.middle[0] >= gutter]
    if left and right and min(_typical_length(left), _typical_length(right)) < _shortest_line:
        return [band]
    return [region for side in (left, right) for region in regions(side)]


def _typical_length(items: list[Item]) -> float:
    return median(len(item.text) for item in items)


def _gutter(items: list[Item]) -> float | None:
    """The x of a gap between two columns of running text, which few lines cross."""
    if len(items) < 2 * _fewest_lines:
        return None
    whole = around([item.box for item in items])
    edges = sorted({round(item.box.left / 4) * 4.0: item.box.left for item in reversed(items)}.values())
    best: tuple[int, float] | None = None
    for edge in edges:
        if not whole.left + 0.2 * whole.width < edge < whole.left + 0.8 * whole.width:
            continue
        gutter = edge - _narrowest_gutter / 2
        crossing = sum(item.box.left < edge - 0.5 and item.box.right > edge - _narrowest_gutter for item in items)
        if crossing <= 0.25 * len(items) and (best is None or crossing < best[0]) and _parts_text(items, gutter):
            best = (crossing, gutter)
    return None if best is None else best[1]


def _parts_text(items: list[Item], gutter: float) -> bool:
    left = [item for item in items if item.box.right <= gutter]
    right = [item for item in items if item.box.left >= gutter]
    return _is_running_text(left) and _is_running_text(right)


def _is_running_text(items: list[Item]) -> bool:
    if len(items) < _fewest_lines:
        return False
    width = around([item.box for item in items]).width
    is_filled = median(item.box.width for item in items) > 0.6 * width
    return is_filled and _typical_length(items) >= _shortest_line
