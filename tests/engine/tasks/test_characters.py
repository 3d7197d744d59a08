from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from engine.settings.config import TrainingConfig
from engine.tables.answers import DataError
from engine.tasks.characters import (
    LARGEST_ALPHABET,
    LARGEST_TEXT,
    OTHER,
    CharactersTask,
    alphabet_and_codes,
    read_text,
    sample_text,
)

SHIPPED = Path("resources/data/alice-in-wonderland.txt")
PLAIN = "the cat sat on the mat\n" * 20


def characters(file: Path | str = "", T: int = 10) -> CharactersTask:
    return CharactersTask(TrainingConfig(task="characters", text_file=str(file), sequence_length=T))


def text_file(folder: Path, text: str | bytes) -> Path:
    path = folder / "notes.txt"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def written(task: CharactersTask, vectors: np.ndarray) -> list[str]:
    """The text of each sequence of one-hot vectors (T, B, V)."""
    assert np.all(vectors.sum(axis=-1) == 1)
    assert np.all(vectors.max(axis=-1) == 1)
    return [task.decode(sequence) for sequence in vectors.argmax(axis=-1).T]


def test_the_shipped_text_is_the_default() -> None:
    text = SHIPPED.read_text("utf-8")
    assert len(text) == 144_210
    assert text.startswith("ALICE'S ADVENTURES IN WONDERLAND\n\nLewis Carroll\n")
    assert not any(word in text.casefold() for word in ("gutenberg", "copyright", "edition 2.9"))
    assert "\r" not in text
    task = characters()
    assert "".join(task.alphabet) == "".join(sorted(set(text)))
    assert task.input_size == task.output_size == CharactersTask.input_size == len(task.alphabet)
    assert task.facts().alphabet == task.alphabet
    assert len(set(task.input_names)) == len(task.input_names) == task.input_size


def test_the_target_is_the_next_character_of_the_text() -> None:
    text = SHIPPED.read_text("utf-8")
    task = characters(T=30)
    x, target = task.examples(np.random.default_rng(0), 50)
    assert x.shape == target.shape == (30, 50, 70)
    assert x.dtype == target.dtype == np.float32
    for given, following in zip(written(task, x), written(task, target), strict=True):
        assert given[1:] == following[:-1]
        assert given + following[-1] in text


def test_the_held_out_end_is_never_trained_on(tmp_path: Path) -> None:
    # Each character occurs once, so that a window says where it stands.
    text = "".join(map(chr, range(0x100, 0x100 + 200)))
    task = characters(text_file(tmp_path, text))
    x, target = task.examples(np.random.default_rng(0), 2000)
    seen = set("".join(written(task, x) + written(task, target)))
    assert seen == set(text[:180])
    for pair in (task.probe(), task.example(1)):
        assert set("".join(written(task, pair[0]) + written(task, pair[1]))) <= set(text[180:])
    assert written(task, task.probe()[0]) == [text[180:190]]
    test_x, test_target = task.test_batch()
    assert set("".join(written(task, test_x))) <= set(text[180:])
    assert [task.alphabet[int(place) - 1] for place in test_target] == list(text[181:191])


def test_every_example_of_the_held_out_end_by_its_number() -> None:
    text = SHIPPED.read_text("utf-8")
    end = text[-14_421:]
    task = characters(T=50)
    for number in (0, 1, 287):
        x, target = task.example(number)
        assert x.shape == target.shape == (50, 1, 70)
        assert written(task, x) == [end[50 * number : 50 * number + 50]]
        assert written(task, target) == [end[50 * number + 1 : 50 * number + 51]]
    np.testing.assert_array_equal(task.example(288)[0], task.probe()[0])


def test_the_plot_compares_the_likeliest_character_with_the_true_one() -> None:
    task = characters(T=12)
    x, places = task.test_batch()
    assert x.shape[1] == 84  # windows of 12 that are judged; the plot shows the first of them
    assert places.shape == (100,)
    _, target = task.example(8)
    np.testing.assert_array_equal(places[-12:], target[:, 0].argmax(axis=-1) + 1)
    whole = np.stack([task.example(number)[1][:, 0] for number in range(9)], axis=1)
    np.testing.assert_array_equal(task.shown(whole * 3), places)


