#include "engine/data/loader.h"

#include "engine/api/error.h"
#include "engine/data/augment.h"
#include "engine/data/outage.h"

#include <algorithm>
#include <condition_variable>
#include <cstdlib>
#include <deque>
#include <fmt/format.h>
#include <mutex>
#include <new>
#include <optional>
#include <thread>

namespace engine {
namespace {

constexpr std::uint64_t kViewStream = 0x71e3;

// Hands out equal buffers and takes them back; outlives the loader as long as a batch is alive.
class BufferPool final : public std::enable_shared_from_this<BufferPool> {
public:
    explicit BufferPool(std::size_t floats) : m_bytes((floats * sizeof(float) + 63) / 64 * 64) {}
    ~BufferPool() {
        for (float* buffer : m_free)
            std::free(buffer);
    }
    BufferPool(const BufferPool&) = delete;
    BufferPool& operator=(const BufferPool&) = delete;

    std::shared_ptr<float[]> take() {
        float* buffer = nullptr;
        {
            std::lock_guard lock(m_mutex);
            if (!m_free.empty()) {
                buffer = m_free.back();
                m_free.pop_back();
            }
        }
        if (buffer == nullptr)
            buffer = static_cast<float*>(std::aligned_alloc(64, m_bytes));
        if (buffer == nullptr)
            throw std::bad_alloc();
        return {buffer, [pool = shared_from_this()](float* returned) { pool->giveBack(returned); }};
    }

private:
    void giveBack(float* buffer) {
        std::lock_guard lock(m_mutex);
        m_free.push_back(buffer);
    }

    const std::size_t m_bytes;
    std::mutex m_mutex; // guards m_free
    std::vector<float*> m_free;
};

// A batch in the making: each worker fills the rows of the samples it took.
struct Slot {
    std::int64_t number = 0;
    std::int64_t firstSample = 0; // position in the epoch's order
    int wanted = 0;
    int taken = 0;
    int done = 0;
    std::shared_ptr<float[]> pixels;
    std::vector<char> good;
};

enum class Outcome { Good, Damaged, Away };

} // namespace

struct Loader::Impl {
    std::filesystem::path root;
    std::vector<ImageSample> samples;
    LoaderOptions options;
    Batching batching;
    const Augmentation& augmentation;
    NormalisationTable normalisation;
    EpochOrder order;
    std::int64_t left; // of the order, behind the first sample
    std::int64_t batchCount;
    std::shared_ptr<BufferPool> pool;

    mutable std::mutex mutex; // guards all below
    std::condition_variable workAvailable;
    std::condition_variable slotDone;
    std::condition_variable tryLater;        // never told of a return, only of an end
    std::deque<std::shared_ptr<Slot>> slots; // in order; the front one is next() 's
    std::int64_t nextSlot = 0;
    bool cancelled = false;
    bool outOfMemory = false;
    std::vector<BadFile> bad;
    Outage outage;
    std::int64_t away = 0;     // of `bad`
    std::optional<Error> gone; // for next() to throw

    std::vector<std::jthread> workers; // last: they end before what they use

    Impl(const ImageFolder& folder, std::span<const ImageSample> given, LoaderOptions chosen)
        : root(folder.root),
          samples(given.begin(), given.end()),
          options(std::move(chosen)),
          batching{options.batchSize, options.single},
          augmentation(findAugmentation(options.training ? options.augmentation : "none")),
          normalisation(options.preprocess),
          order(options.training ? EpochOrder(static_cast<std::int64_t>(samples.size()), options.seed, options.epoch)
                                 : EpochOrder(static_cast<std::int64_t>(samples.size()))),
          left(std::max<std::int64_t>(0, order.count() - options.firstSample)),
          batchCount(batching.batches(left)),
          outage(options.patience) {
        pool = std::make_shared<BufferPool>(static_cast<std::size_t>(batching.largest(left)) * pixelsPerPicture());
    }

    [[nodiscard]] std::size_t pixelsPerPicture() const {
        const auto size = static_cast<std::size_t>(options.preprocess.imageSize);
        return size * size * 3;
    }

