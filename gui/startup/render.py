"""The command `main.py render`: writes a picture or a film of a document or a recorded run, without a screen."""

from __future__ import annotations

import argparse
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from engine.commands.printing import print_json
from engine.document.examples import EXAMPLES, load_example
from engine.errors import INTERRUPTED, PlainError, did_you_mean, one_line
from engine.file_kinds import DOCUMENT, RECORDING, document_module, format_of
from engine.recording.recorded_run import read_run
from engine.text.numbers import Style
from gui.startup.offscreen import use_known_letters, use_no_screen

if TYPE_CHECKING:
    from gui.exchange.films.filming import Steering
    from gui.exchange.studio import Look, Studio

PICTURES, FILMS = (".png", ".svg", ".pdf"), (".mp4", ".gif")
"""What can be written, by suffix."""
THEMES = ("light", "dark", "projector", "print")
NO_NUMBERS = "none"
"""What is chosen for vectors and matrices without their numbers."""
_SIZES = 64, 7680
"""The least and the most pixels of a side."""
_LARGEST_SCALE = 8.0
_DPI = 96
_LINES = 1080
"""A film is laid out for so many lines, whatever its size."""
_OF_FILMS, _OF_PICTURES = ("fps", "seconds"), ("operation", "scale", "dpi")


class RenderError(PlainError):
    """The command cannot be carried out as it is written; the message is one sentence."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what `main.py render` can be told."""
    source = parser.add_mutually_exclusive_group(required=True)
    kinds = f"a document ({DOCUMENT.suffix}) or a recorded run ({RECORDING.suffix})"
    source.add_argument("file", nargs="?", type=Path, help=kinds)
    source.add_argument("--example", metavar="NAME", help="an example that comes with the program")
    kinds = f"a picture ({' '.join(PICTURES)}) or a film ({' '.join(FILMS)})"
    parser.add_argument("--out", type=Path, required=True, metavar="FILE", help=f"{kinds} to write")
    parser.add_argument(
        "--view", metavar="V", help="the view: diagram of a document, live of a recorded run, or another"
    )
    parser.add_argument("--operation", metavar="NAME", help="the operation that has just been computed, such as f_t")
    parser.add_argument("--t", type=int, metavar="T", help="the time step, from 1 on; a film shows that one alone")
    parser.add_argument(
        "--step", type=int, metavar="S", help="the training step of a recorded run; its newest if left out"
    )
    parser.add_argument("--layer", type=int, default=1, metavar="L", help="the layer of a recorded network, from 1 on")
    parser.add_argument("--size", default="1920x1080", metavar="WxH", help="width and height in pixels")
    parser.add_argument("--theme", default="light", choices=THEMES, help="its colours")
    parser.add_argument(
        "--numbers",
        default="short",
        choices=[*(style.value for style in Style), NO_NUMBERS],
        help="how numbers are written; none: vectors and matrices show colours alone",
    )
    parser.add_argument(
        "--text", choices=("desk", "hall"), default="hall", help="desk: as in the window, with everything to be clicked"
    )
    parser.add_argument(
        "--captions", action=argparse.BooleanOptionalAction, help="words below the picture; a film has them"
    )
    parser.add_argument("--scale", type=float, metavar="X", help="pixels of a PNG for each of --size")
    parser.add_argument("--dpi", type=float, metavar="N", help=f"the same as --scale N/{_DPI}")
    parser.add_argument("--fps", type=int, metavar="N", help="frames a second: 30 in an MP4, 15 in a GIF")
    parser.add_argument("--seconds", type=float, metavar="S", help="length of the film")
    parser.add_argument("--json", action="store_true", help="print progress as lines of JSON")
    parser.add_argument("--steered", action="store_true", help=argparse.SUPPRESS)


def run(options: argparse.Namespace) -> int:
    """Write the picture or the film; return the exit status."""
    _check(options)
    use_no_screen()
    from gui.startup.application import make_application

    make_application([])
    use_known_letters()
    from gui.exchange.studio import Studio

    with Studio(_look(options)) as studio:
        _open(studio, options)
        if options.out.suffix.casefold() in FILMS:
            return _film(studio, options)
        _picture(studio, options)
    return 0


def _check(options: argparse.Namespace) -> None:
    """Raise RenderError for what can be known to be wrong before anything is read."""
    out: Path = options.out
    suffix = out.suffix.casefold()
    if suffix not in (*PICTURES, *FILMS):
        known = did_you_mean(suffix, (*PICTURES, *FILMS)) if suffix else f"; end it in {', '.join((*PICTURES, *FILMS))}"
        raise RenderError(f"--out {out}: the suffix says what is written, and this one says nothing{known}")
    is_film = suffix in FILMS
    for name in _OF_PICTURES if is_film else _OF_FILMS:
        if getattr(options, name) is not None:
            raise RenderError(f"--{name}: {'a film' if is_film else 'a picture'} has none; leave it out.")
    if (options.scale is not None or options.dpi is not None) and suffix != ".png":
        raise RenderError(f"--scale and --dpi: a {suffix[1:].upper()} is sharp at every size; leave them out.")
    if out.is_dir():
        raise RenderError(f"{out} is a folder; name a file.")
    if is_film:
        _check_rate(options.fps, suffix)


def _check_rate(rate: int | None, suffix: str) -> None:
    from gui.exchange.films.encoder import KINDS

    most = KINDS[suffix].most_rate
    if rate is not None and not 1 <= rate <= most:
        raise RenderError(
            f"--fps {rate}: choose from 1 to {most} frames a second; players of {suffix[1:].upper()} show no more."
        )


