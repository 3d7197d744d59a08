"""A PyTorch script that trains as some settings say, from the same weights on the same batches."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields
from queue import SimpleQueue
from typing import Any

from ...cell.torch_layout import FUSED, PLACES
from ...errors import PlainError
from ...settings.ablation import frozen_weights, gates_of
from ...settings.config import TrainingConfig
from ...shipped import NAME, version
from ...tasks import Task, create_task
from ...tasks.base import TRAINING_STREAM, block_steps
from .gradient_norm import gradient_norm
from .model import CodeError, shape_in_symbols
from .script import joined
from .step import BATCH, step_function
from .task_source import NotAlone, TaskSource, task_source
from .writing import filled, packed, sentence_lines

_LAYERS = {"lstm": "LSTM", "gru": "GRU", "rnn": "RNN"}
_DROPOUT_STREAM = 7
"""As in `engine.training.dropout`."""


def training_script(config: TrainingConfig, begins_with: str = "") -> str:
    """Return the script: data, network, first weights and steps of a run with these settings, on the CPU.

    begins_with: whose weights the run begins with, if they are given. The script's header says whether its losses are
    those of the program bit for bit, and why not. Raises CodeError for clamped gates, which plain torch does not have,
    and what a task raises for data that cannot be used.
    """
    if config.clamped:
        raise CodeError(
            f"This training clamps gates ({config.clamped}), which a script of plain torch cannot do; empty the "
            "setting Clamped gates, or copy the training as a command."
        )
    task = create_task(config)
    try:
        source: TaskSource | None = task_source(task)
        reason = ""
    except NotAlone as error:
        source, reason = None, str(error)
    standard = ["import itertools"] + (["import base64", "import io"] if source and source.arrays else [])
    imports = {
        "import numpy as np",
        "import torch",
        "from torch import nn",
        *standard,
    }
    imports |= set(source.imports) if source is not None else {"import sys"}
    return joined(
        f'"""{_about(config, task, reason, begins_with)}\n"""\n\n{_in_order(imports)}',
        _constants(config, task),
        _examples(config, source),
        "" if config.cell in FUSED else step_function(config.made_cell, BATCH),
        _network(config, task),
        _first_weights(config),
        _batches(task),
        gradient_norm(config) if config.clip_norm else "",
        _training(config, task),
    )


def tell_training_script(
    commands: SimpleQueue[Any], send: Callable[[object], None], config: TrainingConfig, begins_with: str
) -> None:
    """Send what `training_script` returns, or a CodeError; the work of an `engine.session.child.Child`."""
    del commands  # there is nothing to tell it
    try:
        send(training_script(config, begins_with))
    except PlainError as error:
        send(CodeError(str(error)))  # a subclass of the user's could not be read by another process


def _in_order(imports: set[str]) -> str:
    """Return the imports as they are sorted: the standard library's, then NumPy and torch."""
    lines = sorted(imports, key=lambda line: (line.startswith("from"), line))
    others = [line for line in lines if line.split()[1] in ("numpy", "torch")]
    return "\n".join([*(line for line in lines if line not in others), "", *others])


# ---- what the header says


def _about(config: TrainingConfig, task: Task, reason: str, begins_with: str) -> str:
    notes = [_exactness(config, begins_with)]
    if reason:
        notes.append(
            f"The task is imported from {NAME}, which has to be installed (pip install lstm-visualizer), because "
            f"{reason}."
        )
    if config.twin == "on":
        notes.append("The plain RNN that is trained beside it as a baseline changes no loss; it is left out.")
    if config.until == "solved":
        notes.append(f"It makes {config.steps:,} steps, whether the task is solved before or not.")
    title = f"{task.title}: trains {_words(config)} as {NAME} {version()} does, and prints the loss."
    return "\n\n".join(map(sentence_lines, (title, *notes)))


def _words(config: TrainingConfig) -> str:
    layers = f", {config.layers} layers" if config.layers > 1 else ""
    return f"the network {config.made_cell.title} {config.cell_size}{layers},"


def _exactness(config: TrainingConfig, begins_with: str) -> str:
    if begins_with:
        return f"Not the same losses: the run begins with the weights of {begins_with}, this script with new ones."
    if config.cell not in FUSED:
        return (
            "The same losses but for rounding, not bit for bit: torch has no kernel for this cell, and the program "
            "orders its products for speed, while here each operation stands on a line of its own. The difference "
            "grows with the number of steps."
        )
    return (
        "Weights, batches and steps are the same, so the losses are, too: bit for bit on the CPU with the same version "
        "of torch and one thread (the program says in its status line how many it uses; with others, and on a GPU, "
        "sums are rounded in another order)."
    )


# ---- its parts


