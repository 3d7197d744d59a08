"""A lesson is read as stops of text, moves and questions, and every mistake has its line."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.lessons.lesson import Ask, LessonError, Move, Words
from engine.lessons.parsing import parse
from engine.lessons.reading import LARGEST, beside, place_of, read_lesson, shipped_lessons

_LESSON = """# The gate

{about What it does.}
{minutes 7}
{show diagram}
{restart}

The [gate](point:f_t) decides.

{operation f_t}
{show sum}

Now it has. {next}

---

## Ask

{set C_0 = 1
0 0}

{ask What is C? | = C_t | It is kept.}
{ask Which? | yes / *no}
{note Wait for hands.}

A brace: \\{ and code:

```
{not a directive}
---
```
"""


def test_a_lesson_is_read_as_stops_with_a_beat_for_each_key() -> None:
    lesson, mistakes = parse(_LESSON)
    assert mistakes == []
    assert (lesson.title, lesson.about, lesson.minutes) == ("The gate", "What it does.", 7)
    first, second = lesson.stops
    assert [each.text for each in first.begin] == ["show diagram", "restart"]
    text, move, more, last = first.beats
    assert isinstance(text, Words)
    assert text.markdown.endswith("The [gate](point%20f_t) decides.")
    assert [link.text for link in text.links] == ["point f_t"]
    assert isinstance(move, Move)
    assert [(each.line, each.text) for each in move.directives] == [(10, "operation f_t"), (11, "show sum")]
    assert isinstance(more, Words)
    assert more.markdown == "Now it has."
    assert isinstance(last, Move), "a directive within a text is the move that the text announces"
    assert [(each.line, each.text) for each in second.begin] == [(19, "set C_0 = 1 0 0")]
    heading, computed, chosen, code = second.beats
    assert isinstance(heading, Words)
    assert computed == Ask(22, "What is C?", computed="C_t", because="It is kept.")
    assert chosen == Ask(23, "Which?", "no", choices=("yes", "no"))
    assert isinstance(code, Words)
    assert "A brace: { and code" in code.markdown
    assert "{not a directive}" in code.markdown
    assert second.notes == ("Wait for hands.",)


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("No title", 1, "The title is missing"),
        ("# T\n\nAn open { brace\n\nmore", 3, "never closed"),
        ("# T\n\nA } alone", 3, "stands alone"),
        ("# T\n\n{}", 3, "nothing in these braces"),
        ("# T\n\n{ask Why?}", 3, "needs a question"),
        ("# T\n\n{ask Why? | a / b}", 3, "one right choice"),
        ("# T\n\n{minutes ten}", 3, "whole number from 1 to 600"),
        ("# T\n\n![p](p.png)", 3, "no pictures"),
        ("# T\n\na\nhttps://example.org", 4, "links to nothing outside"),
        ("# T\n\n[a]: b", 3, "links to nothing outside"),
        ("# T\n\n[a](b.md)", 3, "must point at a part"),
        ("# T\n\n" + "> " * 12 + "deep", 3, "more than 8 deep"),
        ("# T\n\n" + "a" * 5000, 3, "longer than 4,000"),
        ("# T\n\n{show " + "a" * 2500 + "}", 3, "longer than 2,000"),
        ("# T\n\na\x00b", 3, "cannot be seen"),
    ],
)
def test_each_mistake_has_its_line(text: str, line: int, words: str) -> None:
    found = parse(text)[1]
    assert [mistake.line for mistake in found if words in mistake.sentence] == [line], found


def test_all_mistakes_are_found_at_once() -> None:
    assert [mistake.line for mistake in parse("# T\n\n{}\n\n{ask}\n\n}\n")[1]] == [3, 5, 7]


def test_a_shipped_lesson_is_known_by_its_name_and_a_mistyped_one_is_guessed() -> None:
    assert "forget-gate" in shipped_lessons()
    assert place_of("forget-gate").name == "forget-gate.md"
    with pytest.raises(LessonError, match="did you mean “forget-gate”"):
        place_of("forgt-gate")


def test_a_file_that_is_no_lesson_is_refused_in_a_sentence(tmp_path: Path) -> None:
    path = tmp_path / "l.md"
    path.write_bytes(b"# T\n\xff\n")
    with pytest.raises(LessonError, match=r"l\.md:2: expected UTF-8"):
        read_lesson(path)
    path.write_bytes(b"a" * (LARGEST + 1))
    with pytest.raises(LessonError, match="at most 1 MB"):
        read_lesson(path)
    with pytest.raises(LessonError, match="cannot be read"):
        read_lesson(tmp_path)
    with pytest.raises(LessonError, match="cannot be read"):
        read_lesson(tmp_path / "none.md")


def test_a_lesson_opens_only_small_files_of_its_own_folder(tmp_path: Path) -> None:
    folder = tmp_path / "lesson"
    folder.mkdir()
    (folder / "l.md").write_text("# T\n\nText", "utf-8")
    lesson = read_lesson(folder / "l.md")[0]
    (tmp_path / "out.lstmviz").write_bytes(b"{}")
    (folder / "in.lstmviz").write_bytes(b"{}")
    (folder / "large.lstmviz").write_bytes(b" " * (LARGEST + 1))
    (folder / "link.lstmviz").symlink_to(tmp_path / "out.lstmviz")
    assert beside(lesson, "in.lstmviz") == folder.resolve() / "in.lstmviz"
    for name, words in (
        ("../out.lstmviz", "in its own folder"),
        ("link.lstmviz", "in its own folder"),
        ("inn.lstmviz", "did you mean “in.lstmviz”"),
        ("large.lstmviz", "at most 1 MB"),
        ("l.md", "opens only"),
        ("a\0b.lstmviz", "plain name"),
    ):
        with pytest.raises(LessonError, match=words):
            beside(lesson, name)


def test_a_number_of_the_text_says_where_it_is_from() -> None:
    lesson, mistakes = parse("# T\n\nThe sums are [[91, 175]](value:a_f) and [2](value:z_f[1] t=2).")
    assert mistakes == []
    (text,) = lesson.stops[0].beats
    assert isinstance(text, Words)
    assert [(link.text, link.says) for link in text.links] == [("value a_f", "[91, 175]"), ("value z_f[1] t=2", "2")]
    assert text.markdown.endswith("The sums are [[91, 175]](point%20a_f) and [2](point%20z_f).")
