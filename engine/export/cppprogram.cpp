#include "engine/export/cppprogram.h"

#include "engine/base/utf8.h"
#include "engine/export/programtemplate.h"

#include <fmt/format.h>

namespace engine {
namespace {

constexpr std::string_view kCpp =
    R"cpp(// What the model sees in a picture: predict PICTURE.ppm  (binary PPM, P6: any picture program writes it)
// @BUILD@
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <fstream>
#include <string>
#include <vector>
@INCLUDES@
namespace {

const std::vector<std::string> kClasses{@CLASSES@};
const std::vector<double> kThresholds{@THRESHOLDS@}; // of labels; empty: each picture has one class

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

@OUTPUTS@
@SHARES@
void print(const char* name, const std::vector<double>& shares) {
    const std::ptrdiff_t best = std::max_element(shares.begin(), shares.end()) - shares.begin();
    std::printf("%s:", name);
    bool any = false;
    for (std::size_t i = 0; i < shares.size(); ++i)
        if (kThresholds.empty() ? std::ptrdiff_t(i) == best : shares[i] >= kThresholds[i]) {
            std::printf("%s %s %.1f %%", any ? ";" : "", kClasses[i].c_str(), 100 * shares[i]);
            any = true;
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
        print(argv[i], sharesOf(picture));
    }
    return 0;
}
)cpp";

// Of a file that is given pixels.
constexpr std::string_view kFromPixels = R"cpp(constexpr int kResized = @RESIZED@, kSide = @SIDE@;

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

std::vector<double> sharesOf(const Picture& picture) {
    const std::vector<float> logits = outputs(prepared(picture), {1, 3, kSide, kSide});
    const float most = *std::max_element(logits.begin(), logits.end());
    std::vector<double> shares;
    double sum = 0;
    for (const float logit : logits) {
        shares.push_back(kThresholds.empty() ? std::exp(double(logit - most)) : 1 / (1 + std::exp(-double(logit))));
        sum += shares.back();
    }
    for (double& share : shares)
        share /= kThresholds.empty() ? sum : 1;
    return shares;
}
)cpp";

// Of a file that prepares pictures by itself.
constexpr std::string_view kFromPictures = R"cpp(std::vector<double> sharesOf(const Picture& picture) {
    const std::vector<float> shares = outputs(picture.bytes, {1, picture.height, picture.width, 3});
    return {shares.begin(), shares.end()};
}
)cpp";

constexpr std::string_view kByOnnxRuntime =
    R"cpp(std::vector<float> outputs(std::vector<@NUMBER@> values, std::vector<std::int64_t> shape) {
    static Ort::Env environment(ORT_LOGGING_LEVEL_ERROR, "predict");
    static Ort::Session session(environment, "model.onnx", Ort::SessionOptions());
    const Ort::MemoryInfo memory = Ort::MemoryInfo::CreateCpu(OrtArenaAllocator, OrtMemTypeDefault);
    const Ort::Value input =
        Ort::Value::CreateTensor<@NUMBER@>(memory, values.data(), values.size(), shape.data(), shape.size());
    const char *in[] = {"@INPUT@"}, *out[] = {"@OUTPUT@"};
    auto made = session.Run(Ort::RunOptions(), in, &input, 1, out, 1);
    const float* given = made.front().GetTensorData<float>();
    return {given, given + kClasses.size()};
}
)cpp";

constexpr std::string_view kByLibTorch =
    R"cpp(std::vector<float> outputs(std::vector<@NUMBER@> values, std::vector<std::int64_t> shape) {
    static torch::jit::Module module = torch::jit::load("model.pt");
    const torch::NoGradGuard noGrad;
    const at::Tensor given =
        module.forward({torch::from_blob(values.data(), shape, @KIND@)}).toTensor().to(torch::kFloat).contiguous();
    return {given.data_ptr<float>(), given.data_ptr<float>() + given.numel()};
}
)cpp";

struct CppRuntime {
    std::string_view build, include, outputs;
};

CppRuntime cppRuntime(ExportFormat format) {
    if (format == ExportFormat::Onnx)
        return {"g++ -std=c++17 -O2 predict.cpp -I ONNXRUNTIME/include -L ONNXRUNTIME/lib -lonnxruntime -o predict",
                "#include <onnxruntime_cxx_api.h>\n", kByOnnxRuntime};
    return {
        "g++ -std=c++17 -O2 predict.cpp -I LIBTORCH/include -I LIBTORCH/include/torch/csrc/api/include -L LIBTORCH/lib "
        "-ltorch_cpu -lc10 -o predict",
        "#include <torch/script.h>\n", kByLibTorch};
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

std::string weightOf(Interpolation interpolation) {
    return interpolation == Interpolation::Bicubic
               ? "return x < 1 ? (1.5 * x - 2.5) * x * x + 1 : x < 2 ? -0.5 * (((x - 5) * x + 8) * x - 4) : 0;"
               : "return x < 1 ? 1 - x : 0;";
}

} // namespace

std::string cppProgram(const ExportFacts& facts, const ModelDescription& description) {
    const Preprocess& preprocess = description.preprocess;
    const CppRuntime runtime = cppRuntime(facts.format);
    const bool pictures = facts.input == ExportInput::Pictures;
    Template text(kCpp);
    text.set("BUILD", std::string(runtime.build))
        .set("INCLUDES", std::string(runtime.include))
        .set("OUTPUTS", std::string(runtime.outputs))
        .set("SHARES", std::string(pictures ? kFromPictures : kFromPixels))
        .set("NUMBER", pictures ? "std::uint8_t" : "float")
        .set("KIND", pictures ? "torch::kByte" : "torch::kFloat")
        .set("INPUT", pictures ? "pictures" : "pixels")
        .set("OUTPUT", pictures ? "probabilities" : "logits")
        .set("THRESHOLDS", joined(thresholdsOf(description)))
        .set("SQUASH", preprocess.cropMode == CropMode::Squash ? "true" : "false")
        .set("WEIGHT", weightOf(preprocess.interpolation))
        .set("REACH", preprocess.interpolation == Interpolation::Bicubic ? "2" : "1")
        .set("ROUND", preprocess.cropRounding == CropRounding::Down ? "std::floor" : "std::nearbyint");
    return prepare(text, preprocess).set("CLASSES", literals(description.classes)).text(); // whatever they hold
}

} // namespace engine
