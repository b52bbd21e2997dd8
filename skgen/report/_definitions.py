"""What each measure of the report is, in words, and what counts as worse."""

from __future__ import annotations

from dataclasses import dataclass

from skgen.metrics._measure import Measure
from skgen.metrics._registry import MEASURES

QUESTIONS = {
    "likeness": "Is it like the real table?",
    "usefulness": "Is it as useful?",
    "privacy": "Does it leak training rows?",
}


_QUESTION_OF = {"fidelity": "likeness", "utility": "usefulness", "privacy": "privacy"}


@dataclass(frozen=True)
class Definition:
    """The margins of a measure's grade, and in words what its values mean.

    Name, title, summary, direction and papers are those of the measure's record.

    Attributes
    ----------
    name : str
        Name of the function in `skgen.metrics`.

    range : str
        Its range, and its value for a perfect table.

    says : str
        What a value means; ``{value}`` stands for it, ``{percent}`` for it in per cent.

    misses : str
        What it does not see.

    fair, poor : float
        How much worse than fresh real rows a value may be, beyond chance, to be called
        "fine", and to be called "look".

    noise : float or None
        Standard deviation of the measure times the square root of the number of
        rows; None for that of a share p, the root of ``p * (1 - p)``.

    relative : bool
        Whether the margins are shares of the value of fresh rows.

    fresh_is_ideal : bool
        Whether fresh rows get the ideal value on average.

    equal_sizes : bool
        Whether a value depends on how many rows are compared, so that there must be
        as many synthetic as fresh rows.
    """

    name: str
    range: str
    says: str
    misses: str
    fair: float
    poor: float
    noise: float | None = 0.5
    relative: bool = False
    fresh_is_ideal: bool = False
    equal_sizes: bool = False

    @property
    def measure(self) -> Measure:
        """The record of the measure."""
        return MEASURES[self.name]

    @property
    def question(self) -> str:
        """The question of `QUESTIONS` that the measure helps to answer."""
        return _QUESTION_OF[self.measure.family]

    @property
    def center(self) -> float | None:
        """What fresh rows get on average, where that is known."""
        return self.measure.ideal if self.fresh_is_ideal else None

    @property
    def better(self) -> str:
        """The direction, in words."""
        word = "higher" if self.measure.higher_is_better else "lower"
        if self.center:
            return f"{word}, down to {self.center:g}"
        if self.question == "privacy" and self.center is None:
            return f"{word}, {'up' if word == 'higher' else 'down'} to fresh rows"
        return word

    title = property(lambda self: self.measure.title)
    path = property(lambda self: f"skgen.metrics.{self.name}")
    summary = property(lambda self: f"{self.measure.definition}.")
    papers = property(lambda self: [f"{paper}." for paper in self.measure.papers])


@dataclass(frozen=True)
class Score:
    """A score of a classifier, as `skgen.model_selection.compare` returns it.

    `path` is the function that computes it, `sign` 1 if higher is better, else -1; the
    others are as in `Definition`.
    """

    name: str
    title: str
    path: str
    sign: int
    range: str
    summary: str
    misses: str
    papers: tuple[str, ...] = ()

    @property
    def better(self) -> str:
        """The direction, in words."""
        return "higher" if self.sign > 0 else "lower"


SCORES = (
    Score(
        "roc_auc",
        "ROC AUC",
        "sklearn.metrics.roc_auc_score",
        1,
        "0 to 1; 0.5 is a guess, 1 is perfect",
        "Share of the pairs of rows of different labels that are ranked rightly.",
        "how high the probabilities are; which mistakes cost most",
        (
            'J. A. Hanley and B. J. McNeil, "The meaning and use of the area under a '
            'receiver operating characteristic (ROC) curve", Radiology 143(1), 29-36, '
            "1982.",
        ),
    ),
    Score(
        "average_precision",
        "Average precision",
        "sklearn.metrics.average_precision_score",
        1,
        "0 to 1; a guess gets the share of the positive rows, 1 is perfect",
        "Precision at each positive row of the ranking, averaged.",
        "how high the probabilities are; the ranking of negative rows at its end",
    ),
    Score(
        "f1",
        "F1",
        "sklearn.metrics.f1_score",
        1,
        "0 to 1; 1 is perfect",
        "Harmonic mean of the precision and recall of the rows taken for positive.",
        "the ranking on either side of the threshold",
    ),
    Score(
        "log_loss",
        "Log loss",
        "sklearn.metrics.log_loss",
        -1,
        "0 or more; 0 is perfect",
        "Mean surprise, in nats, at the true labels, given the probabilities.",
        "the ranking, where probabilities are shifted, as resampling does",
    ),
)


