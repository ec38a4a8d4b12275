#pragma once

#include "engine/base/torchheader.h"
#include "engine/export/exportfacts.h"
#include "engine/train/checkpoint.h"

#include <filesystem>
#include <map>
#include <memory>
#include <string>

namespace engine {

// An exported file, opened as another program would. One thread.
class ExportedModel {
public:
    virtual ~ExportedModel() = default;
    // Pixels [N, 3, H, W] in fp32, or bytes [N, H, W, 3] where the file prepares them, → what the file gives, in fp32.
    [[nodiscard]] virtual at::Tensor outputs(const at::Tensor& input) = 0;
    // Pixels → logits, of a file that prepares pictures as well.
    [[nodiscard]] virtual at::Tensor logits(const at::Tensor& pixels) { return outputs(pixels.contiguous()); }
    [[nodiscard]] virtual std::string runtime() const = 0; // "LibTorch 2.11.0"
    // Parameters by name, where the file has them under the backbone's names.
    [[nodiscard]] virtual std::map<std::string, at::Tensor> parameters() const { return {}; }
};

// Why nothing here can compute such a file, for pictures of `imageSize` pixels, and what to do: sentences; empty: it
// can be computed.
[[nodiscard]] std::string whyNotComputed(ExportFormat format, const std::string& backbone, int imageSize);

// The one in `folder`. Throws Error(BadInput | BadWeights | NotFound); NotFound where nothing here can compute it.
[[nodiscard]] std::unique_ptr<ExportedModel> openExported(const std::filesystem::path& folder, const ExportFacts& facts,
                                                          const std::string& backbone);

} // namespace engine
