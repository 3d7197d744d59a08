"""The parts that scripts of every library share: header, imports, numbers, the loop over time and the check."""

from __future__ import annotations

from ...shipped import NAME, version
from .model import STATES, Model
from .writing import READABLE, commented, packed, rows, sentence_lines

SHOW = '''\
def show(values):
    """Print each value by its name, with eight digits."""
    for name, value in values.items():
        print(f"  {name:8}", *(f"{number:.8g}" for number in value.tolist()))
'''


def joined(*parts: str) -> str:
    """Return the parts of a script, two empty lines between them."""
    return "\n\n".join(part.strip("\n") + "\n" for part in parts if part)


def is_packed(model: Model) -> bool:
    """Whether there are too many numbers for lists."""
    return model.count > READABLE


def about(model: Model, library: str) -> str:
    """Return what the script is, in a few lines."""
    what = "this cell" if model.is_cell else "this network"
    title = f"{model.title}: rebuilds {what} with its weights, and prints every number of every time step."
    text = (
        f"Written by {NAME} {version()}; it needs {library} alone, and computes in double precision. Sizes: m input, "
        f"n hidden, k cell; {model.sizes_words}; T = {len(model.x):,} time step{'s' * (len(model.x) != 1)}."
    )
    return "\n\n".join(map(sentence_lines, (title, text, *model.notes)))


def numbers(model: Model, array: str, loaded: str) -> str:
    """Return the lines that hold every number.

    array: what makes an array of lists, as "np.array". loaded: an expression for `data`, arrays by name, of `file`.
    """
    return _unpacked(model, loaded) if is_packed(model) else _listed(model, array)


def _listed(model: Model, array: str) -> str:
    arrays, shapes = model.arrays, model.shapes

    def entry(begin: str, name: str, end: str, indent: int) -> str:
        code = f"{begin}{array}({rows(arrays[name], indent + len(begin) + len(array) + 1)}){end}"
        shape = shapes[name]
        return f"{' ' * indent}{code}  # {shape}" if "\n" in code else commented(code, shape, indent)

    lines: list[str] = []
    listed: set[str] = set()
    for number, layer in enumerate(model.layers):
        named = {name: f"{model.before(number)}{name}" for name in layer.weights}
        lines.append("weights = {" if model.is_cell else f"layer{number + 1} = {{")
        lines += [entry(f'"{name}": ', full, ",", 4) for name, full in named.items()]
        lines.append("}")
        listed.update(named.values())
    if not model.is_cell:
        lines.append(f"layers = [{', '.join(f'layer{i + 1}' for i in range(len(model.layers)))}]")
    lines += [entry(f"{name} = ", name, "", 0) for name in arrays if name not in listed]
    return "\n".join(lines)


def _unpacked(model: Model, loaded: str) -> str:
    names = ", ".join(f'"{name}"' for name in model.layers[0].weights)
    others = [name for name in model.arrays if name.rpartition(".")[2] not in model.layers[0].weights]
    whose = "weights = {name: data[name] for name in names}"
    if not model.is_cell:
        whose = (
            f'layers = [{{name: data[f"layer{{i}}.{{name}}"] for name in names}} '
            f"for i in range(1, {len(model.layers) + 1})]"
        )
    return "\n".join(
        [
            "# Every number, exact: a compressed .npz file in base64.",
            f'PACKED = """\n{packed(model.arrays)}\n"""',
            "file = np.load(io.BytesIO(base64.b64decode(PACKED)))",
            f"data = {loaded}",
            f"names = [{names}]",
            whose,
            *(commented(f'{name} = data["{name}"]', model.shapes[name], 0) for name in others),
        ]
    )


def loop(model: Model, zeros: str) -> str:
    """Return the loop over time, which prints every value. zeros: makes a vector of zeros, as "np.zeros"."""
    return _loop_of_cell(model) if model.is_cell else _loop_of_network(model, zeros)


def _letters(model: Model) -> str:
    """Return the states between two steps: "h, C"."""
    return ", ".join(name.removesuffix("_t") for name in model.carried)


def _loop_of_cell(model: Model) -> str:
    letters = _letters(model)
    becomes = ", ".join(f'values["{name}"]' for name in model.carried)
    draws = list(model.draws)
    over = f"(x_t, *drawn) in enumerate(zip({', '.join(['x', *draws])})" if draws else "x_t in enumerate(x"
    begin = f"for t, {over}, start=1):"
    return "\n".join(
        [
            f"{letters} = {', '.join(STATES[name] for name in model.cell.carried)}",
            begin,
            f"    values = step(x_t, {letters}, {'*drawn, ' * bool(draws)}**weights)",
            f"    {letters} = {becomes}",
            '    print(f"t = {t}")',
            "    show(values)",
        ]
    )


def _loop_of_network(model: Model, zeros: str) -> str:
    letters = _letters(model)
    sizes = model.layers[0].sizes
    begin = ", ".join(f"{zeros}({sizes[model.cell.shapes[name][0]]})" for name in model.cell.carried)
    state = f"({begin})" if len(model.carried) > 1 else f"({begin},)"
    becomes = ", ".join(f'values["{name}"]' for name in model.carried)
    lines = [
        commented(f"states = [{state} for _ in layers]", f"{letters} of each layer", 0),
        "for t, x_t in enumerate(x, start=1):",
        "    for i, weights in enumerate(layers):",
        "        values = step(x_t, *states[i], **weights)",
        f"        states[i] = {becomes}{',' * (len(model.carried) == 1)}",
        commented('x_t = values["h_t"]', "what the next layer receives", 8),
        '        print(f"t = {t}, layer {i + 1}")',
        "        show(values)",
    ]
    if model.readout:
        lines += [commented("y_t = W_out @ x_t + b_out", "(p,), the readout"), '    show({"y_t": y_t})']
    return "\n".join([*lines, f"{letters}{',' * (len(model.carried) == 1)} = states[-1]"])


def check(model: Model, library: str) -> str:
    """Return the lines that compare the last state, and the last answer, with the numbers exported."""
    ends = [(name.removesuffix("_t"), name.replace("_t", "_T")) for name in model.carried]
    if model.readout:
        ends.append(("y_t", "y_T"))
    pairs = ", ".join(f"({mine}, {exported})" for mine, exported in ends)
    words = [exported for _, exported in ends]
    which = " and ".join(filter(None, [", ".join(words[:-1]), words[-1]]))
    return "\n".join(
        [
            f"pairs = [{pairs}]",
            f"equal = all({library}.allclose(mine, theirs, rtol=1e-9, atol=1e-12) for mine, theirs in pairs)",
            "difference = max(abs(mine - theirs).max() for mine, theirs in pairs)",
            f'print("check: {which}", "agree with" if equal else "DIFFER FROM",',
            '      f"the numbers exported; the largest difference is {difference:.1e}")',
        ]
    )
