"""Watching a loop that is not the program's own: what is recorded is what torch computes, and no fault disturbs it."""

from __future__ import annotations

import errno
import sqlite3
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from engine.elsewhere.modules import NotWatchedError
from engine.elsewhere.watcher import Watcher, watch
from engine.errors import PlainError
from engine.recording.library import run_of
from engine.recording.recorded_run import RecordedRun, read_run
from engine.recording.recording import Recording

T, B, M = 12, 3, 2
Make = Callable[[], Any]
KINDS: dict[str, Make] = {
    "LSTM": lambda: nn.LSTM(M, 5),
    "LSTM of two layers, batch first": lambda: nn.LSTM(M, 4, 2, batch_first=True, dropout=0.5),
    "LSTM with projection": lambda: nn.LSTM(M, 6, 2, proj_size=3),
    "LSTM without biases": lambda: nn.LSTM(M, 4, bias=False),
    "LSTM in both directions": lambda: nn.LSTM(M, 4, bidirectional=True),
    "LSTM in double precision": lambda: nn.LSTM(M, 4, dtype=torch.float64),
    "GRU": lambda: nn.GRU(M, 5, 2),
    "GRU without biases": lambda: nn.GRU(M, 3, bias=False),
    "RNN": lambda: nn.RNN(M, 5, 3),
}


@pytest.fixture(autouse=True)
def seed() -> None:
    torch.manual_seed(3)


def probe_of(module: Any) -> Tensor:
    dtype = next(module.parameters()).dtype
    shape = (B, T, M) if getattr(module, "batch_first", False) else (T, B, M)
    return torch.randn(shape, dtype=dtype)


def trained(watcher: Watcher, module: Any, x: Tensor, steps: int = 3, **more: Any) -> list[float]:
    optimizer, losses = torch.optim.SGD(module.parameters(), 0.1), []
    for _ in range(steps):
        optimizer.zero_grad()
        loss = (module(x)[0] ** 2).mean()
        loss.backward()
        optimizer.step()
        watcher.step(loss, **more)
        losses.append(loss.item())
    return losses


def closed(watcher: Watcher) -> RecordedRun:
    watcher.close()
    return read_run(watcher.path)


@pytest.mark.filterwarnings("ignore:LSTM with projections is not supported with oneDNN")
@pytest.mark.parametrize("kind", KINDS)
def test_the_recording_holds_what_torch_computes(kind: str, tmp_path: Path) -> None:
    module = KINDS[kind]()
    x = probe_of(module)
    watcher = watch(module, x, tmp_path / "run.lstmrec", goal=3)
    losses = trained(watcher, module, x)
    run = closed(watcher)
    np.testing.assert_allclose(run.history.column("loss"), losses, rtol=1e-6)
    snapshot = run.history.last_snapshot
    assert snapshot is not None
    assert snapshot.step == 3
    module.eval()
    with torch.no_grad():
        first = x[:1] if module.batch_first else x[:, :1]
        h = module(first)[0].reshape(T, -1).double().numpy()
    n = snapshot.gates[-1]["h"].shape[1]
    np.testing.assert_allclose(snapshot.gates[-1]["h"], h[:, :n], rtol=0, atol=1e-6)  # forward, where there are two
    if not kind.startswith("LSTM in both"):
        assert len(snapshot.weights) == module.num_layers
    has_biases = "without biases" not in kind
    measured = [name for name in run.history.metric_names if ".W_" in name or (".b_" in name and has_biases)]
    norms = [run.history.column(name)[-1] for name in measured]
    assert np.isfinite(norms).all()


def test_the_gates_are_those_of_a_cell_that_is_walked_by_hand(tmp_path: Path) -> None:
    lstm = nn.LSTM(M, 4)
    cell = nn.LSTMCell(M, 4)
    cell.load_state_dict({name.removesuffix("_l0"): value for name, value in lstm.state_dict().items()})
    x = torch.randn(T, M)
    watcher = watch(lstm, x.numpy(), tmp_path / "run.lstmrec")
    snapshot = closed(watcher).history.last_snapshot
    assert snapshot is not None
    h = C = torch.zeros(4)
    for t in range(T):
        with torch.no_grad():
            z = x[t] @ cell.weight_ih.T + cell.bias_ih + h @ cell.weight_hh.T + cell.bias_hh
            i, f, g, o = z.split(4)
            h, C = cell(x[t], (h, C))
        expected = {"i": i.sigmoid(), "f": f.sigmoid(), "C_tilde": g.tanh(), "o": o.sigmoid(), "C": C, "h": h}
        for name, value in expected.items():
            np.testing.assert_allclose(snapshot.gates[0][name][t], value.numpy(), rtol=0, atol=1e-6)


