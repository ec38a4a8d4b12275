#pragma once

#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>

namespace engine {

// What kind of thing in the world failed; decides the exit code and the icon, never the words.
enum class ErrorKind {
    BadInput,
    NotFound,
    BadWeights,
    OutOfMemory,
    DiskFull,
    DataGone, // was there when the work began
    Device,
    Network,
    Stopped,
    Diverged,
    Internal
};

// A change of one setting that mends what is wrong: setParameterValue(key, value) carries it out.
struct Fix {
    std::string label; // a verb with the value: "Use 48"; empty: there is none
    std::string key;
    std::string value;
};

// The world failed: what() says what and where, remedy() what to do about it. Both are whole sentences for people.
class Error final : public std::runtime_error {
public:
    Error(ErrorKind kind, const std::string& message, std::string remedy = {}, Fix fix = {})
        : std::runtime_error(message), m_kind(kind), m_remedy(std::move(remedy)), m_fix(std::move(fix)) {}

    [[nodiscard]] ErrorKind kind() const noexcept { return m_kind; }
    [[nodiscard]] const std::string& remedy() const noexcept { return m_remedy; }
    [[nodiscard]] const Fix& fix() const noexcept { return m_fix; }

private:
    ErrorKind m_kind;
    std::string m_remedy;
    Fix m_fix;
};

// "bad-input", "not-found", …: the word used in --json and events.jsonl.
[[nodiscard]] const char* errorKindName(ErrorKind kind) noexcept;
[[nodiscard]] std::optional<ErrorKind> errorKindOf(std::string_view name) noexcept;
// 2 for what the user can correct in the input (bad input, not found, bad weights), 130 for stopped, otherwise 1.
[[nodiscard]] int exitCode(ErrorKind kind) noexcept;

} // namespace engine
