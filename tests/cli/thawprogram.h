#pragma once

#include "tests/support/places.h"

#include <QJsonDocument>
#include <QJsonObject>
#include <QProcess>
#include <QStringList>

namespace tests {

struct Answer {
    int code = -1;
    QByteArray out;
    QByteArray words; // stderr
    [[nodiscard]] QJsonDocument json() const { return QJsonDocument::fromJson(out); }
};

inline QString program() { return place("THAW_PROGRAM", THAW_PROGRAM); }

// Runs the command line with these arguments until it ends.
inline Answer thaw(const QStringList& arguments) {
    QProcess process;
    process.start(program(), arguments);
    Answer answer;
    if (process.waitForFinished(20 * 60 * 1000) && process.exitStatus() == QProcess::NormalExit)
        answer.code = process.exitCode();
    answer.out = process.readAllStandardOutput();
    answer.words = process.readAllStandardError();
    return answer;
}

} // namespace tests
