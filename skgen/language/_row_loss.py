"""The loss of rows under a language model."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from torch import Tensor

from skgen.language._decoding import GrammarTensors
from skgen.language._row_tokens import EncodedRows, TokenBatch


class RowLoss:
    """Mean negative log-likelihood of rows, given their positions, int (n_rows,).

    With `permuted`, the columns of each row are in a random order, and the tokens'
    positions are those in the row; otherwise all rows are put together at once.
    """

    def __init__(
        self,
        network: Any,
        grammar: GrammarTensors,
        rows: EncodedRows,
        *,
        permuted: bool,
        pretrained: bool,
    ) -> None:
        self._network = network
        self._grammar = grammar
        self._rows = rows
        self._pretrained = pretrained
        self._by_slot = not (permuted or pretrained)
        self._batch: TokenBatch | None = None
        if not permuted:
            self._batch = rows.assemble(np.arange(len(rows)))
            self._lengths = self._batch.lengths()

    def __call__(self, rows: Tensor) -> Tensor:
        """Return the loss of rows, of shape ()."""
        network, pretrained = self._network, self._pretrained
        arrays = self._assemble(rows.cpu().numpy())
        tokens, slots, edges = (torch.from_numpy(a).to(rows.device) for a in arrays)
        inputs = tokens[:, :-1]
        # A pretrained model may do more than multiply by its weights.
        body = network if pretrained else network.transformer
        out = body(
            input_ids=inputs,
            position_ids=slots[:, :-1] if self._by_slot else None,
            attention_mask=torch.ones_like(inputs),
            use_cache=False,
        )
        free = edges[:, 1:] >= 0
        features = out.logits if pretrained else out.last_hidden_state
        found = self._grammar.log_prob(
            features[free].float(),
            edges[:, 1:][free],
            None if pretrained else network.lm_head.weight,
        )
        return -found.sum() / len(rows)

    def _assemble(self, rows: np.ndarray) -> TokenBatch:
        if self._batch is not None:
            return self._batch.take(rows, int(self._lengths[rows].max()))
        n_columns = self._rows.n_columns
        orders = torch.rand(len(rows), n_columns).argsort(dim=1).tolist()
        return self._rows.assemble(rows, orders)
