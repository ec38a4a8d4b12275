#include "engine/data/shards/webdataset.h"

#include "engine/api/datakinds.h"
#include "engine/api/error.h"
#include "engine/api/tasks.h"
#include "engine/base/hash.h"
#include "engine/base/url.h"
#include "engine/data/classmatch.h"
#include "engine/data/datanotes.h"
#include "engine/data/layout.h"
#include "engine/data/leaveout.h"
#include "engine/data/manifestrows.h"
#include "engine/data/manyfiles.h"
#include "engine/data/seededsplit.h"
#include "engine/data/shards/shardfiles.h"
#include "engine/data/shards/shardindex.h"
#include "engine/data/shards/shardlabels.h"
#include "engine/data/storedsamples.h"

#include <algorithm>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <functional>
#include <limits>
#include <map>
#include <unordered_map>
#include <utility>

namespace engine {
namespace fs = std::filesystem;

namespace {

// Of so many samples each class gives exactly its share to validation; of more each key decides for itself, so that
// nothing need be remembered.
constexpr std::int64_t kExactSplit = 200'000;

struct OneShard {
    std::string name; // relative to the root
    std::shared_ptr<const Shard> shard;
    ShardIndex index;
};
using ShardPart = std::vector<OneShard>;
using NamedShards = std::vector<std::pair<std::string, FoundShard>>;

std::string samplesWords(std::int64_t count) { return count == 1 ? "1 sample" : fmt::format("{} samples", count); }

// What the samples of the shards come to.
class WebDatasetMaker final {
public:
    WebDatasetMaker(const fs::path& data, const DataSettings& settings, bool exclusive)
        : m_data(isUrl(data) ? data : normalPath(fs::absolute(data))),
          m_settings(settings),
          m_exclusive(exclusive),
          m_leaveOut(settings.leaveOut) {
        m_out.root = isUrl(m_data) ? dataRoot(m_data) : normalPath(dataRoot(m_data));
    }

    ImageFolder open(std::uint64_t seed);
    ImageFolder openForEvaluation(const std::vector<std::string>& classes);

private:
    using Visit = std::function<void(const OneShard&, const ShardEntry&, const std::string& file)>;

    void list();
    void sortIntoParts(std::vector<FoundShard> files);
    [[nodiscard]] ShardPart opened(const NamedShards& files) const;
    void tellTroubles();
    void tellOne(std::int64_t count, const std::string& message, const std::string& detail);
    void forEach(const ShardPart& part, const Visit& visit);
    [[nodiscard]] ShardLabels learnt(const ShardPart& part);
    void requireClasses() const;
    [[nodiscard]] std::vector<char> heldBackExactly(const ShardLabels& labels, std::uint64_t seed);
    void addAll(const ShardPart& part, const ShardLabels& labels, std::string_view owner, SampleList& samples);
    void splitBySeed(const ShardLabels& labels, std::uint64_t seed);
    [[nodiscard]] std::optional<ImageSample> sampleOf(const OneShard& shard, const ShardEntry& entry,
                                                      const std::string& file, const ShardLabels& labels);
    void tellSamples();
    [[nodiscard]] std::string partWords(const ShardPart& part) const;
    [[nodiscard]] std::vector<fs::path> namesFolders(const ShardPart& part) const;

