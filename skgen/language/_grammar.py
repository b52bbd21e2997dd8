"""The automaton of the tokens that may follow each other in a row."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

# The node after a column's last token.
EXIT = -1
# Maximum number of budgets of an edge.
MAX_BUDGETS = 3


@dataclass(frozen=True)
class Grammar:
    """The admissible tokens after each token.

    Nodes are joined by edges, each with a token and its node after it, `targets`: -1
    after a column's last token. Those of a node are ``starts[node]:starts[node + 1]``.
    An edge can be taken while each of its budgets (-1 is none) lasts, that is, at most
    ``sizes[budget]`` times in a row: no list names a member twice, or is longer than
    any seen. `emits` is the text of each edge, `entries` the first node of each
    column, and `slots` the position of a node's token in a row whose columns are in the
    table's order, each as long as its longest path without a loop.
    """

    starts: NDArray[np.int64]
    tokens: NDArray[np.int64]
    targets: NDArray[np.int64]
    budgets: NDArray[np.int64]
    sizes: NDArray[np.int64]
    emits: list[str]
    entries: list[int]
    slots: NDArray[np.int64]

    @property
    def n_slots(self) -> int:
        """Number of slots."""
        return int(self.slots.max()) + 1

    def walk(self, entry: int, tokens: Sequence[int]) -> list[int]:
        """Return the edges of some tokens from a column's first node to its exit."""
        node, edges = entry, []
        for token in tokens:
            edge = self._numbers.get((node, token))
            if edge is None:
                raise ValueError(f"Token {token} is not admissible at node {node}.")
            edges.append(edge)
            node = int(self.targets[edge])
        if node != EXIT:
            raise ValueError(f"The tokens end at node {node}, before the column does.")
        return edges

    @cached_property
    def _numbers(self) -> dict[tuple[int, int], int]:
        nodes = self.source(np.arange(len(self.tokens))).tolist()
        pairs = zip(nodes, self.tokens.tolist(), strict=True)
        return {pair: edge for edge, pair in enumerate(pairs)}

    def n_choices(self, nodes: NDArray) -> NDArray[np.int64]:
        """Return the number of tokens that may follow at some nodes."""
        return self.starts[nodes + 1] - self.starts[nodes]

    def source(self, edges: NDArray) -> NDArray[np.int64]:
        """Return the nodes that edges start from."""
        return np.searchsorted(self.starts, edges, side="right") - 1


class GrammarBuilder:
    """Collect nodes and edges."""

    def __init__(self) -> None:
        self._edges: list[dict[int, tuple[int, str, tuple[int, ...]]]] = []
        self._sizes: list[int] = []

    def node(self) -> int:
        """Add a node."""
        self._edges.append({})
        return len(self._edges) - 1

    def budget(self, size: int) -> int:
        """Add a budget that can be used `size` times in a row."""
        self._sizes.append(size)
        return len(self._sizes) - 1

    def widen(self, budget: int) -> None:
        """Let a budget be used once more."""
        self._sizes[budget] += 1

    def edge(
        self,
        source: int,
        token: int,
        target: int,
        emit: str = "",
        budgets: Iterable[int] = (),
    ) -> None:
        """Add an edge; a node has at most one of each token."""
        if token in self._edges[source]:
            raise ValueError(f"Token {token} would lead from a node to two others.")
        self._edges[source][token] = (target, emit, tuple(budgets))

    def target(self, source: int, token: int) -> int | None:
        """Return where a token leads from a node, None if nowhere yet."""
        found = self._edges[source].get(token)
        return None if found is None else found[0]

    def edge_budgets(self, source: int, token: int) -> tuple[int, ...]:
        """Return the budgets of an edge."""
        return self._edges[source][token][2]

    def chain(self, source: int, tokens: Iterable[int], emit: str = "") -> int:
        """Add edges of some tokens one after another; return the last node."""
        for token in tokens:
            after = self.node()
            self.edge(source, token, after, emit)
            source, emit = after, ""
        return source

    def copy_edges(self, source: int, target: int) -> None:
        """Let a node have the edges of another too."""
        self._edges[target].update(self._edges[source])

    def build(self, entries: list[int], first_slot: int) -> Grammar:
        """Return the automaton, given the first nodes of columns and the first slot."""
        counts = [len(edges) for edges in self._edges]
        flat = [
            (token, *rest) for edges in self._edges for token, rest in edges.items()
        ]
        budgets = np.full((len(flat), MAX_BUDGETS), -1)
        for i, edge in enumerate(flat):
            budgets[i, : len(edge[3])] = edge[3]
        return Grammar(
            starts=np.concatenate([[0], np.cumsum(counts, dtype=np.int64)]),
            tokens=np.array([edge[0] for edge in flat], dtype=np.int64),
            targets=np.array([edge[1] for edge in flat], dtype=np.int64),
            budgets=budgets,
            sizes=np.array(self._sizes, dtype=np.int64),
            emits=[edge[2] for edge in flat],
            entries=entries,
            slots=self._slots(entries, first_slot),
        )

    def _slots(self, entries: list[int], first: int) -> NDArray[np.int64]:
        slots = np.full(len(self._edges), -1)
        for entry in entries:
            slots[entry] = first
            waiting = deque([entry])
            while waiting:
                node = waiting.popleft()
                for after, _, _ in self._edges[node].values():
                    if after != EXIT and slots[after] < 0:
                        slots[after] = slots[node] + 1
                        waiting.append(after)
            first = int(slots.max()) + 1
        return slots
