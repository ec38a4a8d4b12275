#!/usr/bin/env python3
"""Checks live that weights under Hugging Face transformers' names compute what transformers computes.

For each backbone: the model of transformers, randomly filled, is saved as its own save_pretrained does it and under the
names of its modules; Thaw loads either by its rules, with the head, and the logits are transformers' within 1e-4 of the
largest one.

    python recheck_transformers.py --thaw build/release/tests/models/thaw-modelfile [NAME…]
"""

import argparse
import pathlib
import subprocess
import sys
import tempfile

import numpy as np
import safetensors.torch
import torch
import transformers
from reference_logits import pictures

TOLERANCE = 1e-4
CLASSES = 1000


def vit(**sizes):
    return lambda: transformers.ViTForImageClassification(transformers.ViTConfig(num_labels=CLASSES, layer_norm_eps=1e-6, **sizes))


MODELS = {
    "vit_b_16": vit(),
    "deit_tiny_patch16_224": vit(hidden_size=192, num_attention_heads=3, intermediate_size=768),
    "convnext_tiny": lambda: transformers.ConvNextForImageClassification(
        transformers.ConvNextConfig(num_labels=CLASSES, layer_norm_eps=1e-6)
    ),
    "resnet18": lambda: transformers.ResNetForImageClassification(
        transformers.ResNetConfig(num_labels=CLASSES, layer_type="basic", depths=[2, 2, 2, 2], hidden_sizes=[64, 128, 256, 512])
    ),
    "resnet50": lambda: transformers.ResNetForImageClassification(transformers.ResNetConfig(num_labels=CLASSES)),
    "swin_t": lambda: transformers.SwinForImageClassification(transformers.SwinConfig(num_labels=CLASSES)),
}


@torch.no_grad()
def filled(maker):
    """Every parameter counts: none is zero or one."""
    torch.manual_seed(7)
    model = maker().eval()
    for name, tensor in list(model.named_parameters()) + list(model.named_buffers()):
        if not tensor.is_floating_point():
            continue
        if name.endswith("running_var"):
            tensor.uniform_(0.5, 1.5)
        elif tensor.dim() > 1:
            tensor.normal_(0, (1.0 / tensor[0].numel()) ** 0.5)
        else:
            tensor.normal_(1.0 if name.endswith("weight") else 0.0, 0.1)
    return model


def run(command):
    answer = subprocess.run(command, stdout=subprocess.PIPE, text=True)
    if answer.returncode != 0:
        raise RuntimeError(" ".join(command) + " failed")
    return answer.stdout


@torch.no_grad()
def check(thaw, folder, name):
    model = filled(MODELS[name])
    model.save_pretrained(folder / name)
    files = {"as saved": folder / name / "model.safetensors", "of the modules": folder / f"{name}.safetensors"}
    safetensors.torch.save_file({key: tensor.contiguous() for key, tensor in model.state_dict().items()}, files["of the modules"])
    wanted = model(pictures(224)).logits.numpy().ravel()
    worst = {}
    for names, file in files.items():
        got = np.array(run([thaw, "renamed", name, str(file), "224"]).split(), dtype=np.float64)
        worst[names] = float(np.abs(got - wanted).max() / max(1.0, np.abs(wanted).max()))
    return worst


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--thaw", required=True, help="the program thaw-modelfile")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("names", nargs="*", help="backbones; all where none is named")
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    print(f"torch {torch.__version__}, transformers {transformers.__version__}\n")
    print("| backbone | names | logits: largest difference | |\n|---|---|---:|---|", flush=True)
    failed = 0
    with tempfile.TemporaryDirectory() as folder:
        for name in arguments.names or MODELS:
            for names, worst in check(arguments.thaw, pathlib.Path(folder), name).items():
                good = worst < TOLERANCE
                failed += not good
                print(f"| {name} | {names} | {worst:.1e} | {'equal' if good else 'DIFFERENT'} |", flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
