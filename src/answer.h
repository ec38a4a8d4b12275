#pragma once

#include "src/background.h"

#include <optional>
#include <stop_token>

namespace app {

// The answer to a question that is asked again and again in other words: the last value stays until a newer one is
// there, and an answer to a question that is no longer asked is dropped.
template <typename Value>
class Answer final {
public:
    Answer() = default;
    ~Answer() { m_stop.request_stop(); }
    Answer(const Answer&) = delete;
    Answer& operator=(const Answer&) = delete;

    // Starts `work(stop token)` in the background unless the question is the last one. `done` is called when the answer
    // is here. True where the question is new.
    template <typename Work, typename Done>
    bool ask(Background& background, const QString& question, Work work, Done done) {
        if (question == m_question)
            return false;
        m_question = question;
        m_stop.request_stop();
        m_stop = std::stop_source();
        m_waiting = true;
        background.run([work = std::move(work), stop = m_stop.get_token()]() mutable { return work(stop); },
                       [this, generation = ++m_generation, done = std::move(done)](Outcome<Value> outcome) mutable {
                           if (generation != m_generation)
                               return;
                           m_waiting = false;
                           m_trouble.reset();
                           m_value.reset();
                           if (auto* value = std::get_if<0>(&outcome))
                               m_value = std::move(*value);
                           else
                               m_trouble = std::get<1>(std::move(outcome));
                           done();
                       });
        return true;
    }
    // There is nothing to ask about.
    void clear() {
        m_stop.request_stop();
        ++m_generation;
        m_question = QString();
        m_waiting = false;
        m_value.reset();
        m_trouble.reset();
    }

    [[nodiscard]] bool waiting() const { return m_waiting; }
    [[nodiscard]] const Value* value() const { return m_value ? &*m_value : nullptr; }
    [[nodiscard]] const Trouble* trouble() const { return m_trouble ? &*m_trouble : nullptr; }
    void forgetValue() { m_value.reset(); }

private:
    QString m_question;
    quint64 m_generation = 0;
    std::stop_source m_stop;
    bool m_waiting = false;
    std::optional<Value> m_value;
    std::optional<Trouble> m_trouble;
};

} // namespace app
