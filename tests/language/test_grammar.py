"""What tokens may follow each other."""

import itertools

import numpy as np
import pandas as pd
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from skgen.language._decoding import GrammarTensors, draw_edges
from skgen.language._grammar import EXIT, GrammarBuilder
from skgen.language._numbers import Grid, NumberLanguage, make_grid
from skgen.language._row_tokens import RowTokens
from skgen.language._tokenizers import FittedTokenizer, Tokenizer
from skgen.language.tokens import RowText
from skgen.table import TableSchema


class CharacterTokenizer(Tokenizer):
    """Every character is a token, as if by a pretrained model without words."""

    def __init__(self):
        self._tokens = {}

    @property
    def n_tokens(self):
        return len(self._tokens)

    def special(self, token):
        return self._tokens.setdefault(token, len(self._tokens))

    def name(self, title):
        return [self.special("<COL>"), *self.spell(title)]

    def opener(self, title, kind):
        return self.special(kind)

    def word(self, key, text):
        return None

    def spell(self, text):
        return [self.special(character) for character in text]

    force = special
    character = special


TOKENIZERS = {
    "merged": lambda: FittedTokenizer(merged=True),
    "named": lambda: FittedTokenizer(merged=False),
    "spelled": CharacterTokenizer,
}


def make_tokens(X, tokenizer, precision=None, labels=None):
    text = RowText(TableSchema().fit(X), X, labels)
    return RowTokens(text, X, TOKENIZERS[tokenizer](), precision=precision)


def written(tokens, column):
    """Return every text that a column's grammar can write, by exhaustion."""
    grammar, texts = tokens.grammar, []

    def follow(node, text, used):
        if node == EXIT:
            texts.append(text)
            return
        for edge in range(grammar.starts[node], grammar.starts[node + 1]):
            budgets = [b for b in grammar.budgets[edge].tolist() if b >= 0]
            if all(used.count(b) < grammar.sizes[b] for b in budgets):
                follow(
                    grammar.targets[edge], text + grammar.emits[edge], used + budgets
                )

    follow(tokens.columns[column].entry, "", [])
    return texts


@settings(deadline=None, max_examples=150)
@given(
    st.integers(0, 3),
    st.integers(-400, 400),
    st.integers(1, 500),
    st.lists(st.sampled_from(["1000", "0.0005", "-7", "1e-30"]), unique=True),
)
def test_a_language_of_numbers_is_exactly_the_grid(decimals, first, size, others):
    grid = Grid(decimals, first, first + size)
    language = NumberLanguage(grid, others)
    found = []
    waiting = [(language.start, "")]
    while waiting:
        state, text = waiting.pop()
        if language.accepts(state):
            found.append(text)
        following = language.characters(state)
        assert following or language.accepts(state), "a dead end"
        waiting += [(language.step(state, c), text + c) for c in following]
    wanted = {grid.text(m) for m in range(first, first + size + 1)} | set(others)
    assert sorted(found) == sorted(wanted)
    assert all(float(grid.text(m)) == m / 10**decimals for m in (first, first + size))


@pytest.mark.parametrize("tokenizer", TOKENIZERS)
@pytest.mark.parametrize("numbers", ["whole", "negative", "decimals", "masses"])
def test_a_grammar_of_numbers_writes_each_of_the_range(tokenizer, numbers):
    rng = np.random.RandomState(0)
    values = {
        "whole": rng.randint(7, 1234, 300),
        "negative": -rng.randint(1, 300, 300),
        "decimals": rng.normal(scale=3, size=300).round(2),
        "masses": np.where(rng.rand(300) < 0.5, 0.0, (5 + rng.rand(300)).round(2)),
    }[numbers]
    X = pd.DataFrame({"a": values})
    texts = written(make_tokens(X, tokenizer), 0)
    found = {
        float(t.removeprefix("<COL>a<NUM>").removesuffix("<ENDCOL>")) for t in texts
    }
    unit = 1 if values.dtype.kind == "i" else 0.01
    active = values[values != 0] if numbers == "masses" else values
    low, high = (round(b / unit) for b in (active.min(), active.max()))
    wanted = {round(m * unit, 2) for m in range(low, high + 1)}
    if numbers == "masses":
        wanted.add(0.0)
    assert found == wanted


@pytest.mark.parametrize("tokenizer", TOKENIZERS)
def test_a_grammar_of_categories_writes_those_seen(tokenizer):
    values = ["a", "ab", "abc", "", "b", "<", "é 漢", None]
    X = pd.DataFrame({"a": values * 3})
    texts = written(make_tokens(X, tokenizer), 0)
    wanted = [f"<COL>a<CAT>{v}<ENDCOL>" for v in values[:-1]] + ["<COL>a<ENDCOL>"]
    assert sorted(texts) == sorted(wanted)


