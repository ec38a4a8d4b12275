#pragma once

#include "ui/live/livedata.h"

#include <QBasicTimer>
#include <QList>
#include <QWidget>

class QGridLayout;

namespace ui {

class Chart;
class ChartGroup;

enum class XAxis { Step, Epoch, Time };

// The charts of a run: one a metric, then what training costs. Turns curves by step into what is drawn by step, epoch
// or time, smoothed as chosen.
class LiveCharts final : public QWidget {
    Q_OBJECT
public:
    explicit LiveCharts(QWidget* parent = nullptr);
    void setCurves(const LiveCurves& curves);
    void setRunning(bool running); // room for what comes: 10 % past now
    void setXAxis(XAxis axis);
    void setSmoothing(double weight);
    void resetView();
    void setOneColumn(bool one);
    [[nodiscard]] ChartGroup& group() { return *m_group; }
    [[nodiscard]] std::optional<double> crosshairStep() const;
    [[nodiscard]] double epochOf(double step) const;
    // `of`: the run's name. False: it was not written.
    [[nodiscard]] bool exportChart(int index, const QString& file, const QString& of);

Q_SIGNALS:
    void exportRequested(int index, const QString& suggestedName); // with the ending that is wanted
    void forkRequested(double step);

protected:
    void timerEvent(QTimerEvent* event) override;

private:
    void rebuild();
    void arrange();
    void addMetricCharts(qsizetype count);
    void connectChart(Chart* chart);
    void drawMetrics();
    void drawCosts();
    void drawFrames();
    [[nodiscard]] QList<Chart*> shown() const; // as they are arranged
    [[nodiscard]] int firstRow() const;        // how many it holds where there is more than one column
    [[nodiscard]] double toX(double step) const;
    [[nodiscard]] double toStep(double x) const;
    [[nodiscard]] ChartSeries seriesOf(const Curve& curve, const QString& key, const QString& name, const QColor& ink,
                                       ChartSeries::Style style, double scale = 1) const;
    // Rates are averaged as times are: what a clock over all those steps would tell.
    enum class Values { Amounts, Rates };
    // Where more points are in sight than an eye tells apart, more of them are averaged, so that smoothing looks the
    // same at every zoom.
    [[nodiscard]] double weightFor(const QList<double>& x) const;
    void addSmoothed(QList<ChartSeries>& list, const Curve& curve, const QString& key, const QString& name,
                     Values values = Values::Amounts) const;
    LiveCurves m_curves;
    XAxis m_axis = XAxis::Step;
    double m_smoothing = 0.9;
    bool m_running = false;
    bool m_oneColumn = false;
    std::optional<double> m_pointed; // the step that the crosshair was at last: a menu takes it away
    QBasicTimer m_zoomed;            // smoothing follows the zoom
    ChartGroup* m_group;
    QGridLayout* m_grid;
    QList<Chart*> m_metrics; // as many as any run needed; those of this run first
    QList<Chart*> m_costs;   // throughput, memory, learning rate, step time
};

} // namespace ui
