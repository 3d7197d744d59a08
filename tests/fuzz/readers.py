"""What reads text or files that come from elsewhere, each with good inputs to begin from and what failed once."""

from __future__ import annotations

import base64
import json
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from engine.commands.train.arguments import values_of_file
from engine.document.document_file import read_document, to_json
from engine.document.examples import EXAMPLES, load_example
from engine.errors import PlainError
from engine.formats.link import PREFIX, link_of_document, link_of_settings, read_link
from engine.lessons.reading import FOLDER
from engine.recording.library import run_of
from engine.recording.recorded_run import read_run
from engine.recording.recording import Recording
from engine.settings.config import TrainingConfig, settings
from engine.shipped import SHIPPED
from engine.tables.answers import Answers, DataError
from engine.tables.reading import read_table
from engine.tasks.characters import read_text
from engine.tasks.data_file import axis_of
from engine.text.matrix_text import readings_of_block
from engine.text.number_text import parse_number
from gui.appearance.stored import Stored
from gui.lessons.check import check_lesson
from gui.training.stored_config import stored_config
from tests.fuzz import keras_files, networks, onnx_models
from tests.fuzz.mutator import mutations
from tests.fuzz.recordings import recording_mutations

DATA = Path(__file__).parents[1] / "data"
"""Tables as people have them, a recording of version 1, and in `failed/READER` what a reader once failed on."""


PASTED = (
    "1.5\t-2\n3\t4e-3",
    "1,5;-2\n3;4e-3",
    "950\n1,020\n1,234",
    "1\N{NO-BREAK SPACE}234,5\t2",
    "4·10⁻³ 5",
    "[1 2; 3 4]",
    "{{1,2},{3,4}}",
    "| 1 | 2 |\n| 3 | 4 |",
    "states[1] = [[1, 2], [3, 4]]",
    "array([[1., 2.], [3., 4.]], dtype=float32)",
    r"\begin{bmatrix} 1 & 2 \\ 3 & 4 \end{bmatrix}",
)


@dataclass(frozen=True)
class Reader:
    """name: also the folder of what failed once. seeds: good inputs. suffix: of the files. read: takes one file.

    damage: draws damaged inputs, so many, from good ones and a seed.
    """

    name: str
    seeds: Callable[[], list[bytes]]
    suffix: str
    read: Callable[[Path], object]
    damage: Callable[[Sequence[bytes], int, int], Iterator[bytes]] = mutations

    def failed(self) -> list[bytes]:
        """Return the inputs that failed once."""
        return [path.read_bytes() for path in sorted((DATA / "failed" / self.name).glob("*"))]


def _pasted(path: Path) -> object:
    return readings_of_block(path.read_bytes().decode("utf-8", "replace"))


def _typed(path: Path) -> object:
    return parse_number(path.read_bytes().decode("utf-8", "replace"))


_ANSWERS = (
    Answers(),
    Answers("comma", "no", "carry", "5, x", "day first"),
    Answers("either", order="as it is"),  # as older recordings do
)


def _table(path: Path) -> None:
    """Read a table as it says and as answers have it, then use every column."""
    for answers in _ANSWERS:
        table = read_table(path, answers)
        for column in table.outline().choices():
            with suppress(DataError):
                table.column(column.index)
        with suppress(DataError):
            axis_of(table)
            table.require_rows()
            table.find("")


def _tables() -> list[bytes]:
    found = sorted((DATA / "tables").rglob("*.*"))
    return [path.read_bytes() for path in found if path.suffix in (".csv", ".tsv", ".txt")]


def _recorded(path: Path) -> None:
    run_of(path)
    read_run(path)
    with Recording(path) as recording:
        for step in recording.steps_of("checkpoints"):
            recording.checkpoint(step)


def _links() -> list[bytes]:
    documents = [link_of_document(load_example(name), title) for name, title in EXAMPLES.items()]
    return [link.encode() for link in (*documents, link_of_settings(TrainingConfig(cell="gru", learning_rate=1e-5)))]


def _link(path: Path) -> object:
    return read_link(path.read_bytes().decode("utf-8", "replace"))


def _packed(path: Path) -> None:
    """Read what is damaged within a link that is whole."""
    data = path.read_bytes()
    for kind in ("d1", "s1"):
        with suppress(PlainError):
            read_link(f"{PREFIX}{kind}.{base64.urlsafe_b64encode(zlib.compress(data, 9)).rstrip(b'=').decode()}")


def _in_links() -> list[bytes]:
    """Return what two links hold, not yet compressed."""
    latch = f"A latch\n{to_json(load_example('latch'))}"
    return [latch.encode(), b'{"cell":"gru","learning_rate":0.01,"clamped":"f=1"}']


def _settings() -> list[bytes]:
    values = {setting.name: setting.default for setting in settings()}
    return ["".join(f"{name} = {json.dumps(value)}\n" for name, value in values.items()).encode()]


def _stored(path: Path) -> None:
    """Read what is remembered from the last start, each value as every kind."""
    stored = Stored(path)
    for key in filter(None, stored.allKeys()):
        stored.text(key, "a text", "")
        stored.flag(key, "a flag", None)
        stored.number(key, "a number", 0, -1, 1)
        stored.lines(key, "a list", 10)
        stored.data(key, "bytes")
    stored_config(stored)
    stored.sentence_of_left_out()


_STORED = r"""[General]
digits=short
theme=dark
geometry="@ByteArray(\x1\xd9\xd0\xcb\0\x3)"
recent=/a.lstmviz, /b.lstmviz
training="{\"cell_size\": 12, \"learning_rate\": 0.01}"

[recording]
on=true
limit_gb=5
"""


def _lessons() -> list[bytes]:
    return [path.read_bytes() for path in sorted(FOLDER.glob("*.md"))]


def _recordings() -> list[bytes]:
    return [(DATA / "version-1.lstmrec").read_bytes()]


READERS = {
    reader.name: reader
    for reader in (
        Reader(
            "documents",
            lambda: [path.read_bytes() for path in sorted((SHIPPED / "examples").glob("*.lstmviz"))[:8]],
            ".lstmviz",
            read_document,
        ),
        Reader("pasted", lambda: [text.encode() for text in PASTED], ".txt", _pasted),
        Reader("typed", lambda: [b"1,234.5", b"-1e-3", "−4·10⁻³".encode(), b"1.234.567"], ".txt", _typed),
        Reader(
            "texts",
            lambda: [b"A text.\nOf two lines.\n", "naïve café\n".encode("cp1252"), "Grüße\n".encode("utf-16")],
            ".txt",
            read_text,
        ),
        Reader("tables", _tables, ".csv", _table),
        Reader("stored", lambda: [_STORED.encode()], ".ini", _stored),
        Reader("links", _links, ".txt", _link),
        Reader("in-links", _in_links, ".txt", _packed),
        Reader("configs", _settings, ".toml", values_of_file),
        Reader("lessons", _lessons, ".md", check_lesson),
        Reader("keras", keras_files.models, ".keras", keras_files.read, networks.zip_mutations),
        Reader("hdf5", keras_files.weights, ".h5", keras_files.read),
        Reader("onnx", onnx_models.files, ".onnx", networks.read, onnx_models.field_mutations),
        Reader("recordings", _recordings, ".lstmrec", _recorded, recording_mutations),
        Reader("torch", networks.torch_files, ".pt", networks.read, networks.zip_mutations),
        Reader("safetensors", networks.safetensors_files, ".safetensors", networks.read),
        Reader("npz", networks.npz_files, ".npz", networks.read, networks.zip_mutations),
    )
}
