"""Characters of a text: predict which one comes next.

Source: Karpathy, Johnson and Fei-Fei 2015, "Visualizing and Understanding Recurrent Networks".
"""

import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..shipped import SHIPPED
from ..tables.answers import DataError
from ..tables.text_file import decoded, user_path
from .base import Examples, Float32, Task
from .held_out import HeldOut
from .symbols import cross_entropy, entropy, likeliest
from .task_settings import TaskSettings

LARGEST_TEXT = 4_000_000
"""Bytes of a file that are used; what follows them is not read."""
LARGEST_ALPHABET = 256
OTHER = "\ufffd"
"""Stands for every character that has no place in the alphabet."""
HELD_OUT = 0.1  # the share of the text, at its end, that training never sees
TEST_CHARACTERS = 100  # at most; the plot shows a point for each
JUDGED_CHARACTERS = 1000  # of the held-out end, from its beginning: the mean of fewer would say little
_SHIPPED = "alice-in-wonderland.txt"
_SHIPPED_TITLE = "Lewis Carroll 1865, Alice's Adventures in Wonderland"
_NAMES = {" ": "space", "\n": "newline", "\t": "tab", "\f": "new page", "\u00a0": "hard space", OTHER: "other"}
_NO_TEXT = re.compile(r"[\x00-\x08\x0b\x0e-\x1f\x7f]")  # no text has these; tab, line end and new page it may have

Codes = NDArray[np.integer]


@dataclass(frozen=True)
class Text:
    """A text, what it is called, and whether the file goes on after it."""

    characters: str
    title: str
    cut: bool = False


def read_text(path: Path) -> Text:
    r"""Read a text file in UTF-8, UTF-16 or Windows-1252, at most its first 4 MB; every line ends with "\n".

    Raises DataError, in one sentence, for a file that cannot be read, is empty or is no text.
    """
    try:
        if path.exists() and not path.is_file():
            raise OSError("it is a folder or a device")  # reading a pipe or a device might never end
        with path.open("rb") as file:
            data = file.read(LARGEST_TEXT + 1)
    except (OSError, ValueError) as error:  # ValueError: no file can have this name
        reason = getattr(error, "strerror", None) or str(error)
        raise DataError(f"{path}: the file cannot be read ({reason}); choose another file.") from error
    cut = len(data) > LARGEST_TEXT
    text = decoded(path, data[:LARGEST_TEXT], cut).replace("\r\n", "\n").replace("\r", "\n").rstrip("\x1a")
    if not text:
        raise DataError(f"{path.name} is empty; choose a text file.")
    control = _NO_TEXT.search(text)
    if control is not None:
        raise DataError(
            f"{path.name}, {_place(text[: control.start()])}: a text was expected, but the control character "
            f"U+{ord(control.group()):04X} was found; choose a plain text file."
        )
    return Text(text, path.name, cut)


def _place(before: str) -> str:
    """Return where the text goes on after its beginning `before`: line and column, from 1."""
    return f"line {before.count(chr(10)) + 1}, column {len(before) - before.rfind(chr(10))}"


def chosen_text(file: str) -> Text:
    """Return the text that the setting `text_file` means; "" is the shipped one.

    Raises DataError, in one sentence, for a file that cannot be used.
    """
    if not file:
        return Text(read_text(SHIPPED / "data" / _SHIPPED).characters, _SHIPPED_TITLE)
    return read_text(user_path(file))


def alphabet_and_codes(text: str, largest: int = LARGEST_ALPHABET) -> tuple[tuple[str, ...], NDArray[np.uint8]]:
    """Return the characters of a text, sorted, and the text as places in them from 0, (characters,).

    Where there are more than `largest` (at most 256), the most frequent stay; all others become OTHER, which comes
    last.
    """
    points = np.frombuffer(text.encode("utf-32-le"), dtype=np.uint32)
    counts = np.bincount(points)
    kept = np.flatnonzero(counts)
    if kept.size > largest:
        kept = kept[kept != ord(OTHER)]
        kept = np.append(np.sort(kept[np.argsort(-counts[kept], kind="stable")[: largest - 1]]), ord(OTHER))
    place = np.full(counts.size, kept.size - 1, dtype=np.uint8)
    known = kept < counts.size
    place[kept[known]] = np.flatnonzero(known)
    return tuple(map(chr, kept)), place[points]


