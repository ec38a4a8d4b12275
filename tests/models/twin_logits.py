#!/usr/bin/env python3
"""Writes twins.json: what other libraries compute for the networks of the table, for parameters filled by a formula.

As reference_logits.py, for every twin of twins.py: each tensor of the file that the library would publish is filled from its
name there. tst_names.cpp writes the same file by its tables of names, which shows that every name and shape is the
library's, loads it and compares the logits, which shows that every tensor went where it belongs.

    python twin_logits.py              writes twins.json beside this script
    python twin_logits.py NAME…        replaces these backbones' entries in it
"""

import json
import pathlib
import sys
import tempfile
import zlib

import torch
import twins
from reference_logits import MODELS

GOLDEN = pathlib.Path(__file__).with_name("twins.json")
KEPT = 8  # logits kept of each picture


def digest(state):
    rows = sorted(f"{name}[{','.join(map(str, tensor.shape))}]" for name, tensor in state.items())
    return zlib.crc32("".join(row + "\n" for row in rows).encode())


def config_of(model):
    """What decides how the weights are computed with."""
    if not hasattr(model, "config"):
        return {}
    known = ("model_type", "layer_norm_eps", "batch_norm_eps", "tf_padding", "hidden_act")
    return {key: value for key, value in model.config.to_dict().items() if key in known}


@torch.no_grad()
def golden(backbone, library, architecture, gain):
    size = 224 if backbone.startswith(twins.FIXED_SIZE) else 96
    with tempfile.TemporaryDirectory() as folder:
        model, state, logits, gain = twins.filled(backbone, library, architecture, gain, size, pathlib.Path(folder))
    step = logits.shape[1] // KEPT
    return {
        "backbone": backbone,
        "library": library,
        "config": {"architecture": architecture} if library == "timm" else config_of(model),
        "gain": gain,
        "size": size,
        "tensors": len(state),
        "names": digest(state),
        "some": sorted(state)[:: max(1, len(state) // 4)][:4],
        "step": step,
        "scale": float(logits.abs().max()),
        "logits": [[float(x) for x in row[::step][:KEPT]] for row in logits],
    }


def main():
    chosen = sys.argv[1:]
    rows = json.loads(GOLDEN.read_text())["twins"] if chosen and GOLDEN.exists() else []
    rows = [row for row in rows if row["backbone"] not in chosen]
    for backbone, _, _, gain in MODELS:
        if chosen and backbone not in chosen:
            continue
        for library, architecture in twins.twins(backbone):
            rows.append(golden(backbone, library, architecture, gain))
            print(backbone, library, architecture, f"{rows[-1]['scale']:.3g}", flush=True)
    order = [model[0] for model in MODELS]
    rows.sort(key=lambda row: order.index(row["backbone"]))
    import timm
    import torchvision
    import transformers

    versions = {"torch": torch.__version__, "torchvision": torchvision.__version__, "timm": timm.__version__, "transformers": transformers.__version__}
    text = json.dumps({"versions": versions, "twins": rows}, separators=(",", ":"))
    GOLDEN.write_text(text.replace('{"backbone"', '\n{"backbone"') + "\n")


if __name__ == "__main__":
    main()
