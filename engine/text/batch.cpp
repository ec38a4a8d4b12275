#include "engine/text/batch.h"

#include "engine/api/error.h"

#include <algorithm>
#include <atomic>
#include <exception>
#include <mutex>
#include <thread>

namespace engine {
namespace {

constexpr std::size_t kTaken = 64; // texts that a thread takes at a time

// What the threads share.
struct Work {
    const Tokenizer& tokenizer;
    std::span<const std::string_view> texts;
    const EncodeOptions& options;
    const std::stop_token& stop;
    std::vector<Encoding>& results;
    std::atomic<std::size_t> next = 0;
    std::atomic<bool> failed = false;
    std::mutex mutex;           // guards `failure`
    std::exception_ptr failure; // the first one

    void run() noexcept {
        try {
            Encoding encoding; // grows once, so that each result is as large as it must be
            while (!failed) {
                const std::size_t begin = next.fetch_add(kTaken);
                if (begin >= texts.size())
                    return;
                if (stop.stop_requested())
                    throw Error(ErrorKind::Stopped, "Cutting texts into tokens was stopped.");
                for (std::size_t i = begin; i < std::min(begin + kTaken, texts.size()); ++i) {
                    tokenizer.encode(texts[i], options, encoding);
                    results[i] = encoding;
                }
            }
        } catch (...) {
            const std::lock_guard lock(mutex);
            if (!failed.exchange(true))
                failure = std::current_exception();
        }
    }
};

} // namespace

std::vector<Encoding> encodeBatch(const Tokenizer& tokenizer, std::span<const std::string_view> texts,
                                  const EncodeOptions& options, int threads, const std::stop_token& stop) {
    std::vector<Encoding> results(texts.size());
    Work work{.tokenizer = tokenizer, .texts = texts, .options = options, .stop = stop, .results = results};
    const std::size_t wanted =
        threads > 0 ? static_cast<std::size_t>(threads) : std::max(1u, std::thread::hardware_concurrency());
    const std::size_t useful = (texts.size() + kTaken - 1) / kTaken;
    {
        std::vector<std::jthread> helpers;
        for (std::size_t i = 1; i < std::min(wanted, useful); ++i)
            helpers.emplace_back([&work] { work.run(); });
        work.run();
    }
    if (work.failure)
        std::rethrow_exception(work.failure);
    return results;
}

} // namespace engine
