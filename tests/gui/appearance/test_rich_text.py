"""Rich text is shown whole, whatever signs stand in it."""

from __future__ import annotations

import pytest
from PySide6.QtGui import QFont, QTextCursor, QTextDocument, QTextDocumentFragment

from gui.appearance.rich_text import RichLabel
from gui.window.main_window import MainWindow

CASES = {
    "Training needs n < k.": "Training needs n < k.",
    "n<k and k>3": "n<k and k>3",
    "a <b and c> d": "a <b and c> d",
    "x & y, <i>h<sub>t</sub></i>": "x & y, ht",
    "0 &lt; 1 &amp; more": "0 < 1 & more",
    '<span style="color: #123456">f</span> <= 1': "f <= 1",
    "<<1>>": "<<1>>",
    "<img src='x.png'>": "<img src='x.png'>",
}


@pytest.mark.parametrize("text", CASES)
def test_nothing_of_a_text_is_taken_for_a_tag_that_is_none(text: str):
    label = RichLabel(text)
    assert QTextDocumentFragment.fromHtml(label.text()).toPlainText() == CASES[text]
    label.setText("")
    label.setText(text)
    assert QTextDocumentFragment.fromHtml(label.text()).toPlainText() == CASES[text]


def test_bold_text_has_the_semi_bold_letters_that_the_program_has():
    fragment = QTextDocumentFragment.fromHtml(RichLabel("a <b>word</b>").text())
    document = QTextDocument()
    QTextCursor(document).insertFragment(fragment)
    weights = {char: _weight_at(document, place) for place, char in enumerate("a word", 1)}
    assert (weights["a"], weights["w"], weights["d"]) == (QFont.Weight.Normal, *[QFont.Weight.DemiBold] * 2)


def _weight_at(document: QTextDocument, place: int) -> int:
    cursor = QTextCursor(document)
    cursor.setPosition(place)
    return cursor.charFormat().fontWeight()


def test_the_note_under_the_sizes_is_whole(window: MainWindow):
    document = window.model.document.resized(n=5, projected=True)
    window.model.edit(document, "n = 5")
    notes = [label for label in window.sizes.findChildren(RichLabel) if label.objectName() == "note"]
    assert QTextDocumentFragment.fromHtml(notes[0].text()).toPlainText().endswith("Training needs n < k.")
