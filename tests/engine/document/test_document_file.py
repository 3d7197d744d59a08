import dataclasses
import json
import os
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from engine.cell.cell import size_in_numbers
from engine.cell.cells import CELLS, ORDERS, lstm
from engine.document.document import Document, DocumentError, blank
from engine.document.document_file import read_document, to_json, write_document
from engine.document.examples import load_example
from engine.file_kinds import DOCUMENT

quick = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
doubles = st.floats(-1e100, 1e100) | st.sampled_from([-0.0, 1e-300, 5e-324, 1e99, 2.0**53, 1e15, 0.1])
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=8,
)


@st.composite
def documents(draw: st.DrawFn) -> Document:
    sizes = {axis: draw(st.integers(1, 3)) for axis in "mnk"}
    order = draw(st.sampled_from(ORDERS))
    projected = sizes["n"] != sizes["k"] or draw(st.booleans())

    def array(*shape: int) -> np.ndarray:
        return draw(hnp.arrays(np.float64, shape, elements=doubles))

    weights = {item.name: array(*size_in_numbers(item.shape, sizes)) for item in lstm(projected, order).parameters}
    if draw(st.booleans()):
        p = draw(st.integers(1, 2))
        weights |= {"W_y": array(p, sizes["n"]), "b_y": array(p)}
    keys = st.text(max_size=6).map(lambda text: "_" + text)
    return Document(
        **sizes,
        weights=weights,
        x=array(draw(st.integers(1, 3)), sizes["m"]),
        h0=array(sizes["n"]),
        c0=array(sizes["k"]),
        order=order,
        sampled=draw(st.none() | st.integers(0, 2**31 - 1)),
        notes=draw(st.dictionaries(st.text(max_size=4), st.text(max_size=8), max_size=2)),
        extra=draw(st.dictionaries(keys, json_values, max_size=2)),
        extra_weights=draw(st.dictionaries(keys, json_values, max_size=2)),
    )


def refusal(path: Path) -> str:
    """The sentence that a file is refused with; it names the file and is one line."""
    with pytest.raises(DocumentError) as caught:
        read_document(path)
    sentence = str(caught.value)
    assert sentence.startswith(f"{path.name}: ")
    assert "\n" not in sentence
    assert len(sentence) < 300
    return sentence.removeprefix(f"{path.name}: ")


@pytest.fixture
def members() -> dict[str, Any]:
    return json.loads(to_json(load_example("worked-example")))


# Round trip


@quick
@given(document=documents())
def test_what_is_written_comes_back_bit_by_bit(tmp_path: Path, document: Document) -> None:
    path = tmp_path / "cell.lstmviz"
    write_document(path, document)
    back, warnings = read_document(path)
    assert (back.m, back.n, back.k, back.order) == (document.m, document.n, document.k, document.order)
    assert back.weights.keys() == document.weights.keys()
    pairs = [(back.weights[name], value) for name, value in document.weights.items()]
    pairs += [(getattr(back, name), getattr(document, name)) for name in ("x", "h0", "c0")]
    for array, value in pairs:
        assert array.shape == value.shape
        assert array.tobytes() == value.tobytes()
        assert not array.flags.writeable
    assert (back.sampled, back.notes) == (document.sampled, document.notes)
    assert back.extra == document.extra
    assert back.extra_weights == document.extra_weights
    assert len(warnings) == len(document.extra) + len(document.extra_weights)
    assert all("\n" not in warning for warning in warnings)
    assert os.listdir(tmp_path) == ["cell.lstmviz"]
    assert to_json(back) == path.read_text(encoding="utf-8")


def test_the_file_is_as_documented(tmp_path: Path) -> None:
    path = tmp_path / "cell.lstmviz"
    document = replace(load_example("worked-example"), lesson="", notes={})
    write_document(path, document)
    assert json.loads(path.read_text(encoding="utf-8")) == {
        "format": "lstm-visualizer/document",
        "version": 1,
        "m": 3,
        "n": 3,
        "k": 3,
        "order": "x,h",
        "weights": {
            **{name: value.tolist() for name, value in document.weights.items()},
            "W_hr": None,
            "W_y": None,
            "b_y": None,
        },
        "x": [[1, 2, 3]],
        "h0": [4, 5, 6],
        "c0": document.c0.tolist(),
    }


