"""Writes PDFs for tests, by hand: what is tested must not depend on another library's idea of a PDF."""

from __future__ import annotations

import zlib
from dataclasses import dataclass, field


@dataclass
class PageUnderTest:
    """A page, 595 × 842 points."""

    rotate: int = 0
    drawn: list[str] = field(default_factory=list)
    images: list[tuple[int, int, bytes]] = field(default_factory=list)

    def text(self, x: float, y: float, text: str, size: float = 10, font: str = "F1") -> PageUnderTest:
        self.drawn.append(f"BT /{font} {size} Tf {x} {y} Td ({_escaped(text)}) Tj ET")
        return self

    def turned(self, x: float, y: float, text: str) -> PageUnderTest:
        """Text that runs upwards."""
        self.drawn.append(f"BT /F1 10 Tf 0 1 -1 0 {x} {y} Tm ({_escaped(text)}) Tj ET")
        return self

    def hidden(self, x: float, y: float, text: str) -> PageUnderTest:
        self.drawn.append(f"BT 3 Tr /F1 10 Tf {x} {y} Td ({_escaped(text)}) Tj 0 Tr ET")
        return self

    def line(self, x0: float, y0: float, x1: float, y1: float) -> PageUnderTest:
        self.drawn.append(f"0.5 w {x0} {y0} m {x1} {y1} l S")
        return self

    def box(self, x: float, y: float, width: float, height: float) -> PageUnderTest:
        self.drawn.append(f"0.5 w {x} {y} {width} {height} re S")
        return self

    def image(self, x: float, y: float, width: float, height: float, pixels: tuple[int, int] = (32, 24), grey: int = 120) -> PageUnderTest:
        self.drawn.append(f"q {width} 0 0 {height} {x} {y} cm /I{len(self.images)} Do Q")
        self.images.append((*pixels, bytes([grey, 10, 200]) * (pixels[0] * pixels[1])))
        return self

    def lines(self, x: float, y: float, texts: list[str], size: float = 10) -> PageUnderTest:
        for number, text in enumerate(texts):
            self.text(x, y - number * size * 1.2, text, size)
        return self


def pdf_of(*pages: PageUnderTest, title: str | None = None) -> bytes:
    """A file with these pages."""
    objects: list[bytes] = [b"", b""]  # the catalog and the page tree, once the pages are known

    def add(content: bytes) -> int:
        objects.append(content)
        return len(objects)

    fonts = {name: add(_font(base)) for name, base in {"F1": "Helvetica", "F2": "Helvetica-Bold", "F3": "Times-Roman"}.items()}
    kids = []
    for page in pages:
        images = {f"I{at}": add(_image(*image)) for at, image in enumerate(page.images)}
        content = add(_stream(b"", "\n".join(page.drawn).encode("cp1252")))
        resources = f"<< /Font << {_references(fonts)} >> /XObject << {_references(images)} >> >>"
        box = f"/MediaBox [0 0 595 842] /Rotate {page.rotate}"
        kids.append(add(f"<< /Type /Page /Parent 2 0 R {box} /Resources {resources} /Contents {content} 0 R >>".encode()))
    objects[0] = b"<< /Type /Catalog /Pages 2 0 R >>"
    objects[1] = f"<< /Type /Pages /Count {len(kids)} /Kids [{' '.join(f'{kid} 0 R' for kid in kids)}] >>".encode()
    info = "" if title is None else f" /Info {add(f'<< /Title ({_escaped(title)}) >>'.encode('cp1252'))} 0 R"
    return _file(objects, info)


def _file(objects: list[bytes], info: str) -> bytes:
    content = bytearray(b"%PDF-1.7\n")
    offsets = []
    for number, body in enumerate(objects, 1):
        offsets.append(len(content))
        content += b"%d 0 obj\n%b\nendobj\n" % (number, body)
    start = len(content)
    content += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    content += b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    content += f"trailer\n<< /Size {len(objects) + 1} /Root 1 0 R{info} >>\nstartxref\n{start}\n%%EOF\n".encode()
    return bytes(content)


def _font(base: str) -> bytes:
    return f"<< /Type /Font /Subtype /Type1 /BaseFont /{base} /Encoding /WinAnsiEncoding >>".encode()


def _image(width: int, height: int, pixels: bytes) -> bytes:
    head = f"/Type /XObject /Subtype /Image /Width {width} /Height {height} /ColorSpace /DeviceRGB /BitsPerComponent 8 /Filter /FlateDecode"
    return _stream(head.encode(), zlib.compress(pixels))


def _stream(head: bytes, content: bytes) -> bytes:
    return b"<< %b /Length %d >>\nstream\n%b\nendstream" % (head, len(content), content)


def _references(numbers: dict[str, int]) -> str:
    return " ".join(f"/{name} {number} 0 R" for name, number in numbers.items())


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("(", "\\(").replace(")", "\\)")
