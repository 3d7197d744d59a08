"""A matrix map whose strongest colour is the largest entry, however small: gradients and changes are small."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from gui.matrix.content import Content
from gui.matrix.map import MatrixMap
from gui.matrix.shades import MANY, blocks_of


class FineMap(MatrixMap):
    """A matrix map with colours that run to ± its largest entry; `scale` says which that is."""

    @property
    def scale(self) -> float:
        """The size of an entry that has the strongest colour."""
        return self._content.scale if self._content else 1.0

    def _take(self, asked: Content, content: Content) -> None:
        super()._take(asked, _finely_coloured(content))


def _finely_coloured(content: Content) -> Content:
    """Return a matrix with its colours spread over the entries there are; one with many has them so already."""
    values = content.values
    sizes = np.abs(values, where=np.isfinite(values), out=np.zeros_like(values))
    scale = float(sizes.max(initial=0.0))
    if values.size > MANY or not 0 < scale < 1:
        return content
    rows, columns = ([band.size for band in bands] for bands in (content.rows, content.columns))
    gates = [gate is not None for gate in content.gates]
    return replace(content, blocks=blocks_of(values, rows, columns, gates, scale), scale=scale)