def test_unknown_keys_are_kept_and_named(tmp_path: Path, members: dict[str, Any]) -> None:
    members["remark"] = {"title": "σ", "steps": [1, {"a": None}]}
    members["weights"]["W_p"] = [[1, 2]]
    path = tmp_path / "cell.lstmviz"
    path.write_text(json.dumps(members), encoding="utf-8")
    document, warnings = read_document(path)
    assert [warning.split("; ")[0] for warning in warnings] == [
        "cell.lstmviz: this version does not know remark",
        "cell.lstmviz: this version does not know weights.W_p",
    ]
    edited = document.with_weight("b_f", [7, 8, 9]).resized(m=4).with_order("h,x")
    write_document(path, edited)
    written = json.loads(path.read_text(encoding="utf-8"))
    assert written["remark"] == members["remark"]
    assert written["weights"]["W_p"] == [[1, 2]]
    assert written["weights"]["b_f"] == [7, 8, 9]
    assert read_document(path)[1] == warnings


def test_a_byte_order_mark_and_other_spacing_are_fine(tmp_path: Path, members: dict[str, Any]) -> None:
    path = tmp_path / "cell.lstmviz"
    path.write_bytes(b"\xef\xbb\xbf" + json.dumps(members, indent=8).replace("\n", "\r\n").encode())
    assert read_document(path)[0].x.tolist() == [[1, 2, 3]]


# Damage


def put(*keys: str | int, value: Any) -> Callable[[dict[str, Any]], None]:
    def damage(members: dict[str, Any]) -> None:
        place: Any = members
        for key in keys[:-1]:
            place = place[key]
        place[keys[-1]] = value

    return damage


def drop(*keys: str) -> Callable[[dict[str, Any]], None]:
    def damage(members: dict[str, Any]) -> None:
        place = members
        for key in keys[:-1]:
            place = place[key]
        del place[keys[-1]]

    return damage


