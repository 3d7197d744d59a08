"""The program's first argument: a command, a file, an option, or a word that is mistyped."""

import json
import subprocess
import sys
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest

import gui.startup.application
import main
from engine.errors import BAD_INPUT

ROOT = Path(__file__).parents[1]
TOY = """
from engine.errors import PlainError

def add_arguments(parser):
    parser.add_argument("--times", type=int, default=1)

def run(options):
    if options.times < 0:
        raise PlainError("--times: a number from 0 on was expected; choose 1.")
    print("toy " * options.times)
    return 7
"""
Opened = list[tuple[Path | None, str | None, bool]]


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Opened:
    """What the window is opened with, in an empty folder."""
    calls: Opened = []

    def run_window(file: Path | None, theme: str | None, record: bool, _present: bool) -> int:
        calls.append((file, theme, record))
        return 0

    monkeypatch.setattr(gui.startup.application, "run_window", run_window)
    monkeypatch.chdir(tmp_path)
    return calls


def ended(work: Callable[[], Any]) -> int:
    with pytest.raises(SystemExit) as caught:
        work()
    return int(caught.value.code or 0)


def loaded_after(code: str) -> set[str]:
    code += "\nimport json, sys\nprint(json.dumps(sorted(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return set(json.loads(done.stdout.splitlines()[-1]))


def test_the_help_lists_each_command_with_its_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    assert ended(lambda: main.main(["--help"])) == 0
    lines = capsys.readouterr().out.splitlines()
    assert any(line.startswith("usage: lstm-visualizer [") for line in lines)
    assert any(line.endswith("lstm-visualizer COMMAND ...") for line in lines)
    for name, (_, sentence) in main.COMMANDS.items():
        assert [line.split(maxsplit=1) for line in lines].count([name, sentence]) == 1
    assert max(map(len, lines)) <= 100


@pytest.mark.parametrize("name", main.COMMANDS)
def test_every_command_explains_itself(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert ended(lambda: main.main([name, "--help"])) == 0
    out = capsys.readouterr().out
    assert out.startswith(f"usage: lstm-visualizer {name} [")
    assert main.COMMANDS[name][1] in " ".join(out.split())


def test_the_version(capsys: pytest.CaptureFixture[str]) -> None:
    assert main.main(["--version"]) == 0
    assert capsys.readouterr().out == f"LSTM Visualizer {version('lstm-visualizer')}\n"


def test_neither_the_help_nor_the_window_loads_a_command() -> None:
    modules = {module for module, _ in main.COMMANDS.values()}
    assert modules & loaded_after("import main\nmain.command_parser('trace')") == {"engine.commands.trace"}
    asked = "import contextlib, main\nwith contextlib.suppress(SystemExit): main.main(['--help'])"
    loaded = loaded_after(asked)
    assert not modules & loaded
    assert not {"numpy", "PySide6", "torch"} & loaded
    assert not modules & loaded_after("import gui.startup.application")


def test_the_first_word_is_the_command_and_a_file_of_its_name_is_opened_by_its_folder(
    opened: Opened, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("trace").write_text("{}")
    assert ended(lambda: main.main(["trace"])) == BAD_INPUT
    assert capsys.readouterr().err.startswith("usage: lstm-visualizer trace")
    assert opened == []
    assert main.main(["./trace"]) == 0
    assert main.main(["--theme", "dark", "trace"]) == 0
    assert main.main(["--no-record", "cell.lstmviz"]) == 0
    assert main.main([]) == 0
    assert opened == [
        (Path("trace"), None, True),
        (Path("trace"), "dark", True),
        (Path("cell.lstmviz"), None, False),
        (None, None, True),
    ]


@pytest.mark.parametrize(
    ("arguments", "meant"),
    [
        (["trian"], "train"),
        (["trian", "--task", "adding", "--steps", "4"], "train"),
        (["Tasks"], "tasks"),
        (["--theme", "dark", "trace"], "trace"),
    ],
    ids=" ".join,
)
def test_a_mistyped_command_is_asked_about(
    arguments: list[str], meant: str, opened: Opened, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main.main(arguments) == BAD_INPUT
    out, err = capsys.readouterr()
    assert out == ""
    assert f"did you mean the command {meant}?" in err
    assert err.count("\n") == 1
    assert opened == []


def test_a_file_is_opened_whatever_it_is_called(opened: Opened) -> None:
    Path("trian").write_text("{}")
    for name in ("trian", "missing", "train.lstmviz", "runs/trian"):
        assert main.main([name]) == 0
    assert [str(file) for file, *_ in opened] == ["trian", "missing", "train.lstmviz", str(Path("runs/trian"))]


@pytest.mark.parametrize("arguments", [["--theme", "blue"], ["--json"], ["a.lstmviz", "b.lstmviz"]], ids=" ".join)
def test_what_the_window_does_not_know_ends_with_its_usage(
    arguments: list[str], opened: Opened, capsys: pytest.CaptureFixture[str]
) -> None:
    assert ended(lambda: main.main(arguments)) == BAD_INPUT
    assert capsys.readouterr().err.startswith("usage: lstm-visualizer")
    assert opened == []


def test_a_command_is_a_file_and_a_row(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "toy_command.py").write_text(TOY)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setitem(main.COMMANDS, "toy", ("toy_command", "Say it."))
    assert main.main(["toy", "--times", "2"]) == 7
    assert capsys.readouterr().out == "toy toy \n"
    assert main.main(["toy", "--times", "-1"]) == BAD_INPUT
    assert capsys.readouterr().err == "--times: a number from 0 on was expected; choose 1.\n"
    assert main.main(["toys"]) == BAD_INPUT
    assert "did you mean the command toy?" in capsys.readouterr().err
    assert ended(lambda: main.main(["--help"])) == 0
    assert "toy         Say it." in capsys.readouterr().out
