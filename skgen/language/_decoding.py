"""Draw tokens from a language model, only such as a grammar admits."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

from skgen.language._grammar import EXIT, Grammar

# Finished rows leave the batch when they are this share of it.
DONE_SHARE = 0.25


class GrammarTensors:
    """A grammar on a device."""

    def __init__(self, grammar: Grammar, device: torch.device) -> None:
        self.starts = torch.from_numpy(grammar.starts).to(device)
        self.tokens = torch.from_numpy(grammar.tokens).to(device)
        self.targets = torch.from_numpy(grammar.targets).to(device)
        self.budgets = torch.from_numpy(grammar.budgets).to(device)
        self.sizes = torch.from_numpy(grammar.sizes).to(device)
        self.entries = torch.tensor(grammar.entries, device=device)
        self.slots = torch.from_numpy(grammar.slots).to(device)

    def _admissible(self, nodes: Tensor) -> tuple[Tensor, Tensor]:
        """Return the edges of each node, budgets aside, and whose they are."""
        first = self.starts[nodes]
        counts = self.starts[nodes + 1] - first
        rows = torch.arange(len(nodes), device=nodes.device)
        rows = torch.repeat_interleave(rows, counts)
        before = torch.cumsum(counts, 0) - counts
        edges = torch.arange(len(rows), device=nodes.device)
        return rows, edges + (first - before)[rows]

    def log_prob(
        self, features: Tensor, edges: Tensor, weights: Tensor | None = None
    ) -> Tensor:
        """Return the log-probability of edges among those of the same node.

        `features`, of shape (n_edges, n_features), are the logits; or, with `weights`
        of shape (n_tokens, n_features), the input of the output layer. Only the logits
        of admissible tokens are then computed: a table has thousands of tokens, a
        column has dozens.
        """
        nodes = torch.searchsorted(self.starts, edges, right=True) - 1
        order = torch.argsort(nodes, stable=True)
        found, counts = torch.unique_consecutive(nodes[order], return_counts=True)
        tokens = self.tokens[self._admissible(found)[1]]
        sizes = (self.starts[found + 1] - self.starts[found]).tolist()
        places = (edges - self.starts[nodes])[order][:, None]
        parts = []
        # One part for each node, each with its own tokens.
        for part, listed, weight, place in zip(
            features[order].split(counts.tolist()),
            tokens.split(sizes),
            [None] * len(sizes) if weights is None else weights[tokens].split(sizes),
            places.split(counts.tolist()),
            strict=True,
        ):
            scores = part[:, listed] if weight is None else part @ weight.T
            parts.append(scores.log_softmax(dim=1).gather(1, place)[:, 0])
        # Back to the order of the edges.
        return torch.cat(parts)[torch.argsort(order)]

    def choose(
        self, logits: Tensor, nodes: Tensor, used: Tensor, temperature: float
    ) -> Tensor:
        """Draw an edge of each node, by the softmax over those that are admissible.

        `used`, int of shape (n_rows, n_budgets), is how often each row has used each
        budget.
        """
        rows, edges = self._admissible(nodes)
        if used.shape[1]:
            budgets = self.budgets[edges]
            listed = budgets.clamp(min=0)
            lasts = used[rows[:, None], listed] < self.sizes[listed]
            kept = (lasts | (budgets < 0)).all(dim=1)
            rows, edges = rows[kept], edges[kept]
        scores = logits[rows, self.tokens[edges]] / temperature
        # The greatest of scores with Gumbel noise is a draw by their softmax.
        scores = scores - torch.empty_like(scores).exponential_().log()
        best = torch.full_like(logits[:, 0], -torch.inf)
        best = best.scatter_reduce(0, rows, scores, "amax")
        winners = scores == best[rows]
        # Finished rows may have no admissible edge left: any is taken.
        chosen = self.starts[nodes]
        chosen[rows[winners]] = edges[winners]
        return chosen

    def use(self, used: Tensor, edges: Tensor) -> None:
        """Count the budgets that edges use up."""
        if not used.shape[1]:
            return
        rows, places = torch.nonzero(self.budgets[edges] >= 0, as_tuple=True)
        spent = self.budgets[edges][rows, places]
        used.index_put_((rows, spent), torch.ones_like(spent), accumulate=True)


def draw_edges(
    model: nn.Module,
    grammar: GrammarTensors,
    prompt: Tensor,
    orders: Tensor,
    *,
    temperature: float,
    by_slot: bool,
) -> Tensor:
    """Draw rows token by token.

    All rows advance by one token at a time; keys and values of the tokens before are
    kept. `prompt`, int of shape (n_rows, n_prompt), begins each row; `orders`, int of
    shape (n_rows, n_columns), is the order of its columns. With `by_slot` a token's
    position is its slot, otherwise its position in the row. Returns the edges of the
    grammar, int of shape (n_rows, n_steps), -1 after a row's last.
    """
    n_rows, n_columns = orders.shape
    device = prompt.device
    drawn = torch.arange(n_rows, device=device)
    place = torch.zeros_like(drawn)
    nodes = grammar.entries[orders[:, 0]]
    used = torch.zeros(n_rows, len(grammar.sizes), dtype=torch.long, device=device)
    steps: list[Tensor] = []
    fed = prompt
    positions = torch.arange(prompt.shape[1], device=device).expand(n_rows, -1)
    cache: Any = None
    n_seen = 0
    while True:
        n_seen += fed.shape[1]
        seen = torch.ones(len(fed), n_seen, dtype=torch.long, device=device)
        out = model(
            input_ids=fed,
            position_ids=positions if by_slot else None,
            attention_mask=seen,
            past_key_values=cache,
            use_cache=True,
        )
        cache = out.past_key_values
        edges = grammar.choose(out.logits[:, -1].float(), nodes, used, temperature)
        grammar.use(used, edges)
        # A finished row goes on, unrecorded, until enough of them can leave.
        live = place < n_columns
        step = torch.full((n_rows,), -1, dtype=torch.long, device=device)
        step[drawn[live]] = edges[live]
        steps.append(step)
        after = grammar.targets[edges]
        place = place + (after == EXIT)
        live = place < n_columns
        n_live = int(live.sum())
        if not n_live:
            return torch.stack(steps, dim=1)
        fed = grammar.tokens[edges][:, None]
        positions = grammar.slots[nodes][:, None]
        column = orders.gather(1, (place % n_columns)[:, None])[:, 0]
        nodes = torch.where(after == EXIT, grammar.entries[column], after)
        if n_live <= (1 - DONE_SHARE) * len(live):
            kept = torch.nonzero(live)[:, 0]
            cache.batch_select_indices(kept)
            drawn, place, nodes, used = (
                drawn[kept],
                place[kept],
                nodes[kept],
                used[kept],
            )
            fed, positions, orders = fed[kept], positions[kept], orders[kept]
