#pragma once

#include "engine/data/shards/tarwriter.h"
#include "tests/data/picturefolder.h"

#include <QBuffer>
#include <QProcess>

#include <string>
#include <utility>
#include <vector>

namespace tests {

using Members = std::vector<std::pair<std::string, std::string>>; // names and contents

// A picture of one colour, which `number` decides.
inline std::string png(int number) {
    QImage image(20, 16, QImage::Format_RGB888);
    image.fill(QColor(number * 37 % 256, number * 91 % 256, number * 53 % 256));
    QByteArray bytes;
    QBuffer buffer(&bytes);
    image.save(&buffer, "PNG");
    return bytes.toStdString();
}

inline std::string tarOf(const Members& members) {
    std::string bytes;
    engine::TarWriter tar([&bytes](std::string_view more) { bytes += more; });
    for (const auto& [name, content] : members)
        tar.add(name, content);
    tar.finish();
    return bytes;
}

// Pictures first … first + count - 1, each with a .cls: cat and dog in turn.
inline Members catsAndDogs(int first, int count) {
    Members members;
    for (int i = first; i < first + count; ++i) {
        const std::string key = std::to_string(1000 + i);
        members.emplace_back(key + ".png", png(i));
        members.emplace_back(key + ".cls", i % 2 == 0 ? "cat" : "dog");
    }
    return members;
}

inline bool runProgram(const QString& program, const QStringList& arguments, const std::filesystem::path& folder) {
    QProcess process;
    process.setWorkingDirectory(QString::fromStdString(folder.string()));
    process.start(program, arguments);
    return process.waitForFinished() && process.exitStatus() == QProcess::NormalExit && process.exitCode() == 0;
}

} // namespace tests
