"""One contract over all engines: run, sources, units in names, documentation."""

import dataclasses
import importlib
import inspect
import re
import subprocess
import sys
import typing
from pathlib import Path

import pytest

from anlan.engines.errors import BadCase

ROOT = Path(__file__).parents[4]
NAMES = sorted(
    path.parent.name
    for path in Path(__file__).parents[1].glob("*/__init__.py")
    if path.parent.name != "tests"
)
UNIT = re.compile(
    r"_(m|m2|mm|km|s|min|h|m_s|mm_h|mm_min|m2_s|m3_s|m3|1_h|bytes|l_s_ha|kpa|kw_m2|c|deg)$"
)
# What has no unit: counts, indices, ratios, and Manning's n, whose unit is in its comment.
PURE = {
    *("row", "col", "rows", "cols", "first", "last", "steps", "cell_updates", "years", "number"),
    *(
        "manning",
        "slope",
        "courant",
        "theta",
        "deficit",
        "values",
        "c",
        "n",
        "ratio",
        "routing_error",
    ),
}


@pytest.fixture(params=NAMES)
def engine(request):
    return importlib.import_module(f"anlan.engines.{request.param}")


def shapes_of(engine):
    """The dataclasses that an engine shows."""
    shown = [getattr(engine, name) for name in engine.__all__]
    return [one for one in shown if inspect.isclass(one) and dataclasses.is_dataclass(one)]


def test_there_are_engines():
    assert {"flood", "rain"} <= set(NAMES)


def test_an_engine_shows_one_run_its_sources_and_the_one_refusal(engine):
    assert callable(engine.run)
    assert {"run", "SOURCES", "BadCase"} <= set(engine.__all__)
    assert engine.BadCase is BadCase
    assert all(re.search(r"\b(1[89]|20)\d\d\b", source) for source in engine.SOURCES)


def test_what_an_engine_takes_and_gives_is_frozen(engine):
    shapes = shapes_of(engine)

    assert len(shapes) >= 2
    assert [one.__name__ for one in shapes if not one.__dataclass_params__.frozen] == []


def test_every_number_has_its_unit_in_its_name(engine):
    wrong = []
    for shape in shapes_of(engine):
        kinds = typing.get_type_hints(shape)
        for field in dataclasses.fields(shape):
            text = str(kinds[field.name])
            number = any(kind in text for kind in ("float", "Buffer", "floating"))
            named = UNIT.search(field.name) or field.name in PURE
            if number and not named and not dataclasses.is_dataclass(kinds[field.name]):
                wrong.append(f"{shape.__name__}.{field.name}")
    assert wrong == []


def test_everything_shown_says_what_it_is(engine):
    dumb = [name for name in engine.__all__ if not inspect.getdoc(getattr(engine, name))]

    assert [name for name in dumb if name != "SOURCES"] == []


def test_an_engine_has_its_page_with_what_was_verified_and_its_limits(engine):
    page = (ROOT / f"docs/engines/{engine.__name__.split('.')[-1]}.md").read_text("utf-8")

    for heading in ("## How it was verified", "## Limits"):
        assert heading in page


@pytest.mark.parametrize("name", NAMES)
def test_showing_an_engine_compiles_nothing(name):
    """A web process may import it for its dataclasses: numba stays outside."""
    code = f"import sys, anlan.engines.{name}; assert 'numba' not in sys.modules"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)

    assert done.returncode == 0, done.stderr


TINY = """
import numpy as np
from anlan.engines.flood import *
bed = np.random.default_rng(1).uniform(0, 1, (5, 6))
end = run(FloodCase(bed_m=bed, cell_m=5.0, rain=Rain([0, 60], [60.0]),
                    infiltration=GreenAmpt(5.0, 100.0, 0.2), edges=(OpenEdge("east"),),
                    links=(Culvert((1, 1), (3, 4), 0.1, 0.0, 1.0, 1.0, 9.0),),
                    walls=(Wall(2, 2, "east", 2.0),)), 40.0)
print(end.balance.error_m3, end.state.arrays["units"].sum())
"""


def test_the_kernels_give_the_same_bits_as_plain_python():
    """Without the compiler every line can be stepped through; it must be the same computation."""
    told = []
    for off in ("0", "1"):
        done = subprocess.run(
            [sys.executable, "-W", "ignore", "-c", TINY],
            capture_output=True,
            text=True,
            env={"NUMBA_DISABLE_JIT": off, "PYTHONPATH": str(ROOT / "src"), "HOME": "/tmp"},
        )
        assert done.returncode == 0, done.stderr
        told.append(done.stdout)
    assert told[0] == told[1]
