"""What a file leaves open is asked, what is answered is done, and what was done is said."""

import pickle
import re
import time
from pathlib import Path

import numpy as np
import pytest

from engine.tables.answers import Answers, DataError, OpenQuestion
from engine.tables.reading import read_table
from engine.tables.roles import Role
from engine.tables.table import Table
from tests.timing import assert_within, timed


def table(folder: Path, content: str, answers: Answers | None = None) -> Table:
    path = folder / "data.csv"
    path.write_text(content, "utf-8")
    return read_table(path, answers or Answers())


GAPS = "day,value,other\n1,NA,1\n2,5,2\n3,?,4\n4,,3\n5,11,5\n6,null,7\n"


def test_missing_values_are_refused_until_it_is_said_what_to_do(tmp_path: Path) -> None:
    found = table(tmp_path, GAPS)
    with pytest.raises(DataError, match=r"line 2, column 'value': .* found 'NA'; .*--missing carry .*--missing interp"):
        found.column(1)
    assert found.columns[1].reason == "line 2: found 'NA'"
    assert found.columns[1].missing == 4
    carried = table(tmp_path, GAPS, Answers(missing="carry"))
    np.testing.assert_array_equal(carried.column(1), [5, 5, 5, 5, 11, 11])
    on_lines = table(tmp_path, GAPS, Answers(missing="interpolate"))
    np.testing.assert_array_equal(on_lines.column(1), [5, 5, 7, 9, 11, 11])
    assert "“value” has 4 missing values, filled with the value before." in carried.notes


def test_a_column_of_nothing_cannot_be_filled(tmp_path: Path) -> None:
    found = table(tmp_path, "day,value,none\n1,5,\n2,7,NA\n3,6,\n", Answers(missing="carry"))
    assert found.candidates() == (1,)
    with pytest.raises(DataError, match="line 2, column 'none'"):
        found.column(2)


MARKED = "day,value\n1,12\n2,-1\n3,15\n4,x\n5,-1\n6,18\n"


def test_marks_are_missing_once_they_are_named(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"line 5, column 'value': .* found 'x'; .* --marks"):
        table(tmp_path, MARKED).column(1)
    with pytest.raises(DataError, match=r"line 3, column 'value': .* found −1, which marks a missing value;"):
        table(tmp_path, MARKED, Answers(marks="-1.0, x")).column(1)
    filled = table(tmp_path, MARKED, Answers(marks="-1, X", missing="interpolate"))
    np.testing.assert_array_equal(filled.column(1), [12, 13.5, 15, 16, 17, 18])


@pytest.mark.parametrize(
    ("values", "marks"),
    [
        ("12 -1 15 -1 11", [-1.0]),
        ("12.5 999 15.1 999 11", [999.0]),
        ("5.5 -9999 7.5 6", [-9999.0]),
        ("5.5 99.99 7.5 99.99 6", [99.99]),
        ("0.5 99999 0.7 0.1", [99999.0]),
        ("-1 -2 3 -1 5", []),  # others are negative too
        ("12 -1 15 14 11", []),  # once
        ("980 999 1010 999 1000", []),  # among the others
        ("9 99 9 99 9", []),  # nothing else to compare with
        ("99 98 97 96 95", []),
    ],
)
def test_values_that_look_like_marks(tmp_path: Path, values: str, marks: list[float]) -> None:
    rows = "".join(f"{day},{value}\n" for day, value in enumerate(values.split()))
    found = table(tmp_path, f"day,value\n{rows}")
    assert [mark for mark, _, _ in found.columns[1].marks] == marks
    assert len(found.notes) == len(marks)


@pytest.mark.parametrize(
    ("content", "numbers"),
    [
        ("n;v\n1;1'234.5\n2;2'000\n", [1234.5, 2000]),
        ("n;v\n1;1.234.567,5\n2;2.000\n", [1234567.5, 2000]),
        ("n\tv\n1\t1,5\n2\t2,000\n", [1.5, 2]),
        ('n,v\n1,"2,500.5"\n2,"2,500"\n', [2500.5, 2500]),
        ("n|v\n1|\N{MINUS SIGN}5,5\n2|1e3\n", [-5.5, 1000]),
        ("1 0,5\n2 0,7\n", [0.5, 0.7]),
        ("n;a;v\n1;0.5;1.250\n2;0.7;2.500\n", [1.25, 2.5]),  # another column shows what dots are
    ],
)
def test_one_cell_decides_for_its_column(tmp_path: Path, content: str, numbers: list[float]) -> None:
    found = table(tmp_path, content)
    np.testing.assert_array_equal(found.column(len(found.names) - 1), numbers)


