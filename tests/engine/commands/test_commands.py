import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import main
from engine.cell import formula
from engine.cell.cells import CELLS
from engine.commands.trace import small_document
from engine.document.document import Document, blank
from engine.document.document_file import write_document
from engine.document.examples import EXAMPLES, load_example
from engine.document.tracing import trace_document
from engine.errors import BAD_INPUT
from engine.settings.config import TrainingConfig
from engine.tasks import TASKS, create_task

ROOT = Path(__file__).parents[3]
IN_ORDER = [
    "x_t", "h_prev", "C_prev", "xh", "a_f", "z_f", "f_t", "a_i", "z_i", "i_t", "a_C", "z_C",
    "C_tilde", "kept", "added", "C_t", "a_o", "z_o", "o_t", "tanh_C", "h_t",
]  # fmt: skip


def run(*arguments: str | bytes, **options: Any) -> subprocess.CompletedProcess[str]:
    # Buffered output and a plain C locale, as a person's machine may have them; warnings are errors.
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "LC_"))}
    return subprocess.run(
        [sys.executable, "-W", "error", "main.py", *arguments],
        **{"stdout": subprocess.PIPE, **options},
        stderr=subprocess.PIPE,
        encoding="utf-8",
        cwd=ROOT,
        env={**environment, "LC_ALL": "C"},
        timeout=60,
        check=False,
    )


