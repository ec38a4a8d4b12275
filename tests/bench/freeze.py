#!/usr/bin/env python3
"""Trains the same partly frozen experiment in Python (torchvision, timm) and with `thaw bench freeze`, in turns, and compares.

Two Python scripts stand against Thaw, as people write them:
  plain        the epoch loop over JPEGs: DataLoader, frozen blocks in eval mode under no_grad, validation after each epoch;
  hand-cached  one pass over all pictures keeps what the frozen blocks make of them in one tensor, the epochs then run on that.
Both sides: the same pictures without augmentation, batch, threads, AdamW, precision, channels_last, validation after each epoch, on the CPU
or on a GPU (--device cuda:0). Times are of the whole training, from building the model on (imports and the start of the process are left
out on both sides), building the cache included. A plain loop is measured for --plain-epochs and reckoned to --epochs by its last ones.
"""
import argparse
import json
import os
import pathlib
import statistics
import subprocess
import sys
import time

MODELS = {
    # name: (resize, bicubic, mean, deviation)
    "squeezenet1_1": (256, False, [0.485, 0.456, 0.406], [0.229, 0.224, 0.225]),
    "tf_efficientnet_lite0": (256, True, [0.5] * 3, [0.5] * 3),
    "resnet50": (256, False, [0.485, 0.456, 0.406], [0.229, 0.224, 0.225]),
}
SIDES = ("plain", "hand-cached", "thaw off", "thaw on")


def find_weights(data, name):
    """Real weights of this backbone where there are some, or None: both sides then start from random parameters."""
    if name == "tf_efficientnet_lite0":
        cache = pathlib.Path(os.environ.get("THAW_CACHE") or pathlib.Path(os.environ.get("XDG_CACHE_HOME") or "~/.cache").expanduser() / "thaw")
        bundled = cache / "weights" / "efficientnet-lite0-57934424.pth"
        return bundled if bundled.exists() else None
    return next(iter(sorted((pathlib.Path(data) / "weights" / name).glob("*.safetensors"))), None)


# ---- the Python side, run as a process of its own -------------------------------------------------------------------


def build(name, trains, classes, weights):
    """(frozen, trained): two modules that follow each other."""
    import torch
    import torchvision
    from torch import nn

    last = trains != "head-only"
    if name == "tf_efficientnet_lite0":
        import timm

        body = timm.create_model(name, pretrained=False)
        if weights:
            # The bundled file has other names; its tensors come in timm's order.
            stored = torch.load(weights, map_location="cpu", weights_only=True)
            body.load_state_dict(dict(zip(body.state_dict(), stored.values())))
        front, stage = nn.Sequential(body.conv_stem, body.bn1, body.blocks), nn.Sequential(body.conv_head, body.bn2)
        pool, head = nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten()), nn.Sequential(nn.Dropout(0.2), nn.Linear(1280, classes))
    else:
        body = getattr(torchvision.models, name)(weights=None)
        if weights:
            import safetensors.torch

            body.load_state_dict(safetensors.torch.load_file(weights), strict=False)
        if name == "squeezenet1_1":
            front, stage, pool = body.features[:12], body.features[12:], nn.Identity()
            head = nn.Sequential(nn.Dropout(0.5), nn.Conv2d(512, classes, 1), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten())
        else:
            front = nn.Sequential(body.conv1, body.bn1, body.relu, body.maxpool, body.layer1, body.layer2, body.layer3)
            stage, pool = body.layer4, nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten())
            head = nn.Linear(2048, classes)
    if last:
        return front, nn.Sequential(stage, pool, head)
    return nn.Sequential(front, stage, pool), head


