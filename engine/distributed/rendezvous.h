#pragma once

#include "engine/base/world.h"

#include <functional>
#include <optional>
#include <string>

namespace engine {

// Where ranks find each other: the first one listens there.
struct Rendezvous {
    World world;
    std::string address = "127.0.0.1";
    int port = 29500;
};

// What started this process as one of several ranks says in its environment: torchrun and Kubernetes (RANK …), Open MPI
// (OMPI_COMM_WORLD_RANK …) or Slurm (SLURM_PROCID …); nothing where none did. Throws Error(BadInput) where they say
// only a part of it.
[[nodiscard]] std::optional<Rendezvous> rendezvousFromEnvironment();
// The same from other variables; `variable` gives an empty text for those that are not set.
[[nodiscard]] std::optional<Rendezvous> rendezvousFrom(const std::function<std::string(const std::string&)>& variable);

// "node[07-09,12],other" → "node07": the first of Slurm's list of machines.
[[nodiscard]] std::string firstHost(const std::string& list);

} // namespace engine
