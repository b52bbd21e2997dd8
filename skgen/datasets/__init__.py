"""Click data: a small real sample and a simulator whose best score is known."""

from ._clicks import make_clicks
from ._open_bandit import load_open_bandit

__all__ = ["load_open_bandit", "make_clicks"]
