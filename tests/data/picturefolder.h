#pragma once

#include "engine/api/experiment.h"
#include "engine/base/atomicfile.h"
#include "tests/data/golden.h"

#include <QImage>
#include <QTemporaryDir>

#include <filesystem>
#include <string>

namespace tests {

// A data folder that is filled file by file and gone with the object.
class PictureFolder final {
public:
    [[nodiscard]] std::filesystem::path path() const { return m_folder.path().toStdString(); }

    // A picture of one colour, which `number` decides.
    void picture(const std::string& file, int number, int width = 20, int height = 16) const {
        QImage image(width, height, QImage::Format_RGB888);
        image.fill(QColor(number * 37 % 256, number * 91 % 256, number * 53 % 256));
        if (!image.save(QString::fromStdString(made(file).string()), "PNG"))
            qFatal("could not write %s", file.c_str());
    }
    void pictures(const std::string& folder, int count) const {
        for (int i = 0; i < count; ++i)
            picture(folder + "/" + std::to_string(1000 + i) + ".png", i);
    }
    void bytes(const std::string& file, std::string_view content) const {
        engine::writeFileAtomically(made(file), content);
    }

    [[nodiscard]] engine::Experiment experiment() const {
        engine::Experiment result;
        result.data.path = path();
        return result;
    }

private:
    [[nodiscard]] std::filesystem::path made(const std::string& file) const {
        std::filesystem::create_directories((path() / file).parent_path());
        return path() / file;
    }

    QTemporaryDir m_folder;
};

} // namespace tests
