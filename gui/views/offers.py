"""What the empty places of views offer: a longer sequence, an example, a command."""

from __future__ import annotations

from functools import partial

from engine.document.document import DocumentError
from engine.document.examples import EXAMPLES, load_example
from engine.runs.messages import State
from engine.setting import ELSEWHERE
from gui.document.inputs import CONTINUED, continue_sequence
from gui.views.base import View
from gui.views.training_view import LabView
from gui.widgets.empty_place import EmptyPlace, Offer


def longer_sequence(view: View) -> Offer:
    """Return an offer to go on with the last input for some time steps."""
    tip = f"Make the sequence {CONTINUED} time steps longer, with the last inputs; undo (Ctrl+Z) takes them away again"
    words = f"Continue this sequence for {CONTINUED} steps"
    return Offer(words, partial(continue_sequence, view.tools.model), tip)


def example(view: View, name: str) -> Offer:
    """Return an offer to open one of the program's examples in place of the document; undo brings that back."""
    title, tools = EXAMPLES[name], view.tools

    def read() -> None:
        tools.background.run(
            lambda: load_example(name),
            lambda document: tools.model.exchange(document, title, f"open “{title}”"),
            lambda error: view.message.emit(str(error)),
            DocumentError,
        )

    return Offer(f"Open {title}", read, f"Open the example “{title}”; undo (Ctrl+Z) returns to your document")


def command(view: View, words: str, line: str, tip: str = "") -> Offer:
    """Return an offer to carry out a command, such as "train"."""
    return Offer(words, partial(view.asked.emit, line), tip)


def say_what_run_lacks(view: LabView, place: EmptyPlace, what: str) -> None:
    """Say why there is nothing of a run to see, and offer what brings it; what: what is seen then, as a subject."""
    training = view.training
    if not training.active and training.run.last is None:
        train = command(view, "Train (Ctrl+T)", "train", "Train the network with the chosen task and settings")
        place.show_offers(f"{what} while a network learns. There is no run yet.", train)
    elif not training.active:
        again = command(view, "Start over (Ctrl+R)", "start over", "Train again, with the present settings")
        why = "This run has ended, and nothing of this was kept."
        if training.run.config.task == ELSEWHERE:
            why = "This one was trained elsewhere, and nothing of this was recorded."
        place.show_offers(f"{what} while a network learns. {why}", again)
    elif training.run.state in (State.PAUSED, State.FINISHED):
        on = command(view, "Continue (Ctrl+T)", "train", "Let the run make more training steps")
        place.show_offers(f"{what} while a network learns. This run is not training now.", on)
    else:
        place.show_offers("Waiting for the first numbers of this run …")
