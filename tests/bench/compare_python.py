#!/usr/bin/env python3
"""Trains the same head-only experiment in Python (torchvision, timm) and with `thaw train`, in turns, and compares.

Both sides: the same pictures, batch, threads, augmentation (random resized crop, flip), AdamW, validation after each epoch, fp32 in
channels_last. Python keeps the frozen backbone in eval mode under no_grad and has the best of some numbers of loader processes for
each figure. `thaw` runs at fp32 and once more with the precision that "auto" picks. On a GPU (--device cuda:0) Python computes in bf16
(autocast) as well and uploads from pinned memory.

Reported: pictures per second in training, over the epochs after the first (from the start of an epoch to its last optimizer step), and
the time from the start of the process to its first finished optimizer step. Medians of the rounds; the order turns around each round.
"""
import argparse
import json
import os
import pathlib
import statistics
import struct
import subprocess
import sys
import tempfile
import time

MODELS = {
    # name: (resize, bicubic, mean, deviation)
    "squeezenet1_1": (256, False, [0.485, 0.456, 0.406], [0.229, 0.224, 0.225]),
    "tf_efficientnet_lite0": (256, True, [0.5] * 3, [0.5] * 3),
    "resnet18": (256, False, [0.485, 0.456, 0.406], [0.229, 0.224, 0.225]),
}


def find_weights(data, name):
    """Real weights of this backbone where there are some, or None: both sides then start from random parameters."""
    if name == "tf_efficientnet_lite0":
        cache = pathlib.Path(os.environ.get("THAW_CACHE") or pathlib.Path(os.environ.get("XDG_CACHE_HOME") or "~/.cache").expanduser() / "thaw")
        bundled = cache / "weights" / "efficientnet-lite0-57934424.pth"
        return bundled if bundled.exists() else None
    return next(iter(sorted((pathlib.Path(data) / "weights" / name).glob("*.safetensors"))), None)


# ---- the Python side, run as a process of its own -------------------------------------------------------------------


def python_side(arguments):
    import torch
    import torchvision
    from torchvision import transforms
    from torchvision.transforms import InterpolationMode

    torch.set_num_threads(arguments.threads)
    torch.manual_seed(7)
    device = torch.device(arguments.device)
    gpu = device.type == "cuda"
    resize, bicubic, mean, deviation = MODELS[arguments.model]
    interpolation = InterpolationMode.BICUBIC if bicubic else InterpolationMode.BILINEAR
    finish = [transforms.ToTensor(), transforms.Normalize(mean, deviation)]
    augment = transforms.Compose([transforms.RandomResizedCrop(224, interpolation=interpolation), transforms.RandomHorizontalFlip(), *finish])
    plain = transforms.Compose([transforms.Resize(resize, interpolation=interpolation), transforms.CenterCrop(224), *finish])
    root = pathlib.Path(arguments.data) / "images" / "hymenoptera_data"
    training = torchvision.datasets.ImageFolder(root / "train", augment)
    validation = torchvision.datasets.ImageFolder(root / "val", plain)
    workers = {"num_workers": arguments.workers, "persistent_workers": arguments.workers > 0, "pin_memory": gpu}
    train_loader = torch.utils.data.DataLoader(training, arguments.batch, shuffle=True, **workers)
    validation_loader = torch.utils.data.DataLoader(validation, arguments.batch, **workers)

    classes = len(training.classes)
    if arguments.model == "tf_efficientnet_lite0":
        import timm

        model = timm.create_model(arguments.model, pretrained=False)
        body, head = model, torch.nn.Linear(1280, classes)

        def features(x):
            return model.forward_head(model.forward_features(x), pre_logits=True)
    else:
        model = getattr(torchvision.models, arguments.model)(weights=None)
        body = model
        if arguments.model == "squeezenet1_1":
            head = torch.nn.Sequential(torch.nn.Dropout(0.5), torch.nn.Conv2d(512, classes, 1), torch.nn.ReLU(),
                                       torch.nn.AdaptiveAvgPool2d(1), torch.nn.Flatten())
            features = model.features
        else:
            head, model.fc = torch.nn.Linear(512, classes), torch.nn.Identity()
            features = model.forward
    weights = find_weights(arguments.data, arguments.model)
    if weights and weights.suffix == ".pth":
        # The bundled file has other names; its tensors come in timm's order.
        stored = torch.load(weights, map_location="cpu", weights_only=True)
        body.load_state_dict(dict(zip(body.state_dict(), stored.values())))
    elif weights:
        import safetensors.torch

        body.load_state_dict(safetensors.torch.load_file(weights), strict=False)
    body.eval().to(device=device, memory_format=torch.channels_last)
    head.to(device)
    optimizer = torch.optim.AdamW(head.parameters(), lr=1e-3, weight_decay=0.01, fused=gpu)
    loss_of = torch.nn.CrossEntropyLoss()

    result = {"first_step": None, "epochs": [], "accuracy": None}
    for _ in range(arguments.epochs):
        started, pictures = time.time(), 0
        head.train()
        for images, labels in train_loader:
            images, labels = images.to(device, memory_format=torch.channels_last, non_blocking=True), labels.to(device, non_blocking=True)
            with torch.autocast(device.type, torch.bfloat16, enabled=gpu):
                with torch.no_grad():
                    seen = features(images)
                logits = head(seen)
            loss = loss_of(logits.float(), labels)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            loss.item()
            pictures += len(labels)
            result["first_step"] = result["first_step"] or time.time()
        result["epochs"].append({"seconds": time.time() - started, "pictures": pictures})
        head.eval()
        right = 0
        with torch.no_grad(), torch.autocast(device.type, torch.bfloat16, enabled=gpu):
            for images, labels in validation_loader:
                images = images.to(device, memory_format=torch.channels_last)
                right += (head(features(images)).argmax(1) == labels.to(device)).sum().item()
        result["accuracy"] = right / len(validation)
    print(json.dumps(result))


