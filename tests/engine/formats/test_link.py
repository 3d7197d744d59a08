"""Links: what is written is read again, exactly; what is no whole link gets one sentence, at once."""

from __future__ import annotations

import base64
import json
import time
import tracemalloc
import zlib
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as how
from hypothesis import strategies as st

from engine.cell.cells import CELLS
from engine.commands.train.arguments import given_values
from engine.document.document import Document, blank
from engine.document.document_file import to_json
from engine.document.examples import EXAMPLES, load_example
from engine.formats.link import (
    LONGEST,
    PREFIX,
    LinkedDocument,
    LinkedSettings,
    LinkError,
    is_link,
    link_of_document,
    link_of_settings,
    read_link,
)
from engine.settings.config import TrainingConfig
from main import command_parser, main
from tests.timing import assert_within, timed

EXAMPLE = link_of_document(load_example("worked-example"), "Worked example")
SETTINGS = link_of_settings(TrainingConfig(cell="gru", learning_rate=1e-5, goal="loss below 0.01"))


def packed(content: bytes | str, kind: str = "d1") -> str:
    data = content.encode() if isinstance(content, str) else content
    return f"{PREFIX}{kind}.{base64.urlsafe_b64encode(zlib.compress(data, 9)).rstrip(b'=').decode()}"


def document_of(link: str) -> Document:
    found = read_link(link)
    assert isinstance(found, LinkedDocument)
    return found.document


def config_of(link: str) -> TrainingConfig:
    found = read_link(link)
    assert isinstance(found, LinkedSettings)
    return found.config


def refusal(link: str) -> str:
    with pytest.raises(LinkError) as caught:
        read_link(link)
    sentence = str(caught.value)
    assert "\n" not in sentence
    assert 20 < len(sentence) < 400
    assert sentence.endswith((".", "it", "remove it", "copy")) or "; " in sentence
    return sentence


@pytest.mark.parametrize("name", EXAMPLES)
def test_every_example_comes_back_exactly(name: str):
    document = load_example(name)
    link = link_of_document(document, EXAMPLES[name])
    assert is_link(link)
    assert len(link) <= LONGEST
    assert link.isascii()
    assert to_json(document_of(link)) == to_json(document)
    found = read_link(link)
    assert isinstance(found, LinkedDocument)
    assert found.name == EXAMPLES[name]
    assert not found.warnings


DOUBLES = st.floats(-1e100, 1e100) | st.sampled_from([-0.0, 5e-324, 1e-5, 1e15, 1e16, 2.0**53, 0.1])


@how(max_examples=100, deadline=None)
@given(st.data())
def test_any_document_comes_back_exactly(data: st.DataObject):
    m, k, steps = (data.draw(st.integers(1, 3)) for _ in range(3))
    cell = data.draw(st.sampled_from(sorted(CELLS)))
    document = blank(m, k, k, seed=1, cell_name=cell)
    some = data.draw(st.lists(DOUBLES, min_size=5, max_size=5))
    for name, weight in document.weights.items():
        document = document.with_weight(name, np.resize(some, weight.shape))
    document = document.with_inputs(x=np.resize(some[::-1], (steps, m)))
    document = replace(document, lesson=data.draw(st.text(max_size=50)))
    name = data.draw(st.text(max_size=200))
    found = read_link(link_of_document(document, name))
    assert isinstance(found, LinkedDocument)
    assert to_json(found.document) == to_json(document)
    assert 0 < len(found.name) <= 100
    assert found.name.isprintable()


@pytest.mark.parametrize(
    "config",
    [
        TrainingConfig(),
        TrainingConfig(cell="gru", cell_size=64, learning_rate=1e-5, seed=2**31 - 1),
        TrainingConfig(task="sine", sine_noise=0.123456789012345678),
        TrainingConfig(clamped="f=1", frozen="layer1.W_f", goal="loss below 0.01", steps=12345, until="solved"),
    ],
)
def test_settings_come_back(config: TrainingConfig):
    assert config_of(link_of_settings(config)) == config


def test_where_a_run_goes_on_stays_as_it_is_on_each_machine():
    here = TrainingConfig(device="cpu", batch_size=7)
    found = read_link(link_of_settings(TrainingConfig(cell_size=8, device="cuda:3", worker="thread")))
    assert isinstance(found, LinkedSettings)
    assert found.on_this_machine(here) == TrainingConfig(cell_size=8, device="cpu")
    assert config_of(packed('{"device":"cuda:3","worker":"thread"}', "s1")) == TrainingConfig()


@pytest.mark.parametrize("values", [{"task": "series", "series_file": "/home/me/sales.csv"}, {"task": "own:mine.py"}])
def test_no_link_names_a_file(values: dict[str, str]):
    with pytest.raises(LinkError, match=r"a file of this machine, .*(sales\.csv|mine\.py), which a link cannot hold"):
        link_of_settings(TrainingConfig(**values))  # type: ignore[arg-type]  # each is a text
    assert "names a file" in refusal(packed(json.dumps(values), "s1"))


def test_files_that_another_task_would_read_are_left_out():
    assert config_of(link_of_settings(TrainingConfig(series_file="/home/me/sales.csv"))) == TrainingConfig()


@pytest.mark.parametrize(
    "around",
    [
        lambda link: f"  <{link}>\n",
        lambda link: f"“{link}”.",
        lambda link: f"({link}),",
        lambda link: "\r\n".join(link[at : at + 76] for at in range(0, len(link), 76)),
        lambda link: "\n> ".join(link[at : at + 60] for at in range(0, len(link), 60)),
        lambda link: link.replace(PREFIX, "LSTMviz:"),
    ],
)
@pytest.mark.parametrize("link", [EXAMPLE, SETTINGS])
def test_what_a_mail_does_to_a_link_does_no_harm(link: str, around):
    assert is_link(around(link))
    assert type(read_link(around(link))) is type(read_link(link))


