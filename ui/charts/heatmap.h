#pragma once

#include <QImage>
#include <QList>
#include <QString>
#include <QWidget>

#include <utility>

namespace ui {

// One line of a heat map: values by step, and the stretches of steps in which there can be some.
struct HeatRow {
    QString name;
    QList<double> step;
    QList<double> value; // NaN: none there
    QList<std::pair<double, double>> trained;
};

struct HeatData {
    QList<HeatRow> rows;
    double steps = 0;         // planned: the width of the map
    double now = 0;           // right of it nothing has happened yet
    double stepsPerEpoch = 0; // 0: the axis counts steps
    bool running = false;     // a line at now
};

// Blocks × steps: ice where a block is frozen, the warmer the greater its value (logarithmic) where it is trained.
class HeatMap final : public QWidget {
    Q_OBJECT
public:
    enum class Size { Panel, Page }; // Panel: rows of 13 px; Page: as high as there is room
    explicit HeatMap(Size size, QWidget* parent = nullptr);
    void setData(const HeatData& heat);
    void setUnit(const QString& unit);                    // of the values, in words: "Update-to-weight ratio"
    [[nodiscard]] QRect cell(int row, double step) const; // a column of pixels
    [[nodiscard]] QString wordsAt(QPoint position) const; // what the tooltip says; empty: nothing there
    [[nodiscard]] QSize sizeHint() const override;
    [[nodiscard]] QSize minimumSizeHint() const override;

protected:
    void paintEvent(QPaintEvent* event) override;
    void mouseMoveEvent(QMouseEvent* event) override;
    void leaveEvent(QEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;

private:
    [[nodiscard]] QRect plot() const;
    [[nodiscard]] int nameWidth() const;
    [[nodiscard]] double pitch() const; // from row to row
    [[nodiscard]] QRect rowRect(int row) const;
    void spoil(); // drawn anew when it is seen
    void render();
    void paintAxis(QPainter& painter) const;
    void paintScale(QPainter& painter) const;
    Size m_size;
    HeatData m_data;
    QString m_unit;
    bool m_stale = true;
    QImage m_picture; // a pixel row a block
    double m_least = 0;
    double m_most = 0;
    QPoint m_over{-1, -1};
};

// The colour of a share of the scale, 0 to 1.
[[nodiscard]] QColor heatColor(double share);

} // namespace ui
