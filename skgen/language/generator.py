"""Rows as text, written by a language model."""

from __future__ import annotations

import os
import pickle
from collections.abc import Sequence
from functools import partial
from numbers import Integral, Real
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.utils._param_validation import Interval
from sklearn.utils.validation import check_is_fitted

from skgen._containers import TableContainer
from skgen.deep.base import EarlyStoppingGenerator
from skgen.deep.optional import require
from skgen.language._row_tokens import RowTokens
from skgen.language._tokenizers import (
    FittedTokenizer,
    PretrainedTokenizer,
    Tokenizer,
)
from skgen.language.tokens import RowText
from skgen.rows import Given, Rows
from skgen.table import check_same_columns

if TYPE_CHECKING:
    import torch

# Maximum number of rows that are drawn together, and of floats that their keys and
# values take: a bound on the memory.
BATCH_ROWS = 1024
BATCH_NUMBERS = 2**25
VALIDATION_ROWS = 512
# Defaults: for random weights, and for fine-tuning on a GPU and on the CPU.
SCRATCH = {"epochs": 15, "batch_size": 64, "learning_rate": 2e-3}
FINE_TUNING = {"epochs": 3, "batch_size": 4, "learning_rate": 5e-5}
FINE_TUNING_CPU = {"epochs": 3, "batch_size": 1, "learning_rate": 3e-5}
STATE_FILE = "generator.pkl"


