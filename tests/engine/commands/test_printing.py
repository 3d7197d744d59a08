"""What the commands print: to a full disk, to nobody, of names that are odd; one sentence in each case."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import main
from engine.errors import BAD_INPUT, ENDED, PlainError, one_line
from engine.recording.recording import Recording
from tests.engine.recordings import closed, parcels

ROOT = Path(__file__).parents[3]
SMALL = ("--cell-size", "3", "--batch-size", "4", "--sequence-length", "6", "--device", "cpu", "--steps", "20")
NO_ROOM = "The output cannot be written (No space left on device); make room, or write it elsewhere.\n"
ODD = "a\n\x1b[31mb"
SEEN = r"a\n\x1b[31mb"
LONG = "a" * 300

full = pytest.mark.skipif(not Path("/dev/full").exists(), reason="a disk that is always full is one of Linux")
posix = pytest.mark.skipif(os.name != "posix", reason="names and streams of Unix")


Here = Callable[..., tuple[int | str | None, str, str]]


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Here:
    """Runs a command in this process, in a folder that is its library, too; returns status, stdout and stderr."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LSTM_VISUALIZER_RUNS", str(tmp_path))

    def run_here(*arguments: str) -> tuple[int | str | None, str, str]:
        try:
            status: int | str | None = main.main(list(arguments))
        except SystemExit as ended:
            status = ended.code
        return status, *capsys.readouterr()

    return run_here


