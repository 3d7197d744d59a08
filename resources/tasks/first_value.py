"""A task of your own: copy this file, give the copy another name, and change what you like.

The program lists every file of this folder under "Task" and shows what is wrong with it, with the line.
Change a file, open the list again, and train: the file is read again for every run.
"""

import numpy as np

from engine.tasks.base import Task


class FirstValueTask(Task):
    """Remember the first value.

    Input: random values, one at each time step. Target: the first of them, after the last time step.
    """

    # Every task must have these:
    input_size = 1  # m, the number of inputs at each time step
    output_size = 1  # the number of outputs
    every_step = False  # True: the network predicts at every time step, False: only after the last

    # A task may have these; the window shows them.
    title = "Remember the first value"
    input_names = ("value",)
    value_name = "first value"
    criterion = "root mean squared error below 0.05"
    goal = "measure below 0.05 for 100 steps"  # the same for the program: loss or measure, below or above, how long
    # answers = "symbols"  # for one-hot targets: the loss is then the cross-entropy, not the squared error

    def examples(self, rng, count):
        """Draw `count` examples at random, using only the generator `rng`.

        Return x of shape (T, count, input_size), and the target of shape (count, output_size), or of shape
        (T, count, output_size) if the network predicts at every time step; both float32.
        """
        T = self.config.sequence_length  # self.config has every training setting
        x = rng.uniform(-1, 1, (T, count, self.input_size))
        target = x[0]
        return x.astype(np.float32), target.astype(np.float32)

    # You may also define __init__(self, config), probe(self) for the sequence that the heatmaps show, and
    # batch_loss_and_measure(self, output, target), which returns two torch tensors of one number each.