@pytest.mark.parametrize("kind", [nn.LSTMCell, nn.GRUCell, nn.RNNCell])
def test_a_cell_in_a_loop_of_ones_own_is_watched(kind: Any, tmp_path: Path) -> None:
    cell = kind(M, 4)
    x = torch.randn(T, M)
    with watch(cell, x, tmp_path / "run.lstmrec") as watcher:
        state: Any = None
        for t in range(T):
            state = cell(x[t], state)
        h = state[0] if isinstance(state, tuple) else state
        h.sum().backward()
        watcher.step(h.sum().item())
    snapshot = read_run(watcher.path).history.last_snapshot
    assert snapshot is not None
    np.testing.assert_allclose(snapshot.gates[0]["h"][-1], h.detach().numpy(), atol=1e-6)


def test_gradient_norms_are_those_that_backward_left(tmp_path: Path) -> None:
    lstm = nn.LSTM(M, 4)
    watcher = watch(lstm, probe_of(lstm), tmp_path / "run.lstmrec")
    trained(watcher, lstm, probe_of(lstm), 1)
    history = closed(watcher).history
    weight = torch.cat([lstm.weight_ih_l0.grad[4:8], lstm.weight_hh_l0.grad[4:8]], 1)
    assert history.column("layer1.W_f")[0] == pytest.approx(weight.norm().item(), rel=1e-5)
    assert history.column("layer1.b_o")[0] == pytest.approx(lstm.bias_ih_l0.grad[12:].norm().item(), rel=1e-5)
    parts = [history.column(name)[0] for name in history.metric_names if name.startswith("layer1.")]
    assert history.column("grad_norm")[0] == pytest.approx(np.hypot.reduce(parts), rel=1e-5)


def test_metrics_beside_the_loss_are_recorded_under_their_names(tmp_path: Path) -> None:
    lstm = nn.LSTM(M, 4)
    watcher = watch(lstm, probe_of(lstm), tmp_path / "run", name="mine")
    watcher.step(1.0)
    watcher.step(torch.tensor([2.0]), {"accuracy": torch.tensor(0.5), "late": 1})
    run = closed(watcher)
    assert run.path.name == "run.lstmrec"
    assert run.about.name == "mine"
    assert run.facts is not None
    assert run.facts.measure_name == "accuracy"
    np.testing.assert_array_equal(run.history.column("measure"), [np.nan, 0.5])
    watcher = watch(lstm, probe_of(lstm), tmp_path / "two")
    watcher.step(1.0, {"accuracy": 0.25, "loss": 7.0, "perplexity": np.float64(3)})
    history = closed(watcher).history
    assert history.metric_names[-2:] == ("loss (2)", "perplexity")
    assert [history.column(name)[0] for name in ("measure", "loss (2)", "perplexity")] == [0.25, 7, 3]


def test_a_file_that_is_there_is_kept(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lstm = nn.LSTM(M, 4)
    path = tmp_path / "run.lstmrec"
    first = closed(watch(lstm, probe_of(lstm), path))
    assert first.path == path
    assert capsys.readouterr().err == ""
    second = closed(watch(lstm, probe_of(lstm), path))
    assert second.path.name == "run (2).lstmrec"
    assert capsys.readouterr().err.startswith(
        "LSTM Visualizer: run.lstmrec exists already; this training is recorded in"
    )


def test_where_nothing_is_named_the_run_stands_in_the_library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LSTM_VISUALIZER_RUNS", str(tmp_path / "runs"))
    lstm = nn.LSTM(M, 4)
    assert closed(watch(lstm, probe_of(lstm))).path.parent == tmp_path / "runs"


def test_what_is_not_shown_is_said_once(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lstm = nn.LSTM(M, 4, 2, bidirectional=True)
    with watch(lstm, probe_of(lstm), tmp_path / "a") as watcher:
        trained(watcher, lstm, probe_of(lstm))
    assert len(capsys.readouterr().err.splitlines()) == 1
    gru = nn.GRU(M, 3, 6)
    with watch(gru, probe_of(gru), tmp_path / "b"):
        pass
    assert "the first 4 of 6 layers are shown" in capsys.readouterr().err
    assert read_run(tmp_path / "b.lstmrec").about.config.layers == 4


class Net(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.encoder = nn.Sequential(nn.Linear(2, 2), nn.LSTM(2, 3))


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"module": "lstm"}, "a str cannot be watched"),
        ({"module": nn.Linear(2, 2)}, "a Linear cannot be watched"),
        ({"module": Net()}, r"of this Net, give it \.encoder\.1"),
        ({"module": nn.RNN(M, 3, nonlinearity="relu")}, "RNN with relu"),
        ({"module": nn.RNN(M, 1025)}, "1,025 units"),
        ({"probe": torch.zeros(T, B, 7)}, r"shape \(12, 3, 7\).*m = 2"),
        ({"probe": torch.zeros(0, B, M)}, "shape"),
        ({"probe": "text"}, "should be an array"),
        ({"probe": torch.full((T, M), float("inf"))}, "NaN or infinite"),
        ({"every": 0}, "every is 0"),
        ({"every": float("nan")}, "every is nan"),
        ({"goal": 1.5}, "goal is 1.5"),
        ({"record": ""}, "name a file"),
        ({"record": 7}, "name a file"),
        ({"record": "/dev/null/run"}, "cannot be created"),
    ],
)
def test_what_cannot_be_watched_is_refused_at_once(given: dict[str, Any], said: str, tmp_path: Path) -> None:
    usual = {"module": nn.LSTM(M, 3), "probe": torch.zeros(T, M), "record": tmp_path / "run"}
    with pytest.raises(PlainError, match=said) as caught:
        watch(**{**usual, **given})
    assert "\n" not in str(caught.value)
    if "module" in given or "probe" in given:
        assert isinstance(caught.value, NotWatchedError)
        assert isinstance(caught.value, TypeError)
    assert not list(tmp_path.iterdir())


