#pragma once

#include "engine/models/weights/dtype.h"
#include "engine/models/weights/mappedfile.h"

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace engine {

// One tensor of a weights file. `data` points into the mapped file, is not aligned to the element and lives as long as
// the WeightsFile. Every element that shape and strides reach lies within `bytes`; that is checked when the file is
// opened.
struct StoredTensor {
    std::string name;           // the whole path: "state_dict.model.conv1.weight"
    std::size_t dictionary = 0; // bytes of it that lead to the dictionary the tensor stands in: "state_dict."
    DType dtype = DType::Float32;
    std::vector<std::int64_t> shape;
    std::vector<std::int64_t> strides; // in elements; a view of a storage need not be contiguous
    const std::byte* data = nullptr;
    std::size_t bytes = 0;

    [[nodiscard]] std::int64_t elements() const noexcept;
    [[nodiscard]] bool contiguous() const noexcept;
};

// A file of named tensors: safetensors, what torch.save wrote (zip since 1.6, legacy before; a state dict, a checkpoint
// of a training with it somewhere inside, or a whole model), a pickle of NumPy's arrays, the parameters of a
// TorchScript program (its code is not looked at), or the index of a model that was saved in several such files
// (model.safetensors.index.json, its shards beside it). The files are memory-mapped; its pickle is read by a restricted
// reader that builds tensors, numbers, texts and containers, keeps of any other object its attributes only, and refuses
// every other call by name. Nothing from the file is ever executed. Moving it keeps the tensors' data where it is.
class WeightsFile final {
public:
    // Throws Error(NotFound | BadWeights) with one sentence: what is wrong with the file and what to do. Any thread.
    [[nodiscard]] static WeightsFile open(const std::filesystem::path& file);
    [[nodiscard]] static WeightsFile read(MappedFile file);
    ~WeightsFile();
    WeightsFile(WeightsFile&&) noexcept;
    WeightsFile& operator=(WeightsFile&&) noexcept;

    [[nodiscard]] const std::string&
    format() const; // "safetensors", "torch zip pickle", "TorchScript", "safetensors in 3 shards", …
    [[nodiscard]] std::span<const StoredTensor> tensors() const;
    [[nodiscard]] const StoredTensor* find(std::string_view name) const; // nullptr where there is none
    // safetensors' __metadata__; of a pickle the texts and numbers beside the tensors ("epoch" → "12").
    [[nodiscard]] const std::map<std::string, std::string>& metadata() const;
    // The names of `classes` classes, by index, where the file has a list of just so many; else empty.
    [[nodiscard]] std::vector<std::string> classNames(int classes) const;

private:
    struct Impl;
    explicit WeightsFile(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> m_impl;
};

} // namespace engine