def test_a_proof_far_below_is_heard(tmp_path: Path) -> None:
    rows = "".join(f"{n};1.{n % 1000:03}\n" for n in range(5000))
    assert table(tmp_path, f"n;v\n{rows}").columns[1].question is not None
    point = table(tmp_path, f"n;v\n{rows}5000;1.5\n").column(1)
    np.testing.assert_array_equal(point[:3], [1, 1.001, 1.002])
    comma = table(tmp_path, f"n;v\n{rows}5000;1,5\n").column(1)
    np.testing.assert_array_equal(comma[:3], [1000, 1001, 1002])
    with pytest.raises(DataError, match=r"line 5003, column 'v': .* decimal point, .* line 5002 a decimal comma"):
        table(tmp_path, f"n;v\n{rows}5000;1,5\n5001;1,234.5\n").column(1)


def test_a_question_travels_between_processes(tmp_path: Path) -> None:
    with pytest.raises(OpenQuestion) as asked:
        table(tmp_path, "day,a,b\n1,5,3\n2,4,9\n3,6,1\n").find("")
    again = pickle.loads(pickle.dumps(asked.value))
    assert (str(again), again.setting, again.choices) == (
        str(asked.value),
        "series_column",
        asked.value.choices,
    )
    assert [choice.value for choice in again.choices] == ["a", "b"]


@pytest.mark.parametrize(
    ("header", "names", "rows"), [("", ("a", "b"), 2), ("yes", ("a", "b"), 2), ("no", ("column 1", "column 2"), 3)]
)
def test_names_can_be_told(tmp_path: Path, header: str, names: tuple[str, ...], rows: int) -> None:
    found = table(tmp_path, "a,b\n1,2\n2,5\n", Answers(header=header))
    assert (found.names, found.count) == (names, rows)
    taken = table(tmp_path, "2019,2020\n1,2\n2,5\n", Answers(header="yes"))
    assert taken.names == ("2019", "2020")


@pytest.mark.parametrize(
    ("first", "last", "dates"),
    [
        ("Jan 1990", "Mar 1990", ("1990-01", "1990-03")),
        ("1990Q1", "1990Q3", ("1990-01", "1990-07")),
        ("199001", "199003", ("1990-01", "1990-03")),
        ("1. Januar 2020", "2. Februar 2020", ("2020-01-01", "2020-02-02")),
        ("1/30/2021 1:00 PM", "2/1/2021 12:00 AM", ("2021-01-30T13:00", "2021-02-01")),
        ("2020-01-01T00:00:00Z", "2020-01-01T01:00:00Z", ("2020-01-01", "2020-01-01T01:00")),
        ("1325317920000", "1325318040000", ("2011-12-31T07:52", "2011-12-31T07:54")),
        ("01.02.2021", "01.03.2021", ("2021-02-01", "2021-03-01")),
        ("2021-10-31T02:30+02:00", "2021-10-31T03:30+02:00", ("2021-10-31T02:30", "2021-10-31T03:30")),
        ("2021-10-31T02:30+02:00", "2021-10-31T02:00+01:00", ("2021-10-31T00:30", "2021-10-31T01:00")),
        ("31/10/2021 02:30 +0200", "31/10/2021 02:00 +0100", ("2021-10-31T00:30", "2021-10-31T01:00")),
        ("2021/03/14 01:30 -05:00", "2021/03/14 03:30 -04:00", ("2021-03-14T06:30", "2021-03-14T07:30")),
        ("2021/03/14 01:30 UTC", "2021/03/14 03:30 +01:00", ("2021-03-14T01:30", "2021-03-14T02:30")),
        ("30.12.2021 24:00", "31.12.2021 24:00", ("2021-12-31", "2022-01-01")),
        ("30/12/2021 24:00:00", "31/12/2021 23:59:60", ("2021-12-31", "2022-01-01")),
    ],
)
def test_dates_of_many_kinds(tmp_path: Path, first: str, last: str, dates: tuple[str, str]) -> None:
    found = table(tmp_path, f"date;value\n{first};5\n{last};7\n")
    assert found.positions is not None
    assert found.positions.dated
    wanted = [float(np.datetime64(date).astype("datetime64[s]").astype(np.int64)) for date in dates]
    assert found.positions.values.tolist() == wanted
    assert found.questions == ()


