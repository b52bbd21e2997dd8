"""Errors as a user of the shell sees them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import typer


@contextmanager
def plain_errors() -> Iterator[None]:
    """End with one line and the exit code 2 where the input is at fault."""
    try:
        yield
    except typer.Exit:
        raise
    except (ValueError, TypeError, RuntimeError, ImportError, OSError) as error:
        message = " ".join(str(error).split())
        typer.echo(f"Error: {message}", err=True)
        raise typer.Exit(2) from None
