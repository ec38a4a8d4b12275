#!/usr/bin/env python3
"""`thaw bench train` of two builds of Thaw, in turns (before, after, after, before): is the newer one slower?

    python compare_builds.py --before OLD/thaw --after NEW/thaw [--cases resnet50:256:none resnet50:32:head-only] [--device cpu] [--precision fp32]

Each figure is the median of the repeats of all turns; the last column is the newer build's rate over the older one's. A program may be
given with words before it ("bundle/env bundle/bin/thaw").
"""
import argparse
import json
import shlex
import statistics
import subprocess
import sys

CASES = ["resnet50:256:none", "resnet50:32:none", "resnet50:8:none", "tf_efficientnet_lite0:32:none", "resnet50:32:head-only", "vit_base_patch16_224:64:none"]


def measure(program, case, arguments):
    """Pictures per second of each repeat, or the sentence that says why there are none."""
    model, batch, preset = case.split(":", 2)
    command = [*shlex.split(program), "--json", "bench", "train", "--backbone", model, "--batch", batch, "--freeze", preset, "--device", arguments.device,
               "--precision", arguments.precision, "--warm-up", str(arguments.warm_up), "--steps", str(arguments.steps or max(10, min(100, 2560 // int(batch)))),
               "--repeats", str(arguments.repeats)]
    answer = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    if answer.returncode:
        raise RuntimeError(f"{' '.join(command)}: {answer.stderr.strip()[-400:]}")
    return json.loads(answer.stdout)["repeats"]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--before", required=True, help="the older program")
    parser.add_argument("--after", required=True, help="the newer program")
    parser.add_argument("--cases", nargs="+", default=CASES, metavar="MODEL:BATCH:FREEZE")
    parser.add_argument("--device", default="auto")
    parser.add_argument("--precision", default="bf16")
    parser.add_argument("--warm-up", type=int, default=10)
    parser.add_argument("--steps", type=int, default=0, help="of one repeat; 0: by the batch")
    parser.add_argument("--repeats", type=int, default=5)
    arguments = parser.parse_args()
    print("| backbone, batch, frozen | before, pictures/s | after | after / before | spread of a build's own turns |\n|---|---:|---:|---:|---:|")
    failed = False
    for case in arguments.cases:
        turns = {arguments.before: [], arguments.after: []}
        try:
            for program in (arguments.before, arguments.after, arguments.after, arguments.before):
                turns[program].append(measure(program, case, arguments))
        except RuntimeError as error:
            print(f"| {case.replace(':', ', ')} | {error} | | | |", flush=True)
            failed = True
            continue
        before, after = (statistics.median(rate for turn in turns[p] for rate in turn) for p in (arguments.before, arguments.after))
        own = max(abs(statistics.median(a) / statistics.median(b) - 1) for a, b in turns.values())
        print(f"| {case.replace(':', ', ')} | {before:.1f} | {after:.1f} | {after / before:.3f} | {100 * own:.1f} % |", flush=True)
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
