"""A task of your own: copy this file, give it another name, and change what you like.

The program lists every file of this folder in its box "Task" and shows what is wrong with it, with the line.
Change a file, open the box again, and train: the file is read anew for every run.
"""

import numpy as np

from engine.tasks.base import Task


class FirstValueTask(Task):
    """Remember the first value.

    Random values go in, one a time step; after the last the network answers with the first of them.
    """

    # What every task has to say:
    input_size = 1  # m, numbers that go in at each time step
    output_size = 1  # numbers that come out
    every_step = False  # True: it answers at each time step, False: after the last

    # What a task may say; these words stand in the window.
    title = "Remember the first value"
    input_names = ("value",)
    value_name = "first value"
    criterion = "root mean squared error below 0.05"
    # answers = "symbols"  # for one-hot targets: learnt by cross-entropy instead of by squared error

    def examples(self, rng, count):
        """Draw `count` examples with the random generator `rng`, and with nothing else.

        Return x of shape (T, count, input_size) and the target of shape (count, output_size), or of shape
        (T, count, output_size) where the network answers at every step; both float32.
        """
        T = self.config.sequence_length  # every training setting is in self.config
        x = rng.uniform(-1, 1, (T, count, self.input_size))
        target = x[0]
        return x.astype(np.float32), target.astype(np.float32)

    # Also possible, all with a default: __init__(self, config), probe(self) for the sequence that the heatmaps show,
    # and batch_loss_and_measure(self, output, target), which returns two torch tensors, each a single number.
