#!/usr/bin/env python3
"""The parts of tests/gpu/run: each gives rows (what, value, note) and raw values for the JSON file; a part that fails is a row as well."""
import argparse
import concurrent.futures
import json
import os
import pathlib
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import traceback

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "bench"))

GUI_TESTS = {"tst_firstlight"}  # what wants the machine for itself
SPLIT = {"tst_backbones", "tst_gradual"}  # as long as all others together: a process for each of their functions
TOGETHER = {"tst_gpu": "backboneInBf16EqualsFp32OnTheCpu"}  # of a test that else runs alone, what times nothing
LONG = {"tst_prefix", "tst_cli", "tst_train", "tst_cachedtraining", "tst_realdata"}  # what the others would wait for begins first
SEEDS = (1, 2, 3)


class Machine:
    def __init__(self, arguments):
        self.bundle = pathlib.Path(arguments.bundle)
        self.data = pathlib.Path(arguments.data).resolve()
        self.out = pathlib.Path(arguments.out)
        self.thorough = arguments.thorough
        self.work = pathlib.Path(tempfile.mkdtemp())
        self.environment = dict(os.environ, QT_QPA_PLATFORM="offscreen", OMP_WAIT_POLICY="passive", QT_FORCE_STDERR_LOGGING="1",
                                THAW_TEST_DATA=str(self.data), THAW_CACHE=str(self.work / "cache"),
                                THAW_TEST_SCREENSHOTS=str(self.out), LC_ALL="C.UTF-8")
        (self.work / "cache" / "weights").mkdir(parents=True)
        bundled = self.data / "weights" / "efficientnet-lite0-57934424.pth"
        if bundled.exists():
            shutil.copy(bundled, self.work / "cache" / "weights")

    def run(self, *command, timeout=400, **environment):
        return subprocess.run([str(self.bundle / "env"), *map(str, command)], env={**self.environment, **environment}, text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=timeout, errors="replace")

    def thaw_json(self, *command, **options):
        answer = self.run("thaw", "--json", *command, **options)
        if answer.returncode != 0:
            raise RuntimeError(f"thaw {' '.join(map(str, command))}: {answer.stderr.strip()[-400:]}")
        return json.loads(answer.stdout)


def devices(machine):
    found = machine.thaw_json("devices")
    rows = [(d["id"], d["name"], f"{d['cores']} cores, {d['total_bytes'] / 1e9:.0f} GB") for d in found["devices"]]
    started = time.time()
    machine.run("thaw", "devices")
    devices_s = time.time() - started
    started = time.time()
    machine.run("thaw", "runs", "list", "--runs", str(machine.work))
    rows.append(("start-up", f"{time.time() - started:.2f} s", f"`thaw runs list`; `thaw devices`, which loads CUDA: {devices_s:.2f} s"))
    if found["gpu_absence_reason"]:
        rows.append(("no GPU", found["gpu_absence_reason"], ""))
    return rows, {"devices": found, "thaw_devices_s": devices_s}


def absence(machine):
    """Without libraries, without the module, with a broken one, without GPUs: one sentence, and training goes on."""
    empty, broken = machine.work / "empty", machine.work / "broken.so"
    empty.mkdir()
    broken.write_text("no module")
    rows, said = [], {}
    for name, environment in {"without libraries": {"THAW_CUDA_DIR": str(empty)}, "without the module": {"THAW_CUDA_MODULE": "/nowhere/thaw_cuda.so"},
                              "with a broken module": {"THAW_CUDA_MODULE": str(broken)}, "without a GPU": {"CUDA_VISIBLE_DEVICES": ""}}.items():
        # The wrapper sets the module's place, so the change comes behind it.
        command = ["env", *(f"{k}={v}" for k, v in environment.items()), "thaw", "--json", "devices"]
        answer = json.loads(machine.run(*command).stdout)
        said[name] = answer["gpu_absence_reason"]
        fine = len(answer["devices"]) == 1 and answer["gpu_absence_reason"].endswith("training runs on the CPU.")
        rows.append((name, "ok" if fine else "FAILED", answer["gpu_absence_reason"]))
    return rows, said


def functions_of(machine, test):
    return [function.removesuffix("()") for function in machine.run(test.name, "-functions").stdout.split()]


