"""Networks of sequences, sets and graphs, and a variational autoencoder."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812  # the field's name for it


class Vae(nn.Module):
    """A variational autoencoder (Kingma and Welling 2013); the noise comes in."""

    def __init__(self, pixels: int = 144, hidden: int = 64, latent: int = 8) -> None:
        super().__init__()
        self.encoder = nn.Sequential(nn.Linear(pixels, hidden), nn.SiLU())
        self.mean = nn.Linear(hidden, latent)
        self.log_variance = nn.Linear(hidden, latent)
        self.decoder = nn.Sequential(
            nn.Linear(latent, hidden), nn.SiLU(), nn.Linear(hidden, pixels), nn.Sigmoid()
        )

    def forward(self, x: Tensor, noise: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Pictures (N, pixels) and noise (N, latent) to reconstruction, mean and log variance."""
        hidden = self.encoder(x)
        mean, log_variance = self.mean(hidden), self.log_variance(hidden)
        return self.decoder(mean + noise * (0.5 * log_variance).exp()), mean, log_variance


class GruClassifier(nn.Module):
    """Two GRU layers (Cho et al. 2014) over token ids (N, T); the last state decides."""

    def __init__(self) -> None:
        super().__init__()
        self.embedding = nn.Embedding(30, 12)
        self.gru = nn.GRU(12, 16, num_layers=2, batch_first=True)
        self.head = nn.Linear(16, 4)

    def forward(self, tokens: Tensor) -> Tensor:
        outputs, _ = self.gru(self.embedding(tokens))
        return self.head(outputs[:, -1])  # type: ignore[no-any-return]


class LstmClassifier(nn.Module):
    """An LSTM (Hochreiter and Schmidhuber 1997) both ways, and the mean over time (N, T, 6)."""

    def __init__(self) -> None:
        super().__init__()
        self.lstm = nn.LSTM(6, 16, batch_first=True, bidirectional=True)
        self.head = nn.Linear(32, 4)

    def forward(self, x: Tensor) -> Tensor:
        outputs, (last, _) = self.lstm(x)
        return self.head(outputs.mean(1)) + self.head(last.transpose(0, 1).flatten(1))  # type: ignore[no-any-return]


class DecoderStep(nn.Module):
    """One step of a translator with additive attention (Bahdanau et al. 2014)."""

    def __init__(self, count: int = 20, width: int = 16) -> None:
        super().__init__()
        self.embedding = nn.Embedding(count, width)
        self.query = nn.Linear(width, width)
        self.key = nn.Linear(width, width)
        self.score = nn.Linear(width, 1)
        self.cell = nn.GRUCell(2 * width, width)
        self.gru = nn.GRU(width, width)
        self.head = nn.Linear(width, count)

    def forward(self, token: Tensor, state: Tensor, memory: Tensor) -> tuple[Tensor, Tensor]:
        """Token (N,), state (N, width), memory (N, T, width) to log-odds and the next state."""
        energy = self.score(torch.tanh(self.query(state)[:, None] + self.key(memory)))
        weights = F.softmax(energy.squeeze(-1), -1)
        context = torch.einsum("nt,ntw->nw", weights, memory)
        state = self.cell(torch.cat([self.embedding(token), context], 1), state)
        seen, _ = self.gru(state[None], state[None])
        return F.log_softmax(self.head(seen[0]), -1), state


class TransformerEncoder(nn.Module):
    """Two encoder layers (Vaswani et al. 2017) over token ids (N, T), with learnt positions."""

    def __init__(self, width: int = 32) -> None:
        super().__init__()
        self.embedding = nn.Embedding(40, width)
        self.positions = nn.Parameter(torch.randn(1, 10, width))
        layer = nn.TransformerEncoderLayer(
            width, 4, 64, activation="gelu", batch_first=True, norm_first=True
        )
        self.layers = nn.TransformerEncoder(layer, 2, enable_nested_tensor=False)
        self.head = nn.Linear(width, 5)

    def forward(self, tokens: Tensor) -> Tensor:
        x = self.layers(self.embedding(tokens) + self.positions)
        return self.head(x.mean(1))  # type: ignore[no-any-return]


class DecoderBlock(nn.Module):
    """A causal block that also looks at a memory, of which a mask hides places."""

    def __init__(self, width: int = 32) -> None:
        super().__init__()
        self.block = nn.TransformerDecoderLayer(width, 4, 64, batch_first=True)

    def forward(self, x: Tensor, memory: Tensor, hidden: Tensor) -> Tensor:
        """Streams x (N, T, width), memory (N, S, width), hidden (N, S) true where not to look."""
        causal = torch.ones(x.shape[1], x.shape[1], dtype=torch.bool).triu(1)
        return self.block(x, memory, tgt_mask=causal, memory_key_padding_mask=hidden)  # type: ignore[no-any-return]


class GraphLayer(nn.Module):
    """A graph attention layer (Velickovic et al. 2017) over a list of edges, with one head."""

    def __init__(self) -> None:
        super().__init__()
        self.project = nn.Linear(7, 12, bias=False)
        self.source = nn.Linear(12, 1, bias=False)
        self.target = nn.Linear(12, 1)

    def forward(self, nodes: Tensor, edges: Tensor) -> Tensor:
        """Nodes (V, 7) and edges (2, E), int64, to nodes (V, 12)."""
        x = self.project(nodes)
        source, target = edges[0], edges[1]
        logits = F.leaky_relu(self.source(x)[source] + self.target(x)[target], 0.2).squeeze(-1)
        weights = (logits - logits.max()).exp()
        total = x.new_zeros(nodes.shape[0]).index_add(0, target, weights)
        messages = x[source] * (weights / total[target])[:, None]
        return F.elu(torch.zeros_like(x).index_add(0, target, messages))
