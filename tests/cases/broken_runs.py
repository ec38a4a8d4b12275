"""Runs that lost something: their links, their pictures, a finite loss, the rest of a step."""

import hashlib
import math
import os
import shutil
import subprocess

from harness import Skipped, checkpoints, events, expect, has, leftBehind, newest, notFinite, shortened, tensors

STEPS_AN_EPOCH = 5


def digests(run):
    result = {}
    for checkpoint in checkpoints(run):
        with open(os.path.join(checkpoint, "model.safetensors"), "rb") as file:
            result[os.path.basename(checkpoint)] = hashlib.sha256(file.read()).hexdigest()
    return result


def points(case, folder, series):
    for line in case.run("runs", "show", case.inWork(folder)).out.splitlines():
        if line.split()[:1] == [series]:
            return int(line.split()[-1].replace(",", ""))
    return 0


def expectNineEpochs(case, folder):
    """Nine epochs that go on after the eighth: nothing was trained a second time."""
    summary = case.summary(folder)
    expect(summary["status"] == "finished", f"the resumed run is {summary['status']}")
    expect(summary["steps"] == 9 * STEPS_AN_EPOCH, f"the resumed run ends at step {summary['steps']} instead of 45")
    expect(newest(case.inWork(folder)).endswith("45"), "no checkpoint of step 45")
    trained = [event["epoch"] for event in events(case.inWork(folder), "epoch")]
    expect(trained == list(range(1, 10)), f"epochs were trained in the order {trained}")
    expect(points(case, folder, "train/loss") == 45, f"train/loss has {points(case, folder, 'train/loss')} points instead of 45")


def linksMissing(case):
    answer = case.script("links-missing.sh")
    copy, run = case.inWork("copy"), case.inWork("run")
    if "exit code 0" in answer.out:
        expectNineEpochs(case, "copy")
    else:
        expect("exit code 2" in answer.out, f"resume: {shortened(answer.all)}")
        expect(digests(copy) == digests(run), "a refused resume changed the checkpoints")
        expect(points(case, "copy", "train/loss") == 40, "a refused resume took curves back")
    still = case.inWork("still")
    shutil.copytree(run, still, symlinks=True)
    for link in ("last", "best"):
        os.remove(os.path.join(still, link))
    case.succeeded(case.run("predict", still, case.path("runs-that-break", "pictures", "val", "red", "00.png"), "--json"), "predict")
    evaluated = case.succeeded(case.run("evaluate", still, "--json"), "evaluate").json()
    expect(evaluated["samples"] == 12, f"evaluate saw {evaluated['samples']} pictures instead of 12")
    expect(digests(still) == digests(run), "predict or evaluate changed the checkpoints")


def linksFollowed(case):
    answer = case.script("links-followed.sh")
    expect("exit code 0" in answer.out, f"resume: {shortened(answer.all)}")
    expectNineEpochs(case, "copy")
    expect(not leftBehind(case.inWork("copy")), f"left behind: {', '.join(leftBehind(case.inWork('copy')))}")


def withoutLinks(case, error):
    here = os.path.dirname(os.path.abspath(__file__))
    shim = case.inWork("nolinks.so")
    compiler = next((name for name in ("cc", "gcc", "clang") if shutil.which(name)), None)
    if compiler is None:
        raise Skipped("needs a C compiler")
    subprocess.run([compiler, "-shared", "-fPIC", "-o", shim, os.path.join(here, "nolinks.c")], check=True)
    environment = {"LD_PRELOAD": shim, "NOLINKS_ERRNO": error}
    folder = "run-" + error
    answer = case.train(case.path("runs-that-break", "experiment.toml"), "train.epochs=2", folder=folder, environment=environment)
    if answer.code == 2:
        expect("Epoch 1 of" not in answer.words, "trained before it was refused")
        return
    case.succeeded(answer, "train")
    case.succeeded(case.resume(folder, "train.epochs=3", environment=environment), "resume")
    run = case.inWork(folder)
    expect(case.summary(folder)["steps"] == 3 * STEPS_AN_EPOCH, "the resumed run does not end at step 15")
    expect([event["epoch"] for event in events(run, "epoch")] == [1, 2, 3], "an epoch was trained twice")
    picture = case.path("runs-that-break", "pictures", "val", "red", "00.png")
    case.succeeded(case.run("predict", run, picture, "--json", environment=environment), "predict")
    case.succeeded(case.run("evaluate", run, "--json", environment=environment), "evaluate")
    expect(not leftBehind(run), f"left behind: {', '.join(leftBehind(run))}")