def test_the_trivial_loss_is_the_entropy_of_what_is_trained_on() -> None:
    text = SHIPPED.read_text("utf-8")[:129_789]
    _, counts = np.unique(list(text), return_counts=True)
    p = counts / counts.sum()
    assert characters().trivial_loss == pytest.approx(-np.sum(p * np.log(p)), rel=1e-9)


def test_the_loss_is_cross_entropy_and_the_measure_the_same_in_bits() -> None:
    torch = pytest.importorskip("torch")
    task = characters()
    _, target = task.examples(np.random.default_rng(0), 4)
    output = torch.randn(10, 4, 70, generator=torch.Generator().manual_seed(0))
    loss, measure = task.batch_loss_and_measure(output, torch.from_numpy(target))
    codes = torch.from_numpy(target.argmax(axis=-1))
    expected = torch.nn.functional.cross_entropy(output.reshape(-1, 70), codes.reshape(-1))
    assert float(loss) == pytest.approx(float(expected), rel=1e-6)
    assert float(measure) == pytest.approx(float(expected) / np.log(2), rel=1e-6)


def test_codes_and_text_are_each_other(tmp_path: Path) -> None:
    task = characters(text_file(tmp_path, PLAIN))
    assert task.alphabet == tuple("\n acehmnost")
    assert task.input_names[:3] == ("newline", "space", "a")
    codes = task.encode("cat\nhat")
    assert codes.tolist() == [3, 2, 10, 0, 5, 2, 10]
    assert task.decode(codes) == "cat\nhat"
    np.testing.assert_array_equal(task.one_hot(codes), np.eye(11, dtype=np.float32)[codes])
    with pytest.raises(ValueError, match="'z' does not occur"):
        task.encode("zoo")


def test_rare_characters_become_one(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    common = [chr(0x4E00 + place) for place in range(400)]
    # The higher its place, the more often a character occurs; the rarest are those of the first places.
    text = "".join(rng.permutation([letter for place, letter in enumerate(common) for _ in range(place + 1)]))
    task = characters(text_file(tmp_path, text))
    assert task.input_size == LARGEST_ALPHABET == 256
    assert task.alphabet == (*common[-255:], OTHER)
    assert task.input_names[-1] == "other"
    codes = task.encode(text)
    shown = "".join(letter if letter in common[-255:] else OTHER for letter in text)
    assert task.decode(codes) == shown
    assert written(task, task.probe()[0])[0] in shown
    alphabet, places = alphabet_and_codes("aab�cc�🎲", 3)
    assert alphabet == ("a", "c", OTHER)
    assert places.tolist() == [0, 0, 2, 2, 1, 1, 2, 2]


def test_line_ends_of_every_system_and_a_mark_at_the_beginning(tmp_path: Path) -> None:
    text = "one\ntwo\n" * 10
    for other in (text.replace("\n", "\r\n"), text.replace("\n", "\r"), "\ufeff" + text, text + "\x1a"):
        assert characters(text_file(tmp_path, other)).alphabet == tuple("\nenotw")


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", r"notes\.txt is empty; choose a text file\."),
        ("a" * 500, r"notes\.txt: the training part contains only the character 'a', .* at least two different"),
        (" " * 500, r"notes\.txt: the training part contains only the character 'space'"),
        ("cat " * 5, r"notes\.txt has 20 characters, but sequences of 10 time steps need at least 22; choose"),
        ("c", r"notes\.txt has 1 character, but"),
        (b"Gen\x81ve", r"notes\.txt is not a text file in UTF-8, UTF-16 or Windows-1252; save it again in UTF-8"),
        (b"\xff\xfea\x00\n\x001", r"notes\.txt is not a text file: its UTF-16 has an error"),
        (b"\xef\xbb\xbfab\xff", r"notes\.txt is not a text file in UTF-8"),
        (b"fine\nPK\x03\x04 is an archive", r"notes\.txt, line 2, column 3: a text .* U\+0003 .* plain text file"),
    ],
)
def test_a_text_that_cannot_be_used_gets_one_sentence(tmp_path: Path, content: str | bytes, sentence: str) -> None:
    with pytest.raises(DataError, match=sentence) as error:
        characters(text_file(tmp_path, content))
    assert "\n" not in str(error.value)


def test_a_file_that_cannot_be_read_gets_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"missing\.txt: the file cannot be read \(No such file"):
        characters(tmp_path / "missing.txt")
    with pytest.raises(DataError, match=r"cannot be read .*folder or a device.*; choose another file"):
        characters(tmp_path)
    with pytest.raises(DataError, match="there is no such home folder"):
        characters("~nobody-of-this-name/book.txt")


