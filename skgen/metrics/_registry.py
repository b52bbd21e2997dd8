"""The record of each measure.

Scorers, the tables and summaries of docstrings, reports and comparisons are made from
these records.
"""

from __future__ import annotations

from functools import partial

from skgen._docs import fill
from skgen.metrics import _papers as papers
from skgen.metrics import fidelity, privacy, utility
from skgen.metrics._measure import Measure, cite

_fidelity = partial(Measure, "fidelity")
_utility = partial(Measure, "utility")
_privacy = partial(Measure, "privacy")

MEASURES = {
    measure.name: measure
    for measure in (
        _fidelity(
            fidelity.alpha_precision,
            title="Alpha-precision",
            definition=(
                "Integrated alpha-precision: synthetic rows are as typical as real ones"
            ),
            higher_is_better=True,
            ideal=1.0,
            papers=(papers.ALAA_2022 + ", section 3",),
        ),
        _fidelity(
            fidelity.beta_recall,
            title="Beta-recall",
            definition=("Integrated beta-recall: synthetic rows cover the real ones"),
            higher_is_better=True,
            ideal=1.0,
            papers=(papers.ALAA_2022 + ", section 3",),
        ),
        _fidelity(
            fidelity.blind_detection,
            title="Blind detection",
            definition=(
                "AUC of a classifier that tells real rows from synthetic ones without "
                "the names of ids"
            ),
            ideal=0.5,
        ),
        _fidelity(
            fidelity.id_frequency_distance,
            title="Rows per id",
            definition=(
                "Mean total variation between the distributions of the number of rows "
                "of an id"
            ),
            ideal=0.0,
        ),
        _fidelity(
            fidelity.rules_kept,
            title="Rules kept",
            definition=(
                "Mean share of synthetic rows in which the rules of the real table hold"
            ),
            higher_is_better=True,
            ideal=1.0,
        ),
        _fidelity(
            fidelity.contingency_similarity,
            title="Similarity of pairs",
            definition=("Similarity of the contingency tables of the pairs of columns"),
            higher_is_better=True,
            ideal=1.0,
            papers=(papers.PATKI_2016,),
        ),
        _fidelity(
            fidelity.correlation_difference,
            title="Difference of associations",
            definition=(
                "Mean absolute difference between the associations of the column pairs"
            ),
            ideal=0.0,
            papers=(papers.CRAMER_1946 + ", chapter 21",),
        ),
        _fidelity(
            fidelity.correlation_similarity,
            title="Similarity of correlations",
            definition=(
                "Similarity of the correlations of the pairs of numeric columns"
            ),
            higher_is_better=True,
            ideal=1.0,
            needs=("numeric columns",),
            papers=(papers.SPEARMAN_1904,),
        ),
        _fidelity(
            fidelity.detection,
            title="Detection",
            definition=(
                "Area under the ROC curve of a classifier that tells real rows from "
                "synthetic"
            ),
            ideal=0.5,
            papers=(papers.LOPEZPAZ_2017,),
        ),
        _fidelity(
            fidelity.earth_movers_distance,
            title="Earth mover's distance",
            definition="Earth mover's (Wasserstein-1) distance of the columns",
            ideal=0.0,
            papers=(papers.RUBNER_2000, papers.VALLENDER_1974),
        ),
        _fidelity(
            fidelity.hellinger_distance,
            title="Hellinger distance",
            definition="Hellinger distance of the columns",
            ideal=0.0,
            papers=(papers.HELLINGER_1909,),
        ),
        _fidelity(
            fidelity.js_divergence,
            title="Jensen-Shannon divergence",
            definition="Jensen-Shannon divergence of the columns, in bits",
            ideal=0.0,
            papers=(papers.LIN_1991,),
        ),
        _fidelity(
            fidelity.kde_overlap,
            title="Overlap of densities",
            definition=(
                "Overlap of the kernel density estimates of the numeric columns"
            ),
            higher_is_better=True,
            ideal=1.0,
            needs=("numeric columns",),
            papers=(papers.INMAN_1989, papers.SCOTT_1992),
        ),
        _fidelity(
            fidelity.kl_divergence,
            title="Kullback-Leibler divergence",
            definition=(
                "Kullback-Leibler divergence of the real from the synthetic "
                "columns, in bits"
            ),
            ideal=0.0,
            papers=(papers.KULLBACK_1951, papers.KRICHEVSKY_1981),
        ),
        _fidelity(
            fidelity.knn_f1,
            title="Precision and recall in one",
            definition="Harmonic mean of precision and recall",
            higher_is_better=True,
            ideal=1.0,
            papers=(papers.KYNKAANNIEMI_2019, papers.SAJJADI_2018),
        ),
        _fidelity(
            fidelity.knn_precision,
            title="Precision",
            definition="Share of synthetic rows that lie where real rows are",
            higher_is_better=True,
            ideal=1.0,
            papers=(papers.KYNKAANNIEMI_2019 + ", equations 1 and 2",),
        ),
        _fidelity(
            fidelity.knn_recall,
            title="Recall",
            definition="Share of real rows that lie where synthetic rows are",
            higher_is_better=True,
            ideal=1.0,
            papers=(papers.KYNKAANNIEMI_2019 + ", equations 1 and 2",),
        ),
        _fidelity(
            fidelity.ks_statistic,
            title="Kolmogorov-Smirnov statistic",
            definition=(
                "Two-sample Kolmogorov-Smirnov statistic of the numeric columns"
            ),
            ideal=0.0,
            needs=("numeric columns",),
            papers=(papers.SMIRNOV_1948,),
        ),
        _fidelity(
            fidelity.mutual_information_difference,
            title="Difference of mutual information",
            definition=(
                "Mean absolute difference between the mutual information of the "
                "column pairs"
            ),
            ideal=0.0,
            papers=(papers.SHANNON_1948, papers.VINH_2010 + ", table 2"),
        ),
        _fidelity(
            fidelity.propensity_auc,
            title="Propensity score",
            definition="Area under the ROC curve of the rows' propensity scores",
            ideal=0.5,
            papers=(papers.ROSENBAUM_1983, papers.WOO_2009),
        ),
        _fidelity(
            fidelity.total_variation,
            title="Total variation",
            definition="Total variation distance of the columns",
            ideal=0.0,
            papers=(papers.LEVIN_2009 + ", proposition 4.2",),
        ),
        _utility(
            utility.combined_score,
            title="Combined score of the studies",
            definition="Weighted mean of utility and fidelity",
            higher_is_better=True,
            needs=("labels",),
            papers=(papers.ESTEBAN_2017, papers.LIN_1991),
        ),
        _utility(
            utility.feature_importance_agreement,
            title="Agreement on the columns' importance",
            definition=(
                "Rank correlation of the columns' importances to two classifiers"
            ),
            higher_is_better=True,
            ideal=1.0,
            needs=("labels",),
            papers=(papers.SPEARMAN_1904, papers.CHEN_2016),
        ),
        _fidelity(
            utility.js_fidelity,
            title="Fidelity of the studies",
            definition=("One minus the mean Jensen-Shannon divergence of the columns"),
            higher_is_better=True,
            ideal=1.0,
            papers=(papers.LIN_1991,),
        ),
        _utility(
            utility.train_real_test_real,
            title="Trained on real, tested on real",
            definition=(
                "Score on real rows of a classifier that was trained on real rows"
            ),
            higher_is_better=True,
            needs=("labels",),
            papers=(papers.ESTEBAN_2017,),
        ),
        _utility(
            utility.train_synthetic_test_real,
            title="Trained on synthetic, tested on real",
            definition=(
                "Score on real rows of a classifier that was trained on synthetic rows"
            ),
            higher_is_better=True,
            needs=("labels",),
            papers=(papers.ESTEBAN_2017,),
        ),
        _utility(
            utility.utility_ratio,
            title="Share of the real rows' score",
            definition=(
                "Score of training on synthetic rows relative to that of training "
                "on real rows"
            ),
            higher_is_better=True,
            ideal=1.0,
            needs=("labels",),
            papers=(papers.ESTEBAN_2017,),
        ),
        _privacy(
            privacy.copies,
            title="Copies",
            definition=("Share of synthetic rows that are exactly equal to a real row"),
            needs=("training rows",),
        ),
        _privacy(
            privacy.dcr_ratio,
            title="Ratio of closest distances",
            definition=(
                "Distance to the closest training row, relative to that of the "
                "training rows"
            ),
            higher_is_better=True,
            ideal=1.0,
            needs=("training rows",),
            papers=(papers.HERNANDEZ_2022,),
        ),
        _privacy(
            privacy.dcr_share,
            title="Share nearer to training rows",
            definition=(
                "Share of synthetic rows that are nearer to a training than to a "
                "held-out row"
            ),
            ideal=0.5,
            needs=("training rows", "held-out rows"),
            papers=(papers.PLATZER_2021,),
        ),
        _privacy(
            privacy.density_membership_inference,
            title="Membership attack by density",
            definition=(
                "Area under the ROC curve of a membership attack by density (DOMIAS)"
            ),
            ideal=0.5,
            needs=("training rows", "held-out rows"),
            papers=(papers.BREUGEL_2023 + ", equation 2", papers.LOFTSGAARDEN_1965),
        ),
        _privacy(
            privacy.distance_membership_inference,
            title="Membership attack by distance",
            definition=("Area under the ROC curve of a membership attack by distance"),
            ideal=0.5,
            needs=("training rows", "held-out rows"),
            papers=(papers.CHEN_2020 + ", section 5.2",),
        ),
        _privacy(
            privacy.distance_to_closest_record,
            title="Distance to the closest record",
            definition=(
                "Median distance from a synthetic row to its closest training row"
            ),
            higher_is_better=True,
            needs=("training rows",),
            papers=(papers.PARK_2018 + ", section 5",),
        ),
        _privacy(
            privacy.epsilon_identifiability,
            title="Identifiability",
            definition=(
                "Share of training rows to which a synthetic row is nearer than any "
                "training row"
            ),
            needs=("training rows", "held-out rows"),
            papers=(papers.YOON_2020 + ", definition 1",),
        ),
        _privacy(
            privacy.hitting_rate,
            title="Hitting rate",
            definition="Share of training rows that a synthetic row hits",
            needs=("training rows", "held-out rows"),
            papers=(papers.FAN_2020 + ", section 6",),
        ),
        _privacy(
            privacy.inference_risk,
            title="Inference risk",
            definition=(
                "Risk that a secret of training rows can be inferred (package "
                "anonymeter)"
            ),
            ideal=0.0,
            needs=("training rows", "held-out rows"),
            papers=(papers.GIOMI_2023 + ", section 4 and 5.3",),
        ),
        _privacy(
            privacy.linkability_risk,
            title="Linkability risk",
            definition=(
                "Risk that synthetic rows join two halves of training rows (package "
                "anonymeter)"
            ),
            ideal=0.0,
            needs=("training rows", "held-out rows"),
            papers=(papers.GIOMI_2023 + ", section 4 and 5.2",),
        ),
        _privacy(
            privacy.nndr,
            title="Nearest-neighbour distance ratio",
            definition=(
                "Median nearest-neighbour distance ratio of the synthetic rows"
            ),
            higher_is_better=True,
            needs=("training rows",),
            papers=(
                papers.LOWE_2004 + ", section 7.1",
                papers.ZHAO_2021 + ", section 4",
            ),
        ),
        _privacy(
            privacy.privacy_loss,
            title="Privacy loss",
            definition=(
                "Difference of the mean distance ratios to held-out and to training "
                "rows"
            ),
            ideal=0.0,
            needs=("training rows", "held-out rows"),
            papers=(
                papers.ZHAO_2021 + ", section 4",
                papers.YALE_2019 + ", where the loss is that of another measure",
            ),
        ),
        _privacy(
            privacy.singling_out_risk,
            title="Singling-out risk",
            definition=(
                "Risk that synthetic rows single out training rows (package anonymeter)"
            ),
            ideal=0.0,
            needs=("training rows", "held-out rows"),
            papers=(papers.GIOMI_2023 + ", section 4 and 5.1",),
        ),
    )
}


for _measure in MEASURES.values():
    _measure.function.__doc__ = fill(
        _measure.function.__doc__,
        {"definition": _measure.definition, "references": cite(_measure.papers)},
    )
