"""What stands at the edge of every page: running heads, page numbers."""

from __future__ import annotations

import re
from collections import Counter

from .page import Item, Page

_edge = 0.08
"""How much of a page's height is its edge, above and below."""
_fewest_pages = 3
_digits = re.compile(r"\d+")


def furniture_of(pages: list[Page]) -> set[int]:
    """The ids of the items that many pages have in the same place of an edge, but for their numbers."""
    if len(pages) < _fewest_pages:
        return set()
    seen: Counter[tuple[str, int]] = Counter()
    for page in pages:
        seen.update({_key(item) for item in page.items if _is_at_edge(page, item)})
    needed = max(_fewest_pages, 0.4 * len(pages))
    return {id(item) for page in pages for item in page.items if _is_at_edge(page, item) and seen[_key(item)] >= needed}


def _key(item: Item) -> tuple[str, int]:
    return _digits.sub("#", item.text), round(item.box.bottom / 4)


def _is_at_edge(page: Page, item: Item) -> bool:
    return item.box.top < _edge * page.height or item.box.bottom > (1 - _edge) * page.height
