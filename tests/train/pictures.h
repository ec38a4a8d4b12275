#pragma once

#include "engine/api/experiment.h"

#include <QImage>
#include <QString>
#include <QTemporaryDir>

#include <filesystem>
#include <string>

namespace tests {

// A data folder of two classes, drawn: dark and bright noise, which a network tells apart within a few steps. Runs are
// kept beside it; all is gone with the object.
class Project final {
public:
    explicit Project(int trainPerClass = 12, int validationPerClass = 4) {
        draw("train/dark", trainPerClass, 60);
        draw("train/light", trainPerClass, 190);
        draw("val/dark", validationPerClass, 60);
        draw("val/light", validationPerClass, 190);
    }

    [[nodiscard]] std::filesystem::path path() const { return m_folder.path().toStdString(); }
    [[nodiscard]] std::filesystem::path runs() const { return path() / "runs"; }

    // A small, quick experiment on the CPU in fp32: SqueezeNet from random parameters, batches of 8, small pictures.
    [[nodiscard]] engine::Experiment experiment() const {
        engine::Experiment result;
        result.name = "test";
        result.directory = path();
        result.data.path = "data";
        result.data.imageSize = 48;
        result.model.backbone = "squeezenet1_1";
        result.model.weights = "none";
        result.freeze.preset = "none";
        result.train.epochs = 2;
        result.train.batchSize = 8;
        result.train.precision = "fp32";
        result.train.learningRate = 1e-4;
        result.devices.use = {"cpu"};
        return result;
    }

private:
    void draw(const std::string& part, int count, int level) const {
        const std::filesystem::path folder = path() / "data" / part;
        std::filesystem::create_directories(folder);
        for (int number = 0; number < count; ++number) {
            QImage image(64, 64, QImage::Format_RGB888);
            unsigned state = static_cast<unsigned>(number * 7919 + level);
            for (int y = 0; y < 64; ++y)
                for (int x = 0; x < 64; ++x) {
                    state = state * 1664525U + 1013904223U;
                    const int grey = level + static_cast<int>(state >> 26) - 32;
                    image.setPixelColor(x, y, QColor(grey, grey, grey));
                }
            image.save(QString::fromStdString((folder / (std::to_string(100 + number) + ".png")).string()), "PNG");
        }
    }

    QTemporaryDir m_folder;
};

} // namespace tests
