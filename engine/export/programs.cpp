#include "engine/export/programs.h"

#include "engine/base/utf8.h"
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
                "def outputs(values):\n    return SESSION.run([\"logits\"], {\"pixels\": values})[0][0]\n"};
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

constexpr std::string_view kCpp =
    R"cpp(// What the model sees in a picture: predict PICTURE.ppm  (binary PPM, P6: any picture program writes it)
// @BUILD@
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <fstream>
#include <string>
#include <vector>
@INCLUDES@
namespace {

const std::vector<std::string> kClasses{@CLASSES@};
const std::vector<double> kThresholds{@THRESHOLDS@}; // of labels; empty: each picture has one class
constexpr int kResized = @RESIZED@, kSide = @SIDE@;

struct Picture {
    int width = 0, height = 0;
    std::vector<std::uint8_t> bytes; // RGB
};

Picture read(const char* name) {
    std::ifstream file(name, std::ios::binary);
    std::string kind;
    Picture picture;
    int most = 0;
    file >> kind >> picture.width >> picture.height >> most;
    file.get();
    if (kind != "P6" || most != 255)
        return {};
    picture.bytes.resize(std::size_t(picture.width) * std::size_t(picture.height) * 3);
    file.read(reinterpret_cast<char*>(picture.bytes.data()), std::streamsize(picture.bytes.size()));
    return picture;
}

double weight(double x) {
    x = std::fabs(x);
    @WEIGHT@
}

// One direction of an antialiased resize: `count` lines of `size` values each `step` apart become `wanted` values.
Picture resized(const Picture& in, bool across, int wanted) {
    const int size = across ? in.width : in.height;
    Picture out{across ? wanted : in.width, across ? in.height : wanted, {}};
    out.bytes.resize(std::size_t(out.width) * std::size_t(out.height) * 3);
    const double scale = double(size) / wanted, stretch = std::max(scale, 1.0), reach = @REACH@ * stretch;
    for (int i = 0; i < wanted; ++i) {
        const double centre = (i + 0.5) * scale;
        const int first = std::max(0, int(centre - reach + 0.5)), last = std::min(size, int(centre + reach + 0.5));
        std::vector<double> weights;
        double sum = 0;
        for (int x = first; x < last; ++x) {
            weights.push_back(weight((x - centre + 0.5) / stretch));
            sum += weights.back();
        }
        for (int line = 0; line < (across ? in.height : in.width); ++line)
            for (int channel = 0; channel < 3; ++channel) {
                double value = 0;
                for (int x = first; x < last; ++x) {
                    const int at = across ? line * in.width + x : x * in.width + line;
                    value += weights[std::size_t(x - first)] / sum * in.bytes[std::size_t(at) * 3 + std::size_t(channel)];
                }
                const int to = across ? line * out.width + i : i * out.width + line;
                out.bytes[std::size_t(to) * 3 + std::size_t(channel)] =
                    std::uint8_t(std::min(255.0, std::max(0.0, std::floor(value + 0.5))));
            }
    }
    return out;
}

int margin(int length) { return int(@ROUND@((length - kSide) / 2.0)); }

// [3, kSide, kSide] as the network takes it.
std::vector<float> prepared(const Picture& picture) {
    int width = kResized, height = kResized;
    if (!@SQUASH@) {
        if (picture.width <= picture.height)
            height = int(std::int64_t(kResized) * picture.height / picture.width);
        else
            width = int(std::int64_t(kResized) * picture.width / picture.height);
    }
    const Picture whole = resized(resized(picture, true, width), false, height);
    const float mean[] = {@MEAN@}, deviation[] = {@DEVIATION@};
    std::vector<float> values;
    for (int channel = 0; channel < 3; ++channel)
        for (int y = 0; y < kSide; ++y)
            for (int x = 0; x < kSide; ++x) {
                const int at = ((y + margin(height)) * width + x + margin(width)) * 3 + channel;
                values.push_back((float(whole.bytes[std::size_t(at)]) / @DIVISOR@f - mean[channel]) / deviation[channel]);
            }
    return values;
}

@OUTPUTS@
void print(const char* name, const std::vector<float>& logits) {
    std::vector<double> shares;
    const float most = *std::max_element(logits.begin(), logits.end());
    double sum = 0;
    for (const float logit : logits) {
        shares.push_back(kThresholds.empty() ? std::exp(double(logit - most)) : 1 / (1 + std::exp(-double(logit))));
        sum += shares.back();
    }
    std::printf("%s:", name);
    bool any = false;
    for (std::size_t i = 0; i < shares.size(); ++i) {
        const double share = kThresholds.empty() ? shares[i] / sum : shares[i];
        if (kThresholds.empty() ? logits[i] == most && !any : share >= kThresholds[i]) {
            std::printf("%s %s %.1f %%", any ? ";" : "", kClasses[i].c_str(), 100 * share);
            any = true;
        }
    }
    std::printf("%s\n", any ? "" : " none");
}

} // namespace

int main(int argc, char** argv) {
    for (int i = 1; i < argc; ++i) {
        const Picture picture = read(argv[i]);
        if (picture.bytes.empty()) {
            std::fprintf(stderr, "%s is no binary PPM of 255 levels.\n", argv[i]);
            return 2;
        }
        print(argv[i], outputs(prepared(picture)));
    }
    return 0;
}
)cpp";

