#pragma once

#include <cstdint>
#include <filesystem>

namespace engine {

// Draws the sample project: pictures of machined parts under inspection (good, scratched, chipped, bent) in train/ and
// val/ class folders, and its two experiments pretrained.toml and random.toml. The same seed draws the same pictures.
// Does nothing where the folder already holds it. Throws Error(DiskFull). Blocks (about a second); any thread.
void createSampleProject(const std::filesystem::path& folder, std::uint64_t seed = 1);
// <cache>/sample, where packaging/run and the window keep it by default.
[[nodiscard]] std::filesystem::path sampleFolder();

} // namespace engine
