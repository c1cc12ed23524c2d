"""Compiled kernels that are kept on disk, and made anew when any kernel's source changes.

Numba keeps a function's code as long as the function's own file is the same, but that code holds
the code of every kernel it calls, from whatever file. So the stamp of all kept code is that of all
the sources here that take part in it.
"""

from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

from numba import njit

CONSTANTS = "lattice.py"  # has no kernel, but its constants are compiled in


def stamp_of(folder: Path) -> str:
    """A digest of the kernels' sources in a folder."""
    digest = sha256()
    for path in sorted(folder.glob("*.py")):
        text = path.read_bytes()
        if path.name == CONSTANTS or b"njit" in text or b"@kept" in text:
            digest.update(path.name.encode() + text)
    return digest.hexdigest()


STAMP = stamp_of(Path(__file__).parent)


def kept(**options: Any) -> Callable[[Any], Any]:
    """``njit(nogil=True, cache=True)`` whose kept code goes by ``STAMP``."""

    def compiled(kernel: Any) -> Any:
        made = njit(cache=True, nogil=True, **options)(kernel)
        files = getattr(getattr(made, "_cache", None), "_cache_file", None)
        if files is not None:  # none where compiling is switched off
            files._source_stamp = STAMP
        return made

    return compiled
