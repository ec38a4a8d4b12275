#!/usr/bin/env python3
"""Loading a large safetensors file into a model on the CPU: Thaw against the safetensors library with the same model.

Both sides run in processes of their own, in turns, on the same file in the page cache, with the same number of threads:
Python load_file() and load_state_dict(strict), Thaw loadCheckpoint(). A side's time is the median of its rounds' best.
Needs torch, torchvision, safetensors, and the target thaw-loadspeed.

    python compare_loading.py --thaw build/release/tests/bench/thaw-loadspeed
"""

import argparse
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile

MODELS = ["convnext_base", "vit_b_16", "vgg16"]  # 354, 346 and 553 MB


def python_side(file, name, times, threads):
    import time

    import safetensors.torch
    import torch
    import torchvision

    torch.set_num_threads(threads)
    model = torchvision.models.get_model(name, weights=None)
    for _ in range(times):
        start = time.perf_counter()
        model.load_state_dict(safetensors.torch.load_file(file), strict=True)
        print(f"{time.perf_counter() - start:.6f}")


def write(name, file):
    import safetensors.torch
    import torch
    import torchvision

    torch.manual_seed(1)
    safetensors.torch.save_file(torchvision.models.get_model(name, weights=None).state_dict(), file)


def main():
    if len(sys.argv) == 6 and sys.argv[1] == "--side":
        python_side(sys.argv[2], sys.argv[3], *map(int, sys.argv[4:]))
        return
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--thaw", required=True, help="the program thaw-loadspeed")
    parser.add_argument("--models", nargs="+", default=MODELS, choices=MODELS)
    parser.add_argument("--times", type=int, default=5)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--threads", type=int, default=min(2, os.cpu_count()))
    arguments = parser.parse_args()
    print("| file | MB | safetensors in Python, ms | Thaw, ms | Python / Thaw |\n|---|---:|---:|---:|---:|", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        for name in arguments.models:
            file = str(pathlib.Path(folder) / "model.safetensors")
            write(name, file)
            settings = [file, name, str(arguments.times), str(arguments.threads)]
            commands = {"thaw": [arguments.thaw, *settings], "python": [sys.executable, __file__, "--side", *settings]}
            seconds = {"thaw": [], "python": []}
            for turn in range(arguments.rounds):
                for side in ("thaw", "python") if turn % 2 == 0 else ("python", "thaw"):
                    answer = subprocess.run(commands[side], stdout=subprocess.PIPE, text=True, check=True)
                    seconds[side].append(min(map(float, answer.stdout.split())))
            python, thaw = (1000 * statistics.median(seconds[side]) for side in ("python", "thaw"))
            print(f"| {name} | {os.path.getsize(file) / 1e6:.0f} | {python:.0f} | {thaw:.0f} | {python / thaw:.2f}× |", flush=True)


if __name__ == "__main__":
    main()
