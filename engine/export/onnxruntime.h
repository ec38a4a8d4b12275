#pragma once

#include "engine/api/error.h"
#include "engine/base/torchheader.h"

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

namespace engine {

// ONNX Runtime's C library, opened when it is first needed: THAW_ONNXRUNTIME, or where packaging/bootstrap --onnx puts
// it in the cache. Once open it stays so. Any thread.
class OnnxRuntime final {
public:
    // Throws Error(NotFound): it is not here; Error(BadInput): what is there is no such library.
    [[nodiscard]] static const OnnxRuntime& shared();
    // The file that shared() would open; empty: it is not here.
    [[nodiscard]] static std::filesystem::path library();
    [[nodiscard]] static Error notHere();
    [[nodiscard]] const std::string& version() const { return m_version; } // "1.32.0"

private:
    friend class OnnxSession;
    explicit OnnxRuntime(const std::filesystem::path& file);

    const void* const* m_calls = nullptr; // OrtApi of its first version, which later ones keep
    void* m_environment = nullptr;
    std::string m_version;
};

// An ONNX file that computes. One thread.
class OnnxSession final {
public:
    // Throws Error(BadWeights) with what ONNX Runtime says of the file.
    OnnxSession(const std::filesystem::path& file, int threads);
    OnnxSession(std::string_view bytes, int threads); // of such a file, constants and all
    ~OnnxSession();
    OnnxSession(const OnnxSession&) = delete;
    OnnxSession& operator=(const OnnxSession&) = delete;

    // fp32 or bytes → fp32. Throws Error(BadInput).
    [[nodiscard]] at::Tensor run(const std::string& input, const at::Tensor& value, const std::string& output);

private:
    class Options;
    const OnnxRuntime& m_runtime;
    void* m_session = nullptr;
};

} // namespace engine