def python_side(arguments):
    import torch
    import torchvision
    from torchvision import transforms
    from torchvision.transforms import InterpolationMode

    if arguments.model == "tf_efficientnet_lite0":
        import timm  # noqa: F401

    begin = time.perf_counter()
    torch.set_num_threads(arguments.threads)
    torch.manual_seed(7)
    device = torch.device(arguments.device)
    resize, bicubic, mean, deviation = MODELS[arguments.model]
    interpolation = InterpolationMode.BICUBIC if bicubic else InterpolationMode.BILINEAR
    transform = transforms.Compose([transforms.Resize(resize, interpolation=interpolation), transforms.CenterCrop(224), transforms.ToTensor(),
                                    transforms.Normalize(mean, deviation)])
    root = pathlib.Path(arguments.pictures)
    training = torchvision.datasets.ImageFolder(root / "train", transform)
    validation = torchvision.datasets.ImageFolder(root / "val", transform)
    options = {"num_workers": arguments.workers, "persistent_workers": arguments.workers > 0, "pin_memory": device.type == "cuda"}
    front, tail = build(arguments.model, arguments.trains, len(training.classes), find_weights(arguments.data, arguments.model))
    front = front.to(device).to(memory_format=torch.channels_last).eval()
    tail = tail.to(device).to(memory_format=torch.channels_last)
    optimizer = torch.optim.AdamW(tail.parameters(), lr=1e-3, weight_decay=0.01, fused=True)
    loss_of = torch.nn.CrossEntropyLoss()
    half = arguments.precision == "bf16"

    def autocast():
        return torch.autocast(device.type, torch.bfloat16, enabled=half)

    def frozen(images):
        with torch.no_grad():
            return front(images.to(device, non_blocking=True).to(memory_format=torch.channels_last))

    def step(seen, labels):
        with autocast():
            loss = loss_of(tail(seen).float(), labels)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()

    def batches(data, shuffle):
        return torch.utils.data.DataLoader(data, arguments.batch, shuffle=shuffle, **options)

    ends, accuracy = [], 0.0
    if arguments.side == "plain":
        train_loader, validation_loader = batches(training, True), batches(validation, False)
        for _ in range(arguments.epochs):
            tail.train()
            for images, labels in train_loader:
                with autocast():
                    seen = frozen(images)
                step(seen, labels.to(device))
            tail.eval()
            right = 0
            with torch.no_grad(), autocast():
                for images, labels in validation_loader:
                    right += (tail(frozen(images)).argmax(1).cpu() == labels).sum().item()
            accuracy = max(accuracy, right / len(validation))
            ends.append(time.perf_counter() - begin)
    else:
        def keep(data):
            features, labels = [], []
            for images, answer in batches(data, False):
                with autocast():
                    features.append(frozen(images))
                labels.append(answer)
            return torch.cat(features), torch.cat(labels).to(device)

        (features, labels), (seen, answers) = keep(training), keep(validation)
        for _ in range(arguments.epochs):
            tail.train()
            for chosen in torch.randperm(len(labels), device=device).split(arguments.batch):
                step(features[chosen], labels[chosen])
            tail.eval()
            right = 0
            with torch.no_grad(), autocast():
                for some, truth in zip(seen.split(arguments.batch), answers.split(arguments.batch)):
                    right += (tail(some).argmax(1) == truth).sum().item()
            accuracy = max(accuracy, right / len(validation))
            ends.append(time.perf_counter() - begin)
    print(json.dumps({"ends": ends, "accuracy": accuracy}))


def run_python(arguments, side, model, trains, workers):
    epochs = min(arguments.plain_epochs, arguments.epochs) if side == "plain" else arguments.epochs
    environment = dict(os.environ, OMP_NUM_THREADS=str(arguments.threads))
    answer = subprocess.run(
        [sys.executable, __file__, "--side", side, "--model", model, "--trains", trains, "--data", arguments.data, "--pictures",
         str(arguments.pictures), "--workers", str(workers), "--epochs", str(epochs), "--batch", str(arguments.batch), "--threads",
         str(arguments.threads), "--precision", arguments.precision, "--device", arguments.device],
        env=environment, stdout=subprocess.PIPE, text=True, check=True)
    result = json.loads(answer.stdout.splitlines()[-1])
    ends = result["ends"]
    each = (ends[-1] - ends[0]) / max(1, len(ends) - 1)
    return {"seconds": ends[-1] + each * (arguments.epochs - epochs), "epoch": each, "first": ends[0], "accuracy": result["accuracy"],
            "measured": epochs}


def run_thaw(arguments, cache, model, trains):
    weights = find_weights(arguments.data, model)
    answer = subprocess.run(
        [arguments.thaw, "bench", "freeze", "--data", str(arguments.pictures), "--backbone", model, "--weights", str(weights or "none"), "--freeze",
         trains, "--cache", cache, "--epochs", str(arguments.epochs), "--plain-epochs", str(arguments.plain_epochs), "--batch", str(arguments.batch),
         "--threads", str(arguments.threads), "--precision", arguments.precision, "--device", arguments.device, "--json"],
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, check=True)
    row = json.loads(answer.stdout)[0]
    return {"seconds": row["seconds"], "epoch": row["epoch_seconds"], "first": row["first_epoch_seconds"], "accuracy": row["accuracy"],
            "measured": row["epochs_measured"]}


