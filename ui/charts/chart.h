#pragma once

#include "ui/charts/chartdata.h"

#include <QBasicTimer>
#include <QWidget>

#include <memory>

namespace ui {

class ChartGroup;

// A chart with title left and legend right; wheel zooms (with X or Y held: one axis), drag pans, double click resets,
// arrows move the crosshair, + − zoom, 0 resets. Redraws at most 30 times a second, however often data is set.
class Chart final : public QWidget {
    Q_OBJECT
public:
    explicit Chart(const QString& title, ChartUnit unit, QWidget* parent = nullptr);
    ~Chart() override;

    void setTitle(const QString& title);
    void setUnit(ChartUnit unit);
    void setSeries(const QList<ChartSeries>& series);
    void setFlags(const QList<ChartFlag>& flags, bool lane); // lane: room above the plot for the 16 px icons
    void setPhases(const QList<ChartPhase>& phases);
    void setNow(std::optional<double> x);   // right of it is band: not yet happened
    void setLimit(std::optional<double> y); // dashed danger line
    void setLogarithmic(bool on);
    void setValueChips(bool on);        // chips with the value at the crosshair
    void setXName(const QString& name); // "epoch": crosshair chip says "Epoch 41"; empty: the bare number
    void setXTicksAsTime(bool on);
    // Range shown until the person zooms; NaN: from the data.
    void setHomeRange(double from, double to);
    void setXRange(double from, double to);     // does not emit xRangeChosen
    void setCrosshair(std::optional<double> x); // does not emit crosshairMoved
    void setHiddenKeys(const QStringList& keys);
    void setGroup(ChartGroup* group); // that it is drawn in turns with
    void redrawNow();
    [[nodiscard]] QString title() const;
    [[nodiscard]] std::optional<double> crosshair() const;
    [[nodiscard]] double xFrom() const;
    [[nodiscard]] double xTo() const;
    [[nodiscard]] int redraws() const;          // since it was made
    [[nodiscard]] QString valuesAsText() const; // tab separated, what "Copy values" copies
    void exportTo(const QString& file);         // .png, .svg or .pdf by its ending
    [[nodiscard]] QSize minimumSizeHint() const override { return {200, 110}; }

Q_SIGNALS:
    void crosshairMoved(std::optional<double> x); // nothing: the mouse left
    void xRangeChosen(double from, double to);
    void rangeReset();
    void exportRequested();
    void hiddenKeysChanged(const QStringList& keys);

protected:
    void paintEvent(QPaintEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    void keyReleaseEvent(QKeyEvent* event) override;
    void timerEvent(QTimerEvent* event) override;
    void showEvent(QShowEvent* event) override;
    void focusInEvent(QFocusEvent* event) override;
    void focusOutEvent(QFocusEvent* event) override;
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    void drawHeader(QPainter& painter) const;
    void openMenu(const QPoint& globalPosition);
    struct Impl;
    std::unique_ptr<Impl> m;
};

} // namespace ui
