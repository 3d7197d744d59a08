import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import main
from engine.commands.train.arguments import config_of_values, flag_of, given_values
from engine.errors import BAD_INPUT, ENDED
from engine.recording.library import Library, run_of
from engine.recording.recording import Recording
from engine.setting import Setting
from engine.settings.config import TrainingConfig, settings
from engine.tasks.own_file import EXAMPLE_FILE
from tests.engine.recordings import closed, moved, parcels, written
from tests.timing import assert_within, timed

ROOT = Path(__file__).parents[3]
SMALL = ("--cell-size", "3", "--batch-size", "4", "--sequence-length", "6", "--device", "cpu")


@pytest.fixture(autouse=True)
def folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    monkeypatch.setenv("LSTM_VISUALIZER_RUNS", str(tmp_path / "runs"))
    return tmp_path


def train(capsys: pytest.CaptureFixture[str], *arguments: object) -> tuple[int, list[dict[str, Any]], str]:
    status = main.main(["train", *map(str, arguments)])
    captured = capsys.readouterr()
    return status, [json.loads(line) for line in captured.out.splitlines()], captured.err


def config_of(*arguments: object) -> TrainingConfig:
    return config_of_values(given_values(main.command_parser("train").parse_args([*map(str, arguments)])))


@pytest.mark.parametrize(
    ("flag", "typed", "name", "value"),
    [
        ("--steps", "1e5", "steps", 100_000),
        ("--steps", "1,000,000", "steps", 1_000_000),
        ("--learning-rate", "0,05", "learning_rate", 0.05),
        ("--learning-rate", "5·10⁻³", "learning_rate", 0.005),
        ("--forget-bias", "-2", "forget_bias", -2.0),
    ],
)
def test_numbers_of_flags_follow_the_one_rule(flag: str, typed: str, name: str, value: float) -> None:
    found = getattr(config_of(f"{flag}={typed}"), name)
    assert (found, type(found)) == (value, type(value))


def weights(path: Path) -> dict[str, np.ndarray[Any, Any]]:
    with Recording(path) as recording:
        found = recording.checkpoint(recording.about().steps)
    assert found is not None
    return {name: array for name, array in found.arrays.items() if name != "random"}  # nothing draws from it


# What is asked for


@pytest.mark.parametrize("setting", settings(), ids=lambda setting: setting.name)
def test_every_setting_has_its_flag_with_its_sentence_and_bounds(setting: Setting) -> None:
    told = " ".join(main.command_parser("train").format_help().split())
    assert flag_of(setting) in told
    assert " ".join(setting.sentence.split()) in told.replace("- ", "-")
    if setting.unit and setting.minimum is not None:
        assert f"to {setting.maximum:,.10g} {setting.unit}" in told
    assert getattr(config_of(flag_of(setting), setting.default), setting.name) == setting.default


def test_a_flag_counts_more_than_an_assignment_and_that_more_than_the_file(folder: Path) -> None:
    file = folder / "run.toml"
    file.write_text('task = "sine"\ncell_size = 4\nlearning_rate = 1\nseed = 5\n')
    config = config_of("--seed", 7, "--set", "cell_size=5", "--set", "seed=6", "--config", file)
    assert (config.task, config.cell_size, config.seed, config.learning_rate) == ("sine", 5, 7, 1.0)
    assert isinstance(config.learning_rate, float)
    assert config_of("--set", "clamped=f=1 o=0").clamped == "f=1 o=0"
    assert config_of("--set", "cell-size=9", "--forget-bias", "-1.5") == config_of(
        "--cell-size=9", "--forget-bias=-1.5"
    )


