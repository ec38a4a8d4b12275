#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>

namespace engine {

// A file of blocks { magic uint32, count uint32, body, checksum uint64 }, only ever appended to: what points and the
// values of classes are kept in. A rewind block (count 0 and a step) takes back all that lies past that step.
enum class BlockKind : std::uint32_t {
    Points = 0x31535754,  // "TWS1": count × (step int64, value float32, time float64)
    Classes = 0x31435754, // "TWC1": step int64, time float64, count × value float32
    Rewind = 0x31525754   // "TWR1": step int64
};

inline constexpr std::uint32_t kMostInBlock = 1u << 20; // points or classes; more is damage

// An intact block in memory.
class BlockView final {
public:
    explicit BlockView(const char* begin) : m_begin(begin) {}
    [[nodiscard]] BlockKind kind() const;
    [[nodiscard]] std::uint32_t count() const;
    [[nodiscard]] const char* body() const;
    [[nodiscard]] std::int64_t rewoundTo() const; // of a rewind
    [[nodiscard]] double latestTime() const;      // 0 of a rewind

private:
    const char* m_begin;
};

template <typename Value>
void putBytes(std::string& out, Value value) {
    out.append(reinterpret_cast<const char*>(&value), sizeof value);
}
template <typename Value>
[[nodiscard]] Value getBytes(const char* from) {
    Value value;
    std::char_traits<char>::copy(reinterpret_cast<char*>(&value), from, sizeof value);
    return value;
}

// Appends; one writer a file. A torn block at the end (a crash while writing) is cut off on opening.
class BlockWriter final {
public:
    explicit BlockWriter(const std::filesystem::path& file); // throws Error(DiskFull | BadInput)
    ~BlockWriter();
    BlockWriter(BlockWriter&& other) noexcept;
    BlockWriter& operator=(BlockWriter&&) = delete;

    void write(BlockKind kind, std::uint32_t count, const std::string& body); // throws Error(DiskFull | BadInput)
    void rewind(std::int64_t lastStep);
    [[nodiscard]] double latestTime() const { return m_latestTime; } // of what was there on opening

private:
    std::filesystem::path m_file;
    int m_descriptor = -1;
    double m_latestTime = 0;
};

// Follows a growing file of blocks.
class BlockFollower final {
public:
    explicit BlockFollower(std::filesystem::path file) : m_file(std::move(file)) {}

    // Gives what was appended since the last call, block by block; one that is not whole waits for the next call.
    // Returns how many stretches were damaged and skipped: known once an intact block follows.
    std::size_t read(const std::function<void(const BlockView&)>& take);

private:
    std::filesystem::path m_file;
    std::uint64_t m_offset = 0;
};

} // namespace engine
