"""What a film is to be: its choices, as they are remembered, as arguments of `render`, and how long and large it is."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from gui.exchange.films.encoder import KINDS

SIZES = {"1280x720": "1280 × 720", "1920x1080": "1920 × 1080"}
RATES = {".mp4": (30, 60), ".gif": (15, 30)}
"""Frames a second that are offered for each kind."""
_BITS = 0.025
"""Of each pixel of a frame of an MP4, as measured on walks, trainings and steps: from 0.015 to 0.043. Those of a GIF
are from 0.02 to 0.19, by how much of the picture changes: no figure would be near."""


@dataclass(frozen=True)
class FilmChoice:
    """A film. view: of `gui.commands.views.VIEWS`. seconds: its length."""

    view: str
    suffix: str = ".mp4"
    size: str = "1280x720"
    rate: int = 30
    captions: bool = True
    theme: str = "light"
    seconds: float = 20.0

    def arguments(self, source: Path, out: Path, moment: tuple[str, ...] = ()) -> list[str]:
        """Return the arguments of `render`; moment: more of them, such as --step."""
        captions = "--captions" if self.captions else "--no-captions"
        said = {"--out": str(out), "--view": self.view, "--size": self.size, "--fps": str(self.rate)}
        said |= {"--theme": self.theme, "--seconds": f"{self.seconds:g}"}
        words = [word for pair in said.items() for word in pair]
        return [str(source), *words, captions, *moment]

    @property
    def frames(self) -> int:
        """How many there are."""
        return round(self.seconds * self.rate)

    @property
    def nbytes(self) -> float | None:
        """About how large the file is, to a factor of 2; None for a GIF, of which nobody can say."""
        if self.suffix == ".gif":
            return None
        width, height = map(int, self.size.split("x"))
        return self.frames * width * height * _BITS / 8

    def fitting(self) -> FilmChoice:
        """Return the same with a rate that its kind has."""
        rates = RATES[self.suffix if self.suffix in KINDS else ".mp4"]
        return self if self.rate in rates else FilmChoice(**{**vars(self), "rate": rates[0]})
