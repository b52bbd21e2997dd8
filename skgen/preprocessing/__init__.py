"""Tables of mixed columns as numbers for classifiers."""

from skgen.preprocessing._aggregator import ClickAggregator
from skgen.preprocessing._ctr import CTRPreprocessor
from skgen.preprocessing._lists import ListEncoder

__all__ = ["CTRPreprocessor", "ClickAggregator", "ListEncoder"]
