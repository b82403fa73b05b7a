"""Reads a PDF with Docling itself: its models find layout, tables and text in images."""

from __future__ import annotations

import io
import os
from functools import cache
from importlib.util import find_spec
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, Any

from docling_core.types.doc import DoclingDocument

from exosphere_satellite import Context, Failure, FileValue, Request
from rendering import rendered
from text_pipeline.pdf import check_pdf, title_of

if TYPE_CHECKING:
    from docling.document_converter import DocumentConverter


def read_with_models(request: Request, context: Context, name: str) -> dict[str, Any]:
    """Gives the output object. Fails, not retryable, with `pdf-invalid`, `pdf-encrypted`, `pipeline-missing`, `models-missing` or
    `language-unsupported`."""
    file, config = request.input["file"], request.config
    extracts_images = bool(config.get("extract-images"))
    models = _models()
    with context.files.as_path(file, ".pdf") as path:
        check_pdf(path, name)
        document = _converted(path, models, config.get("language"), extracts_images)
        title = title_of(path)
    document.name = PurePath(name).stem
    if document.origin is not None:
        document.origin.filename = PurePath(name).name
        document.origin.binary_hash %= 1 << 52  # what JSON's numbers hold exactly
    images = _store_images(document, document.name, context) if extracts_images else []
    context.log.info(f"read {len(document.pages)} pages with models", name=name)
    return {
        **rendered(document, config.get("output-format", "markdown-string"), has_images=bool(images)),
        "pages": len(document.pages),
        **({} if title is None else {"title": title}),
        **({"images": images} if extracts_images else {}),
    }


def _converted(path: Path, models: Path | None, language: str | None, extracts_images: bool) -> DoclingDocument:
    from docling.exceptions import OcrLanguageNotSupportedError
    from pydantic import ValidationError

    try:
        return _converter(models, language, extracts_images).convert(path).document
    except (OcrLanguageNotSupportedError, ValidationError) as error:
        raise Failure(str(error), code="language-unsupported", retryable=False) from error
    except FileNotFoundError as error:
        if models is None:
            raise  # a download that failed: another attempt may help
        raise Failure(f"'{models}' lacks models: {error}", code="models-missing", retryable=False) from error


def _models() -> Path | None:
    """The folder with the models. None: they are downloaded, where the manifest lets the satellite reach the network."""
    if find_spec("docling") is None:
        raise Failure(
            "This image has the text pipeline only. For 'pipeline: full', build it with '--build-arg PIPELINES=full' (see the README).",
            code="pipeline-missing",
            retryable=False,
        )
    folder = Path(os.environ.get("DOCLING_ARTIFACTS_PATH", "/models"))
    if folder.is_dir() and any(folder.iterdir()):
        return folder
    if "HTTPS_PROXY" in os.environ:
        return None
    raise Failure(
        f"'pipeline: full' needs Docling's models; there are none in '{folder}', and the satellite has no network to fetch them. "
        "Build the image with '--build-arg MODELS=download' (see the README).",
        code="models-missing",
        retryable=False,
    )


@cache
def _converter(models: Path | None, language: str | None, extracts_images: bool) -> DocumentConverter:
    """Loading Docling and its models takes long: only who asks for them waits, and a converter is kept for each kind of request."""
    from docling.datamodel.base_models import InputFormat
    from docling.datamodel.pipeline_options import OcrAutoOptions, PdfPipelineOptions
    from docling.document_converter import DocumentConverter, PdfFormatOption

    options = PdfPipelineOptions(
        artifacts_path=models,
        generate_picture_images=extracts_images,
        ocr_options=OcrAutoOptions(lang=[] if language is None else [f"iso:{language}"]),
    )
    return DocumentConverter(allowed_formats=[InputFormat.PDF], format_options={InputFormat.PDF: PdfFormatOption(pipeline_options=options)})


def _store_images(document: DoclingDocument, stem: str, context: Context) -> list[FileValue]:
    """Stores the images, and puts their names in the place of their bytes."""
    stored: dict[str, FileValue] = {}
    for at, picture in enumerate(document.pictures, 1):
        image = picture.get_image(document)
        if image is None or picture.image is None:
            continue
        png = io.BytesIO()
        image.save(png, "PNG")
        value = context.files.write(f"{stem}-{at}.png", "image/png", png.getvalue())
        picture.image.uri = Path(value["name"])
        stored[value["file"]] = value
    return list(stored.values())