class TabularGPT2(EarlyStoppingGenerator):
    """Write rows as text, token by token, with a language model.

    A row is a text such as
    ``<ROW><COL>label<CAT>1<ENDCOL><COL>age<NUM>32<ENDCOL><ENDROW>``. A GPT-2 [1]_
    learns such texts, from random or pretrained weights [2]_, and writes new ones. A
    grammar of the table says which tokens may follow at each step, so that each text is
    a row, its categories and members of lists are among those seen, and its numbers in
    the range seen.

    Parameters
    ----------
    model : str, path-like or None, default=None
        The language model. None is a small GPT-2 with random weights, whose tokens are
        made for the table; nothing is downloaded. Otherwise a folder, or the id of a
        causal language model on the Hugging Face hub, such as "gpt2": the special
        tokens are added to its tokenizer, and its weights are fine-tuned.

    n_embd : int, default=64
        Number of features of a token inside the network, a multiple of `n_head`; used
        if `model` is None, as are `n_layer`, `n_head`, `n_positions` and `dropout`.

    n_layer : int, default=2
        Number of blocks of attention and feed-forward layers.

    n_head : int, default=4
        Number of heads of each attention.

    n_positions : int, default=1024
        Maximum number of tokens in a row.

    dropout : float in [0, 1), default=0.2
        Share of the outputs of each layer that are left out at random in a step.

    precision : int or None, default=4
        Digits to which numbers are learned, counted from the first digit of their
        interquartile range; further decimals are rounded off, except those of frequent
        values; whole numbers stay exact. None keeps what 15 digits can hold. The texts
        of :meth:`to_text` are always exact.

    permute_columns : bool, default=False
        Whether each row is learned and written with its columns in another random
        order. Rows of a fixed order are learned faster.

    temperature : float, default=0.8
        Divides the logits in sampling. Below 1, frequent values become more frequent;
        above 1, rare ones do. May be changed after `fit`.

    epochs : int or None, default=None
        Maximum number of passes through the rows. None is 15 if `model` is None, and 3
        for fine-tuning.

    batch_size : int or None, default=None
        Maximum number of rows in a step. None is 64 if `model` is None; for
        fine-tuning, 4 on a GPU and 1 on the CPU.

    learning_rate : float or None, default=None
        Initial learning rate of AdamW; it falls to zero by a cosine schedule. None is
        0.002 if `model` is None; for fine-tuning, 5e-5 on a GPU and 3e-5 on the CPU.

    weight_decay : float, default=0.01
        Weight decay of AdamW.

    ema_decay : float in [0, 1) or None, default=0.99
        Decay of the moving average of the weights, which replaces them if `model` is
        None. No averaging if None.

    <early stopping>

    <neural parameters>

    <parameters>

    Attributes
    ----------
    n_tokens_ : int
        Size of the vocabulary.

    longest_row_ : int
        Number of tokens of the longest row that can be written.

    <neural attributes>

    <attributes>

    Raises
    ------
    ImportError
        If torch, transformers or safetensors is not installed.

    OSError
        In `fit`, if there is no model of this name, or the hub cannot be reached.

    ValueError
        In `fit`, if a row may have more tokens than the model's context window, a name
        or a value contains a special token, or `n_embd` is no multiple of `n_head`.

    FloatingPointError
        In `fit`, if the loss becomes infinite or NaN.

    See Also
    --------
    skgen.AutoregressiveTransformer : A token for each column.

    Notes
    -----
    *Tokens.* With `model=None` the vocabulary is made for the table. A frequent value
    and the name of its column are one token; rare values (beyond 512 of a column) are
    spelled by characters, rare numbers by their leading digits and then by two digits a
    token. A pretrained model spells all by its own tokens, numbers by single digits.

    *Early stopping* is off by default. Most of the loss on held-out rows is that of the
    last digits of numbers, which cannot be predicted and are soon overfitted: it rises
    before all dependence between columns is learned.

    *Grammar.* The softmax is over the admissible tokens, so that the form of a row need
    not be learned; a token that is the only admissible one has no loss.
    Numbers are drawn in decimal steps, between the least and the greatest seen; where
    15 digits do not tell them apart (1e-30 beside 1e30), they are drawn from those
    seen. So are lists some of which have empty members.

    *Figures.* Measured on 5,000 rows of the online shoppers table (17 columns, one
    seed, defaults, one CPU core), for as many rows: TSTR is the AUC on held-out rows
    of XGBoost trained on synthetic ones (0.917 if trained on the real ones), C2ST the
    AUC of XGBoost telling held-out rows from synthetic ones (0.5 is best), copies the
    share of rows that equal a training row (0.009 of held-out rows do). `fit` took 78
    CPU seconds, and 1,000 rows were written in a second.

    ===========  =====  =====  ======
    temperature  C2ST   TSTR   copies
    ===========  =====  =====  ======
    0.8          0.753  0.899  0.046
    1.0          0.634  0.887  0.015
    ===========  =====  =====  ======

    References
    ----------
    .. [1] A. Radford et al., "Language Models are Unsupervised Multitask Learners",
       OpenAI, 2019.

    .. [2] V. Borisov et al., "Language Models are Realistic Tabular Data Generators",
       International Conference on Learning Representations, 2023.

    Examples
    --------
    >>> import numpy as np
    >>> import pandas as pd
    >>> from skgen import TabularGPT2
    >>> rng = np.random.RandomState(0)
    >>> X = pd.DataFrame({"age": rng.randint(18, 90, 300)})
    >>> X["city"] = rng.choice(["Oslo", "Rome"], 300)
    >>> y = (X["age"] > 60).astype(int)
    >>> generator = TabularGPT2(epochs=5, random_state=0).fit(X, y)
    >>> generator.sample(y=[1, 0, 1])[1].tolist()
    [1, 0, 1]
    >>> generator.to_text(X[["age", "city"]][:1], y[:1])[0]
    '<ROW><COL>label<CAT>1<ENDCOL><COL>age<NUM>62<ENDCOL><COL>city...<ENDCOL><ENDROW>'
    """

    model: str | os.PathLike | None = None
    n_embd: int = 64
    n_layer: int = 2
    n_head: int = 4
    n_positions: int = 1024
    dropout: float = 0.2
    precision: int | None = 4
    permute_columns: bool = False
    temperature: float = 0.8
    epochs: int | None = None
    batch_size: int | None = None
    learning_rate: float | None = None
    weight_decay: float = 0.01
    ema_decay: float | None = 0.99
    early_stopping: bool = False
    n_iter_no_change: int = 5

    _parameter_constraints = {
        **EarlyStoppingGenerator._parameter_constraints,
        "model": [str, os.PathLike, None],
        "n_embd": [Interval(Integral, 1, None, closed="left")],
        "n_layer": [Interval(Integral, 1, None, closed="left")],
        "n_head": [Interval(Integral, 1, None, closed="left")],
        "n_positions": [Interval(Integral, 1, None, closed="left")],
        "dropout": [Interval(Real, 0, 1, closed="left")],
        "precision": [Interval(Integral, 1, None, closed="left"), None],
        "permute_columns": ["boolean"],
        "temperature": [Interval(Real, 0, None, closed="neither")],
        "epochs": [Interval(Integral, 1, None, closed="left"), None],
        "batch_size": [Interval(Integral, 1, None, closed="left"), None],
        "learning_rate": [Interval(Real, 0, None, closed="neither"), None],
        "weight_decay": [Interval(Real, 0, None, closed="left")],
        "ema_decay": [Interval(Real, 0, 1, closed="left"), None],
    }

    def _fit(self, rows: Rows, rng: np.random.RandomState) -> None:
        """Learn the texts of rows."""
        _require_extra()
        labels = rows.labels
        if self.n_embd % self.n_head:
            raise ValueError(
                f"n_embd={self.n_embd} is no multiple of n_head={self.n_head}: choose "
                "one that is."
            )
        with self._training_context(rng) as device:
            from skgen.deep.training import make_optimizer, mean_loss
            from skgen.language._decoding import GrammarTensors
            from skgen.language._row_loss import RowLoss

            if not rows.continues:
                self._prepare(rows)
                self._network.to(device)
            network, scratch = self._network, self.model is None
            chosen = self._chosen_parameters(device)
            loss = RowLoss(
                network,
                GrammarTensors(self._tokens.grammar, device),
                self._tokens.encode(rows.frame, labels),
                permuted=self.permute_columns,
                pretrained=not scratch,
            )
            # The output layer shares its weights with the input's: averaged once.
            self._train_network(
                network.transformer if scratch else network,
                loss,
                labels,
                rng,
                optimizer=make_optimizer(
                    network.parameters(),
                    lr=chosen["learning_rate"],
                    weight_decay=self.weight_decay,
                ),
                validation_loss=partial(
                    mean_loss,
                    loss,
                    batch_size=VALIDATION_ROWS if scratch else chosen["batch_size"],
                ),
                ema_decay=self.ema_decay if scratch else None,
                epochs=chosen["epochs"],
                batch_size=chosen["batch_size"],
            )

    def _chosen_parameters(self, device: torch.device) -> dict[str, Any]:
        """Return the training parameters; None is the default of the model."""
        if self.model is None:
            defaults = SCRATCH
        else:
            defaults = FINE_TUNING_CPU if device.type == "cpu" else FINE_TUNING
        return {
            name: default if getattr(self, name) is None else getattr(self, name)
            for name, default in defaults.items()
        }

    def _prepare(self, rows: Rows) -> None:
        """Make the tokens and the network."""
        from skgen.language._models import (
            context_window,
            load_pretrained,
            make_gpt2,
            order_embeddings,
        )

        classes = self.classes_ if len(self.classes_) > 1 else None
        text = RowText(rows.schema, rows.frame, classes)
        network: Any = None
        tokenizer: Tokenizer
        if self.model is None:
            tokenizer = FittedTokenizer(merged=not self.permute_columns)
        else:
            network, pretrained = load_pretrained(self.model)
            tokenizer = PretrainedTokenizer(pretrained)
        tokens = RowTokens(text, rows.frame, tokenizer, precision=self.precision)
        # Positions that tell the columns apart; a pretrained model has its own.
        self._by_slot = self.model is None and not self.permute_columns
        special = {
            token: tokenizer.special(token) for token in ("<ROW>", "<ENDROW>", "<PAD>")
        }
        if network is None:
            tokens.check_length(self.n_positions)
            network = make_gpt2(
                tokenizer.n_tokens,
                max(tokens.longest, tokens.grammar.n_slots),
                n_embd=self.n_embd,
                n_layer=self.n_layer,
                n_head=self.n_head,
                dropout=self.dropout,
                special=special,
            )
            for numbers, ranks in tokens.ranked:
                order_embeddings(network, np.array(numbers), np.array(ranks))
        else:
            limit = context_window(network)
            if limit is not None:
                tokens.check_length(limit)
            network.resize_token_embeddings(tokenizer.n_tokens)
        self._tokens = tokens
        self._network = network
        self.n_tokens_ = tokenizer.n_tokens
        self.longest_row_ = tokens.longest

    def _sample(
        self,
        labels: NDArray[np.intp],
        rng: np.random.RandomState,
        given: Given | None = None,
    ) -> pd.DataFrame:
        """Write rows as text, and read it."""
        # The temperature may have been changed since `fit`.
        self._validate_params()
        lines = np.empty(len(labels), dtype=object)
        prompts = self._tokens.prompts
        lengths = np.array([len(prompt) for prompt in prompts])
        of_rows = labels if len(prompts) > 1 else np.zeros_like(labels)
        with self._sampling_context(rng) as device:
            import torch

            from skgen.language._decoding import GrammarTensors, draw_edges

            grammar = GrammarTensors(self._tokens.grammar, device)
            n_columns = len(self._tokens.columns)
            n_rows = self._batch_rows()
            for length in np.unique(lengths):
                group = np.flatnonzero(lengths[of_rows] == length)
                for start in range(0, len(group), n_rows):
                    rows = group[start : start + n_rows]
                    orders = torch.arange(n_columns).expand(len(rows), -1)
                    if self.permute_columns:
                        orders = torch.rand(len(rows), n_columns).argsort(dim=1)
                    prompt = torch.tensor([prompts[label] for label in of_rows[rows]])
                    edges = draw_edges(
                        self._network,
                        grammar,
                        prompt.to(device),
                        orders.to(device),
                        temperature=float(self.temperature),
                        by_slot=self._by_slot,
                    )
                    written = self._tokens.write(edges.cpu().numpy(), labels[rows])
                    lines[rows] = written
        return self._tokens.text.read(lines.tolist())[0]

    def _batch_rows(self) -> int:
        config = self._network.config
        width = 2 * config.num_hidden_layers * config.hidden_size * self.longest_row_
        width += len(self._tokens.grammar.sizes)
        return min(BATCH_ROWS, max(1, BATCH_NUMBERS // width))

    def to_text(self, X: Any, y: Any = None) -> list[str]:
        """Return the texts of rows, exactly.

        Parameters
        ----------
        X : {DataFrame, array-like, sparse matrix} of shape (n_samples, n_features)
            With the columns seen in `fit`.

        y : array-like of shape (n_samples,), default=None
            Their labels; left out after `fit` without `y`.

        Returns
        -------
        lines : list of str
            One for each row.

        Raises
        ------
        NotFittedError
            Before `fit`.

        ValueError
            If the columns differ from those seen in `fit`, a value was not seen or
            contains a special token, or labels are missing.
        """
        check_is_fitted(self, "schema_")
        container = TableContainer(X)
        check_same_columns(self._container.frame.columns, container.frame.columns)
        frame = self._apply_rules(container.frame)
        labels = None
        if self._tokens.text.labels:
            if y is None:
                raise ValueError(
                    "A row begins with its label, but y is None: pass the labels of "
                    "the rows."
                )
            labels = self._wanted_labels(None, y, self._rng)
            if len(labels) != len(frame):
                raise ValueError(
                    f"y has {len(labels)} labels, but X has {len(frame)} rows: give "
                    "one label for each row."
                )
        return self._tokens.text.write(frame, labels)

    def from_text(self, lines: Sequence[str]) -> Any:
        """Read rows from their texts.

        Parameters
        ----------
        lines : sequence of str
            One for each row, as :meth:`to_text` writes them; the columns may stand in
            any order after the label.

        Returns
        -------
        X : same type as in `fit`, of shape (n_samples, n_features)
            The rows.

        y : same type as in `fit`, of shape (n_samples,)
            Their labels; left out after `fit` without `y`.

        Raises
        ------
        NotFittedError
            Before `fit`.

        ValueError
            If a line is no row, or a value was not seen in `fit`.
        """
        check_is_fitted(self, "schema_")
        frame, labels = self._tokens.text.read(list(lines))
        if labels is None:
            labels = np.zeros(len(frame), dtype=np.intp)
        for rule in reversed(self._rules()):
            frame = rule.inverse_transform(frame, random_state=self._rng)
        X = self._container.restore(frame)
        if self._label_container is None:
            return X
        return X, self._label_container.restore(self.classes_[labels])

    def save_pretrained(self, folder: str | os.PathLike) -> None:
        """Write the generator to a folder.

        The weights are a safetensors file beside the model's configuration, and the
        tokenizer of a pretrained model is written too, so that transformers can read
        them; the rest of the generator is a pickle.

        Parameters
        ----------
        folder : str or path-like
            Is made if it does not exist.

        Raises
        ------
        NotFittedError
            Before `fit`.
        """
        check_is_fitted(self, "schema_")
        path = Path(folder)
        path.mkdir(parents=True, exist_ok=True)
        state = self.__getstate__()
        network = state.pop("_network")
        network.save_pretrained(path)
        tokenizer = self._tokens.tokenizer
        if isinstance(tokenizer, PretrainedTokenizer):
            tokenizer.tokenizer.save_pretrained(path)
        with open(path / STATE_FILE, "wb") as file:
            pickle.dump(state, file)

    @classmethod
    def from_pretrained(cls, folder: str | os.PathLike) -> TabularGPT2:
        """Read a generator from a folder.

        Parameters
        ----------
        folder : str or path-like
            As :meth:`save_pretrained` wrote it. It holds a pickle: read no folder that
            you do not trust.

        Returns
        -------
        generator : TabularGPT2

        Raises
        ------
        OSError
            If the folder holds no generator.

        ImportError
            If torch, transformers or safetensors is not installed.
        """
        _require_extra()
        import torch
        from transformers import AutoModelForCausalLM

        path = Path(folder)
        if not (path / STATE_FILE).is_file():
            raise FileNotFoundError(
                f"{str(path)!r} holds no {STATE_FILE}: name a folder that "
                "TabularGPT2.save_pretrained wrote."
            )
        with open(path / STATE_FILE, "rb") as file:
            state = pickle.load(file)
        network = AutoModelForCausalLM.from_pretrained(
            path, local_files_only=True, dtype=torch.float32
        )
        generator = cls.__new__(cls)
        generator.__setstate__({**state, "_network": network})
        return generator


def _require_extra() -> None:
    for package in ("torch", "transformers", "safetensors"):
        require(package, "language")