def test_the_shortest_text_that_can_be_used(tmp_path: Path) -> None:
    task = characters(text_file(tmp_path, "abcdefghijk" * 2))
    for x, target in (task.examples(np.random.default_rng(0), 5), task.probe()):
        assert x.shape[0] == target.shape[0] == 10
    assert task.test_batch()[1].size == 10


def test_of_a_huge_file_the_beginning_is_used(tmp_path: Path) -> None:
    path = tmp_path / "huge.txt"
    with path.open("wb") as file:
        # A character of three bytes stands across the end of what is read.
        file.write(b"ab" * (LARGEST_TEXT // 2 - 1) + b"a" + "€€".encode())
        file.truncate(100_000_000)  # what follows is no text, and not looked at
    task = characters(path)
    assert task.alphabet == ("a", "b")
    assert "first 4 MB of huge.txt" in task.source
    assert "first 4 MB of huge.txt" in task.facts().position_name
    assert "first" not in characters().facts().position_name


def test_drawing_follows_the_probabilities_and_feeds_each_character_back() -> None:
    logits = np.log([[0.1, 0.2, 0.7], [0.5, 0.25, 0.25], [1 / 3, 1 / 3, 1 / 3]])
    given: list[int] = []

    def next_logits(code: int) -> np.ndarray:
        given.append(code)
        return logits[code]

    drawn = sample_text(next_logits, 2, 30_000, 1.0, np.random.default_rng(0))
    assert given == [2, *drawn[:-1]]
    for code in range(3):
        after = drawn[1:][drawn[:-1] == code]
        np.testing.assert_allclose(np.bincount(after, minlength=3) / after.size, np.exp(logits[code]), atol=0.02)
    again = sample_text(lambda code: logits[code], 2, 30_000, 1.0, np.random.default_rng(0))
    np.testing.assert_array_equal(again, drawn)


def test_the_temperature_sharpens_and_flattens() -> None:
    p = np.array([0.2, 0.8])

    def share(temperature: float) -> float:
        drawn = sample_text(lambda _: np.log(p), 0, 20_000, temperature, np.random.default_rng(1))
        return float(drawn.mean())

    assert share(0.5) == pytest.approx(0.8**2 / (0.8**2 + 0.2**2), abs=0.01)
    assert share(2.0) == pytest.approx(0.8**0.5 / (0.8**0.5 + 0.2**0.5), abs=0.01)
    assert share(0.0) == share(1e-300) == 1
    with pytest.raises(ValueError, match="temperature is -1"):
        share(-1)


def test_a_diverged_network_stops_writing() -> None:
    answers = iter([[0.0, 9.0], [9.0, 0.0], [np.nan, 0.0]])
    drawn = sample_text(lambda _: next(answers), 0, 10, 0.0, np.random.default_rng(0))
    assert drawn.tolist() == [1, 0]


def test_a_short_training_gets_below_the_frequencies(tmp_path: Path) -> None:
    torch = pytest.importorskip("torch")
    from engine.training.trainer import Trainer

    torch.set_num_threads(1)
    config = TrainingConfig(task="characters", sequence_length=20, batch_size=16, cell_size=24)
    shipped = Trainer(config)
    own = Trainer(replace(config, text_file=str(text_file(tmp_path, PLAIN)), learning_rate=0.03))
    for trainer, steps, share in ((shipped, 150, 0.92), (own, 100, 0.3)):
        for _ in range(steps):
            trainer.step()
        assert trainer.drain()["loss"][-20:].mean() < share * trainer.task.trivial_loss


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"])
def test_texts_are_read_as_people_save_them(tmp_path: Path, encoding: str) -> None:
    text = "Ein süßer Brief, für 5 € – «à bientôt»\r\n" * 20
    path = tmp_path / "letter.txt"
    path.write_bytes(text.encode(encoding))
    assert read_text(path).characters == text.replace("\r\n", "\n")


def test_a_long_text_in_utf_16_is_cut_between_two_letters(tmp_path: Path) -> None:
    path = tmp_path / "long.txt"
    path.write_bytes(b"\xff\xfe" + "a\N{GRINNING FACE}".encode("utf-16-le") * 800_000)
    found = read_text(path)
    assert found.cut
    assert set(found.characters) == {"a", "\N{GRINNING FACE}"}
