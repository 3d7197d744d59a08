"""Watch a training by Lightning: a callback calls the watcher once a training step.

Run `python with_lightning.py`, and open sine.lstmrec in LSTM Visualizer meanwhile: it follows.
"""

import sys
from typing import Any

import lightning
import torch
from lstm_visualizer import watch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

STEPS = int(sys.argv[1]) if len(sys.argv) > 1 else 2000


class Forecast(lightning.LightningModule):
    """Says the next value of a sine of any frequency."""

    def __init__(self) -> None:
        super().__init__()
        self.gru = nn.GRU(1, 16, batch_first=True)
        self.readout = nn.Linear(16, 1)

    def training_step(self, batch: tuple[torch.Tensor, torch.Tensor], number: int) -> torch.Tensor:
        x, target = batch
        return nn.functional.mse_loss(self.readout(self.gru(x)[0]), target)

    def configure_optimizers(self) -> torch.optim.Optimizer:
        return torch.optim.Adam(self.parameters(), 0.005)


class Watch(lightning.Callback):
    """Watches a layer: tells the watcher each step's loss while the step's gradients are still there."""

    def __init__(self, layer: nn.Module, probe: torch.Tensor, record: str, steps: int) -> None:
        self.watcher = watch(layer, probe, record, goal=steps)

    def on_train_batch_end(self, trainer: Any, module: Any, outputs: Any, batch: Any, number: int) -> None:
        self.watcher.step(outputs["loss"])

    def on_train_end(self, trainer: Any, module: Any) -> None:
        self.watcher.close()


lightning.seed_everything(1, verbose=False)
phases, speeds = torch.rand(256, 1) * 6.3, 0.1 + 0.3 * torch.rand(256, 1)
waves = torch.sin(phases + speeds * torch.arange(41))[:, :, None]  # (256, 41, 1)
examples = TensorDataset(waves[:, :-1], waves[:, 1:])

model = Forecast()
callback = Watch(model.gru, waves[:1, :-1], "sine.lstmrec", STEPS)
trainer = lightning.Trainer(
    max_steps=STEPS,
    max_epochs=-1,
    accelerator="cpu",
    callbacks=[callback],
    logger=False,
    enable_checkpointing=False,
    enable_progress_bar=False,
    enable_model_summary=False,
)
trainer.fit(model, DataLoader(examples, batch_size=32, shuffle=True))
print(f"Recorded in {callback.watcher.path}")