@pytest.mark.parametrize("most", [0, 2, 100])
@pytest.mark.parametrize("tokenizer", TOKENIZERS)
def test_a_grammar_of_lists(tokenizer, most, monkeypatch):
    monkeypatch.setattr("skgen.language._column_tokens.MAX_WORDS", most)
    members = ["a", "ab", "abc", "c"]
    lists = [
        "^".join(chosen)
        for n in (1, 2)
        for chosen in itertools.permutations(members, n)
    ]
    X = pd.DataFrame({"a": ["", *lists]})
    assert TableSchema().fit(X).fields_[0].kind == "list"
    texts = written(make_tokens(X, tokenizer), 0)
    assert sorted(texts) == sorted(f"<COL>a<LIST>{v}<ENDCOL>" for v in ["", *lists])


@pytest.mark.parametrize("tokenizer", TOKENIZERS)
def test_a_list_may_repeat_a_member_if_one_did(tokenizer):
    X = pd.DataFrame({"a": ["a^b", "b^a", "a^a", "b", "a", "b^b"]})
    texts = written(make_tokens(X, tokenizer), 0)
    wanted = ["a", "b", "a^a", "a^b", "b^a", "b^b"]
    assert sorted(texts) == sorted(f"<COL>a<LIST>{v}<ENDCOL>" for v in wanted)


def test_lists_with_empty_members_are_kept_whole():
    lists = ["a^b", "^a", "b^^a", "a^c", "b", "c^b", "c", ""]
    X = pd.DataFrame({"a": lists * 2})
    assert TableSchema().fit(X).fields_[0].kind == "list"
    texts = written(make_tokens(X, "merged"), 0)
    assert sorted(texts) == sorted(f"<COL>a<LIST>{v}<ENDCOL>" for v in lists)


def test_numbers_of_all_sizes_are_those_seen():
    values = [1e-300, 1e-5, 2.5, 1e17, 3e200, -1e300]
    X = pd.DataFrame({"a": values})
    texts = written(make_tokens(X, "merged", precision=3), 0)
    found = [t.removeprefix("<COL>a<NUM>").removesuffix("<ENDCOL>") for t in texts]
    assert sorted(map(float, found)) == sorted(values)


def test_precision_keeps_digits_of_the_interquartile_range():
    values = 1000 + np.linspace(0, 1, 101)
    grid = make_grid(values, 1000, 1001, decimals=None, precision=3)
    # Half of the numbers lie in an interval of 0.5: its first digit is the first
    # decimal.
    assert grid == Grid(3, 1_000_000, 1_001_000)
    assert make_grid(values, 1000, 1001, decimals=2, precision=None).decimals == 2
    assert make_grid(values * 1e15, 1e18, 1.001e18, decimals=0, precision=3) is None


@pytest.mark.parametrize("tokenizer", TOKENIZERS)
@pytest.mark.parametrize("precision", [2, None])
def test_tokens_lead_through_the_grammar_and_back_to_the_text(tokenizer, precision):
    rng = np.random.RandomState(0)
    n = 300
    X = pd.DataFrame(
        {
            "a": rng.normal(size=n),
            "b": np.where(rng.rand(n) < 0.3, np.nan, rng.lognormal(size=n).round(3)),
            "c": rng.choice(["x", "xy", "", None], n),
            "d": ["^".join(rng.permutation(list("abcde"))[: i % 4]) for i in range(n)],
            "e": rng.randint(-20, 4000, n),
        }
    )
    tokens = make_tokens(X, tokenizer, precision, np.array(["no", "yes"]))
    labels = rng.randint(0, 2, n)
    batch = tokens.encode(X, labels).assemble(np.arange(n))
    grammar, of_columns = tokens.grammar, tokens.text.values(X)
    edges = np.full((n, tokens.longest), -1)
    for row in range(n):
        at, width = len(tokens.prompts[labels[row]]), 0
        for column, values in zip(tokens.columns, of_columns, strict=True):
            path = grammar.walk(column.entry, column.encode(values[row]))
            assert batch.tokens[row, at : at + len(path)].tolist() == (
                grammar.tokens[path].tolist()
            )
            free = batch.edges[row, at : at + len(path)]
            assert set(free.tolist()) <= {-1, *path}
            edges[row, width : width + len(path)] = path
            at, width = at + len(path), width + len(path)
        assert at <= tokens.longest
    frame, again = tokens.text.read(tokens.write(edges, labels))
    assert (again == labels).all()
    pd.testing.assert_frame_equal(frame[["c", "d", "e"]], X[["c", "d", "e"]])
    # The interquartile ranges begin with their units.
    close = 1e-12 if precision is None else 10.0 ** (1 - precision)
    np.testing.assert_allclose(frame["a"], X["a"], rtol=0, atol=close)
    np.testing.assert_allclose(frame["b"], X["b"], rtol=0, atol=close)


def test_unseen_values_have_no_tokens():
    X = pd.DataFrame({"a": ["a^b", "b^c", "a^c", "c^b", "a", "b", "c"]})
    tokens = make_tokens(X, "merged")
    with pytest.raises(ValueError, match="Column 'a': 'z' was not seen in fit"):
        tokens.columns[0].encode("a^z")
    with pytest.raises(ValueError, match="not admissible"):
        tokens.grammar.walk(tokens.columns[0].entry, [0])


def test_a_node_has_one_edge_of_a_token():
    builder = GrammarBuilder()
    node = builder.node()
    builder.edge(node, 3, EXIT)
    with pytest.raises(ValueError, match="Token 3"):
        builder.edge(node, 3, EXIT)


