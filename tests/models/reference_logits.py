#!/usr/bin/env python3
"""Writes golden.json: what the reference libraries compute for parameters filled by a formula.

Every tensor of the state dict is filled from its name and its indices, the pictures from theirs, in float64 rounded once to
float32; tst_backbones.cpp fills the same numbers. So the comparison needs no weights, covers every architecture, and a
wrong name, order or shape shows at once.

    python reference_logits.py              writes golden.json beside this script
    python reference_logits.py NAME…        replaces these models' entries in it
    python reference_logits.py --check      recomputes and compares, with the libraries installed here
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

# name, maker, two input sizes, gain of the weights (so that activations neither die out nor overflow, and rounding to bf16
# does not grow from layer to layer)
MODELS = [
    ("resnet18", "torchvision", (224, 160), 3.0),
    ("resnet34", "torchvision", (224, 160), 3.0),
    ("resnet50", "torchvision", (224, 160), 3.0),
    ("resnet101", "torchvision", (224, 160), 3.0),
    ("resnet152", "torchvision", (224, 160), 3.0),
    ("resnext50_32x4d", "torchvision", (224, 160), 3.0),
    ("wide_resnet50_2", "torchvision", (224, 160), 3.0),
    ("wide_resnet101_2", "torchvision", (224, 160), 3.0),
    ("squeezenet1_0", "torchvision", (224, 160), 6.0),
    ("squeezenet1_1", "torchvision", (224, 160), 6.0),
    ("mobilenet_v2", "torchvision", (224, 193), 6.0),
    ("mobilenet_v3_small", "torchvision", (224, 193), 8.0),
    ("mobilenet_v3_large", "torchvision", (224, 193), 7.0),
    ("tf_efficientnet_lite0", "timm", (224, 193), 6.0),
    ("tf_efficientnet_lite1", "timm", (240, 193), 6.0),
    ("tf_efficientnet_lite2", "timm", (260, 193), 6.0),
    ("efficientnet_b0", "timm", (224, 193), 8.0),
    ("efficientnet_b1", "timm", (240, 193), 7.5),
    ("efficientnet_b2", "timm", (256, 193), 7.5),
    ("efficientnet_b3", "timm", (288, 193), 8.0),
    ("efficientnet_b4", "timm", (320, 193), 9.0),
    ("regnet_y_400mf", "torchvision", (224, 160), 4.0),
    ("regnet_y_800mf", "torchvision", (224, 160), 4.0),
    ("regnet_y_1_6gf", "torchvision", (224, 160), 4.0),
    ("regnet_y_3_2gf", "torchvision", (224, 160), 4.0),
    ("regnet_y_8gf", "torchvision", (224, 160), 4.0),
    ("densenet121", "torchvision", (224, 160), 4.5),
    ("vgg16", "torchvision", (224, 160), 6.0),
    ("vgg16_bn", "torchvision", (224, 160), 9.0),
    ("convnext_tiny", "torchvision", (224, 160), 3.0),
    ("convnext_small", "torchvision", (224, 160), 3.0),
    ("convnext_base", "torchvision", (224, 160), 3.0),
    ("vit_tiny_patch16_224", "timm", (224, 160), 3.0),
    ("vit_small_patch16_224", "timm", (224, 160), 3.0),
    ("vit_base_patch16_224", "timm", (224, 160), 3.0),
    ("vit_b_16", "torchvision", (224, 160), 3.0),
    ("deit_tiny_patch16_224", "timm", (224, 160), 3.0),
    ("deit_small_patch16_224", "timm", (224, 160), 3.0),
    ("deit_base_patch16_224", "timm", (224, 160), 3.0),
    ("swin_t", "torchvision", (224, 161), 3.0),
    ("swin_s", "torchvision", (224, 161), 3.0),
    ("cifar_resnet20", "cifar", (32, 40), 3.0),
    ("cifar_resnet32", "cifar", (32, 40), 3.0),
    ("cifar_resnet44", "cifar", (32, 40), 3.0),
    ("cifar_resnet56", "cifar", (32, 40), 3.0),
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
    if name.endswith("relative_position_index"):
        return tensor
    values = noise(tensor.numel(), zlib.crc32(name.encode()))
    if name.endswith("running_var"):
        values = 1.0 + 0.3 * values
    elif name.endswith("running_mean"):
        values = 0.1 * values
    elif "pos_embed" in name:
        values = 0.5 * values
    elif tensor.dim() >= 2:
        values = values * math.sqrt(gain / (tensor.numel() / tensor.shape[0]))
    elif name.endswith("weight"):
        values = 0.8 + 0.2 * values
    else:
        values = 0.1 * values
    return torch.from_numpy(values.astype(np.float32)).reshape(tensor.shape)


def build(name, maker, any_size=True):
    if maker == "torchvision":
        import torchvision

        return torchvision.models.get_model(name, weights=None)
    if maker == "timm":
        import timm

        # Other sizes than its own: timm resamples the position embeddings on the way.
        options = {"dynamic_img_size": True} if any_size and name.startswith(("vit_", "deit_")) else {}
        return timm.create_model(name, pretrained=False, **options)
    import cifar_resnet

    return cifar_resnet.build(name)


def at_size(model, name, state, size):
    """The model for pictures of another size; torchvision's ViT is made anew, with resampled position embeddings."""
    if name != "vit_b_16" or size == model.image_size:
        return model
    import torchvision

    model = torchvision.models.get_model(name, weights=None, image_size=size).eval()
    state = torchvision.models.vision_transformer.interpolate_embeddings(size, model.patch_size, state.copy())
    model.load_state_dict(state, strict=True)
    return model


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
        logits = at_size(model, name, state, size)(pictures(size))
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
    old = {entry["name"]: entry for entry in json.loads(GOLDEN.read_text())["models"]} if GOLDEN.exists() else {}
    wanted = [name for name in sys.argv[1:] if name != "--check"]
    for model in MODELS:
        if wanted and model[0] not in wanted:
            result["models"].append(old[model[0]])
            continue
        result["models"].append(golden(*model))
        print(model[0], "max |logit|", [round(run["scale"], 3) for run in result["models"][-1]["runs"]], file=sys.stderr)
    if "--check" in sys.argv:
        worst = 0.0
        for new in result["models"]:
            assert old[new["name"]]["names"] == new["names"], new["name"]
            for a, b in zip(old[new["name"]]["runs"], new["runs"]):
                worst = max(worst, float(np.abs(np.array(a["logits"]) - np.array(b["logits"])).max()))
        print("largest difference from golden.json:", worst)
        return
    GOLDEN.write_text(json.dumps(result, indent=None, separators=(",", ":")).replace('{"name"', '\n{"name"') + "\n")


if __name__ == "__main__":
    main()
