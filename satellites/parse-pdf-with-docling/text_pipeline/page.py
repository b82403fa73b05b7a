"""What lies on a page."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Box:
    """A place on a page, in points; y grows upwards."""

    left: float
    bottom: float
    right: float
    top: float

    @property
    def height(self) -> float:
        return self.top - self.bottom

    @property
    def width(self) -> float:
        return self.right - self.left

    @property
    def middle(self) -> tuple[float, float]:
        return (self.left + self.right) / 2, (self.bottom + self.top) / 2


@dataclass(frozen=True, slots=True)
class Item:
    """A piece of text in one line, as the parser found it. Its height is that of its font."""

    text: str
    box: Box


@dataclass(frozen=True, slots=True)
class Rule:
    """A line that is drawn."""

    is_horizontal: bool
    at: float
    """Its y, where it is horizontal, else its x."""
    start: float
    end: float


@dataclass(frozen=True, slots=True)
class Picture:
    """An image on a page."""

    box: Box
    png: bytes
    pixels: tuple[int, int]
    """Its width and height."""


@dataclass(frozen=True, slots=True)
class Page:
    """The text and the lines on a page."""

    number: int
    width: float
    height: float
    items: tuple[Item, ...]
    rules: tuple[Rule, ...]


def around(boxes: list[Box]) -> Box:
    """The smallest box that holds them all."""
    return Box(
        min(box.left for box in boxes),
        min(box.bottom for box in boxes),
        max(box.right for box in boxes),
        max(box.top for box in boxes),
    )