# Faults


def delete(watcher: Watcher, _lstm: Any) -> Any:
    watcher.path.unlink()
    return 1.0


def take(watcher: Watcher, _lstm: Any) -> Any:
    with sqlite3.connect(watcher.path) as connection:  # as another writer would
        connection.execute("""UPDATE about SET value = '{"token": "other"}' WHERE key = 'writer'""")
    connection.close()
    return 1.0


def reshape(_watcher: Watcher, lstm: Any) -> Any:
    lstm.weight_ih_l0 = nn.Parameter(torch.zeros(16, 5))
    return 1.0


FAULTS: dict[str, tuple[Callable[[Watcher, Any], Any], str]] = {
    "the file is deleted": (delete, "was deleted or moved"),
    "the file is taken": (take, "is being written by"),
    "a weight has another shape": (reshape, "other shapes"),
    "the loss is many": (lambda _watcher, _lstm: torch.zeros(3), "is one number"),
    "the loss is a word": (lambda _watcher, _lstm: "low", "ValueError"),
    "the loss is nothing": (lambda _watcher, _lstm: None, "TypeError"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_is_said_once_and_ends_the_watching_alone(
    fault: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    harm, said = FAULTS[fault]
    lstm = nn.LSTM(M, 4)
    watcher = watch(lstm, probe_of(lstm), tmp_path / "run", every=50)
    loss = harm(watcher, lstm)
    while not watcher.is_off:
        watcher.step(loss)
    for _ in range(3):
        watcher.step(loss)
    watcher.close()
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("LSTM Visualizer: this training is watched no longer, and goes on by itself.")
    assert said in line


def test_a_full_disk_is_said_once(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    lstm = nn.LSTM(M, 4)
    watcher = watch(lstm, probe_of(lstm), tmp_path / "run", every=50)

    def full(*_given: Any, **_named: Any) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("engine.recording.writer.RecordingWriter._write", full)
    while not watcher.is_off:
        watcher.step(1.0)
    watcher.close()
    (line,) = capsys.readouterr().err.splitlines()
    assert "is full; make room" in line


def test_a_training_that_diverges_is_recorded_to_its_end(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lstm = nn.LSTM(M, 4)
    watcher = watch(lstm, probe_of(lstm), tmp_path / "run", goal=9)
    watcher.step(1.0)
    with torch.no_grad():
        lstm.weight_ih_l0.fill_(float("nan"))
    watcher.step(torch.tensor(float("nan")))
    run = closed(watcher)
    assert run.history.last_snapshot is not None
    assert np.isnan(run.history.last_snapshot.gates[0]["h"]).all()
    assert run.divergence.step == 2
    assert run_of(run.path).state == "stopped"
    assert capsys.readouterr().err == ""


def test_an_error_in_the_training_is_its_own(tmp_path: Path) -> None:
    lstm = nn.LSTM(M, 4)
    with (
        pytest.raises(ZeroDivisionError),
        watch(lstm, probe_of(lstm), tmp_path / "run") as watcher,
    ):
        watcher.step(1 / 0)
    assert run_of(watcher.path).state == "stopped"


def test_few_snapshots_stay_and_the_newest_is_one(tmp_path: Path) -> None:
    lstm = nn.LSTM(M, 4)
    watcher = watch(lstm, probe_of(lstm), tmp_path / "run", every=50)
    steps = 0
    while watcher.looks < 60:
        watcher.step(1.0)
        steps += 1
        time.sleep(0.001)  # a training step takes longer than nothing
    watcher.close()
    with Recording(watcher.path) as recording:
        moments = recording.steps_of("snapshots")
    assert moments[0] == 0
    assert moments[-1] == steps
    assert len(moments) < 60
