#include "engine/data/bufferpool.h"

#include <cstdlib>
#include <new>

namespace engine {
namespace {

constexpr std::size_t kAlignment = 64;

} // namespace

BufferPool::BufferPool(std::size_t bytes) : m_bytes((bytes + kAlignment - 1) / kAlignment * kAlignment) {}

BufferPool::~BufferPool() {
    for (std::byte* buffer : m_free)
        std::free(buffer);
}

std::shared_ptr<std::byte[]> BufferPool::take() {
    std::byte* buffer = nullptr;
    {
        const std::lock_guard lock(m_mutex);
        if (!m_free.empty()) {
            buffer = m_free.back();
            m_free.pop_back();
        }
    }
    if (buffer == nullptr)
        buffer = static_cast<std::byte*>(std::aligned_alloc(kAlignment, m_bytes));
    if (buffer == nullptr)
        throw std::bad_alloc();
    return {buffer, [pool = shared_from_this()](std::byte* returned) {
                const std::lock_guard lock(pool->m_mutex);
                pool->m_free.push_back(returned);
            }};
}

} // namespace engine
