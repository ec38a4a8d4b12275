#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace engine {

// Writes a tar (ustar) whose bytes depend on names and contents alone. One thread.
class TarWriter final {
public:
    explicit TarWriter(std::function<void(std::string_view)> write) : m_write(std::move(write)) {}

    void add(const std::string& name, std::string_view content); // a name of at most 100 bytes
    void finish();
    [[nodiscard]] std::uint64_t bytes() const { return m_bytes; }

private:
    void put(std::string_view bytes);

    std::function<void(std::string_view)> m_write;
    std::uint64_t m_bytes = 0;
};

} // namespace engine
