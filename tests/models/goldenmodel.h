#pragma once

#include "engine/models/backbone.h"
#include "tests/models/filled.h"
#include "tests/support/places.h"

#include <QFile>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QTest>

namespace tests {

// Rows of golden.json, one a backbone, as a test's column "golden".
inline void addGoldenRows() {
    QFile file(place("THAW_SOURCE_DIR", THAW_SOURCE_DIR) + QStringLiteral("/tests/models/golden.json"));
    QVERIFY2(file.open(QIODevice::ReadOnly), qPrintable(file.fileName()));
    QTest::addColumn<QJsonObject>("golden");
    const QJsonArray models = QJsonDocument::fromJson(file.readAll())[QLatin1String("models")].toArray();
    QVERIFY(!models.isEmpty());
    for (const QJsonValue& model : models)
        QTest::newRow(qPrintable(model[QLatin1String("name")].toString())) << model.toObject();
}

// The backbone of such a row with parameters and statistics by formula, for inference.
[[nodiscard]] inline std::shared_ptr<engine::Backbone> filledModel(const QJsonObject& golden) {
    auto model = engine::buildBackbone(engine::findBackbone(golden[QLatin1String("name")].toString().toStdString()), 0);
    fill(*model, golden[QLatin1String("gain")].toDouble());
    model->eval();
    return model;
}
// The picture size of its reference library.
[[nodiscard]] inline int ownSize(const QJsonObject& golden) {
    return golden[QLatin1String("runs")][0][QLatin1String("size")].toInt();
}

} // namespace tests