def trace(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    status = main.main(["trace", *arguments])
    captured = capsys.readouterr()
    return status, captured.out, captured.err


def one_sentence(err: str) -> str:
    assert err.endswith("\n")
    assert err.count("\n") == 1, err
    return err.rstrip()


def test_the_worked_example_as_json() -> None:
    result = run("trace", "--example", "worked-example", "--json")
    assert (result.returncode, result.stderr) == (0, "")
    members = json.loads(result.stdout)
    assert list(members) == ["m", "n", "k", "steps"]
    assert (members["m"], members["n"], members["k"]) == (3, 3, 3)
    assert [step["t"] for step in members["steps"]] == [1]
    operations = members["steps"][0]["operations"]
    assert [operation["name"] for operation in operations] == IN_ORDER
    by_name = {operation["name"]: operation for operation in operations}
    assert by_name["f_t"]["formula"] == "σ(W_f·[x_t, h_{t-1}] + b_f)"
    assert by_name["f_t"]["symbol"] == "f_t"
    assert by_name["f_t"]["inputs"] == ["z_f"]
    assert by_name["f_t"]["shape"] == [3]
    assert by_name["C_tilde"]["symbol"] == "C̃_t"
    assert by_name["x_t"]["inputs"] == []
    assert by_name["a_f"]["inputs"] == ["W_f", "xh"]
    assert by_name["a_f"]["value"] == [91, 175, 133]
    assert by_name["z_f"]["value"] == [92, 177, 136]
    assert by_name["z_i"]["value"] == [22, 43, 64]
    # Every number is the trace's own double, to the last bit.
    values = trace_document(load_example("worked-example")).steps[0]
    for name in IN_ORDER:
        assert set(by_name[name]) == {"name", "symbol", "formula", "inputs", "shape", "value"}
        assert np.array(by_name[name]["value"], dtype=np.float64).tobytes() == values[name].tobytes()


def test_a_document_by_its_file_with_every_step(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    document = blank(2, 4, 3, seed=1).with_order("h,x").with_inputs(x=np.random.default_rng(2).normal(size=(3, 2)))
    path = tmp_path / "Zelle σ.lstmviz"
    write_document(path, document)
    status, out, err = trace(capsys, str(path), "--json")
    assert (status, err) == (0, "")
    members = json.loads(out)
    assert (members["m"], members["n"], members["k"]) == (2, 4, 3)
    assert [step["t"] for step in members["steps"]] == [1, 2, 3]
    expected = trace_document(document)
    for step, values in zip(members["steps"], expected.steps, strict=True):
        assert [operation["name"] for operation in step["operations"]] == list(values)
        for operation in step["operations"]:
            assert operation["value"] == values[operation["name"]].tolist()
            assert operation["shape"] == [len(operation["value"])]
            assert operation["formula"] == formula.text(document.cell, operation["name"])
    assert out.count("W_hr·(o_t ∘ tanh(C_t))") == 3


def test_the_table(capsys: pytest.CaptureFixture[str]) -> None:
    status, out, err = trace(capsys, "--example", "worked-example")
    assert (status, err) == (0, "")
    lines = out.splitlines()
    assert lines[0] == "LSTM: m = 3, n = 3, k = 3"
    assert "t = 1" in lines
    rows = [line.split() for line in lines[lines.index("t = 1") + 2 :]]
    assert [row[0] for row in rows] == IN_ORDER
    by_name = {row[0]: row[1:] for row in rows}
    assert by_name["xh"][:7] == ["6×1", "1", "2", "3", "4", "5", "6"]
    assert by_name["a_f"][:4] == ["3×1", "91", "175", "133"]
    assert by_name["z_i"][:4] == ["3×1", "22", "43", "64"]
    assert by_name["f_t"] == ["3×1", "1.00", "1.00", "1.00", "σ(W_f·[x_t,", "h_{t-1}]", "+", "b_f)"]


def test_the_table_of_a_large_cell_stays_readable(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "large.lstmviz"
    write_document(path, blank(64, 64, 64))
    status, out, _ = trace(capsys, str(path))
    assert status == 0
    assert "…" in out
    assert max(map(len, out.splitlines())) < 120


def test_bad_input_gets_status_2_and_one_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    status, out, err = trace(capsys, "--example", "nonsense", "--json")
    assert (status, out) == (2, "")
    assert one_sentence(err) == (f"example 'nonsense': expected one of {', '.join(EXAMPLES)}; choose one of these")
    status, out, err = trace(capsys, str(tmp_path / "missing.lstmviz"))
    assert (status, out) == (2, "")
    assert one_sentence(err).startswith("missing.lstmviz: cannot be read (no such file or directory)")
    broken = tmp_path / "broken.lstmviz"
    broken.write_text('{"format": "lstm-visualizer/document", "version": 1', encoding="utf-8")
    status, out, err = trace(capsys, str(broken), "--json")
    assert (status, out) == (2, "")
    assert one_sentence(err).startswith("broken.lstmviz: the file ends at line 1, column 52")


def test_bad_input_of_a_process(tmp_path: Path) -> None:
    path = tmp_path / "cell.lstmviz"
    document = load_example("worked-example")
    write_document(path, document)
    path.write_text(path.read_text(encoding="utf-8").replace("[4, 5, 6]", "[4, 5]"), encoding="utf-8")
    result = run("trace", str(path), "--json")
    assert (result.returncode, result.stdout) == (2, "")
    assert one_sentence(result.stderr) == "cell.lstmviz: h0: expected 3 numbers (n×1), found 2 numbers"


@pytest.mark.skipif(os.name == "nt", reason="file names are text there")
def test_a_file_name_that_is_no_text() -> None:
    result = run("trace", b"/nowhere/\xff.lstmviz")
    assert result.returncode == 2
    assert one_sentence(result.stderr).startswith(r"\udcff.lstmviz: cannot be read")


@pytest.mark.parametrize(
    "arguments", [["trace"], ["trace", "a.lstmviz", "--example", "b"], ["trace", "--xml"]], ids=str
)
def test_wrong_arguments(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main.main(arguments)
    assert ended.value.code == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.startswith("usage: lstm-visualizer trace")


def test_unknown_keys_warn_beside_the_answer(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "cell.lstmviz"
    write_document(path, replace(blank(), extra={"remark": 3}))
    status, out, err = trace(capsys, str(path), "--json")
    assert status == 0
    assert one_sentence(err).startswith("warning: cell.lstmviz: this version does not know remark")
    assert json.loads(out)["m"] == 3


@pytest.mark.skipif(os.name == "nt", reason="a pipe of POSIX")
@pytest.mark.parametrize("size", [3, 64], ids=["fits the buffer", "does not"])
def test_a_reader_that_has_seen_enough_is_no_error(tmp_path: Path, size: int) -> None:
    path = tmp_path / "cell.lstmviz"
    write_document(path, blank(size, size, size))
    reading, writing = os.pipe()
    os.close(reading)
    try:
        result = run("trace", str(path), "--json", stdout=writing)
    finally:
        os.close(writing)
    assert (result.returncode, result.stderr) == (0, "")


@pytest.mark.parametrize("name", CELLS)
def test_a_cell_by_its_name_with_every_gradient(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    status, out, err = trace(capsys, "--cell", name, "--backward", "--json")
    assert (status, err) == (0, "")
    members = json.loads(out)
    assert len(members["steps"]) == 3
    assert members["loss"] == "sum of the entries of h_t at time step 3"
    document = small_document(name)
    # A small change of a weight, an input or the first state changes the loss as the gradient says.
    of_parameters = members["gradients"]["parameters"]
    assert set(of_parameters) == set(document.weights)
    eps = 1e-6

    def loss(changed: Document) -> float:
        return float(trace_document(changed).steps[-1]["h_t"].sum())

    for key, value in document.weights.items():
        change = np.zeros(value.shape)
        change.flat[1] = eps
        plus, minus = (loss(document.with_weight(key, value + sign * change)) for sign in (1, -1))
        assert np.ravel(of_parameters[key])[1] == pytest.approx((plus - minus) / (2 * eps), abs=1e-8), key
    change = np.zeros(document.x.shape)
    change[0, 1] = eps
    plus, minus = (loss(document.with_inputs(x=document.x + sign * change)) for sign in (1, -1))
    first = {operation["name"]: operation for operation in members["steps"][0]["operations"]}
    assert first["x_t"]["gradient"][1] == pytest.approx((plus - minus) / (2 * eps), abs=1e-8)
    assert np.allclose(members["gradients"]["initial"]["h_prev"], first["h_prev"]["gradient"])


def test_gradients_as_a_table(capsys: pytest.CaptureFixture[str]) -> None:
    status, out, _ = trace(capsys, "--cell", "peephole", "--backward")
    assert status == 0
    assert "gradient" in out.splitlines()[3]
    assert "p_f ∘ C_{t-1}" in out
    assert "gradients of the weights" in out


def test_an_unknown_cell_gets_its_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    status, out, err = trace(capsys, "--cell", "elman")
    assert (status, out) == (2, "")
    assert "choose one of lstm, rnn, gru" in one_sentence(err)


def test_drawn_gates_are_printed_with_the_numbers_that_decided(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    path = tmp_path / "cell.lstmviz"
    write_document(path, small_document("lstm").with_sampled(7))
    status, out, err = trace(capsys, str(path), "--json", "--backward")
    assert (status, err) == (0, "")
    operations = {operation["name"]: operation for operation in json.loads(out)["steps"][0]["operations"]}
    decided = np.less(operations["draw_f"]["value"], operations["soft_f"]["value"])
    assert operations["f_t"]["value"] == decided.astype(float).tolist()
    assert operations["f_t"]["inputs"] == ["soft_f", "draw_f"]
    assert not np.any(operations["z_f"]["gradient"])
    status, out, _ = trace(capsys, str(path))
    assert status == 0
    assert out.splitlines()[0].startswith("LSTM, gates drawn at random: m = 2")
    assert "[r_f < σ(W_f·[x_t, h_{t-1}] + b_f)]" in out


def test_every_task_as_json() -> None:
    result = run("tasks", "--json")
    assert (result.returncode, result.stderr) == (0, "")
    members = json.loads(result.stdout)
    assert [task["name"] for task in members] == list(TASKS)
    by_name = {task["name"]: task for task in members}
    assert by_name["copying"]["trivial_loss"] == pytest.approx(10 * np.log(8) / 70)  # T = 50
    for task in members:
        assert task["trivial_loss"] == create_task(TrainingConfig(task=task["name"])).trivial_loss
        assert all(task[name] for name in ("title", "loss", "measure", "criterion", "trivial_answer", "source"))


def test_every_task_for_a_person(capsys: pytest.CaptureFixture[str]) -> None:
    assert main.main(["tasks"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert sum(not line.startswith(" ") for line in lines) == len(TASKS)
    assert "adding: Adding problem" in lines
    assert any("always predicting the mean: loss 0.03" in line for line in lines)


def test_a_folder_for_tasks_that_cannot_be_gets_its_sentence(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("LSTM_VISUALIZER_TASKS", "~nobody-of-this-name/tasks")
    assert main.main(["tasks"]) == BAD_INPUT
    assert "no such home folder" in capsys.readouterr().err
