import os
import tracemalloc
from pathlib import Path

import numpy as np
import pytest

from engine.tables.answers import DataError, ReadingStoppedError
from engine.tables.reading import read_table
from engine.tables.table import Table


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
    assert found.find("Deaths") == 2
    assert found.find("3") == 2
    assert found.numeric_columns() == (1, 2)
    with pytest.raises(DataError, match="no column 'births'; choose one of 'place', 'cases', 'deaths'"):
        found.find("births")


@pytest.mark.parametrize("wanted", ["9" * 5000, "9" * 200_000, "0" * 5000 + "2", "\N{ARABIC-INDIC DIGIT THREE}" * 4301])
def test_a_number_of_thousands_of_digits_is_no_column(tmp_path: Path, wanted: str) -> None:
    found = table(tmp_path, "day,cases\n1,3\n2,0\n")
    for find in (found.find, found.find_each):
        with pytest.raises(DataError, match=r"there is no column '.{40}…'; choose one of 'day', 'cases'"):
            find(wanted)


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


def test_a_row_longer_than_the_first_is_refused(tmp_path: Path) -> None:
    # Such as a decimal comma between commas: read all the same, it would give other numbers.
    with pytest.raises(DataError, match=r"data\.csv, line 3: this row has 3 cells, but line 1 names 2 columns;"):
        table(tmp_path, "day,cases\n1,5\n2,5,5\n")
    assert table(tmp_path, "day,cases\n1,5,\n2,6,,\n").column(1).tolist() == [5, 6]  # nothing stands there


def test_columns_are_found_together(tmp_path: Path) -> None:
    found = table(tmp_path, 'day,place,cases,"deaths, all",all\n1,A,3,1,4\n2,B,1,0,1\n')
    assert found.find_each("all") == (2, 3, 4)
    assert found.find_each(" Cases ,1, 3,,cases") == (2, 0)
    assert found.find_each("deaths, all") == (3,)
    assert found.find_each('"deaths, all", 5') == (3, 4)
    assert found.find_each("") == ()
    with pytest.raises(DataError, match="no column '7'"):
        found.find_each("cases, 7")


def test_a_first_row_of_dates_is_no_header(tmp_path: Path) -> None:
    found = table(tmp_path, "2020-03-01,5,1\n2020-03-02,6,2\n")
    assert found.names == ("column 1", "column 2", "column 3")
    np.testing.assert_array_equal(found.column(1), [5, 6])
    assert table(tmp_path, "place,2019,2020\nA,5,3\n").names == ("place", "2019", "2020")


def test_a_table_without_most_of_its_numbers_knows_its_columns(tmp_path: Path) -> None:
    found = table(tmp_path, "day,place,cases,gaps\n1,A,3,1\n2,B,1,\n" + "3,B,1,4\n" * 1000).outline()
    assert [values.size for values in found.values] == [20, 0, 20, 20]
    assert [choice.value for choice in found.choices()] == ["day", "cases", "gaps"]
    found.require(2)
    with pytest.raises(DataError, match=r"line 3, column 'gaps': .* the cell is empty"):
        found.require(3)


def test_rows_of_many_chunks_keep_their_lines(tmp_path: Path) -> None:
    rows = 20_000
    content = "day,cases\n\n" + "".join(f"{day},{day % 7}\n" for day in range(rows))
    found = table(tmp_path, content)
    assert found.count == rows
    np.testing.assert_array_equal(found.column(1), np.arange(rows) % 7)
    assert found.lines[[0, rows - 1]].tolist() == [3, rows + 2]
    with pytest.raises(DataError, match=f"line {rows + 3}, column 'cases': .* found 'many'"):
        table(tmp_path, content + "1,many\n").column(1)


def test_quoted_lines_are_counted(tmp_path: Path) -> None:
    found = table(tmp_path, 'day,note,cases\n1,"two\nlines",5\n2,one,x\n')
    with pytest.raises(DataError, match="line 4, column 'cases'"):
        found.column(2)


def test_letters_beyond_the_first_kilobytes_decide_the_encoding_too(tmp_path: Path) -> None:
    head = "place,cases\n" + "Bern,1\n" * 100_000
    assert table(tmp_path, head.encode() + "Genève,2\n".encode("cp1252")).column(1)[-1] == 2
    assert table(tmp_path, head.encode() + "Genève,2\n".encode()).column(1)[-1] == 2
    with pytest.raises(DataError, match=r"data\.csv is not a text file in UTF-8, .*; save it again in UTF-8"):
        table(tmp_path, head.encode() + b"Gen\x81ve,2\n")


def test_reading_stops_when_asked(tmp_path: Path) -> None:
    path = tmp_path / "data.csv"
    path.write_text("cases\n" + "1\n" * 500_000)
    asked = iter(range(10**9))
    with pytest.raises(ReadingStoppedError):
        read_table(path, should_stop=lambda: next(asked) == 20)
    assert next(asked) == 21, "it went on"


