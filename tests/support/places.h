#pragma once

#include <QString>

namespace tests {

// A place that is known when the tests are built, unless they were moved since: then the environment names it.
inline QString place(const char* variable, const char* built) {
    return qEnvironmentVariable(variable, QString::fromUtf8(built));
}

} // namespace tests
