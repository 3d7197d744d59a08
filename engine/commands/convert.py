"""The command `main.py convert`: turns networks, documents and runs into each other; suffixes say the kinds."""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from ..cell.cell import sizes_text
from ..cell.cells import ORDERS
from ..elsewhere.network import record_network
from ..errors import PlainError, nearest, one_line
from ..file_kinds import DOCUMENT, RECORDING, document_module, format_of, network_formats
from ..formats.bringing.telling import check_room
from ..formats.found import Found, FoundLayer, Told
from ..formats.network_files import document_of, network_suffixes, read_network, sequence_of, write_network
from ..formats.own import network_of_document, network_of_recording
from ..formats.unknown_file import what_to_do
from ..text.listed import listed
from .printing import print_json, table


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what `main.py convert` can be told."""
    kinds = " ".join(suffix for kind in network_formats() for suffix in kind.suffixes)
    own = f"a document ({DOCUMENT.suffix}) or a recorded run ({RECORDING.suffix})"
    parser.add_argument("source", metavar="IN", type=Path, help=f"a network ({kinds}), {own}")
    parser.add_argument(
        "target",
        metavar="OUT",
        type=Path,
        nargs="?",
        help="the file to write: a network, a document, or a recording of the network as it is",
    )
    parser.add_argument("--list", action="store_true", help="list the recurrent layers of IN, and where each weight is")
    parser.add_argument("--json", action="store_true", help="with --list: JSON instead of a list")
    parser.add_argument("--layer", metavar="NAME", default="", help="this layer alone; in a document, else the first")
    parser.add_argument("--step", metavar="S", type=int, help="of a recorded run: the training step; the last, if not")
    parser.add_argument(
        "--order",
        metavar="ORDER",
        choices=ORDERS,
        default="",
        help=f"how the columns of each W stand, {' or '.join(ORDERS)}: in IN if that is an .npz, otherwise in OUT",
    )
    parser.add_argument(
        "--column", metavar="N", type=int, default=0, help="which of several examples in an .npz, counted from 0"
    )


def run(options: argparse.Namespace) -> int:
    """Convert a file, or list its layers; return the exit status."""
    source, target = options.source, options.target
    if not options.list:
        _check_target(source, target)
    found = _read(source, options)
    if options.list:
        if options.json:
            print_json([layer_members(layer) for layer in found.layers])
        else:
            for line in layer_lines(found):
                print(one_line(line))
        return 0
    if options.order and source.suffix.casefold() != ".npz":
        found = replace(found, layers=tuple(replace(each, order=options.order) for each in found.layers))
    wrote, said = _write(source, target, found, options.layer)
    for note in (*found.notes, *said):
        print(one_line(f"{note}."))
    if source.suffix.casefold() == ".npz" and not options.order and not options.column:
        print("--order h,x reads the columns of each W as [h, x], and --column N takes another example.")
    print(one_line(f"Wrote {target}: {wrote}."))
    return 0


def _write(source: Path, target: Path, found: Found, name: str) -> tuple[str, list[str]]:
    """Write the layer of this name, or all where a file of weights is written; return what, and sentences on it."""
    layer = found.layer(name)
    if format_of(target) is DOCUMENT:
        document, said = document_of(found, layer)
        document_module(target).write_document(target, document)
        return f"{layer.label} ({layer.declared.title}, {sizes_text(document.sizes)}, T = {len(document.x):,})", said
    if format_of(target) is RECORDING:
        stack = found.stack(layer)
        x, said = sequence_of(found, layer)
        check_room(stack, x)
        fed, weights = x[:: -1 if layer.reverse else 1], [each.weights for each in stack]
        record_network(target, source.stem, layer.cell, weights, fed, f"From {source.name}")
        return _listed(stack), said
    written = alone(found, layer) if name else found
    return _listed(written.layers), write_network(target, written)


def alone(found: Found, layer: FoundLayer) -> Found:
    """Return one layer as a network of its own, with the readout where that reads it; a reverse one turns forward."""
    readout = found.readout if found.reads(layer) else None
    x = found.x if layer.layer == 0 else None
    return Found(found.kind, (replace(layer, name="", layer=0, reverse=False),), (), readout, found.output, x)


def _listed(layers: Sequence[FoundLayer]) -> str:
    return listed(f"{each.label} ({each.declared.title}, {sizes_text(each.sizes)})" for each in layers)


def layer_lines(found: Found) -> Iterator[str]:
    """Yield the lines on a file's layers that a person reads: a table, where each weight is from, and notes."""
    rows: list[Sequence[str]] = [("name", "cell", "layer", "direction", "m", "n", "k", "parameters")]
    for layer in found.layers:
        sizes = (f"{size:,}" for size in (layer.m, layer.n, layer.k))
        title, number, direction = layer.declared.title, str(layer.layer + 1), _direction(layer)
        rows.append((layer.label, title, number, direction, *sizes, f"{layer.parameters:,}"))
    yield from table(rows)
    for layer in found.layers:
        if layer.mapped:
            yield ""
            yield f"{layer.label} ({layer.own})" if layer.own else layer.label
            yield from (f"  {item.name:6}{item.source}" for item in layer.mapped)
    if found.notes:
        yield ""
        yield from (f"{note}." for note in found.notes)


def layer_members(layer: FoundLayer) -> dict[str, Any]:
    """Return what the JSON says about a layer."""
    return {
        "name": layer.label,
        "cell": layer.cell,
        "layer": layer.layer + 1,
        "direction": _direction(layer),
        **layer.sizes,
        "parameters": layer.parameters,
        "weights": {item.name: item.source for item in layer.mapped},
    }


def _direction(layer: FoundLayer) -> str:
    return "reverse" if layer.reverse else "forward"


def _read(source: Path, options: argparse.Namespace) -> Found:
    if format_of(source) is RECORDING:
        return network_of_recording(source, options.step)
    if options.step is not None:
        raise PlainError(f"--step is for a recorded run ({RECORDING.suffix}), and {source.name} is none; leave it out.")
    if format_of(source).network:
        return read_network(source, Told(options.order, options.column))
    suffixes = [*network_suffixes(), DOCUMENT.suffix, RECORDING.suffix]
    if not format_of(source).module or source.suffix.casefold() not in format_of(source).suffixes:
        what = what_to_do(source)
        raise PlainError(f"{what}.") if what else _unknown(source, suffixes)
    document, warnings = document_module(source).read_document(source)
    found = network_of_document(document)
    return replace(found, notes=(*found.notes, *warnings))


def _check_target(source: Path, target: Path | None) -> None:
    """Raise PlainError for a place that cannot be written to, before anything is read."""
    if target is None:
        raise PlainError("Say which file to write, as in: convert net.pt cell.lstmviz; --list lists what is in a file.")
    suffixes = [*network_suffixes(written=True), DOCUMENT.suffix, RECORDING.suffix]
    if target.suffix.casefold() not in suffixes:
        raise _unknown(target, suffixes)
    if target.exists() and source.exists() and target.samefile(source):
        raise PlainError(f"{target.name} would be written over itself; give what is written another name.")


def _unknown(path: Path, suffixes: Sequence[str]) -> PlainError:
    near = nearest(path.suffix.casefold(), suffixes)
    ends = f"a name that ends in {listed(suffixes, 'or')} was expected"
    return PlainError(f"{path.name}: {ends}{f'; did you mean “{near}”?' if near else '.'}")