def test_an_hour_that_comes_twice_keeps_the_order_of_the_file(tmp_path: Path) -> None:
    times = ("02:00+02:00", "02:30+02:00", "02:00+01:00", "02:30+01:00", "03:00+01:00")
    rows = "".join(f"2021-10-31T{clock},{place * place % 7}\n" for place, clock in enumerate(times))
    found = table(tmp_path, "time,value\n" + rows)
    assert found.order == "oldest first"
    assert found.lines.tolist() == [2, 3, 4, 5, 6]
    assert found.notes == ("“time” has more than one offset from UTC; its times were converted to UTC.",)


@pytest.mark.parametrize(
    ("cell", "why"),
    [
        ("2021/01/02 10:75", "line 3 contains no date"),
        ("2021/01/02 12:99", "line 3 contains no date"),
        ("2021/01/02 10:30:61", "line 3 contains no date"),
        ("2021/01/02 25:00", "line 3 contains no date"),
        ("2021/01/02 24:01", "line 3 contains no date"),
        ("2021/01/02 13:00 pm", "line 3 contains no date"),
        ("2021/01/02 0:30 am", "line 3 contains no date"),
        ("2021/01/02 10:30+01:00", "line 3 has an offset from UTC, unlike the lines before it"),
    ],
)
def test_what_no_clock_shows_is_no_date(tmp_path: Path, cell: str, why: str) -> None:
    found = table(tmp_path, f"date,value\n2021/01/01 10:00,5\n{cell},7\n2021/01/03 10:00,6\n")
    assert found.positions is None
    assert f"“date” is not used for dates: {why}." in found.notes


@timed
@pytest.mark.parametrize("cell", ["2021/01/01 10:00", "10:00", "1 Jan 2021"])
def test_spaces_behind_a_date_take_no_time(tmp_path: Path, cell: str) -> None:
    begun = time.process_time()
    found = table(tmp_path, f"date,value\n{cell}{' ' * 9000}x,5\n{cell},7\n")
    assert found.positions is None
    assert_within(time.process_time() - begun, 0.5)


OPEN_DATES = "date,value\n03/02/2021,7\n01/02/2021,5\n02/02/2021,6\n"


def test_rows_are_sorted_once_their_dates_are_known(tmp_path: Path) -> None:
    asked = table(tmp_path, OPEN_DATES)
    with pytest.raises(OpenQuestion, match=r'03/02/2021 is day 3 of month 2.*--dates "month first"') as open_:
        asked.require_rows()
    assert open_.value.setting == "data_dates"
    by_day = table(tmp_path, OPEN_DATES, Answers(dates="day first"))
    by_day.require_rows()
    np.testing.assert_array_equal(by_day.values[1], [5, 6, 7])
    np.testing.assert_array_equal(by_day.lines, [3, 4, 2])
    assert "The rows are not sorted by “date”; now sorted by date, oldest first." in by_day.notes
    left = table(tmp_path, OPEN_DATES, Answers(dates="day first", order="as it is"))
    np.testing.assert_array_equal(left.values[1], [7, 5, 6])
    assert "The rows are not sorted by “date”; left in that order." in left.notes


def test_gaps_are_closed_in_the_order_of_time(tmp_path: Path) -> None:
    newest_first = "date,value\n2020-01-03,9\n2020-01-02,\n2020-01-01,5\n"
    np.testing.assert_array_equal(table(tmp_path, newest_first, Answers(missing="carry")).values[1], [5, 5, 9])


