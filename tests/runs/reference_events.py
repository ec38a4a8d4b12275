#!/usr/bin/env python3
"""What TensorBoard itself reads of event files: golden_events.json for tst_import.

    python reference_events.py FOLDER > golden_events.json        needs: pip install tensorboard (tried with 2.21)

For each folder with event files below FOLDER: tag → number of points, sum of the steps, sum of the values that are
numbers.
"""

import json
import math
import pathlib
import sys

from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
from tensorboard.util import tensor_util


def points(accumulator):
    tags = accumulator.Tags()
    for tag in tags["scalars"]:
        yield tag, [(event.step, event.value) for event in accumulator.Scalars(tag)]
    for tag in tags["tensors"]:
        metadata = accumulator.summary_metadata.get(tag)
        if metadata is not None and metadata.plugin_data.plugin_name != "scalars":
            continue
        events = accumulator.Tensors(tag)
        if all(not event.tensor_proto.tensor_shape.dim and event.tensor_proto.dtype in (1, 2, 3, 9) for event in events):
            yield tag, [(event.step, float(tensor_util.make_ndarray(event.tensor_proto))) for event in events]


root = pathlib.Path(sys.argv[1])
found = {}
for folder in sorted({file.parent for file in root.rglob("*tfevents*")}):
    accumulator = EventAccumulator(str(folder), size_guidance={"scalars": 0, "tensors": 0})
    accumulator.Reload()
    found[str(folder.relative_to(root))] = {
        tag: [len(all), sum(step for step, _ in all), sum(value for _, value in all if math.isfinite(value))]
        for tag, all in points(accumulator)
    }
json.dump(found, sys.stdout, indent=1, sort_keys=True)
