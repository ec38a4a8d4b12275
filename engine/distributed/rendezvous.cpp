#include "engine/distributed/rendezvous.h"

#include "engine/api/error.h"

#include <array>
#include <charconv>
#include <cstdlib>
#include <fmt/format.h>

namespace engine {
namespace {

using Variable = std::function<std::string(const std::string&)>;

// How a launcher calls what a rank has to know.
struct Launcher {
    const char* name;
    const char *rank, *size, *localRank, *localSize;
};

constexpr std::array kLaunchers{
    Launcher{"torchrun", "RANK", "WORLD_SIZE", "LOCAL_RANK", "LOCAL_WORLD_SIZE"},
    Launcher{"Open MPI", "OMPI_COMM_WORLD_RANK", "OMPI_COMM_WORLD_SIZE", "OMPI_COMM_WORLD_LOCAL_RANK",
             "OMPI_COMM_WORLD_LOCAL_SIZE"},
    Launcher{"Slurm", "SLURM_PROCID", "SLURM_NTASKS", "SLURM_LOCALID", "SLURM_NTASKS_PER_NODE"},
};

int numberIn(const std::string& name, const std::string& text) {
    int value = -1;
    const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (code != std::errc{} || end != text.data() + text.size() || value < 0)
        throw Error(ErrorKind::BadInput, fmt::format("The variable {} is “{}”, which is no number.", name, text),
                    "Start the ranks with torchrun, mpirun or srun, which set it.");
    return value;
}

World worldOf(const Launcher& launcher, const Variable& variable) {
    const auto number = [&](const char* name) {
        const std::string text = variable(name);
        if (text.empty())
            throw Error(ErrorKind::BadInput, fmt::format("{} set {} but not {}.", launcher.name, launcher.rank, name),
                        "Start the ranks with torchrun, mpirun or srun, which set both.");
        return numberIn(name, text);
    };
    World world{.rank = number(launcher.rank), .size = number(launcher.size)};
    const std::string local = variable(launcher.localRank);
    world.localRank = local.empty() ? world.rank : numberIn(launcher.localRank, local);
    const std::string together = variable(launcher.localSize);
    world.localSize = together.empty() ? world.size : numberIn(launcher.localSize, together);
    if (world.rank >= world.size)
        throw Error(ErrorKind::BadInput,
                    fmt::format("{} is {}, and there are {} ranks.", launcher.rank, world.rank, world.size),
                    "Ranks are counted from 0.");
    return world;
}

// A port of the job's own, so that two jobs on one machine do not meet.
int slurmPort(const Variable& variable) {
    constexpr int kFirst = 20000, kRange = 20000;
    const std::string job = variable("SLURM_JOB_ID");
    return job.empty() ? Rendezvous().port : kFirst + numberIn("SLURM_JOB_ID", job) % kRange;
}

} // namespace

std::string firstHost(const std::string& list) {
    const auto bracket = list.find('['), comma = list.find(',');
    if (bracket == std::string::npos || comma < bracket)
        return list.substr(0, comma);
    const auto end = list.find_first_of(",-]", bracket + 1);
    return list.substr(0, bracket) + list.substr(bracket + 1, end - bracket - 1);
}

std::optional<Rendezvous> rendezvousFrom(const Variable& variable) {
    for (const Launcher& launcher : kLaunchers) {
        if (variable(launcher.rank).empty())
            continue;
        Rendezvous result{.world = worldOf(launcher, variable)};
        const bool slurm = std::string_view(launcher.name) == "Slurm";
        if (const std::string address = variable("MASTER_ADDR"); !address.empty())
            result.address = address;
        else if (const std::string hosts = variable("SLURM_JOB_NODELIST"); slurm && !hosts.empty())
            result.address = firstHost(hosts);
        if (const std::string port = variable("MASTER_PORT"); !port.empty())
            result.port = numberIn("MASTER_PORT", port);
        else if (slurm)
            result.port = slurmPort(variable);
        return result;
    }
    return std::nullopt;
}

std::optional<Rendezvous> rendezvousFromEnvironment() {
    return rendezvousFrom([](const std::string& name) {
        const char* value = std::getenv(name.c_str());
        return std::string(value != nullptr ? value : "");
    });
}

} // namespace engine
