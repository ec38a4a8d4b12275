#!/usr/bin/env python3
"""Forward and backward time of every backbone on the CPU: Thaw against the same torchvision or timm model in Python.

Both sides run in processes of their own, in turns, with the same batch, threads and memory layout (channels last), in
training mode and fp32, all parameters trained. A round is a few steps; a side's time is the median of its rounds' best
steps. Needs torch, torchvision and timm, and the target thaw-modelspeed.

    python compare_models.py --thaw build/release/tests/bench/thaw-modelspeed [--models resnet18 vit_b_16]
"""

import argparse
import json
import os
import pathlib
import statistics
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "models"))
import reference_logits  # noqa: E402

MODELS = {name: (maker, sizes[0]) for name, maker, sizes, _ in reference_logits.MODELS}


def python_side(name, batch, steps, threads):
    import time

    import torch

    torch.set_num_threads(threads)
    torch.manual_seed(1)
    maker, size = MODELS[name]
    model = reference_logits.build(name, maker, any_size=False).train().to(memory_format=torch.channels_last)
    pictures = torch.randn(batch, 3, size, size).to(memory_format=torch.channels_last)
    labels = torch.randint(10, (batch,))
    for step in range(-2, steps):
        start = time.perf_counter()
        loss = torch.nn.functional.cross_entropy(model(pictures), labels)
        loss.backward()
        loss.item()
        taken = time.perf_counter() - start
        model.zero_grad()
        if step >= 0:
            print(f"{taken:.6f}")


def best_step(command, threads):
    environment = dict(os.environ, OMP_NUM_THREADS=str(threads))
    answer = subprocess.run(command, env=environment, stdout=subprocess.PIPE, text=True, check=True)
    return min(float(line) for line in answer.stdout.split())


def compare(arguments, name):
    settings = [name, str(arguments.batch), str(arguments.steps), str(arguments.threads)]
    commands = {"thaw": [arguments.thaw, *settings], "python": [sys.executable, __file__, "--side", *settings]}
    seconds = {"thaw": [], "python": []}
    for turn in range(arguments.rounds):
        for side in ("thaw", "python") if turn % 2 == 0 else ("python", "thaw"):
            seconds[side].append(best_step(commands[side], arguments.threads))
    return {"model": name, "seconds": seconds, "thaw": statistics.median(seconds["thaw"]), "python": statistics.median(seconds["python"])}


def main():
    if len(sys.argv) == 6 and sys.argv[1] == "--side":
        python_side(sys.argv[2], *map(int, sys.argv[3:]))
        return
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--thaw", required=True, help="the program thaw-modelspeed")
    parser.add_argument("--models", nargs="+", default=list(MODELS), choices=MODELS, metavar="NAME")
    parser.add_argument("--batch", type=int, default=8)
    parser.add_argument("--steps", type=int, default=5)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--threads", type=int, default=min(2, os.cpu_count()))
    parser.add_argument("--out", help="JSON file for all measured values")
    arguments = parser.parse_args()
    print(f"One step of {arguments.batch} pictures, forward and backward, {arguments.threads} threads, {arguments.rounds} rounds in turns:\n")
    print("| backbone | Python, ms | Thaw, ms | Python / Thaw |")
    print("|---|---:|---:|---:|", flush=True)
    results = []
    for name in arguments.models:
        results.append(compare(arguments, name))
        python, thaw = results[-1]["python"], results[-1]["thaw"]
        print(f"| {name} | {1000 * python:.1f} | {1000 * thaw:.1f} | {python / thaw:.2f}× |", flush=True)
    if arguments.out:
        pathlib.Path(arguments.out).parent.mkdir(parents=True, exist_ok=True)
        pathlib.Path(arguments.out).write_text(json.dumps(results, indent=1))


if __name__ == "__main__":
    main()
