#pragma once

#include <filesystem>
#include <functional>
#include <span>
#include <string>
#include <string_view>

namespace engine {

// Whether a file must outlive a loss of power from the moment it is written, or may come to the disk when the system
// thinks fit: its name then shows an older state, or, if it is new, nothing.
enum class Durable { AtOnce, Later };

// Replaces `file` as a whole or not at all: temporary name, write, fsync, rename, fsync of the folder.
// Throws Error(DiskFull) where the disk is full, Error(NotFound) where the folder is missing, Error(BadInput)
// otherwise.
void writeFileAtomically(const std::filesystem::path& file, std::string_view content,
                         Durable durable = Durable::AtOnce);

// For writers that stream: writes go to `temporary()`, commit() makes them visible, the destructor throws the rest
// away.
class AtomicFile final {
public:
    explicit AtomicFile(std::filesystem::path file);
    ~AtomicFile();
    AtomicFile(const AtomicFile&) = delete;
    AtomicFile& operator=(const AtomicFile&) = delete;

    void write(const void* data, std::size_t bytes);
    void commit(Durable durable = Durable::AtOnce);

private:
    std::filesystem::path m_file;
    std::filesystem::path m_temporary;
    int m_descriptor = -1;
};

// Makes a folder complete under a temporary name and then shows it: create `staging()`, fill it, commit().
class AtomicFolder final {
public:
    explicit AtomicFolder(std::filesystem::path folder);
    ~AtomicFolder();
    AtomicFolder(const AtomicFolder&) = delete;
    AtomicFolder& operator=(const AtomicFolder&) = delete;

    [[nodiscard]] const std::filesystem::path& staging() const { return m_staging; }
    void commit(); // replaces an existing folder of that name
    // Throws Error(BadInput) where anything of that name is there but an empty folder, which becomes this one.
    void commitNew();

private:
    std::filesystem::path m_folder;
    std::filesystem::path m_staging;
};

// Points the relative link `link` at `target` in one step.
void replaceLink(const std::filesystem::path& link, const std::filesystem::path& target);
// "~" and "~/…" are the home folder, "~name/…" that person's; everything else is as it stands.
[[nodiscard]] std::filesystem::path expandHome(const std::filesystem::path& path);
// Removes what writers that were killed left in `folder` under temporary names, where `isOurs` says so.
void removeLeftOvers(const std::filesystem::path& folder,
                     const std::function<bool(const std::filesystem::path&)>& isOurs);
// The whole file. Throws Error(NotFound | BadInput).
[[nodiscard]] std::string readFile(const std::filesystem::path& file);

} // namespace engine
