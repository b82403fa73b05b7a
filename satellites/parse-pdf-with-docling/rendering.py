"""A Docling document as the text that is handed on."""

from __future__ import annotations

from typing import Any

from docling_core.types.doc import DoclingDocument, ImageRefMode, TableItem, TextItem


def rendered(document: DoclingDocument, output_format: str, *, has_images: bool) -> dict[str, Any]:
    """What an output object has for `output-format`. Its images are named in the Markdown, where they are handed on."""
    shown = {"markdown": _plain_text(document) if output_format == "text" else _markdown(document, has_images)}
    return {**shown, "document": document.export_to_dict()} if output_format == "json" else shown


def _markdown(document: DoclingDocument, has_images: bool) -> str:
    # Unescaped: it is read by models and people, who would take the escapes for text.
    text = document.export_to_markdown(
        escape_html=False,
        escape_underscores=False,
        compact_tables=True,
        image_mode=ImageRefMode.REFERENCED if has_images else ImageRefMode.PLACEHOLDER,
        image_placeholder="",
    )
    return text.strip()


def _plain_text(document: DoclingDocument) -> str:
    """Without marks: cells are separated by tabs."""
    parts = []
    for item, _ in document.iterate_items():
        if isinstance(item, TableItem):
            parts.append("\n".join("\t".join(cell.text for cell in row) for row in item.data.grid))
        elif isinstance(item, TextItem):
            parts.append(item.text)
    return "\n\n".join(parts)
