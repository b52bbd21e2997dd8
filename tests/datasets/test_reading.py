"""What the readers of click files share."""

import inspect

import pytest

from skgen import datasets
from skgen.datasets._reading import select_columns


@pytest.mark.parametrize("name", datasets.__all__)
def test_each_parameter_is_described(name):
    function = getattr(datasets, name)
    lines = function.__doc__.splitlines()
    for parameter in inspect.signature(function).parameters:
        assert any(line.startswith(f"    {parameter} : ") for line in lines)
    assert not any(line.strip().startswith("<") for line in lines)


def test_names_that_the_file_lacks():
    assert select_columns(["b", "a"], ["c"], ["a", "b", "c"]) == ["a", "b"]
    assert select_columns(None, ["c"], ["a", "b", "c"]) == ["c"]
    with pytest.raises(ValueError, match=r"names \['z'\]"):
        select_columns(["z"], ["a"], ["a", "b"])
    with pytest.raises(ValueError, match="columns='a' is one name"):
        select_columns("a", ["a"], ["a", "b"])