def _look(options: argparse.Namespace) -> Look:
    from gui.exchange.studio import Look

    is_film = options.out.suffix.casefold() in FILMS
    captions = is_film if options.captions is None else options.captions
    size = _size(options.size)
    scale = size[1] / _LINES if is_film else 1.0
    numbers = options.numbers != NO_NUMBERS
    digits = Style(options.numbers) if numbers else Style.SHORT
    return Look(size, scale, options.theme, digits, numbers, options.text == "hall", captions)


def _size(written: str) -> tuple[int, int]:
    parts = written.casefold().replace("×", "x").split("x")
    least, most = _SIZES
    if len(parts) != 2 or not all(part.isascii() and part.isdigit() and least <= int(part) <= most for part in parts):
        raise RenderError(
            f"--size {written}: write width and height from {least} to {most:,} pixels, such as 1920x1080."
        )
    return int(parts[0]), int(parts[1])


def _scale(options: argparse.Namespace) -> float:
    if options.scale is not None and options.dpi is not None:
        raise RenderError("--scale and --dpi say the same; leave one of them out.")
    name, unit = ("dpi", _DPI) if options.dpi is not None else ("scale", 1)
    given = getattr(options, name)
    scale = 1.0 if given is None else given / unit
    if not 0.1 <= scale <= _LARGEST_SCALE:
        raise RenderError(f"--{name} {given:g}: choose from {0.1 * unit:g} to {_LARGEST_SCALE * unit:g}.")
    return float(scale)


def _open(studio: Studio, options: argparse.Namespace) -> None:
    """Put the view that is asked for on the stage, at the moment that is asked for."""
    kind = format_of(options.file) if options.file is not None else DOCUMENT
    if kind is RECORDING:
        studio.show_run(read_run(options.file), options.layer - 1)
        studio.show(options.view or "live")
        if options.step is not None:
            studio.stand_at_step(options.step)
    else:
        if not kind.module:
            raise RenderError(f"{options.file} is {kind.one}; a document or a recorded run is needed.")
        _open_document(studio, options)
        studio.show(options.view or "diagram")
        if options.step is not None:
            studio.stand_at_step(options.step)  # which says why not


def _open_document(studio: Studio, options: argparse.Namespace) -> None:
    if options.layer != 1:
        raise RenderError("--layer names a layer of a recorded network; a document has one, so leave it out.")
    if options.example is not None:
        document = load_example(options.example)
        studio.show_document(document, EXAMPLES[options.example])
        return
    document, warnings = document_module(options.file).read_document(options.file)
    for warning in warnings:
        print(one_line(f"warning: {warning}"), file=sys.stderr)
    studio.show_document(document, options.file.stem)


def _picture(studio: Studio, options: argparse.Namespace) -> None:
    from gui.exchange.pictures import draw

    view = studio.view
    studio.take_apart()
    if view is not None and (view.shows_cell or view.has_timeline):
        studio.stand(options.operation, options.t)
    elif options.t is not None or options.operation is not None:
        raise RenderError("--t and --operation: this view shows every time step; leave them out.")
    picture = draw(studio.stage, studio.appearance.theme, options.out.suffix.casefold(), _scale(options))
    picture.write(options.out)
    _say(options, {"done": True, "out": str(options.out)}, one_line(f"wrote {options.out}"))


def _say(options: argparse.Namespace, members: dict[str, object], words: str) -> None:
    if options.json:
        print_json(members, indent=None)
    else:
        print(words)


def _film(studio: Studio, options: argparse.Namespace) -> int:
    from tqdm import tqdm

    from gui.exchange.films.encoder import KINDS
    from gui.exchange.films.filming import Stopped, frames_of, make_film, script_of

    rate = options.fps or KINDS[options.out.suffix.casefold()].usual_rate
    script = script_of(studio, options.t, options.seconds)
    bar = tqdm(
        total=frames_of(script, rate), unit="frame", disable=options.json or not sys.stderr.isatty(), leave=False
    )

    def told(frame: int, frames: int) -> None:
        bar.update(frame - bar.n)
        if options.json:
            print_json({"frame": frame, "frames": frames}, indent=None)

    def begun(temporary: Path) -> None:
        if options.json:
            print_json({"temporary": str(temporary)}, indent=None)

    if options.steered:
        _be_polite()
    with _steering(options.steered) as steering, bar:
        try:
            frames = make_film(studio, script, options.out, rate, steering, told, begun)
        except Stopped:
            print("The film was cancelled; nothing of it is left.", file=sys.stderr)
            return INTERRUPTED
    nbytes = options.out.stat().st_size
    members = {"done": True, "out": str(options.out), "frames": frames, "seconds": frames / rate, "bytes": nbytes}
    _say(options, members, one_line(f"wrote {options.out}: {frames:,} frames, {frames / rate:.1f} s"))
    return 0


def _be_polite() -> None:
    """Let the window, and whatever else somebody does, come first."""
    import psutil

    with suppress(psutil.Error, OSError):
        psutil.Process().nice(psutil.BELOW_NORMAL_PRIORITY_CLASS if sys.platform == "win32" else 10)


@dataclass
class _Told:
    """What was said from outside."""

    stopped: bool = False
    slow: bool = False


@contextmanager
def _steering(steered: bool) -> Iterator[Steering]:
    """Hear signals that ask for the end, and, if steered, the lines "slow" and "fast"; the end of these is the end."""
    from gui.exchange.films.filming import Steering

    told = _Told()

    def stop(_number: int, _frame: object) -> None:
        told.stopped = True

    def listen() -> None:
        for line in sys.stdin:
            if line.strip() in ("slow", "fast"):
                told.slow = line.strip() == "slow"
            else:
                break
        told.stopped = True

    before = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
    if steered:
        threading.Thread(target=listen, name="film-steering", daemon=True).start()
    try:
        yield Steering(lambda: told.stopped, lambda: told.slow)
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
