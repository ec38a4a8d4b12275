#!/usr/bin/env python3
"""What Thaw says of GPUs, and what it does with several: devices.py THAW OUT [--made-up FILE]

THAW: the program, or `env thaw` of an unpacked bundle as one word. Holds `thaw devices --json` against nvidia-smi (memory, temperature,
NVLinks, processes), trains runs of one queue at once on different GPUs and looks for each of them among the users of its GPU, and goes on
without a rank that is left behind. Prints one table; OUT gets devices.json, which THAW_GPUS can name on another machine. --made-up tries
the script itself where there is no GPU: FILE is such a devices.json."""
import argparse
import json
import os
import pathlib
import shlex
import subprocess
import sys
import tempfile
import time

SETTINGS = ["model.backbone=vit_tiny_patch16_224", "model.weights=none", "data.image_size=32", "data.augmentation=none",
            "freeze.preset=none", "train.batch_size=8", "data.workers=1", "devices.threads=1"]
rows = []


def check(name, holds, words):
    rows.append((name, "yes" if holds else "NO", words))


def call(thaw, *words, env=None, wanted=0):
    done = subprocess.run([*thaw, *map(str, words)], env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=600)
    if wanted is not None and done.returncode != wanted:
        raise RuntimeError(f"thaw {' '.join(map(str, words))}: {done.returncode} {done.stderr.strip()[-400:]}")
    return done


def devices(thaw, env):
    answer = json.loads(call(thaw, "--json", "devices", env=env).stdout)
    return [one for one in answer["devices"] if one["id"] != "cpu"], answer


def against_nvidia_smi(gpus, links):
    def ask(query):
        return [[cell.strip() for cell in line.split(",")] for line in subprocess.run(
            ["nvidia-smi", query, "--format=csv,noheader,nounits"], check=True, stdout=subprocess.PIPE, text=True).stdout.splitlines()]
    told = ask("--query-gpu=pci.bus_id,name,memory.free,temperature.gpu,uuid")
    users = ask("--query-compute-apps=gpu_uuid,pid")
    for gpu in gpus:
        bus, name, free, celsius, uuid = next(row for row in told if row[0][-10:].lower() == gpu["address"][-10:].lower())
        check(f"{gpu['id']} name", name == gpu["name"], gpu["name"])
        check(f"{gpu['id']} free", abs(int(free) * 2**20 - gpu["free_bytes"]) < 0.02 * gpu["total_bytes"], f"{gpu['free_bytes'] / 1e9:.1f} GB")
        check(f"{gpu['id']} temperature", abs(float(celsius) - gpu.get("celsius", -99)) <= 5, f"{gpu.get('celsius')} °C")
        pids = {int(pid) for one, pid in users if one == uuid}
        check(f"{gpu['id']} users", pids <= {user["process"] for user in gpu.get("users", [])}, f"{len(pids)} of nvidia-smi")
    text = subprocess.run(["nvidia-smi", "topo", "-m"], stdout=subprocess.PIPE, text=True).stdout
    print(text)
    for link in links:
        check(f"{link['between'][0]}–{link['between'][1]}", f"NV{link['lanes']}" in text, f"{link['lanes']} NVLinks")


def new_runs(thaw, env, folder, uses, epochs):
    for number, use in enumerate(uses):
        settings = [*SETTINGS, f"devices.use={use}", f"train.epochs={epochs}", f"experiment.name=run {number}"]
        call(thaw, "queue", "--runs", folder / "runs", "add", folder / "sample.toml",
             *(word for setting in settings for word in ("--set", setting)), env=env)


def pictures(folder):
    for part, count in (("train", 16), ("val", 4)):
        for name, value in (("dark", 40), ("light", 200)):
            place = folder / "data" / part / name
            place.mkdir(parents=True)
            for i in range(count):
                body = bytes((value + (i * 7 + k) % 30) % 256 for k in range(32 * 32 * 3))
                (place / f"{i}.ppm").write_bytes(b"P6 32 32 255\n" + body)
    (folder / "sample.toml").write_text('[experiment]\nname = "devices"\n[data]\npath = "data"\n')


