#include "engine/api/error.h"
#include "engine/base/torchheader.h"
#include "engine/models/backbone.h"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <span>
#include <string>

namespace {

// Seconds of each forward and backward pass in training mode, after two that warm up.
std::vector<double> measure(const std::string& name, int batch, int steps) {
    const auto model = engine::makeBackbone(name, 0, 1);
    model->train();
    for (at::Tensor& parameter : model->parameters()) {
        if (parameter.dim() == 4)
            parameter.set_data(parameter.contiguous(at::MemoryFormat::ChannelsLast));
    }
    const int size = model->info().imageSize;
    const at::Tensor pictures = at::randn({batch, 3, size, size}).contiguous(at::MemoryFormat::ChannelsLast);
    const at::Tensor labels = at::randint(model->classes(), {batch}, at::kLong);
    std::vector<double> seconds;
    for (int step = -2; step < steps; ++step) {
        const auto start = std::chrono::steady_clock::now();
        const at::Tensor loss = at::cross_entropy_loss(model->forward(pictures), labels);
        loss.backward();
        static_cast<void>(loss.item<float>());
        const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - start;
        model->zero_grad();
        if (step >= 0)
            seconds.push_back(taken.count());
    }
    return seconds;
}

} // namespace

// thaw-modelspeed BATCH STEPS THREADS: for each name of a backbone on stdin prints a line, the seconds of its steps.
int main(int argc, char** argv) {
    const std::span<char*> arguments(argv, static_cast<std::size_t>(argc));
    if (arguments.size() != 4) {
        std::fputs("thaw-modelspeed BATCH STEPS THREADS\n", stderr);
        return 2;
    }
    at::set_num_threads(std::max(1, std::atoi(arguments[3])));
    try {
        for (std::string name; std::getline(std::cin, name);) {
            for (const double seconds : measure(name, std::atoi(arguments[1]), std::atoi(arguments[2])))
                std::printf("%.6f ", seconds);
            std::puts("");
            std::fflush(stdout);
        }
    } catch (const engine::Error& error) {
        std::fprintf(stderr, "%s\n", error.what());
        return 2;
    }
    return 0;
}
