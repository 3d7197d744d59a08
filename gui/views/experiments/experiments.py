"""The view Experiments: published experiments to repeat, with the paper's figures beside ours."""

from __future__ import annotations

from PySide6.QtCore import QSignalBlocker, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QLabel, QProgressBar

from engine.experiments.catalogue import EXPERIMENTS
from engine.experiments.experiment import Experiment
from engine.experiments.results import median_sequences
from engine.runs.messages import State
from engine.session.pulse import SILENT
from engine.text.numbers import brief
from gui.views.base import Tools
from gui.views.experiments.chooser import ExperimentList
from gui.views.experiments.page import ExperimentPage
from gui.views.experiments.runner import ExperimentRunner, all_seeds
from gui.views.training_view import LabView
from gui.widgets.buttons import Button
from gui.widgets.labels import called, text_label
from gui.widgets.layouts import in_column, in_row
from gui.widgets.resting_cursor import tell_again
from gui.widgets.spin_boxes import WholeBox

_LIST, _NARROW_LIST = 260, 200
"""Width of the list, at 1080 lines, where there is room and where there is not."""
_ROOMY = 900
_MOST_SEEDS = 100
_SEEDS = 3
_WHOLE = 1000
"""Parts of the progress bar."""
_BESIDE_TRAINING = "Your training continues at the same time: both are slower, and the seconds are longer than alone."


