#pragma once

#include "engine/api/error.h"

#include <string>

namespace tests {

// The message of the error that `act` throws; empty: it throws none.
template <typename Act>
std::string refusal(Act act) {
    try {
        act();
    } catch (const engine::Error& error) {
        return error.what();
    }
    return {};
}

} // namespace tests