def _constants(config: TrainingConfig, task: Task) -> str:
    rate = [("LEARNING_RATE", config.learning_rate)]
    rate += [("MOMENTUM", config.momentum)] if config.optimizer == "sgd" else []
    rate += [("CLIP_NORM", config.clip_norm)] if config.clip_norm else []
    rate += [("DROPOUT", config.dropout)] if config.dropout else []
    named = [
        ("SEED", config.seed, ""),
        ("STEPS", config.steps, ""),
        ("B", config.batch_size, "sequences in a batch"),
        ("AT_ONCE", block_steps(task, config.batch_size), "steps whose batches are drawn together"),
        ("m", task.input_size, "inputs"),
        ("k", config.cell_size, "cell size"),
        ("n", config.n, "hidden size"),
        ("outputs", task.output_size, ""),
        ("LAYERS", config.layers, ""),
        *((name, value, "") for name, value in rate),
    ]
    lines = [f"{name} = {value}" + (f"  # {note}" if note else "") for name, value, note in named]
    return "\n".join(["torch.set_num_threads(1)  # how sums are rounded depends on it", "", *lines])


def _examples(config: TrainingConfig, source: TaskSource | None) -> str:
    if source is None:
        defaults = TrainingConfig()
        changed = [
            f"{entry.name}={getattr(config, entry.name)!r}"
            for entry in fields(config)
            if getattr(config, entry.name) != getattr(defaults, entry.name) or entry.name == "task"
        ]
        return _IMPORTED + filled("task = create_task(TrainingConfig(", changed, "))", 0)
    arrays = ""
    if source.arrays:
        begin = "# The data: a compressed .npz file in base64.\nARRAYS = np.load(io.BytesIO(base64.b64decode"
        arrays = f'{begin}("""\n{packed(source.arrays)}\n""")))\n\n\n'
    return f"{arrays}{source.text}\n\n\ntask = Examples()"


_IMPORTED = """\
import lstm_visualizer  # noqa: E402  # its folder is where a task of one's own finds the program

sys.path.insert(0, lstm_visualizer.__path__[0])
from engine.settings.config import TrainingConfig  # noqa: E402
from engine.tasks import create_task  # noqa: E402

"""


def _network(config: TrainingConfig, task: Task) -> str:
    seen = "h" if task.every_step else "h[-1]"
    dropped = f"dropped({seen}, step)" if config.dropout else seen
    answers = "(T, B, outputs)" if task.every_step else "(B, outputs)"
    step = ", step" if config.dropout else ""
    which = "every" if task.every_step else "the last"
    readout = [
        "        h = self.hidden(x)  # (T, B, n)",
        f"        return self.readout({dropped})  # {answers}",
    ]
    lines = [
        "class Network(nn.Module):",
        f'    """Layers of the cell {config.made_cell.title}, and a linear readout of {which} h."""',
        "",
        "    def __init__(self):",
        "        super().__init__()",
        *(f"        {line}" for line in _made(config)),
        "        self.readout = nn.Linear(n, outputs)",
        "",
        f"    def forward(self, x{step}):  # (T, B, m)",
        *readout,
        "",
        *(f"    {line}" if line else "" for line in _hidden(config)),
    ]
    text = "\n".join(lines)
    return f"{_DROPPED.format(stream=_DROPOUT_STREAM)}\n\n{text}" if config.dropout else text


_DROPPED = '''\
def dropped(h, step):
    """Set values to 0 with the chance DROPOUT, and divide the others by 1 - DROPOUT; the draws follow from the step."""
    (seed,) = np.random.SeedSequence((SEED, {stream}, step)).generate_state(1)
    generator = torch.Generator().manual_seed(int(seed))
    return h * (torch.empty(h.shape).bernoulli_(1 - DROPOUT, generator=generator) / (1 - DROPOUT))
'''


def _made(config: TrainingConfig) -> list[str]:
    if config.cell in FUSED:
        projection = ", proj_size=n" if config.projected else ""
        return [f"self.layers = nn.{_LAYERS[config.cell]}(m, k, num_layers=LAYERS{projection})"]
    shapes = {item.name: item.shape for item in sorted(config.made_cell.parameters, key=lambda item: item.name)}
    wide = {"m+n": "inputs + n"}  # of this layer
    sizes = [
        f'"{name}": {shape_in_symbols([wide.get(axis, axis) for axis in shape])}' for name, shape in shapes.items()
    ]
    return [
        "self.layers = nn.ModuleList()",
        "for inputs in [m] + (LAYERS - 1) * [n]:",
        *filled("shapes = {", sizes, "}", 4).splitlines(),
        "    weights = {name: torch.empty(shape) for name, shape in shapes.items()}",
        "    self.layers.append(nn.ParameterDict(weights))",
    ]


def _hidden(config: TrainingConfig) -> list[str]:
    if config.cell in FUSED:
        return ["def hidden(self, x):", "    return self.layers(x)[0]"]
    carried = config.made_cell.carried
    begin = ", ".join(f"x.new_zeros(B, {config.made_cell.shapes[name][0]})" for name in carried)
    after = ", ".join(f'values["{name}"]' for name in carried.values()) + "," * (len(carried) == 1)
    return [
        "def hidden(self, x):",
        "    for weights in self.layers:",
        f"        states, h = ({begin}{',' * (len(carried) == 1)}), []",
        "        for x_t in x:  # (B, m)",
        "            values = step(x_t, *states, **weights)",
        f"            states = {after}",
        '            h.append(values["h_t"])',
        "        x = torch.stack(h)  # (T, B, n): what the next layer receives",
        "    return x",
    ]


