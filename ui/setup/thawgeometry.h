#pragma once

#include "ui/setup/thawplan.h"

#include <QRect>
#include <QSize>

#include <optional>

namespace ui {

// Where the parts of the timeline lie: names at the left, heads of the phases on top, a row a block, epochs below.
class ThawGeometry final {
public:
    ThawGeometry() = default;
    // endRoom: kept free at the right of the bars, for words that would stand on them.
    ThawGeometry(const ThawPlan& plan, int width, int nameWidth, int endRoom);

    static constexpr int kHeadHeight = 34;
    static constexpr int kBarHeight = 17; // of a row of 20
    static constexpr int kAxisHeight = 26;
    [[nodiscard]] static int heightFor(const ThawPlan& plan);

    [[nodiscard]] QRect plot() const { return m_plot; } // the rows
    [[nodiscard]] QRect head(int phase) const;
    [[nodiscard]] QRect remover(int phase) const; // the cross in a head
    [[nodiscard]] QRect row(int block) const;     // name and bar
    [[nodiscard]] QRect bar(int block) const;
    [[nodiscard]] QRect segment(int block, int phase) const; // of the bar
    [[nodiscard]] double xOf(double epochs) const;           // that have gone by: the edge before epoch 31 is at 30
    [[nodiscard]] double xOfEdge(int epoch) const { return xOf(epoch - 1); }
    [[nodiscard]] int edgeAt(int x) const;             // the epoch that begins nearest to x
    [[nodiscard]] static double height(double factor); // of a bar, in pixels

    [[nodiscard]] std::optional<ThawEdge> hitEdge(QPoint position) const;
    [[nodiscard]] int hitPhase(QPoint position) const; // its begin, in the heads; -1: none
    [[nodiscard]] int hitRemover(QPoint position) const;
    [[nodiscard]] int hitLock(QPoint position) const; // block; -1: none
    struct Top {
        int block;
        int phase;
    };
    [[nodiscard]] std::optional<Top> hitTop(QPoint position) const;

private:
    ThawPlan m_plan;
    QRect m_plot;
};

} // namespace ui
