import os
from pathlib import Path

import numpy as np
import pytest

from engine.tasks.table import DataError, Table, read_table


def table(folder: Path, content: str | bytes) -> Table:
    path = folder / "data.csv"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return read_table(path)


@pytest.mark.parametrize(
    "content",
    [
        "year,cases\n1,1.5\n2,2.5\n",
        "year;cases\r\n1;1,5\r\n2;2,5\r\n",
        "year\tcases\n1\t1.5\n2\t2.5",
        '"year","cases"\n"1","1.5"\n\n"2"," 2.5 "\n',
        "\ufeffyear,cases\n1,1.5\n2,2.5\n",
        "year,cases\n1,1.5\n2,2.5\n".encode("utf-16"),
        "year,cases\n1,1.5\n2,2.5\n,\n".encode("cp1252"),
    ],
)
def test_the_usual_kinds_of_csv_are_read(tmp_path: Path, content: str | bytes) -> None:
    found = table(tmp_path, content)
    assert found.names == ("year", "cases")
    index = found.find("")  # leaves out the year
    assert index == 1
    np.testing.assert_array_equal(found.column(index), [1.5, 2.5])


def test_a_column_is_found_by_name_and_by_number(tmp_path: Path) -> None:
    found = table(tmp_path, "place,cases,deaths\nA,3,1\nB,1,0\n")
    assert found.find("") == 1
    assert found.find("Deaths") == 2
    assert found.find("3") == 2
    assert found.numeric_columns() == (1, 2)
    with pytest.raises(DataError, match="no column 'births'; choose one of 'place', 'cases', 'deaths'"):
        found.find("births")


def test_every_column_of_numbers_can_be_picked(tmp_path: Path) -> None:
    found = table(tmp_path, "day,place,cases,Cases,2,2\n1,A,3,4,5,6\n")
    assert [(choice.value, choice.words) for choice in found.choices()] == [
        ("day", "day"),
        ("cases", "cases"),
        ("4", "Cases (column 4)"),
        ("2", "2"),
        ("6", "2 (column 6)"),
    ]
    assert all(found.find(choice.value) == choice.index for choice in found.choices())


def test_cells_beyond_the_header_are_no_columns(tmp_path: Path) -> None:
    found = table(tmp_path, "place,kind\nA,b,3\nB,c,4\n")
    assert found.numeric_columns() == ()
    assert found.choices() == ()
    with pytest.raises(DataError, match="no column of numbers"):
        found.find("")


def test_columns_without_a_header_are_numbered(tmp_path: Path) -> None:
    found = table(tmp_path, "5\n3\n4\n")
    assert found.names == ("column 1",)
    np.testing.assert_array_equal(found.column(found.find("")), [5, 3, 4])


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ("cases\n1\n2\nmany\n", r"data\.csv, line 4, column 'cases': .* found 'many'; correct the cell"),
        ("day,cases\n1,1\n2,\n3,5\n", r"line 3, column 'cases': .* the cell is empty"),
        ("day,cases\n1,1\n\n2\n", r"line 4, column 'cases': .* the cell is empty"),
        ("cases\n1\nnan\n", r"line 3, column 'cases': .* found 'nan'"),
        ("cases\n1\n1e999\n", r"line 3, column 'cases': .* found '1e999'"),
    ],
)
def test_a_wrong_cell_is_named(tmp_path: Path, content: str, sentence: str) -> None:
    found = table(tmp_path, content)
    with pytest.raises(DataError, match=sentence):
        found.column(len(found.names) - 1)


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", "is not a text file"),
        (b"", "is empty"),
        (b"\n\n", "is empty"),
        (b"day,cases\n", "has a header but no rows"),
        (b'a,b\n1,"' + b"x" * 200_000, "is not a CSV file"),
    ],
)
def test_a_useless_file_gets_one_sentence(tmp_path: Path, content: bytes, sentence: str) -> None:
    with pytest.raises(DataError, match=sentence) as caught:
        table(tmp_path, content)
    assert str(caught.value).count("\n") == 0


def test_text_without_a_column_of_numbers(tmp_path: Path) -> None:
    found = table(tmp_path, "place\nA\nB\n")
    with pytest.raises(DataError, match="no column of numbers"):
        found.find("")


def test_a_missing_file(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="cannot be read"):
        read_table(tmp_path / "gone.csv")
    with pytest.raises(DataError, match="cannot be read"):
        read_table(tmp_path)
    with pytest.raises(DataError, match="cannot be read"):
        read_table(Path("a\0b.csv"))


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="a pipe with a name is a thing of Unix")
def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.csv")
    with pytest.raises(DataError, match=r"pipe\.csv: the file cannot be read \(it is a folder or a device\)"):
        read_table(tmp_path / "pipe.csv")
