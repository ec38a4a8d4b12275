#pragma once

#include "engine/api/error.h"
#include "engine/models/weights/weightsfile.h"

#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string_view>

// A fuzz target defines this; libFuzzer or replay.cpp calls it.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace fuzz {

// Looks at every byte that a tensor reaches: what a reader lets through must lie within the file.
inline void touch(const std::byte* data, std::size_t bytes) {
    unsigned sum = 0;
    for (std::size_t i = 0; i < bytes; ++i)
        sum += static_cast<unsigned>(data[i]);
    volatile unsigned kept = sum;
    static_cast<void>(kept);
}

// Calls `read` on an exact copy of the input. A refusal must be engine::Error with one sentence and a remedy; anything
// else that is thrown ends the run.
template <typename Read>
int readOrRefuse(const std::uint8_t* data, std::size_t size, Read&& read) {
    const auto copy = std::make_unique<char[]>(size); // the sanitizer sees a step past its end
    std::copy(data, data + size, copy.get());
    try {
        read(std::string_view(copy.get(), size));
    } catch (const engine::Error& error) {
        const std::string_view words = error.what();
        if (words.empty() || words.back() != '.' || words.size() > 1000 || error.remedy().empty())
            std::abort();
    }
    return 0;
}

} // namespace fuzz
