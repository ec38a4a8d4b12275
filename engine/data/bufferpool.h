#pragma once

#include <cstddef>
#include <memory>
#include <mutex>
#include <vector>

namespace engine {

// Hands out equal buffers, 64-byte aligned, and takes them back with their last owner; outlives them. Any thread.
class BufferPool final : public std::enable_shared_from_this<BufferPool> {
public:
    explicit BufferPool(std::size_t bytes);
    ~BufferPool();
    BufferPool(const BufferPool&) = delete;
    BufferPool& operator=(const BufferPool&) = delete;

    [[nodiscard]] std::shared_ptr<std::byte[]> take(); // throws std::bad_alloc

private:
    const std::size_t m_bytes;
    std::mutex m_mutex; // guards m_free
    std::vector<std::byte*> m_free;
};

} // namespace engine