def sample_text(
    next_logits: Callable[[int], ArrayLike], start_code: int, count: int, temperature: float, rng: np.random.Generator
) -> NDArray[np.int64]:
    """Draw a text character by character: p = softmax(logits / temperature), each draw being the next input.

    next_logits: takes the code of the last character, returns the logits of the next, (V,), and keeps the network's
    state by itself. start_code: given first; not part of the answer. temperature: 1 draws as the network says, less
    is more careful, 0 always takes the likeliest. rng: one number is drawn a character.
    Returns codes (count,); fewer where logits are not finite, as those of a network that has diverged.
    Raises ValueError for a temperature below 0.
    """
    if not temperature >= 0:
        raise ValueError(f"temperature is {temperature}; 0 or more was expected")
    codes: list[int] = []
    last = start_code
    for _ in range(count):
        logits = np.asarray(next_logits(last), dtype=np.float64)
        if not np.all(np.isfinite(logits)):
            break
        last = _draw(logits, temperature, rng.random())
        codes.append(last)
    return np.array(codes, dtype=np.int64)


def _draw(logits: NDArray[np.float64], temperature: float, number: float) -> int:
    """Return the code whose share of the cumulated probabilities a number from 0 to 1 falls in."""
    if temperature == 0:
        return int(logits.argmax())
    with np.errstate(over="ignore"):  # a tiny temperature: the others are infinitely unlikely
        cumulated = np.cumsum(np.exp((logits - logits.max()) / temperature))
    return int(np.searchsorted(cumulated, number * cumulated[-1], side="right"))