@pytest.mark.parametrize(
    ("content", "roles"),
    [
        ("No,year,month,day,hour,pm\n1,2010,1,1,0,129\n2,2010,1,1,1,148\n3,2010,1,1,2,120\n", "counts" + " date" * 4),
        ("date,lat,lon,station,v\n2020-01-01,5.1,3.2,7,4\n2020-01-02,5.2,3.1,7,3\n", "date place place constant"),
        ("time,index,v\n1990.04,10,5\n1990.12,20,4\n1990.21,30,6\n", "date counts"),
        ("v,n\n5,3\n4,2\n6,1\n", "value counts"),
        ("month,year,v\n1,1990,5\n2,1990,4\n3,1990,6\n", "date date"),
        ("Jahr;v\n1990;5,5\n;4,5\n1992;6,5\n", "date"),
        ("Year,v\nNA,5\n1990,4\n1990,6\n1991,3\n", "date"),
        ("v,year,month,day\n5,1990,,1\n4,1990,2,1\n6,,3,?\n", "value date date date"),
        (";Monat;v\n1990;Januar;5\n;Februar;4\n1991;Januar;6\n;Februar;3\n", "date text"),
        ("1990;Januar;5\n1990;Februar;4\n1991;Januar;6\n", "date text"),
        ("time;v\n1990.04;5\n;4\n1990.21;6\n", "date"),
        ("v,n\n5,3\n4,\n6,5\n7,6\n", "value counts"),
        ("v,n\n5,3\n4,\n6,4\n7,5\n", "value counts"),
        ("date,v\n20200101,5\n,4\n20200103,6\n", "date"),
    ],
)
def test_what_is_never_forecast_by_itself(tmp_path: Path, content: str, roles: str) -> None:
    found = table(tmp_path, content)
    assert [column.role.value for column in found.columns][: len(roles.split())] == roles.split()
    assert found.columns[found.find("")].role is Role.VALUE
    assert all(column.reason for column in found.columns if column.role is not Role.VALUE)


@pytest.mark.parametrize(
    "content",
    [
        "v,w\n1500,5\n,4\n1600,6\n",
        "year,v\n1990,1500\n1991,\n1992,1600\n1993,1600\n",
        "a,b\n1,1\n,2\n2,4\n4,3\n",
        "v\n1990\n\n1991\nNA\n1993\n",
    ],
)
def test_values_with_gaps_stay_values(tmp_path: Path, content: str) -> None:
    found = table(tmp_path, content)
    gaps = next(index for index, column in enumerate(found.columns) if column.missing)
    assert found.columns[gaps].role is Role.VALUE


def test_rows_stand_only_where_every_row_says(tmp_path: Path) -> None:
    assert table(tmp_path, "Year,v\n1990,5\n,4\n1992,6\n").positions is None
    found = table(tmp_path, "year,month,v\n1990,1,5\n1991,,4\n1992,3,6\n").positions
    assert found is not None
    assert (found.columns, found.dated) == ((0,), False)


def test_where_every_column_counts_all_are_offered(tmp_path: Path) -> None:
    with pytest.raises(OpenQuestion, match="every column of numbers only counts") as asked:
        table(tmp_path, "day,ramp\n1,101\n2,202\n3,303\n").find("")
    assert [choice.value for choice in asked.value.choices] == ["day", "ramp"]


@pytest.mark.parametrize(
    "cell", ["<0.5", "(5.0)", "5,0-", "–1.5", "1.5*", "0x10", "True", "$1,234.50", "1.234,50 €", "12,5 %", "1 234,56"]
)
@pytest.mark.parametrize(
    "first", ["n 1 2 3", "date 01/02/2020 02/02/2020 03/02/2020", "place A B C", "Year 1990 1990 1991"]
)
def test_a_column_that_could_not_be_read_is_named_with_its_cell(tmp_path: Path, cell: str, first: str) -> None:
    name, *firsts = first.split()
    rows = "".join(f"{cell_before};{cell}\n" for cell_before in firsts)
    with pytest.raises(
        DataError, match=rf"'value' \(line 2: found '{re.escape(cell)}'\).*; write plain numbers"
    ) as told:
        table(tmp_path, f"{name};value\n{rows}").find("")
    assert not isinstance(told.value, OpenQuestion), "the first column is not what is wanted"


