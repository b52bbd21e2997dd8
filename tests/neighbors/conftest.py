"""One thread for small matrices."""

from __future__ import annotations

import pytest
from threadpoolctl import threadpool_limits


@pytest.fixture(autouse=True)
def _one_thread():
    # Small matrices: threads would wait for each other.
    with threadpool_limits(1):
        yield
