"""The report on one synthetic table."""

from __future__ import annotations

from collections.abc import Sequence
from numbers import Integral
from pathlib import Path
from typing import Any

import pandas as pd
from sklearn.utils import check_random_state
from sklearn.utils._param_validation import HasMethods, Interval, validate_params

from skgen._progress import progress_bar
from skgen.report._columns import COLUMN_MEASURES, Column, describe_columns
from skgen.report._definitions import DEFINITIONS, QUESTIONS
from skgen.report._grades import MIN_ROWS, Z
from skgen.report._measure import Measurement, measure_all
from skgen.report._numbers import count, number
from skgen.report._page import render, save, versions
from skgen.report._pictures import Painter, Picture, require_matplotlib
from skgen.report._tables import Tables, prepare
from skgen.report._verdict import Verdict, reach_verdict, reading

_COUNT = [Interval(Integral, 1, None, closed="left")]
_CONSTRAINTS = {
    "target": "no_validation",
    "metrics": [list, tuple, None],
    "classifier": [HasMethods(["fit"]), None],
    "max_samples": _COUNT,
    "max_rows": _COUNT,
    "pictures": ["boolean"],
    "title": [str],
    "command": [str, None],
    "random_state": ["random_state"],
    "verbose": ["verbose"],
}


class Report:
    """Report on a synthetic table: a verdict, all measures, pictures, each column.

    It answers three questions of a synthetic table: is it like the real one, is it as
    useful, does it leak training rows. Make one by `from_samples` or `from_estimator`.

    Parameters
    ----------
    measurements : list of Measurement
        The values of the measures.

    columns : list of Column
        The numbers of each column.

    pictures : dict of str to list of Picture
        The pictures of each question.

    verdict : Verdict
        The answers.

    settings : dict of str to str
        What is needed to repeat the report.

    remarks : list of str
        What a reader should know of the rows that were compared.

    title : str
        The title of the page.

    Attributes
    ----------
    measures : DataFrame of shape (n_measures, 6)
        For each measure its question, value, the value of fresh real rows, direction,
        grade ("good", "fair", "poor" or "unknown") and reading in words. Values that
        there are not are NaN, and the reading says why.

    See Also
    --------
    ComparisonReport : Several generators side by side.
    skgen.metrics : The measures.

    Notes
    -----
    Fresh real rows are what a perfect generator would sample. With held-out rows, the
    synthetic rows and as many training rows are compared with these; without, with one
    half of the real rows, the other half being the fresh ones. What a table gives away
    cannot be told without held-out rows.

    A value is called "good" if it is worse than that of fresh rows by no more than a
    margin and chance, which is taken for two standard deviations, or three for
    privacy. The page states the margins.

    Examples
    --------
    >>> import numpy as np
    >>> import pandas as pd
    >>> from skgen.report import Report
    >>> rng = np.random.RandomState(0)
    >>> real, held_out = (
    ...     pd.DataFrame(rng.normal(size=(300, 3)), columns=[*"abc"]) for _ in range(2)
    ... )
    >>> report = Report.from_samples(
    ...     real,
    ...     real,
    ...     held_out=held_out,
    ...     metrics=["detection", "copies", "dcr_share"],
    ...     pictures=False,
    ... )
    >>> report.verdict.headline
    'This table is like the real one, and gives training rows away.'
    >>> report.measures.loc["copies", "grade"]
    'poor'
    """

    def __init__(
        self,
        *,
        measurements: list[Measurement],
        columns: list[Column],
        pictures: dict[str, list[Picture]],
        verdict: Verdict,
        settings: dict[str, str],
        remarks: list[str],
        title: str,
    ) -> None:
        self.measurements = measurements
        self.columns = columns
        self.pictures = pictures
        self.verdict = verdict
        self.settings = settings
        self.remarks = remarks
        self.title = title

    @classmethod
    @validate_params(
        {
            "cls": "no_validation",
            "real": "no_validation",
            "synthetic": "no_validation",
            "held_out": "no_validation",
            **_CONSTRAINTS,
        },
        prefer_skip_nested_validation=False,
    )
    def from_samples(
        cls,
        real: Any,
        synthetic: Any,
        *,
        target: Any = None,
        held_out: Any = None,
        metrics: Sequence[str] | None = None,
        classifier: Any = None,
        max_samples: int = 5_000,
        max_rows: int = 100_000,
        pictures: bool = True,
        title: str = "Report on a synthetic table",
        command: str | None = None,
        random_state: Any = 0,
        verbose: int | bool = 0,
    ) -> Report:
        """Measure a synthetic table.

        Parameters
        ----------
        real : DataFrame or array-like of shape (n_rows, n_columns)
            Rows that the generator was trained on, with their labels.

        synthetic : DataFrame or array-like of shape (n_synthetic_rows, n_columns)
            Rows to judge, with the same columns.

        target : column name, default=None
            The column of labels that a classifier shall learn; it is taken for a
            category. Without one, nothing is said of usefulness.

        held_out : DataFrame or array-like of shape (n_held_out_rows, n_columns), \
default=None
            Real rows that the generator has not seen; best as many as `real`, as leaks
            are found the better.

        metrics : list of str, default=None
            Measures to take, of :func:`skgen.metrics.get_scorer_names`; all by default.

        classifier : classifier, default=None
            Judge of usefulness. By default
            ``xgboost.XGBClassifier(n_estimators=100, tree_method="hist", n_jobs=1)``.

        max_samples : int, default=5_000
            Rows of a table to use at most for the measures that have a parameter of
            that name, whose time grows with the product of rows.

        max_rows : int, default=100_000
            Rows of each table to draw at most, for all measures but `copies`, which
            looks at all rows, and the risks of anonymeter, which look at 10,000.

        pictures : bool, default=True
            Whether to draw pictures, which needs matplotlib.

        title : str, default="Report on a synthetic table"
            The title of the page.

        command : str, default=None
            What makes the report, to be shown among its settings.

        random_state : int, RandomState instance or None, default=0
            Draws rows and folds.

        verbose : int or bool, default=0
            Whether to show a progress bar.

        Returns
        -------
        report : Report

        Raises
        ------
        ValueError
            If the tables' columns differ in names, number, order or kind, if a table
            is empty or holds infinities, if the target is no column, misses a label,
            is continuous, or holds labels that no real row has, or if there is no such
            measure.

        ImportError
            If matplotlib is missing and pictures are asked for.
        """
        for name in metrics or ():
            if name not in DEFINITIONS:
                raise ValueError(
                    f"{name!r} is no measure of a report: choose among "
                    f"{sorted(DEFINITIONS)}."
                )
        painter = None
        if pictures:
            require_matplotlib()
            painter = Painter()
        rng = check_random_state(random_state)
        tables = prepare(
            real,
            synthetic,
            held_out,
            target=target,
            max_rows=max_rows,
            random_state=rng,
        )
        measurements = measure_all(
            tables,
            metrics=metrics,
            classifier=classifier,
            max_samples=max_samples,
            progress=lambda asked: progress_bar(
                asked, verbose=verbose, desc="Measuring", unit="measure"
            ),
        )
        return cls(
            measurements=measurements,
            columns=describe_columns(tables, painter),
            pictures=_draw(painter, tables, classifier) if painter else {},
            verdict=reach_verdict(measurements, tables),
            settings=_settings(
                tables,
                classifier=classifier,
                max_samples=max_samples,
                max_rows=max_rows,
                random_state=random_state,
                command=command,
            ),
            remarks=_remarks(tables, max_samples),
            title=title,
        )

    @classmethod
    def from_estimator(
        cls,
        generator: Any,
        X: Any,
        y: Any = None,
        *,
        X_held_out: Any = None,
        y_held_out: Any = None,
        n_samples: int | None = None,
        random_state: Any = 0,
        **options: Any,
    ) -> Report:
        """Sample from a fitted generator, and measure the rows.

        Parameters
        ----------
        generator : generator
            Fitted generator.

        X : DataFrame or array-like of shape (n_rows, n_columns)
            Rows that it was fitted to.

        y : array-like of shape (n_rows,), default=None
            Their labels, if it was fitted to labels.

        X_held_out : DataFrame or array-like of shape (n_held_out_rows, n_columns), \
default=None
            Real rows that it has not seen.

        y_held_out : array-like of shape (n_held_out_rows,), default=None
            Their labels.

        n_samples : int, default=None
            Rows to sample; by default as many as there are in `X`.

        random_state : int, RandomState instance or None, default=0
            Draws the rows, and seeds the measures.

        **options : dict
            Further parameters of `from_samples`.

        Returns
        -------
        report : Report

        Raises
        ------
        ValueError
            If `y` is given and the generator samples no labels, or the other way
            round, if held-out labels are missing, or `from_samples` refuses the tables.
        """
        n_samples = len(X) if n_samples is None else n_samples
        sampled = generator.sample(n_samples, random_state=random_state)
        if isinstance(sampled, tuple) != (y is not None):
            raise ValueError(
                f"{type(generator).__name__} was fitted "
                f"{'without' if y is not None else 'with'} labels: give "
                f"{'none' if y is not None else 'them as y'}."
            )
        if y is None:
            tables, target = (X, sampled, X_held_out), None
        else:
            if X_held_out is not None and y_held_out is None:
                raise ValueError("The held-out rows have no labels: give y_held_out.")
            target = _label_name(X, y)
            tables = (
                _with_label(X, y, target),
                _with_label(sampled[0], sampled[1], target),
                None
                if X_held_out is None
                else _with_label(X_held_out, y_held_out, target),
            )
        real, synthetic, held_out = tables
        options.setdefault("title", f"Report on {type(generator).__name__}")
        options.setdefault(
            "command", f"Report.from_estimator({generator!r}, X, y, ...)"
        )
        return cls.from_samples(
            real,
            synthetic,
            target=target,
            held_out=held_out,
            random_state=random_state,
            **options,
        )

    @property
    def measures(self) -> pd.DataFrame:
        """The values of the measures, a row each."""
        return pd.DataFrame(
            {
                "question": [m.definition.question for m in self.measurements],
                "value": pd.Series([m.value for m in self.measurements], dtype=float),
                "fresh": pd.Series([m.fresh for m in self.measurements], dtype=float),
                "better": [m.definition.better for m in self.measurements],
                "grade": [str(m.grade) for m in self.measurements],
                "reading": [reading(m) for m in self.measurements],
            }
        ).set_axis([m.definition.name for m in self.measurements])

    def to_html(self) -> str:
        """Return the page.

        Returns
        -------
        html : str
            One HTML document that needs no network.

        Raises
        ------
        ImportError
            If Jinja2 is missing.
        """
        questions = {
            name: [m for m in self.measurements if m.definition.question == name]
            for name in self.verdict.findings
        }
        return render(
            "report.html.jinja",
            title=self.title,
            verdict=self.verdict,
            questions=questions,
            question_titles=QUESTIONS,
            columns=self.columns,
            column_measures=[DEFINITIONS[name] for name in COLUMN_MEASURES],
            pictures=self.pictures,
            settings=self.settings,
            remarks=self.remarks,
            definitions=[m.definition for m in self.measurements],
            reading=reading,
            min_rows=MIN_ROWS,
            deviations=Z,
        )

    def save(self, path: str | Path) -> Path:
        """Write the page to a file.

        Parameters
        ----------
        path : str or Path
            The file.

        Returns
        -------
        path : Path
            The file.
        """
        return save(self.to_html(), path)

    def _repr_html_(self) -> str:
        # A frame of its own, so that the page's style stays out of a notebook.
        from html import escape

        return (
            f'<iframe srcdoc="{escape(self.to_html())}" title="{escape(self.title)}" '
            'style="width: 100%; height: 40em; border: 0"></iframe>'
        )

    def __repr__(self) -> str:
        return f"<{type(self).__name__}: {self.verdict.headline}>"