W_F = "weights.W_f: expected 3×6 (k×(m+n)), found "
NUMBER = ": expected a number between −10¹⁰⁰ and 10¹⁰⁰, found "
SEED = "sampled: expected a whole number from 0 to 2147483647, or null for gates that are not drawn at random, found "
DAMAGE = [
    (put("weights", "W_f", value=[[1, 2, 3]] * 3), W_F + "3×3"),
    (put("weights", "W_f", value=[[1] * 6] * 2), W_F + "2×6"),
    (put("weights", "W_f", 1, value=[1, 2, 3, 4, 5]), W_F + "3 rows of 5 to 6 numbers"),
    (put("weights", "W_f", value=[]), W_F + "0×0"),
    (put("weights", "W_f", value=7), W_F + "7"),
    (put("weights", "W_f", value=None), W_F + "nothing"),
    (drop("weights", "W_f"), W_F + "nothing"),
    (put("weights", "W_f", 1, value=None), "weights.W_f[1]: expected 3×6 (k×(m+n)), found null where a row"),
    (put("weights", "W_f", 1, 2, value="4"), 'weights.W_f[1][2]: expected 3×6 (k×(m+n)), found "4" where'),
    (put("weights", "W_f", 1, 2, value=True), "weights.W_f[1][2]: expected 3×6 (k×(m+n)), found true where"),
    (put("weights", "W_f", 1, 2, value=None), "weights.W_f[1][2]: expected 3×6 (k×(m+n)), found null where"),
    (put("weights", "W_f", 1, 2, value=[1]), "weights.W_f[1][2]: expected 3×6 (k×(m+n)), found a list of 1"),
    (put("weights", "W_f", 1, 2, value={}), "weights.W_f[1][2]: expected 3×6 (k×(m+n)), found an object"),
    (put("weights", "W_f", 1, 2, value=float("nan")), f"weights.W_f[1][2]{NUMBER}NaN"),
    (put("weights", "W_f", 1, 2, value=float("inf")), f"weights.W_f[1][2]{NUMBER}∞"),
    (put("weights", "W_f", 1, 2, value=-1e101), f"weights.W_f[1][2]{NUMBER}−10¹⁰¹"),
    (put("weights", "W_f", 1, 2, value=10**400), W_F + "a number too large for double precision"),
    (put("weights", "b_i", value=[1, 2]), "weights.b_i: expected 3 numbers (k×1), found 2 numbers"),
    (put("weights", "b_i", value=[[1], [2]]), "weights.b_i[0]: expected 3 numbers (k×1), found a list of 1"),
    (put("weights", "W_hr", value=[[1]]), "weights.W_hr: expected 3×3 (n×k), found 1×1"),
    (put("weights", "W_y", value=[[1, 2, 3]] * 2), "weights.b_y: expected 2 numbers (p×1), found null"),
    (put("weights", "b_y", value=[1, 2]), "weights.W_y: expected 2×3 (p×n), found null"),
    (put("weights", value=[]), "weights: expected an object with a matrix for each name, found a list of 0"),
    (put("x", value=[]), "x: expected 1×3 (T×m), found 0×0"),
    (put("x", value=[1, 2, 3]), "x[0]: expected 3×3 (T×m), found 1 where a row of 3 numbers belongs"),
    (put("x", value=[[1, 2, 3], [1, 2]]), "x: expected 2×3 (T×m), found 2 rows of 2 to 3 numbers"),
    (put("x", value=[[1, 2]]), "x: expected 1×3 (T×m), found 1×2"),
    (put("h0", value=[1, 2, 3, 4]), "h0: expected 3 numbers (n×1), found 4 numbers"),
    (put("c0", value="zero"), 'c0: expected 3 numbers (k×1), found "zero"'),
    (put("m", value=2), W_F.replace("3×6", "3×5") + "3×6"),
    (put("m", value=0), "m: expected a whole number from 1 to 4096, found 0"),
    (put("m", value=10**4000), "m: expected a whole number from 1 to 4096, found 1000000"),
    (put("m", value=3.0), "m: expected a whole number from 1 to 4096, found 3.0"),
    (put("k", value=True), "k: expected a whole number from 1 to 4096, found true"),
    (put("n", value="3\n3"), r'n: expected a whole number from 1 to 4096, found "3\n3"'),
    (put("order", value="xh"), 'order: expected "x,h" or "h,x", found "xh"'),
    (put("order", value=None), 'order: expected "x,h" or "h,x", found null'),
    (put("order", value="q" * 500), 'order: expected "x,h" or "h,x", found "qqqq'),
    (put("format", value="other"), 'format: expected "lstm-visualizer/document", found "other"'),
    (drop("format"), 'format: expected "lstm-visualizer/document", found null'),
    (put("sampled", value=-1), SEED + "-1"),
    (put("sampled", value=2**31), SEED + "2147483648"),
    (put("sampled", value=1.0), SEED + "1.0"),
    (put("sampled", value=True), SEED + "true"),
    (put("sampled", value="7"), SEED + '"7"'),
    (put("sampled", value=[7]), SEED + "a list of 1"),
    (put("notes", value=["z_i"]), "notes: expected an object with a sentence for each operation, found a list of 1"),
    (put("notes", value=None), "notes: expected an object with a sentence for each operation, found null"),
    (put("notes", value={"z_i": None}), "notes.z_i: expected a text, found null"),
    (put("notes", value={"z\n": ["a"]}), r"notes.z\n: expected a text, found a list of 1"),
    *((put("output", value=value), "output: expected one of sigmoid, ") for value in ([], {}, 3, None)),
    (put("version", value=2), "version: expected at most 1, found 2; update LSTM Visualizer to read it"),
    (put("version", value=True), "version: expected 1, found true"),
    (put("version", value="1"), 'version: expected 1, found "1"'),
    (put("version", value=0), "version: expected 1, found 0"),
    *((drop(key), f"{key}: the file does not have this key") for key in ("m", "order", "x", "c0")),
]  # fmt: skip


@pytest.mark.parametrize(("damage", "message"), DAMAGE, ids=[message for _, message in DAMAGE])
def test_damage_gets_one_sentence(
    tmp_path: Path, members: dict[str, Any], damage: Callable[[dict[str, Any]], None], message: str
) -> None:
    damage(members)
    path = tmp_path / "cell.lstmviz"
    path.write_text(json.dumps(members), encoding="utf-8")
    assert refusal(path).startswith(message)


