"""Compiled code that is kept goes by the sources of all kernels."""

from importlib import import_module
from pathlib import Path
from shutil import copy

from anlan.engines.flood import kept

FOLDER = Path(kept.__file__).parent


def test_a_change_in_any_kernel_s_source_makes_all_anew(tmp_path):
    for path in FOLDER.glob("*.py"):
        copy(path, tmp_path)
    before = kept.stamp_of(tmp_path)

    assert before == kept.STAMP
    for name in ("inertial.py", "subgrid.py", "lattice.py"):  # march's code holds theirs
        with (tmp_path / name).open("a") as source:
            source.write("# another line\n")
        assert kept.stamp_of(tmp_path) != before
        before = kept.stamp_of(tmp_path)


def test_every_kept_kernel_has_the_stamp():
    stamps = {
        kernel._cache._cache_file._source_stamp
        for path in FOLDER.glob("*.py")
        for kernel in vars(import_module(f"anlan.engines.flood.{path.stem}")).values()
        if hasattr(kernel, "_cache") and hasattr(kernel._cache, "_cache_file")
    }

    assert stamps == {kept.STAMP}