def queue(thaw, env, folder, gpus):
    uses = ["next:2", "next:1", "next:1", "cpu"] if len(gpus) > 2 else ["next:1", "next:1", "cpu"]
    new_runs(thaw, env, folder, uses, 60)
    trainer = subprocess.Popen([*thaw, "queue", "--runs", str(folder / "runs"), "run"], env=env, stdout=subprocess.DEVNULL,
                               stderr=subprocess.PIPE, text=True)
    most, named = 0, set()
    while trainer.poll() is None:
        state = json.loads(call(thaw, "--json", "queue", "--runs", folder / "runs", "list", env=env).stdout)
        most = max(most, len(state["running"]))
        for gpu in devices(thaw, env)[0]:
            named |= {user["run"] for user in gpu.get("users", []) if "run" in user}
            named |= {gpu["taken_for"]} if "taken_for" in gpu else set()
        time.sleep(0.5)
    check("queue", trainer.returncode == 0, f"exit code {trainer.returncode}, {most} runs at once: {trainer.stderr.read().strip()[-200:]}")
    check("at once", most >= min(len(uses), 2), f"{most} of {len(uses)}")
    check("runs named at their GPUs", len(named) >= len(uses) - 1, f"{len(named)} runs")
    taken = []
    for run in json.loads(call(thaw, "--json", "runs", "--runs", folder / "runs", "list", env=env).stdout):
        words = call(thaw, "runs", "--runs", folder / "runs", "show", run["run"], env=env).stdout
        taken += [line.split("Trains on ")[1] for line in words.splitlines() if "Trains on " in line]
    check("devices in the events", len(taken) == len(uses) - 1, "; ".join(taken))


def without_a_rank(thaw, env, folder):
    run = folder / "ranks"
    settings = [*SETTINGS, "devices.use=next:2", "train.epochs=400"]
    trainer = subprocess.Popen([*thaw, "train", str(folder / "sample.toml"), "--run-dir", str(run),
                                *(word for setting in settings for word in ("--set", setting))], env=env, stdout=subprocess.DEVNULL,
                               stderr=subprocess.PIPE, text=True)
    while trainer.poll() is None and not any((run / "ranks").glob("*.pulse.json")):
        time.sleep(0.2)
    time.sleep(5)
    asked = call(thaw, "runs", "go-on-without", run, "--rank", 1, env=env, wanted=None)
    check("go-on-without", asked.returncode == 0, asked.stderr.strip())
    time.sleep(15)
    call(thaw, "runs", "stop", run, env=env, wanted=None)
    trainer.wait(timeout=120)
    words = call(thaw, "runs", "show", run, env=env).stdout
    check("with the rank that is left", "with 1 rank" in words, next((line for line in words.splitlines() if "was ended as was asked" in line), "–"))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("thaw")
    parser.add_argument("out", type=pathlib.Path)
    parser.add_argument("--made-up", type=pathlib.Path)
    arguments = parser.parse_args()
    thaw = shlex.split(arguments.thaw)
    arguments.out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        env = dict(os.environ, THAW_CACHE=str(folder / "cache"))
        if arguments.made_up:
            env["THAW_GPUS"] = str(arguments.made_up.resolve())
        gpus, answer = devices(thaw, env)
        (arguments.out / "devices.json").write_text(json.dumps(answer, indent=1))
        print(call(thaw, "devices", env=env).stdout)
        if not gpus:
            sys.exit(answer["gpu_absence_reason"])
        if not arguments.made_up:
            against_nvidia_smi(gpus, answer["links"])
        pictures(folder)
        queue(thaw, env, folder, gpus)
        if len(gpus) > 1:
            without_a_rank(thaw, env, folder)
    width = max(len(row[0]) for row in rows)
    for row in rows:
        print(f"{row[0]:<{width}}  {row[1]:<3}  {row[2]}")
    sys.exit(any(row[1] == "NO" for row in rows))


main()