def one_test(machine, test, timeout, functions=(), **environment):
    started, name = time.time(), f"{test.name} {functions[0]}" if len(functions) == 1 else test.name
    try:
        answer = machine.run(test.name, *functions, timeout=timeout, **environment)
        text, code = answer.stdout + answer.stderr, answer.returncode
    except subprocess.TimeoutExpired as late:
        text, code = f"{late.stdout}\n{late.stderr}\ntoo slow", -1
    (machine.work / f"{name}.txt").write_text(text)
    totals = [int(n) for n in re.findall(r"^Totals: (\d+) passed, (\d+) failed, (\d+) skipped", text, re.M)[-1]] if "Totals:" in text else [0, 0, 0]
    failed = re.findall(r"^(?:FAIL!|XPASS).*", text, re.M)
    skipped = re.findall(r"^SKIP.*(?:\n   Loc.*)?", text, re.M)
    return {"test": name, "code": code, "passed": totals[0], "failed": totals[1], "skipped": totals[2], "seconds": time.time() - started,
            "failures": failed, "skips": skipped, "end": text[-1500:] if code else "", "gaps": re.findall(r"event loop .*|\d+\.\d ms \(\d+ page faults.*", text),
            "errors": re.findall(r"\w+: \d\.\d\de-\d\d", text)}