_SHARES = "0 to 1; 0 is perfect"
_SIMILAR = "0 to 1; 1 is perfect"
_AUC = "0 to 1; 0.5 is perfect"
_FRESH = "; good is what fresh real rows get"
_LEAK_AUC = "0 to 1; fresh real rows get 0.5, copies up to 1"
_RISK = "0 to 1; 0 is perfect, and what fresh real rows get but for chance"
_DEPENDENCE = "all dependence of columns on one another"

DEFINITIONS = {
    definition.name: definition
    for definition in (
        Definition(
            "detection",
            _AUC,
            "Of {percent} of the pairs of a real and a synthetic row, boosted trees "
            "tell which is which; guesses get 50 %.",
            "what the classifier cannot learn from the rows that there are; privacy",
            *(0.05, 0.2, 0.41),
            fresh_is_ideal=True,
        ),
        Definition(
            "blind_detection",
            _AUC,
            "Of {percent} of the pairs of a real and a synthetic row, boosted trees "
            "that do not see the names of ids tell which is which; guesses get 50 %.",
            "the names of ids; what the classifier cannot learn; privacy",
            *(0.05, 0.2, 0.41),
            fresh_is_ideal=True,
        ),
        Definition(
            "rules_kept",
            "0 to 1; 1 where every rule holds in every row, or where none is found",
            "A rule of the real table, such as what an id determines, holds in "
            "{percent} of the rows.",
            "rules that are not found; how often what no rule forbids occurs",
            *(0.01, 0.05, None),
        ),
        Definition(
            "id_frequency_distance",
            "0 to 1; 0 where ids occur as often as in the real table",
            "In a column of ids, {percent} of the rows would have to change for ids to "
            "occur as often as real ones: once, twice, and so on.",
            "which id it is; what the id determines",
            *(0.02, 0.1, 0.5),
            equal_sizes=True,
        ),
        Definition(
            "propensity_auc",
            _AUC,
            "Of {percent} of the pairs of a real and a synthetic row, a logistic "
            "regression tells which is which; guesses get 50 %.",
            "changes of spread; " + _DEPENDENCE,
            *(0.05, 0.2, 0.41),
            fresh_is_ideal=True,
        ),
        Definition(
            "total_variation",
            _SHARES,
            "In a column, {percent} of the values would have to change to have the "
            "real shares.",
            "what happens inside a bin of numbers; the order of bins; " + _DEPENDENCE,
            *(0.03, 0.1),
        ),
        Definition(
            "ks_statistic",
            _SHARES,
            "The distribution functions of a real and a synthetic column of numbers "
            "are {value} apart at most.",
            "the tails; how far values are off; " + _DEPENDENCE,
            *(0.03, 0.1),
        ),
        Definition(
            "js_divergence",
            _SHARES,
            "One value of a column holds {value} bits about whether it is real or "
            "synthetic.",
            "what happens inside a bin of numbers; the order of bins; " + _DEPENDENCE,
            *(0.01, 0.05, 0.2),
        ),
        Definition(
            "kl_divergence",
            "0 or more; 0 is perfect",
            "Who codes the real values as if they were synthetic wastes {value} bits "
            "a value.",
            "what the synthetic table has in excess; what happens inside a bin; "
            + _DEPENDENCE,
            *(0.05, 0.25, 1.0),
        ),
        Definition(
            "hellinger_distance",
            _SHARES,
            "The shares of a column's values are {value} apart, rare values counting "
            "more than in total variation.",
            "what happens inside a bin of numbers; the order of bins; " + _DEPENDENCE,
            *(0.04, 0.12),
        ),
        Definition(
            "earth_movers_distance",
            _SHARES + " (above 1 for values beyond the real range)",
            "On average, values have to be moved by {percent} of the real range.",
            "anything, where one real outlier stretches the range; " + _DEPENDENCE,
            *(0.02, 0.08),
        ),
        Definition(
            "kde_overlap",
            _SIMILAR,
            "The smoothed curves of real and synthetic numbers share {percent} of "
            "their area.",
            "single values that are frequent, and whatever is finer than the "
            "smoothing; " + _DEPENDENCE,
            *(0.04, 0.12),
        ),
        Definition(
            "correlation_difference",
            "0 to 2; 0 is perfect",
            "The association of two columns differs by {value} on average.",
            "dependence that is not linear, or of more than two columns",
            *(0.02, 0.06),
        ),
        Definition(
            "correlation_similarity",
            _SIMILAR,
            "The correlations of columns of numbers agree to {percent}.",
            "dependence that is not linear, or of more than two columns; categories",
            *(0.01, 0.04),
        ),
        Definition(
            "contingency_similarity",
            _SIMILAR,
            "The shares of the pairs of values of two columns agree to {percent}.",
            "dependence of more than two columns",
            *(0.04, 0.12),
        ),
        Definition(
            "mutual_information_difference",
            _SHARES,
            "The information of one column about another differs by {value} on "
            "average.",
            "how columns depend: opposite trends do not differ; dependence of more "
            "than two columns",
            *(0.02, 0.06),
        ),
        Definition(
            "knn_precision",
            _SIMILAR,
            "{percent} of the synthetic rows lie where real rows are.",
            "variety: copies of a single row get 1",
            *(0.05, 0.2),
        ),
        Definition(
            "knn_recall",
            _SIMILAR,
            "{percent} of the real rows lie where synthetic rows are.",
            "quality: widely scattered noise may cover everything",
            *(0.05, 0.2),
        ),
        Definition(
            "knn_f1",
            _SIMILAR,
            "The harmonic mean of precision and recall is {value}.",
            "which of the two is low",
            *(0.05, 0.2),
        ),
        Definition(
            "alpha_precision",
            _SIMILAR,
            "Synthetic rows are as typical as real ones to {percent}.",
            "what lies at the same distance from the centre of the table",
            *(0.05, 0.2),
        ),
        Definition(
            "beta_recall",
            _SIMILAR + ", which fresh rows do not reach in many columns",
            "Typical and untypical synthetic rows cover the real ones to {percent}.",
            "copies, which look like good rows",
            *(0.05, 0.2),
        ),
        Definition(
            "train_synthetic_test_real",
            "0 to 1; good is what real rows to train on give, which stands beside it",
            "A classifier that was trained on these rows ranks {percent} of the pairs "
            "of real rows of different labels rightly; guesses get 50 %.",
            "columns that do not bear on the label; copies get the best score",
            *(0.02, 0.1, 0.5),
        ),
        Definition(
            "utility_ratio",
            "0 or more; 1 is as useful as real rows",
            "The classifier gets {percent} of the score that real rows to train on "
            "give.",
            "that guesses get more than 0",
            *(0.02, 0.1, 0.6),
        ),
        Definition(
            "feature_importance_agreement",
            "-1 to 1; 1 is the same order",
            "Real and synthetic rows rank the columns' importance alike to {value}.",
            "the size of the importances, and the direction of effects",
            *(0.2, 0.5),
        ),
        Definition(
            "js_fidelity",
            _SIMILAR,
            "One minus the mean Jensen-Shannon divergence of the columns is {value}.",
            _DEPENDENCE,
            *(0.01, 0.05, 0.2),
        ),
        Definition(
            "combined_score",
            "0 to 1" + _FRESH,
            "The mean of usefulness and fidelity is {value}.",
            "which of the two is low; privacy",
            *(0.02, 0.08, 0.35),
        ),
        Definition(
            "copies",
            "0 to 1" + _FRESH,
            "{percent} of the synthetic rows are exactly equal to a training row.",
            "a row that differs in the last digit of one number",
            *(0.002, 0.02, None),
        ),
        Definition(
            "hitting_rate",
            "0 to 1" + _FRESH,
            "{percent} of the training rows are hit by a synthetic row: equal "
            "categories, and numbers within a thirtieth of their range.",
            "rows of many columns, of which one was changed",
            *(0.01, 0.05, None),
            equal_sizes=True,
        ),
        Definition(
            "distance_to_closest_record",
            "0 or more" + _FRESH,
            "Half of the synthetic rows are nearer than {value} to a training row.",
            "a few rows that are near, as it is a median; that noise is far, too",
            *(0.1, 0.3, 0.9),
            relative=True,
        ),
        Definition(
            "dcr_ratio",
            "0 or more; fresh real rows get 1",
            "Synthetic rows are {value} times as far from a training row as training "
            "rows from one another.",
            "a few rows that are near, as it is a ratio of medians",
            *(0.1, 0.3, 0.9),
            relative=True,
        ),
        Definition(
            "dcr_share",
            _LEAK_AUC,
            "{percent} of the synthetic rows are nearer to a training than to a "
            "held-out row; of fresh rows, half are.",
            "how much nearer",
            *(0.02, 0.1),
            fresh_is_ideal=True,
        ),
        Definition(
            "nndr",
            "0 to 1" + _FRESH,
            "The closest training row is {value} times as far as the second closest: "
            "near 0, a row identifies one training row.",
            "a few rows that point at one training row, as it is a median",
            *(0.1, 0.3, 0.9),
            relative=True,
        ),
        Definition(
            "privacy_loss",
            "-1 to 1; fresh real rows get 0",
            "Synthetic rows point at single training rows by {value} more than at "
            "rows never seen.",
            "copies of rows that occur more than once",
            *(0.02, 0.1, 0.4),
            fresh_is_ideal=True,
        ),
        Definition(
            "epsilon_identifiability",
            "0 to 1" + _FRESH,
            "To {percent} of the training rows, a synthetic row is nearer than any "
            "other training row.",
            "rows that occur twice; how near the synthetic rows are",
            *(0.03, 0.15, None),
            equal_sizes=True,
        ),
        Definition(
            "distance_membership_inference",
            _LEAK_AUC,
            "Of {percent} of the pairs of a training and a held-out row, an attacker "
            "tells by the distance which was trained on; guesses get 50 %.",
            "a few rows that leak, as it is an average",
            *(0.02, 0.1),
            fresh_is_ideal=True,
        ),
        Definition(
            "density_membership_inference",
            _LEAK_AUC,
            "Of {percent} of the pairs of a training and a held-out row, an attacker "
            "tells by the density which was trained on; guesses get 50 %.",
            "a few rows that leak, as it is an average",
            *(0.02, 0.1),
            fresh_is_ideal=True,
        ),
        Definition(
            "singling_out_risk",
            _RISK,
            "Beyond chance, {percent} of the attacks single out one training row.",
            "attacks of another kind",
            *(0.05, 0.15, 0.7),
            fresh_is_ideal=True,
        ),
        Definition(
            "linkability_risk",
            _RISK,
            "Beyond chance, {percent} of the attacks join two halves of a training "
            "row.",
            "rows that one half of the columns does not identify",
            *(0.05, 0.15, 0.7),
            fresh_is_ideal=True,
        ),
        Definition(
            "inference_risk",
            _RISK,
            "Beyond chance, {percent} of the attacks guess the secret of a training "
            "row.",
            "secrets in other columns than the one attacked",
            *(0.05, 0.15, 0.7),
            fresh_is_ideal=True,
        ),
    )
}
