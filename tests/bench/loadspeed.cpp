#include "engine/api/error.h"
#include "engine/base/torchheader.h"
#include "engine/models/backbone.h"
#include "engine/models/load.h"

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <span>

// thaw-loadspeed FILE BACKBONE TIMES THREADS: prints the seconds of each loading of the file into the backbone.
int main(int argc, char** argv) {
    const std::span<char*> arguments(argv, static_cast<std::size_t>(argc));
    if (arguments.size() != 5) {
        std::fputs("thaw-loadspeed FILE BACKBONE TIMES THREADS\n", stderr);
        return 2;
    }
    try {
        at::set_num_threads(std::max(1, std::atoi(arguments[4])));
        const auto model = engine::makeBackbone(arguments[2], 0, 1);
        for (int i = 0; i < std::atoi(arguments[3]); ++i) {
            const auto start = std::chrono::steady_clock::now();
            engine::loadCheckpoint(*model, arguments[1]);
            const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - start;
            std::printf("%.6f\n", taken.count());
        }
    } catch (const engine::Error& error) {
        std::fprintf(stderr, "%s\n", error.what());
        return 2;
    }
    return 0;
}