def _label_name(X: Any, y: Any) -> str:
    name = str(getattr(y, "name", None) or "label")
    while isinstance(X, pd.DataFrame) and name in X.columns:
        name += "_"
    return name


def _with_label(X: Any, y: Any, name: str) -> pd.DataFrame:
    frame = X.copy(deep=False) if isinstance(X, pd.DataFrame) else pd.DataFrame(X)
    frame = frame.reset_index(drop=True)
    frame[name] = pd.Series(y).reset_index(drop=True)
    return frame


def _draw(
    painter: Painter, tables: Tables, classifier: Any
) -> dict[str, list[Picture]]:
    from skgen import plotting

    real, synthetic = tables.drawn["real"], tables.drawn["synthetic"]
    seed = tables.seed
    pictures = {
        "likeness": [
            painter.draw(
                "Real and synthetic rows in a plane",
                lambda: plotting.EmbeddingDisplay.from_samples(
                    real, synthetic, method="pca", max_samples=500, random_state=seed
                ),
            ),
            painter.draw(
                "How columns depend on one another",
                lambda: plotting.AssociationDisplay.from_samples(
                    real, synthetic, random_state=seed
                ),
                wide=True,
            ),
        ],
        "privacy": [
            painter.draw(
                "How near the rows are to one another",
                lambda: plotting.PrecisionRecallDistanceDisplay.from_samples(
                    real, synthetic, held_out=tables.held_out, random_state=seed
                ),
            )
        ],
    }
    if tables.target is not None:
        X_real, y_real = tables.split(real)
        X_synthetic, y_synthetic = tables.split(synthetic)
        pictures["usefulness"] = [
            painter.draw(
                "Shares of the labels",
                lambda: plotting.ClassBalanceDisplay.from_samples(y_real, y_synthetic),
            ),
            painter.draw(
                "What a classifier looks at",
                lambda: plotting.FeatureImportanceDisplay.from_samples(
                    X_real,
                    X_synthetic,
                    y_real=y_real,
                    y_synthetic=y_synthetic,
                    classifier=classifier,
                ),
            ),
        ]
    return pictures