def tests(machine):
    all_tests = sorted(path for path in (machine.bundle / "tests").glob("tst_*"))
    alone = [t for t in all_tests if t.name in GUI_TESTS or t.name.startswith("tst_gpu")]
    together = [t for t in all_tests if t not in alone]
    cores = os.cpu_count() or 2
    beside = max(2, min(6, cores // 2))
    whole = sorted((t for t in together if t.name not in SPLIT), key=lambda t: t.name not in LONG)
    jobs = [(t, []) for t in whole]
    for t in together:
        if t.name in SPLIT:
            jobs[len(LONG):len(LONG)] = [(t, [function]) for function in functions_of(machine, t)]
    lonely = []
    for t in alone:
        beside_others = TOGETHER.get(t.name)
        if beside_others:
            jobs.insert(0, (t, [beside_others]))
        lonely.append((t, [f for f in functions_of(machine, t) if f != beside_others] if beside_others else []))
    with concurrent.futures.ThreadPoolExecutor(beside) as pool:
        results = list(pool.map(lambda job: one_test(machine, job[0], 200, job[1], OMP_NUM_THREADS=str(max(1, cores // beside))), jobs))
    results += [one_test(machine, t, 240, functions) for t, functions in lonely]
    rows = []
    for r in results:
        if r["code"] != 0:
            rows.append((r["test"], f"FAILED ({r['code']})", "; ".join(r["failures"])[:300] or r["end"].strip()[-200:]))
        if r["gaps"]:
            rows += [(r["test"], "", gap) for gap in r["gaps"]]
        if r["test"].startswith("tst_gpu"):
            rows.append((r["test"], f"{max(0, r['passed'] - 2)} passed, {r['skipped']} skipped", (r["skips"][0][:160] if r["skips"] else "") +
                         (f"largest error: {max(r['errors'], key=lambda e: float(e.split()[1]))}" if r["errors"] else "")))
    passed, failed, skipped = (sum(r[k] for r in results) for k in ("passed", "failed", "skipped"))
    passed -= 2 * (len(results) - len(all_tests))  # each process counts its set-up and tidying as tests
    rows.append(("all tests", f"{passed} passed, {failed} failed",
                 f"{skipped} skipped, {len(all_tests)} programs, {sum(1 for r in results if r['code'])} processes not fine"))
    return rows, results


def accuracy(machine):
    """Hymenoptera and the sample, head-only and all blocks, on the GPU in bf16 and on the CPU."""
    from compare_python import event_points

    sample, hymenoptera = machine.work / "sample", machine.work / "hymenoptera.toml"
    machine.run("thaw-sample", sample)
    hymenoptera.write_text(f"""
[experiment]
name = "hymenoptera"
[data]
path = "{machine.data / 'images' / 'hymenoptera_data'}"
[model]
backbone = "tf_efficientnet_lite0"
weights = "bundled"
[train]
batch_size = 32
""")
    whole = ["freeze.preset=none", "train.learning_rate=1e-4", "train.epochs=3"]
    sample_whole = ["freeze.preset=none", "train.learning_rate=2e-4", "train.epochs=2"]
    trainings = {"hymenoptera, head-only": (hymenoptera, ["freeze.preset=head-only", "train.learning_rate=1e-3", "train.epochs=4"]),
                 "hymenoptera, all blocks": (hymenoptera, whole), "sample, head-only": (sample / "pretrained.toml", []),
                 "sample, all blocks": (sample / "pretrained.toml", sample_whole)}
    if machine.thorough:
        trainings["sample, random weights, head-only"] = (sample / "random.toml", [])
    gpu = next((d["id"] for d in machine.thaw_json("devices")["devices"] if d["id"] != "cpu"), "cpu")
    devices = sorted({"cpu", gpu})

    def folder(what, device, seed):
        return machine.work / "runs" / re.sub("[^a-z0-9]+", "-", f"{what} {device} {seed}")

    def lane(device):
        runs = {}
        for what, (file, changes) in trainings.items():
            for seed in SEEDS if machine.thorough or what == "hymenoptera, head-only" else SEEDS[:1]:
                started, settings = time.time(), [f"devices.use={device}", f"experiment.seed={seed}", *changes]
                summary = machine.thaw_json("train", file, "--run-dir", folder(what, device, seed), *(word for s in settings for word in ("--set", s)))
                runs.setdefault(what, []).append({"accuracy": summary["best"]["validation/accuracy"], "seconds": time.time() - started, "summary": summary})
        return runs

    with concurrent.futures.ThreadPoolExecutor(len(devices)) as pool:  # one training at a time on each
        done = dict(zip(devices, pool.map(lane, devices)))
    rows = []
    for what in trainings:
        for device in devices:
            runs = done[device][what]
            rows.append((f"{what}, {device}", f"{statistics.mean(r['accuracy'] for r in runs):.3f}",
                         "seeds " + ", ".join(f"{r['accuracy']:.3f}" for r in runs) +
                         f"; {statistics.median(r['seconds'] for r in runs):.1f} s a run, beside the other device's"))
    if gpu != "cpu":
        run = folder("hymenoptera, all blocks", gpu, SEEDS[0])
        series = [f"memory/{gpu}/used_bytes", *(f"device/{gpu}/{s}" for s in ("utilisation", "temperature", "power"))]
        counts = {name: len(list(event_points(run, name))) for name in series}
        rows.append(("series of the run", "ok" if all(counts.values()) else "FAILED", ", ".join(f"{k}: {v}" for k, v in counts.items())))
    return rows, done


def window(machine):
    """The window's start-up while CUDA's libraries load behind it, and pictures of Live with device memory."""
    rows, raw = [], []
    program = machine.bundle / "tests" / "thaw-windowspeed"
    if program.exists():
        raw = [json.loads(machine.run(program.name).stdout) for _ in range(5 if machine.thorough else 3)]
        for key, words in {"shown_ms": "window painted after", "gap_ms": "largest event-loop gap in its first 3 s", "devices_ms": "devices known after"}.items():
            rows.append((words, f"{statistics.median(r[key] for r in raw):.0f} ms", "of " + ", ".join(f"{r[key]:.0f}" for r in raw)))
    project = machine.work / "pictures"
    machine.run("thaw-sample", project)
    machine.run("thaw", "train", project / "pretrained.toml", "--set", "train.epochs=6")
    for theme in ("light", "dark"):
        for mode in ("setup", "live"):
            file = machine.out / f"{mode}-{theme}.png"
            answer = machine.run("thaw-workbench", project / "pretrained.toml", "--theme", theme, "--mode", mode, "--size", "1440x900", "--screenshot", file, timeout=120)
            if answer.returncode or not file.exists():
                rows.append((f"picture {file.name}", "FAILED", answer.stderr.strip()[-200:]))
    rows.append(("pictures", str(len(list(machine.out.glob("*.png")))), str(machine.out)))
    return rows, raw


def loop(machine):
    """Head-only on real pictures, from files: decoding, upload and the first step after a cold start included."""
    out = machine.work / "loop.json"
    script = pathlib.Path(__file__).resolve().parent.parent / "bench" / "compare_python.py"
    gpu = next((d["id"] for d in machine.thaw_json("devices")["devices"] if d["id"] != "cpu"), "cpu")
    cores = os.cpu_count() or 2
    subprocess.run([sys.executable, script, "--thaw", f"{machine.bundle / 'env'} thaw", "--data", machine.data, "--models", "tf_efficientnet_lite0",
                    "--rounds", "2" if machine.thorough else "1", "--epochs", "6" if machine.thorough else "3", "--threads", str(cores),
                    "--device", gpu, "--loaders", *(["0"] if machine.thorough else []), str(cores // 2), "--out", out],
                   env=machine.environment, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    result = json.loads(out.read_text())[0]
    return [(f"{result['model']} head-only from files, {gpu}", f"{result['auto']:.0f} pictures/s", f"Python {result['python']:.0f} with {result['workers']} loaders"),
            ("cold start to the first step", f"{result['thaw_first_step']:.2f} s", f"Python {result['python_first_step']:.2f} s")], result


def profile(machine):
    """Where the time of a step goes, by kind of kernel."""
    script = pathlib.Path(__file__).resolve().parent.parent / "bench" / "profile_gpu.py"
    rows, raw = [], []
    for model, batch in (("resnet50", 256), ("tf_efficientnet_lite0", 256))[:2 if machine.thorough else 1]:
        for side, program in (("Thaw", ["--thaw", machine.bundle / "env", "thaw"]), ("Python eager", [])):
            answer = subprocess.run([sys.executable, script, "--model", model, "--batch", str(batch), *map(str, program)], env=machine.environment,
                                    stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
            if answer.returncode:
                rows.append((f"{model}, {side}", "FAILED", answer.stderr[-300:].replace("\n", " ")))
                continue
            result = json.loads(answer.stdout.splitlines()[-1])
            raw.append({"side": side, **result})
            rows.append((f"{model}, batch {batch}, {side}", f"{result['ms']:.1f} ms",
                         ", ".join(f"{kind} {100 * ms / result['ms']:.0f} %" for kind, ms in result["by_kind"].items())))
    return rows, raw


def bench(machine):
    import compare_gpu

    return compare_gpu.compare(machine, None if machine.thorough else ["resnet50:32:none:eager"])


def freezing(machine):
    """Partly frozen training over 20 epochs, cached and not, beside the plain loop and one that caches by hand."""
    script = pathlib.Path(__file__).resolve().parent.parent / "bench" / "freeze.py"
    gpu = next((d["id"] for d in machine.thaw_json("devices")["devices"] if d["id"] != "cpu"), "cpu")
    program, out, workers = machine.work / "thaw", machine.work / "freeze.json", str(min(8, os.cpu_count() or 2))
    program.write_text(f'#!/bin/sh\nexec "{machine.bundle}/env" thaw "$@"\n')
    program.chmod(0o755)
    subprocess.run([sys.executable, script, "--thaw", program, "--data", machine.data, "--device", gpu, "--threads", workers, "--workers", workers,
                    "--plain-epochs", "3" if machine.thorough else "2", "--out", out,
                    *(["--rounds", os.environ.get("THAW_FREEZE_ROUNDS", "3")] if machine.thorough else
                      ["--rounds", "1", "--models", "tf_efficientnet_lite0", "--freezes", "head-only"])],
                   env=machine.environment, check=True, stdout=subprocess.DEVNULL)
    rows, results = [], json.loads(out.read_text())
    for r in results:
        seconds = {side: row["seconds"] for side, row in r["medians"].items()}
        note = f"plain loop {seconds['plain']:.1f} s ({seconds['plain'] / seconds['thaw on']:.1f}×), cached by hand {seconds['hand-cached']:.2f} s " \
               f"({seconds['hand-cached'] / seconds['thaw on']:.2f}×), Thaw without cache {seconds['thaw off']:.1f} s ({seconds['plain'] / seconds['thaw off']:.2f}× of plain)"
        rows.append((f"{r['model']} {r['trains']}, 20 epochs, cached", f"{seconds['thaw on']:.2f} s", note))
    return rows, results


PARTS = {part.__name__: part for part in (devices, absence, tests, accuracy, window, loop, profile, bench, freezing)}


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bundle", required=True)
    parser.add_argument("--data", required=True)
    parser.add_argument("--out", required=True)
    parser.add_argument("--thorough", action="store_true", help="the README's figures: more cases and repeats")
    parser.add_argument("parts", nargs="*", choices=[*PARTS, []])
    arguments = parser.parse_args()
    machine = Machine(arguments)
    table, values, begun = [], {}, time.time()
    for name in arguments.parts or PARTS:
        started = time.time()
        try:
            rows, values[name] = PARTS[name](machine)
        except Exception as error:  # one part's failure must not cost the others
            rows, values[name] = [(name, "FAILED", f"{type(error).__name__}: {error}"[:600])], {"error": traceback.format_exc()}
            print(values[name]["error"], file=sys.stderr)
        table += [(f"{name}: {what}", value, note) for what, value, note in rows]
        table.append((f"{name}: time", f"{time.time() - started:.0f} s", ""))
        print(f"{name} took {time.time() - started:.0f} s", file=sys.stderr, flush=True)
        (machine.out / "result.json").write_text(json.dumps({"table": table, "values": values}, indent=1, default=str))
    logs = machine.out / "tests.txt"
    logs.write_text("\n".join(f"==== {p.stem}\n{p.read_text()[-6000:]}" for p in sorted(machine.work.glob("tst_*.txt"))))
    table.append(("in all", f"{time.time() - begun:.0f} s", ""))
    for what, value, note in table:
        print(f"| {what} | {value} | {note} |")
    shutil.rmtree(machine.work, ignore_errors=True)
    sys.exit(1 if any("FAILED" in value for _, value, _ in table) else 0)


if __name__ == "__main__":
    main()
