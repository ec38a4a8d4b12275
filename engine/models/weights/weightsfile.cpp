#include "engine/models/weights/weightsfile.h"

#include "engine/models/weights/limits.h"
#include "engine/models/weights/safetensors.h"
#include "engine/models/weights/statedict.h"
#include "engine/models/weights/torchpickle.h"

#include <algorithm>

#include <fmt/format.h>

namespace engine {

struct WeightsFile::Impl {
    MappedFile file;
    std::string format;
    WeightsContent content;
};

WeightsFile::WeightsFile(std::unique_ptr<Impl> impl) : m_impl(std::move(impl)) {}
WeightsFile::~WeightsFile() = default;
WeightsFile::WeightsFile(WeightsFile&&) noexcept = default;
WeightsFile& WeightsFile::operator=(WeightsFile&&) noexcept = default;

WeightsFile WeightsFile::open(const std::filesystem::path& path) { return read(MappedFile(path)); }

WeightsFile WeightsFile::read(MappedFile file) {
    const std::string_view bytes = file.bytes();
    std::string format;
    WeightsContent content;
    if (bytes.starts_with("PK")) {
        format = "torch zip pickle";
        content = readTorchZip(file);
    } else if (looksLikeTorchLegacy(bytes)) {
        format = "torch legacy pickle";
        content = readTorchLegacy(file);
    } else if (looksLikeSafetensors(bytes) || file.path().extension() == ".safetensors") {
        format = "safetensors";
        content = readSafetensors(file);
    } else {
        refuseWeights(fmt::format("{} is not a file of weights: it is neither safetensors nor what torch.save writes.",
                                  file.name()),
                      "Choose a .safetensors, .pth or .pt file.");
    }
    stripPrefixes(content);
    return WeightsFile(std::make_unique<Impl>(Impl{std::move(file), std::move(format), std::move(content)}));
}

const std::string& WeightsFile::format() const { return m_impl->format; }
std::span<const StoredTensor> WeightsFile::tensors() const { return m_impl->content.tensors; }
const std::vector<std::string>& WeightsFile::wrappers() const { return m_impl->content.wrappers; }
const std::map<std::string, std::string>& WeightsFile::metadata() const { return m_impl->content.metadata; }

const StoredTensor* WeightsFile::find(std::string_view name) const {
    const auto& tensors = m_impl->content.tensors;
    const auto found =
        std::find_if(tensors.begin(), tensors.end(), [name](const StoredTensor& t) { return t.name == name; });
    return found == tensors.end() ? nullptr : &*found;
}

} // namespace engine
