"""Generators by name."""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Iterable
from typing import Any, NamedTuple


class Spec(NamedTuple):
    """A generator as it was typed.

    Attributes
    ----------
    generator : generator
        Not fitted.

    text : str
        The name and the parameters that were typed.

    takes_strategy : bool
        Whether `sampling_strategy` was not among the parameters, but can be set.
    """

    generator: Any
    text: str
    takes_strategy: bool


def split_specs(texts: Iterable[str]) -> list[str]:
    """Split at the commas outside brackets and quotes.

    Parameters
    ----------
    texts : iterable of str

    Returns
    -------
    specs : list of str

    Examples
    --------
    >>> from skgen.cli import split_specs
    >>> split_specs(["smotenc,SMOTE(k_neighbors=3, n_jobs=1)", "hybrid"])
    ['smotenc', 'SMOTE(k_neighbors=3, n_jobs=1)', 'hybrid']
    """
    specs = []
    for text in texts:
        depth, quote, start = 0, "", 0
        for place, char in enumerate(text):
            if quote:
                quote = "" if char == quote else quote
            elif char in "'\"":
                quote = char
            elif char in "([{":
                depth += 1
            elif char in ")]}":
                depth -= 1
            elif char == "," and depth == 0:
                specs.append(text[start:place])
                start = place + 1
        specs.append(text[start:])
    specs = [spec.strip() for spec in specs]
    return [spec for spec in specs if spec]


def parse_generator(text: str) -> Spec:
    """Make a generator from its name and, in brackets, its parameters.

    Parameters
    ----------
    text : str
        Name of a class of skgen, in any spelling ("smotenc", "gaussian-copula"), and
        parameters as in Python. Their values are literals or generators; nothing else
        is evaluated.

    Returns
    -------
    spec : Spec

    Raises
    ------
    ValueError
        If the generator or a parameter is unknown, or the text cannot be read.
    """
    match = re.fullmatch(r"\s*([A-Za-z][\w-]*)\s*(\(.*\))?\s*", text, flags=re.DOTALL)
    if match is None:
        raise _unreadable(text)
    cls = _find_generator(match[1])
    try:
        call = ast.parse(f"_{match[2] or '()'}", mode="eval").body
    except SyntaxError:
        raise _unreadable(text) from None
    if not isinstance(call, ast.Call) or not isinstance(call.func, ast.Name):
        raise _unreadable(text)
    params = _parse_params(cls, call, text)
    takes_strategy = (
        "sampling_strategy" not in params
        and "sampling_strategy" in cls._get_param_names()
    )
    return Spec(cls(**params), text.strip(), takes_strategy)


def _parse_params(cls: Any, call: ast.Call, text: str) -> dict[str, Any]:
    known = cls._get_param_names()
    params = {}
    if call.args:
        raise ValueError(
            f"{text!r} has a value without a name: write parameters as name=value."
        )
    for keyword in call.keywords:
        name = str(keyword.arg)
        if name not in known:
            raise ValueError(
                f"{cls.__name__} has no parameter {name!r}. It takes {known}."
            )
        params[name] = _parse_value(keyword.value, text)
    return params


def _parse_value(node: ast.expr, text: str) -> Any:
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
        cls = _find_generator(node.func.id)
        return cls(**_parse_params(cls, node, text))
    try:
        return ast.literal_eval(node)
    except ValueError:
        raise ValueError(
            f"{ast.unparse(node)!r} in {text!r} is no literal: values are numbers, "
            "quoted strings, True, False, None, or tuples, lists and dicts of these."
        ) from None


def _unreadable(text: str) -> ValueError:
    return ValueError(
        f"{text!r} is no generator: write a name such as smotenc, or a name and "
        "parameters such as AutoregressiveTrees(min_samples_leaf=20)."
    )


def _find_generator(name: str) -> Any:
    """Return the class of a generator, whatever the spelling of its name."""
    import difflib
    import inspect

    import skgen

    wanted = re.sub(r"[-_]", "", name).lower()
    public = {known.lower(): known for known in skgen.__all__ if known[0].isupper()}
    found = getattr(skgen, public[wanted]) if wanted in public else None
    if (
        not inspect.isclass(found)
        or inspect.isabstract(found)
        or not hasattr(found, "fit_resample")
    ):
        close = difflib.get_close_matches(wanted, public, n=1)
        guess = f" Did you mean {public[close[0]]}?" if close else ""
        raise ValueError(
            f"There is no generator {name!r}.{guess} There are "
            f"{', '.join(sorted(public.values()))}."
        )
    return found


def name_generators(texts: Iterable[str]) -> dict[str, Spec]:
    """Return generators by their classes, or by their whole text if these repeat."""
    specs = [parse_generator(text) for text in split_specs(texts)]
    kinds = [type(spec.generator).__name__ for spec in specs]
    names = [
        spec.text if kinds.count(kind) > 1 else kind
        for kind, spec in zip(kinds, specs, strict=True)
    ]
    for name, times in Counter(names).items():
        if times > 1:
            raise ValueError(f"The generator {name!r} is given {times} times.")
    return dict(zip(names, specs, strict=True))