def test_a_data_file_is_found_again_from_another_folder(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder)
    assert config_of("--task", "series", "--series-file", "mine.csv").series_file == str(folder / "mine.csv")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--cell-size", "x"], "a whole number from 1 to 1,024"),
        (["--cell-size", "0"], "choose a whole number from 1"),
        (["--learning-rate", "nan"], "enter a number from"),
        (["--task", "juggling"], "choose one of adding"),
        (["--set", "cell_siz=3"], "did you mean “cell_size”?"),
        (["--set", "cell_size"], "KEY=VALUE"),
        (["--config", "none.toml"], "none.toml cannot be read"),
        (["--config", "bad.toml"], "bad.toml is not a TOML file"),
        (["--config", "unknown.toml"], "unknown.toml: training: there is no such setting"),
        (["--config", "wrong.toml"], "wrong.toml: Cell size k"),
        (
            ["--config", "digits.toml"],
            "digits.toml: Training steps (steps) is a number of hundreds of digits; choose a whole",
        ),
        (["--config", "deep.toml"], "deep.toml has brackets nested too deeply"),
        (["--config", "."], "cannot be read (it is a folder or a device)"),
        (["--learning-rate", "1,234"], "Learning rate (learning_rate): “1,234” can mean 1234 or 1.234"),
        (["--steps", "12.5"], "Training steps (steps) is 12.5; enter a whole number from 1 to 100,000,000"),
        (["--hidden-size", "32"], "Hidden size n = 32"),
        (["--record", "run.txt"], "ends in .lstmrec"),
        (["--record", "there.lstmrec"], "already exists"),
        (["--record", "new.lstmrec", "--no-record"], "leave one of these"),
        (["--resume"], "--record FILE.lstmrec"),
        (["--resume", "--record", "none.lstmrec"], "does not exist"),
        (["--resume", "--record", "bad.lstmrec"], "not a recording"),
        (["--resume", "--record", "empty.lstmrec"], "has no checkpoint"),
        (["--task", "series", "--series-file", "none.csv", "--no-record"], "none.csv: the file cannot be read"),
    ],
)
def test_bad_input_gets_one_sentence(
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    folder: Path,
    arguments: list[str],
    words: str,
) -> None:
    monkeypatch.chdir(folder)
    (folder / "bad.toml").write_text("cell_size =")
    (folder / "unknown.toml").write_text("[training]\ncell_size = 3")
    (folder / "wrong.toml").write_text("cell_size = true")
    (folder / "digits.toml").write_text(f"steps = {'9' * 400}")
    (folder / "deep.toml").write_text(f"steps = {'[' * 2000}")
    (folder / "bad.lstmrec").write_text("no database")
    closed(folder / "there.lstmrec")
    closed(folder / "empty.lstmrec")
    before = {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}
    status, lines, err = train(capsys, *arguments)
    assert (status, lines) == (BAD_INPUT, [])
    assert err.count("\n") == 1
    assert words in err
    assert {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()} == before


