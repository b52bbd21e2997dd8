"""Synthesizers of the Synthetic Data Vault, SDV, as generators."""

from __future__ import annotations

import io
import random
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, redirect_stderr, redirect_stdout
from numbers import Integral
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.utils._param_validation import Interval

from skgen._random import draw_seed
from skgen.base import BaseGenerator
from skgen.deep.optional import require
from skgen.rows import Given, Rows
from skgen.table import Table

TABLE = "table"  # its name in SDV's metadata


class SDVSampler(BaseGenerator):
    """Any single-table synthesizer of SDV 2, reproducible and with exact labels.

    Needs ``pip install 'skgen[sdv]'``, which is under the Business Source License.

    Parameters
    ----------
    synthesizer : str or class, default="GaussianCopulaSynthesizer"
        Name of a class in `sdv.single_table`, such as "CTGANSynthesizer",
        "TVAESynthesizer" and "CopulaGANSynthesizer", or a class with the methods `fit`,
        `sample`, `sample_from_conditions` and `reset_sampling` of these.

    synthesizer_params : dict, default=None
        Parameters of the synthesizer, such as ``{"epochs": 50}``. Under "constraints"
        a list of SDV's own constraints, for its `add_constraints`, with the names of
        columns that the Notes describe.

    max_tries_per_batch : int, default=100
        Maximum number of times that SDV draws for the rows of a label.

    verbose : int or bool, default=False
        Whether SDV prints and shows its progress.

    <parameters>

    Attributes
    ----------
    synthesizer_ : object
        The fitted synthesizer.

    <attributes>

    Raises
    ------
    ImportError
        In fitting, without SDV.

    ValueError
        In fitting, if SDV has no synthesizer of this name. In sampling, if SDV draws
        fewer rows of a label than were asked for, or something that the table cannot
        hold.

    See Also
    --------
    skgen.copula.GaussianCopula : Needs no SDV.

    Notes
    -----
    *Columns.* SDV learns the normal form (:class:`skgen.table.Table`), so that missing
    values, point masses, lists, times and dtypes come back as for every generator. Each
    number is a column of sdtype "numerical", each code one of sdtype "categorical". A
    number has the name of the table's column, and so has the code of a column without
    number or further codes; other codes are called "column[i]", with i from 0. The
    label, if there are several, is a categorical column "label". "_" is appended to a
    name that exists already. There are no missing values: a number that does not count
    (it is missing, or at a point mass) is replaced by one drawn from those that do.

    *Labels.* Rows are drawn by SDV's conditional sampling, label by label. Synthesizers
    that learn a conditional distribution draw them directly; neural ones draw rows of
    all labels and reject those of others, which takes long for a rare label, and fails
    for one that they never draw.

    *Seeds.* SDV has no seed. Fitting and sampling seed the global random number
    generators of Python, NumPy and torch, and restore their state at the end. SDV
    samples from generators of its own that start from the same state after each fit:
    these are seeded too, by a private method of SDV. A synthesizer without that method
    has to draw from the global ones for its samples to follow `random_state`.

    References
    ----------
    .. [1] N. Patki, R. Wedge, K. Veeramachaneni, "The Synthetic Data Vault," IEEE
       International Conference on Data Science and Advanced Analytics, 399-410, 2016.

    Examples
    --------
    >>> import numpy as np
    >>> import pandas as pd
    >>> from skgen.sdv import SDVSampler
    >>> rng = np.random.RandomState(0)
    >>> y = rng.binomial(1, 0.3, size=200)
    >>> X = pd.DataFrame({"age": rng.randint(18, 90, 200), "score": rng.normal(y)})
    >>> gen = SDVSampler(random_state=0)
    >>> rows, labels = gen.fit(X, y).sample(y=[1, 0, 1])  # doctest: +SKIP
    >>> rows.dtypes.tolist(), labels  # doctest: +SKIP
    ([dtype('int64'), dtype('float64')], array([1, 0, 1]))
    """

    synthesizer: str | type = "GaussianCopulaSynthesizer"
    synthesizer_params: dict[str, Any] | None = None
    max_tries_per_batch: int = 100
    verbose: int | bool = False

    _parameter_constraints = {
        **BaseGenerator._parameter_constraints,
        "synthesizer": [str, type],
        "synthesizer_params": [dict, None],
        "max_tries_per_batch": [Interval(Integral, 1, None, closed="left")],
        "verbose": ["verbose"],
    }

    def _fit(self, rows: Rows, rng: np.random.RandomState) -> None:
        table, labels = rows.table, rows.labels
        make = self._find_synthesizer()
        from sdv.metadata import Metadata

        self._template = table.take(np.arange(0))
        self._numbers, self._codes, self._label = _column_names(table)
        numbers = pd.DataFrame(_fill(table, rng), columns=self._numbers)
        codes = pd.DataFrame(table.codes.astype(np.int64), columns=self._codes)
        frame = pd.concat([numbers, codes], axis=1)
        if len(self.classes_) > 1:
            frame[self._label] = labels
        columns = {
            name: {"sdtype": "numerical" if name in numbers else "categorical"}
            for name in frame
        }
        metadata = Metadata.load_from_dict(
            {"tables": {TABLE: {"columns": columns}}, "relationships": []}
        )
        params = dict(self.synthesizer_params or {})
        constraints = params.pop("constraints", None)
        with self._seeded(draw_seed(rng)):
            synthesizer = make(metadata, **params)
            if constraints:
                synthesizer.add_constraints(constraints)
            synthesizer.fit({TABLE: frame})
        self.synthesizer_ = synthesizer

    def _find_synthesizer(self) -> Callable[..., Any]:
        """Return the class of the synthesizer."""
        require("sdv", "sdv")
        if not isinstance(self.synthesizer, str):
            return self.synthesizer
        from sdv import single_table

        names = [name for name in dir(single_table) if name.endswith("Synthesizer")]
        if self.synthesizer not in names:
            raise ValueError(
                f"synthesizer={self.synthesizer!r} is no synthesizer of SDV: choose "
                f"one of {names}, or pass a class."
            )
        return getattr(single_table, self.synthesizer)

    @contextmanager
    def _seeded(self, seed: int) -> Iterator[None]:
        """Seed the global random states, restore them, and silence SDV."""
        from skgen.deep.device import resolve_device, seeded

        state = random.getstate()
        with ExitStack() as stack:
            stack.enter_context(seeded(seed, resolve_device("auto")))
            stack.callback(random.setstate, state)
            random.seed(seed)
            if not self.verbose:
                stack.enter_context(redirect_stdout(io.StringIO()))
                stack.enter_context(redirect_stderr(io.StringIO()))
            yield

    def _sample(
        self,
        labels: NDArray[np.intp],
        rng: np.random.RandomState,
        given: Given | None = None,
    ) -> Table:
        require("sdv", "sdv")
        seed = draw_seed(rng)
        table = self._template.empty(len(labels))
        with self._seeded(seed):
            self.synthesizer_.reset_sampling()
            # Else SDV continues from the state after `fit`, whatever the seed.
            if hasattr(self.synthesizer_, "_set_random_state"):
                self.synthesizer_._set_random_state(seed)
            for label in np.unique(labels):
                rows = np.flatnonzero(labels == label)
                drawn = self._draw_label(label, len(rows))
                table.numeric[rows], table.codes[rows] = self._read(drawn)
        return table

    def _draw_label(self, label: np.intp, n_rows: int) -> pd.DataFrame:
        """Draw rows of one label."""
        from sdv.sampling import Condition

        options = {"max_tries_per_batch": self.max_tries_per_batch}
        model, reason = self.synthesizer_, None
        try:
            if len(self.classes_) == 1:
                drawn = model.sample(n_rows, **options)[TABLE]
            else:
                values = {self._label: int(label)}
                wanted = Condition(num_rows=n_rows, column_values=values)
                drawn = model.sample_from_conditions([wanted], **options)[TABLE]
                drawn = drawn[drawn[self._label] == label]
        except ValueError as error:
            # SDV also raises this if it has drawn no row.
            drawn, reason = pd.DataFrame(), error
        if len(drawn) < n_rows:
            raise ValueError(
                f"{type(model).__name__} drew {len(drawn)} of {n_rows} rows of label "
                f"{self.classes_.tolist()[label]!r} in {self.max_tries_per_batch} "
                "tries. Raise max_tries_per_batch, train it longer by "
                "synthesizer_params, or use a synthesizer that draws conditionally, "
                "'GaussianCopulaSynthesizer'."
                + (f" SDV says: {reason}" if reason else "")
            ) from reason
        return drawn.iloc[:n_rows]

    def _read(self, rows: pd.DataFrame) -> tuple[NDArray, NDArray]:
        """Return the numbers and the codes of rows that SDV drew, checked."""
        numbers = rows[self._numbers].to_numpy(dtype=np.float64)
        codes = rows[self._codes].to_numpy(dtype=np.float64)
        # Comparisons with a missing code are False.
        known = (codes >= 0) & (codes < self._template.cardinalities)
        good = np.hstack([np.isfinite(numbers), known & (codes == np.rint(codes))])
        wrong = np.flatnonzero(~np.all(good, axis=0))
        if len(wrong):
            names = [*self._numbers, *self._codes]
            raise ValueError(
                f"{type(self.synthesizer_).__name__} drew missing, infinite or unknown "
                f"values for {[names[i] for i in wrong]}: use a synthesizer that draws "
                "only values that it has learned."
            )
        return numbers, codes


def _column_names(table: Table) -> tuple[list[str], list[str], str]:
    """Return unique names for the numbers, the codes and the label."""
    taken: set[str] = set()

    def free(name: str) -> str:
        while name in taken:
            name += "_"
        taken.add(name)
        return name

    numbers = [""] * table.numeric.shape[1]
    codes = [""] * table.codes.shape[1]
    for field in table.fields:
        if field.number is not None:
            numbers[field.number] = free(str(field.name))
        alone = field.number is None and len(field.codes) == 1
        for i, code in enumerate(field.codes):
            codes[code] = free(str(field.name) if alone else f"{field.name}[{i}]")
    return numbers, codes, free("label")


def _fill(table: Table, rng: np.random.RandomState) -> NDArray[np.float64]:
    """Return the numbers, those that do not count drawn from those that do."""
    numeric = table.numeric.copy()
    for number in np.flatnonzero(table.gates >= 0).tolist():
        active = table.active(number)
        if active.any():
            numeric[~active, number] = rng.choice(
                numeric[active, number], size=int((~active).sum())
            )
    return numeric
