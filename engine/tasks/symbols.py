"""One-hot vectors, probabilities and cross-entropy in nats, for tasks that predict symbols."""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .base import Float32


def one_hot(symbols: NDArray[Any], size: int) -> Float32:
    """Turn symbols (…) counted from 0 into vectors (…, size); one that is below 0 becomes all zeros."""
    return np.asarray(symbols[..., np.newaxis] == np.arange(size), dtype=np.float32)


def probabilities(output: Float32) -> Float32:
    """Return softmax over the last axis, same shape."""
    powers = np.exp(output - output.max(axis=-1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=-1, keepdims=True), dtype=np.float32)


def likeliest(output: Float32) -> Float32:
    """Return the number, from 1, of the largest entry of the last axis; NaN where one of them is not finite."""
    return np.where(np.isfinite(output).all(axis=-1), output.argmax(axis=-1) + 1, np.nan).astype(np.float32)


def entropy(frequencies: ArrayLike) -> float:
    """Return -Σ p ln p of frequencies that need not sum to 1: the loss of always predicting them."""
    p = np.asarray(frequencies, dtype=np.float64)
    p = p[p > 0] / p.sum()
    return float(-np.sum(p * np.log(p)))


def cross_entropy(output: Any, target: Any) -> Any:
    """Return the mean of -ln p(right symbol) as a 0-d tensor; p is softmax over the last axis of the output.

    target: one-hot tensor of the same shape; answers whose row is all zeros do not count.
    """
    return -(target * output.log_softmax(-1)).sum() / target.sum()
