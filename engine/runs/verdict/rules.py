"""What to try next, as data: each rule with the verdicts that it belongs to, when it fits, and where it is from."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from ...setting import ELSEWHERE
from ...settings.config import ConfigError, TrainingConfig, check
from ...text.numbers import brief
from ..ending import ends_when_solved
from .findings import Findings, Outlook

Value = int | float | str

USUAL_RATE, USUAL_STEPS, USUAL_UNITS = 0.01, 3000, 16
"""The defaults, with which Adam solved the adding problem at T = 50 in ten of ten seeds."""
USUAL_SGD = 0.1
HIGH, LOW = 0.02, 0.001
"""With rates above HIGH, or of LOW and less, Adam solved it in fewer seeds: 0.03 in 1 of 3; 0.05, 0.1, 0.3 and 0.001
in none."""
HIGH_SGD, LOW_SGD = 0.3, 0.003
"""The same for gradient descent: with 0.1 it learns in 3 of 3 seeds, with 1 in none, and with 0.01 in 1 of 3."""
GOAL_STEPS = 100
"""Training steps in a row for which a goal has to hold, so that one lucky batch is no solution."""
FEW_UNITS = 8
LONG = 25
"""Time steps from which on a plain RNN did not learn the adding problem in any of three seeds."""
_LASTING = ("adding", "multiplication", "temporal-order", "temporal-order-3", "copying", "parity", "anbn", "anbncn")
"""Tasks that are harder when T is larger, at any length."""


@dataclass(frozen=True)
class Rule:
    """One thing to try. verdicts: those that it belongs to. fits: whether it is to be tried with this run.

    value: what to set the setting to, or what finds that. what: the same in words; why: in a few words; in both,
    {value} is the new value and {old} the present one, {T} the sequence length, {span} how long a new cell remembers,
    {steps} those made. source: who found that, or what was measured with this program.
    """

    name: str
    verdicts: tuple[Outlook, ...]
    fits: Callable[[Findings], bool]
    setting: str
    value: Value | Callable[[Findings], Value]
    what: str
    why: str
    source: str

    def sentence(self, found: Findings, value: Value) -> str:
        """Return what to try and why."""
        config = found.config
        fields = {
            "value": _in_words(value),
            "old": _in_words(getattr(config, self.setting)),
            "T": f"{config.sequence_length:,}",
            "span": brief(_remembered(config)),
            "steps": f"{found.steps:,}",
        }
        return f"{self.what.format(**fields)}: {self.why.format(**fields)}"


def _in_words(value: Value) -> str:
    if isinstance(value, int):
        return f"{value:,}"
    return value if isinstance(value, str) else brief(value)


def _plain_gradient(config: TrainingConfig) -> bool:
    return config.optimizer == "sgd"


def _rate_is_high(found: Findings) -> bool:
    config = found.config
    return config.learning_rate > (HIGH_SGD if _plain_gradient(config) else HIGH)


def _rate_is_low(found: Findings) -> bool:
    config = found.config
    return config.learning_rate <= (LOW_SGD if _plain_gradient(config) else LOW)


def _usual_rate(found: Findings) -> float:
    return USUAL_SGD if _plain_gradient(found.config) else USUAL_RATE


def _lower_rate(found: Findings) -> float:
    """Return the usual rate, or a tenth of one that is no higher."""
    rate, usual = found.config.learning_rate, _usual_rate(found)
    return usual if rate > usual else float(f"{rate / 10:.1g}")


def _remembered(config: TrainingConfig) -> float:
    """Return over how many time steps a new cell keeps its state, 1 / (1 − σ(b_f)) = 1 + exp(b_f)."""
    return 1 + math.exp(config.forget_bias)


def _forgets_soon(found: Findings) -> bool:
    config = found.config
    has_forget_gate = config.cell in ("lstm", "peephole", "coupled") and config.bias_initialisation == "given"
    return has_forget_gate and config.sequence_length >= LONG and _remembered(config) < config.sequence_length / 3


def _stands_still(found: Findings) -> bool:
    return not found.falling or (found.over and found.steps >= 4 * USUAL_STEPS)


def _more_steps(found: Findings) -> int:
    return max(USUAL_STEPS, 2 * found.steps)


def _was_on_its_way(found: Findings) -> bool:
    return found.over and (found.falling or found.steps <= USUAL_STEPS)


def _has_a_limit(found: Findings) -> bool:
    return ends_when_solved(found.config, found.facts)


def _a_goal(found: Findings) -> str:
    """Return as a goal about what this run reaches, rounded up, so that it does not change with every step."""
    loss, trivial = found.recent.loss, found.facts.trivial_loss
    unit = 10.0 ** math.floor(math.log10(loss))
    rounded = (math.ceil(loss / part) * part for part in (unit, unit / 10))
    bound = next((value for value in rounded if value < trivial), trivial)
    return f"loss below {brief(bound)} for {GOAL_STEPS} steps".replace(",", "")


_D, _N, _L, _S = Outlook.DIVERGED, Outlook.NOT_LEARNING, Outlook.LEARNING, Outlook.SOLVED
_O, _ONCE, _NONE = Outlook.OVERFITTING, Outlook.SOLVED_ONCE, Outlook.NO_CRITERION
_TAKES = "measured: the adding problem takes 955 to 2,923 steps in ten seeds, and longer with other settings"
RULES: tuple[Rule, ...] = (
    Rule(
        name="a lower rate for a run that diverged",
        verdicts=(_D,),
        fits=lambda found: _rate_is_high(found) or found.config.clip_norm > 0,
        setting="learning_rate",
        value=_lower_rate,
        what="Try a rate of {value}",
        why="a step then moves each weight less far",
        source="Kingma and Ba 2015, section 2.1: a step of Adam moves each weight by at most about the rate; measured: "
        "1,000 diverges at step 2 in 3 of 3 seeds, and 0.01 solves all three",
    ),
    Rule(
        name="clipping",
        verdicts=(_D,),
        fits=lambda found: found.config.clip_norm == 0,
        setting="clip_norm",
        value=1.0,
        what="Try clipping at {value}",
        why="a gradient that explodes then moves the weights no further than any other",
        source="Pascanu, Mikolov and Bengio 2013, section 3.2",
    ),
    Rule(
        name="gates that are free",
        verdicts=(_N, _L),
        fits=lambda found: bool(found.config.clamped) and _stands_still(found),
        setting="clamped",
        value="",
        what="Try it without clamped gates",
        why="no weight can make up for {old}",
        source="Greff et al. 2017, LSTM: a search space odyssey, section 5: without its forget gate or its output "
        "activation the cell does much worse; measured: with f=0 or o=0 none of 3 seeds learns, without all are solved",
    ),
    Rule(
        name="weights that are free",
        verdicts=(_N, _L),
        fits=lambda found: bool(found.config.frozen) and _stands_still(found),
        setting="frozen",
        value="",
        what="Try it without frozen weights",
        why="{old} stayed as drawn at random",
        source="measured: with its four matrices frozen the adding problem is learnt in none of 3 seeds, else in all",
    ),
    Rule(
        name="a lower rate for a run that does not settle",
        verdicts=(_N, _L),
        fits=lambda found: _rate_is_high(found) and _stands_still(found),
        setting="learning_rate",
        value=_lower_rate,
        what="Try a rate of {value}",
        why="with {old} each step undoes the one before",
        source="Bengio 2012, Practical recommendations, section 3.1.1; measured: see HIGH",
    ),
    Rule(
        name="an LSTM for a plain RNN",
        verdicts=(_N, _L),
        fits=lambda found: found.config.cell == "rnn" and found.config.sequence_length >= LONG and _stands_still(found),
        setting="cell",
        value="lstm",
        what="Try an LSTM",
        why="its cell state carries the gradient back over {T} time steps",
        source="Hochreiter 1991; Bengio, Simard and Frasconi 1994; Hochreiter and Schmidhuber 1997; measured: at "
        "T = 50 an RNN learns in none of 3 seeds, an LSTM solves all",
    ),
    Rule(
        name="biases that remember",
        verdicts=(_N,),
        fits=_forgets_soon,
        setting="bias_initialisation",
        value="chrono",
        what="Try the chrono initialisation",
        why="with this forget bias a new cell remembers {span} of {T} time steps",
        source="Tallec and Ollivier 2018, section 2; measured: b_f = 1 at T = 50 and b_f = 3 at T = 100 solved in none "
        "of 3 seeds, chrono in all after 721 to 1,204 steps",
    ),
    Rule(
        name="a higher rate",
        verdicts=(_N, _L),
        fits=_rate_is_low,
        setting="learning_rate",
        value=_usual_rate,
        what="Try a rate of {value}",
        why="with {old} each step is so small that it takes many more of them",
        source="Kingma and Ba 2015, section 2.1; measured: see LOW; with 0.0003 all of 3 seeds are still learning at "
        "step 3,000",
    ),
    Rule(
        name="Adam for plain gradient descent",
        verdicts=(_N, _L),
        fits=lambda found: (
            _plain_gradient(found.config)
            and LOW < found.config.learning_rate <= HIGH
            and (found.outlook is _N or _stands_still(found))
        ),
        setting="optimizer",
        value="adam",
        what="Try Adam",
        why="it gives each weight a step of its own size",
        source="Kingma and Ba 2015, section 1; measured: with the rate 0.01, 10 of 10 seeds against none of 3",
    ),
    Rule(
        name="no dropout",
        verdicts=(_L,),
        fits=lambda found: (
            found.config.dropout > 0
            and found.goal is not None
            and found.held_out is None
            and (found.over or _stands_still(found))
        ),
        setting="dropout",
        value=0.0,
        what="Try it without dropout",
        why="each example is new here, so that it only adds noise to what is judged",
        source="Zaremba, Sutskever and Vinyals 2014: dropout is for few data; measured: with 0.3 none "
        "of 3 seeds is solved, without it all",
    ),
    Rule(
        name="more units",
        verdicts=(_N, _L),
        fits=lambda found: found.config.cell_size < FEW_UNITS and found.steps >= USUAL_STEPS,
        setting="cell_size",
        value=USUAL_UNITS,
        what="Try k = {value}",
        why="k = {old} may be too few cell states",
        source="measured: k = 16 solves the adding problem in 10 of 10 seeds, 4, 2 and 1 in 2 of 9 in the same time",
    ),
    Rule(
        name="more steps",
        verdicts=(_N, _L),
        fits=lambda found: _was_on_its_way(found) and not _has_a_limit(found),
        setting="steps",
        value=_more_steps,
        what="Try {value} steps",
        why="it was still on its way after {steps}",
        source=_TAKES,
    ),
    Rule(
        name="a higher limit",
        verdicts=(_N, _L),
        fits=lambda found: _was_on_its_way(found) and _has_a_limit(found),
        setting="limit",
        value=_more_steps,
        what="Try up to {value} steps",
        why="it was still on its way after {steps}",
        source=_TAKES,
    ),
    Rule(
        name="to stop when solved",
        verdicts=(_ONCE,),
        fits=lambda found: not _has_a_limit(found),
        setting="until",
        value="solved",
        what="Stop when solved",
        why="what is learnt once can be lost again by further steps",
        source="measured: ten of ten seeds of the adding problem are solved by step 2,923, one no longer at 3,000; "
        "with a third of the rate each of 3 seeds is solved later or not at all, so that this is no help",
    ),
    Rule(
        name="a longer sequence",
        verdicts=(_S,),
        fits=lambda found: found.config.task in _LASTING,
        setting="sequence_length",
        value=lambda found: 2 * found.config.sequence_length,
        what="Try T = {value}",
        why="that is twice as long to remember",
        source="Hochreiter and Schmidhuber 1997, experiments 4 to 6: the time lag is what makes these tasks hard",
    ),
    Rule(
        name="fewer units",
        verdicts=(_O,),
        fits=lambda found: found.config.cell_size > 4 and not _is_beyond(found),
        setting="cell_size",
        value=lambda found: max(4, found.config.cell_size // 4),
        what="Try k = {value}",
        why="a smaller network has less room to learn the training rows by heart",
        source="measured: a random walk of 120 rows, held-out error 1.46 with k = 32, 1.10 with k = 4, trivial 0.95",
    ),
    Rule(
        name="a goal",
        verdicts=(_NONE,),
        fits=lambda found: found.goal is None and found.recent.loss > 0,
        setting="goal",
        value=_a_goal,
        what="Declare what counts as solved",
        why="such as {value}, which this run reaches; then a run is judged by it, and can stop there",
        source="the state itself: neither the task's source nor anybody else has said in numbers what is enough",
    ),
)


def _is_beyond(found: Findings) -> bool:
    """Return whether held-out rows are mostly values that no row trained on comes near: no setting reaches them."""
    held_out = found.held_out
    return held_out is not None and 2 * held_out.beyond >= held_out.rows


def proposed(found: Findings) -> tuple[str, Value, str] | None:
    """Return setting, value and sentence of the first rule that fits a run; None where none does.

    A value that the run has already, or cannot have, is not proposed; nor is anything for a network that is trained by
    another program, with settings that are not known here.
    """
    if found.config.task == ELSEWHERE:
        return None
    for rule in RULES:
        if found.outlook in rule.verdicts and rule.fits(found):
            value = rule.value(found) if callable(rule.value) else rule.value
            if value != getattr(found.config, rule.setting) and _can_be(found.config, rule.setting, value):
                return rule.setting, value, rule.sentence(found, value)
    return None


def _can_be(config: TrainingConfig, name: str, value: Value) -> bool:
    changes: dict[str, Any] = {name: value}
    try:
        check(replace(config, **changes))
    except ConfigError:
        return False
    return True


SETTINGS = frozenset(rule.setting for rule in RULES)
"""What can be tried: a value that a file proposes is none of another setting, such as a path."""
