#!/usr/bin/env python3
"""Where the GPU's time of one training step goes, by kind of kernel: of Thaw's (`thaw bench train --profile`), or eagerly in Python.

    python profile_gpu.py [--model resnet50] [--batch 256] [--thaw THAW…]
"""
import argparse
import collections
import json
import re
import subprocess

from compare_gpu import build

KINDS = [("normalisation", r"batch_?norm|bn_|layer_norm|statisticsKernel|gradientSumsKernel|cuda.*::(forward|backward)Kernel|finish\w+Kernel"), ("optimizer", r"multi_tensor|FusedSgd|FusedAdam"), ("pooling", r"pool"),
         ("convolution, depthwise", r"depthwise|dwconv|conv_depthwise"),
         ("convolution, matrix product", r"conv|xmma|gemm|cutlass|sm90_|sm80_|cudnn|nvjet|wgrad|dgrad|fprop|implicit"),
         ("element by element", r"elementwise|vectorized|relu|threshold|add|copy|fill|cat"), ("loss, reductions", r"softmax|nll|reduce")]


def kind_of(name):
    return next((kind for kind, pattern in KINDS if re.search(pattern, name, re.I)), "other")


def python_kernels(arguments, steps=3):
    import torch

    torch.backends.cudnn.benchmark = True
    model = build(arguments.model, 0).cuda().to(memory_format=torch.channels_last).train()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.01, momentum=0.9, fused=True)
    pixels = torch.randn(arguments.batch, 3, 224, 224, device="cuda").to(memory_format=torch.channels_last)
    labels = torch.randint(1000, (arguments.batch,), device="cuda")

    def step():
        with torch.autocast("cuda", torch.bfloat16):
            loss = torch.nn.functional.cross_entropy(model(pixels).float(), labels)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        optimizer.step()

    for _ in range(5):
        step()
    torch.cuda.synchronize()
    with torch.profiler.profile(activities=[torch.profiler.ProfilerActivity.CUDA]) as profile:
        for _ in range(steps):
            step()
        torch.cuda.synchronize()
    return [(event.name, event.device_time / 1e3 / steps) for event in profile.events() if event.device_type == torch.autograd.DeviceType.CUDA]


def thaw_kernels(arguments):
    command = [*arguments.thaw, "--json", "bench", "train", "--backbone", arguments.model, "--batch", arguments.batch, "--precision", "bf16",
               "--steps", 5, "--repeats", 1, "--profile", 5]
    answer = subprocess.run(list(map(str, command)), stdout=subprocess.PIPE, check=True, text=True)
    return [(kernel["name"], kernel["ms"]) for kernel in json.loads(answer.stdout)["kernels"]]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", default="resnet50")
    parser.add_argument("--batch", type=int, default=256)
    parser.add_argument("--thaw", nargs="+", help="the program; without it, Python is profiled")
    arguments = parser.parse_args()
    times, names = collections.Counter(), collections.Counter()
    for name, ms in thaw_kernels(arguments) if arguments.thaw else python_kernels(arguments):
        times[kind_of(name)] += ms
        names[name[:100]] += ms
    print(json.dumps({"model": arguments.model, "batch": arguments.batch, "ms": sum(times.values()), "by_kind": dict(times.most_common()),
                      "kernels": dict(names.most_common(25))}))


if __name__ == "__main__":
    main()
