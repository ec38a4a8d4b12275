#include "engine/export/preparationscript.h"

#include "engine/api/error.h"

#include <string>

#include <fmt/format.h>

namespace engine {
namespace {

namespace jit = torch::jit;

// How large the whole picture becomes, by its height and width.
std::string_view resizedSides(CropMode mode) {
    return mode == CropMode::Squash ? R"(
    high = {resize}
    wide = {resize}
)"
                                    : R"(
    high = {resize}
    wide = {resize}
    if height < width:
        wide = {resize} * width // height
    else:
        high = {resize} * height // width
)";
}

// Where the centre begins.
std::string_view margins(CropRounding rounding) {
    return rounding == CropRounding::Down ? R"(
    top = (high - {side}) // 2
    left = (wide - {side}) // 2
)"
                                          : R"(
    top = (high - {side}) // 2
    left = (wide - {side}) // 2
    top = top + (high - {side}) % 2 * (top % 2)
    left = left + (wide - {side}) % 2 * (left % 2)
)";
}

// The 6 is what TorchScript calls fp32. A GPU resizes no bytes: there, values are rounded once, behind both directions.
constexpr std::string_view kForward = R"(
def forward(self, pictures: Tensor) -> Tensor:
    height = pictures.size(1)
    width = pictures.size(2)
    pixels = pictures.permute(0, 3, 1, 2)
{sides}
    if pictures.is_cuda:
        pixels = torch.to(pixels, 6)
    if high != height or wide != width:
        pixels = torch.{resample}(pixels, [high, wide], False)
        if pictures.is_cuda:
            pixels = torch.clamp(torch.round(pixels), 0, 255)
{margins}
    pixels = torch.slice(torch.slice(pixels, 2, top, top + {side}), 3, left, left + {side})
    pixels = (torch.to(pixels, 6) / {divisor} - self.mean) / self.deviation
    return {answer}
)";

std::string replaced(std::string text, const std::string& from, const std::string& to) {
    for (std::size_t at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size()))
        text.replace(at, from.size(), to);
    return text;
}

at::Tensor perChannel(const std::array<float, 3>& values) {
    return at::tensor(at::ArrayRef<float>(values.data(), values.size())).reshape({1, 3, 1, 1});
}

} // namespace

void requirePreparation(const Preprocess& preprocess) {
    const bool filter =
        preprocess.interpolation == Interpolation::Bilinear || preprocess.interpolation == Interpolation::Bicubic;
    const bool crop = preprocess.cropMode == CropMode::Center || preprocess.cropMode == CropMode::Squash;
    if (!filter || !crop || preprocess.resizeSize < preprocess.imageSize)
        throw Error(
            ErrorKind::BadInput,
            fmt::format("The preparation of its pictures ({}) cannot be written into the file.", words(preprocess)),
            "Export it without the preparation.");
}

jit::Module withPreparation(const jit::Module& network, const Preprocess& preprocess, const TaskInfo& task) {
    requirePreparation(preprocess);
    jit::Module module(c10::QualifiedName("__torch__.thaw.Prepared"), network._ivalue()->compilation_unit(), true);
    module.register_attribute("training", c10::BoolType::get(), false);
    module.register_module("network", network);
    module.register_buffer("mean", perChannel(preprocess.mean));
    module.register_buffer("deviation", perChannel(preprocess.standardDeviation));
    std::string source(kForward);
    source = replaced(source, "{sides}", std::string(resizedSides(preprocess.cropMode)));
    source = replaced(source, "{margins}", std::string(margins(preprocess.cropRounding)));
    source = replaced(source, "{resample}",
                      preprocess.interpolation == Interpolation::Bicubic ? "_upsample_bicubic2d_aa"
                                                                         : "_upsample_bilinear2d_aa");
    source = replaced(source, "{resize}", std::to_string(preprocess.resizeSize));
    source = replaced(source, "{side}", std::to_string(preprocess.imageSize));
    source = replaced(source, "{divisor}", fmt::format("{:.9g}", double(preprocess.divisor)));
    source = replaced(source, "{answer}",
                      task.exclusive ? "torch.softmax(self.network.forward(pixels), 1)"
                                     : "torch.sigmoid(self.network.forward(pixels))");
    module.define(source);
    return module;
}

} // namespace engine
