#pragma once

#include "engine/api/error.h"
#include "engine/data/decode.h"

#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string_view>

// A fuzz target defines this; libFuzzer or replay.cpp calls it.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace fuzz {

constexpr std::int64_t kPixels = 1 << 20; // larger pictures are allowed, but slow and not what is looked for

// Reads an exact copy of the input as `readSize`, `decode` and `endsEarly` of one format do. A refusal must be
// engine::Error with words and a remedy; anything else that is thrown ends the run.
inline int readPicture(const std::uint8_t* data, std::size_t size,
                       engine::decode::Size (*readSize)(engine::decode::Bytes),
                       engine::RgbImage (*decode)(engine::decode::Bytes), bool (*endsEarly)(engine::decode::Bytes)) {
    const auto copy = std::make_unique<std::uint8_t[]>(size); // the sanitizer sees a step past its end
    std::copy(data, data + size, copy.get());
    const engine::decode::Bytes bytes(copy.get(), size);
    try {
        const engine::decode::Size found = readSize(bytes);
        engine::decode::requireSize(found.width, found.height);
        static_cast<void>(endsEarly(bytes));
        if (std::int64_t{found.width} * found.height > kPixels)
            return 0;
        const engine::RgbImage image = decode(bytes);
        if (image.width != found.width || image.height != found.height ||
            image.pixels.size() != std::size_t(image.width) * std::size_t(image.height) * 3)
            std::abort();
    } catch (const engine::Error& error) {
        const std::string_view words = error.what();
        if (words.empty() || words.size() > 1000 || error.remedy().empty())
            std::abort();
    }
    return 0;
}

} // namespace fuzz
