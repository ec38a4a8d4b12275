#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace engine {

// A file mapped for reading; the pages are fetched when they are looked at. Moving keeps the address.
class MappedFile final {
public:
    // Throws Error(NotFound | BadWeights): no such file, a folder, not readable, empty.
    explicit MappedFile(std::filesystem::path file);
    // Bytes that lie in memory already and stay there as long as this object; `name` is for sentences.
    MappedFile(std::string_view bytes, std::filesystem::path name);
    ~MappedFile();
    MappedFile(MappedFile&& other) noexcept;
    MappedFile& operator=(MappedFile&&) = delete;

    [[nodiscard]] std::string_view bytes() const { return m_bytes; }
    [[nodiscard]] const std::filesystem::path& path() const { return m_path; }
    [[nodiscard]] std::string name() const { return m_path.filename().string(); }

private:
    std::filesystem::path m_path;
    std::string_view m_bytes;
    bool m_mapped = true;
};

} // namespace engine
