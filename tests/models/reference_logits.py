#!/usr/bin/env python3
"""Writes golden.json: what the reference libraries compute for parameters filled by a formula.

Every tensor of the state dict is filled from its name and its indices, the pictures from theirs, in float64 rounded once to
float32; tst_backbones.cpp fills the same numbers. So the comparison needs no weights, covers every architecture, and a
wrong name, order or shape shows at once.

    python reference_logits.py            writes golden.json beside this script
    python reference_logits.py --check    recomputes and compares, with the libraries installed here
"""

import json
import math
import pathlib
import sys
import zlib

import numpy as np
import torch

GOLDEN = pathlib.Path(__file__).with_name("golden.json")
KEPT = 16  # logits kept of each picture, evenly spread over the classes

# name, maker, two input sizes, gain of the weights (so that activations neither die out nor overflow)
MODELS = [
    ("resnet18", "torchvision", (224, 160), 3.0),
    ("resnet34", "torchvision", (224, 160), 3.0),
    ("resnet50", "torchvision", (224, 160), 3.0),
    ("squeezenet1_1", "torchvision", (224, 160), 6.0),
    ("tf_efficientnet_lite0", "timm", (224, 193), 9.0),
]


def noise(count, seed):
    """Uniform in -1..1: SplitMix64 of seed and index, the top 24 bits, exact in float32."""
    with np.errstate(over="ignore"):
        z = (np.arange(count, dtype=np.uint64) + np.uint64(seed) * np.uint64(0x100000001)) * np.uint64(0x9E3779B97F4A7C15)
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        z = z ^ (z >> np.uint64(31))
    return (z >> np.uint64(40)).astype(np.float64) / 2.0**23 - 1.0


def pictures(size):
    """Two pictures that differ in noise, stripes and brightness: [2, 3, size, size]."""
    y, x = np.meshgrid(np.arange(size), np.arange(size), indexing="ij")
    out = noise(2 * 3 * size * size, 1).reshape(2, 3, size, size)
    for n in range(2):
        for c in range(3):
            out[n, c] += 1.5 * np.sin(0.04 * (x + (2 + 3 * n) * y) + c) + 0.8 * n - 0.4 * c
    return torch.from_numpy(out.astype(np.float32))


def fill(name, tensor, gain):
    if name.endswith("num_batches_tracked"):
        return torch.zeros_like(tensor)
    values = noise(tensor.numel(), zlib.crc32(name.encode()))
    if name.endswith("running_var"):
        values = 1.0 + 0.3 * values
    elif name.endswith("running_mean"):
        values = 0.1 * values
    elif tensor.dim() >= 2:
        values = values * math.sqrt(gain / (tensor.numel() / tensor.shape[0]))
    elif name.endswith("weight"):
        values = 0.8 + 0.2 * values
    else:
        values = 0.1 * values
    return torch.from_numpy(values.astype(np.float32)).reshape(tensor.shape)


def build(name, maker):
    if maker == "torchvision":
        import torchvision

        return torchvision.models.get_model(name, weights=None)
    if maker == "timm":
        import timm

        return timm.create_model(name, pretrained=False)
    import cifar_resnet

    return cifar_resnet.build(name)


@torch.no_grad()
def golden(name, maker, sizes, gain):
    model = build(name, maker).eval()
    state = {key: fill(key, tensor, gain) for key, tensor in model.state_dict().items()}
    model.load_state_dict(state, strict=True)
    entry = {
        "name": name,
        "maker": maker,
        "gain": gain,
        "names": names_digest(state),
        "tensors": len(state),
        "parameters": sum(p.numel() for p in model.parameters()),
        "runs": [],
    }
    for size in sizes:
        logits = model(pictures(size))
        step = logits.shape[1] // KEPT or 1
        entry["runs"].append(
            {
                "size": size,
                "classes": logits.shape[1],
                "step": step,
                "scale": float(logits.abs().max()),
                "logits": [[float(x) for x in row[::step][:KEPT]] for row in logits],
            }
        )
    return entry


def names_digest(state):
    """Names and shapes of the state dict, in order, as one number: equal digests are equal lists."""
    text = "".join(f"{key}{list(tensor.shape)}\n".replace(" ", "") for key, tensor in state.items())
    return zlib.crc32(text.encode())


def main():
    torch.set_num_threads(2)
    import timm
    import torchvision

    result = {
        "versions": {"torch": torch.__version__, "torchvision": torchvision.__version__, "timm": timm.__version__},
        "models": [],
    }
    for model in MODELS:
        result["models"].append(golden(*model))
        print(model[0], "max |logit|", [round(run["scale"], 3) for run in result["models"][-1]["runs"]], file=sys.stderr)
    if "--check" in sys.argv:
        worst = 0.0
        for old, new in zip(json.loads(GOLDEN.read_text())["models"], result["models"]):
            assert old["names"] == new["names"], old["name"]
            for a, b in zip(old["runs"], new["runs"]):
                worst = max(worst, float(np.abs(np.array(a["logits"]) - np.array(b["logits"])).max()))
        print("largest difference from golden.json:", worst)
        return
    GOLDEN.write_text(json.dumps(result, indent=None, separators=(",", ":")).replace('{"name"', '\n{"name"') + "\n")


if __name__ == "__main__":
    main()
