#pragma once

#include "ui/setup/setupdata.h"

#include <QWidget>

namespace ui {

// How much each phase trains: epochs, warm share on ice, parameters. 20 px a row.
class PhaseBars final : public QWidget {
    Q_OBJECT
public:
    explicit PhaseBars(QWidget* parent = nullptr);
    void setPhases(const QList<PhaseRow>& phases);
    [[nodiscard]] QSize sizeHint() const override;
    [[nodiscard]] QSize minimumSizeHint() const override { return {160, sizeHint().height()}; }

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    QList<PhaseRow> m_phases;
};

// How long each phase takes: one bar in greys, and below it the times.
class PhaseTimes final : public QWidget {
    Q_OBJECT
public:
    explicit PhaseTimes(QWidget* parent = nullptr);
    void setPhases(const QList<PhaseRow>& phases);
    [[nodiscard]] QSize sizeHint() const override { return {240, 28}; }
    [[nodiscard]] QSize minimumSizeHint() const override { return {120, 28}; }

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    QList<PhaseRow> m_phases;
};

} // namespace ui