@pytest.mark.parametrize("link", [EXAMPLE, SETTINGS])
def test_every_shortened_link_is_refused(link: str):
    for length in range(len(link)):
        refusal(link[:length])


@pytest.mark.parametrize("link", [EXAMPLE, SETTINGS])
def test_a_link_with_a_letter_exchanged_is_refused_or_means_the_same(link: str):
    original = read_link(link)
    random = np.random.default_rng(0)
    for at in range(len(PREFIX), len(link)):
        other = chr(random.choice([ord(letter) for letter in "aZ09-_./=é" if letter != link[at]]))
        try:
            changed = read_link(link[:at] + other + link[at + 1 :])
        except LinkError:
            continue
        if isinstance(original, LinkedDocument):
            assert isinstance(changed, LinkedDocument)
            assert to_json(changed.document) == to_json(original.document)
        else:
            assert changed == original


@pytest.mark.parametrize(
    ("link", "reason"),
    [
        (packed('{"task":"elsewhere"}', "s1"), "was not trained here"),
        ("", "does not begin with lstmviz:"),
        ("https://example.org", "does not begin with lstmviz:"),
        ("lstmviz:", "damaged"),
        ("lstmviz:d1.", "damaged"),
        ("lstmviz:q1.AAAA", "damaged"),
        ("lstmviz:d2.AAAA", "version 2, which is not known here; update"),
        ("lstmviz:d1." + "A" * LONGEST, "longer than 8,000 characters"),
        ("lstmviz:d1." + " " * 10_000_000, "longer than 8,000 characters"),
        (EXAMPLE + "AAAA", "damaged"),
        (packed(b"\xff\xfe"), "In this link"),
        (packed("a name and nothing"), "In this link"),
        (packed("a\n{}"), "In this link, format: expected"),
        (packed("a\n" + "[" * 100_000), "In this link"),
        (packed("a\n" + "9" * 100_000), "In this link"),
        (packed("null", "s1"), "damaged"),
        (packed(b"\xff", "s1"), "damaged"),
        (packed("[" * 100_000, "s1"), "damaged"),
        (packed('{"cell_size":1e999}', "s1"), "Cell size k"),
        (packed('{"cell_size":NaN}', "s1"), "Cell size k"),
        (packed('{"cell_size":true}', "s1"), "Cell size k"),
        (packed('{"cell_size":[]}', "s1"), "Cell size k"),
        (packed('{"cell":{}}', "s1"), "Cell"),
        (packed('{"cell":["lstm"]}', "s1"), "Cell"),
        (packed('{"goal":5}', "s1"), "Goal"),
        (packed('{"goal":"x"}', "s1"), "Goal"),
        (packed('{"hidden_size":99}', "s1"), "Hidden size n"),
    ],
)
def test_what_is_no_link_gets_one_sentence(link: str, reason: str):
    assert reason in refusal(link)


def test_a_newer_setting_is_named():
    found = read_link(packed('{"cell_size":8,"attention":true}', "s1"))
    assert isinstance(found, LinkedSettings)
    assert found.config == TrainingConfig(cell_size=8)
    assert "attention" in found.warnings[0]


def test_a_newer_key_of_a_document_is_named_and_kept():
    members = json.loads(to_json(load_example("latch"))) | {"sound": "la"}
    found = read_link(packed("A latch\n" + json.dumps(members)))
    assert isinstance(found, LinkedDocument)
    assert "sound" in found.warnings[0]
    assert found.document.extra == {"sound": "la"}


@timed
@pytest.mark.parametrize("kind", ["d1", "s1"])
def test_what_would_become_huge_is_refused_at_once(kind: str):
    bomb = packed(b"0" * 5_700_000, kind)  # as much as fits into a link
    assert LONGEST * 0.9 < len(bomb) <= LONGEST
    tracemalloc.start()
    begun = time.process_time()
    assert "larger than 1 MB" in refusal(bomb)
    taken = time.process_time() - begun
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert most < 8e6
    assert_within(taken, 0.2)


@timed
def test_a_document_that_is_too_large_is_refused_without_writing_it():
    begun = time.process_time()
    with pytest.raises(LinkError, match="This document is too large for a link, which has at most 8,000 characters"):
        link_of_document(blank(512, 512, 512), "Zeros")
    assert_within(time.process_time() - begun, 0.5)
    with pytest.raises(LinkError, match="too large"):
        link_of_document(blank(20, 20, 20, seed=1), "Random")


def test_trace_takes_a_link(capsys: pytest.CaptureFixture[str], tmp_path: Path):
    path = tmp_path / "worked.lstmviz"
    path.write_text(to_json(load_example("worked-example")), encoding="utf-8")
    assert main(["trace", str(path)]) == 0
    expected = capsys.readouterr().out
    assert main(["trace", EXAMPLE]) == 0
    assert capsys.readouterr().out == expected
    assert main(["trace", EXAMPLE[:-5]]) == 2
    assert "damaged" in capsys.readouterr().err
    assert main(["trace", SETTINGS]) == 2
    assert "holds the settings of a run, no document" in capsys.readouterr().err


def test_train_takes_the_settings_of_a_link_and_flags_override_them(capsys: pytest.CaptureFixture[str]):
    parser = command_parser("train")
    values = given_values(parser.parse_args(["--config", SETTINGS, "--learning-rate", "0.5"]))
    assert values == {"cell": "gru", "learning_rate": 0.5, "goal": "loss below 0.01"}
    assert main(["train", "--config", EXAMPLE, "--no-record"]) == 2
    assert "holds a document, no settings" in capsys.readouterr().err