def run(folder: Path, *arguments: str | Path, **options: Any) -> subprocess.CompletedProcess[str]:
    """Run a command in a folder that is its library, too; warnings are errors."""
    more = options.pop("environment", {})
    return subprocess.run(
        [sys.executable, "-W", "error", str(ROOT / "main.py"), *arguments],
        **{"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **options},
        encoding="utf-8",
        cwd=folder,
        env={**os.environ, "LSTM_VISUALIZER_RUNS": str(folder), **more},
        timeout=100,
        check=False,
    )


@full
@pytest.mark.parametrize(
    "arguments",
    [["tasks"], ["train", "--help"], ["show", "--json", "run.lstmrec"]],
    ids=" ".join,
)
def test_a_full_disk_gets_one_sentence(tmp_path: Path, arguments: list[str]) -> None:
    closed(tmp_path / "run.lstmrec", parcels(700))
    with open("/dev/full", "wb") as no_room:
        result = run(tmp_path, *arguments, stdout=no_room)
    assert (result.returncode, result.stderr) == (ENDED, NO_ROOM)


@full
def test_a_run_that_cannot_tell_of_itself_ends_with_a_checkpoint(tmp_path: Path) -> None:
    with open("/dev/full", "wb") as no_room:
        result = run(tmp_path, "train", *SMALL, "--record", "run.lstmrec", stdout=no_room)
    assert (result.returncode, result.stderr) == (ENDED, NO_ROOM)
    with Recording(tmp_path / "run.lstmrec") as recording:
        assert recording.about().writer == {}
        assert recording.steps_of("checkpoints")[-1] == recording.about().steps


@full
def test_where_nothing_can_be_said_the_status_says_it(tmp_path: Path) -> None:
    with open("/dev/full", "wb") as no_room:
        assert run(tmp_path, "train", "--task", "none", stdout=no_room, stderr=no_room).returncode == ENDED


@posix
def test_closed_streams_are_no_files_of_the_run(tmp_path: Path) -> None:
    """As in a program without a console: what is opened next would get the number of stdout."""
    command = f'"{sys.executable}" "{ROOT / "main.py"}" train {" ".join(SMALL)} --record run.lstmrec <&- >&- 2>&-'
    done = subprocess.run(["sh", "-c", command], cwd=tmp_path, timeout=100, check=False)
    assert done.returncode == 0
    with Recording(tmp_path / "run.lstmrec") as recording:
        assert recording.about().steps == 20
    assert [item.name for item in tmp_path.iterdir()] == ["run.lstmrec"]


@posix
@pytest.mark.parametrize(
    "arguments",
    [
        ["show", f"{ODD}.lstmrec"],
        ["trace", f"{ODD}.lstmviz"],
        ["train", "--resume", "--record", f"{ODD}.lstmrec"],
        ["train", "--config", f"{ODD}.toml"],
        ["train", "--set", f"{ODD}=3"],
        ["train", "--task", "characters", "--text-file", ODD],
        ["train", f"--{ODD}"],
    ],
    ids=lambda arguments: " ".join(arguments[:-1]),
)
def test_a_name_with_a_line_break_is_said_in_one_line(here: Here, arguments: list[str]) -> None:
    status, _, err = here(*arguments)
    assert status == BAD_INPUT
    assert SEEN in err
    assert err.count("\n") == 1
    assert "\x1b" not in err


@pytest.mark.parametrize("code", [0x61C, 0x200E, 0x200F, 0x2028, 0x202A, 0x202E, 0x2066, 0x2069])
def test_no_name_turns_the_direction_of_a_sentence(code: int) -> None:
    turned = f"a{chr(code)}b.csv"
    assert one_line(turned) == str(PlainError(turned)) == f"a\\u{code:04x}b.csv"


@posix
def test_a_recording_with_a_line_break_in_its_name_is_one_line_of_the_list(tmp_path: Path, here: Here) -> None:
    path = tmp_path / f"{ODD}.lstmrec"
    closed(path, parcels(700), name="my\nrun")
    _, listed, _ = here("runs")
    assert len(listed.splitlines()) == 3
    assert SEEN in listed
    assert r"my\nrun" in listed
    status, shown, _ = here("show", path.name)
    assert (status, shown.splitlines()[0]) == (0, r"my\nrun")
    assert "\x1b" not in listed + shown


@posix
@pytest.mark.parametrize(
    "arguments",
    [
        ["train", *SMALL, "--record", f"{LONG}.lstmrec"],
        ["train", *SMALL, "--record", f"{LONG[:243]}.lstmrec"],
        ["train", *SMALL, "--record", f"{LONG}/run.lstmrec"],
        ["train", "--resume", "--record", f"{LONG}.lstmrec"],
        ["train", "--config", f"{LONG}.toml"],
        ["train", "--task", "series", "--series-file", LONG],
        ["show", f"{LONG}.lstmrec"],
        ["trace", f"{LONG}.lstmviz"],
    ],
    ids=lambda arguments: f"{arguments[0]} {arguments[-2]} {len(arguments[-1])}",
)
def test_a_name_that_is_too_long_gets_one_sentence(tmp_path: Path, here: Here, arguments: list[str]) -> None:
    status, out, err = here(*arguments)
    assert (status, out, err.count("\n")) == (BAD_INPUT, "", 1)
    assert "too long" in err
    assert not list(tmp_path.iterdir())


@posix
def test_a_library_whose_name_is_too_long_gets_one_sentence(here: Here, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LSTM_VISUALIZER_RUNS", LONG)
    for arguments in (["runs"], ["train", *SMALL]):
        status, _, err = here(*arguments)
        assert (status, err.count("\n")) == (BAD_INPUT, 1)
        assert "too long" in err


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere every name is a text")
def test_letters_that_a_plain_locale_has_not_are_as_good_as_any(tmp_path: Path) -> None:
    folder = tmp_path / "∞" / os.fsdecode(b"caf\xe9")
    plain = {"environment": {"LC_ALL": "C", "LSTM_VISUALIZER_RUNS": str(folder)}}
    path = folder / "run.lstmrec"
    for command in (["train", *SMALL, "--record", path], ["show", path], ["runs", "--json"]):
        result = run(tmp_path, *command, **plain)
        assert (result.returncode, result.stderr) == (0, "")
        assert "20" in result.stdout
    missing = run(tmp_path, "show", folder / "none.lstmrec", **plain)
    assert (missing.returncode, missing.stderr.count("\n")) == (BAD_INPUT, 1)
    assert "∞/caf" in missing.stderr
