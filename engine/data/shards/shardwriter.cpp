#include "engine/api/error.h"
#include "engine/api/shards.h"
#include "engine/api/tasks.h"
#include "engine/base/atomicfile.h"
#include "engine/base/filelock.h"
#include "engine/base/sha256.h"
#include "engine/base/utf8.h"
#include "engine/data/dataset.h"
#include "engine/data/manyfiles.h"
#include "engine/data/shards/shardplan.h"
#include "engine/data/shards/tarwriter.h"

#include <algorithm>
#include <fmt/format.h>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>

namespace engine {
namespace fs = std::filesystem;
using nlohmann::json;

namespace {

constexpr const char* kPlanFile = ".plan";
constexpr const char* kIndexFile = "index.json";

ShardReport reportOf(const ShardPlan& plan) {
    ShardReport report{.classes = plan.data.classes,
                       .trainSamples = static_cast<std::int64_t>(plan.data.train.size()),
                       .validationSamples = static_cast<std::int64_t>(plan.data.validation.size()),
                       .bytes = plan.bytes,
                       .leftOut = {}};
    for (const PlannedShard& shard : plan.shards)
        ++(shard.training ? report.trainShards : report.validationShards);
    return report;
}

// Writes the shards of a plan into a folder; what is done is recorded in a hidden file beside each, until all are.
class ShardFolder final {
public:
    ShardFolder(const ShardPlan& plan, fs::path folder, const ShardOptions& options, bool exclusive)
        : m_plan(plan), m_folder(std::move(folder)), m_options(options), m_exclusive(exclusive) {}

    // Makes the folder, or goes on with it. False: all shards are there.
    [[nodiscard]] bool begin();
    void write(std::size_t number, const std::stop_token& stop) const;
    [[nodiscard]] std::vector<std::size_t> missing() const;
    [[nodiscard]] json finish() const;

private:
    [[nodiscard]] fs::path recordOf(const PlannedShard& shard) const { return m_folder / ("." + shard.name + ".json"); }
    [[nodiscard]] std::optional<json> record(const PlannedShard& shard) const;
    void addSample(TarWriter& tar, const PlannedShard& shard, std::int64_t place, json& record) const;
    [[nodiscard]] json labelsOf(const ImageSample& sample) const;

