#!/usr/bin/env python3
"""Forward and backward time of every backbone on the CPU: Thaw against the same torchvision or timm model in Python.

Each side is a process of its own that is asked in turns, with the same batch, threads and memory layout (channels last),
in training mode and fp32, all parameters trained. A round is a few steps; a side's time is the median of its rounds'
best steps. Needs torch, torchvision and timm, and the target thaw-modelspeed.

    python compare_models.py --thaw build/release/tests/bench/thaw-modelspeed [--models resnet18 vit_b_16]
"""

import argparse
import json
import os
import pathlib
import statistics
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "models"))
import reference_logits  # noqa: E402

MODELS = {name: (maker, sizes[0]) for name, maker, sizes, _ in reference_logits.MODELS}


def python_side(batch, steps, threads):
    """Answers each name on stdin with the seconds of its steps, as thaw-modelspeed does."""
    import torch

    torch.set_num_threads(threads)
    torch.manual_seed(1)
    for line in sys.stdin:
        maker, size = MODELS[line.strip()]
        model = reference_logits.build(line.strip(), maker, any_size=False).train().to(memory_format=torch.channels_last)
        pictures = torch.randn(batch, 3, size, size).to(memory_format=torch.channels_last)
        labels = torch.randint(10, (batch,))
        seconds = []
        for _ in range(2 + steps):
            start = time.perf_counter()
            loss = torch.nn.functional.cross_entropy(model(pictures), labels)
            loss.backward()
            loss.item()
            seconds.append(time.perf_counter() - start)
            model.zero_grad()
        print(*(f"{value:.6f}" for value in seconds[2:]), flush=True)


class Side:
    def __init__(self, command, arguments):
        settings = [str(arguments.batch), str(arguments.steps), str(arguments.threads)]
        environment = dict(os.environ, OMP_NUM_THREADS=str(arguments.threads))
        self.process = subprocess.Popen([*command, *settings], env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def best_step(self, name):
        print(name, file=self.process.stdin, flush=True)
        answer = self.process.stdout.readline().split()
        if not answer:
            raise SystemExit(f"{self.process.args[0]} ended at {name}.")
        return min(map(float, answer))


def compare(sides, name, rounds):
    seconds = {side: [] for side in sides}
    for turn in range(rounds):
        for side in sides if turn % 2 == 0 else reversed(sides):
            seconds[side].append(sides[side].best_step(name))
    return {"model": name, "seconds": seconds} | {side: statistics.median(values) for side, values in seconds.items()}


def main():
    if len(sys.argv) == 5 and sys.argv[1] == "--side":
        python_side(*map(int, sys.argv[2:]))
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
    sides = {"thaw": Side([arguments.thaw], arguments), "python": Side([sys.executable, __file__, "--side"], arguments)}
    results = []
    for name in arguments.models:
        results.append(compare(sides, name, arguments.rounds))
        python, thaw = results[-1]["python"], results[-1]["thaw"]
        print(f"| {name} | {1000 * python:.1f} | {1000 * thaw:.1f} | {python / thaw:.2f}× |", flush=True)
    if arguments.out:
        pathlib.Path(arguments.out).parent.mkdir(parents=True, exist_ok=True)
        pathlib.Path(arguments.out).write_text(json.dumps(results, indent=1))


if __name__ == "__main__":
    main()