# ---- the comparison -------------------------------------------------------------------------------------------------


def compare(arguments, model, trains):
    runs = {side: [] for side in arguments.sides}
    for turn in range(arguments.rounds):
        order = list(arguments.sides)
        for side in order if turn % 2 == 0 else reversed(order):
            if side.startswith("thaw"):
                row = run_thaw(arguments, side.split()[1], model, trains)
            else:
                row = run_python(arguments, side, model, trains, arguments.workers)
            runs[side].append(row)
            print(f"  {model}, {trains}, {side:11} {row['seconds']:8.2f} s, first epoch after {row['first']:.2f} s, each {row['epoch']:.3f} s, "
                  f"accuracy {row['accuracy']:.3f}", file=sys.stderr)
    medians = {side: {key: statistics.median(row[key] for row in rows) for key in rows[0]} for side, rows in runs.items()}
    return {"model": model, "trains": trains, "random": find_weights(arguments.data, model) is None, "medians": medians, "runs": runs}


def table(arguments, results):
    print(f"\n{arguments.epochs} epochs on {pathlib.Path(arguments.pictures).name}, batch {arguments.batch}, {arguments.threads} threads, "
          f"{arguments.precision}, {arguments.device}, {arguments.workers} loader processes in Python; medians of {arguments.rounds} rounds, seconds; "
          f"plain and uncached: {min(arguments.plain_epochs, arguments.epochs)} epochs measured, the rest reckoned.\n")
    print("| backbone | trains | " + " | ".join(arguments.sides) + " | cached ÷ plain | cached ÷ by hand | uncached ÷ plain | accuracy |")
    print("|---|---|" + "---:|" * (len(arguments.sides) + 4))
    for r in results:
        seconds = {side: row["seconds"] for side, row in r["medians"].items()}

        def ratio(slow, fast):
            return f"{seconds[slow] / seconds[fast]:.1f}×" if slow in seconds and fast in seconds else ""

        accuracy = "random weights" if r["random"] else f"{r['medians'][arguments.sides[-1]]['accuracy']:.3f}"
        print(f"| {r['model']} | {r['trains']} | " + " | ".join(f"{seconds[side]:.2f}" for side in arguments.sides) +
              f" | {ratio('plain', 'thaw on')} | {ratio('hand-cached', 'thaw on')} | {ratio('plain', 'thaw off')} | {accuracy} |")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--thaw", help="the thaw program")
    parser.add_argument("--data", default=os.environ.get("THAW_TEST_DATA"), help="folder with weights/ and images/ (THAW_TEST_DATA)")
    parser.add_argument("--pictures", help="folder with train/ and val/; otherwise images/hymenoptera_data of --data")
    parser.add_argument("--models", nargs="+", default=["tf_efficientnet_lite0", "resnet50"], choices=MODELS)
    parser.add_argument("--freezes", nargs="+", default=["head-only", "last-stages:1"], choices=["head-only", "last-stages:1"])
    parser.add_argument("--sides", nargs="+", default=list(SIDES), choices=SIDES)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--epochs", type=int, default=20)
    parser.add_argument("--plain-epochs", type=int, default=2)
    parser.add_argument("--batch", type=int, default=32)
    parser.add_argument("--threads", type=int, default=min(2, os.cpu_count()))
    parser.add_argument("--workers", type=int, default=min(2, os.cpu_count()))
    parser.add_argument("--precision", default="bf16", choices=["fp32", "bf16"])
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--out", help="JSON file for all measured values")
    parser.add_argument("--side", choices=["plain", "hand-cached"], help=argparse.SUPPRESS)
    parser.add_argument("--model", help=argparse.SUPPRESS)
    parser.add_argument("--trains", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if not arguments.data:
        sys.exit("Set THAW_TEST_DATA, or give the folder that holds images/ and weights/ with --data.")
    arguments.pictures = arguments.pictures or pathlib.Path(arguments.data) / "images" / "hymenoptera_data"
    if arguments.side:
        python_side(arguments)
        return
    results = [compare(arguments, model, trains) for model in arguments.models for trains in arguments.freezes]
    if arguments.out:
        pathlib.Path(arguments.out).parent.mkdir(parents=True, exist_ok=True)
        pathlib.Path(arguments.out).write_text(json.dumps(results, indent=1))
    table(arguments, results)


if __name__ == "__main__":
    main()
