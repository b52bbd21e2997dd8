"""Tables of mixed columns as numbers for classifiers."""

from __future__ import annotations
