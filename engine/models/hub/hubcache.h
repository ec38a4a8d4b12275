#pragma once

#include "engine/api/hub.h"

#include <filesystem>
#include <span>
#include <string>
#include <vector>

namespace engine {

// One repository in the cache: blobs/<etag>, snapshots/<commit>/<file> as links to them, refs/<revision> holding a
// commit.
class HubRepository final {
public:
    explicit HubRepository(const HubName& name);

    [[nodiscard]] std::string commit(const std::string& revision) const; // empty where the cache does not know it
    [[nodiscard]] std::filesystem::path snapshotFile(const std::string& commit, const std::string& file) const;
    [[nodiscard]] std::filesystem::path blob(const std::string& etag) const;
    [[nodiscard]] std::filesystem::path incomplete(const std::string& etag) const;
    [[nodiscard]] std::filesystem::path lock(const std::string& etag) const;

    // Makes a finished blob visible as a file of a snapshot.
    void link(const std::string& commit, const std::string& file, const std::string& etag) const;
    void remember(const std::string& revision, const std::string& commit) const;

private:
    std::filesystem::path m_folder;
    std::filesystem::path m_locks;
};

// The first of the usual names of weights among them; empty where there is none.
[[nodiscard]] std::string usualWeights(std::span<const std::string> files);

} // namespace engine
