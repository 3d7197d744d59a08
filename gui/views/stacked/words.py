"""Says why the layers are one product, and where torch keeps its weights."""

from __future__ import annotations

from engine.cell.cell import Cell
from engine.explain.stacked import Stacked, torch_module

_COUNTS = ("no", "one", "two", "three", "four")


def sentences(cell: Cell, stack: Stacked) -> str:
    """Say why it is one product, and where torch keeps it."""
    count, module = len(stack.layers), torch_module(cell)
    rows, width = stack.weights.W.shape
    names = ", ".join(layer.torch or layer.letter for layer in stack.layers)
    parts = {part.name: part.columns.stop - part.columns.start for part in stack.columns}
    if count == 1:
        first = f"One layer reads [x, h]: one product of {rows}×{width}"
    else:
        both = "both" if count == 2 else f"all {_COUNTS[count]}"
        times = f"{count}k" if cell.has_state else f"{count}n"
        first = f"The layers do not read each other, so {both} are one product of {times}×(m+n) = {rows}×{width}"
    if module is None:
        said = f"{first}; they are in torch's order, {names.replace('C', 'g')}, but torch has no such cell."
    else:
        order = f", in the order {names}" if count > 1 else ""
        said = (
            f"{first}, as torch's {module} computes it{order}. Its weight_ih is the columns of x "
            f"({rows}×{parts['x_t']}), its weight_hh the columns of h ({rows}×{parts['h_prev']}), and b the sum of "
            "its two biases."
        )
    if stack.peepholes is not None:
        said += " The peepholes p ∘ C are added to the product; the output gate's reads the new C, so it comes last."
    if "reset" in cell.shapes:
        said += " The candidate is not among them, because r acts on its h first"
        said += "; torch stacks it below them, as n." if module else "."
    return said
