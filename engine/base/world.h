#pragma once

namespace engine {

// Which of how many processes that train together this one is: a value that is handed in, never asked for.
struct World {
    int rank = 0;
    int size = 1;
    int localRank = 0; // among those of one machine
    int localSize = 1; // ranks of this machine

    [[nodiscard]] bool leads() const { return rank == 0; } // it alone writes
    bool operator==(const World&) const = default;
};

} // namespace engine
