"""The order of a chain of columns."""

import pandas as pd
import pytest

from skgen._visit_order import visit_order
from skgen.table import TableSchema


@pytest.mark.parametrize(
    ("order", "expected"),
    [
        ("auto", ["a", "b", "c"]),
        ("cardinality", ["b", "a", "c"]),
        (["c"], ["c", "a", "b"]),
        (["constant", "b"], ["b", "a", "c"]),
    ],
)
def test_visit_order(order, expected):
    X = pd.DataFrame({"a": [1.0, 2, 3], "b": list("xxy"), "c": [4.0, 5, 6]})
    fields = TableSchema().fit(X).fields_
    found = visit_order(order, fields, [*X.columns, "constant"], [3, 2, 4])
    assert [fields[i].name for i in found] == expected
