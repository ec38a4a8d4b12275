#pragma once

#include "ui/charts/chartdata.h"

#include <QBasicTimer>
#include <QWidget>

#include <memory>

namespace ui {

class ChartGroup;
class ChartOverlay;

// A chart with title left and legend right. Ctrl and the wheel zoom along X (with Y held: along Y); with the focus the
// wheel alone does. Drag pans, Shift and drag zoom into a box, double click resets; arrows move the crosshair from
// value to value, + − zoom, 0 resets. Redraws at most 30 times a second, however often data is set.
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
    void setLogarithmic(bool on);           // of the y axis; the title says so
    void setValueChips(bool on);            // chips with the value at the crosshair
    void setXName(const QString& name);     // "epoch": crosshair chip says "Epoch 41"; empty: the bare number
    void setXTicksAsTime(bool on);
    // Names at the lines' ends: as many as fit, the first of the series before the others; the title says how many.
    void setNames(ChartNames where);
    void setLifted(const QString& key); // the line that stands out; empty: none. Does not emit liftedChanged
    // Range shown until the person zooms; NaN: from the data.
    void setHomeRange(double from, double to);
    void setXRange(double from, double to);     // does not emit xRangeChosen
    void setCrosshair(std::optional<double> x); // does not emit crosshairMoved
    void setHiddenKeys(const QStringList& keys);
    void setGroup(ChartGroup* group); // that it is drawn in turns with
    void redrawNow();
    [[nodiscard]] QString title() const;
    [[nodiscard]] std::optional<double> crosshair() const;
    [[nodiscard]] QString lifted() const;
    [[nodiscard]] const ChartOverlay& overlay() const; // where names and marks stand
    [[nodiscard]] double xFrom() const;
    [[nodiscard]] double xTo() const;
    [[nodiscard]] int redraws() const;          // since it was made
    [[nodiscard]] QString valuesAsText() const; // tab separated, what "Copy values" copies
    // .png, .svg, .pdf or .csv by its ending; `of` stands above a picture: the run's name. False: it was not written.
    [[nodiscard]] bool exportTo(const QString& file, const QString& of = {});
    [[nodiscard]] QSize minimumSizeHint() const override { return {200, 110}; }

Q_SIGNALS:
    void crosshairMoved(std::optional<double> x); // nothing: the mouse left
    void xRangeChosen(double from, double to);
    void rangeReset();
    void exportRequested(const QString& ending); // "png", "svg", "pdf", "csv"
    void hiddenKeysChanged(const QStringList& keys);
    void liftedChanged(const QString& key); // by the person
    void lineActivated(const QString& key); // Return, or a click on it

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
    void drawHeader(QPainter& painter, const QRect& line) const;
    void openMenu(const QPoint& globalPosition);
    void toggleHidden(const QString& key);
    void resetRange();
    void moveCrosshair(std::optional<double> x);
    void lift(const QString& key);
    void liftNext(int step);
    [[nodiscard]] bool moveByKey(const QKeyEvent* event);
    void mouseMoved(const QMouseEvent* mouse);
    void mousePressed(const QMouseEvent* mouse);
    void mouseReleased(const QMouseEvent* mouse);
    void wheelTurned(QWheelEvent* wheel);
    struct Impl;
    std::unique_ptr<Impl> m;
};

} // namespace ui
