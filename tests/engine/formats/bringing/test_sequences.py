"""Sequences for a network from elsewhere: what is understood, and the sentence for what is not."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from engine.errors import PlainError
from engine.formats.bringing.sequences import (
    LONGEST,
    SequenceError,
    file_sequence,
    given_sequence,
    random_sequence,
    text_sequence,
    typed_sequence,
    vocabulary_of,
    vocabulary_typed,
)

ROWS = np.arange(12.0).reshape(4, 3)


def test_random_numbers_are_the_same_each_time_and_say_so():
    fed = random_sequence(3, 50, seed=7)
    assert fed.x.shape == (50, 3)
    np.testing.assert_array_equal(fed.x, random_sequence(3, 50, seed=7).x)
    assert "seed 7" in fed.words
    assert abs(random_sequence(100, 100).x.std() - 1) < 0.05


@pytest.mark.parametrize("text", ["0 1 2\n3 4 5", "0, 1, 2\n3, 4, 5", "[[0, 1, 2], [3, 4, 5]]", "0\t1\t2\n3\t4\t5\n"])
def test_typed_rows_are_time_steps(text: str):
    fed = typed_sequence(text, 3)
    np.testing.assert_array_equal(fed.x, [[0, 1, 2], [3, 4, 5]])
    assert fed.words == "2 time steps, typed"


def test_one_row_is_a_whole_sequence_where_a_time_step_is_one_number():
    assert typed_sequence("1 2 3", 1).x.shape == (3, 1)
    assert typed_sequence("1 2 3", 3).x.shape == (1, 3)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "Type a row of 3 numbers"),
        ("1 2\n3 4", "Each typed row has 2 numbers, but the layer reads m = 3"),
        ("1 2 3\n4 5", "row 2"),
        ("1 2 x", "cannot be read"),
    ],
)
def test_typed_rows_that_do_not_fit_get_one_sentence(text: str, words: str):
    with pytest.raises(SequenceError, match=words) as error:
        typed_sequence(text, 3)
    assert "pasted" not in str(error.value)


def test_a_text_is_one_hot_in_the_order_of_its_vocabulary():
    np.testing.assert_array_equal(text_sequence("baa", 2).x, [[0, 1], [1, 0], [1, 0]])  # sorted: a, b
    np.testing.assert_array_equal(text_sequence("baa", 3, ("b", "c", "a")).x.argmax(1), [0, 2, 2])
    words = text_sequence("the cat the", 3, ("cat", "the", "dog"))
    np.testing.assert_array_equal(words.x.argmax(1), [1, 0, 1])
    assert "a word each" in words.words


@pytest.mark.parametrize(
    ("text", "m", "vocabulary", "words"),
    [
        ("", 3, "", "Type a text"),
        ("abc", 65, "", "The text has 3 different characters, but the layer reads m = 65"),
        ("abc", 65, "abc", "The vocabulary has 3 entries, but the layer reads m = 65"),
        ("abxé", 2, "ab", "“x”, “é” are in the text, but not in the vocabulary"),
        ("a\nb", 2, "ab", "a line end is in the text"),
        ("  ", 2, ("dog", "cat"), "no words"),
    ],
)
def test_a_text_that_does_not_fit_says_what_is_missing(text: str, m: int, vocabulary: Any, words: str):
    with pytest.raises(SequenceError, match=words):
        text_sequence(text, m, tuple(vocabulary))


def test_a_vocabulary_is_a_line_each_or_the_sorted_characters_of_a_text():
    assert vocabulary_of("b\na\n\\n\n\\s\n") == ("b", "a", "\n", " ")
    assert vocabulary_of("cat\ndog\n") == ("cat", "dog")
    assert vocabulary_of("to be or not") == tuple(sorted(set("to be or not")))
    with pytest.raises(SequenceError, match="“a” twice"):
        vocabulary_of("a\nb\na\n")
    assert vocabulary_typed("abc ABC") == tuple("abc ABC")
    assert vocabulary_typed("cat dog catfish") == ("cat", "dog", "catfish")


@pytest.mark.parametrize(
    ("array", "m", "steps"),
    [
        (ROWS, 3, 4),
        (ROWS[:1, :], 3, 1),
        (ROWS[0], 3, 1),
        (ROWS[:, 0], 1, 4),
        (ROWS[None], 3, 4),
        (ROWS[:, None], 3, 4),
        (ROWS.astype(np.int8), 3, 4),
        (np.asfortranarray(ROWS), 3, 4),
        (ROWS.astype(">f4"), 3, 4),
    ],
)
@pytest.mark.parametrize("kind", ["npy", "npz"])
def test_arrays_of_every_shape_that_can_be_a_sequence(array: Any, m: int, steps: int, kind: str, tmp_path: Path):
    path = tmp_path / f"x.{kind}"
    if kind == "npy":
        np.save(path, array)
    else:
        np.savez(path, other=np.zeros((2, 99)), x=array)
    fed = file_sequence(path, m)
    np.testing.assert_array_equal(fed.x, ROWS[:steps, :m].reshape(steps, m) if m == 3 else ROWS[:, :1])


@pytest.mark.parametrize(
    ("array", "words"),
    [
        (np.zeros((4, 5)), "5 numbers a time step, but the layer reads m = 3"),
        (np.zeros((2, 4, 3)), "shape 2 × 4 × 3"),
        (np.zeros((0, 3)), "empty"),
        (np.zeros((4, 3), complex), "no plain numbers"),
        (np.array([["a", "b", "c"]]), "no plain numbers"),
        (np.full((4, 3), np.nan), "time step 1 has NaN"),
        (np.array([[{}, 1, 2]], dtype=object), "without running code|no plain numbers"),
    ],
)
@pytest.mark.parametrize("kind", ["npy", "npz"])
def test_an_array_that_is_no_such_sequence_gets_one_sentence(array: Any, words: str, kind: str, tmp_path: Path):
    path = tmp_path / f"x.{kind}"
    np.save(path, array) if kind == "npy" else np.savez(path, x=array)
    with pytest.raises(SequenceError, match=words):
        file_sequence(path, 3)


def test_of_a_long_sequence_the_beginning_is_read(tmp_path: Path):
    for kind in ("npy", "npz"):
        path = tmp_path / f"long.{kind}"
        long = np.arange(2.0 * (LONGEST + 5)).reshape(-1, 2)
        np.save(path, long) if kind == "npy" else np.savez_compressed(path, x=long)
        fed = file_sequence(path, 2)
        np.testing.assert_array_equal(fed.x, long[:LONGEST])
        assert "the first 32,768 of 32,773 time steps" in fed.words


def test_an_archive_that_unpacks_to_more_than_memory_is_never_unpacked(tmp_path: Path):
    """A member of many GB of zeros: only the first time steps are taken, whatever the header says."""
    path = tmp_path / "bomb.npz"
    header = np.lib.format
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive, archive.open("x.npy", "w") as member:
        header.write_array_header_1_0(member, {"descr": "<f8", "fortran_order": False, "shape": (2**34, 3)})
        for _ in range(LONGEST * 24 // 2**16 + 1):
            member.write(bytes(2**16))
    assert file_sequence(path, 3).x.shape == (LONGEST, 3)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive, archive.open("x.npy", "w") as member:
        header.write_array_header_1_0(member, {"descr": "<f8", "fortran_order": True, "shape": (2**34, 3)})
        member.write(bytes(2**16))
    with pytest.raises(SequenceError, match="save a shorter sequence"):
        file_sequence(path, 3)


@pytest.mark.parametrize("data", [b"", b"PK\x03\x04", b"\x93NUMPY\x01\x00", b"nothing at all", b"\x80\x04K\x01."])
@pytest.mark.parametrize("kind", ["npy", "npz"])
def test_damaged_files_are_refused_in_one_sentence(data: bytes, kind: str, tmp_path: Path):
    path = tmp_path / f"damaged.{kind}"
    path.write_bytes(data)
    with pytest.raises(SequenceError, match="damaged"):
        file_sequence(path, 3)


def test_a_table_gives_its_columns_of_numbers(tmp_path: Path):
    path = tmp_path / "weather.csv"
    path.write_text("date,warm,wet,wind\n2024-01-01,1.5,2,3\n2024-01-02,4.5,5,6\n2024-01-03,0.5,7,2\n")
    fed = file_sequence(path, 3)
    np.testing.assert_array_equal(fed.x, [[1.5, 2, 3], [4.5, 5, 6], [0.5, 7, 2]])
    with pytest.raises(SequenceError, match=r"3 columns of numbers \(warm, wet, wind\), but the layer reads m = 2"):
        file_sequence(path, 2)
    path.write_text("1 2\n3 4\n")
    np.testing.assert_array_equal(file_sequence(path, 2).x, [[1, 2], [3, 4]])


def test_a_table_with_a_gap_says_where(tmp_path: Path):
    path = tmp_path / "gap.csv"
    path.write_text("a,b\n1.5,2\n,3\n2.5,4\n")
    with pytest.raises(PlainError, match="line 3"):
        file_sequence(path, 2)


def test_the_sequence_of_the_networks_own_file_must_fit_it():
    assert given_sequence(ROWS, 3).words == "4 time steps, from the network’s file"
    with pytest.raises(SequenceError, match="3 numbers a time step"):
        given_sequence(ROWS, 2)