def run_python(arguments, model, workers, epochs):
    environment = dict(os.environ, OMP_NUM_THREADS=str(arguments.threads))
    started = time.time()
    answer = subprocess.run(
        [sys.executable, __file__, "--side", "python", "--model", model, "--data", arguments.data, "--workers", str(workers), "--epochs",
         str(epochs), "--batch", str(arguments.batch), "--threads", str(arguments.threads), "--device", arguments.device],
        env=environment, stdout=subprocess.PIPE, text=True, check=True)
    result = json.loads(answer.stdout.splitlines()[-1])
    later = result["epochs"][1:]
    return {"rate": sum(e["pictures"] for e in later) / sum(e["seconds"] for e in later), "first_step": result["first_step"] - started,
            "accuracy": result["accuracy"]}


# ---- the thaw side --------------------------------------------------------------------------------------------------


def varint(data, at):
    value = shift = 0
    while True:
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            return value, at


def fields(data):
    """The fields of one protocol-buffer message as (number, value)."""
    at = 0
    while at < len(data):
        key, at = varint(data, at)
        kind = key & 7
        if kind == 0:
            value, at = varint(data, at)
        elif kind == 1:
            value, at = struct.unpack_from("<d", data, at)[0], at + 8
        elif kind == 5:
            value, at = struct.unpack_from("<f", data, at)[0], at + 4
        else:
            size, at = varint(data, at)
            value, at = data[at:at + size], at + size
        yield key >> 3, value


def event_points(run, tag):
    """(wall time, step) of each point of a series, from the run's TensorBoard file."""
    data = next(run.glob("events.out.tfevents.*")).read_bytes()
    at = 0
    while at + 12 <= len(data):
        size = struct.unpack_from("<Q", data, at)[0]
        event = dict(fields(data[at + 12:at + 12 + size]))
        at += 12 + size + 4
        for number, value in fields(event.get(5, b"")):
            if number == 1 and dict(fields(value)).get(1) == tag.encode():
                yield event[1], event.get(2, 0)


def run_thaw(arguments, model, precision):
    with tempfile.TemporaryDirectory() as folder:
        weights = find_weights(arguments.data, model)
        experiment = pathlib.Path(folder) / "experiment.toml"
        experiment.write_text(f"""
[experiment]
name = "bench"
[data]
path = "{pathlib.Path(arguments.data) / 'images' / 'hymenoptera_data'}"
augmentation = "standard"
[model]
backbone = "{model}"
weights = "{weights or 'none'}"
[freeze]
preset = "head-only"
[train]
epochs = {arguments.epochs}
batch_size = {arguments.batch}
optimizer = "adamw"
learning_rate = 1e-3
schedule = "constant"
precision = "{precision}"
[devices]
use = ["{arguments.device}"]
threads = {arguments.threads}
""")
        run = pathlib.Path(folder) / "run"
        started = time.time()
        answer = subprocess.run([*arguments.thaw.split(), "train", str(experiment), "--run-dir", str(run), "--json"], stdout=subprocess.PIPE,
                                stderr=subprocess.DEVNULL, text=True, check=True)
        summary = json.loads(answer.stdout)
        run = pathlib.Path(summary.get("run", run))
        points = sorted(event_points(run, "train/loss"), key=lambda point: point[1])
        ends = []  # (time, last step) of each epoch, validation and checkpoint included
        for line in (run / "events.jsonl").read_text().splitlines():
            event = json.loads(line)
            if event["kind"] == "epoch":
                ends.append((event["time"], event["step"]))
        pictures = sum(1 for file in (pathlib.Path(arguments.data) / "images" / "hymenoptera_data" / "train").rglob("*.jpg"))
        seconds = 0.0
        for (ended, last), (_, next_last) in zip(ends, ends[1:]):
            seconds += max(wall for wall, step in points if last < step <= next_last) - ended
        return {"rate": pictures * (len(ends) - 1) / seconds, "first_step": points[0][0] - started,
                "accuracy": summary["last"].get("validation/accuracy")}


