"""Weights that are not what they seem, and pictures prepared as the files beside weights say."""

import json
import os
import re
import shutil
import struct

from harness import expect, has, shortened


def prepared(case):
    folder = case.path("prepared-without-cropping")
    with open(os.path.join(folder, "expected.json"), encoding="utf-8") as file:
        expected = json.load(file)["picture.png"]
    for statement, top in expected.items():
        case.expectTop(case.weightsBeside(os.path.join(folder, statement)), os.path.join(folder, "picture.png"), top)
    cannot(case, os.path.join(folder, "height-width.preprocessor_config.json"), os.path.join(folder, "picture.png"))


def cannot(case, statement, picture):
    """What cannot be followed is said: a way of resampling that does not exist."""
    with open(statement, encoding="utf-8") as file:
        stated = json.load(file)
    stated["resample"] = 77
    changed = case.inWork("cannot.preprocessor_config.json")
    with open(changed, "w", encoding="utf-8") as file:
        json.dump(stated, file)
    answer = case.run("predict", "--backbone", "squeezenet1_1", "--weights", case.weightsBeside(changed), picture)
    expect(has(answer.all, "resample") or has(answer.all, "77"), f"resample 77 passes without a word: {shortened(answer.all)}")


def orientation(case):
    folder = case.path("orientation-in-png-and-webp")
    with open(os.path.join(folder, "expected.json"), encoding="utf-8") as file:
        expected = json.load(file)["top5"]
    weights = case.weightsBeside(None)
    for picture, top in expected.items():
        case.expectTop(weights, os.path.join(folder, picture), top)


def anotherBackbone(case):
    answer = case.train(case.path("weights-of-another-backbone", "experiment.toml"))
    expect(answer.code in (0, 2), f"train ended with {answer.code}: {shortened(answer.words)}")
    expect(re.search(r"(?<![\d.])(3[123]|6[789])(\.\d+)? ?%", answer.beforeTraining),
           f"the share that is pretrained is not said before the first step: {shortened(answer.beforeTraining)}")
    stemless(case)


def stemless(case):
    """A file without the stem is not 100 % of the backbone."""
    source = os.path.join(case.weights, "squeezenet1_1", "squeezenet1_1_imagenet_from_fp16_ir.safetensors")
    with open(source, "rb") as file:
        data = file.read()
    end = 8 + struct.unpack("<Q", data[:8])[0]
    header = json.loads(data[8:end])
    stem = [name for name in header if re.search(r"features\.0\.(weight|bias)$", name)]
    expect(stem, "the weights have no stem to take away")
    for name in stem:
        header[name.replace("features.0.", "another.stem.")] = header.pop(name)
    written = json.dumps(header).encode()
    file = case.inWork("stemless.safetensors")
    with open(file, "wb") as out:
        out.write(struct.pack("<Q", len(written)) + written + data[end:])
    answer = case.run("weights", "inspect", file, "--backbone", "squeezenet1_1", "--json")
    if answer.code == 0:
        expect(answer.json()["pretrained_share"] < 1, "weights without the stem are 100 % of the backbone")
        words = case.run("weights", "inspect", file, "--backbone", "squeezenet1_1").out
        expect(not re.search(r"(?<![\d.])100(\.0+)? ?%", words), f"“100 %” without the stem: {shortened(words)}")


def inspected(case, name):
    file = case.path("checkpoints-with-more-in-them", name)
    return case.succeeded(case.run("weights", "inspect", file, "--backbone", "cifar_resnet20", "--json"), name).json()


def lightning(case):
    report = inspected(case, "lightning-with-loss-and-metric.ckpt")
    counts = report["counts"]
    fitting = counts["matched"] + counts["renamed"] + counts["reshaped"]
    expect(fitting == 97, f"{fitting} tensors matched instead of 97")
    expect(report["pretrained_share"] == 1, f"{100 * report['pretrained_share']:.1f} % of the backbone")
    expect(counts["unused"] == 2, f"{counts['unused']} tensors not used instead of 2")


def backboneAndHead(case):
    report = inspected(case, "backbone-and-head.pth")
    expect(report["pretrained_share"] == 1, f"{100 * report['pretrained_share']:.1f} % of the backbone pretrained")
    heads = [t for t in report["tensors"] if "head" in t["name"] or "linear" in t["target"]]
    expect(all(t["match"] in ("new", "unused", "unexpected", "missing") or "linear" in t["target"] for t in heads),
           "the head is neither new nor renamed to linear")


def notWeights(case):
    said = {"pointer.pth": ("git lfs",), "pointer.safetensors": ("git lfs",), "page.pth": ("web page",), "denied.safetensors": ("server",)}
    for name, words in said.items():
        file = case.inWork(name)
        shutil.copy(case.path("not-weights-at-all", name), file)
        inspecting = case.run("weights", "inspect", file)
        predicting = case.run("predict", "--backbone", "cifar_resnet20", "--weights", file, case.path("prepared-without-cropping", "picture.png"))
        for what, answer in (("inspect", inspecting), ("predict", predicting)):
            expect(answer.code in (1, 2), f"{what} {name} ended with {answer.code}")
            expect(has(answer.words.replace("-", " "), *words), f"{what} {name}: {shortened(answer.words)}")
            expect("2336927755350992246" not in answer.all, f"{what} {name}: the size of a header that is none")
            expect(answer.words.strip().count("\n") == 0, f"{what} {name}: more than one line")


CASES = {
    "prepared-without-cropping": prepared,
    "orientation-in-png-and-webp": orientation,
    "weights-of-another-backbone": anotherBackbone,
    "lightning-with-loss-and-metric": lightning,
    "backbone-and-head": backboneAndHead,
    "not-weights-at-all": notWeights,
}