def test_a_column_of_dates_is_not_named_where_numbers_are_wanted(tmp_path: Path) -> None:
    rows = "2020-01-01,1,$5\nlater,2,$6\n2020-01-03,3,$4\n"
    with pytest.raises(DataError, match=r"are not numbers in 'runtime' \(line 2: found '\$5'\); write"):
        table(tmp_path, f"date,n,runtime\n{rows}").find("")
    with pytest.raises(OpenQuestion, match="never changes; choose one with --series-column: 'n'"):
        table(tmp_path, "date,n\n2020-01-01,1\nlater,2\n2020-01-03,3\n").find("")


def test_of_two_columns_that_only_count_one_can_be_chosen(tmp_path: Path) -> None:
    with pytest.raises(OpenQuestion, match=r"not numbers in 'v' \(line 3: found '<6'\); choose one") as asked:
        table(tmp_path, "day,ramp,v\n1,101,5\n2,202,<6\n3,303,4\n").find("")
    assert [choice.value for choice in asked.value.choices] == ["day", "ramp", "v"]


@pytest.mark.parametrize(
    ("content", "skipped"),
    [
        ("Station: Oslo\nUnit: C\n\ndate,v\n2020-01-01,5\n2020-01-02,6\n2020-01-03,2\n", (1, 2)),
        ("// from a logger\ndate,v\n2020-01-01,5\n2020-01-02,6\n", (1,)),
        ("d,v\n1,5\n2,6\n3,3\n\nNotes:\na, b, c, d\nsee below\n", (6, 7, 8)),
        ("time (s),v (m/s)\n(s),(m/s)\n0.1,5\n0.2,7\n0.3,6\n", (2,)),
        ("\ufeffsep=,\na,b\n1,2\n", (1,)),
        ("date,v\n2020-01-01,1.5\n2020-01-02,2.5\n,4.0\n", (4,)),
        ("date,v\n2020-01-01,1.5\n2020-01-02,2.5\n2020-01-03,5\nTotal,9\n,3\n", (5, 6)),
        ("Year,v\n1990,5\n1991,7\n1992,3\n,15\n", (5,)),
        ("Datum;v;w\n01.02.2020;1;\n02.02.2020;;3\n03.02.2020;2;3\n;3;6\n\nQuelle: Amt;;\n", (5, 7)),
    ],
)
def test_lines_that_are_no_rows_are_said(tmp_path: Path, content: str, skipped: tuple[int, ...]) -> None:
    found = table(tmp_path, content)
    assert found.skipped == skipped
    assert found.notes[0].startswith("Line")


@pytest.mark.parametrize(
    "content",
    [
        "n,v\n1,1.5\n2,2.5\n,4.0\n",  # no dates
        "date,v\n2020-01-01,1.5\n,2.5\n2020-01-03,4.0\n",
        "date,v\n2020-01-01,1.5\n2020-01-02,2.5\n2020-01-03,\n",
        "date,place,v\n2020-01-01,A,5\n,B,6\n2020-01-02,A,5\n,B,6\n",  # a date stands above all of its rows
    ],
)
def test_a_missing_cell_makes_no_footer(tmp_path: Path, content: str) -> None:
    found = table(tmp_path, content)
    assert found.skipped == ()
    assert found.count == content.count("\n") - 1


def test_a_number_sign_may_belong_to_a_row(tmp_path: Path) -> None:
    found = table(tmp_path, "id,v\n#1,5\n#2,6\n# a comment, with commas\n#3,4\n")
    np.testing.assert_array_equal(found.column(1), [5, 6, 4])
    assert found.skipped == (4,)


def test_an_outline_has_all_that_a_page_shows(tmp_path: Path) -> None:
    found = table(tmp_path, "# logger\ndate;v\n2020-01-02;0,5\n2020-01-01;0,7\n").outline()
    np.testing.assert_array_equal(found.values[1], [0.5, 0.7])  # as they stand in the file
    assert found.aside == ((1, "# logger"),)
    assert found.positions is not None
    assert found.positions.values.size == 0
    assert (found.encoding, found.delimiter, found.header_line, found.skipped) == ("utf-8", ";", 2, (1,))
    assert found.order == "newest first"
    assert found.preview == ((3, ("2020-01-02", "0,5")), (4, ("2020-01-01", "0,7")))
    assert [column.decimal for column in found.columns] == ["point", "comma"]
    assert len(found.notes) == 3
