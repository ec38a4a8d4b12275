#include "engine/export/programs.h"

#include "engine/export/cppprogram.h"
#include "engine/export/programtemplate.h"
#include "engine/task/task.h"

#include <fmt/format.h>

namespace engine {
namespace {

constexpr std::string_view kPython = R"py(#!/usr/bin/env python3
"""What the model sees in pictures: predict.py FILE…  Needs: pip install numpy pillow @PACKAGES@"""
import json
import pathlib
import sys

import numpy
from PIL import Image, ImageOps
@IMPORTS@
FOLDER = pathlib.Path(__file__).resolve().parent
CLASSES = json.loads((FOLDER / "classes.json").read_text(encoding="utf-8"))
THRESHOLDS = @THRESHOLDS@  # of labels; empty: each picture has one class


def prepared(picture):
    """The picture resized and cut, [height, width, 3] bytes."""
    resized, side = @RESIZED@, @SIDE@
    width, height = picture.size
    if @SQUASH@:
        size = (resized, resized)
    elif width <= height:
        size = (resized, resized * height // width)
    else:
        size = (resized * width // height, resized)
    picture = picture.resize(size, Image.Resampling.@FILTER@)
    left, top = (@ROUND@((length - side) / 2) for length in size)
    return numpy.asarray(picture.crop((left, top, left + side, top + side)))


def normalised(values):
    """[1, 3, height, width] as the network takes it."""
    mean, deviation = numpy.float32(@MEAN@), numpy.float32(@DEVIATION@)
    return numpy.ascontiguousarray(((values.astype(numpy.float32) / @DIVISOR@ - mean) / deviation).transpose(2, 0, 1)[None])


@OUTPUTS@

def probabilities(logits):
    if THRESHOLDS:
        return 1 / (1 + numpy.exp(-logits))
    powers = numpy.exp(logits - logits.max())
    return powers / powers.sum()


for name in sys.argv[1:]:
    picture = ImageOps.exif_transpose(Image.open(name)).convert("RGB")
    shares = @SHARES@
    if THRESHOLDS:
        given = [i for i, share in enumerate(shares) if share >= THRESHOLDS[i]]
    else:
        given = [int(shares.argmax())]
    print(f"{name}:", "; ".join(f"{CLASSES[i]} {100 * shares[i]:.1f} %" for i in given) or "none")
)py";

struct PythonRuntime {
    std::string packages, imports, outputs;
};

PythonRuntime pythonRuntime(const ExportFacts& facts, const std::string& architecture, std::size_t classes) {
    if (facts.format == ExportFormat::TorchScript)
        return {"torch", "import torch\n",
                "MODEL = torch.jit.load(str(FOLDER / \"model.pt\"), map_location=\"cpu\").eval()\n\n\n"
                "def outputs(values):\n    with torch.no_grad():\n        return "
                "MODEL(torch.from_numpy(values))[0].float().numpy()\n"};
    if (facts.format == ExportFormat::Onnx)
        return {"onnxruntime", "import onnxruntime\n",
                "SESSION = onnxruntime.InferenceSession(str(FOLDER / \"model.onnx\"), "
                "providers=[\"CPUExecutionProvider\"])\n\n\n"
                "def outputs(values):\n    return SESSION.run(None, {SESSION.get_inputs()[0].name: values})[0][0]\n"};
    const std::string call = "\n\n\ndef outputs(values):\n    with torch.no_grad():\n        return "
                             "MODEL(torch.from_numpy(values))@LOGITS@[0].float().numpy()\n";
    const auto with = [&](const std::string& model, const std::string& logits) {
        std::string text = "MODEL = " + model + ".float().eval()" + call;
        return text.replace(text.find("@LOGITS@"), 8, logits);
    };
    if (facts.names == Library::Timm)
        return {"torch timm", "import timm\nimport torch\n",
                with("timm.create_model(f\"local-dir:{FOLDER}\", pretrained=True)", "")};
    if (facts.names == Library::Transformers)
        return {"torch transformers", "import torch\nimport transformers\n",
                with("transformers.AutoModelForImageClassification.from_pretrained(FOLDER)", ".logits")};
    return {"torch torchvision safetensors", "import safetensors.torch\nimport torch\nimport torchvision\n",
            fmt::format("NETWORK = torchvision.models.get_model(\"{}\", num_classes={})\n"
                        "NETWORK.load_state_dict(safetensors.torch.load_file(FOLDER / \"model.safetensors\"))\n",
                        architecture, classes) +
                with("NETWORK", "")};
}

constexpr std::string_view kShell = R"sh(#!/bin/sh
# What the model sees in pictures: predict.sh FILE…  Makes a Python environment beside itself the first time.
set -e
folder=$(cd "$(dirname "$0")" && pwd)
python=${PYTHON:-$folder/.venv/bin/python3}
if [ ! -x "$python" ]; then
    python3 -m venv "$folder/.venv"
    "$python" -m pip install --quiet numpy pillow @PACKAGES@
fi
exec "$python" "$folder/predict.py" "$@"
)sh";

std::string pythonProgram(const PythonRuntime& runtime, const ExportFacts& facts, const ModelDescription& description) {
    const Preprocess& preprocess = description.preprocess;
    const bool pictures = facts.input == ExportInput::Pictures;
    Template text(kPython);
    text.set("PACKAGES", runtime.packages)
        .set("IMPORTS", runtime.imports)
        .set("OUTPUTS", runtime.outputs)
        .set("THRESHOLDS", "[" + joined(thresholdsOf(description)) + "]")
        .set("SQUASH", preprocess.cropMode == CropMode::Squash ? "True" : "False")
        .set("FILTER", preprocess.interpolation == Interpolation::Bicubic ? "BICUBIC" : "BILINEAR")
        .set("ROUND", preprocess.cropRounding == CropRounding::Down ? "int" : "round")
        .set("MEAN", "[" + joined(preprocess.mean) + "]")
        .set("DEVIATION", "[" + joined(preprocess.standardDeviation) + "]")
        .set("SHARES", pictures ? "outputs(numpy.array(picture)[None])"
                                : "probabilities(outputs(normalised(prepared(picture))))");
    return prepare(text, preprocess).text();
}

} // namespace

std::vector<double> thresholdsOf(const ModelDescription& description) {
    if (taskOf(description.task).info().exclusive)
        return {};
    std::vector<double> thresholds = description.thresholds;
    thresholds.resize(description.classes.size(), 0.5);
    return thresholds;
}

Template& prepare(Template& text, const Preprocess& preprocess) {
    return text.set("RESIZED", std::to_string(preprocess.resizeSize))
        .set("SIDE", std::to_string(preprocess.imageSize))
        .set("DIVISOR", fmt::format("{:.1f}", preprocess.divisor))
        .set("MEAN", joined(preprocess.mean))
        .set("DEVIATION", joined(preprocess.standardDeviation));
}

std::map<std::string, std::string> programsFor(const ExportFacts& facts, const ModelDescription& description,
                                               const std::string& architecture) {
    const PythonRuntime python = pythonRuntime(facts, architecture, description.classes.size());
    std::map<std::string, std::string> programs{
        {"predict.py", pythonProgram(python, facts, description)},
        {"predict.sh", Template(kShell).set("PACKAGES", python.packages).text()}};
    if (exportFormat(facts.format).computes)
        programs.emplace("predict.cpp", cppProgram(facts, description));
    return programs;
}

} // namespace engine
