"""``python -m skgen.cli``."""

from skgen.cli import app

app()
