#pragma once

#include "ui/setup/setupdata.h"

#include <QWidget>

namespace ui {

// What joins the tiles above it: two lines for an NVLink, one for PCIe under all.
class LinksView final : public QWidget {
    Q_OBJECT
public:
    explicit LinksView(QWidget* parent = nullptr);
    // The tiles in their order; they stand in one row.
    void setLinks(const DeviceLinks& links, const QList<const QWidget*>& tiles, const QStringList& ids);
    [[nodiscard]] QSize sizeHint() const override { return {200, m_height}; }
    [[nodiscard]] QSize minimumSizeHint() const override { return {100, m_height}; }

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    [[nodiscard]] int middleOf(int tile) const;
    [[nodiscard]] int besideLink(int tile) const;
    void paintNvLink(QPainter& painter, int from, int to, const QString& words) const;
    void paintWords(QPainter& painter, int middle, int y, int room, const QString& words, FontRole font) const;
    DeviceLinks m_links;
    QList<const QWidget*> m_tiles;
    QStringList m_ids;
    int m_height = 0;
};

} // namespace ui