def _remarks(tables: Tables, max_samples: int) -> list[str]:
    names = {"real": "real", "synthetic": "synthetic", "held_out": "held-out"}
    remarks = []
    for name, table in tables.drawn.items():
        n_rows = len(tables.whole[name])
        if len(table) < n_rows:
            remarks.append(
                f"Of {count(n_rows)} {names[name]} rows, {count(len(table))} were "
                "drawn at random: the measures rest on these, but for the copies, "
                "which were sought among all."
            )
    n_rows = len(tables.whole["real"])
    if len(tables.drawn["real"]) < n_rows:
        share = len(tables.drawn["real"]) / n_rows
        remarks.append(
            f"A training row has the chance of {number(share, percent=True)} of having "
            "been drawn: of rows that were changed a little, measures of privacy find "
            "that share."
        )
    largest = max(len(table) for table in tables.drawn.values())
    if largest > max_samples:
        remarks.append(
            f"Measures whose time grows with the product of the rows compare "
            f"{count(max_samples)} rows of a table at most, drawn at random."
        )
    if tables.held_out is None:
        remarks.append(
            "No held-out rows were given. What fresh real rows get is measured on two "
            "halves of the real table, and what the table gives away cannot be told."
        )
    elif len(tables.synthetic) < len(tables.drawn["synthetic"]):
        remarks.append(
            f"There are {count(len(tables.fresh))} real rows: likeness and usefulness "
            "are those of as many synthetic rows, so that the numbers can be compared."
        )
    return remarks