    const ShardPlan& m_plan;
    fs::path m_folder;
    const ShardOptions& m_options;
    bool m_exclusive;
};

bool ShardFolder::begin() {
    std::error_code code;
    const auto refuse = [this](const char* what) {
        throw Error(ErrorKind::BadInput, fmt::format("{} {}.", m_folder.string(), what),
                    "Give a folder that is new or empty.");
    };
    const auto identityIn = [&](const char* file) {
        const json object = json::parse(readFile(m_folder / file), nullptr, false);
        return object.is_object() ? object.value("plan", std::string()) : std::string();
    };
    fs::create_directories(m_folder, code);
    if (!fs::is_directory(m_folder, code))
        refuse("cannot be made a folder");
    if (fs::exists(m_folder / kIndexFile, code)) {
        if (identityIn(kIndexFile) != m_plan.identity)
            refuse("holds shards of other data, or of other options");
        return false;
    }
    if (fs::exists(m_folder / kPlanFile, code)) {
        if (identityIn(kPlanFile) != m_plan.identity)
            refuse("holds a part of the shards of other data, or of other options");
        removeLeftOvers(m_folder, [](const fs::path&) { return true; });
        return true;
    }
    for (const auto& entry : fs::directory_iterator(m_folder, code))
        if (entry.path().filename() != ".lock")
            refuse("is not empty");
    writeFileAtomically(m_folder / kPlanFile, json{{"plan", m_plan.identity}}.dump());
    return true;
}

std::optional<json> ShardFolder::record(const PlannedShard& shard) const {
    std::error_code code;
    if (!fs::exists(recordOf(shard), code))
        return std::nullopt;
    json object = json::parse(readFile(recordOf(shard)), nullptr, false);
    const std::uintmax_t bytes = fs::file_size(m_folder / shard.name, code);
    return !code && object.is_object() && object.value("bytes", std::uintmax_t{0}) == bytes ? std::optional(object)
                                                                                            : std::nullopt;
}

std::vector<std::size_t> ShardFolder::missing() const {
    std::vector<std::size_t> result;
    for (std::size_t i = 0; i < m_plan.shards.size(); ++i)
        if (!record(m_plan.shards[i]))
            result.push_back(i);
    return result;
}

json ShardFolder::labelsOf(const ImageSample& sample) const {
    const auto& classes = m_plan.data.classes;
    json object{{"file", utf8FromBytes(sample.file)}};
    if (m_exclusive) {
        object["label"] = sample.label;
        object["class_name"] = utf8FromBytes(classes.at(static_cast<std::size_t>(sample.label)));
        return object;
    }
    object["labels"] = json::array();
    for (const int label : sample.labels)
        object["labels"].push_back(utf8FromBytes(classes.at(static_cast<std::size_t>(label))));
    return object;
}

void ShardFolder::addSample(TarWriter& tar, const PlannedShard& shard, std::int64_t place, json& record) const {
    const ImageSample sample = m_plan.sample(shard.training, place);
    const std::string key = fmt::format("{:09}", place);
    try {
        const PackedPicture picture = packedPicture(m_plan.data.root, sample, m_options);
        tar.add(fmt::format("{}.{}", key, picture.ending), picture.content);
    } catch (const Error& error) {
        if (error.kind() != ErrorKind::BadInput)
            throw Error(error.kind(),
                        error.kind() == ErrorKind::DataGone ? fmt::format("{} {}.", sample.file, error.what())
                                                            : error.what(),
                        "Try again when it is back: what is done stays.");
        record["left_out"].push_back({{"file", utf8FromBytes(sample.file)}, {"reason", error.what()}});
        return;
    }
    if (m_exclusive)
        tar.add(key + ".cls", std::to_string(sample.label));
    tar.add(key + ".json", labelsOf(sample).dump());
    record["samples"] = record["samples"].get<std::int64_t>() + 1;
    forEachClass(sample, [&](std::size_t label) {
        json& count = record["classes"][std::to_string(label)];
        count = count.is_null() ? 1 : count.get<std::int64_t>() + 1;
    });
}

void ShardFolder::write(std::size_t number, const std::stop_token& stop) const {
    const PlannedShard& shard = m_plan.shards[number];
    AtomicFile out(m_folder / shard.name);
    Sha256 sum;
    TarWriter tar([&](std::string_view bytes) {
        out.write(bytes.data(), bytes.size());
        sum.add(bytes);
    });
    json record{{"samples", 0}, {"classes", json::object()}, {"left_out", json::array()}};
    for (std::int64_t place = shard.begin; place < shard.end; ++place) {
        if (stop.stop_requested())
            throw Error(ErrorKind::Stopped, "Writing the shards was stopped.");
        addSample(tar, shard, place, record);
    }
    tar.finish();
    out.commit();
    record["bytes"] = tar.bytes();
    record["sha256"] = sum.hex();
    writeFileAtomically(recordOf(shard), record.dump());
}

json ShardFolder::finish() const {
    const auto& names = m_plan.data.classes;
    json classes = json::array(), shards = json::array(), leftOut = json::array();
    for (const std::string& name : names)
        classes.push_back({{"name", utf8FromBytes(name)}, {"train", 0}, {"validation", 0}});
    for (const PlannedShard& shard : m_plan.shards) {
        const json made = record(shard).value();
        const char* part = shard.training ? "train" : "validation";
        shards.push_back({{"file", shard.name},
                          {"part", part},
                          {"samples", made.at("samples")},
                          {"bytes", made.at("bytes")},
                          {"sha256", made.at("sha256")}});
        for (const auto& [label, count] : made.at("classes").items()) {
            json& row = classes.at(static_cast<std::size_t>(std::stoul(label))).at(part);
            row = row.get<std::int64_t>() + count.get<std::int64_t>();
        }
        for (const json& one : made.at("left_out"))
            leftOut.push_back(one);
    }
    json index{{"plan", m_plan.identity}, {"classes", classes}, {"shards", shards}, {"left_out", leftOut}};
    writeFileAtomically(m_folder / kIndexFile, index.dump(1) + "\n");
    std::error_code code;
    for (const PlannedShard& shard : m_plan.shards)
        fs::remove(recordOf(shard), code);
    fs::remove(m_folder / kPlanFile, code);
    return index;
}

void takeIndex(const json& index, ShardReport& report) {
    report.bytes = 0;
    report.trainSamples = report.validationSamples = 0;
    for (const json& shard : index.at("shards")) {
        report.bytes += shard.at("bytes").get<std::uint64_t>();
        (shard.at("part") == "train" ? report.trainSamples : report.validationSamples) +=
            shard.at("samples").get<std::int64_t>();
    }
    for (const json& one : index.at("left_out"))
        report.leftOut.push_back(
            {bytesFromUtf8(one.at("file").get<std::string>()), one.at("reason").get<std::string>()});
}

} // namespace

ShardReport planShards(const Experiment& experiment, const ShardOptions& options) {
    return reportOf(planOf(experiment, options));
}

ShardReport writeShards(const Experiment& experiment, const fs::path& out, const ShardOptions& options,
                        std::stop_token stop, ProgressSink* progress) {
    const ShardPlan plan = planOf(experiment, options);
    ShardReport report = reportOf(plan);
    std::error_code code;
    fs::create_directories(out, code);
    FileLock lock(out / ".lock");
    if (!lock.tryTake())
        throw Error(ErrorKind::BadInput, fmt::format("Shards are being written to {} already.", out.string()),
                    "Wait for that, or give another folder.");
    struct Unlocked {
        fs::path file;
        ~Unlocked() {
            std::error_code ignored;
            fs::remove(file, ignored);
        }
    } const unlocked{out / ".lock"};
    ShardFolder folder(plan, out, options, findTask(experiment.data.task).exclusive);
    if (folder.begin()) {
        const std::vector<std::size_t> missing = folder.missing();
        report.keptShards = static_cast<std::int64_t>(plan.shards.size() - missing.size());
        forManyFiles(
            missing.size(), [&](std::size_t i) { folder.write(missing[i], stop); }, stop, progress, "Writing shards",
            static_cast<unsigned>(options.jobs));
        takeIndex(folder.finish(), report);
    } else {
        report.keptShards = static_cast<std::int64_t>(plan.shards.size());
        const json index = json::parse(readFile(out / kIndexFile), nullptr, false);
        try {
            takeIndex(index, report);
        } catch (const json::exception&) {
            throw Error(ErrorKind::BadInput, fmt::format("{} is damaged.", (out / kIndexFile).string()),
                        "Give a folder that is new or empty.");
        }
    }
    return report;
}

} // namespace engine
