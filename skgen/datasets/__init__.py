"""Click data: files of public data sets, a small real sample, and a simulator."""

from ._avazu import read_avazu
from ._balanced import sample_balanced
from ._clicks import make_clicks
from ._criteo import read_criteo
from ._digix import read_digix
from ._libfm import read_frappe, read_libfm
from ._open_bandit import load_open_bandit

__all__ = [
    "load_open_bandit",
    "make_clicks",
    "read_avazu",
    "read_criteo",
    "read_digix",
    "read_frappe",
    "read_libfm",
    "sample_balanced",
]
