"""Pages that say what a synthetic table is worth."""

from skgen.report._comparison import ComparisonReport
from skgen.report._report import Report

__all__ = ["ComparisonReport", "Report"]
