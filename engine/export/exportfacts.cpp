#include "engine/export/exportfacts.h"

#include "engine/api/error.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace engine {
namespace {

using nlohmann::json;

constexpr std::array<std::string_view, 3> kSizes{"this-one", "multiples-of-32", "any"};
constexpr std::array<std::string_view, 2> kInputs{"pixels", "pictures"};
constexpr std::array<std::string_view, 3> kPrecisions{"fp32", "fp16", "bf16"};
constexpr std::array<std::string_view, 4> kLibraries{"own", "torchvision", "timm", "transformers"};
constexpr std::array kLibraryOf{Library::Unknown, Library::Torchvision, Library::Timm, Library::Transformers};

template <std::size_t N>
std::size_t placeOf(const std::array<std::string_view, N>& words, const std::string& word) {
    const auto found = std::ranges::find(words, word);
    if (found == words.end())
        throw std::out_of_range(word);
    return static_cast<std::size_t>(found - words.begin());
}

} // namespace

std::span<const ExportFormatInfo> exportFormats() {
    static const std::array<ExportFormatInfo, 4> formats{
        ExportFormatInfo{ExportFormat::Safetensors, "safetensors", "safetensors",
                         "timm and torchvision open it, and Thaw.",
                         "It has parameters and settings, not the "
                         "computation: the library that opens it has that.",
                         false},
        ExportFormatInfo{ExportFormat::Transformers, "transformers", "Hugging Face transformers",
                         "AutoModelForImageClassification.from_pretrained() opens it.",
                         "It has parameters and settings, not the computation: transformers has that.", false},
        ExportFormatInfo{ExportFormat::TorchScript, "torchscript", "TorchScript",
                         "PyTorch and LibTorch 1.13 or later open it, without any of Thaw or timm.",
                         "It does not train as the run did: dropout and the statistics of normalisation are as in "
                         "evaluation.",
                         true},
        ExportFormatInfo{ExportFormat::Onnx, "onnx", "ONNX",
                         "ONNX Runtime and whatever else reads ONNX of operator set 17 opens it.",
                         "It answers and does not train: normalisation is worked into the convolutions.", true}};
    return formats;
}

const ExportFormatInfo& exportFormat(ExportFormat format) {
    return *std::ranges::find(exportFormats(), format, &ExportFormatInfo::format);
}

const char* exportPrecisionName(ExportPrecision precision) noexcept {
    return kPrecisions[static_cast<std::size_t>(precision)].data();
}

at::ScalarType typeOf(ExportPrecision precision) {
    return precision == ExportPrecision::Float16    ? at::kHalf
           : precision == ExportPrecision::Bfloat16 ? at::kBFloat16
                                                    : at::kFloat;
}

std::string factsText(const ExportFacts& facts) {
    const auto library = std::ranges::find(kLibraryOf, facts.names) - kLibraryOf.begin();
    const json object{{"format", exportFormat(facts.format).name},
                      {"precision", exportPrecisionName(facts.precision)},
                      {"input", kInputs[static_cast<std::size_t>(facts.input)]},
                      {"picture_sizes", kSizes[static_cast<std::size_t>(facts.sizes)]},
                      {"names", kLibraries[static_cast<std::size_t>(library)]},
                      {"file", facts.file},
                      {"run", facts.run},
                      {"run_name", facts.name},
                      {"step", facts.step},
                      {"epoch", facts.epoch}};
    return object.dump(1, ' ', false, json::error_handler_t::replace) + "\n";
}

namespace {

ExportFormat formatNamed(const std::string& name) {
    for (const ExportFormatInfo& info : exportFormats())
        if (info.name == name)
            return info.format;
    throw std::out_of_range(name);
}

} // namespace

ExportFacts factsIn(const std::string& text, const std::string& where) {
    try {
        const json object = json::parse(text);
        ExportFacts facts;
        const auto word = [&object](const char* key) { return object.at(key).get<std::string>(); };
        facts.format = formatNamed(word("format"));
        facts.precision = static_cast<ExportPrecision>(placeOf(kPrecisions, word("precision")));
        facts.input = static_cast<ExportInput>(placeOf(kInputs, word("input")));
        facts.sizes = static_cast<PictureSizes>(placeOf(kSizes, word("picture_sizes")));
        facts.names = kLibraryOf[placeOf(kLibraries, word("names"))];
        facts.file = word("file");
        facts.run = word("run");
        facts.name = word("run_name");
        facts.step = object.at("step").get<std::int64_t>();
        facts.epoch = object.at("epoch").get<int>();
        return facts;
    } catch (const std::exception&) {
        throw Error(ErrorKind::BadInput, fmt::format("{} is nothing that thaw export wrote.", where),
                    "Name a folder that it made.");
    }
}

} // namespace engine
