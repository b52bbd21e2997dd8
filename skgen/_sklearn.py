"""Untyped parts of scikit-learn and imbalanced-learn, as a type checker sees them."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, ClassVar, Self, TypeVar

from sklearn.base import _fit_context

Method = TypeVar("Method", bound=Callable)

if TYPE_CHECKING:

    class BaseOverSampler:
        """What generators use of imbalanced-learn's base class."""

        _parameter_constraints: ClassVar[dict]

        def get_params(self, deep: bool = True) -> dict[str, Any]: ...

        def set_params(self, **params: Any) -> Self: ...

        def _validate_params(self) -> None: ...

        def __getstate__(self) -> dict[str, Any]: ...

        def __setstate__(self, state: dict[str, Any]) -> None: ...

        def __sklearn_tags__(self) -> Any: ...

else:
    from imblearn.over_sampling.base import BaseOverSampler


def validated(method: Method) -> Method:
    """Check the estimator's parameters before `fit`; nested ones are left to it."""
    return _fit_context(prefer_skip_nested_validation=True)(method)


__all__ = ["BaseOverSampler", "validated"]
