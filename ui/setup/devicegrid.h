#pragma once

#include "ui/setup/devicetile.h"

#include <QWidget>

class QGridLayout;

namespace ui {

class Label;
class LinksView;

// The tiles of the GPUs, and what joins them: drawn below where all stand in one row, else said.
class DeviceGrid final : public QWidget {
    Q_OBJECT
public:
    explicit DeviceGrid(QWidget* parent = nullptr);
    void setGpus(const QList<DeviceRow>& gpus);
    void setLinks(const DeviceLinks& links);

Q_SIGNALS:
    void clicked(const QString& id);

protected:
    void resizeEvent(QResizeEvent* event) override;

private:
    [[nodiscard]] int columnsFor(int width) const;
    void place();
    void showLinks();
    QGridLayout* m_grid;
    QList<DeviceTile*> m_tiles;
    LinksView* m_view;
    Label* m_words;
    DeviceLinks m_links;
    int m_shown = 0; // tiles
    int m_columns = 0;
    bool m_full = false;
};

} // namespace ui
