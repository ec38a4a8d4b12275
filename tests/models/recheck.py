#!/usr/bin/env python3
"""Checks every backbone live against the torchvision, timm and safetensors that are installed here.

For each: Thaw writes a safetensors file, the reference model opens it strictly, and every number in it is the one that
the formula gives; the reference model writes one, Thaw opens it strictly (every name, shape and number format) and its
logits at two input sizes are the reference's within 1e-4 of the largest one.

    python recheck.py --thaw build/release/tests/models/thaw-modelfile [NAME…]
"""

import argparse
import pathlib
import subprocess
import sys
import tempfile

import numpy as np
import safetensors
import safetensors.torch
import torch

from reference_logits import MODELS, at_size, build, fill, pictures

TOLERANCE = 1e-4


def run(command):
    answer = subprocess.run(command, stdout=subprocess.PIPE, text=True)
    if answer.returncode != 0:
        raise RuntimeError(" ".join(command) + " failed")
    return answer.stdout


@torch.no_grad()
def check(thaw, folder, name, maker, sizes, gain):
    model = build(name, maker).eval()
    state = {key: fill(key, tensor, gain) for key, tensor in model.state_dict().items()}

    ours = folder / "thaw.safetensors"
    run([thaw, "write", name, repr(gain), str(ours)])
    written = safetensors.torch.load_file(ours)
    model.load_state_dict(written, strict=True)
    different = [key for key in state if not torch.equal(written[key], state[key].to(written[key].dtype))]
    off = max((float((written[key].double() - state[key].double()).abs().max()) for key in different), default=0.0)

    theirs = folder / "reference.safetensors"
    model.load_state_dict(state, strict=True)
    safetensors.torch.save_file({key: tensor.contiguous() for key, tensor in state.items()}, theirs)
    lines = run([thaw, "logits", name, str(theirs), *map(str, sizes)]).splitlines()
    worst = 0.0
    for size, line in zip(sizes, lines, strict=True):
        wanted = at_size(model, name, state, size)(pictures(size)).numpy().ravel()
        got = np.array(line.split(), dtype=np.float64)
        worst = max(worst, float(np.abs(got - wanted).max() / max(1.0, np.abs(wanted).max())))
    return off, worst


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--thaw", required=True, help="the program thaw-modelfile")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("names", nargs="*", help="backbones; all where none is named")
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    import timm
    import torchvision

    print(f"torch {torch.__version__}, torchvision {torchvision.__version__}, timm {timm.__version__}, safetensors {safetensors.__version__}\n")
    print("| backbone | file by Thaw: largest difference | logits: largest difference | |\n|---|---:|---:|---|", flush=True)
    failed = 0
    with tempfile.TemporaryDirectory() as folder:
        for model in MODELS:
            if arguments.names and model[0] not in arguments.names:
                continue
            try:
                off, worst = check(arguments.thaw, pathlib.Path(folder), *model)
                good = off < 1e-6 and worst < TOLERANCE
                print(f"| {model[0]} | {off:.1e} | {worst:.1e} | {'equal' if good else 'DIFFERENT'} |", flush=True)
            except Exception as problem:
                good = False
                print(f"| {model[0]} | | | {type(problem).__name__}: {problem} |", flush=True)
            failed += not good
    print(f"\n{failed} different" if failed else "\nAll are equal.")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
