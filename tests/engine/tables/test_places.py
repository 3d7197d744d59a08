"""A table with a row for each place is no series: it is refused with what to do, and what may be one is taken."""

from pathlib import Path

import pytest

from engine.tables.answers import Answers, DataError
from tests.engine.tables.test_answers import table


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ("place,2019,2020\nA,5,3\nB,2,4\n", r"each row is a place, .*; transpose the table"),
        ("date,place,v\n2020-01-01,A,5\n2020-01-01,B,6\n2020-01-02,A,4\n", r"line 3: it has the same date as line 2"),
        ("country,year,gdp\nA,1990,5\nA,1991,6\nB,1990,4\nB,1991,3\n", r"line 4: .* as line 2, .* and each 'country';"),
        ("Jahr;Land;v\n1990;A;5\n1990;B;6\n1991;A;4\n1991;B;3\n", r"line 3: .* as line 2, .* and each 'Land';"),
        (
            "Store,Date,Sales\n1,2020-01-01,5.5\n1,2020-01-02,6.5\n2,2020-01-01,4\n2,2020-01-02,3\n",
            r"line 4: .* as line 2, .* and each 'Store';",
        ),
        (
            "Date,Sales,Dept\n2020-01-01,5,7\n2020-01-01,6,8\n2020-01-02,6,7\n2020-01-02,9,8\n",
            r"line 3: .* as line 2, .* and each 'Dept';",
        ),
        ("store,month,sales\n1,1,5.5\n1,2,6.5\n2,1,4\n2,2,3\n", r"line 4: .* as line 2, .* and each 'store';"),
        ("id,store,week,v\n1,1,1,5\n2,1,2,6\n3,2,1,6\n4,2,2,9\n", r"line 4: .* as line 2, .* and each 'store';"),
        (
            "city,lat,lon,population\nOslo,59.9,10.8,700\nRom,41.9,12.5,2800\n",
            "each row is a place, since it has a",
        ),
    ],
)
def test_rows_that_are_no_moments_are_refused_with_what_to_do(tmp_path: Path, content: str, sentence: str) -> None:
    with pytest.raises(DataError, match=sentence):
        table(tmp_path, content).require_rows()
    if "transpose the table" not in sentence:
        table(tmp_path, content, Answers(order="as it is")).require_rows()


@pytest.mark.parametrize(
    "content",
    [
        "date,hour,load\n2020-01-01,1,5\n2020-01-01,2,6\n2020-01-02,1,4\n2020-01-02,2,3\n",
        "month,weather,v\n1,dry,5\n2,wet,6\n1,dry,4\n2,dry,3\n",
        "week,day,v\n1,1,5\n1,2,6\n2,1,4\n2,2,3\n",
        "year,month,v\n1990,1,5\n1990,2,6\n1991,1,4\n1991,2,3\n",
        "date,shops,v\n2020-01-01,1,5\n2020-01-01,1,6\n2020-01-02,2,4\n2020-01-02,2,3\n",
        "date,lat,lon,v\n2020-01-01,5.5,7.5,5\n2020-01-02,5.6,7.6,6\n",
        "lat,lon,v\n5.5,7.5,5\n5.5,7.5,6\n",  # one place
        "when,lat,lon,time,v\nx,5.5,7.5,early,5\ny,5.6,7.6,late,6\n",
        "country,year,v\nA,1990,5\nA,1991,6\nA,1992,4\n",
        "year,quarter,v\n1990,Q1,5\n1990,Q2,6\n1991,Q1,4\n1991,Q2,3\n",
        "Jahr;Halbjahr;v\n1990;1;5\n1990;2;6\n1991;1;4\n1991;2;3\n",
        "Jahr;Monat;Ort;v\n1990;Januar;A;5\n1990;Februar;A;6\n1991;Januar;A;4\n",
    ],
)
def test_rows_that_may_be_moments_are_taken(tmp_path: Path, content: str) -> None:
    table(tmp_path, content).require_rows()


def test_named_rows_are_said_to_be_taken_as_moments(tmp_path: Path) -> None:
    said = (
        "“country” contains words, and no column contains dates: each row counts as one time step, in the file's order."
    )
    assert said in table(tmp_path, "country,value\nA,5\nB,6\nC,4\n").notes
    assert not table(tmp_path, "country,date,value\nA,2020-01-01,5\nA,2020-01-02,6\n").notes