def test_the_shape_of_a_weight_is_given_in_the_order_of_the_file(tmp_path: Path, members: dict[str, Any]) -> None:
    members["order"] = "h,x"
    members["weights"]["W_f"] = [[1, 2, 3]] * 3
    path = tmp_path / "cell.lstmviz"
    path.write_text(json.dumps(members), encoding="utf-8")
    assert refusal(path) == "weights.W_f: expected 3×6 (k×(n+m)), found 3×3"


@pytest.mark.parametrize("literal", ["NaN", "Infinity", "-Infinity", "1e999"])
@pytest.mark.parametrize("value", ["@", '[1, {"a": [2, @]}]'])
@pytest.mark.parametrize("key", ["remark", "weights.W_p"])
def test_an_unknown_key_holds_only_what_can_be_written_back(
    tmp_path: Path, members: dict[str, Any], key: str, value: str, literal: str
) -> None:
    place = members["weights"] if key.startswith("weights.") else members
    place[key.removeprefix("weights.")] = "@"
    path = tmp_path / "cell.lstmviz"
    path.write_text(json.dumps(members).replace('"@"', value.replace("@", literal)), encoding="utf-8")
    found = literal.replace("1e999", "Infinity")
    assert refusal(path) == f"{key}: expected finite numbers (below 1.8·10³⁰⁸), found {found}; correct or remove it"


def test_a_projection_is_required_where_n_and_k_differ(tmp_path: Path) -> None:
    members = json.loads(to_json(blank(2, 4, 3)))
    members["weights"]["W_hr"] = None
    path = tmp_path / "cell.lstmviz"
    path.write_text(json.dumps(members), encoding="utf-8")
    assert refusal(path).startswith("weights.W_hr: expected 4×3 (n×k), found nothing; n = 4 and k = 3 differ")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "the file ends at line 1, column 1, in the middle of the document"),
        (b"hello", "expected JSON, found something else at line 1, column 1"),
        (b"[1, 2]", 'format: expected "lstm-visualizer/document", found no JSON object'),
        (b"null", 'format: expected "lstm-visualizer/document", found no JSON object'),
        (b"\xff\xfe{\x00", "expected UTF-8 text, found other data at byte 0"),
        (b"\x89PNG\r\n\x1a\n", "expected UTF-8 text, found other data at byte 0"),
        (b"[" * 100_000, "expected matrices, found brackets nested too deeply"),
        (b'{"a":' * 100_000, "expected matrices, found brackets nested too deeply"),
        (b'{"m": 1, "m": 2}', "m: expected once, found twice"),
        (b'{"m\\n": 1, "m\\n": 2}', r"m\n: expected once, found twice"),
        (b'{"weights": {"W_f": 1, "W_f": 2}}', "W_f: expected once, found twice"),
        (b'{"m": ' + b"9" * 5000 + b"}", "expected numbers, found a whole number with thousands of digits"),
    ],
)
def test_what_is_no_document(tmp_path: Path, content: bytes, message: str) -> None:
    path = tmp_path / "cell.lstmviz"
    path.write_bytes(content)
    assert refusal(path).startswith(message)


def test_a_file_cut_off_at_any_byte_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "cell.lstmviz"
    document = replace(blank(1, 2, 1), extra={"title": "σ"})
    content = to_json(document).encode()
    for length in range(len(content.rstrip())):
        path.write_bytes(content[:length])
        refusal(path)
    path.write_bytes(content.rstrip())
    assert read_document(path)[0].n == 2


@quick
@given(data=st.data())
def test_any_changed_byte_gives_a_document_or_a_sentence(tmp_path: Path, data: st.DataObject) -> None:
    path = tmp_path / "cell.lstmviz"
    content = bytearray(to_json(load_example("worked-example")).encode())
    for place in data.draw(st.lists(st.integers(0, len(content) - 1), min_size=1, max_size=3)):
        content[place] = data.draw(st.sampled_from(b'0123456789.,-+eE[]{}":nul \x00\xff'))
    path.write_bytes(content)
    try:
        document, _ = read_document(path)
    except DocumentError:
        refusal(path)
    else:
        assert all(np.isfinite(value).all() for value in document.weights.values())


