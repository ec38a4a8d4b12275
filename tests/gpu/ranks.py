#!/usr/bin/env python3
"""Two ranks on two GPUs against one: ranks.py BUNDLE OUT [--cpu]

BUNDLE: the unpacked folder of packaging/bundle (THAW_TORCH_DIR as for tests/gpu/run). Trains a ViT and a ResNet on the sample alone and
with two ranks (plain, optimizer sharded, gradients sent as bf16, BatchNorm shared), goes on from a sharded run with one rank, kills and
halts a rank in mid-run, compares the memory of a sharded optimizer, and measures `thaw bench scaling`. Prints one table last; OUT gets
ranks.json. --cpu tries the script itself with two CPU ranks."""
import argparse
import json
import os
import pathlib
import runpy
import signal
import subprocess
import sys
import tempfile
import time

launchers = runpy.run_path(str(pathlib.Path(__file__).resolve().parent.parent / "launchers" / "run"), run_name="launchers")
STEADY = ["data.augmentation=none", "freeze.preset=none", "train.optimizer=sgd", "train.learning_rate=1e-3", "train.precision=fp32"]
VIT = ["model.backbone=vit_tiny_patch16_224", "data.image_size=32", "train.epochs=4", *STEADY]
RESNET = ["model.backbone=resnet18", "data.image_size=64", "train.epochs=2", *STEADY, "train.learning_rate=1e-5"]  # large steps make rounding grow
BATCH = 32


class Bench:
    def __init__(self, arguments, folder):
        self.folder = folder
        self.env = str(pathlib.Path(arguments.bundle) / "env")
        self.devices = ["cpu", "cpu"] if arguments.cpu else ["cuda:0", "cuda:1"]
        self.environment = dict(os.environ, THAW_CACHE=str(folder / "cache"), OMP_WAIT_POLICY="passive", QT_QPA_PLATFORM="offscreen")
        subprocess.run([self.env, "thaw-sample", folder / "sample"], check=True, env=self.environment, stdout=subprocess.DEVNULL)

    def command(self, name, settings, ranks, batch=BATCH):
        settings = [*settings, f"devices.use={','.join(self.devices[:ranks])}", f"train.batch_size={batch // ranks}"]
        return [self.env, "thaw", "train", str(self.folder / "sample" / "random.toml"), "--run-dir", str(self.folder / name),
                *(word for setting in settings for word in ("--set", setting))]

    def train(self, name, settings, ranks, batch=BATCH):
        return self.finish(name, self.command(name, settings, ranks, batch))

    def finish(self, name, command):
        done = subprocess.run(command, env=self.environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=300)
        if done.returncode:
            raise RuntimeError(f"{' '.join(command)}: {done.stdout.strip()[-500:]}")
        return self.folder / name


def equality(bench):
    losses, greatest = launchers["losses"], launchers["greatest"]
    rows = []
    for model, settings, ways in (("ViT-Ti", VIT, {"plain": [], "sharded optimizer": ["devices.optimizer=sharded"],
                                                   "gradients as bf16": ["devices.gradients=bf16"]}),
                                  ("ResNet-18", RESNET, {"BatchNorm shared": ["devices.batch_norm=synchronized"],
                                                         "BatchNorm a rank": []})):
        alone = losses(bench.train(f"{model} alone", settings, 1))
        again = losses(bench.train(f"{model} again", settings, 1))
        rows.append((f"{model}, one rank twice", f"{greatest(alone, again):.1e}", f"{len(alone)} steps, last loss {alone[max(alone)]:.4f}"))
        for way, more in ways.items():
            together = losses(bench.train(f"{model} {way}", [*settings, *more], 2))
            rows.append((f"{model}, two ranks, {way}", f"{greatest(alone, together):.1e}", f"{len(together)} steps; greatest difference of a step's loss"))
    return rows


def goingOn(bench):
    """A sharded run of two ranks, stopped in its midst, goes on with one."""
    losses, greatest = launchers["losses"], launchers["greatest"]
    sharded = [*VIT, "devices.optimizer=sharded", "train.optimizer=adamw", "train.schedule=constant"]
    whole = losses(bench.train("whole", sharded, 2))
    bench.train("halves", [*sharded, "train.epochs=2"], 2)
    run = bench.finish("halves", [bench.env, "thaw", "train", "--resume", str(bench.folder / "halves"), "--set", "train.epochs=4",
                                  "--set", f"devices.use={bench.devices[0]}", "--set", f"train.batch_size={BATCH}"])
    return [("two sharded ranks, then one", f"{greatest(whole, losses(run)):.1e}", "losses of AdamW")]


