#include "engine/device/cpuallocator.h"

#include <algorithm>
#include <bit>
#include <c10/core/Allocator.h>
#include <cstdlib>
#include <map>
#include <mutex>
#include <new>
#include <sys/mman.h>
#include <unistd.h>
#include <unordered_map>
#include <vector>

namespace engine {
namespace {

constexpr std::size_t kLargeBytes = std::size_t{1} << 20; // smaller blocks stay with the C library
constexpr std::size_t kAlignment = 64;
constexpr std::size_t kHugePage = std::size_t{2} << 20;

// Eight sizes per power of two: at most an eighth of a block is wasted, and steps of like size share blocks.
std::size_t sizeClass(std::size_t bytes) {
    const std::size_t step = std::max<std::size_t>(std::bit_floor(bytes) / 8, 4096);
    return (bytes + step - 1) / step * step;
}

std::size_t cacheLimit() {
    const auto pages = static_cast<std::size_t>(sysconf(_SC_PHYS_PAGES));
    return pages * static_cast<std::size_t>(sysconf(_SC_PAGESIZE)) / 2;
}

// Keeps the freed blocks by size class; see installCpuAllocator().
class BlockCache final {
public:
    void* take(std::size_t bytes) {
        const std::size_t wanted = sizeClass(bytes);
        std::lock_guard lock(m_mutex);
        void* block = nullptr;
        std::size_t size = wanted;
        if (const auto found = m_free.lower_bound(wanted);
            found != m_free.end() && found->first <= wanted + wanted / 4) {
            size = found->first;
            block = found->second.back();
            found->second.pop_back();
            if (found->second.empty())
                m_free.erase(found);
            m_state.cached -= size;
        } else {
            block = map(wanted);
        }
        m_sizes.emplace(block, size);
        m_state.used += size;
        return block;
    }

    // False where the block is none of ours.
    bool giveBack(void* block) {
        std::lock_guard lock(m_mutex);
        const auto found = m_sizes.find(block);
        if (found == m_sizes.end())
            return false;
        const std::size_t size = found->second;
        m_sizes.erase(found);
        m_state.used -= size;
        if (m_state.cached + size > m_limit) {
            munmap(block, size);
        } else {
            m_free[size].push_back(block);
            m_state.cached += size;
        }
        return true;
    }

    void release() {
        std::lock_guard lock(m_mutex);
        releaseLocked();
    }
    CpuMemory state() {
        std::lock_guard lock(m_mutex);
        return m_state;
    }

private:
    void* map(std::size_t size) {
        void* block = mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        if (block == MAP_FAILED) {
            releaseLocked();
            block = mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        }
        if (block == MAP_FAILED)
            throw std::bad_alloc();
        if (size >= 2 * kHugePage)
            madvise(block, size, MADV_HUGEPAGE);
        return block;
    }
    void releaseLocked() {
        for (auto& [size, blocks] : m_free)
            for (void* block : blocks)
                munmap(block, size);
        m_free.clear();
        m_state.cached = 0;
    }

    std::mutex m_mutex; // guards all below
    std::map<std::size_t, std::vector<void*>> m_free;
    std::unordered_map<void*, std::size_t> m_sizes;
    CpuMemory m_state;
    const std::size_t m_limit = cacheLimit();
};

BlockCache& blocks() {
    static auto* cache = new BlockCache; // never destroyed: tensors of other static objects may outlive main()
    return *cache;
}

void freeBlock(void* block) {
    if (block != nullptr && !blocks().giveBack(block))
        std::free(block);
}

// torch's allocator for the CPU, in front of BlockCache and, for small blocks, the C library.
class CpuAllocator final : public c10::Allocator {
public:
    c10::DataPtr allocate(std::size_t bytes) override {
        void* block = nullptr;
        if (bytes >= kLargeBytes)
            block = blocks().take(bytes);
        else if (bytes > 0 && posix_memalign(&block, kAlignment, bytes) != 0)
            throw std::bad_alloc();
        return {block, block, &freeBlock, c10::Device(c10::DeviceType::CPU)};
    }
    c10::DeleterFnPtr raw_deleter() const override { return &freeBlock; }
    void copy_data(void* destination, const void* source, std::size_t bytes) const override {
        default_copy_data(destination, source, bytes);
    }
};

} // namespace

void installCpuAllocator() {
    static std::once_flag once;
    std::call_once(once, [] {
        static auto* allocator = new CpuAllocator;
        c10::SetAllocator(c10::DeviceType::CPU, allocator, 1);
    });
}

CpuMemory cpuMemory() { return blocks().state(); }
void releaseCachedCpuMemory() { blocks().release(); }

} // namespace engine
