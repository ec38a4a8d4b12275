#!/usr/bin/env python3
"""Training steps on one device over a batch that lies there already: `thaw bench train` against the same in Python, in turns (A-B-B-A).

Both sides: the same starting weights, the same pictures and labels, bf16 autocast, channels_last, fused SGD with momentum; each figure
is the median of the repeats of all turns. Python runs eagerly and, where asked, once more with torch.compile. The losses of the first
steps are compared: two programs that compute the same learn the same.

    python compare_gpu.py --env BUNDLE/env [--cases resnet50:256:none:compile resnet50:32:head-only] [--device cpu] [--out FILE]
"""
import argparse
import json
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time

WARM_UP = 10
TURNS = {"eager": ("thaw", "eager", "eager", "thaw"), "compile": ("thaw", "eager", "compile", "eager", "thaw"), "compile-only": ("thaw", "compile", "thaw")}
CASES = ["resnet50:256:none:compile", "resnet50:32:none:compile", "resnet50:8:none:compile", "tf_efficientnet_lite0:256:none:compile",
         "tf_efficientnet_lite0:32:none:compile", "tf_efficientnet_lite0:8:none:compile", "resnet50:32:head-only:eager", "resnet50:32:last-stages:2:eager"]


def build(name, seed):
    import torch

    torch.manual_seed(seed)
    if name.startswith("tf_"):
        import timm

        return timm.create_model(name, pretrained=False)
    import torchvision

    return getattr(torchvision.models, name)(weights=None)


def freeze(model, name, preset):
    """Which parameters train, and the modules that then stay in evaluation mode, as Thaw's presets mean it."""
    model.train()
    if preset == "none":
        return
    head = "classifier" if name.startswith("tf_") else "fc"
    trained = {"head-only": {head}, "last-stages:2": {"layer4", "fc"}}[preset]
    for child_name, child in model.named_children():
        if child_name not in trained:
            child.eval().requires_grad_(False)


def python_side(arguments):
    import safetensors.torch
    import torch

    device = torch.device("cuda" if arguments.device == "auto" else arguments.device)
    started = time.time()
    torch.backends.cudnn.benchmark = True
    model = build(arguments.model, 0)
    model.load_state_dict(safetensors.torch.load_file(arguments.weights))
    model.to(device=device, memory_format=torch.channels_last)
    freeze(model, arguments.model, arguments.freeze)
    parameters = [p for p in model.parameters() if p.requires_grad]
    optimizer = torch.optim.SGD(parameters, lr=0.01, momentum=0.9, fused=True)
    torch.manual_seed(7)
    pixels = torch.randn(arguments.batch, 3, 224, 224).to(memory_format=torch.channels_last).to(device)
    labels = torch.randint(1000, (arguments.batch,)).to(device)
    loss_of = torch.nn.CrossEntropyLoss()
    forward = torch.compile(model) if arguments.compile else model

    def step():
        with torch.autocast(device.type, torch.bfloat16):
            loss = loss_of(forward(pixels).float(), labels)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        optimizer.step()
        return loss

    def wait():
        if device.type == "cuda":
            torch.cuda.synchronize()

    losses = [step().item()]
    first = time.time() - started
    losses += [step().item() for _ in range(WARM_UP - 1)]
    warm = time.time() - started
    repeats = []
    for _ in range(arguments.repeats):
        wait()
        begin = time.perf_counter()
        for _ in range(arguments.steps):
            step()
        wait()
        repeats.append(arguments.steps * arguments.batch / (time.perf_counter() - begin))
    peak = torch.cuda.max_memory_reserved() if device.type == "cuda" else 0
    print(json.dumps({"repeats": repeats, "losses": losses, "first_step_s": first, "warm_up_s": warm, "peak_bytes": peak}))


def run_python(case, weights, arguments, compiled):
    model, batch, preset = case
    command = [sys.executable, __file__, "--side", "--model", model, "--batch", str(batch), "--freeze", preset, "--weights", str(weights),
               "--device", arguments.device, "--steps", str(steps_for(batch, arguments)), "--repeats", str(arguments.repeats)]
    answer = subprocess.run(command + (["--compile"] if compiled else []), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    if answer.returncode:
        raise RuntimeError(answer.stderr[-600:])
    return json.loads(answer.stdout.splitlines()[-1])


def run_thaw(case, weights, arguments, graphs="on", kernels="by-trial"):
    model, batch, preset = case
    command = [*arguments.thaw, "--json", "bench", "train", "--backbone", model, "--batch", str(batch), "--freeze", preset, "--weights", str(weights),
               "--device", arguments.device, "--precision", "bf16", "--graphs", graphs, "--kernels", kernels, "--warm-up", str(WARM_UP),
               "--steps", str(steps_for(batch, arguments)), "--repeats", str(arguments.repeats)]
    answer = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=arguments.environment)
    if answer.returncode:
        raise RuntimeError(f"{answer.stderr[-600:]} {answer.stdout[-600:]}")
    return json.loads(answer.stdout)


