"""What every case needs: runs of thaw with their answers, checkpoints as they lie on the disk, and what is expected of both."""

import json
import math
import os
import re
import shutil
import struct
import subprocess

LIMIT_SECONDS = 1800


class Unmet(Exception):
    """Something a case calls right did not come about."""


class Skipped(Exception):
    """The case cannot be tried on this machine."""


class Answer:
    """Exit code and words of one run of a program."""

    def __init__(self, finished):
        self.code = finished.returncode
        self.out = finished.stdout.decode(errors="replace")
        self.words = finished.stderr.decode(errors="replace")

    @property
    def all(self):
        return self.out + self.words

    @property
    def beforeTraining(self):
        """What was said before the first epoch was reported, without the line that names the run's folder."""
        said = self.words.split("Epoch 1 of")[0]
        return "\n".join(line for line in said.splitlines() if not line.startswith("Run: "))

    def json(self):
        try:
            return json.loads(self.out)
        except ValueError:
            raise Unmet(f"no JSON on stdout but “{shortened(self.all)}”") from None


def shortened(text, limit=160):
    text = " ".join(text.split())
    return text if len(text) <= limit else "…" + text[-limit:]


def expect(condition, sentence):
    if not condition:
        raise Unmet(sentence)


def has(text, *words):
    """Every word stands in the text, whatever the case of its letters; a number or a short word stands alone."""
    lowered = text.lower()

    def stands(word):
        if word.isdigit() or len(word) <= 4:
            return re.search(rf"(?<![\w.,]){re.escape(word)}(?!\w)", lowered) is not None
        return word in lowered

    return all(stands(word.lower()) for word in words)


class Case:
    """One case: its input (never written to), a work folder of its own, and the program."""

    def __init__(self, thaw, cases, work):
        self.thaw = thaw
        self.cases = cases
        self.weights = os.path.join(os.path.dirname(cases), "weights")
        self.work = work

    def path(self, *names):
        return os.path.join(self.cases, *names)

    def inWork(self, *names):
        return os.path.join(self.work, *names)

    def runProgram(self, arguments, environment=None):
        return Answer(subprocess.run(arguments, stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=LIMIT_SECONDS, cwd=self.work,
                                     env={**os.environ, "OMP_WAIT_POLICY": "passive", **(environment or {})}))

    def run(self, *arguments, environment=None):
        return self.runProgram([self.thaw, *arguments], environment)

    def script(self, name):
        return self.runProgram([self.path("runs-that-break", name), self.thaw, self.work])

    def train(self, experiment, *settings, folder="run", environment=None):
        sets = [word for setting in settings for word in ("--set", setting)]
        return self.run("train", experiment, "--run-dir", self.inWork(folder), *sets, environment=environment)

    def resume(self, folder, *settings, environment=None):
        sets = [word for setting in settings for word in ("--set", setting)]
        return self.run("train", "--resume", self.inWork(folder), *sets, environment=environment)

    def experiment(self, data, **train):
        """An experiment on a folder of pictures: head of the small ResNet, which learns each case's colours in one epoch."""
        values = {"epochs": 1, "batch_size": 8, **train}
        file = self.inWork("experiment.toml")
        with open(file, "w", encoding="utf-8") as written:
            written.write(f'[experiment]\nname = "case"\n[data]\npath = {json.dumps(data)}\naugmentation = "none"\n'
                          f'[model]\nbackbone = "cifar_resnet20"\nweights = {json.dumps(self.smallWeights())}\n'
                          '[freeze]\npreset = "head-only"\n[train]\n' +
                          "".join(f"{name} = {json.dumps(value)}\n" for name, value in values.items()))
        return file

    def smallWeights(self):
        return os.path.join(self.weights, "cifar_resnet20", "resnet20-12fca82f.th")

    def summary(self, folder="run"):
        answer = self.run("runs", "show", self.inWork(folder), "--json")
        expect(answer.code == 0, f"runs show: {shortened(answer.all)}")
        return answer.json()

    def succeeded(self, answer, what):
        expect(answer.code == 0, f"{what} ended with {answer.code}: {shortened(answer.all)}")
        return answer

    def refused(self, answer, what):
        """Refused before anything was trained: bad input, in a sentence."""
        expect(answer.code == 2, f"{what} ended with {answer.code} instead of 2: {shortened(answer.all)}")
        expect("Epoch 1 of" not in answer.words, f"{what} trained before it was refused")
        return answer

    def classesOf(self, folder="run"):
        """Class names and the number of validation pictures, by what the run's model answers."""
        answer = self.succeeded(self.run("evaluate", self.inWork(folder), "--json"), "evaluate").json()
        return sorted(answer["classes"]), answer["samples"]

    def copied(self, *names):
        """A writable copy of a part of the input in the work folder."""
        target = self.inWork(names[-1])
        shutil.copytree(self.path(*names), target, copy_function=shutil.copy)
        for folder, _, _ in os.walk(target):
            os.chmod(folder, 0o755)
        return target

    def weightsBeside(self, statement):
        """The SqueezeNet weights in a folder of their own, with the stated file beside them under its own name."""
        folder = self.inWork("weights-" + (os.path.basename(statement) if statement else "plain"))
        os.makedirs(folder, exist_ok=True)
        source = os.path.join(self.weights, "squeezenet1_1", "squeezenet1_1_imagenet_from_fp16_ir.safetensors")
        shutil.copy(source, os.path.join(folder, "model.safetensors"))
        if statement:
            shutil.copy(statement, os.path.join(folder, os.path.basename(statement).split(".", 1)[1]))
        return os.path.join(folder, "model.safetensors")

    def expectTop(self, weights, picture, expected, tolerance=2e-3):
        answer = self.succeeded(self.run("predict", "--backbone", "squeezenet1_1", "--weights", weights, "--top", "10", "--json", picture),
                                f"predict {os.path.basename(picture)}")
        found = {one["index"]: one["probability"] for one in answer.json()[0]["top"]}
        for index, probability in expected:
            expect(index in found, f"{os.path.basename(picture)}: class {index} ({probability}) is not among the first ten")
            expect(abs(found[index] - probability) <= tolerance,
                   f"{os.path.basename(picture)}: class {index} has {found[index]:.4f} instead of {probability}")
        return answer


