"""Commands as they are typed."""

from __future__ import annotations

import shlex
from typing import Any


def written(command: str, *arguments: Any) -> str:
    """Write a command so that it can be typed again.

    Parameters
    ----------
    command : str
        Its name.

    *arguments : object
        Its arguments, None being left out; a dict holds options. Those that are None
        or False are left out, True stands for a flag, and the values of a list for an
        option that is given again and again.

    Returns
    -------
    text : str

    Examples
    --------
    >>> from skgen.cli._commands import written
    >>> written("fit", "my table.csv", {"--seed": 0, "--drop": ["a", "b"], "-q": True})
    "skgen fit 'my table.csv' --seed 0 --drop a --drop b -q"
    """
    parts = ["skgen", command]
    for argument in arguments:
        if not isinstance(argument, dict):
            parts += [] if argument is None else [str(argument)]
            continue
        for name, value in argument.items():
            if value is None or value is False:
                continue
            if value is True:
                parts.append(name)
                continue
            values = value if isinstance(value, list) else [value]
            for one in values:
                parts += [name, str(one)]
    return shlex.join(parts)
