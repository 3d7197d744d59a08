"""Markdown as the program shows it: read by Qt, in the program's letters, sizes and colours."""

from __future__ import annotations

from collections.abc import Iterator

from PySide6.QtGui import (
    QColor,
    QFont,
    QTextBlock,
    QTextBlockFormat,
    QTextCharFormat,
    QTextCursor,
    QTextDocument,
    QTextFormat,
    QTextFragment,
    QTextFrame,
    QTextLength,
    QTextTable,
)

from gui.appearance.text_size import LEAD, TEXT, TITLE
from gui.appearance.theme import FAMILY, Appearance

_HEADINGS = {1: TITLE, 2: LEAD}
"""Sizes of headings by level; deeper ones have that of text."""


_GITHUB = QTextDocument.MarkdownFeature.MarkdownDialectGitHub


def show_markdown(document: QTextDocument, text: str, appearance: Appearance, margin: int = 16) -> None:
    """Write a text in Markdown into a document, in the sizes and colours of the moment; HTML in it is only text.

    margin: around it, in pixels of a screen of 1080 lines.
    """
    size = appearance.text(TEXT)
    font = QFont(FAMILY)
    font.setPixelSize(size)
    document.setDefaultFont(font)
    document.setDocumentMargin(appearance.px(margin))
    document.setMarkdown(text, _GITHUB | QTextDocument.MarkdownFeature.MarkdownNoHTML)
    cursor = QTextCursor(document)
    cursor.beginEditBlock()
    for block in blocks_of(document):
        _dress(QTextCursor(block), block, appearance)
    for table in _tables(document.rootFrame()):
        _dress_table(table, appearance)
    cursor.endEditBlock()


def blocks_of(document: QTextDocument) -> Iterator[QTextBlock]:
    """Return the paragraphs of a document, one after the other."""
    block = document.begin()
    while block.isValid():
        yield block
        block = block.next()


def _dress(cursor: QTextCursor, block: QTextBlock, appearance: Appearance) -> None:
    """Give a paragraph its distances, a heading its size, and code its letters."""
    level, is_code = block.blockFormat().headingLevel(), _is_code(block)
    shape = QTextBlockFormat()
    if level:
        shape.setTopMargin(appearance.px(20 if level > 1 else 0))
        shape.setBottomMargin(appearance.px(6))
    elif block.textList() is None and cursor.currentTable() is None and not (is_code and _is_code(block.next())):
        shape.setBottomMargin(appearance.px(8))
    if not is_code and not any(fragment.charFormat().isImageFormat() for fragment in _fragments(block)):
        shape.setLineHeight(125, QTextBlockFormat.LineHeightTypes.ProportionalHeight.value)
    cursor.mergeBlockFormat(shape)
    for fragment in _fragments(block):
        part = QTextCursor(block)
        part.setPosition(fragment.position())
        part.setPosition(fragment.position() + fragment.length(), QTextCursor.MoveMode.KeepAnchor)
        part.setCharFormat(_dressed(fragment.charFormat(), level, is_code, appearance))


def _is_code(block: QTextBlock) -> bool:
    """Return whether a paragraph is a line of a block of code."""
    marks = QTextFormat.Property.BlockCodeLanguage, QTextFormat.Property.BlockCodeFence
    return block.isValid() and any(block.blockFormat().hasProperty(mark) for mark in marks)


def _dressed(before: QTextCharFormat, level: int, is_code: bool, appearance: Appearance) -> QTextCharFormat:
    """Return how words look. level: of the heading that they are in, 0 for none; is_code: in a block of code."""
    if before.isImageFormat():
        picture = before.toImageFormat()
        picture.setMaximumWidth(QTextLength(QTextLength.Type.PercentageLength, 100))
        return picture
    dress = QTextCharFormat(before)
    if level:
        dress.clearProperty(QTextFormat.Property.FontSizeAdjustment)  # it would come before the size
        dress.setProperty(QTextFormat.Property.FontPixelSize, appearance.text(_HEADINGS.get(level, TEXT)))
    if level or before.fontWeight() > QFont.Weight.Medium:
        dress.setFontWeight(QFont.Weight.DemiBold)
    if before.isAnchor():
        dress.setForeground(QColor(appearance.theme.ink))
        dress.setFontUnderline(True)
    if before.fontFixedPitch():
        dress.setFontFamilies(["monospace"])
        dress.setBackground(QColor(appearance.theme.ground))
        if not is_code:
            dress.setProperty(QTextFormat.Property.FontPixelSize, round(0.93 * appearance.text(TEXT)))
    return dress


def _fragments(block: QTextBlock) -> list[QTextFragment]:
    found: list[QTextFragment] = []
    step = block.begin()
    while not step.atEnd():
        found.append(step.fragment())
        step += 1
    return found


def _tables(frame: QTextFrame) -> Iterator[QTextTable]:
    for child in frame.childFrames():
        if isinstance(child, QTextTable):
            yield child
        yield from _tables(child)


def _dress_table(table: QTextTable, appearance: Appearance) -> None:
    shape = table.format()
    shape.setBorder(1)
    shape.setBorderBrush(QColor(appearance.theme.edge))
    shape.setBorderCollapse(True)
    shape.setCellPadding(appearance.px(5))
    shape.setWidth(QTextLength(QTextLength.Type.PercentageLength, 100))
    table.setFormat(shape)
