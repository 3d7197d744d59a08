"""A painted picture as PDF, whose numbers can be found and copied.

Figures of equal width, and signs that change their height beside figures, are glyphs that a font has under no character
of their own, so a PDF made with them has no text for them. In the PDF they are the usual ones.
"""

from __future__ import annotations

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QMarginsF, QSize, QSizeF
from PySide6.QtGui import QPageSize, QPainter, QPdfWriter, QPicture

DPI = 96
"""Of a pixel of the window in a file that has lengths."""
_HEADER = 6
"""Bytes before those that the checksum of a picture is of: its name in four letters, and the checksum."""
_EQUAL_WIDTH, _USUAL = b"tnum\x00\x00\x00\x01", b"calt\x00\x00\x00\x00"
"""What Qt writes of the letters' features: that figures have one width; that signs do not change beside figures."""


def pdf_of(picture: QPicture, size: QSize) -> bytes:
    """Return a picture of so many pixels as a PDF of one page; in any thread."""
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    writer = QPdfWriter(buffer)
    writer.setCreator("LSTM Visualizer")
    writer.setResolution(DPI)
    points = QSizeF(size) * (72 / DPI)
    writer.setPageSize(QPageSize(points, QPageSize.Unit.Point, "", QPageSize.SizeMatchPolicy.ExactMatch))
    writer.setPageMargins(QMarginsF(0, 0, 0, 0))
    painter = QPainter(writer)
    painter.drawPicture(0, 0, _with_usual_figures(picture))
    painter.end()
    return bytes(buffer.data().data())


def _with_usual_figures(picture: QPicture) -> QPicture:
    """Return a picture whose letters are those that its text names."""
    written = QBuffer()
    written.open(QIODevice.OpenModeFlag.WriteOnly)
    picture.save(written)
    data = bytes(written.data().data())
    body = data[_HEADER:].replace(_EQUAL_WIDTH, _USUAL)
    checked = data[: _HEADER - 2] + _checksum(body).to_bytes(2, "big") + body
    read = QBuffer()
    read.setData(QByteArray(checked))
    read.open(QIODevice.OpenModeFlag.ReadOnly)
    changed = QPicture()
    changed.load(read)
    return changed


def _table() -> tuple[int, ...]:
    found = []
    for byte in range(256):
        for _ in range(8):
            byte = byte >> 1 ^ 0x8408 if byte & 1 else byte >> 1
        found.append(byte)
    return tuple(found)


_TABLE = _table()


def _checksum(data: bytes) -> int:
    """Return what Qt's qChecksum does: CRC-16 as in ISO 3309."""
    crc, table = 0xFFFF, _TABLE
    for byte in data:
        crc = crc >> 8 ^ table[(crc ^ byte) & 0xFF]
    return crc ^ 0xFFFF
