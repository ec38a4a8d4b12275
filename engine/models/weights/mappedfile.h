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
    ~MappedFile();
    MappedFile(MappedFile&& other) noexcept;
    MappedFile& operator=(MappedFile&&) = delete;

    [[nodiscard]] std::string_view bytes() const { return m_bytes; }
    [[nodiscard]] const std::filesystem::path& path() const { return m_path; }
    [[nodiscard]] std::string name() const { return m_path.filename().string(); }

private:
    std::filesystem::path m_path;
    std::string_view m_bytes;
};

} // namespace engine