    fs::path m_data;
    const DataSettings& m_settings;
    bool m_exclusive;
    LeaveOut m_leaveOut;
    ImageFolder m_out;
    ShardPart m_train, m_validation;
    std::unordered_map<std::string, int> m_indices; // name of a class → its number
    std::map<std::string, std::int64_t> m_unknown;  // names that are no class → samples
    RowTrouble m_withoutLabel, m_severalLabels;
};

void WebDatasetMaker::sortIntoParts(std::vector<FoundShard> files) {
    NamedShards train, validation, test, rest;
    std::int64_t unsorted = 0;
    for (FoundShard& file : files) {
        std::string name = relativeTo(m_out.root, file.file);
        if (m_leaveOut.takes(name))
            continue;
        Part part = partOfShard(name);
        const bool validates = !m_settings.validation.empty() && isMeant(name, m_settings.validation);
        const bool trains = !m_settings.train.empty() && isMeant(name, m_settings.train);
        // What the settings name in its place is not looked for by its usual name as well.
        if (validates)
            part = Part::Validation;
        else if (trains)
            part = Part::Train;
        else if ((part == Part::Train && !m_settings.train.empty()) ||
                 (part == Part::Validation && !m_settings.validation.empty()))
            part = Part::Unsorted;
        if (part == Part::Unsorted) {
            ++unsorted;
            continue;
        }
        auto& to = part == Part::Train        ? train
                   : part == Part::Validation ? validation
                   : part == Part::Test       ? test
                                              : rest;
        to.emplace_back(std::move(name), std::move(file));
    }
    for (const auto& [setting, key, found] : {std::tuple(&m_settings.train, "data.train", train.size()),
                                              std::tuple(&m_settings.validation, "data.validation", validation.size())})
        if (!setting->empty() && found == 0)
            throw Error(ErrorKind::NotFound, fmt::format("No shard in {} is “{}”.", m_data.string(), *setting),
                        fmt::format("Correct {}: a name, a folder, or a pattern such as “train-*”.", key));
    if (train.empty())
        train = std::exchange(rest, {});
    if (validation.empty() && !test.empty()) {
        validation = std::exchange(test, {});
        m_out.notes.facts.emplace_back("The shards of the test part validate.");
    }
    const std::int64_t unused = unsorted + static_cast<std::int64_t>(rest.size() + test.size());
    if (unused > 0)
        m_out.notes.facts.push_back(
            fmt::format("{} of neither part.", unused == 1 ? "1 shard is" : fmt::format("{} shards are", unused)));
    m_train = opened(train);
    m_validation = opened(validation);
}

ShardPart WebDatasetMaker::opened(const NamedShards& files) const {
    ShardPart part(files.size());
    forManyFiles(
        files.size(),
        [&](std::size_t i) {
            auto shard = std::make_shared<const Shard>(files[i].second.file, files[i].second.sha256);
            part[i].index = ShardIndex::of(*shard, m_settings.labelColumns);
            part[i].name = files[i].first;
            part[i].shard = std::move(shard);
        },
        {}, nullptr);
    return part;
}

void WebDatasetMaker::list() {
    sortIntoParts(findShards(m_data));
    const std::size_t shards = m_train.size() + m_validation.size();
    std::int64_t samples = 0;
    for (const ShardPart* part : {&m_train, &m_validation})
        for (const OneShard& one : *part)
            samples += one.index.samples();
    m_out.notes.facts.push_back(
        fmt::format("{} in {}.", samplesWords(samples), shards == 1 ? "1 shard" : fmt::format("{} shards", shards)));
    if (samples == 0)
        throw Error(ErrorKind::BadInput, fmt::format("No sample in {} has a picture.", m_data.string()),
                    "A sample is a picture and its label under one name: 000001.jpg and 000001.cls.");
    tellTroubles();
}

void WebDatasetMaker::tellOne(std::int64_t count, const std::string& message, const std::string& detail) {
    if (count > 0)
        m_out.notes.findings.push_back(
            {.key = "data.path", .severity = Severity::Warning, .message = message, .detail = detail});
}

void WebDatasetMaker::tellTroubles() {
    RowTrouble damaged, withoutPicture, twoLabels;
    for (const ShardPart* part : {&m_train, &m_validation})
        for (const auto& [name, shard, index] : *part) {
            const ShardTroubles& found = index.troubles();
            if (!found.trouble.empty())
                damaged.note(fmt::format("{} {}", name, found.trouble));
            const auto note = [&name = name](RowTrouble& trouble, std::int64_t count, const std::string& first) {
                if (count > 0)
                    trouble.note(fmt::format("{}/{}", name, first));
                trouble.rows += std::max<std::int64_t>(0, count - 1);
            };
            note(withoutPicture, found.withoutPicture, found.firstWithoutPicture);
            note(twoLabels, found.twoLabels, found.firstWithTwoLabels);
        }
    tellOne(damaged.rows,
            damaged.rows == 1 ? "1 shard is not whole." : fmt::format("{} shards are not whole.", damaged.rows),
            fmt::format("What lies before is used: {}.", damaged.words()));
    tellOne(withoutPicture.rows, fmt::format("{} without a picture.", samplesWords(withoutPicture.rows)),
            fmt::format("Left out: {}.", withoutPicture.words()));
    tellOne(twoLabels.rows,
            fmt::format("{} {} two labels that differ.", samplesWords(twoLabels.rows),
                        twoLabels.rows == 1 ? "has" : "have"),
            fmt::format("Only the first is used: {}.", twoLabels.words()));
}

void WebDatasetMaker::forEach(const ShardPart& part, const Visit& visit) {
    for (const OneShard& one : part)
        one.index.forEach([&](const ShardEntry& entry) {
            if (std::string file = fmt::format("{}/{}", one.name, entry.file); !m_leaveOut.takes(file))
                visit(one, entry, file);
            return true;
        });
}

// Of the folder of the first shard and those above it, up to the root.
std::vector<fs::path> WebDatasetMaker::namesFolders(const ShardPart& part) const {
    std::vector<fs::path> folders;
    if (!part.empty() && !isUrl(m_out.root))
        for (fs::path folder = part.front().shard->file().parent_path(); folder != m_out.root && folder.has_filename();
             folder = folder.parent_path())
            folders.push_back(folder);
    folders.push_back(m_out.root);
    return folders;
}

ShardLabels WebDatasetMaker::learnt(const ShardPart& part) {
    ShardLabels labels(m_exclusive, shardClassNames(namesFolders(part)));
    forEach(part, [&labels](const OneShard&, const ShardEntry& entry, const std::string&) { labels.learn(entry); });
    labels.finish();
    return labels;
}

void WebDatasetMaker::requireClasses() const {
    if (m_out.classes.size() >= (m_exclusive ? 2U : 1U))
        return;
    throw Error(ErrorKind::BadInput,
                m_out.classes.empty() ? "No sample of these shards has a label."
                                      : fmt::format("These shards have only one class, “{}”.", m_out.classes.front()),
                "Add samples of at least one more class, or name the key of the class with data.label_columns.");
}

// Nothing: it is of no use, which is counted.
std::optional<ImageSample> WebDatasetMaker::sampleOf(const OneShard& shard, const ShardEntry& entry,
                                                     const std::string& file, const ShardLabels& labels) {
    const auto names = labels.of(entry);
    if (!names || (m_exclusive && names->size() != 1)) {
        (names && names->size() > 1 ? m_severalLabels : m_withoutLabel).note(file);
        return std::nullopt;
    }
    ImageSample sample{.file = file, .place = {shard.shard, entry.offset, entry.bytes}};
    for (const std::string& name : *names) {
        if (const auto found = m_indices.find(name); found != m_indices.end())
            sample.labels.push_back(found->second);
        else
            ++m_unknown[name];
    }
    if (m_exclusive) {
        if (sample.labels.empty())
            return std::nullopt;
        sample.label = std::exchange(sample.labels, {}).front();
    }
    std::ranges::sort(sample.labels);
    std::uint64_t hash = hashText(file, entry.bytes ^ (entry.offset << 20));
    for (const std::string& name : *names)
        hash = hashText(name, hash);
    m_out.fingerprint += hash;
    return sample;
}

void WebDatasetMaker::addAll(const ShardPart& part, const ShardLabels& labels, std::string_view owner,
                             SampleList& samples) {
    const auto matches = matchClasses(labels.classes(), m_out.classes);
    m_indices.clear();
    for (std::size_t i = 0; i < matches.size(); ++i)
        if (matches[i])
            m_indices.emplace(labels.classes()[i], static_cast<int>(*matches[i]));
    StoredSamplesWriter writer;
    forEach(part, [&](const OneShard& shard, const ShardEntry& entry, const std::string& file) {
        if (const auto sample = sampleOf(shard, entry, file, labels))
            writer.add(*sample);
    });
    samples = writer.list(m_settings.shuffleWindow);
    addUnknownLabels(m_out, std::exchange(m_unknown, {}), m_exclusive, owner, "sample");
}

std::vector<char> WebDatasetMaker::heldBackExactly(const ShardLabels& labels, std::uint64_t seed) {
    std::map<std::string, std::pair<std::vector<std::string>, std::vector<std::size_t>>> classes;
    std::size_t place = 0;
    forEach(m_train, [&](const OneShard&, const ShardEntry& entry, const std::string&) {
        const auto names = labels.of(entry);
        auto& [keys, places] = classes[m_exclusive && names && !names->empty() ? names->front() : std::string()];
        keys.push_back(entry.file);
        places.push_back(place++);
    });
    std::vector<char> result(place, 0);
    for (const auto& [name, entries] : classes) {
        const std::vector<char> held = heldBack(entries.first, m_settings.validationShare, seed);
        for (std::size_t i = 0; i < held.size(); ++i)
            result[entries.second[i]] = held[i];
    }
    return result;
}

void WebDatasetMaker::splitBySeed(const ShardLabels& labels, std::uint64_t seed) {
    std::int64_t all = 0;
    for (const OneShard& one : m_train)
        all += one.index.samples();
    const bool exact = all <= kExactSplit;
    const std::vector<char> held = exact ? heldBackExactly(labels, seed) : std::vector<char>();
    const auto limit = static_cast<std::uint64_t>(m_settings.validationShare *
                                                  static_cast<double>(std::numeric_limits<std::uint64_t>::max()));
    for (std::size_t i = 0; i < m_out.classes.size(); ++i)
        m_indices.emplace(m_out.classes[i], static_cast<int>(i));
    StoredSamplesWriter train, validation;
    std::size_t place = 0;
    forEach(m_train, [&](const OneShard& shard, const ShardEntry& entry, const std::string& file) {
        const bool validates = exact ? held[place++] != 0 : hashText(entry.file, seed) < limit;
        if (const auto sample = sampleOf(shard, entry, file, labels))
            (validates ? validation : train).add(*sample);
    });
    m_out.train = train.list(m_settings.shuffleWindow);
    m_out.validation = validation.list(m_settings.shuffleWindow);
    m_out.seededSplit = true;
}

void WebDatasetMaker::tellSamples() {
    tellOne(m_withoutLabel.rows, fmt::format("{} without a label.", samplesWords(m_withoutLabel.rows)),
            fmt::format("Left out: {}.", m_withoutLabel.words()));
    if (m_severalLabels.rows > 0)
        m_out.notes.findings.push_back(
            {.key = "data.task",
             .severity = Severity::Warning,
             .message = fmt::format("{} {} several labels.", samplesWords(m_severalLabels.rows),
                                    m_severalLabels.rows == 1 ? "has" : "have"),
             .detail = fmt::format("Left out: {}.", m_severalLabels.words()),
             .fixLabel = "Several labels a picture",
             .fixKey = "data.task",
             .fixValue = "multi-label"});
    m_out.passedOver.resize(m_out.classes.size());
    addUnmet(m_out, m_settings.leaveOut, m_leaveOut.unmet());
}

std::string WebDatasetMaker::partWords(const ShardPart& part) const {
    return part.size() == 1 ? part.front().name : fmt::format("{} … {}", part.front().name, part.back().name);
}

ImageFolder WebDatasetMaker::open(std::uint64_t seed) {
    list();
    if (m_train.empty())
        throw Error(ErrorKind::BadInput, fmt::format("{} has nothing to train on.", m_data.string()),
                    "Name the shards to train on as data.train.");
    const ShardLabels labels = learnt(m_train);
    m_out.classes = labels.classes();
    requireClasses();
    m_out.trainFolder = partWords(m_train);
    if (m_validation.empty()) {
        splitBySeed(labels, seed);
    } else {
        m_out.validationFolder = partWords(m_validation);
        addAll(m_train, labels, "the training part", m_out.train);
        addAll(m_validation, learnt(m_validation), "the training part", m_out.validation);
        if (m_out.validation.empty())
            throw Error(ErrorKind::BadInput, "No sample of the shards that validate has a class to train.",
                        fmt::format("The classes are {}.", fmt::join(m_out.classes, ", ")));
    }
    tellSamples();
    return std::move(m_out);
}

ImageFolder WebDatasetMaker::openForEvaluation(const std::vector<std::string>& classes) {
    m_out.classes = classes;
    list();
    const ShardPart& part = m_validation.empty() ? m_train : m_validation;
    m_out.validationFolder = partWords(part);
    addAll(part, learnt(part), "the model", m_out.validation);
    if (m_out.validation.empty())
        throw Error(ErrorKind::BadInput,
                    fmt::format("No sample in {} has one of the model's classes.", m_data.string()),
                    fmt::format("They are {}.", fmt::join(classes, ", ")));
    tellSamples();
    return std::move(m_out);
}

} // namespace

ImageFolder openWebDataset(const Experiment& experiment) {
    return WebDatasetMaker(experiment.dataPath(), experiment.data, findTask(experiment.data.task).exclusive)
        .open(experiment.seed);
}

ImageFolder openWebDatasetForEvaluation(const fs::path& data, const std::vector<std::string>& classes, bool exclusive) {
    const DataSettings settings;
    return WebDatasetMaker(data, settings, exclusive).openForEvaluation(classes);
}

} // namespace engine
