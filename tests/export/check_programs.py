#!/usr/bin/env python3
"""Runs the programs of exported folders as they stand: check_programs.py --thaw THAW --run RUN --pictures FOLDER EXPORT…

Each folder is copied to an empty place of its own and away from Thaw; predict.py, predict.sh (with this Python) and, where
its library is named, predict.cpp say what they see there in up to --most pictures. Labels must be those of `thaw predict`
for the run, shares the same to a tenth of a per cent. README.md has what was last seen, with which versions.

    --libtorch DIR      folder with include/ and lib/ (torch/ of the wheel), for predict.cpp of TorchScript
    --onnxruntime DIR   folder with include/ and lib/, for predict.cpp of ONNX
"""
import argparse
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

from PIL import Image, ImageOps

SHARE = 0.11  # per cent: both are rounded to a tenth
LEFT_OUT = {"PYTHONPATH", "LD_LIBRARY_PATH", "THAW_CACHE", "THAW_PROGRAM"}
PLAIN = {name: value for name, value in os.environ.items() if name not in LEFT_OUT}


def said(command, folder, **variables):
    answer = subprocess.run(list(map(str, command)), cwd=folder, env=PLAIN | variables, capture_output=True, text=True)
    if answer.returncode != 0:
        raise SystemExit(f"{' '.join(map(str, command[:2]))} failed: {answer.stderr.strip()[-800:]}")
    return answer.stdout


def by_thaw(thaw, run, pictures):
    answer = subprocess.run([thaw, "--json", "predict", run, *pictures], capture_output=True, text=True, check=True)
    return [(one["top"][0]["label"], 100 * one["top"][0]["probability"]) for one in json.loads(answer.stdout)]


def compare(name, text, wanted):
    lines = text.splitlines()
    assert len(lines) == len(wanted), f"{name} said {len(lines)} lines of {len(wanted)} pictures"
    worst = 0.0
    for line, (label, share) in zip(lines, wanted):
        found = re.search(r": (.*) ([\d.]+) %$", line)
        assert found and found[1] == label, f"{name}: {line}, and Thaw says {label}"
        worst = max(worst, abs(float(found[2]) - share))
    assert worst < SHARE, f"{name}: shares differ by {worst:.2f} %"
    print(f"  {name}: {len(lines)} answers are Thaw's, shares differ by at most {worst:.2f} %")


def built(folder, library):
    """predict.cpp by the line that stands in it."""
    line = (folder / "predict.cpp").read_text(encoding="utf-8").splitlines()[1].removeprefix("// ")
    line = re.sub(r"\b(LIBTORCH|ONNXRUNTIME)\b", str(library), line)
    said(["sh", "-c", line], folder)
    return folder / "predict"


def check(export, arguments, pictures, wanted):
    kind = json.loads((export / "export.json").read_text())
    print(f"{export.name}: {kind['format']}, {kind['precision']}, takes {kind['input']}")
    with tempfile.TemporaryDirectory() as place:
        folder = shutil.copytree(export, pathlib.Path(place) / "moved away")
        compare("predict.py", said([sys.executable, folder / "predict.py", *pictures], place), wanted)
        compare("predict.sh", said([folder / "predict.sh", *pictures], place, PYTHON=sys.executable), wanted)
        library = {"torchscript": arguments.libtorch, "onnx": arguments.onnxruntime}.get(kind["format"])
        if not library or not (folder / "predict.cpp").exists():
            return
        program = built(folder, library.resolve())
        files = []
        for i, picture in enumerate(pictures):
            files.append(folder / f"{i}.ppm")
            ImageOps.exif_transpose(Image.open(picture)).convert("RGB").save(files[-1])
        compare("predict.cpp", said([program, *files], folder, LD_LIBRARY_PATH=str(library.resolve() / "lib")), wanted)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("exports", nargs="+", type=pathlib.Path)
    parser.add_argument("--thaw", required=True)
    parser.add_argument("--run", required=True)
    parser.add_argument("--pictures", required=True, type=pathlib.Path)
    parser.add_argument("--most", type=int, default=24)
    parser.add_argument("--libtorch", type=pathlib.Path)
    parser.add_argument("--onnxruntime", type=pathlib.Path)
    arguments = parser.parse_args()
    found = sorted(file for file in arguments.pictures.resolve().rglob("*") if file.suffix.lower() in {".png", ".jpg", ".jpeg"})
    pictures = found[:: max(1, len(found) // arguments.most)][: arguments.most]
    wanted = by_thaw(arguments.thaw, arguments.run, pictures)
    for export in arguments.exports:
        check(export, arguments, pictures, wanted)


main()
