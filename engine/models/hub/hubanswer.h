#pragma once

#include "engine/models/hub/httpclient.h"

#include <string>

namespace engine {

// What was asked for, for sentences. `file` empty: the list of files.
struct HubQuestion {
    std::string hub; // address
    std::string repository;
    std::string revision;
    std::string file;
};

// Throws Error(Network | NotFound) with what to do, unless the answer is 2xx or 3xx and came through.
void checkAnswer(const HttpAnswer& answer, const HubQuestion& question);

[[nodiscard]] std::string hostOf(const std::string& address);
// Without quotes and W/, as the name of a file: others than letters, digits, - and _ become -.
[[nodiscard]] std::string plainEtag(std::string etag);

} // namespace engine
