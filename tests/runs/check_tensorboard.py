#!/usr/bin/env python3
"""Opens a run's event files with the tensorboard package and compares them with the run's own series.

    THAW_KEEP_RUN=/tmp/kept build/release/tests/runs/tst_tensorboard aResumedRunIsWrittenForTheCheckScript
    python check_tensorboard.py /tmp/kept/*          needs: pip install tensorboard (tried with 2.21)

Any other run folder will do as well. Ends with 0 where every series has the same steps and values in both.
"""

import json
import math
import pathlib
import struct
import sys
import urllib.parse

from tensorboard.backend.event_processing.event_accumulator import SCALARS, EventAccumulator

POINTS, CLASSES, REWIND = 0x31535754, 0x31435754, 0x31525754  # magic numbers of engine/runs/blockfile.h


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


def classes(file, names):
    """Series of the classes of a metric: blocks of a value each, NaN for a class without a sample."""
    data, at, points = file.read_bytes(), 0, {name: [] for name in names}
    while at < len(data):
        magic, count, step = struct.unpack_from("<IIq", data, at)
        at += 16
        if magic == REWIND:
            points = {name: [point for point in one if point[0] <= step] for name, one in points.items()}
        elif magic == CLASSES:
            for name, value in zip(names, struct.unpack_from(f"<{count}f", data, at + 8)):
                if not math.isnan(value):
                    points[name].append((step, value))
            at += 8 + 4 * count
        else:
            raise SystemExit(f"{file} is damaged at byte {at - 16}")
        at += 8  # checksum
    metric = urllib.parse.unquote(file.stem)
    return {f"{metric}/{name}": one for name, one in points.items() if one}


def same(ours, theirs):
    return len(ours) == len(theirs) and all(
        a[0] == b.step and (a[1] == b.value or (math.isnan(a[1]) and math.isnan(b.value)))
        for a, b in zip(ours, theirs))


def check(run):
    events = EventAccumulator(str(run), size_guidance={SCALARS: 0})
    events.Reload()
    ours = {urllib.parse.unquote(file.stem): series(file) for file in sorted((run / "series").glob("*.col"))}
    names = json.loads((run / "summary.json").read_text())["classes"]
    for file in (run / "series").glob("*.classes"):
        ours |= classes(file, names)
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