    // Opens further slots while there is room. Caller holds the mutex.
    void openSlots() {
        while (nextSlot < batchCount && static_cast<int>(slots.size()) < options.prefetch + 1) {
            auto slot = std::make_shared<Slot>();
            slot->number = nextSlot;
            slot->firstSample = options.firstSample + batching.begin(nextSlot);
            slot->wanted = static_cast<int>(batching.end(nextSlot, left) - batching.begin(nextSlot));
            slot->good.assign(static_cast<std::size_t>(slot->wanted), 0);
            slot->pixels = pool->take();
            slots.push_back(std::move(slot));
            ++nextSlot;
        }
    }

    // The earliest slot with an untaken sample. Caller holds the mutex.
    std::shared_ptr<Slot> openWork() {
        for (const auto& slot : slots)
            if (slot->taken < slot->wanted)
                return slot;
        return nullptr;
    }

    void work() {
        std::unique_lock lock(mutex);
        for (;;) {
            std::shared_ptr<Slot> slot;
            workAvailable.wait(lock, [&] { return cancelled || (slot = openWork()) != nullptr; });
            if (cancelled)
                return;
            const int row = slot->taken++;
            lock.unlock();
            std::string reason;
            Outcome outcome = load(*slot, row, reason);
            lock.lock();
            if (outcome == Outcome::Away)
                outcome = tryAgain(lock, *slot, row, reason);
            slot->good[static_cast<std::size_t>(row)] = outcome == Outcome::Good ? 1 : 0;
            if (outcome != Outcome::Good)
                noteBad({samples[sampleIndex(*slot, row)].file, reason});
            if (++slot->done == slot->wanted)
                slotDone.notify_all();
        }
    }

    // Waits and reads until the picture is there, or it is given up.
    Outcome tryAgain(std::unique_lock<std::mutex>& lock, const Slot& slot, int row, std::string& reason) {
        const std::string& file = samples[sampleIndex(slot, row)].file;
        Outcome outcome = Outcome::Away;
        for (int tries = 1; outcome == Outcome::Away; ++tries) {
            lock.unlock();
            const Absence absence = absenceOf(root, file);
            lock.lock();
            const auto pause = outage.pauseAfter(absence, tries);
            if (!pause) {
                if (absence.kind != Absence::Kind::NotAllowed)
                    noteAway(absence, file);
                return outcome;
            }
            if (tryLater.wait_for(lock, *pause, [this] { return cancelled || gone; }))
                return outcome;
            lock.unlock();
            outcome = load(slot, row, reason);
            lock.lock();
        }
        outage.over();
        return outcome;
    }

    // Caller holds the mutex.
    void noteAway(const Absence& absence, const std::string& file) {
        const auto count = static_cast<std::int64_t>(samples.size());
        if (++away <= fewOf(count) && absence.where != root)
            return;
        if (absence.kind == Absence::Kind::FolderAway)
            loseAll(fmt::format("The pictures are gone: {} cannot be read.", absence.where.string()));
        else
            loseAll(fmt::format("The pictures are gone: {} of the {} in {} cannot be read any more, {} among them.",
                                away, count, root.string(), file));
    }

    // Caller holds the mutex.
    void noteBad(BadFile file) {
        bad.push_back(std::move(file));
        if (static_cast<std::int64_t>(bad.size()) > options.mostSkipped)
            loseAll(fmt::format("Far fewer pictures can be read than before: {} of the {} in {} cannot, {} among them.",
                                bad.size(), samples.size(), root.string(), bad.back().file));
    }

    // Caller holds the mutex.
    void loseAll(const std::string& sentence) {
        if (!gone)
            gone = Error(ErrorKind::DataGone, sentence, "Try again when they are back.");
        slotDone.notify_all();
        tryLater.notify_all();
    }

    [[nodiscard]] std::size_t sampleIndex(const Slot& slot, int row) const {
        return static_cast<std::size_t>(order.at(slot.firstSample + row));
    }

