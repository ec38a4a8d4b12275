#include "engine/device/cudamodule.h"

#include "engine/ops/ops.h"

#include <c10/core/Allocator.h>
#include <cstdlib>
#include <dlfcn.h>
#include <fmt/format.h>

namespace engine {
namespace fs = std::filesystem;

namespace {

const char* const kOnCpu = "training runs on the CPU.";

fs::path torchFolder() {
    Dl_info where{};
    if (dladdr(reinterpret_cast<const void*>(&c10::SetAllocator), &where) == 0 || where.dli_fname == nullptr)
        return {};
    std::error_code code;
    const fs::path library = fs::canonical(where.dli_fname, code); // <folder>/torch/lib/libc10.so
    return library.parent_path().parent_path().parent_path();
}

fs::path fromEnvironment(const char* name, const fs::path& otherwise) {
    const char* value = std::getenv(name);
    return value != nullptr && *value != '\0' ? fs::path(value) : otherwise;
}

// The loader's words up to the first line break, without a full stop.
std::string loaderWords() {
    const char* words = dlerror();
    std::string text = words != nullptr ? words : "no reason was given";
    text = text.substr(0, text.find('\n'));
    while (text.ends_with('.'))
        text.pop_back();
    return text;
}

std::string loadLibraries(const fs::path& folder) {
    const fs::path library = folder / "torch" / "lib" / "libtorch_cuda.so";
    std::error_code code;
    if (!fs::exists(library, code))
        return fmt::format("An NVIDIA driver is there, but {} is not (THAW_CUDA_DIR names the folder of torch/ and "
                           "nvidia/); {}",
                           library.string(), kOnCpu);
    // Global, so that torch's own libraries find each other's symbols.
    if (dlopen(library.c_str(), RTLD_NOW | RTLD_GLOBAL) == nullptr)
        return fmt::format("An NVIDIA driver is there, but the CUDA libraries could not be loaded ({}): "
                           "packaging/bootstrap --gpu fetches them; {}",
                           loaderWords(), kOnCpu);
    return {};
}

std::string loadModule(const fs::path& module, GpuProvider*& provider) {
    std::error_code code;
    if (!fs::exists(module, code))
        return fmt::format("An NVIDIA driver is there, but Thaw's CUDA module {} is not; {}", module.string(), kOnCpu);
    void* handle = dlopen(module.c_str(), RTLD_NOW | RTLD_LOCAL);
    if (handle == nullptr)
        return fmt::format("Thaw's CUDA module could not be loaded ({}); {}", loaderWords(), kOnCpu);
    const auto make = reinterpret_cast<GpuProviderFunction>(dlsym(handle, kGpuProviderName));
    provider = make != nullptr ? make(kGpuInterface) : nullptr;
    if (provider == nullptr)
        return fmt::format("Thaw's CUDA module {} belongs to another version of Thaw; {}", module.string(), kOnCpu);
    return {};
}

} // namespace

CudaPlaces cudaPlaces() {
    std::error_code code;
    const fs::path program = fs::read_symlink("/proc/self/exe", code);
    return {.libraries = fromEnvironment("THAW_CUDA_DIR", torchFolder()),
            .module = fromEnvironment("THAW_CUDA_MODULE", program.parent_path() / "thaw_cuda.so")};
}

CudaOpening openCuda(const CudaPlaces& places) {
    CudaOpening result;
    if (dlopen(places.driver.c_str(), RTLD_NOW | RTLD_GLOBAL) == nullptr) {
        result.absence = fmt::format("No NVIDIA driver was found ({} is missing); {}", places.driver, kOnCpu);
        return result;
    }
    result.absence = loadLibraries(places.libraries);
    if (!result.absence.empty())
        return result;
    ops::registerOps();
    GpuProvider* provider = nullptr;
    result.absence = loadModule(places.module, provider);
    if (!result.absence.empty())
        return result;
    std::string problem;
    try {
        result.gpus = provider->list(problem);
    } catch (const std::exception& error) { // c10::Error: torch was asked about CUDA before its libraries were there
        problem = error.what();
        problem = problem.substr(0, problem.find_first_of(".\n"));
    }
    if (result.gpus.empty())
        result.absence = fmt::format("The NVIDIA driver offers no GPU ({}); {}", problem, kOnCpu);
    else
        result.provider = provider;
    return result;
}

const CudaOpening& cuda() {
    static const CudaOpening opening = openCuda(cudaPlaces());
    return opening;
}

} // namespace engine