def _first_weights(config: TrainingConfig) -> str:
    lines = [
        "network = Network()",
        "generator = torch.Generator().manual_seed(SEED)",
        "with torch.no_grad():",
        "    for parameter in network.layers.parameters():",
        "        parameter.uniform_(-(k**-0.5), k**-0.5, generator=generator)",
        "    for parameter in network.readout.parameters():",
        "        parameter.uniform_(-(n**-0.5), n**-0.5, generator=generator)",
        *(f"    {line}" for line in _first_biases(config)),
    ]
    return "\n".join(lines)


def _first_biases(config: TrainingConfig) -> list[str]:
    gates = gates_of(config.made_cell)
    if "f" not in gates:
        return []
    fused = config.cell in FUSED
    loop = "for i in range(LAYERS):" if fused else "for weights in network.layers:"

    def put(gate: str, value: str) -> list[str]:
        if not fused:
            return [f'    weights["b_{gate}"][:] = {value}']
        rows = _rows(PLACES[config.cell][f"b_{gate}"].number)
        return [
            f'    getattr(network.layers, f"bias_ih_l{{i}}")[{rows}] = {value}',
            f'    getattr(network.layers, f"bias_hh_l{{i}}")[{rows}] = 0  # torch has two biases, which add up',
        ]

    if config.bias_initialisation != "chrono":
        return [f"{loop}  # the bias of the forget gate", *put("f", str(config.forget_bias))]
    T = config.sequence_length
    drawn = f"torch.empty(k).uniform_(1, {T} - 1, generator=generator)"
    lines = [
        f"{loop}  # chrono: units that keep their state for 1 to T steps",
        f"    b_f = torch.from_numpy(np.log({drawn}.numpy()))",
    ]
    return lines + put("f", "b_f") + (put("i", "-b_f") if "i" in gates else [])


def _rows(number: int) -> str:
    return f"{number} * k : {number + 1} * k".replace("0 * k :", ":").replace("1 * k", "k").strip()


def _batches(task: Task) -> str:
    axis = 1 if task.every_step else 0
    return f'''\
def batches():
    """Yield x (T, B, m) and the target of each step; a block of batches follows from the seed and its number."""
    for block in itertools.count():
        rng = np.random.default_rng((SEED, {TRAINING_STREAM}, block))
        x, target = task.examples(rng, AT_ONCE * B)  # (T, AT_ONCE·B, m)
        for pair in zip(np.split(x, AT_ONCE, axis=1), np.split(target, AT_ONCE, axis={axis})):
            yield tuple(torch.from_numpy(np.ascontiguousarray(array)).float() for array in pair)
'''


def _training(config: TrainingConfig, task: Task) -> str:
    optimizer = {
        "adam": "torch.optim.Adam(network.parameters(), lr=LEARNING_RATE, fused=True)",
        "sgd": "torch.optim.SGD(network.parameters(), lr=LEARNING_RATE, momentum=MOMENTUM, fused=True)",
        "rmsprop": "torch.optim.RMSprop(network.parameters(), lr=LEARNING_RATE, foreach=True)",
    }[config.optimizer]
    frozen = _frozen(config)
    lines = [
        f"optimizer = {optimizer}",
        *frozen,
        "every = max(1, STEPS // 100)  # steps between two lines",
        "for step_number, (x, target) in zip(range(1, STEPS + 1), batches()):",
        "    optimizer.zero_grad()",
        f"    output = network(x{', step_number' if config.dropout else ''})",
        "    loss, measure = task.batch_loss_and_measure(output, target)",
        "    loss.backward()",
    ]
    if config.clip_norm:
        lines += [
            "    with torch.no_grad():",
            "        factor = (CLIP_NORM / (gradient_norm() + 1e-6)).clamp(max=1)",
            "        for parameter in network.parameters():",
            "            parameter.grad *= factor",
        ]
    lines.append("    optimizer.step()")
    if frozen:
        lines += ["    with torch.no_grad():", "        for piece, value in frozen:", "            piece.copy_(value)"]
    measure = task.measure_name.replace('"', "'").replace("{", "{{").replace("}", "}}")
    lines += [
        "    if step_number % every == 0:",
        f'        print(f"step {{step_number:7,}}  loss {{loss.item():.9g}}  {measure} {{measure.item():.6g}}")',
    ]
    return "\n".join(lines)


def _frozen(config: TrainingConfig) -> list[str]:
    pieces = []
    for layer, names in enumerate(frozen_weights(config.made_cell, config.layers, config.frozen)):
        for name in sorted(names):
            if config.cell not in FUSED:
                pieces.append(f'network.layers[{layer}]["{name}"]')
                continue
            place = PLACES[config.cell][name]
            rows = "" if name == "W_hr" else f"[{_rows(place.number)}]"
            pieces += [f"network.layers.{of}_l{layer}{rows}" for of in place.torch_names]
    if not pieces:
        return []
    lines = ["frozen = ["] + [f"    {piece}.detach()," for piece in pieces]
    return [*lines, "]", "frozen = [(piece, piece.clone()) for piece in frozen]  # put back after each step"]