@quick
@given(data=st.data())
def test_any_value_in_any_place_gives_a_document_or_a_sentence(tmp_path: Path, data: st.DataObject) -> None:
    document = replace(load_example("worked-example"), sampled=7, notes={"z_i": "42 was a slip."})
    members = json.loads(to_json(document))
    keys = data.draw(st.sampled_from([key for key in members if key != "format"]))
    place: Any = members
    key: Any = keys
    while isinstance(place[key], (dict, list)) and place[key] and data.draw(st.booleans()):
        place = place[key]
        key = data.draw(st.sampled_from(range(len(place)) if isinstance(place, list) else list(place)))
    place[key] = data.draw(
        json_values | st.sampled_from([float("nan"), float("inf"), 10**400, 10**30, [[]], [[1], []]])
    )
    path = tmp_path / "cell.lstmviz"
    path.write_text(json.dumps(members), encoding="utf-8")
    try:
        document, _ = read_document(path)
    except DocumentError:
        refusal(path)
    else:
        assert json.loads(to_json(document))["m"] == document.m


# The file system


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    assert refusal(tmp_path).startswith("cannot be read (it is a folder or a device)")
    assert refusal(tmp_path / "missing.lstmviz").startswith("cannot be read (no such file or directory)")
    locked = tmp_path / "locked.lstmviz"
    write_document(locked, blank())
    locked.chmod(0)
    if not os.access(locked, os.R_OK):  # root may read everything
        assert refusal(locked).startswith("cannot be read (permission denied)")


def test_the_longest_name_can_be_written(tmp_path: Path) -> None:
    path = tmp_path / f"{'a' * (255 - len(DOCUMENT.suffix))}{DOCUMENT.suffix}"
    write_document(path, blank())
    read_document(path)
    assert os.listdir(tmp_path) == [path.name]


