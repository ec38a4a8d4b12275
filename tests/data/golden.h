#pragma once

#include "engine/api/datareport.h"
#include "tests/support/places.h"
#include "tests/support/testdata.h"

#include <QByteArray>
#include <QFile>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QTest>

#include <algorithm>
#include <cstdint>
#include <vector>

namespace tests {

inline QJsonArray golden(const char* part) {
    QFile file(place("THAW_SOURCE_DIR", THAW_SOURCE_DIR) + QStringLiteral("/tests/data/golden_pictures.json"));
    if (!file.open(QIODevice::ReadOnly))
        qFatal("tests/data/golden_pictures.json is missing");
    return QJsonDocument::fromJson(file.readAll()).object().value(QLatin1String(part)).toArray();
}

inline std::vector<std::uint8_t> bytesOf(const QJsonValue& base64) {
    const QByteArray bytes = QByteArray::fromBase64(base64.toString().toLatin1());
    return {bytes.begin(), bytes.end()};
}

// The picture file of that name in golden_pictures.json.
inline std::vector<std::uint8_t> goldenFile(const char* name) {
    for (const QJsonValue row : golden("files"))
        if (row[QStringLiteral("name")].toString() == QLatin1String(name))
            return bytesOf(row[QStringLiteral("file")]);
    qFatal("golden_pictures.json has no %s", name);
}

// The picture that reference_pictures.py draws as well.
inline engine::RgbImage pattern(int width, int height) {
    engine::RgbImage image{.width = width, .height = height, .pixels = {}};
    for (int y = 0; y < height; ++y)
        for (int x = 0; x < width; ++x)
            for (int c = 0; c < 3; ++c)
                image.pixels.push_back(static_cast<std::uint8_t>(x * 7 + y * 13 + c * 29 + x * y % 31 * 5));
    return image;
}

inline int largestDifference(const std::vector<std::uint8_t>& a, const std::vector<std::uint8_t>& b) {
    if (a.size() != b.size())
        return 256;
    int largest = 0;
    for (std::size_t i = 0; i < a.size(); ++i)
        largest = std::max(largest, std::abs(int(a[i]) - int(b[i])));
    return largest;
}

} // namespace tests