struct CppRuntime {
    std::string build, includes, outputs;
};

CppRuntime cppRuntime(ExportFormat format) {
    if (format == ExportFormat::Onnx)
        return {"g++ -std=c++17 -O2 predict.cpp -I ONNXRUNTIME/include -L ONNXRUNTIME/lib -lonnxruntime -o predict",
                "#include <onnxruntime_cxx_api.h>\n", R"cpp(std::vector<float> outputs(std::vector<float> values) {
    static Ort::Env environment(ORT_LOGGING_LEVEL_ERROR, "predict");
    static Ort::Session session(environment, "model.onnx", Ort::SessionOptions());
    const std::int64_t shape[] = {1, 3, kSide, kSide};
    const Ort::MemoryInfo memory = Ort::MemoryInfo::CreateCpu(OrtArenaAllocator, OrtMemTypeDefault);
    const Ort::Value input = Ort::Value::CreateTensor<float>(memory, values.data(), values.size(), shape, 4);
    const char *in[] = {"pixels"}, *out[] = {"logits"};
    auto made = session.Run(Ort::RunOptions(), in, &input, 1, out, 1);
    const float* logits = made.front().GetTensorData<float>();
    return {logits, logits + kClasses.size()};
}
)cpp"};
    return {
        "g++ -std=c++17 -O2 predict.cpp -I LIBTORCH/include -I LIBTORCH/include/torch/csrc/api/include -L LIBTORCH/lib "
        "-ltorch_cpu -lc10 -o predict",
        "#include <torch/script.h>\n", R"cpp(std::vector<float> outputs(std::vector<float> values) {
    static torch::jit::Module module = torch::jit::load("model.pt");
    const torch::NoGradGuard noGrad;
    const at::Tensor logits =
        module.forward({torch::from_blob(values.data(), {1, 3, kSide, kSide})}).toTensor().to(torch::kFloat).contiguous();
    return {logits.data_ptr<float>(), logits.data_ptr<float>() + logits.numel()};
}
)cpp"};
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

class Template final {
public:
    explicit Template(std::string_view text) : m_text(text) {}
    Template& set(std::string_view word, const std::string& value) {
        const std::string mark = fmt::format("@{}@", word);
        for (std::size_t at = m_text.find(mark); at != std::string::npos; at = m_text.find(mark, at + value.size()))
            m_text.replace(at, mark.size(), value);
        return *this;
    }
    [[nodiscard]] const std::string& text() const { return m_text; }

private:
    std::string m_text;
};

std::string joined(const auto& values) {
    std::string text;
    for (const auto value : values)
        text += fmt::format("{}{:.9g}", text.empty() ? "" : ", ", static_cast<double>(value));
    return text;
}

// Names as a compiler reads them, whatever stands in them.
std::string literals(const std::vector<std::string>& names) {
    std::string text;
    for (const std::string& name : names) {
        text += text.empty() ? "\"" : ", \"";
        for (const char letter : utf8FromBytes(name)) {
            const auto byte = static_cast<unsigned char>(letter);
            if (byte < 0x20 || letter == '"' || letter == '\\' || letter == '?')
                text += fmt::format("\\{:03o}", byte);
            else
                text += letter;
        }
        text += '"';
    }
    return text;
}

// Of labels, one each; none where a picture has one class.
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

std::string cppProgram(const CppRuntime& runtime, const ModelDescription& description) {
    const Preprocess& preprocess = description.preprocess;
    const bool bicubic = preprocess.interpolation == Interpolation::Bicubic;
    Template text(kCpp);
    text.set("BUILD", runtime.build)
        .set("INCLUDES", runtime.includes)
        .set("OUTPUTS", runtime.outputs)
        .set("CLASSES", literals(description.classes))
        .set("THRESHOLDS", joined(thresholdsOf(description)))
        .set("SQUASH", preprocess.cropMode == CropMode::Squash ? "true" : "false")
        .set("WEIGHT",
             bicubic ? "return x < 1 ? (1.5 * x - 2.5) * x * x + 1 : x < 2 ? -0.5 * (((x - 5) * x + 8) * x - 4) : "
                       "0;"
                     : "return x < 1 ? 1 - x : 0;")
        .set("REACH", bicubic ? "2" : "1")
        .set("ROUND", preprocess.cropRounding == CropRounding::Down ? "std::floor" : "std::nearbyint");
    return prepare(text, preprocess).text();
}

} // namespace

std::map<std::string, std::string> programsFor(const ExportFacts& facts, const ModelDescription& description,
                                               const std::string& architecture) {
    const PythonRuntime python = pythonRuntime(facts, architecture, description.classes.size());
    std::map<std::string, std::string> programs{
        {"predict.py", pythonProgram(python, facts, description)},
        {"predict.sh", Template(kShell).set("PACKAGES", python.packages).text()}};
    if (exportFormat(facts.format).computes && facts.input == ExportInput::Pixels)
        programs.emplace("predict.cpp", cppProgram(cppRuntime(facts.format), description));
    return programs;
}

} // namespace engine
