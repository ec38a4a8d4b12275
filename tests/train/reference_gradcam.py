#!/usr/bin/env python3
"""Writes golden_gradcam.json: Grad-CAM (Selvaraju et al. 2017) in plain torch for the networks of reference_logits.py.

    python reference_gradcam.py        needs: torch, torchvision, timm (tried with 2.11, 0.26, 1.0.31)

Parameters and picture are filled by the formulas of tests/models/reference_logits.py, the first picture is taken. The heat
of a place is the ReLU of the sum over channels of (mean of the class's gradient) × activation, over its largest value.
"""

import json
import pathlib
import sys

import torch

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "models"))
import reference_logits as reference  # noqa: E402

# name, block as Thaw names it, the module whose output it is, where its channels are
TARGETS = [
    ("cifar_resnet20", "layer3", lambda model: model.layer3, "first"),
    ("resnet18", "layer4", lambda model: model.layer4, "first"),
    ("squeezenet1_1", "features.12", lambda model: model.features, "first"),
    ("tf_efficientnet_lite0", "conv_head", lambda model: model.bn2, "first"),
    ("swin_t", "features.6", lambda model: model.features[6], "last"),
    ("vit_tiny_patch16_224", "blocks.10", lambda model: model.blocks[10], "tokens"),
]


def as_map(values, channels):
    if channels == "last":
        return values[0].permute(2, 0, 1)
    if channels == "tokens":  # behind the class's one
        patches = values[0, 1:]
        side = int(len(patches) ** 0.5)
        return patches.t().reshape(-1, side, side)
    return values[0]


def grad_cam(model, module, channels, pixels, label):
    kept = {}
    handle = module.register_forward_hook(lambda _, __, output: kept.update(value=output))
    logits = model(pixels)
    handle.remove()
    slope, = torch.autograd.grad(logits[0, label], kept["value"])
    weights = as_map(slope, channels).mean((1, 2), keepdim=True)
    heat = (weights * as_map(kept["value"], channels)).sum(0).relu()
    return heat / heat.max() if heat.max() > 0 else heat


torch.set_num_threads(1)
entries = []
for name, maker, sizes, gain in reference.MODELS:
    for target, block, module, channels in TARGETS:
        if target != name:
            continue
        model = reference.build(name, maker, any_size=False).eval()
        state = {key: reference.fill(key, tensor, gain) for key, tensor in model.state_dict().items()}
        model.load_state_dict(state, strict=True)
        pixels = reference.pictures(sizes[0])[:1]
        with torch.no_grad():
            best = int(model(pixels)[0].argmax())
        for label in (best, 3):
            heat = grad_cam(model, module(model), channels, pixels, label)
            entries.append({"name": name, "gain": gain, "size": sizes[0], "label": label, "best": label == best, "block": block,
                            "height": heat.shape[0], "width": heat.shape[1],
                            "heat": [round(float(value), 6) for value in heat.detach().flatten()]})
text = json.dumps({"torch": torch.__version__, "maps": entries}, separators=(",", ":")).replace('{"name"', '\n{"name"')
pathlib.Path(__file__).with_name("golden_gradcam.json").write_text(text + "\n")