class CharactersTask(Task):
    """Input: one character at each time step, one-hot. Target: the next one; the output is a probability of each.

    alphabet: the characters of the text, at most 256; rarer ones become OTHER. Windows of T + 1 characters begin
    anywhere in the part that is trained on; the last tenth is held out for probe and test. The trivial answer gives
    each character its frequency in the part that is trained on: it costs their entropy.

    Raises DataError, in one sentence, for a text that cannot be used.
    """

    name = "characters"
    title = "Characters of a text"
    about = "Input: a text, character by character. Target: the next character."
    data_file = inputs_from = "text_file"
    input_size = output_size = 70  # of the shipped text; another text brings its own
    every_step = True
    loss_name = "cross-entropy (nats)"
    measure_name = "bits per character"
    trivial_name = "predicting each character by its frequency"
    prediction_kind = "symbols"
    value_name = "likeliest character, by its place in the alphabet"
    criterion = "better than the trivial answer on the held-out end"
    source = f"Karpathy, Johnson and Fei-Fei 2015; the shipped text: {_SHIPPED_TITLE}"

    def __init__(self, config: TaskSettings) -> None:
        super().__init__(config)
        text = chosen_text(config.text_file)
        self.alphabet, self._codes = alphabet_and_codes(text.characters)
        self.input_size = self.output_size = len(self.alphabet)
        self.input_names = tuple(_NAMES.get(character, character) for character in self.alphabet)
        title = f"the first {LARGEST_TEXT // 1_000_000} MB of {text.title}" if text.cut else text.title
        self.position_name = f"character of the held-out end of {title}"
        if config.text_file:
            self.source = f"Karpathy, Johnson and Fei-Fei 2015; the text: {title}"
        self._one_hot = np.eye(len(self.alphabet), dtype=np.float32)
        self._hold_out(text.title)

    def _hold_out(self, file: str) -> None:
        T, count = self.config.sequence_length, self._codes.size
        self._trained = count - max(math.ceil(count * HELD_OUT), T + 1)
        if self._trained < T + 1:
            raise DataError(
                f"{file} has {count} character{'s' * (count > 1)}, but sequences of {T} time steps need at least "
                f"{2 * (T + 1)}; choose a shorter sequence length, or a longer text."
            )
        frequencies = np.bincount(self._codes[: self._trained], minlength=len(self.alphabet))
        if np.count_nonzero(frequencies) < 2:
            only = self.input_names[self._codes[0]]
            raise DataError(
                f"{file}: the training part contains only the character {only!r}, so there is nothing to learn; "
                "choose a text of at least two different characters."
            )
        self.trivial_loss = entropy(frequencies)
        # A character that is only in the held-out end is not impossible to the trivial answer.
        counts = frequencies + 1.0
        self._bits = -np.log2(counts / counts.sum())  # that each character costs the trivial answer

    def encode(self, text: str) -> NDArray[np.uint8]:
        """Return the places of characters in the alphabet, from 0, (characters,).

        Raises ValueError for a character that the alphabet has no place for.
        """
        places = {character: place for place, character in enumerate(self.alphabet)}
        other = places.get(OTHER)
        codes = [places.get(character, other) for character in text]
        if None in codes:
            missing = text[codes.index(None)]
            raise ValueError(f"the character {missing!r} does not occur in the text; expected one that does")
        return np.array(codes, dtype=np.uint8)

    def decode(self, codes: Codes | Sequence[int]) -> str:
        """Return the text that codes (characters,) mean."""
        return "".join(self.alphabet[code] for code in codes)

    def one_hot(self, codes: Codes) -> Float32:
        """Return vectors (…, V) of codes (…): 1 at the character's place, 0 elsewhere."""
        return self._one_hot[codes]

    def _windows(self, starts: NDArray[np.int64]) -> Examples:
        codes = self._codes[starts + np.arange(self.config.sequence_length + 1)[:, np.newaxis]]  # (T + 1, count)
        vectors = self.one_hot(codes)
        return vectors[:-1], vectors[1:]

    def examples(self, rng: np.random.Generator, count: int) -> Examples:
        """Draw windows of the part that is trained on: x and target (T, count, V), one character apart."""
        return self._windows(rng.integers(0, self._trained - self.config.sequence_length, count))

    def probe(self) -> Examples:
        """Return the beginning of the held-out end: x (T, 1, V), target (T, 1, V)."""
        return self.example(0)

    def example(self, number: int) -> Examples:
        """Return the window of the held-out end by its number, x and target (T, 1, V); after the last the first."""
        windows = self._held_out_windows()
        return self._windows(windows[number % windows.size, np.newaxis])

    def _held_out_windows(self) -> NDArray[np.int64]:
        """Return where the windows of the held-out end begin, one after another."""
        T = self.config.sequence_length
        return np.arange(self._trained, self._codes.size - T, T)

    def _judged_windows(self) -> NDArray[np.int64]:
        return self._held_out_windows()[: math.ceil(JUDGED_CHARACTERS / self.config.sequence_length)]

    def test_batch(self) -> Examples:
        """Return windows of the held-out end, x (T, N, V), and the characters to come, from 1, at most 100."""
        x, target = self._windows(self._judged_windows())
        return x, self._in_a_row(target)

    def shown(self, output: Float32) -> Float32:
        """Return the likeliest next character, from 1, at each place that the plot shows."""
        return self._in_a_row(output)

    def _in_a_row(self, output: Float32) -> Float32:
        """Return the likeliest of (T, N, V) in the first windows, one after another, of these the last 100."""
        shown = output[:, : math.ceil(TEST_CHARACTERS / self.config.sequence_length)]
        return likeliest(shown).T.ravel()[-TEST_CHARACTERS:]

    def on_held_out(self, output: Float32) -> HeldOut:
        """Return what each character of the held-out windows costs in bits, the network and the trivial answer."""
        T = self.config.sequence_length
        codes = self._codes[self._judged_windows() + np.arange(1, T + 1)[:, np.newaxis]]  # (T, N)
        above = output - output.max(axis=-1, keepdims=True)
        right = np.take_along_axis(above, codes[..., np.newaxis].astype(np.int64), axis=-1)[..., 0]
        nats = np.log(np.exp(above).sum(axis=-1)) - right
        measure, trivial = float(nats.mean(dtype=np.float64)) / math.log(2), float(self._bits[codes].mean())
        return HeldOut(codes.size, self.measure_name, measure, self.trivial_name, trivial)

    def batch_loss_and_measure(self, output: Any, target: Any) -> tuple[Any, Any]:
        """Return cross-entropy in nats, and the same in bits per character."""
        loss = cross_entropy(output, target)
        return loss, loss.detach() / math.log(2)