@pytest.mark.parametrize("arguments", [["--bogus", "3"], ["--steps"], ["extra"]])
def test_an_argument_that_there_is_not_gets_one_sentence(
    capsys: pytest.CaptureFixture[str], arguments: list[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        train(capsys, *arguments)
    assert ended.value.code == BAD_INPUT
    assert capsys.readouterr().err.count("\n") == 1


def test_a_recording_that_is_written_is_not_gone_on_with(capsys: pytest.CaptureFixture[str], folder: Path) -> None:
    writer = written(folder / "live.lstmrec", parcels(700))
    status, _, err = train(capsys, "--resume", "--record", writer.path)
    writer.close({})
    assert status == BAD_INPUT
    assert "still being written" in err


# A run


def test_a_run_tells_its_steps_and_is_recorded(capsys: pytest.CaptureFixture[str], folder: Path) -> None:
    path = folder / "new" / "run.lstmrec"
    status, lines, err = train(capsys, *SMALL, "--steps", 150, "--record", path)
    assert (status, err) == (0, "")
    done = lines[-1]
    assert (done["done"], done["state"], done["steps"], done["sequences"]) == (True, "finished", 150, 600)
    assert done["recorded"] == str(path)
    assert done["steps_per_s"] > 0
    assert list(done["measure"]) == ["correct answers (error < 0.04)"]
    steps = [line["step"] for line in lines[:-1]]
    assert steps == sorted(steps)
    assert steps[-1] == 150
    with Recording(path) as recording:
        about = recording.about()
        rows = np.concatenate(list(recording.rows()))
        assert recording.steps_of("checkpoints")[-1] == 150
    assert about.config.cell_size == 3
    assert about.goal == about.steps == len(rows) == 150
    assert about.writer == {}
    for line in lines[:-1]:  # what is said is what was computed
        assert line["loss"] == float(rows[line["step"] - 1, 0])
    assert [file.name for file in path.parent.iterdir()] == [path.name]


def test_a_run_without_a_file_goes_into_the_library(capsys: pytest.CaptureFixture[str], folder: Path) -> None:
    status, lines, _ = train(capsys, *SMALL, "--steps", 5, "--task", "sine")
    assert status == 0
    (run,) = Library(folder / "runs").runs()
    assert str(run.path) == lines[-1]["recorded"]
    assert (run.steps, run.state, run.task) == (5, "finished", "Noisy sine")


def test_a_run_that_is_not_recorded_leaves_nothing(capsys: pytest.CaptureFixture[str], folder: Path) -> None:
    status, lines, _ = train(capsys, *SMALL, "--steps", 5, "--no-record")
    assert status == 0
    assert lines[-1]["recorded"] is None
    assert list(folder.iterdir()) == []


def test_a_resumed_run_is_that_which_never_paused(capsys: pytest.CaptureFixture[str], folder: Path) -> None:
    whole, parts = folder / "whole.lstmrec", folder / "parts.lstmrec"
    train(capsys, *SMALL, "--steps", 90, "--record", whole)
    train(capsys, *SMALL, "--steps", 40, "--record", parts)
    other = ("--seed", 9, "--until", "solved", "--limit", 7, "--goal", "loss below 1")
    status, lines, err = train(capsys, "--steps", 90, "--record", parts, "--resume", *other)
    assert status == 0
    for kept in ("seed is 1", "until is steps", "limit is 100000", "goal is empty"):
        assert f"warning: {kept} as in the recording, not " in err
    assert (lines[-1]["steps"], lines[-1]["sequences"]) == (90, 360)
    expected = weights(whole)
    assert all(np.array_equal(expected[name], array) for name, array in weights(parts).items())
    with Recording(parts) as recording:
        about = recording.about()
    assert (about.steps, about.goal, about.resumed) == (90, 90, (40,))


def test_a_file_that_a_recording_names_is_read_only_if_it_is_named_again(
    capsys: pytest.CaptureFixture[str], folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, text = folder / "run.lstmrec", folder / "a text.txt"
    text.write_text("Once upon a time there was a cell. " * 100, encoding="utf-8")
    task = ("--task", "characters", "--text-file", text)
    train(capsys, *SMALL, *task, "--steps", 10, "--record", path)
    before = path.read_bytes()
    status, lines, err = train(capsys, "--steps", 20, "--record", path, "--resume")
    assert (status, lines, err.count("\n")) == (BAD_INPUT, [], 1)
    assert f"run.lstmrec would read the file {text} on this computer; if that is right, name it yourself" in err
    assert f"(--text-file '{text}')" in err
    other = folder / "other.txt"
    other.write_text("Another one.", encoding="utf-8")
    assert train(capsys, "--steps", 20, "--record", path, "--resume", "--text-file", other)[0] == BAD_INPUT
    assert path.read_bytes() == before
    monkeypatch.chdir(folder)
    status, lines, _ = train(capsys, "--steps", 20, "--record", path, "--resume", "--text-file", text.name)
    assert (status, lines[-1]["steps"]) == (0, 20)


def test_an_own_task_that_a_recording_names_is_run_only_if_it_is_named_again(
    capsys: pytest.CaptureFixture[str], folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LSTM_VISUALIZER_TASKS", str(folder / "tasks"))
    (folder / "tasks").mkdir()
    own = (ROOT / "resources" / "tasks" / EXAMPLE_FILE).read_text(encoding="utf-8")
    ran = folder / "ran"
    (folder / "tasks" / "mine.py").write_text(f"{own}\nopen({str(ran)!r}, 'w').close()\n", encoding="utf-8")
    path = folder / "run.lstmrec"
    train(capsys, *SMALL, "--task", "own:mine", "--steps", 10, "--record", path)
    ran.unlink()
    status, _, err = train(capsys, "--steps", 20, "--record", path, "--resume")
    assert status == BAD_INPUT
    assert "would run your own task own:mine on this computer; if that is right, name it yourself" in err
    assert "(--task own:mine)" in err
    assert not ran.exists()
    assert train(capsys, "--steps", 20, "--record", path, "--resume", "--task", "own:mine")[0] == 0
    assert ran.exists()


def skip_where_there_are_gpus() -> None:
    from engine.training.devices import available_devices

    if len(available_devices()) > 1:
        pytest.skip("a machine without a GPU is what this is about")


def test_a_run_of_a_machine_with_another_device_goes_on_here(capsys: pytest.CaptureFixture[str], folder: Path) -> None:
    skip_where_there_are_gpus()
    whole, parts = folder / "whole.lstmrec", folder / "parts.lstmrec"
    train(capsys, *SMALL, "--steps", 60, "--record", whole)
    train(capsys, *SMALL, "--steps", 40, "--record", parts)
    moved(parts, "cuda:7")
    status, lines, err = train(capsys, "--steps", 50, "--record", parts, "--resume")
    assert (status, lines[-1]["steps"]) == (0, 50)
    assert "The run used cuda:7, which is not available now: it continues on cpu" in err
    status, _, err = train(capsys, "--steps", 60, "--record", moved(parts, "mps"), "--resume", "--device", "cpu")
    assert (status, err) == (0, "")  # as it was asked for
    with Recording(parts) as recording:
        told = [(event.step, event.words) for event in recording.events()]
        about = recording.about()
    assert told == [(40, "device cuda:7 → cpu"), (50, "device mps → cpu")]
    assert (about.steps, about.resumed) == (60, (40, 50))
    expected = weights(whole)
    assert all(np.array_equal(expected[name], array) for name, array in weights(parts).items())


def test_a_run_is_not_gone_on_with_on_a_device_that_was_asked_for_and_is_not_here(
    capsys: pytest.CaptureFixture[str], folder: Path
) -> None:
    skip_where_there_are_gpus()
    path = folder / "run.lstmrec"
    train(capsys, *SMALL, "--steps", 40, "--record", path)
    status, _, err = train(capsys, "--steps", 50, "--record", path, "--resume", "--device", "cuda:7")
    assert status == BAD_INPUT
    assert err == "Device 'cuda:7' was not found on this machine; choose auto or one of cpu.\n"
    with Recording(path) as recording:
        assert (recording.about().steps, recording.events()) == (40, [])


def test_a_run_is_resumed_to_fewer_steps_than_it_had_in_mind_and_to_none(
    capsys: pytest.CaptureFixture[str], folder: Path
) -> None:
    path = folder / "run.lstmrec"
    train(capsys, *SMALL, "--steps", 30, "--record", path)
    assert train(capsys, "--steps", 50, "--record", path, "--resume")[1][-1]["steps"] == 50
    content = path.read_bytes()
    status, lines, err = train(capsys, "--steps", 40, "--record", path, "--resume")
    assert (status, lines[-1]["steps"]) == (0, 50)
    assert "already has 50 steps" in err
    assert path.read_bytes() == content


def test_a_run_that_diverges_ends_with_its_sentence_and_a_checkpoint(
    capsys: pytest.CaptureFixture[str], folder: Path
) -> None:
    path = folder / "run.lstmrec"
    wild = ("--learning-rate", 1000, "--optimizer", "sgd", "--clip-norm", 0, "--task", "sine")
    status, lines, err = train(capsys, *SMALL, *wild, "--steps", 100_000, "--record", path)
    assert status == ENDED
    assert "The loss became" in err
    assert err.count("\n") == 1
    assert lines[-1]["state"] == "ended"
    assert lines[-1]["loss"] is None
    with Recording(path) as recording:
        assert recording.about().steps == lines[-1]["steps"]
        assert recording.steps_of("checkpoints")[-1] < lines[-1]["steps"]  # from before the loss was lost


def test_a_place_where_nothing_can_be_recorded_ends_the_run(capsys: pytest.CaptureFixture[str], folder: Path) -> None:
    (folder / "file").write_text("no folder")
    status, lines, err = train(capsys, *SMALL, "--steps", 9, "--record", folder / "file" / "run.lstmrec")
    assert status == ENDED
    assert "run.lstmrec" in err
    assert err.count("\n") == 1
    assert lines[-1]["steps"] == 0


def test_a_recording_that_is_deleted_ends_the_run_with_its_name(
    capsys: pytest.CaptureFixture[str], folder: Path
) -> None:
    path = folder / "run.lstmrec"

    def delete() -> None:
        while run_of(path).steps == 0:
            time.sleep(0.01)
        path.unlink()

    thread = threading.Thread(target=delete)
    thread.start()
    status, lines, err = train(capsys, *SMALL, "--steps", 10_000_000, "--record", path)
    thread.join()
    assert status == ENDED
    assert err == f"{path} was deleted or moved during the recording; put it back, or train without recording.\n"
    assert lines[-1]["state"] == "ended"
    assert not path.exists()


# Signals


class Process:
    """The command in a process of its own; warnings are errors."""

    def __init__(self, *arguments: object) -> None:
        self.popen = subprocess.Popen(
            [sys.executable, "-W", "error", "main.py", "train", *SMALL, "--steps", "10000000", *map(str, arguments)],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def read_until(self, step: int) -> None:
        assert self.popen.stdout is not None
        while json.loads(self.popen.stdout.readline())["step"] < step:
            pass

    def end(self, number: int) -> tuple[float, dict[str, Any], str]:
        start = time.perf_counter()
        self.popen.send_signal(number)
        out, err = self.popen.communicate(timeout=60)
        return time.perf_counter() - start, json.loads(out.splitlines()[-1]), err


@pytest.fixture
def processes() -> Iterator[list[Process]]:
    started: list[Process] = []
    yield started
    for process in started:
        process.popen.kill()
        process.popen.communicate()


@timed
@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such signals for another process")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=lambda number: number.name)
def test_a_signal_ends_a_run_with_a_checkpoint(folder: Path, processes: list[Process], number: int) -> None:
    path = folder / "run.lstmrec"
    processes.append(Process("--record", path))
    processes[0].read_until(1)
    seconds, done, err = processes[0].end(number)
    assert (processes[0].popen.returncode, err) == (0, "")
    assert done["state"] == "interrupted"
    assert_within(seconds, 2.0)
    with Recording(path) as recording:
        assert recording.steps_of("checkpoints")[-1] == recording.about().steps == done["steps"] > 0
        assert recording.about().writer == {}


@timed
@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such signals for another process")
def test_a_signal_before_the_first_step_ends_it_as_soon(folder: Path, processes: list[Process]) -> None:
    path = folder / "run.lstmrec"
    processes.append(Process("--record", path))
    deadline = time.perf_counter() + 30
    while not is_loading_torch(processes[0].popen.pid) and time.perf_counter() < deadline:
        assert processes[0].popen.poll() is None
    seconds, done, err = processes[0].end(signal.SIGTERM)
    assert (processes[0].popen.returncode, err) == (0, "")
    assert done["state"] == "interrupted"
    assert done["steps"] == 0
    assert_within(seconds, 2.0)
    assert not path.exists()


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such terminals")
def test_closing_the_terminal_ends_a_run_with_a_checkpoint(folder: Path) -> None:
    path = folder / "run.lstmrec"
    ours, terminal = os.openpty()
    # The terminal is the process's own, as after a login, so that closing it is told to that process.
    begin = "import fcntl, os, signal, sys, termios; os.setsid(); fcntl.ioctl(0, termios.TIOCSCTTY, 0); "
    begin += "signal.signal(signal.SIGHUP, signal.SIG_DFL); "  # these tests may run under nohup
    begin += "os.execv(sys.executable, [sys.executable, *sys.argv[1:]])"
    command = ["main.py", "train", *SMALL, "--steps", "10000000", "--record", str(path)]
    run = subprocess.Popen(
        [sys.executable, "-c", begin, *command], cwd=ROOT, stdin=terminal, stdout=terminal, stderr=terminal
    )
    try:
        os.close(terminal)
        shown = ""
        while "loss" not in shown:  # of a step
            shown += os.read(ours, 4096).decode()
        os.close(ours)
        assert run.wait(timeout=60) == 0
    finally:
        run.kill()
        run.wait()
    with Recording(path) as recording:
        assert recording.steps_of("checkpoints")[-1] == recording.about().steps > 0
        assert recording.about().state == "stopped"


def is_loading_torch(pid: int) -> bool:
    """Whether a process has torch's library open."""
    if not sys.platform.startswith("linux"):
        return True
    return "libtorch" in Path(f"/proc/{pid}/maps").read_text()


def test_the_last_line_comes_also_when_the_reader_has_left(folder: Path) -> None:
    path = folder / "run.lstmrec"
    command = [sys.executable, "main.py", "train", *SMALL, "--steps", "10000000", "--record", str(path)]
    run = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=os.environ)
    assert run.stdout is not None
    run.stdout.readline()
    run.stdout.close()
    assert run.wait(timeout=60) == 0
    assert run.stderr is not None
    assert run.stderr.read() == b""
    run.stderr.close()
    with Recording(path) as recording:
        assert recording.steps_of("checkpoints")[-1] == recording.about().steps > 0


def test_torch_waits_for_the_session() -> None:
    code = "import sys, engine.commands.train.command, engine.commands.train.arguments, engine.commands.runs\n"
    code += "sys.exit(bool({'torch', 'PySide6', 'tqdm'} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, timeout=60, check=False).returncode == 0
