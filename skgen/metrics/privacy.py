"""Measures of how much a synthetic table reveals of its training rows.

Each takes held-out real rows and, with ``return_baseline=True``, returns beside its
value the one that fresh real rows get: what is worse than that is a leak.
"""

from skgen.metrics._anonymeter import (
    inference_risk,
    linkability_risk,
    singling_out_risk,
)
from skgen.metrics._distances import (
    dcr_ratio,
    dcr_share,
    distance_to_closest_record,
    epsilon_identifiability,
)
from skgen.metrics._matches import copies, hitting_rate
from skgen.metrics._membership import (
    density_membership_inference,
    distance_membership_inference,
)
from skgen.metrics._ratios import nndr, privacy_loss

__all__ = [
    "copies",
    "dcr_ratio",
    "dcr_share",
    "density_membership_inference",
    "distance_membership_inference",
    "distance_to_closest_record",
    "epsilon_identifiability",
    "hitting_rate",
    "inference_risk",
    "linkability_risk",
    "nndr",
    "privacy_loss",
    "singling_out_risk",
]
