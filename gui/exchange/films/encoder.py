"""Writes frames to an MP4 or GIF, one by one: at no time is more than one of them kept."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from PySide6.QtGui import QImage

from engine.errors import ENDED, PlainError
from engine.whole_file import not_written, whole_file
from gui.exchange.films.palette import Palette

if TYPE_CHECKING:
    import av

_H264 = ("libx264", "libopenh264")
"""Encoders of H.264, which every program plays; the first that this build of FFmpeg has."""
_OTHERS = ("libvpx-vp9", "mpeg4")
"""Where it has neither; most programs play them."""
_OPTIONS: dict[str, dict[str, str]] = {
    "libx264": {"preset": "veryfast", "crf": "18", "tune": "animation", "rc-lookahead": "10"},
    "libvpx-vp9": {"deadline": "realtime", "cpu-used": "8", "crf": "30", "b": "0"},
    "mpeg4": {"qscale": "3"},
}
_BITS = 0.1
"""Bits of a pixel for an encoder that is told a bit rate."""
_THREADS = 2
_HUNDREDTH = Fraction(1, 100)
"""The unit of time in a GIF, of a second."""


class FilmError(PlainError):
    """A film cannot be written; the message is one sentence."""

    status = ENDED


@dataclass(frozen=True)
class Kind:
    """A kind of film: its suffix, what it is called, the container, and the most frames a second that players show."""

    suffix: str
    words: str
    container: str
    most_rate: int
    usual_rate: int


KINDS = {
    ".mp4": Kind(".mp4", "an MP4 film", "mp4", 60, 30),
    ".gif": Kind(".gif", "an animated GIF", "gif", 50, 15),
}


def encoder_name() -> str:
    """Return the name of the encoder for MP4; raises FilmError where FFmpeg has none."""
    import av.codec
    from av.codec.codec import UnknownCodecError

    for name in (*_H264, *_OTHERS):
        try:
            av.codec.Codec(name, "w")
        except UnknownCodecError:
            continue
        return name
    raise FilmError("The installed package av can write no MP4; install it with “pip install av”, or write a GIF.")


class Encoder:
    """Takes the frames of one film in their order; made by `writing`."""

    def __init__(self, container: av.container.OutputContainer, kind: Kind, size: tuple[int, int], rate: int) -> None:
        from av.video.reformatter import VideoReformatter

        self._container, self._kind, self._size, self._rate = container, kind, size, rate
        self._count = 0
        self._reformatter = VideoReformatter()
        self._palette: Palette | None = None
        self._stream = self._added_stream()

    def _added_stream(self) -> Any:
        width, height = self._size
        name = "gif" if self._kind.container == "gif" else encoder_name()
        stream: Any = self._container.add_stream(name, rate=self._rate, options=_OPTIONS.get(name, {}))
        stream.width, stream.height = width, height
        context = stream.codec_context
        if name == "gif":
            stream.pix_fmt = "pal8"
            context.time_base = stream.time_base = _HUNDREDTH
            return stream
        stream.pix_fmt = "yuv420p"
        context.thread_count = _THREADS
        context.gop_size = 2 * self._rate  # a player can go to every other second
        # ITU-R BT.709, limited range: what players assume of such a size; written down for those that assume nothing.
        context.color_primaries = context.color_trc = context.colorspace = 1
        context.color_range = 1
        if name not in _OPTIONS:
            context.bit_rate = round(_BITS * width * height * self._rate)
        return stream

    @property
    def wants_samples(self) -> bool:
        """Whether it is to be shown some frames of the film before the first: a GIF has 256 colours for all."""
        return self._kind.container == "gif"

    def learn_colours(self, samples: Sequence[QImage] | Iterator[QImage]) -> None:
        """Choose the colours of a GIF from some of its frames."""
        self._palette = Palette(pixels_of(image) for image in samples)

    def add(self, image: QImage) -> None:
        """Append a frame; image: Format_RGB32, of the size of the film."""
        from av import VideoFrame

        pixels = pixels_of(image)
        if self._palette is not None:
            both: Any = self._palette.indices(pixels), self._palette.colours
            frame = VideoFrame.from_ndarray(both, format="pal8")
            frame.pts = round(self._count * 100 / self._rate)
            frame.time_base = _HUNDREDTH
        else:
            height, width = pixels.shape
            # Its own memory, which is read at once: a copy of each frame would take longer than the conversion.
            whole = VideoFrame.from_numpy_buffer(pixels.view(np.uint8).reshape(height, width, 4), format="bgra")
            to: dict[str, Any] = {"dst_colorspace": "ITU709", "dst_color_range": "MPEG", "src_color_range": "JPEG"}
            frame = self._reformatter.reformat(whole, format="yuv420p", **to)
            frame.pts = self._count
        self._count += 1
        for packet in self._stream.encode(frame):
            self._container.mux(packet)

    def finish(self) -> None:
        """Write what the encoder still keeps."""
        for packet in self._stream.encode():
            self._container.mux(packet)


def pixels_of(image: QImage) -> np.ndarray[Any, np.dtype[np.uint32]]:
    """Return the pixels of an image in Format_RGB32, (height, width), as 0xffRRGGBB; they share its memory."""
    return np.frombuffer(image.bits(), np.uint32).reshape(image.height(), image.width())


@contextmanager
def writing(
    path: Path, kind: Kind, size: tuple[int, int], rate: int, begun: Callable[[Path], object]
) -> Iterator[Encoder]:
    """Write a film of so many frames a second; the file appears when the block ends without an error, or not at all.

    size: width and height in pixels, both even for MP4. begun: is called with the file that is written until then,
    which stays where this process is killed. Raises FilmError.
    """
    import av

    options = {"movflags": "+faststart"} if kind.container == "mp4" else {"loop": "0"}
    try:
        with whole_file(path) as file:
            begun(file)
            with av.open(file, "w", format=kind.container, options=options) as container:
                encoder = Encoder(container, kind, size, rate)
                yield encoder
                encoder.finish()
    except (OSError, av.FFmpegError) as error:
        raise FilmError(not_written(path, error)) from error