def test_more_numbers_than_memory_is_meant_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("engine.tables.gathering.MOST_NUMBERS", 10_000)
    assert table(tmp_path, "a,b\n" + "1,2\n" * 5000).count == 5000
    with pytest.raises(DataError, match=r"data\.csv has more than 10,000 numbers, which is too many; choose a file"):
        table(tmp_path, "a,b\n" + "1,2\n" * 5001)
    assert table(tmp_path, "a,b\n" + "1,x\n" * 9000).count == 9000, "text takes no room"


def test_a_table_of_many_columns_is_judged_no_further_than_it_is_wanted(tmp_path: Path) -> None:
    path = tmp_path / "data.csv"
    rows = 100
    path.write_text("\n".join(",".join(str(row * column % 7) for column in range(400)) for row in range(rows)))
    chunks = rows // (4000 // 400)
    asked = 0
    stops_at = 0

    def should_stop() -> bool:
        nonlocal asked
        asked += 1
        return asked == stops_at

    read_table(path, should_stop=should_stop)
    in_all, asked = asked, 0
    assert in_all > 3 * chunks, "the reading of the rows asks once for each chunk"
    for stops_at in range(1, in_all + 1, 5):
        asked = 0
        with pytest.raises(ReadingStoppedError):
            read_table(path, should_stop=should_stop)
        assert asked == stops_at, "it went on"


@pytest.mark.parametrize(
    ("content", "line"),
    [
        ("1,2" + ",3" * 5000 + "\n", 1),
        ("a title\n\n" + ";".join(map("c{}".format, range(5002))) + "\n" + ";".join(["1"] * 5002) + "\n", 3),
        ("1 2\n" * 300 + "1 2" + " 3" * 5000 + "\n", 301),
        ("1,2" + "," * 5000 + "\n", 1),
    ],
)
def test_more_columns_than_anybody_chooses_from(tmp_path: Path, content: str, line: int) -> None:
    with pytest.raises(DataError, match=rf"data\.csv, line {line}: 5,002 columns were found, but at most 5,000 can"):
        table(tmp_path, content)
    assert len(table(tmp_path, "1,2" + ",3" * 4998 + "\n").names) == 5000


def test_a_line_without_an_end(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"data\.csv, line 2: it is longer than 1,000,000 characters"):
        table(tmp_path, "a,b\n" + "1," * 600_000)


def test_a_large_file_needs_little_memory(tmp_path: Path) -> None:
    path = tmp_path / "data.csv"
    with path.open("w") as file:
        file.write("a,b,c,place\n")
        for _ in range(100):
            file.write("-12.345678,0.000001,98765.4321,somewhere in the middle of nowhere\n" * 1000)
    tracemalloc.start()
    try:
        found = read_table(path)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert found.count == 100_000
    assert peak < 3 * 8 * 100_000 + 4 * 100_000 + 4_000_000  # 6.6 MB in the file


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
        ("day;cases\n1;1.2345,5\n", r"line 2, column 'cases': .* found '1\.2345,5'"),
        ("cases\n1\n2_000\n", r"line 3, column 'cases': .* found '2_000'"),
        ("day;cases\n1;0,5\n2;1,007.28\n", r"line 3, column 'cases': .* decimal point, .* '0,5' in line 2 a decimal"),
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
        (b'a,b\n1,"' + b"x" * 100_000, r"line 2: a quotation mark is opened here and never closed"),
        (b'a,b\n1,"' + b"x" * 200_000, r"line 2: a cell of this row has more than 131,072 characters; shorten it"),
        (b"a,b\n1," + b"x" * 200_000 + b"\n2,y\n", r"line 2: a cell of this row has more than 131,072 characters"),
        (b'a,b\n1,"x"y\n', r"line 2: there is text after a closing quotation mark"),
        (b"\xff\xfea\x00\n\x001", "is not a text file: its UTF-16 has an error"),
        (b"a,b\n1,2\n3,\x004\n", r"line 3: this is not a text file, since it contains control characters"),
    ],
)
def test_a_useless_file_gets_one_sentence(tmp_path: Path, content: bytes, sentence: str) -> None:
    with pytest.raises(DataError, match=sentence) as caught:
        table(tmp_path, content)
    assert str(caught.value).count("\n") == 0


@pytest.mark.parametrize("sign", ['"', "'", "#", "a", "5", "."])
def test_what_separates_no_cells_is_no_delimiter(tmp_path: Path, sign: str) -> None:
    found = table(tmp_path, f"sep={sign}\n1,2\n3,4\n")
    assert found.delimiter == ","
    assert found.column(1).tolist() == [2, 4]
    assert found.skipped == (1,), "it is a title"


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