def _settings(
    tables: Tables,
    *,
    classifier: Any,
    max_samples: int,
    max_rows: int,
    random_state: Any,
    command: str | None,
) -> dict[str, str]:
    target = tables.target
    if command is None:
        held_out = ", held_out=held_out" if tables.held_out is not None else ""
        given = random_state if isinstance(random_state, Integral) else "..."
        judge = "" if classifier is None else f", classifier={classifier!r}"
        command = (
            f"Report.from_samples(real, synthetic, target={target!r}{held_out}{judge}, "
            f"max_samples={max_samples}, max_rows={max_rows}, random_state={given})"
        )
    settings = {"Command": command}
    for name, table in tables.whole.items():
        label = {"real": "Real", "synthetic": "Synthetic", "held_out": "Held-out"}[name]
        settings[f"{label} rows"] = (
            f"{count(len(table))}, of which {count(len(tables.drawn[name]))} were used"
        )
    if tables.held_out is None:
        settings["Held-out rows"] = "none"
    settings |= {
        "Columns": count(tables.whole["real"].shape[1]),
        "Target": "none" if target is None else str(target),
        "Secret of the inference risk": str(
            tables.drawn["real"].columns[-1] if target is None else target
        ),
        "Rows compared": (
            f"{count(len(tables.synthetic))} synthetic and {count(len(tables.fresh))} "
            f"fresh real rows with {count(len(tables.reference))} real rows"
        ),
        "max_rows": str(max_rows),
        "max_samples": str(max_samples),
        "random_state": f"{random_state!r} (seed of the measures: {tables.seed})",
        "Classifier": "XGBoost, 100 trees" if classifier is None else repr(classifier),
    }
    if target is None:
        del settings["Classifier"]
    return settings | versions()