class ExperimentsView(LabView):
    """Runs published experiments, one click each, and shows the published figure beside ours."""

    has_run_timeline = False

    def __init__(self, tools: Tools) -> None:
        super().__init__(tools)
        self.runner = ExperimentRunner(self)
        self.list = called("Published experiments", ExperimentList(tools.appearance))
        self.page = ExperimentPage(next(iter(EXPERIMENTS.values())), tools.appearance)
        self.start, self.cancel = Button("Run"), Button("Cancel")
        self.start.setObjectName("train")
        self.seeds = WholeBox(
            1, _MOST_SEEDS, "How many seeds to run next; each seed trains a new network from the start"
        )
        self.seeds.setAccessibleName("Seeds to run")
        self.progress = QProgressBar(textVisible=False, maximum=_WHOLE)
        self.status, self.note = QLabel(wordWrap=True), text_label(_BESIDE_TRAINING, wrap=True, cut=True)
        self.status.setMinimumWidth(10)
        self._last_words = ""
        self._set_up()
        self.list.currentRowChanged.connect(self._on_chosen)
        self.list.run_wanted.connect(self.run_chosen)
        self.start.clicked.connect(self.run_chosen)
        self.cancel.clicked.connect(self.runner.cancel)
        self.seeds.valueChanged.connect(self._update_controls)
        self.runner.changed.connect(self._on_changed)
        self.runner.ended.connect(self._on_ended)
        self.runner.failed.connect(self._on_failed)
        self.list.setCurrentRow(0)

    def _set_up(self) -> None:
        px = self.tools.appearance.px
        for experiment in EXPERIMENTS.values():
            self.list.add(experiment)
        self.setFocusProxy(self.list)
        self.seeds.setValue(_SEEDS)
        self.seeds.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.cancel.setToolTip("End the runs; the results so far stay")
        controls = in_row(self.start, self.seeds, self.cancel, (self.status, 1), spacing=px(8))
        right = in_column((self.page, 1), self.progress, controls, self.note, spacing=px(6))
        in_row(self.list, (right, 1), inside=self, margins=(px(10), px(10), px(14), px(10)), spacing=px(18))

    # What is chosen

    @property
    def chosen(self) -> Experiment:
        """The experiment that is shown."""
        return list(EXPERIMENTS.values())[max(0, self.list.currentRow())]

    @property
    def names(self) -> list[str]:
        """What each experiment is called on the command line."""
        return list(EXPERIMENTS)

    def choose(self, name: str) -> None:
        """Show an experiment; raises ValueError for an unknown name."""
        self.list.setCurrentRow(list(EXPERIMENTS).index(name))

    def run_chosen(self) -> None:
        """Run the next seeds of the chosen experiment; one experiment runs at a time."""
        if not self.runner.running:
            seeds = self.seeds.number()
            if refusal := self.seeds.refusal:
                self.message.emit(refusal)
                return
            self._last_words = ""
            self.status.setToolTip("")
            self.runner.begin(self.chosen, seeds)

    # Showing

    def show_news(self) -> None:
        """Say whether the training continues beside an experiment; nothing else depends on it."""
        self._update_note()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._share_width()

    def _share_width(self) -> None:
        roomy = self.width() >= self.tools.appearance.px(_ROOMY)
        self.list.setFixedWidth(self.px(_LIST if roomy else _NARROW_LIST))

    def restyle(self) -> None:
        self.seeds.setFixedWidth(self.px(110))
        self.progress.setFixedHeight(self.px(8))
        self._share_width()
        self.list.doItemsLayout()

    def refresh(self) -> None:
        experiment, runner = self.chosen, self.runner
        now = None
        if runner.experiment is experiment and runner.progress is not None:
            now = runner.progress.job, runner.progress.sequences
        self.page.show_experiment(experiment, runner.results(experiment), now)
        self.list.show_outcomes([self._outcome(each) for each in EXPERIMENTS.values()])
        self._update_controls()
        tell_again(self)

    def _outcome(self, experiment: Experiment) -> str:
        if self.runner.experiment is experiment:
            return "running"
        results = all_seeds(self.runner.results(experiment), [arm.name for arm in experiment.arms])
        if not results:
            return ""
        if len(experiment.arms) > 1:
            return f"{sum(result.solved for result in results)} of {len(results)} solved"
        middle = median_sequences(results)
        return "not solved" if middle is None else f"{middle:,.0f} sequences"

    def _update_controls(self) -> None:
        runner = self.runner
        count = self.seeds.value()
        with QSignalBlocker(self.seeds):
            self.seeds.setSuffix(" seed" if count == 1 else " seeds")
        self.start.setEnabled(not runner.running)
        self.start.setToolTip(
            "One experiment runs at a time" if runner.running else "Run the next seeds of this experiment (Return)"
        )
        self.cancel.setEnabled(runner.running and not runner.cancelling)
        words = self._progress_words() if runner.running else self._last_words or self._next_words(count)
        self.status.setText(words)
        self.progress.setValue(round(_WHOLE * self._share_done()))
        self._update_note()

    def _update_note(self) -> None:
        self.note.setVisible(self.runner.running and self.training.run.state is State.RUNNING)

    def _next_words(self, count: int) -> str:
        seeds = self.runner.next_seeds(self.chosen, count)
        some = f"seed {seeds[0]}" if count == 1 else f"seeds {seeds[0]} to {seeds[-1]}"
        each = f", each with {len(self.chosen.arms)} settings" if len(self.chosen.arms) > 1 else ""
        return f"Next: {some}{each}."

    def _progress_words(self) -> str:
        runner = self.runner
        job, experiment = runner.present, runner.experiment
        assert experiment is not None
        elsewhere = "" if experiment is self.chosen else f"{experiment.title}: "
        if runner.cancelling:
            return f"{elsewhere}ending …"
        if runner.run is not None and runner.run.silent:
            return f"{elsewhere}{SILENT}"
        if runner.state is State.PREPARING or job is None:
            return f"{elsewhere}preparing (loading torch takes some seconds) …"
        number, of = runner.place
        arm = f"{job.arm}, " if job.arm else ""
        parts = [f"{elsewhere}{arm}seed {job.seed} (run {number} of {of})"]
        if runner.progress is not None:
            parts.append(f"{runner.progress.sequences:,} of at most {experiment.bound:,} sequences")
            if runner.progress.loss is not None:
                parts.append(f"loss {brief(runner.progress.loss)}")
        parts.append(f"{runner.elapsed_s:.0f} s")
        remaining = runner.remaining_s()
        if remaining is not None and remaining >= 1:
            parts.append(f"about {remaining:.0f} s left")
        return ", ".join(parts)

    def _share_done(self) -> float:
        """Return how much of the runs is done, by the sequences that earlier seeds took or else by the bound."""
        runner = self.runner
        if runner.experiment is None or runner.present is None:
            return 0.0
        number, of = runner.place
        progress, part = runner.progress, 0.0
        if progress is not None:
            earlier = median_sequences(runner.results(runner.experiment).get(progress.job.arm, ()))
            part = min(progress.sequences / (earlier or runner.experiment.bound), 0.95)
        return (number - 1 + part) / of

    # What happens

    def _on_chosen(self) -> None:
        self._last_words = ""
        self.refresh()

    def _on_ended(self, sentence: str) -> None:
        self.message.emit(sentence)
        self._on_changed()

    def _on_failed(self, sentence: str, trace: str) -> None:
        self._last_words = sentence
        self.status.setToolTip(trace)
        self.message.emit(sentence)
        self._on_changed()

    def end(self) -> None:
        self.runner.close()