    Outcome load(const Slot& slot, int row, std::string& reason) {
        const std::size_t index = sampleIndex(slot, row);
        try {
            const ImageFile file(root / samples[index].file);
            // A crop above the missing part could still be read: left out in every epoch, as checkData() says.
            reason = file.truncation();
            if (!reason.empty())
                return Outcome::Damaged;
            const int round = options.views > 0 ? options.epoch % options.views : options.epoch;
            const Random random(deriveSeed(deriveSeed(options.seed, kViewStream, static_cast<std::uint64_t>(round)),
                                           static_cast<std::uint64_t>(index)));
            const RgbImage view = options.training ? trainingView(file, options.preprocess, augmentation, random)
                                                   : validationView(file, options.preprocess);
            normalisation.apply(view.pixels.data(), view.pixels.size() / 3,
                                slot.pixels.get() + static_cast<std::size_t>(row) * pixelsPerPicture());
            return Outcome::Good;
        } catch (const Error& error) {
            reason = error.what();
            if (error.kind() == ErrorKind::DataGone)
                return Outcome::Away;
        } catch (const std::bad_alloc&) {
            reason = "does not fit in memory";
            std::lock_guard lock(mutex);
            outOfMemory = true;
        }
        return Outcome::Damaged;
    }

    // Closes the gaps that unreadable pictures left.
    void finish(Slot& slot, Batch& batch) {
        batch.pixels = slot.pixels;
        batch.size = options.preprocess.imageSize;
        batch.labels.clear();
        batch.indices.clear();
        batch.count = 0;
        const std::size_t stride = pixelsPerPicture();
        for (int row = 0; row < slot.wanted; ++row) {
            if (slot.good[static_cast<std::size_t>(row)] == 0)
                continue;
            if (row != batch.count)
                std::copy_n(slot.pixels.get() + static_cast<std::size_t>(row) * stride, stride,
                            slot.pixels.get() + static_cast<std::size_t>(batch.count) * stride);
            const std::size_t index = sampleIndex(slot, row);
            batch.labels.push_back(samples[index].label);
            batch.indices.push_back(static_cast<std::int64_t>(index));
            ++batch.count;
        }
    }
};

Loader::Loader(const ImageFolder& folder, std::span<const ImageSample> samples, LoaderOptions options)
    : m_impl(std::make_unique<Impl>(folder, samples, std::move(options))) {
    {
        std::lock_guard lock(m_impl->mutex);
        m_impl->openSlots();
    }
    int workers = m_impl->options.workers;
    if (workers <= 0)
        workers = std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
    for (int i = 0; i < workers; ++i)
        m_impl->workers.emplace_back([impl = m_impl.get()] { impl->work(); });
}

Loader::~Loader() { cancel(); }

bool Loader::next(Batch& batch) {
    batch.pixels.reset();
    std::shared_ptr<Slot> slot;
    {
        std::unique_lock lock(m_impl->mutex);
        if (m_impl->cancelled || m_impl->slots.empty())
            return false;
        slot = m_impl->slots.front();
        m_impl->slotDone.wait(lock, [&] { return m_impl->cancelled || m_impl->gone || slot->done == slot->wanted; });
        if (m_impl->cancelled)
            return false;
        if (m_impl->gone)
            throw Error(*m_impl->gone);
        m_impl->slots.pop_front();
        m_impl->openSlots();
        if (m_impl->outOfMemory)
            throw Error(ErrorKind::OutOfMemory, "There is not enough memory to decode the pictures.",
                        "Close other programs, or choose a smaller batch or picture size.");
    }
    m_impl->workAvailable.notify_all();
    m_impl->finish(*slot, batch);
    return true;
}

std::int64_t Loader::batches() const { return m_impl->batchCount; }

std::vector<BadFile> Loader::skipped() const {
    std::vector<BadFile> result;
    {
        std::lock_guard lock(m_impl->mutex);
        result = m_impl->bad;
    }
    std::ranges::sort(result, {}, &BadFile::file); // not by which worker came first
    return result;
}

bool Loader::waits() const {
    std::lock_guard lock(m_impl->mutex);
    return m_impl->outage.lasts();
}

double Loader::awaySeconds() const {
    std::lock_guard lock(m_impl->mutex);
    return m_impl->outage.seconds();
}

void Loader::cancel() {
    {
        std::lock_guard lock(m_impl->mutex);
        m_impl->cancelled = true;
    }
    m_impl->workAvailable.notify_all();
    m_impl->slotDone.notify_all();
    m_impl->tryLater.notify_all();
}

} // namespace engine
