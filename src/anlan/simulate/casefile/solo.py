"""A case file computed to its end: frames and records on disk, checkpoints on the way."""

import hashlib
import json
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
from django.utils.translation import gettext as _

from anlan import __version__
from anlan.base.errors import Refusal
from anlan.engines import flood
from anlan.engines.flood import FloodState

from ..results.files import META, Writer, open_folder, write_meta
from ..runs.flood import fields_of, summary_of
from ..runs.solver import Moment, Solver
from ..runs.states import load_state, save_state
from ..words import in_our_words
from .read import CaseFile, Sewers

CHECKPOINT, SUMMARY = "checkpoint.npz", "summary.json"
START = datetime(2000, 1, 1, tzinfo=UTC)  # of a case that names no date; frames count from it


@dataclass
class Progress:
    """Where a run stands, told to whoever shows it."""

    time_s: float
    until_s: float
    steps_s: float  # machine seconds since this process began

    @property
    def part(self) -> float:
        return self.time_s / self.until_s if self.until_s else 1.0


Show = Callable[[Progress], None]


@dataclass
class Job:
    """One run in a folder of its own, which takes its name when it is whole."""

    file: CaseFile
    folder: Path
    show: Show
    stop: Callable[[], bool]
    started: float = field(default_factory=time.monotonic)
    saved: float = field(default_factory=time.monotonic)
    last_s: float = 0.0

    @property
    def part(self) -> Path:
        return self.folder.with_name(f".{self.folder.name}.part")

    def tell(self, time_s: float) -> bool:
        self.last_s = time_s
        self.show(Progress(time_s, self.file.run.until_s, time.monotonic() - self.started))
        due = time.monotonic() - self.saved > 60 * self.file.run.checkpoint_min
        return due or self.stop()


def run_file(
    file: CaseFile,
    folder: Path,
    *,
    resume: bool = False,
    show: Show = lambda progress: None,
    stop: Callable[[], bool] = lambda: False,
) -> dict[str, Any] | None:
    """Compute a case into `folder`; returns its summary, or None where `stop` ended it early.

    A run that was ended, or whose machine failed, goes on from its last checkpoint with `resume`.
    """
    job = Job(file, folder, show, stop)
    if file.sewers is not None:
        return run_drained(job, file.sewers, resume=resume)
    with _swept_where_refused(job), in_our_words():
        solver = Solver(file.case, factor=file.run.factor, threads=file.run.threads)
        state, frame, writer = _begin(job, resume=resume)
        times = file.run.times_s
        moment: Moment | None = None
        while frame < len(times):
            moment = solver.go(None, times[frame], state=state, tell=job.tell)
            state = moment.state
            if moment.time_s >= times[frame] - 1e-3:
                writer.frame(frame, moment.depth_m)
                frame += 1
            elif stop():
                _checkpoint(job, state, frame)
                return None
            if time.monotonic() - job.saved > 60 * file.run.checkpoint_min:
                _checkpoint(job, state, frame)
        if moment is None:  # every frame was there: the machine failed while closing
            moment = solver.go(None, times[-1], state=state)
    return _finish(job, solver, moment, writer)


def run_drained(job: Job, sewers: Sewers, *, resume: bool) -> dict[str, Any] | None:
    """With a drain network, which cannot be stopped and taken up again: in one go, one frame."""
    if resume:
        raise Refusal(
            "flood.no_checkpoint",
            _("A run with a drain network cannot go on from a checkpoint."),
            hint=_("Start it without --resume."),
        )
    _state, _frame, writer = _begin(job, resume=False, times=[job.file.run.until_s])
    with _swept_where_refused(job), in_our_words():
        done = flood.run_with_drains(
            job.file.case,
            job.file.run.until_s,
            network=sewers.inp,
            manholes=sewers.manholes,
            interval_s=sewers.interval_s,
            threads=job.file.run.threads,
            on_progress=lambda time_s: job.tell(time_s) and job.stop(),
        )
    if done.flood.time_s < job.file.run.until_s - 1e-3:
        shutil.rmtree(job.part, ignore_errors=True)
        return None
    end = Moment(done.flood.time_s, done.flood.depth_m, done.flood.state, done.flood)
    writer.frame(0, end.depth_m)
    drains = {
        "into_m3": float(done.into_drains_m3.sum()),
        "out_m3": float(done.out_of_drains_m3.sum()),
        "outfalls_m3": done.outfalls_m3,
        "stored_m3": done.stored_m3,
        "routing_error": done.routing_error,
    }
    return _finish(job, Solver(job.file.case), end, writer, {"drains": drains})


