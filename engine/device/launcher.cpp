// The program proper: sets what the arithmetic libraries read once, while they are loaded, then opens the module that
// lies beside it and runs its thaw_main().
#include <cstdio>
#include <cstdlib>
#include <dlfcn.h>
#include <string>
#include <unistd.h>

namespace {

std::string besideThisProgram(const char* name) {
    char path[4096];
    const ssize_t length = readlink("/proc/self/exe", path, sizeof path);
    const std::string program(path, length > 0 ? static_cast<std::size_t>(length) : 0);
    return program.substr(0, program.rfind('/') + 1) + name;
}

} // namespace

int main(int argc, char** argv) {
    // OpenMP's threads wait for each other by spinning, for milliseconds. Where decoding, the window or another program
    // wants the core, that costs more than it saves; sleeping at once costs a wake-up for each of many small
    // operations. So they spin for about as long as waking takes: an epoch of SqueezeNet's head from the cache takes
    // 17 ms instead of 28, and two epochs of the sample beside two busy programs on two cores take 5.2 s, against 6.4 s
    // sleeping at once and 8.5 s with four times the patience.
    if (std::getenv("OMP_WAIT_POLICY") == nullptr) {
        setenv("OMP_WAIT_POLICY", "passive", 0);
        setenv("GOMP_SPINCOUNT", "5000", 0);
    }
    // Kernels are loaded when they are first used, not all of them with the libraries.
    setenv("CUDA_MODULE_LOADING", "LAZY", 0);
    void* module = dlopen(besideThisProgram(THAW_MODULE).c_str(), RTLD_NOW | RTLD_GLOBAL);
    if (module == nullptr) {
        std::fprintf(stderr, "thaw: a part of the program could not be loaded: %s. Build or install it again.\n",
                     dlerror());
        return 1;
    }
    using Main = int (*)(int, char**);
    return reinterpret_cast<Main>(dlsym(module, "thaw_main"))(argc, argv);
}
