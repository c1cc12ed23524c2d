"""Every figure beside its comparison: `make bench`, or `make bench ONLY=ingest`.

A benchmark is a module here with `run() -> list[dict]`, each with name, value, unit, comparison
(text) and ratio (or None). A module is imported only when it runs. Results are merged by name
into build/bench.json, so that a part can be repeated.
"""

import argparse
import importlib.util
import json
import os
import sys
import traceback
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
OUT = ROOT / "build/bench.json"
# Wall times on few cores count only where the machine was idle before.
IDLE_LOAD = 0.3


def modules() -> list[str]:
    here = Path(__file__).parent.glob("*.py")
    return sorted(p.stem for p in here if p.stem != "run" and not p.stem.startswith("_"))


def load(name: str) -> Any:
    spec = importlib.util.spec_from_file_location(name, Path(__file__).parent / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def shown(figure: dict[str, Any]) -> str:
    ratio = figure.get("ratio")
    beside = f"  ratio {ratio:.2f}" if ratio is not None else ""
    value = figure["value"]
    number = "skipped" if value is None else f"{value:,.4g} {figure['unit']}"
    return f"{figure['name']:32} {number:>22}{beside}  | {figure['comparison']}"


def keep(figures: list[dict[str, Any]]) -> None:
    """Put these figures in place of older ones of the same name."""
    OUT.parent.mkdir(exist_ok=True)
    old = json.loads(OUT.read_text()) if OUT.exists() else []
    merged = {figure["name"]: figure for figure in [*old, *figures]}
    OUT.write_text(json.dumps(list(merged.values()), ensure_ascii=False, indent=1) + "\n")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", choices=modules(), help="run only this one")
    chosen = parser.parse_args().only
    failed = False
    for name in [chosen] if chosen else modules():
        load_before = os.getloadavg()[0]
        if load_before >= IDLE_LOAD:
            print(f"{name}: load before was {load_before:.2f}: wall times are not counted")
        try:
            figures = load(name).run()
        except Exception:
            traceback.print_exc()
            failed = True
            continue
        for figure in figures:
            figure["load_before"] = round(load_before, 2)
            print(shown(figure), flush=True)
        keep(figures)
    sys.exit(failed)


if __name__ == "__main__":
    main()
