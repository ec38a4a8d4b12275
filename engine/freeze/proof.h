#pragma once

#include "engine/freeze/freezeplan.h"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace engine {

// A number for the bits of each tensor, in order: any single changed element changes it. Computed where the tensors
// are, with one readback for all.
[[nodiscard]] std::vector<std::int64_t> fingerprints(const std::vector<NamedTensor>& tensors);

// One number for the bits of all of them, which lie on one device: a GPU makes it in a few operators instead of
// thousands, with about 130 MB of memory, more only for a tensor that is larger than 64 MB itself.
[[nodiscard]] std::int64_t fingerprintOfAll(const std::vector<NamedTensor>& tensors);

// Shows that what is frozen stays as it is: remembers how every frozen tensor was when its freezing began. One object,
// one training; the backbone's thread.
class FrozenProof final {
public:
    // These must not change from now on. Those that were watched before are compared with what they were then.
    void watch(std::vector<NamedTensor> tensors, std::int64_t step);
    // The names of the tensors that have changed; they are watched in their new state from now on.
    [[nodiscard]] std::vector<std::string> changed(std::int64_t step);
    // Since when what changed() compares is known to be as it was.
    [[nodiscard]] std::int64_t lastVerified() const { return m_verified; }
    [[nodiscard]] std::size_t count() const { return m_tensors.size(); }

private:
    void rememberAll();

    std::vector<NamedTensor> m_tensors;
    std::map<std::string, std::int64_t> m_begun; // name → fingerprint when freezing began
    std::optional<std::int64_t> m_all;           // of all as they were, on a GPU
    std::int64_t m_verified = 0;
};

} // namespace engine