def checkpoints(run):
    folder = os.path.join(run, "checkpoints")
    names = sorted(name for name in os.listdir(folder) if not name.startswith(".")) if os.path.isdir(folder) else []
    return [os.path.join(folder, name) for name in names if os.path.exists(os.path.join(folder, name, "model.safetensors"))]


def newest(run):
    found = checkpoints(run)
    expect(found, f"{os.path.basename(run)} has no checkpoint")
    return found[-1]


def tensors(checkpoint):
    """Name → list of numbers of a checkpoint's fp32 tensors."""
    with open(os.path.join(checkpoint, "model.safetensors"), "rb") as file:
        data = file.read()
    end = 8 + struct.unpack("<Q", data[:8])[0]
    result = {}
    for name, entry in json.loads(data[8:end]).items():
        if name != "__metadata__" and entry["dtype"] == "F32":
            begin, stop = entry["data_offsets"]
            result[name] = struct.unpack(f"<{(stop - begin) // 4}f", data[end + begin:end + stop])
    return result


def notFinite(checkpoint):
    return [name for name, values in tensors(checkpoint).items() if not all(map(math.isfinite, values))]


def events(run, kind=None):
    with open(os.path.join(run, "events.jsonl"), encoding="utf-8") as file:
        lines = [json.loads(line) for line in file if line.strip()]
    return [line for line in lines if kind in (None, line["kind"])]


def leftBehind(run):
    """Half-made links and folders that a run should not keep."""
    found = [name for name in os.listdir(run) if name.startswith(".") and "partial" in name]
    folder = os.path.join(run, "checkpoints")
    return found + [name for name in (os.listdir(folder) if os.path.isdir(folder) else []) if name.startswith(".")]
