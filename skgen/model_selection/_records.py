"""Files of the results of a study."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import joblib

from skgen import __version__


@dataclass(frozen=True)
class Records:
    """Files of results, named by hashes of all that the contents depend on."""

    folder: Path
    common: str
    repeats: list[str]

    @classmethod
    @contextmanager
    def opened(
        cls, directory: str | Path | None, common: Any, repeats: Iterable[Any]
    ) -> Iterator[Records]:
        """Keep files in a folder, or in a temporary one.

        All results depend on `common`, those of a repeat on its item of `repeats`.
        """
        hashes = [joblib.hash(repeat) for repeat in repeats]
        folder = Path(tempfile.mkdtemp() if directory is None else directory)
        folder.mkdir(parents=True, exist_ok=True)
        try:
            yield cls(folder, joblib.hash((common, __version__)), hashes)
        finally:
            if directory is None:
                shutil.rmtree(folder, ignore_errors=True)

    def path(self, kind: str, repeat: int, *parts: Any) -> Path:
        """Return the file of a result that depends on `parts`."""
        name = joblib.hash((self.common, self.repeats[repeat], parts))
        return self.folder / f"{kind}-{name}.joblib"


def keep(value: Any, path: Path) -> None:
    """Write a file atomically, so that an interrupt leaves none incomplete."""
    with tempfile.NamedTemporaryFile(dir=path.parent, delete=False) as file:
        joblib.dump(value, file)
    Path(file.name).replace(path)
