#include "engine/runs/checkpoints.h"

#include "engine/api/error.h"
#include "engine/api/metrics.h"
#include "engine/base/atomicfile.h"
#include "engine/base/hash.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>
#include <fmt/format.h>
#include <fstream>
#include <nlohmann/json.hpp>
#include <set>

namespace engine {
namespace fs = std::filesystem;
using nlohmann::json;

namespace {

constexpr double kNone = std::numeric_limits<double>::quiet_NaN();
constexpr std::array kTensorFiles{"model.safetensors", "optimizer.safetensors"};
constexpr std::array kSettingFiles{"config.json", "trainer_state.json"};
constexpr const char* kSeal = "checksums.json";
constexpr const char* kKept = ".kept";                // behind the name of one that stays: a file beside it
constexpr std::uint64_t kLongestHeader = 100'000'000; // as the reference reader of safetensors has it
constexpr std::size_t kReadBytes = std::size_t{4} << 20;

enum class Look { Sizes, EveryByte };

// Of a file, without holding it whole: hashes of its parts, hashed.
std::uint64_t checksumOf(const fs::path& file) {
    std::ifstream in(file, std::ios::binary);
    std::vector<char> part(kReadBytes);
    std::uint64_t sum = 0;
    while (in.read(part.data(), static_cast<std::streamsize>(part.size())) || in.gcount() > 0)
        sum = hashBytes(part.data(), static_cast<std::size_t>(in.gcount()), sum + 1);
    if (in.bad() || !in.is_open())
        throw Error(ErrorKind::BadInput, fmt::format("{} could not be read.", file.string()), "Check the disk.");
    return sum;
}

// Empty where the file ends where its header says.
std::string damageOfTensors(const fs::path& file) {
    const std::string name = file.filename().string();
    std::error_code code;
    const std::uintmax_t size = fs::file_size(file, code);
    if (code)
        return fmt::format("{} is missing", name);
    std::ifstream in(file, std::ios::binary);
    std::uint64_t length = 0;
    if (!in.read(reinterpret_cast<char*>(&length), sizeof length) || length > kLongestHeader ||
        length + sizeof length > size)
        return fmt::format("{} ends before its table of contents", name);
    std::string header(length, '\0');
    in.read(header.data(), static_cast<std::streamsize>(length));
    const json table = json::parse(header, nullptr, false);
    if (!in || !table.is_object())
        return fmt::format("the table of contents of {} is damaged", name);
    std::uint64_t end = 0;
    for (const auto& [tensor, entry] : table.items()) {
        if (tensor == "__metadata__")
            continue;
        const auto offsets = entry.find("data_offsets");
        if (offsets == entry.end() || offsets->size() != 2 || !(*offsets)[1].is_number_unsigned())
            return fmt::format("the table of contents of {} is damaged", name);
        end = std::max(end, (*offsets)[1].get<std::uint64_t>());
    }
    const std::uint64_t whole = sizeof length + length + end;
    return whole == size ? std::string() : fmt::format("{} has {} bytes of {}", name, size, whole);
}

json settingsIn(const fs::path& file) {
    std::error_code code;
    if (!fs::is_regular_file(file, code))
        return {};
    try {
        return json::parse(readFile(file), nullptr, false);
    } catch (const Error&) {
        return {};
    }
}

std::string damageOfSums(const fs::path& folder, const json& sums) {
    for (const auto& [name, sum] : sums.items())
        if (!sum.is_string() || sum.get<std::string>() != fmt::format("{:016x}", checksumOf(folder / name)))
            return fmt::format("{} is not what was written", name);
    return {};
}

std::string damageOf(const fs::path& folder, Look look) {
    for (const char* name : kSettingFiles)
        if (!settingsIn(folder / name).is_object())
            return fmt::format("{} is missing or damaged", name);
    for (const char* name : kTensorFiles)
        if (std::string damage = damageOfTensors(folder / name); !damage.empty())
            return damage;
    if (look == Look::Sizes)
        return {};
    try {
        const json sums = settingsIn(folder / kSeal); // checkpoints of earlier versions have none
        return sums.is_object() ? damageOfSums(folder, sums) : std::string();
    } catch (const Error& error) {
        return error.what();
    }
}

template <typename Value>
Value valueIn(const json& object, const char* key, Value otherwise) {
    const auto found = object.find(key);
    return found != object.end() && found->is_number() ? found->get<Value>() : otherwise;
}

RunCheckpoint described(const fs::path& folder) {
    const json state = settingsIn(folder / "trainer_state.json");
    RunCheckpoint result{.folder = folder,
                         .step = valueIn(state, "step", std::int64_t{0}),
                         .epoch = valueIn(state, "epoch", 0),
                         .bestValue = valueIn(state, "best_value", valueIn(state, "best_accuracy", kNone)),
                         .monitor = state.value("monitor", std::string("accuracy")),
                         .bestEpoch = valueIn(state, "best_epoch", 0)};
    result.best = result.bestEpoch > 0 && result.bestEpoch == result.epoch &&
                  valueIn(state, "samples_in_epoch", std::int64_t{0}) == 0 &&
                  valueIn(state, "batch_in_epoch", std::int64_t{0}) == 0; // as earlier versions count
    return result;
}

std::int64_t stepInName(const fs::path& folder) {
    const std::string name = folder.filename().string();
    const std::size_t digits = name.find("step-");
    std::int64_t step = -1;
    if (digits != std::string::npos)
        std::from_chars(name.data() + digits + 5, name.data() + name.size(), step);
    return step;
}

// Folders that should hold a checkpoint, those in `checkpoints/` first.
std::vector<fs::path> candidates(const fs::path& runFolder) {
    std::vector<fs::path> result;
    std::error_code code;
    for (const auto& entry : fs::directory_iterator(runFolder / "checkpoints", code))
        if (!entry.path().filename().native().starts_with('.') && entry.is_directory(code))
            result.push_back(entry.path());
    std::sort(result.begin(), result.end());
    for (const char* link : {"last", "best"})
        if (fs::symlink_status(runFolder / link, code).type() == fs::file_type::directory)
            result.push_back(runFolder / link);
    return result;
}

fs::path markOf(const fs::path& checkpoint) { return checkpoint.string() + kKept; }

// Under another name first: whoever is killed meanwhile leaves no half checkpoint.
void removeWhole(const fs::path& folder) {
    const fs::path aside = folder.parent_path() / fmt::format(".{}.removed.partial", folder.filename().string());
    std::error_code code, ignored;
    fs::remove_all(aside, ignored);
    fs::rename(folder, aside, code);
    fs::remove_all(code ? folder : aside, ignored);
}

} // namespace

fs::path checkpointFolder(const fs::path& runFolder, std::int64_t step) {
    return runFolder / "checkpoints" / fmt::format("step-{:08}", step);
}

RunCheckpoints findCheckpoints(const fs::path& runFolder) {
    RunCheckpoints result;
    for (const fs::path& folder : candidates(runFolder)) {
        std::string damage = folder.filename().native().starts_with(kDamagedPrefix) ? "it was found damaged before"
                                                                                    : damageOf(folder, Look::Sizes);
        if (damage.empty())
            result.whole.push_back(described(folder));
        else
            result.damaged.push_back({folder, stepInName(folder), std::move(damage)});
    }
    std::ranges::stable_sort(result.whole, std::ranges::greater{}, &RunCheckpoint::step);
    std::ranges::stable_sort(result.damaged, std::ranges::greater{}, &DamagedCheckpoint::step);
    return result;
}

const RunCheckpoint* RunCheckpoints::best() const {
    const RunCheckpoint* best = nullptr;
    const int wanted = whole.empty() ? 0 : whole.front().bestEpoch;
    for (const RunCheckpoint& checkpoint : whole) {
        if (!checkpoint.best)
            continue;
        if (checkpoint.epoch == wanted)
            return &checkpoint;
        if (best == nullptr || isBetter(findMetric(checkpoint.monitor), checkpoint.bestValue, best->bestValue))
            best = &checkpoint;
    }
    return best;
}

std::string checkpointDamage(const fs::path& folder) { return damageOf(folder, Look::EveryByte); }

void sealCheckpoint(const fs::path& folder) {
    json sums = json::object();
    for (const auto& files : {kTensorFiles, kSettingFiles})
        for (const char* name : files)
            sums[name] = fmt::format("{:016x}", checksumOf(folder / name));
    writeFileAtomically(folder / kSeal, sums.dump(1) + "\n");
}

void linkCheckpoint(const fs::path& runFolder, const char* link, const fs::path& checkpoint) {
    const fs::path place = runFolder / link;
    if (checkpoint == place)
        return;
    std::error_code code;
    if (fs::symlink_status(place, code).type() == fs::file_type::directory) {
        const std::int64_t step = described(place).step;
        const bool elsewhere = std::ranges::any_of(
            fs::directory_iterator(runFolder / "checkpoints", code), [&](const fs::directory_entry& entry) {
                return damageOf(entry.path(), Look::Sizes).empty() && described(entry.path()).step >= step;
            });
        if (!elsewhere)
            return;
        removeWhole(place);
    }
    try {
        replaceLink(place, checkpoint.lexically_relative(runFolder));
    } catch (const Error&) {
        fs::remove(place, code); // an old link would name another one
    }
}

void keepForGood(const fs::path& checkpoint) { writeFileAtomically(markOf(checkpoint), ""); }

void pruneCheckpoints(const fs::path& runFolder, Spare spare) {
    const RunCheckpoints all = findCheckpoints(runFolder);
    if (all.whole.empty())
        return;
    std::set<fs::path> kept = {all.newest()->folder};
    if (const RunCheckpoint* best = all.best())
        kept.insert(best->folder);
    const auto before = std::ranges::find_if(
        all.whole, [&](const RunCheckpoint& checkpoint) { return checkpoint.step < all.newest()->step; });
    if (spare == Spare::Kept && kept.size() == 1 && before != all.whole.end())
        kept.insert(before->folder);
    std::error_code code;
    for (const RunCheckpoint& checkpoint : all.whole)
        if (!kept.contains(checkpoint.folder) && !fs::exists(markOf(checkpoint.folder), code))
            removeWhole(checkpoint.folder);
    for (const DamagedCheckpoint& checkpoint : all.damaged)
        if (checkpoint.step <= all.newest()->step)
            removeWhole(checkpoint.folder);
}

} // namespace engine