def diskWithoutLinks(case):
    for error in ("EPERM", "EOPNOTSUPP"):
        withoutLinks(case, error)


def picturesGone(case):
    answer = case.script("pictures-gone.sh")
    run = case.inWork("run")
    expect("exit code 0" not in answer.out, "the run went on to its end without pictures")
    expect(has(answer.all, case.inWork("pictures")), f"the folder is not named: {shortened(answer.words)}")
    summary = case.summary()
    expect(summary["status"] != "finished", "the run is called finished")
    done = events(run, "epoch")
    expect(not any("nan" in event["text"] for event in done), "an accuracy or loss of nan was reported")
    values = {**summary["best"], **summary["last"]}
    expect(all(value is not None and math.isfinite(value) for value in values.values()), "a value of the run is not finite")
    newest(run)
    os.rename(case.inWork("pictures.away"), case.inWork("pictures"))
    epochs = max(event["epoch"] for event in done) + 2
    case.succeeded(case.resume("run", f"train.epochs={epochs}"), "resume")
    expect(case.summary()["steps"] == epochs * STEPS_AN_EPOCH, f"{epochs} epochs have {case.summary()['steps']} steps")


def lossNotANumber(case):
    answer = case.script("loss-not-a-number.sh")
    run = case.inWork("run")
    best = case.summary()["best"]
    loss = best.get("validation/loss", 0.0)
    expect(loss is not None and math.isfinite(loss), "an epoch without a finite loss is the best")
    called = [event["text"] for event in events(run, "epoch") if "nan" in event["text"] or "inf" in event["text"]]
    expect(not any("best" in text for text in called), f"“{(called or [''])[0]}”")
    for checkpoint in checkpoints(run):
        if notFinite(checkpoint):
            expect(any(has(answer.all, words) for words in ("not finite", "no number", "not a number", "no numbers")),
                   f"{os.path.basename(checkpoint)} has numbers that are not finite, and nothing says so")
    predicted = case.run("predict", run, case.path("runs-that-break", "pictures", "val", "red", "00.png"), "--json")
    if predicted.code == 0:
        top = predicted.json()[0]["top"]
        expect(top and all(one["probability"] is not None and math.isfinite(one["probability"]) for one in top),
               "predict prints probabilities that are no numbers, with exit code 0")
    else:
        expect(len(predicted.words.strip()) > 20, "predict ends without a sentence")


def stopWhileAccumulating(case):
    answer = case.script("stop-while-accumulating.py")
    expect("4 passed, 0 failed" in answer.out, shortened(answer.all))


def accumulatedLeftover(case):
    experiment = case.path("accumulated-leftover", "experiment.toml")
    case.succeeded(case.train(experiment, "train.batch_size=24", folder="whole"), "one batch")
    case.succeeded(case.train(experiment, "train.batch_size=12", "train.accumulate=2", folder="parts"), "two batches")
    one, other = tensors(newest(case.inWork("whole"))), tensors(newest(case.inWork("parts")))
    expect(one.keys() == other.keys(), "the checkpoints hold different tensors")
    farthest = max(max(abs(a - b) for a, b in zip(one[name], other[name])) for name in one)
    expect(farthest <= 1e-5, f"parameters differ by {farthest:.2g}")


CASES = {
    "links-missing": linksMissing,
    "links-followed": linksFollowed,
    "disk-without-links": diskWithoutLinks,
    "pictures-gone": picturesGone,
    "loss-not-a-number": lossNotANumber,
    "stop-while-accumulating": stopWhileAccumulating,
    "accumulated-leftover": accumulatedLeftover,
}
