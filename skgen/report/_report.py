"""The report on one synthetic table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd
from sklearn.utils import check_random_state
from sklearn.utils._param_validation import HasMethods, validate_params

from skgen._progress import progress_bar
from skgen.metrics._parameters import POSITIVE
from skgen.report._columns import COLUMN_MEASURES, Column, describe_columns
from skgen.report._definitions import DEFINITIONS, QUESTIONS
from skgen.report._grades import MIN_ROWS, Z
from skgen.report._measure import Measurement, measure_all
from skgen.report._page import Page, render
from skgen.report._pictures import Painter, Picture
from skgen.report._settings import remarks_on, settings_of
from skgen.report._tables import Tables, prepare
from skgen.report._verdict import Verdict, reach_verdict, reading


@dataclass(kw_only=True, eq=False, repr=False)
class Report(Page):
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
        Notes on the rows that were compared.

    title : str
        The title of the page.

    Attributes
    ----------
    measures : DataFrame of shape (n_measures, 6)
        For each measure its question, value, the value of fresh real rows, direction,
        grade ("good", "fair", "poor" or "unknown") and reading in words. Missing values
        are NaN, and the reading says why.

    See Also
    --------
    ComparisonReport : Several generators side by side.
    skgen.metrics : The measures.

    Notes
    -----
    Fresh real rows are what a perfect generator would sample. With held-out rows, the
    synthetic rows and as many training rows are compared with these; without, with one
    half of the real rows, the other half being the fresh ones. Leakage cannot be
    assessed without held-out rows.

    The grade of a value is "good" if it is worse than that of fresh rows by at most a
    margin plus two standard deviations, or three for privacy. The page states the
    margins.

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
    'This table is like the real one, and leaks training rows.'
    >>> report.measures.loc["copies", "grade"]
    'poor'
    """

    measurements: list[Measurement]
    columns: list[Column]
    pictures: dict[str, list[Picture]]
    verdict: Verdict
    remarks: list[str]

    @classmethod
    @validate_params(
        {
            "metrics": [list, tuple, None],
            "classifier": [HasMethods(["fit"]), None],
            "max_samples": [POSITIVE],
            "max_rows": [POSITIVE],
            "pictures": ["boolean"],
            "title": [str],
            "command": [str, None],
            "random_state": ["random_state"],
            "verbose": ["verbose"],
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
            The column of labels that a classifier predicts; it is treated as
            categorical. Without one, usefulness is not measured.

        held_out : DataFrame or array-like of shape (n_held_out_rows, n_columns), \
default=None
            Real rows that the generator has not seen; preferably as many as `real`, as
            more rows detect smaller leaks.

        metrics : list of str, default=None
            Measures to compute, of :func:`skgen.metrics.get_scorer_names`; all by
            default.

        classifier : classifier, default=None
            Classifier that measures usefulness. By default
            ``xgboost.XGBClassifier(n_estimators=100, tree_method="hist", n_jobs=1)``.

        max_samples : int, default=5_000
            Maximum number of rows of each table for the measures that have a parameter
            of that name, whose time grows with the product of the numbers of rows.

        max_rows : int, default=100_000
            Maximum number of rows of each table, drawn at random, for all measures but
            `copies`, which uses all rows, and the risks of anonymeter, which use at
            most 10,000.

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
            is empty or holds infinities, if the target is not a column, has missing
            values, is continuous, or has labels that no real row has, or if a measure
            is unknown.

        ImportError
            If matplotlib is missing and pictures are asked for.
        """
        for name in metrics or ():
            if name not in DEFINITIONS:
                raise ValueError(
                    f"{name!r} is not a measure of a report: choose among "
                    f"{sorted(DEFINITIONS)}."
                )
        painter = Painter() if pictures else None
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
            settings=settings_of(
                tables,
                classifier=classifier,
                max_samples=max_samples,
                max_rows=max_rows,
                random_state=random_state,
                command=command,
            ),
            remarks=remarks_on(tables, max_samples),
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
            If `y` is given and the generator samples no labels, or vice versa, if
            held-out labels are missing, or `from_samples` refuses the tables.
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
        """Value, grade and reading of each measure."""
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

    def _in_one_sentence(self) -> str:
        return self.verdict.headline


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
    """Draw the pictures of each question."""
    from skgen import plotting

    real, synthetic = tables.drawn["real"], tables.drawn["synthetic"]
    seed = tables.seed
    pictures = {
        "likeness": [
            painter.draw(
                "Real and synthetic rows in two dimensions",
                plotting.EmbeddingDisplay.from_samples,
                real,
                synthetic,
                max_samples=500,
                random_state=seed,
            ),
            painter.draw(
                "Associations of columns",
                plotting.AssociationDisplay.from_samples,
                real,
                synthetic,
                random_state=seed,
                wide=True,
            ),
        ],
        "privacy": [
            painter.draw(
                "Distances between rows",
                plotting.PrecisionRecallDistanceDisplay.from_samples,
                real,
                synthetic,
                held_out=tables.held_out,
                random_state=seed,
            )
        ],
    }
    if tables.target is not None:
        X_real, y_real = tables.split(real)
        X_synthetic, y_synthetic = tables.split(synthetic)
        pictures["usefulness"] = [
            painter.draw(
                "Shares of the labels",
                plotting.ClassBalanceDisplay.from_samples,
                y_real,
                y_synthetic,
            ),
            painter.draw(
                "Feature importances",
                plotting.FeatureImportanceDisplay.from_samples,
                X_real,
                X_synthetic,
                y_real=y_real,
                y_synthetic=y_synthetic,
                classifier=classifier,
            ),
        ]
    return pictures
