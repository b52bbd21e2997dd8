"""Parts of docstrings that all generators share."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Callable, Mapping
from dataclasses import MISSING, fields
from typing import Any, ParamSpec

from sklearn.utils._param_validation import validate_params

P = ParamSpec("P")

_PARAMETERS = """
    sampling_strategy : float, str, dict or callable, default="auto"
        How many rows `fit_resample` adds, as in imbalanced-learn: a ratio of minority
        to majority, "minority", "not minority", "not majority", "all", "auto"
        (equivalent to "not majority"), a dict from label to the wanted number of rows,
        or a callable that takes `y` and returns such a dict, such as
        :func:`skgen.strategies.augment` and :func:`skgen.strategies.replace`.

    categorical_features : "auto" or array-like of int, str or bool, default="auto"
        Which columns are categories: by dtype ("auto": text, category and boolean
        columns), or, beside those, by indices, names or a mask.

    constraints : sequence of Constraint, default=()
        Rules that every synthetic row keeps, see :mod:`skgen.constraints`. They are
        applied in this order.

    structure : "auto", Structure or None, default="auto"
        Rules of the table that no model should have to learn: what ids determine,
        categories that are intervals of a number, sums, columns that are often equal,
        keys. "auto" finds them in the training rows
        (:func:`skgen.structure.find_structure`); every synthetic row keeps them. None
        is no such rules.

    ids : {"auto", "keep", "fresh"} or dict of column to these, default="auto"
        What becomes of the ids that the structure names. "keep" draws those of the
        training rows; "fresh" makes new ones of the same form; "auto" makes anew the
        ids that occur once, if new rows bring new ids, and keeps the others. See
        :class:`skgen.structure.Entity`.

    fit_classes : {"all", "resampled"}, default="all"
        The rows that `fit_resample` learns from: all, or only those of the classes that
        get new rows.

    reject_copies : bool or "auto", default=False
        Whether a synthetic row that equals a training row is drawn again. With True,
        what cannot be redrawn in 20 tries is an error. "auto" draws again copies of
        rows that occur once in training, as far as there are more copies than among
        fresh rows (estimated as by Good and Turing: the share of training rows that
        occur more than once).

    random_state : int, RandomState instance or None, default=None
        Seeds fitting and, from there, the stream of samples. An int makes both
        repeat exactly.
""".strip("\n")

_ATTRIBUTES = """
    classes_ : ndarray of shape (n_classes,)
        The labels learned from; the single class 0 after `fit` without `y`.

    sampling_strategy_ : dict
        Number of new rows for each label; set by `fit_resample`.

    schema_ : TableSchema
        The normal form of the columns.

    constraints_ : list of Constraint
        The fitted constraints.

    structure_ : Structure or None
        The fitted rules of the table; None if there are none.

    n_features_in_ : int
        Number of columns seen in `fit`.

    feature_names_in_ : ndarray of shape (n_features_in_,)
        Names of the columns; only if all of them are strings.

    training_rows_ : DataFrame, array, list or sparse matrix
        The table as it was given to `fit`, for the measures of privacy. A reference, no
        copy, and not part of a pickle.
""".strip("\n")


SHARED = {"parameters": _PARAMETERS, "attributes": _ATTRIBUTES}


def fill(doc: str | None, paragraphs: Mapping[str, str]) -> str:
    """Replace each line ``<name>`` of a docstring by paragraphs, indented as it is.

    A period after the placeholder stays, and so do names without paragraphs.
    """

    def paragraph(match: re.Match) -> str:
        indent, name, period = match.groups()
        if name not in paragraphs:
            return match.group()
        text = textwrap.dedent(paragraphs[name].strip("\n"))
        return textwrap.indent(text + period, indent)

    return re.sub(r"^( *)<([\w, ]+)>(\.?)$", paragraph, doc or "", flags=re.MULTILINE)


def checked(
    paragraphs: Mapping[str, str], **constraints: list | str
) -> Callable[[Callable[P, Any]], Callable[P, Any]]:
    """Decorate a function: check its parameters, and fill its docstring.

    The constraints are those of scikit-learn's `validate_params`; parameters without
    any are not checked.
    """

    def decorate(function: Callable[P, Any]) -> Callable[P, Any]:
        function.__doc__ = fill(function.__doc__, paragraphs)
        check = validate_params(constraints, prefer_skip_nested_validation=False)
        return check(function)

    return decorate


def document(cls: Any) -> None:
    """Fill the placeholders of a class's docstring.

    The docstring holds lines such as ``<parameters>`` where the paragraphs of that
    name in ``cls._shared_docs`` go. Their defaults become those of the class.
    """
    doc = cls.__dict__.get("__doc__")
    if doc is None:
        return
    defaults = {field.name: field.default for field in fields(cls)}

    def write_default(match: re.Match) -> str:
        name, text, default = match.groups()
        if name in defaults and defaults[name] is not MISSING:
            default = repr(defaults[name]).replace("'", '"')
        return f"    {name} : {text}default={default}"

    paragraphs = {
        name: re.sub(
            r"^    (\w+) : (.*)default=(.*)$", write_default, text, flags=re.MULTILINE
        )
        for name, text in cls._shared_docs.items()
    }
    cls.__doc__ = fill(doc, paragraphs)