def kills(bench):
    rows, long = [], [*VIT, "data.image_size=224", "train.epochs=40"] if bench.devices[0] != "cpu" else VIT
    plain = launchers["losses"](bench.train("undisturbed", long, 2))
    for number, how in enumerate((signal.SIGKILL, signal.SIGSTOP)):
        run = bench.folder / f"disturbed {number}"
        training = subprocess.Popen(bench.command(run.name, long, 2), env=bench.environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            workers = launchers["workers"]
            launchers["waitFor"](lambda: launchers["checkpoints"](run) and workers(str(run)) and launchers["stepOf"](run) > 2, "a checkpoint")
            os.kill(workers(str(run))[1], how)
            struck = time.monotonic()
            launchers["waitFor"](lambda: "Rank 1" in launchers["text"](run / "events.jsonl"), "the rank's name", 20)
            named = time.monotonic() - struck
            training.wait(200)
        finally:
            training.kill()
            training.wait()
        left = workers(str(run))
        apart = launchers["greatest"](plain, launchers["losses"](run))
        fine = training.returncode == 0 and not left
        rows.append((f"rank 1 gets {how.name}", f"named after {named:.1f} s" if fine else "FAILED",
                     f"ended with {training.returncode}, {len(left)} processes left, losses {apart:.1e} from an undisturbed run's"))
    return rows


def memory(bench):
    """What a GPU holds at most while ViT-B trains with AdamW, its optimizer whole and sharded."""
    settings = [*STEADY, "model.backbone=vit_base_patch16_224", "data.image_size=224", "train.epochs=1", "train.optimizer=adamw"]
    rows = []
    for way in ("replicated", "sharded"):
        run = bench.train(f"ViT-B {way}", [*settings, f"devices.optimizer={way}"], 2, 16)
        peak = peakOf(run)
        rows.append((f"ViT-B, AdamW {way}, two ranks", f"{peak / 1e9:.2f} GB", "most that the first GPU held"))
    return rows


def peakOf(run):
    held = [value for file in (run / "series").glob("memory*used_bytes.col") for value in launchers["losses"](run, file.name).values()]
    if not held:
        raise RuntimeError(f"{run.name} has no series of memory")
    return max(held)


def scaling(bench):
    rows = []
    for batch in (256, 32, 8) if bench.devices[0] != "cpu" else (4,):
        command = [bench.env, "thaw", "--json", "bench", "scaling", "--backbone", "resnet50", "--batch", str(batch), "--precision", "bf16", "--ranks", "2"]
        if bench.devices[0] == "cpu":
            command += ["--device", "cpu", "--image-size", "32", "--steps", "2", "--warm-up", "1"]
        answer = subprocess.run(command, env=bench.environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=200)
        if answer.returncode:
            rows.append((f"ResNet-50, {batch} a rank", "FAILED", answer.stderr.strip()[-300:]))
            continue
        rates = {row["ranks"]: row["samples_per_s"] for row in json.loads(answer.stdout)}
        rows.append((f"ResNet-50, {batch} a rank", f"{100 * rates[2] / rates[1] / 2:.1f} %", f"{rates[1]:.0f} and {rates[2]:.0f} pictures/s"))
    return rows


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("bundle")
    parser.add_argument("out")
    parser.add_argument("--cpu", action="store_true")
    parser.add_argument("--only", nargs="+", choices=["equality", "goingOn", "kills", "memory", "scaling"])
    arguments = parser.parse_args()
    table = []
    with tempfile.TemporaryDirectory(prefix="thaw-ranks-") as folder:
        bench = Bench(arguments, pathlib.Path(folder))
        for part in (equality, goingOn, kills, memory, scaling):
            if arguments.only and part.__name__ not in arguments.only:
                continue
            started = time.time()
            try:
                table += part(bench)
            except (RuntimeError, OSError, ValueError, KeyError, subprocess.TimeoutExpired) as error:
                table.append((part.__name__, "FAILED", f"{type(error).__name__}: {error}"[-500:]))
            print(f"{part.__name__} took {time.time() - started:.0f} s", file=sys.stderr, flush=True)
    (pathlib.Path(arguments.out) / "ranks.json").write_text(json.dumps(table, indent=1))
    for what, value, note in table:
        print(f"| {what} | {value} | {note} |")
    sys.exit(any(value == "FAILED" for _, value, _ in table))


if __name__ == "__main__":
    main()
