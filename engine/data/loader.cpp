#include "engine/data/loader.h"

#include "engine/api/error.h"
#include "engine/data/bufferpool.h"
#include "engine/data/collate.h"

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <fmt/format.h>
#include <mutex>
#include <new>
#include <optional>
#include <stop_token>
#include <thread>

namespace engine {
namespace {

// A batch in the making: each worker fills the rows of the samples it took.
struct Slot {
    std::int64_t number = 0;
    std::vector<std::int64_t> ids; // a row each
    std::size_t taken = 0;
    std::size_t done = 0;
    std::shared_ptr<std::byte[]> buffer;
    std::vector<char> good;
};

enum class Outcome { Good, Damaged, Away };

} // namespace

struct Loader::Impl {
    std::shared_ptr<const SampleReader> reader;
    LoaderOptions options;
    std::int64_t left; // of the order, behind the first sample
    std::int64_t batchCount;
    Stack stack;
    std::shared_ptr<BufferPool> pool;

    mutable std::mutex mutex; // guards all below
    std::condition_variable workAvailable;
    std::condition_variable slotDone;
    std::condition_variable tryLater;        // never told of a return, only of an end
    std::deque<std::shared_ptr<Slot>> slots; // in order; the front one is next() 's
    std::int64_t nextSlot = 0;
    bool cancelled = false;
    std::stop_source stop; // of reading, once cancelled
    bool outOfMemory = false;
    std::vector<BadFile> bad;
    Outage outage;
    std::int64_t away = 0;     // of `bad`
    std::optional<Error> gone; // for next() to throw

    std::vector<std::jthread> workers; // last: they end before what they use

    Impl(std::shared_ptr<const SampleReader> given, LoaderOptions chosen)
        : reader(std::move(given)),
          options(std::move(chosen)),
          left(std::max<std::int64_t>(0, options.order.count() - options.firstSample)),
          batchCount(options.batching.batches(left)),
          stack(reader->fields(), options.batching.largest(left)),
          pool(std::make_shared<BufferPool>(stack.bytes())),
          outage(options.patience) {}

    // Opens further slots while there is room. Caller holds the mutex.
    void openSlots() {
        while (nextSlot < batchCount && static_cast<int>(slots.size()) < options.prefetch + 1) {
            auto slot = std::make_shared<Slot>();
            slot->number = nextSlot;
            const Batching::Range part = options.batching.part(nextSlot, left);
            for (std::int64_t place = part.begin; place < part.end; ++place)
                slot->ids.push_back(options.order.at(options.firstSample + place));
            slot->good.assign(slot->ids.size(), 0);
            slot->buffer = pool->take();
            slots.push_back(std::move(slot));
            ++nextSlot;
        }
    }

    // The earliest slot with an untaken sample. Caller holds the mutex.
    std::shared_ptr<Slot> openWork() {
        for (const auto& slot : slots)
            if (slot->taken < slot->ids.size())
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
            const std::size_t row = slot->taken++;
            lock.unlock();
            std::string reason;
            Outcome outcome = load(*slot, row, reason);
            lock.lock();
            if (outcome == Outcome::Away)
                outcome = tryAgain(lock, *slot, row, reason);
            if (cancelled)
                return;
            slot->good[row] = outcome == Outcome::Good ? 1 : 0;
            if (outcome != Outcome::Good)
                noteBad({reader->name(slot->ids[row]), reason});
            if (++slot->done == slot->ids.size())
                slotDone.notify_all();
        }
    }

    // Waits and reads until the picture is there, or it is given up.
    Outcome tryAgain(std::unique_lock<std::mutex>& lock, const Slot& slot, std::size_t row, std::string& reason) {
        const std::int64_t id = slot.ids[row];
        Outcome outcome = Outcome::Away;
        for (int tries = 1; outcome == Outcome::Away; ++tries) {
            lock.unlock();
            const Absence absence = reader->absence(id);
            lock.lock();
            const auto pause = outage.pauseAfter(absence, tries);
            if (!pause) {
                if (absence.kind != Absence::Kind::NotAllowed)
                    noteAway(absence, id);
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
    void noteAway(const Absence& absence, std::int64_t id) {
        const std::int64_t count = reader->count();
        if (++away <= fewOf(count) && absence.where != reader->root())
            return;
        if (absence.kind == Absence::Kind::FolderAway)
            loseAll(fmt::format("The pictures are gone: {} cannot be read.", absence.where.string()));
        else
            loseAll(fmt::format("The pictures are gone: {} of the {} in {} cannot be read any more, {} among them.",
                                away, count, reader->root().string(), reader->name(id)));
    }

    // Caller holds the mutex.
    void noteBad(BadFile file) {
        bad.push_back(std::move(file));
        if (static_cast<std::int64_t>(bad.size()) > options.mostSkipped)
            loseAll(fmt::format("Far fewer pictures can be read than before: {} of the {} in {} cannot, {} among them.",
                                bad.size(), reader->count(), reader->root().string(), bad.back().file));
    }

    // Caller holds the mutex.
    void loseAll(const std::string& sentence) {
        if (!gone)
            gone = Error(ErrorKind::DataGone, sentence, "Try again when they are back.");
        slotDone.notify_all();
        tryLater.notify_all();
    }

    Outcome load(const Slot& slot, std::size_t row, std::string& reason) {
        try {
            reader->read(slot.ids[row], stack.row(slot.buffer.get(), static_cast<std::int64_t>(row)), stop.get_token());
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
};

Loader::Loader(std::shared_ptr<const SampleReader> reader, LoaderOptions options)
    : m_impl(std::make_unique<Impl>(std::move(reader), std::move(options))) {
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
    batch = {};
    std::shared_ptr<Slot> slot;
    {
        std::unique_lock lock(m_impl->mutex);
        if (m_impl->cancelled || m_impl->slots.empty())
            return false;
        slot = m_impl->slots.front();
        m_impl->slotDone.wait(lock,
                              [&] { return m_impl->cancelled || m_impl->gone || slot->done == slot->ids.size(); });
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
    batch = m_impl->stack.batch(slot->buffer, slot->good, slot->ids);
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
    m_impl->stop.request_stop();
    m_impl->workAvailable.notify_all();
    m_impl->slotDone.notify_all();
    m_impl->tryLater.notify_all();
}

} // namespace engine
