#!/usr/bin/env python3
"""Opens a run's event files with the tensorboard package and compares them with the run's own series.

    THAW_KEEP_RUN=/tmp/kept build/release/tests/runs/tst_tensorboard aResumedRunIsWrittenForTheCheckScript
    python check_tensorboard.py /tmp/kept/*          needs: pip install tensorboard (tried with 2.21)

Any other run folder will do as well. Ends with 0 where every series has the same steps and values in both.
"""

import math
import pathlib
import struct
import sys
import urllib.parse

from tensorboard.backend.event_processing.event_accumulator import SCALARS, EventAccumulator

POINTS, REWIND = 0x31535754, 0x31525754  # magic numbers of engine/runs/seriesfile.cpp


def series(file):
    """Step and value of a column: blocks of points, and rewinds that take back what follows a step."""
    data, at, points = file.read_bytes(), 0, []
    while at < len(data):
        magic, count = struct.unpack_from("<II", data, at)
        at += 8
        if magic == REWIND:
            last, = struct.unpack_from("<q", data, at)
            points = [point for point in points if point[0] <= last]
            at += 8
        elif magic == POINTS:
            points += [struct.unpack_from("<qf", data, at + 20 * i) for i in range(count)]
            at += 20 * count
        else:
            raise SystemExit(f"{file} is damaged at byte {at - 8}")
        at += 8  # checksum
    return points


def same(ours, theirs):
    return len(ours) == len(theirs) and all(
        a[0] == b.step and (a[1] == b.value or (math.isnan(a[1]) and math.isnan(b.value)))
        for a, b in zip(ours, theirs))


def check(run):
    events = EventAccumulator(str(run), size_guidance={SCALARS: 0})
    events.Reload()
    ours = {urllib.parse.unquote(file.stem): series(file) for file in sorted((run / "series").glob("*.col"))}
    if set(ours) != set(events.Tags()["scalars"]):
        return f"{run}: {sorted(ours)} here, {sorted(events.Tags()['scalars'])} there"
    wrong = [name for name in ours if not same(ours[name], events.Scalars(name))]
    print(f"{run.name}: {len(ours)} series, {sum(map(len, ours.values()))} points")
    return f"{run}: differ: {wrong}" if wrong else None


if __name__ == "__main__":
    complaints = [said for said in map(check, map(pathlib.Path, sys.argv[1:])) if said]
    if len(sys.argv) < 2:
        sys.exit("no run folder given")
    sys.exit("\n".join(complaints) or 0)
