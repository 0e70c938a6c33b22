"""A network of tanh units or others, as a dict of matrices and functions on it.

Layer l takes the values before it with a column of ones beside them, so that its matrix
``w<l>`` (before + 1, units) holds the weights and, in its last row, the biases. The widths are
those of tensors, never numbers in Python: one graph serves them all.
"""

from collections.abc import Sequence

import torch
from torch import Tensor
from torch.nn import functional as F  # noqa: N812  # the field's name for it

Weights = dict[str, Tensor]

ACTIVATIONS = ("tanh", "ReLU", "sigmoid", "linear", "leaky ReLU", "SiLU")
LOSSES = ("squared error", "cross-entropy")
SQUARED, CROSS_ENTROPY = range(2)
PENALTIES = ("none", "L1", "L2")
RATES = ("0.00001", "0.0001", "0.001", "0.003", "0.01", "0.03", "0.1", "0.3", "1", "3", "10")
STRENGTHS = ("0.001", "0.003", "0.01", "0.03", "0.1", "0.3", "1", "3", "10")

OUT = "w_out"


def number(words: Sequence[str], which: Tensor) -> Tensor:
    """Return the number that a word says: () float32.

    Args:
        words: Decimal numbers.
        which: () int64 index into them.
    """
    numbers = torch.tensor([float(word) for word in words])
    return numbers.index_select(0, which.reshape(1))[0]


def names(depth: int) -> list[str]:
    """Return the matrices' names, from the first hidden layer to the output."""
    return [*(f"w{layer}" for layer in range(1, depth + 1)), OUT]


def initial(noise: Tensor, features: Tensor, units: Sequence[Tensor]) -> Weights:
    """Draw weights with deviation 1 / sqrt(values before) and biases 0 (LeCun et al. 1998).

    A weight keeps its random number when units or features beside it come and go.

    Args:
        noise: (7, 8, 8), from a bell curve; the last layer's are the output's.
        features: (k,) int64, which of the features the network is told.
        units: For each hidden layer ``torch.arange`` of its width.
    """
    weights = {}
    before = features
    for name, layer, this in zip(
        names(len(units)), [*range(len(units)), -1], [*units, torch.arange(1)], strict=True
    ):
        drawn = noise[layer].index_select(0, before).index_select(1, this)
        drawn = drawn * torch.ones_like(before, dtype=torch.float32).sum().rsqrt()
        weights[name] = torch.cat([drawn, torch.zeros_like(drawn[:1])])
        before = this
    return weights


def ones_beside(values: Tensor) -> Tensor:
    """Add a column of ones, which the biases are weights of: (N, before) to (N, before + 1)."""
    return torch.cat([values, torch.ones_like(values[:, :1])], dim=1)


def activate(x: Tensor, which: Tensor) -> Tensor:
    """Apply an activation that is chosen by number, so that one graph holds them all.

    Each is a gate times 1 or times x, and a gate is swing * tanh(steepness * x) plus one level
    above zero and another below: sigmoid x is 1/2 + 1/2 tanh(x/2), and SiLU x is x sigmoid x.

    Args:
        x: Of any shape.
        which: () int64 index into `ACTIVATIONS`.
    """
    gates = torch.tensor(
        [  # swing, steepness, above, below, times x
            [1.0, 1.0, 0.0, 0.0, 0.0],
            [0.0, 0.0, 1.0, 0.0, 1.0],
            [0.5, 0.5, 0.5, 0.5, 0.0],
            [0.0, 0.0, 1.0, 1.0, 1.0],
            [0.0, 0.0, 1.0, 0.01, 1.0],
            [0.5, 0.5, 0.5, 0.5, 1.0],
        ]
    )
    swing, steepness, above, below, times_x = gates.index_select(0, which.reshape(1))[0].unbind()
    gate = swing * torch.tanh(steepness * x) + torch.where(x > 0, above, below)
    return gate * torch.where(times_x > 0, x, 1.0)


def values(weights: Weights, inputs: Tensor, activation: Tensor) -> tuple[list[Tensor], Tensor]:
    """Compute each hidden layer's values [(N, units), ...] and the outputs' logits (N, 1).

    Args:
        weights: See `initial`.
        inputs: (N, k + 1), the features with ones beside them.
        activation: () int64 index into `ACTIVATIONS`.
    """
    hidden = []
    ones = inputs[:, -1:]
    for name, matrix in weights.items():
        if name != OUT:
            hidden.append(activate(inputs @ matrix, activation))
            inputs = torch.cat([hidden[-1], ones], dim=1)
    return hidden, inputs @ weights[OUT]


def answers(logits: Tensor, criterion: Tensor, regression: Tensor) -> Tensor:
    """Turn logits into what the network says, on the scale of the labels from -1 to 1: (N, 1).

    Under cross-entropy the logit is that of a probability p, and the answer is
    2p - 1 = tanh(logit / 2). Under squared error it is tanh(logit) for classes, and the plain
    logit, which may leave that range, for regression.

    Args:
        logits: (N, 1).
        criterion: () int64 index into `LOSSES`.
        regression: () bool.
    """
    steepness = torch.where(criterion == CROSS_ENTROPY, 0.5, 1.0)
    plain = regression & (criterion == SQUARED)
    return torch.where(plain, logits, torch.tanh(steepness * logits))


def losses(logits: Tensor, label: Tensor, criterion: Tensor, regression: Tensor) -> Tensor:
    """Compare logits with labels: (N, 1).

    Cross-entropy takes a label for a probability of (1 + label) / 2.

    Args:
        logits: (N, 1).
        label: (N, 1), from -1 to 1.
        criterion: () int64 index into `LOSSES`.
        regression: () bool.
    """
    entropy = F.softplus(logits) - (label + 1) / 2 * logits
    error = torch.where(regression, logits, torch.tanh(logits)) - label
    return torch.where(criterion == CROSS_ENTROPY, entropy, error.square())


def penalty_gradient(matrix: Tensor, penalty: Tensor, strength: Tensor) -> Tensor:
    """Return the gradient of strength * sum |w| (L1) or strength / 2 * sum w^2 (L2).

    Biases, the last row, go free.

    Args:
        matrix: (before + 1, units).
        penalty: () int64 index into `PENALTIES`.
        strength: () float32.
    """
    rows = matrix.shape[0]
    is_weight = torch.arange(rows)[:, None] < rows - 1
    strengths = torch.where(is_weight & (penalty > 0), strength, 0.0)  # (before + 1, 1)
    return strengths * torch.where(penalty == 1, matrix.sign(), matrix)
