#include "engine/api/error.h"

namespace engine {

const char* errorKindName(ErrorKind kind) noexcept {
    switch (kind) {
    case ErrorKind::BadInput:
        return "bad-input";
    case ErrorKind::NotFound:
        return "not-found";
    case ErrorKind::BadWeights:
        return "bad-weights";
    case ErrorKind::OutOfMemory:
        return "out-of-memory";
    case ErrorKind::DiskFull:
        return "disk-full";
    case ErrorKind::DataGone:
        return "data-gone";
    case ErrorKind::Device:
        return "device";
    case ErrorKind::Network:
        return "network";
    case ErrorKind::Stopped:
        return "stopped";
    case ErrorKind::Diverged:
        return "diverged";
    case ErrorKind::Internal:
        return "internal";
    }
    return "internal";
}

std::optional<ErrorKind> errorKindOf(std::string_view name) noexcept {
    for (int kind = 0; kind <= static_cast<int>(ErrorKind::Internal); ++kind)
        if (name == errorKindName(static_cast<ErrorKind>(kind)))
            return static_cast<ErrorKind>(kind);
    return std::nullopt;
}

int exitCode(ErrorKind kind) noexcept {
    switch (kind) {
    case ErrorKind::BadInput:
    case ErrorKind::NotFound:
    case ErrorKind::BadWeights:
        return 2;
    case ErrorKind::Stopped:
        return 130;
    default:
        return 1;
    }
}

} // namespace engine
