"""An operation with its numbers as LaTeX, to stand in a paper or on a slide."""

from __future__ import annotations

from collections.abc import Iterable

from ..text.latex import latex_block
from .number_line import Block, Piece

MOST = 10
"""Rows and columns of what is written: LaTeX's own matrices have no more columns."""


def number_latex(pieces: Iterable[Piece], left: str = "") -> str:
    r"""Return a line of numbers, as `number_line` has it, as LaTeX; left: what stands before it, such as "f_t"."""
    written = [_block(piece) if isinstance(piece, Block) else piece for piece in pieces]
    return " ".join(filter(None, [f"{left} =" if left else "", *written]))


def _block(block: Block) -> str:
    return latex_block(block.texts) + (r"^\top" if block.transposed else "")
