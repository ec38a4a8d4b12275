#include "engine/export/torchscriptfile.h"

#include "engine/api/error.h"
#include "engine/base/atomicfile.h"

#include <caffe2/serialize/inline_container.h>
#include <torch/csrc/jit/serialization/export.h>

#include <exception>

#include <fmt/format.h>

namespace engine {

void writeTorchScript(const std::filesystem::path& file, const torch::jit::Module& module, const InnerFiles& inner) {
    AtomicFile out(file);
    std::exception_ptr failed; // kept until the archive's writer is gone: one that may not write ends the program
    const auto write = [&](const void* data, std::size_t bytes) -> std::size_t {
        try {
            if (!failed)
                out.write(data, bytes);
        } catch (...) {
            failed = std::current_exception();
        }
        return bytes;
    };
    try {
        torch::jit::ExportModule(module, write, torch::jit::ExtraFilesMap(inner.begin(), inner.end()));
    } catch (...) {
        if (!failed)
            throw;
    }
    if (failed)
        std::rethrow_exception(failed);
    out.commit();
}

std::string innerFile(const std::filesystem::path& file, const std::string& name) {
    try {
        caffe2::serialize::PyTorchStreamReader reader(file.string());
        const std::string record = "extra/" + name;
        if (!reader.hasRecord(record))
            return {};
        const auto [data, size] = reader.getRecord(record);
        return {static_cast<const char*>(data.get()), size};
    } catch (const std::exception&) {
        throw Error(ErrorKind::BadWeights, fmt::format("{} is not a TorchScript file.", file.filename().string()),
                    "Name a file that thaw export made.");
    }
}

} // namespace engine
