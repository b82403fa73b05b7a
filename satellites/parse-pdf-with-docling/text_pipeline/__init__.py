"""Reads the text layer of a PDF that was born digital, without models: Docling's own parser gives text with its places, what it means is
told from how it lies on the page."""

from .document import ReadDocument, read_document

__all__ = ["ReadDocument", "read_document"]