@contextmanager
def _swept_where_refused(job: Job) -> Iterator[None]:
    """What cannot be run leaves nothing behind, unless a checkpoint says that it ran before."""
    try:
        yield
    except Refusal:
        if not (job.part / CHECKPOINT).exists():
            shutil.rmtree(job.part, ignore_errors=True)
        raise


def _begin(
    job: Job, *, resume: bool, times: list[float] | None = None
) -> tuple[FloodState | None, int, Writer]:
    if job.folder.exists():
        raise Refusal(
            "flood.folder",
            _("%(folder)s exists already.") % {"folder": job.folder},
            hint=_("Name another folder with -o, or remove it."),
        )
    checkpoint = job.part / CHECKPOINT
    if resume:
        state, meta = _resumed(job, checkpoint)
        writer = Writer(job.part, grid=job.file.grid, base_at=START, made_up=False)
        writer.meta["times_s"] = job.file.run.times_s
        return state, int(meta["frame"]), writer
    if checkpoint.exists():
        raise Refusal(
            "flood.unfinished",
            _("An unfinished run of this case lies in %(folder)s.") % {"folder": job.part},
            hint=_("Go on with --resume, or remove it."),
        )
    shutil.rmtree(job.part, ignore_errors=True)
    job.part.mkdir(parents=True)
    writer = Writer(job.part, grid=job.file.grid, base_at=START, made_up=False)
    writer.frames(times or job.file.run.times_s)
    return None, 0, writer


def _resumed(job: Job, checkpoint: Path) -> tuple[FloodState, dict[str, Any]]:
    found = load_state(checkpoint)
    if found is None:
        raise Refusal(
            "flood.no_checkpoint",
            _("There is no checkpoint to go on from in %(folder)s.") % {"folder": job.part},
            hint=_("Start it without --resume."),
        )
    state, meta = found
    if meta["print"] != fingerprint(job.file):
        raise Refusal(
            "flood.other_case",
            _("The checkpoint is of another case: its ground, forcing or times have changed."),
            hint=_("Start it without --resume, in another folder."),
        )
    return state, meta


def _checkpoint(job: Job, state: FloodState, frame: int) -> None:
    save_state(job.part / CHECKPOINT, state, {"frame": frame, "print": fingerprint(job.file)})
    job.saved = time.monotonic()


def _finish(
    job: Job, solver: Solver, end: Moment, writer: Writer, more: dict[str, Any] | None = None
) -> dict[str, Any]:
    found = fields_of(end)
    for name, values in found.items():
        writer.field(name, values)
    summary = summary_of(end, found, job.file.grid) | {
        "title": job.file.title,
        "engine": f"flood {__version__}",
        "case": fingerprint(job.file),
        "took_s": round(time.monotonic() - job.started, 1),
        **(more or {}),
    }
    writer.meta["summary"] = summary
    write_meta(job.part, writer.meta)
    (job.part / SUMMARY).write_text(json.dumps(summary, ensure_ascii=False, indent=1), "utf-8")
    (job.part / CHECKPOINT).unlink(missing_ok=True)
    job.part.rename(job.folder)
    assert (job.folder / META).is_file()
    open_folder(job.folder)
    return summary


def fingerprint(file: CaseFile) -> str:
    """Changes with anything that the result depends on."""
    found = hashlib.sha256(f"{__version__} {file.grid} {file.run}".encode())
    _feed(found, file.case)
    return found.hexdigest()


def _feed(found: Any, value: Any) -> None:
    if hasattr(value, "__dataclass_fields__"):
        for name in value.__dataclass_fields__:
            found.update(name.encode())
            _feed(found, getattr(value, name))
    elif isinstance(value, np.ndarray):
        found.update(str(value.shape).encode() + np.ascontiguousarray(value).tobytes())
    elif isinstance(value, (tuple, list)):
        for one in value:
            _feed(found, one)
    else:
        found.update(repr(value).encode())