def small_grammar():
    builder = GrammarBuilder()
    first, second = builder.node(), builder.node()
    for token in (1, 2, 5):
        builder.edge(first, token, EXIT if token == 5 else second, str(token))
    once = builder.budget(1)
    builder.edge(second, 3, second, "3", [once])
    builder.edge(second, 4, EXIT, "4")
    return GrammarTensors(builder.build([first], 1), torch.device("cpu"))


def test_draws_follow_the_softmax_of_admissible_tokens():
    grammar = small_grammar()
    logits = torch.tensor([[9.0, 0.5, -1.0, 7.0, 2.0, 0.0]]).repeat(20_000, 1)
    with torch.random.fork_rng():
        torch.manual_seed(0)
        edges = grammar.choose(
            logits,
            torch.zeros(20_000, dtype=int),
            torch.zeros(20_000, 1, dtype=int),
            0.5,
        )
    shares = np.bincount(grammar.tokens[edges], minlength=6) / 20_000
    weights = np.exp(np.array([0.5, -1.0, 0.0]) / 0.5)
    np.testing.assert_allclose(shares[[1, 2, 5]], weights / weights.sum(), atol=0.015)
    assert shares[[0, 3, 4]].sum() == 0


def test_log_prob_is_that_of_a_masked_softmax():
    grammar = small_grammar()
    logits = torch.randn(5, 6, generator=torch.Generator().manual_seed(0))
    edges = torch.arange(5)
    masked = torch.full((5, 6), -torch.inf)
    for row, admissible in enumerate([[1, 2, 5]] * 3 + [[3, 4]] * 2):
        masked[row, admissible] = logits[row, admissible]
    wanted = masked.log_softmax(1)[edges, grammar.tokens]
    torch.testing.assert_close(grammar.log_prob(logits, edges), wanted)
    shuffled = torch.tensor([3, 1, 4, 0, 2])
    found = grammar.log_prob(logits[shuffled], edges[shuffled])
    torch.testing.assert_close(found, wanted[shuffled])
    # The same, from what logits are made of.
    weights = torch.randn(6, 6, generator=torch.Generator().manual_seed(1))
    features = torch.linalg.solve(weights, logits.T).T
    found = grammar.log_prob(features, edges, weights)
    torch.testing.assert_close(found, wanted, atol=1e-4, rtol=1e-4)


def test_a_spent_budget_closes_its_edges():
    grammar = small_grammar()
    logits = torch.zeros(50, 6)
    logits[:, 3] = 100.0
    used = torch.zeros(50, 1, dtype=int)
    nodes = torch.ones(50, dtype=int)
    edges = grammar.choose(logits, nodes, used, 1.0)
    assert (grammar.tokens[edges] == 3).all()
    grammar.use(used, edges)
    assert (used == 1).all()
    assert (grammar.tokens[grammar.choose(logits, nodes, used, 1.0)] == 4).all()


class CountingModel(torch.nn.Module):
    """Logits that depend on all tokens so far, which its cache has to hold."""

    def forward(
        self, input_ids, position_ids, attention_mask, past_key_values, use_cache
    ):
        cache = past_key_values or SumCache(torch.zeros(len(input_ids), dtype=int))
        cache.sums = cache.sums + input_ids.sum(dim=1)
        cache.n_seen += input_ids.shape[1]
        assert attention_mask.shape == (len(input_ids), cache.n_seen)
        logits = torch.nn.functional.one_hot(cache.sums % 3, 6) * 50.0
        # Token 1, 2 or 5, and 3 or 4: chosen by the sum, without ties.
        logits = logits[:, [0, 0, 1, 0, 1, 2]] + torch.arange(6)
        logits = logits[:, None]
        return type("Output", (), {"logits": logits, "past_key_values": cache})()


class SumCache:
    def __init__(self, sums):
        self.sums, self.n_seen = sums, 0

    def batch_select_indices(self, kept):
        self.sums = self.sums[kept]


def test_rows_that_are_done_leave_the_others_alone():
    grammar = small_grammar()
    rng = np.random.RandomState(0)
    prompts = torch.from_numpy(rng.randint(0, 6, (40, 2)))
    orders = torch.zeros(40, 3, dtype=int)

    def draw(rows):
        # Logits so far apart leave nothing to chance.
        return draw_edges(
            CountingModel(),
            grammar,
            prompts[rows],
            orders[rows],
            temperature=1e-3,
            by_slot=False,
        )

    together = draw(np.arange(40))
    assert (together >= 0).any(dim=1).all()
    ends = (grammar.targets[together.clamp(min=0)] == EXIT) & (together >= 0)
    assert (ends.sum(dim=1) == 3).all()
    lengths = (together >= 0).sum(dim=1)
    assert lengths.unique().numel() > 1
    for row in range(40):
        # A row ends when its last column does, and is not recorded after.
        assert ends[row, lengths[row] - 1]
        assert (together[row, lengths[row] :] == -1).all()
        alone = draw(np.array([row]))
        assert (alone[0] == together[row, : alone.shape[1]]).all()
