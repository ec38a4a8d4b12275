#!/usr/bin/env python3
"""Where the GPU's time of one eager training step goes, by kind of kernel: the kernels are the same that Thaw's step queues.

    python profile_gpu.py [--model resnet50] [--batch 256]
"""
import argparse
import collections
import json
import re

from compare_gpu import build

KINDS = [("normalisation", r"batch_?norm|bn_|BatchNorm|layer_norm"), ("optimizer", r"multi_tensor|FusedSgd|FusedAdam"), ("pooling", r"pool"),
         ("convolution, depthwise", r"depthwise|dwconv|conv_depthwise"),
         ("convolution, matrix product", r"conv|xmma|gemm|cutlass|sm90_|sm80_|cudnn|nvjet|wgrad|dgrad|fprop|implicit"),
         ("element by element", r"elementwise|vectorized|relu|threshold|add|copy|fill|cat"), ("loss, reductions", r"softmax|nll|reduce")]


def kind_of(name):
    return next((kind for kind, pattern in KINDS if re.search(pattern, name, re.I)), "other")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", default="resnet50")
    parser.add_argument("--batch", type=int, default=256)
    arguments = parser.parse_args()
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
        for _ in range(3):
            step()
        torch.cuda.synchronize()
    times, names = collections.Counter(), collections.Counter()
    for event in profile.events():
        if event.device_type == torch.autograd.DeviceType.CUDA:
            times[kind_of(event.name)] += event.device_time / 3e3
            names[event.name[:100]] += event.device_time / 3e3
    print(json.dumps({"model": arguments.model, "batch": arguments.batch, "ms": sum(times.values()), "by_kind": dict(times.most_common()),
                      "kernels": dict(names.most_common(15))}))


if __name__ == "__main__":
    main()