@pytest.mark.parametrize("failing", ["fsync", "replace", "chmod"])
def test_a_failed_write_leaves_the_old_file_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, failing: str
) -> None:
    path = tmp_path / "cell.lstmviz"
    write_document(path, load_example("worked-example"))
    before = path.read_bytes()

    def full(*arguments: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(os, failing, full)
        with pytest.raises(DocumentError) as caught:
            write_document(path, blank())
    assert str(caught.value).startswith("cell.lstmviz: cannot be written (no space left on device)")
    assert path.read_bytes() == before
    assert os.listdir(tmp_path) == ["cell.lstmviz"]


def test_places_that_cannot_be_written(tmp_path: Path) -> None:
    with pytest.raises(DocumentError, match=r"^cell: cannot be written \(no such file or directory\)"):
        write_document(tmp_path / "missing" / "cell", blank())
    with pytest.raises(DocumentError, match="cannot be written"):
        write_document(tmp_path, blank())
    (tmp_path / "folder").mkdir()
    with pytest.raises(DocumentError, match=r"^folder: cannot be written \(is a directory\)"):
        write_document(tmp_path / "folder", blank())
    assert os.listdir(tmp_path) == ["folder"]


def test_an_unknown_key_nested_too_deeply_to_write_leaves_the_old_file_whole(tmp_path: Path) -> None:
    path = tmp_path / "cell.lstmviz"
    write_document(path, blank())
    before = path.read_bytes()
    nested: Any = 1
    for _ in range(3000):
        nested = {"a": nested}
    with pytest.raises(DocumentError, match=r"^cell.lstmviz: deep is nested too deeply to be written"):
        write_document(path, replace(blank(), extra={"deep": nested}))
    assert path.read_bytes() == before
    assert os.listdir(tmp_path) == ["cell.lstmviz"]


@pytest.mark.skipif(os.name == "nt", reason="permissions and links of POSIX")
def test_saving_keeps_a_link_and_the_permissions(tmp_path: Path) -> None:
    target, link = tmp_path / "target.lstmviz", tmp_path / "link.lstmviz"
    write_document(target, blank())
    target.chmod(0o640)
    link.symlink_to(target)
    write_document(link, load_example("worked-example"))
    assert link.is_symlink()
    assert target.stat().st_mode & 0o777 == 0o640
    assert read_document(target)[0].x.tolist() == [[1, 2, 3]]


@pytest.fixture
def umask() -> Iterator[Callable[[int], int]]:
    before = os.umask(0o022)
    yield os.umask
    os.umask(before)


@pytest.mark.skipif(os.name == "nt", reason="permissions of POSIX")
@pytest.mark.parametrize("mask", [0o022, 0o002, 0o027, 0o077])
def test_a_new_file_gets_the_permissions_of_any_new_file(
    tmp_path: Path, umask: Callable[[int], int], mask: int
) -> None:
    umask(mask)
    write_document(tmp_path / "cell.lstmviz", blank())
    (tmp_path / "other").touch()
    assert (tmp_path / "cell.lstmviz").stat().st_mode == (tmp_path / "other").stat().st_mode


@pytest.mark.skipif(os.name == "nt", reason="permissions of POSIX")
@pytest.mark.parametrize("mode", [0o600, 0o640, 0o664, 0o444])
def test_an_existing_file_keeps_its_permissions_and_is_at_no_time_open_to_more(
    tmp_path: Path, umask: Callable[[int], int], monkeypatch: pytest.MonkeyPatch, mode: int
) -> None:
    path = tmp_path / "cell.lstmviz"
    write_document(path, blank())
    path.chmod(mode)
    while_written = []
    fsync = os.fsync

    def seen(descriptor: int) -> None:
        while_written.append(os.fstat(descriptor).st_mode & 0o777)
        fsync(descriptor)

    monkeypatch.setattr(os, "fsync", seen)
    write_document(path, load_example("worked-example"))
    assert path.stat().st_mode & 0o777 == mode
    assert [found & ~mode for found in while_written] == [0]


@pytest.mark.parametrize("output", [None, "softmax"])
@pytest.mark.parametrize("name", CELLS)
def test_a_document_names_its_cell(name: str, output: str | None, tmp_path: Path) -> None:
    document = blank(2, 3, 3, seed=4, cell_name=name).with_output(output, p=2)
    path = tmp_path / "cell.lstmviz"
    write_document(path, document)
    members = json.loads(path.read_text("utf-8"))
    assert members.get("cell", "lstm") == name
    assert members.get("output") == output
    found, warnings = read_document(path)
    assert warnings == []
    assert (found.cell_name, found.cell) == (name, document.cell)
    for key, value in document.weights.items():
        np.testing.assert_array_equal(found.weights[key], value)
    members["cell"] = "elman"
    path.write_text(json.dumps(members), encoding="utf-8")
    with pytest.raises(DocumentError, match=r"cell\.lstmviz: cell: expected one of lstm, .*found \"elman\""):
        read_document(path)


def test_a_lesson_is_kept_and_must_be_a_text(tmp_path: Path) -> None:
    path = tmp_path / "cell.lstmviz"
    write_document(path, dataclasses.replace(blank(1, 2, 2), lesson="Look at “f”.\nTry: 0."))
    assert read_document(path)[0].lesson == "Look at “f”.\nTry: 0."
    members = json.loads(path.read_text("utf-8"))
    path.write_text(json.dumps({**members, "lesson": 7}), encoding="utf-8")
    with pytest.raises(DocumentError, match=r"cell\.lstmviz: lesson: expected a text, found 7"):
        read_document(path)


def test_drawn_gates_and_notes_come_back(tmp_path: Path) -> None:
    path = tmp_path / "cell.lstmviz"
    document = replace(blank(1, 2, 2).with_sampled(0), notes={"z_i": "“42” was a slip.", "q_t": "unknown"})
    write_document(path, document)
    members = json.loads(path.read_text("utf-8"))
    assert (members["sampled"], members["notes"]) == (0, dict(document.notes))
    back, warnings = read_document(path)
    assert (back.sampled, back.notes, warnings) == (0, document.notes, [])
    path.write_text(json.dumps({**members, "sampled": None, "notes": {}}), encoding="utf-8")
    back, warnings = read_document(path)
    assert (back.sampled, dict(back.notes), warnings) == (None, {}, [])
    assert not {"sampled", "notes"} & set(json.loads(to_json(back)))