# ---- the comparison -------------------------------------------------------------------------------------------------


def median(rows, key):
    return statistics.median(row[key] for row in rows)


def compare(arguments, model):
    tries = {workers: run_python(arguments, model, workers, 2) for workers in arguments.loaders}
    fastest = max(tries, key=lambda workers: tries[workers]["rate"])
    soonest = min(tries, key=lambda workers: tries[workers]["first_step"])
    print(f"{model}: Python trains fastest with {fastest} loader processes and takes its first step soonest with {soonest}", file=sys.stderr)
    sides = {"python": [], "python_first": [], "fp32": [], "auto": []}

    def measure(side):
        if side == "python":
            sides["python"].append(run_python(arguments, model, fastest, arguments.epochs))
            sides["python_first"].append(sides["python"][-1] if soonest == fastest else run_python(arguments, model, soonest, 2))
        else:
            sides[side].append(run_thaw(arguments, model, side))
        print(f"  {side:7} {sides[side][-1]['rate']:7.1f} pictures/s, first step after {sides[side][-1]['first_step']:.2f} s", file=sys.stderr)

    for turn in range(arguments.rounds):
        order = ("fp32", "python", "auto")
        for side in order if turn % 2 == 0 else reversed(order):
            measure(side)
    return {"model": model, "workers": fastest, "workers_first_step": soonest, "runs": sides,
            "python": median(sides["python"], "rate"), "fp32": median(sides["fp32"], "rate"), "auto": median(sides["auto"], "rate"),
            "python_first_step": median(sides["python_first"], "first_step"),
            "thaw_first_step": statistics.median(row["first_step"] for row in sides["fp32"] + sides["auto"])}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--thaw", help="the thaw program, with what stands before it")
    parser.add_argument("--data", default=os.environ.get("THAW_TEST_DATA"), help="folder with images/hymenoptera_data (THAW_TEST_DATA)")
    parser.add_argument("--models", nargs="+", default=list(MODELS), choices=MODELS)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--epochs", type=int, default=4)
    parser.add_argument("--batch", type=int, default=32)
    parser.add_argument("--threads", type=int, default=min(2, os.cpu_count()))
    parser.add_argument("--device", default="cpu", help="cpu or cuda:0, for both sides")
    parser.add_argument("--loaders", nargs="+", type=int, default=[0, 1, 2], help="numbers of Python's loader processes that are tried")
    parser.add_argument("--out", help="JSON file for all measured values")
    parser.add_argument("--side", choices=["python"], help=argparse.SUPPRESS)
    parser.add_argument("--model", help=argparse.SUPPRESS)
    parser.add_argument("--workers", type=int, default=0, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if not arguments.data:
        sys.exit("Set THAW_TEST_DATA, or give the folder that holds images/hymenoptera_data with --data.")
    if arguments.side:
        python_side(arguments)
        return
    results = [compare(arguments, model) for model in arguments.models]
    if arguments.out:
        pathlib.Path(arguments.out).parent.mkdir(parents=True, exist_ok=True)
        pathlib.Path(arguments.out).write_text(json.dumps(results, indent=1))
    print(f"Head-only on hymenoptera_data, {arguments.device}, batch {arguments.batch}, {arguments.threads} threads, medians of {arguments.rounds} rounds:\n")
    print("| backbone | Python, pictures/s | thaw fp32 | ratio | thaw auto | ratio | Python, first step | thaw | ratio |")
    print("|---|---:|---:|---:|---:|---:|---:|---:|---:|")
    for r in results:
        print(f"| {r['model']} | {r['python']:.1f} | {r['fp32']:.1f} | {r['fp32'] / r['python']:.2f}× | {r['auto']:.1f} | "
              f"{r['auto'] / r['python']:.2f}× | {r['python_first_step']:.2f} s | {r['thaw_first_step']:.2f} s | "
              f"{r['python_first_step'] / r['thaw_first_step']:.1f}× |")


if __name__ == "__main__":
    main()
