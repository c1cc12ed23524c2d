"""A small drain network as a SWMM input file, made here."""

from itertools import pairwise

OPTIONS = """[OPTIONS]
FLOW_UNITS {units}
FLOW_ROUTING DYNWAVE
LINK_OFFSETS DEPTH
ALLOW_PONDING {ponding}
START_DATE 01/01/2020
START_TIME 00:00:00
REPORT_START_DATE 01/01/2020
REPORT_START_TIME 00:00:00
END_DATE 01/01/2020
END_TIME {hours:02}:00:00
ROUTING_STEP {step}
VARIABLE_STEP {variable}
THREADS 1
"""


def sewer(
    rims,
    *,
    fall=0.3,
    spacing=60.0,
    pipes=(0.5, 0.5, 0.5, 0.5, 0.5),
    inflow=(),
    units="CMS",
    ponding="YES",
    hours=2,
    step=2,
    variable=0,
    outfall=None,
):
    """A line of manholes J1, J2 ... to an outfall: the first 2 m deep, each invert ``fall`` below
    the one before. ``inflow`` is (minute, flow) at J1."""
    inverts = [rims[0] - 2.0 - fall * i for i in range(len(rims))]
    lines = [
        OPTIONS.format(units=units, ponding=ponding, hours=hours, step=step, variable=variable)
    ]
    lines += ["[JUNCTIONS]"]
    lines += [
        f"J{i + 1} {low:.3f} {rim - low:.3f} 0 0 0"
        for i, (rim, low) in enumerate(zip(rims, inverts, strict=True))
    ]
    last = inverts[-1] - fall if outfall is None else outfall
    lines += ["[OUTFALLS]", f"OUT {last:.3f} FREE NO", "[CONDUITS]"]
    names = [f"J{i + 1}" for i in range(len(rims))] + ["OUT"]
    for i, (above, below) in enumerate(pairwise(names)):
        lines.append(f"C{i + 1} {above} {below} {spacing} 0.013 0 0 0")
    lines += ["[XSECTIONS]", *(f"C{i + 1} CIRCULAR {pipe} 0 0 0 1" for i, pipe in enumerate(pipes))]
    if inflow:
        lines += ["[INFLOWS]", 'J1 FLOW "Q" FLOW 1.0 1.0 0', "[TIMESERIES]"]
        lines += [f"Q {minute // 60}:{minute % 60:02} {flow}" for minute, flow in inflow]
    return "\n".join([*lines, ""])
