#include "ui/charts/chartexport.h"

#include <QFile>
#include <QImage>
#include <QPainter>
#include <QPdfWriter>
#include <QSaveFile>
#include <QSvgGenerator>

namespace ui {
namespace {

bool exportSvg(QIODevice& file, QSize size, const std::function<void(QPainter&)>& draw) {
    QSvgGenerator generator;
    generator.setOutputDevice(&file);
    generator.setSize(size);
    generator.setViewBox(QRect(QPoint(0, 0), size));
    QPainter painter(&generator);
    draw(painter);
    return painter.end();
}

bool exportPdf(QIODevice& file, QSize size, const std::function<void(QPainter&)>& draw) {
    QPdfWriter writer(&file);
    writer.setResolution(96);
    writer.setPageSize(QPageSize(QSizeF(size) * 0.75, QPageSize::Point));
    writer.setPageMargins(QMarginsF(0, 0, 0, 0));
    QPainter painter(&writer);
    draw(painter);
    return painter.end();
}

bool exportPicture(QIODevice& file, QSize size, const QByteArray& format, const std::function<void(QPainter&)>& draw) {
    QImage image(size * 2, QImage::Format_ARGB32_Premultiplied);
    image.setDevicePixelRatio(2);
    QPainter painter(&image);
    draw(painter);
    painter.end();
    return image.save(&file, format.constData());
}

} // namespace

bool exportDrawing(const QString& file, QSize size, const std::function<void(QPainter&)>& draw) {
    QSaveFile out(file);
    if (!out.open(QIODevice::WriteOnly))
        return false;
    const QString ending = file.section(QLatin1Char('.'), -1).toLower();
    const bool drawn = ending == QLatin1String("svg")   ? exportSvg(out, size, draw)
                       : ending == QLatin1String("pdf") ? exportPdf(out, size, draw)
                                                        : exportPicture(out, size, "png", draw);
    return drawn && out.commit();
}

bool exportText(const QString& file, const QString& text) {
    QSaveFile out(file);
    return out.open(QIODevice::WriteOnly) && out.write(text.toUtf8()) >= 0 && out.commit();
}

} // namespace ui
