"""Watch a training loop of your own: a network that adds two marked numbers, in plain torch.

Run `python plain_torch.py`, and open adding.lstmrec in LSTM Visualizer meanwhile: it follows.
"""

import sys

import torch
from lstm_visualizer import watch
from torch import nn

STEPS = int(sys.argv[1]) if len(sys.argv) > 1 else 3000
T, B = 50, 32


class Adder(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.lstm = nn.LSTM(2, 16)
        self.readout = nn.Linear(16, 1)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        h, _ = self.lstm(x)  # (T, B, 16)
        return self.readout(h[-1])


def batch() -> tuple[torch.Tensor, torch.Tensor]:
    """Return x (T, B, 2): numbers and two marks; and the sum of the marked numbers, (B, 1)."""
    x = torch.rand(T, B, 2)
    x[:, :, 1] = 0
    for half in (range(T // 2), range(T // 2, T)):
        x[torch.randint(half.start, half.stop, (B,)), torch.arange(B), 1] = 1
    return x, (x[:, :, 0] * x[:, :, 1]).sum(0)[:, None]


torch.manual_seed(1)
model = Adder()
optimizer = torch.optim.Adam(model.parameters(), 0.01)
probe, _ = batch()

watcher = watch(model.lstm, probe, "adding.lstmrec", goal=STEPS)
for _ in range(STEPS):
    x, target = batch()
    answer = model(x)
    loss = nn.functional.mse_loss(answer, target)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    near = ((answer - target).abs() < 0.04).float().mean()
    watcher.step(loss, {"within 0.04": near})
watcher.close()
print(f"Recorded in {watcher.path}")
