#include "engine/export/onnxruntime.h"

#include "engine/api/weights.h"

#include <algorithm>
#include <cstdlib>
#include <dlfcn.h>
#include <vector>

#include <fmt/format.h>

namespace engine {
namespace fs = std::filesystem;

namespace {

// Places in the table of functions that OrtGetApiBase()->GetApi(1) gives. They never change.
enum class Call {
    GetErrorMessage = 2,
    CreateEnv = 3,
    CreateSession = 7,
    CreateSessionFromArray = 8,
    Run = 9,
    CreateSessionOptions = 10,
    SetIntraOpNumThreads = 24,
    CreateTensorWithData = 49,
    GetTensorMutableData = 51,
    GetDimensionsCount = 61,
    GetDimensions = 62,
    GetTensorTypeAndShape = 65,
    CreateCpuMemoryInfo = 69,
    ReleaseStatus = 93,
    ReleaseMemoryInfo = 94,
    ReleaseSession = 95,
    ReleaseValue = 96,
    ReleaseTypeAndShape = 99,
    ReleaseSessionOptions = 100,
};

constexpr int kErrorsOnly = 3, kDefaultMemory = 0, kPlainAllocator = 0;
constexpr int kFloatElements = 1, kByteElements = 2;

template <typename Result, typename... Arguments>
Result call(const void* const* table, Call which, Arguments... arguments) {
    const auto function =
        reinterpret_cast<Result (*)(Arguments...)>(const_cast<void*>(table[static_cast<std::size_t>(which)]));
    return function(arguments...);
}

// For functions that give a status: what it says as an error.
template <typename... Arguments>
void attempt(const void* const* table, ErrorKind kind, Call which, Arguments... arguments) {
    void* status = call<void*>(table, which, arguments...);
    if (status == nullptr)
        return;
    const std::string words = call<const char*>(table, Call::GetErrorMessage, static_cast<const void*>(status));
    call<void>(table, Call::ReleaseStatus, status);
    throw Error(kind, fmt::format("ONNX Runtime says: {}", words.substr(0, words.find('\n'))),
                "Export the run again, or as torchscript.");
}

// Something of the library's that is given back.
class Owned final {
public:
    Owned(const void* const* table, Call release) : m_table(table), m_release(release) {}
    ~Owned() {
        if (m_held != nullptr)
            call<void>(m_table, m_release, m_held);
    }
    Owned(const Owned&) = delete;
    Owned& operator=(const Owned&) = delete;
    [[nodiscard]] void** place() { return &m_held; }
    [[nodiscard]] void* get() const { return m_held; }

private:
    const void* const* m_table;
    Call m_release;
    void* m_held = nullptr;
};

std::vector<std::int64_t> shapeOf(const void* const* table, void* value) {
    Owned shape(table, Call::ReleaseTypeAndShape);
    attempt(table, ErrorKind::BadInput, Call::GetTensorTypeAndShape, static_cast<const void*>(value), shape.place());
    std::size_t count = 0;
    attempt(table, ErrorKind::BadInput, Call::GetDimensionsCount, static_cast<const void*>(shape.get()), &count);
    std::vector<std::int64_t> sizes(count);
    attempt(table, ErrorKind::BadInput, Call::GetDimensions, static_cast<const void*>(shape.get()), sizes.data(),
            count);
    return sizes;
}

} // namespace

fs::path OnnxRuntime::library() {
    if (const char* named = std::getenv("THAW_ONNXRUNTIME"); named != nullptr && *named != 0)
        return named;
    std::error_code code;
    fs::path newest;
    for (const auto& entry : fs::directory_iterator(cacheFolder() / "onnxruntime", code))
        if (entry.path().filename().string().starts_with("libonnxruntime.so"))
            newest = std::max(newest, entry.path());
    return newest;
}

OnnxRuntime::OnnxRuntime(const fs::path& file) {
    void* library = dlopen(file.c_str(), RTLD_NOW | RTLD_LOCAL);
    struct Base {
        const void* const* (*api)(std::uint32_t version);
        const char* (*version)();
    };
    const auto base =
        library == nullptr ? nullptr : reinterpret_cast<const Base* (*)()>(dlsym(library, "OrtGetApiBase"));
    if (base != nullptr)
        m_calls = base()->api(1);
    if (m_calls == nullptr)
        throw Error(ErrorKind::BadInput, fmt::format("{} is not ONNX Runtime's library.", file.string()),
                    "Name libonnxruntime.so with THAW_ONNXRUNTIME, or run packaging/bootstrap --onnx.");
    m_version = base()->version();
    attempt(m_calls, ErrorKind::Internal, Call::CreateEnv, kErrorsOnly, "thaw", &m_environment);
}

Error OnnxRuntime::notHere() {
    return {ErrorKind::NotFound, "ONNX Runtime is not here, which computes ONNX files.",
            "Fetch it with packaging/bootstrap --onnx, or name its library with THAW_ONNXRUNTIME."};
}

const OnnxRuntime& OnnxRuntime::shared() {
    static const OnnxRuntime runtime = [] {
        const fs::path file = library();
        if (file.empty())
            throw notHere();
        return OnnxRuntime(file);
    }();
    return runtime;
}

class OnnxSession::Options final {
public:
    Options(const void* const* table, int threads) : m_held(table, Call::ReleaseSessionOptions) {
        attempt(table, ErrorKind::Internal, Call::CreateSessionOptions, m_held.place());
        attempt(table, ErrorKind::Internal, Call::SetIntraOpNumThreads, m_held.get(), threads);
    }
    [[nodiscard]] const void* get() const { return m_held.get(); }

private:
    Owned m_held;
};

OnnxSession::OnnxSession(const fs::path& file, int threads) : m_runtime(OnnxRuntime::shared()) {
    const Options options(m_runtime.m_calls, threads);
    attempt(m_runtime.m_calls, ErrorKind::BadWeights, Call::CreateSession,
            static_cast<const void*>(m_runtime.m_environment), file.c_str(), options.get(), &m_session);
}

OnnxSession::OnnxSession(std::string_view bytes, int threads) : m_runtime(OnnxRuntime::shared()) {
    const Options options(m_runtime.m_calls, threads);
    attempt(m_runtime.m_calls, ErrorKind::BadWeights, Call::CreateSessionFromArray,
            static_cast<const void*>(m_runtime.m_environment), static_cast<const void*>(bytes.data()), bytes.size(),
            options.get(), &m_session);
}

OnnxSession::~OnnxSession() { call<void>(m_runtime.m_calls, Call::ReleaseSession, m_session); }

at::Tensor OnnxSession::run(const std::string& input, const at::Tensor& value, const std::string& output) {
    const auto table = m_runtime.m_calls;
    at::Tensor held = value.contiguous();
    Owned memory(table, Call::ReleaseMemoryInfo), given(table, Call::ReleaseValue), made(table, Call::ReleaseValue);
    attempt(table, ErrorKind::Internal, Call::CreateCpuMemoryInfo, kPlainAllocator, kDefaultMemory, memory.place());
    attempt(table, ErrorKind::BadInput, Call::CreateTensorWithData, static_cast<const void*>(memory.get()),
            held.mutable_data_ptr(), held.nbytes(), held.sizes().data(), static_cast<std::size_t>(held.dim()),
            held.scalar_type() == at::kByte ? kByteElements : kFloatElements, given.place());
    const char* inputs[] = {input.c_str()};
    const char* outputs[] = {output.c_str()};
    const void* values[] = {given.get()};
    attempt(table, ErrorKind::BadInput, Call::Run, m_session, static_cast<const void*>(nullptr),
            static_cast<const char* const*>(inputs), static_cast<const void* const*>(values), std::size_t{1},
            static_cast<const char* const*>(outputs), std::size_t{1}, made.place());
    void* data = nullptr;
    attempt(table, ErrorKind::BadInput, Call::GetTensorMutableData, made.get(), &data);
    return at::from_blob(data, shapeOf(table, made.get()), at::kFloat).clone();
}

} // namespace engine