def steps_for(batch, arguments):
    return arguments.steps or max(10, min(100, 2560 // batch))


def loss_gap(a, b):
    """Largest relative difference of two loss curves, over the first five steps: later, rounding has grown by itself."""
    return max(abs(x - y) / max(abs(y), 1e-3) for x, y in zip(a[:5], b[:5]))


def compare_case(name, arguments, folder):
    import safetensors.torch

    parts = name.split(":")
    case = (parts[0], int(parts[1]), ":".join(parts[2:-1]))
    weights = folder / f"{case[0]}.safetensors"
    if not weights.exists():
        safetensors.torch.save_file({k: v.contiguous() for k, v in build(case[0], 0).state_dict().items()}, weights)
    sides = {"thaw": [], "eager": [], "thaw_no_graph": [], "thaw_by_rule": [], "compile": []}
    for side in TURNS[parts[-1]]:
        sides[side].append(run_thaw(case, weights, arguments) if side == "thaw" else run_python(case, weights, arguments, side == "compile"))
    if not arguments.brief:
        sides["thaw_no_graph"].append(run_thaw(case, weights, arguments, "off"))
        sides["thaw_by_rule"].append(run_thaw(case, weights, arguments, kernels="by-rule"))
    rates = {side: statistics.median(rate for run in runs for rate in run["repeats"]) for side, runs in sides.items() if runs}
    return {"case": name, "rates": rates, "sides": sides, "loss_gap": loss_gap(sides["thaw"][0]["losses"], sides[TURNS[parts[-1]][1]][0]["losses"])}


def row(result):
    rates = result["rates"]
    others = ", ".join(f"{side} {rate:.0f} ({rates['thaw'] / rate:.2f}×)" for side, rate in rates.items() if side != "thaw")
    thaw, python = result["sides"]["thaw"][0], TURNS[result["case"].rpartition(":")[2]][1]
    beside = result["sides"][python][0]
    by_rule = result["sides"]["thaw_by_rule"]
    soon = f" ({by_rule[0]['first_step_s']:.1f} s by rule)" if by_rule else ""
    return (result["case"], f"{rates['thaw']:.0f} pictures/s",
            f"{others}; losses differ by {result['loss_gap']:.1e}; first step {thaw['first_step_s']:.1f} s{soon}, "
            f"{python} {beside['first_step_s']:.1f} s; {thaw['peak_bytes'] / 1e9:.1f} GB, {python} {beside['peak_bytes'] / 1e9:.1f} GB")


def compare(machine, cases=None):
    """As a part of tests/gpu/run. THAW_BENCH_CASES names other cases, THAW_BENCH_SECONDS when the last of them may begin."""
    arguments = argparse.Namespace(device="auto", steps=0, repeats=5 if machine.thorough else 3, thaw=[str(machine.bundle / "env"), "thaw"], environment=machine.environment,
                                   brief=not machine.thorough)
    rows, results = [], []
    end = time.time() + float(os.environ.get("THAW_BENCH_SECONDS", 1500))
    for name in (os.environ.get("THAW_BENCH_CASES", "").split() or cases or CASES):
        if time.time() > end:
            rows.append((name, "not run", "no time left"))
            continue
        try:
            results.append(compare_case(name, arguments, machine.work))
            rows.append(row(results[-1]))
        except Exception as error:
            rows.append((name, "FAILED", str(error)[-300:].replace("\n", " ")))
        print(rows[-1], file=sys.stderr, flush=True)
    return rows, results


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--env", help="the bundle's env; else --thaw")
    parser.add_argument("--thaw", default="thaw", help="the thaw program")
    parser.add_argument("--cases", nargs="+", default=CASES, metavar="MODEL:BATCH:FREEZE:eager|compile|compile-only")
    parser.add_argument("--device", default="auto")
    parser.add_argument("--steps", type=int, default=0, help="of one repeat; 0: by the batch")
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--brief", action="store_true", help="without Thaw's own variants (no graphs, kernels by rule)")
    parser.add_argument("--out", help="JSON file for all measured values")
    for hidden in ("--model", "--freeze", "--weights"):
        parser.add_argument(hidden, help=argparse.SUPPRESS)
    parser.add_argument("--batch", type=int, help=argparse.SUPPRESS)
    parser.add_argument("--side", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--compile", action="store_true", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.side:
        python_side(arguments)
        return
    arguments.thaw = [arguments.env, "thaw"] if arguments.env else [arguments.thaw]
    arguments.environment = dict(os.environ)
    results = []
    with tempfile.TemporaryDirectory() as folder:
        for name in arguments.cases:
            results.append(compare_case(name, arguments, pathlib.Path(folder)))
            print("| " + " | ".join(row(results[-1])) + " |", flush=True)
    if arguments.out:
        pathlib.Path(arguments.out).write_text(json.dumps(results, indent=1))


if __name__ == "__main__":
    main()
