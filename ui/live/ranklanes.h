#pragma once

#include <QList>
#include <QString>
#include <QWidget>

#include <limits>

namespace ui {

// What a rank did in a stretch of time, as shares.
struct RankSlice {
    double at = 0; // seconds ago
    double computing = 0, data = 0, communicating = 0, other = 0, silent = 0;
};

struct RankRow {
    enum class State { Fine, Late, Silent, Ended };
    int rank = 0;
    QString device; // "cuda:0"
    qint64 step = 0;
    QString activity; // "computing", or what is wrong with it: "silent for 12 s"
    State state = State::Fine;
    double dataShare = 0, communicationShare = 0;
    double bytes = std::numeric_limits<double>::quiet_NaN();
    double celsius = std::numeric_limits<double>::quiet_NaN();
    QList<RankSlice> slices; // oldest first
};

// What can be asked of whoever started the ranks, while one of them is in trouble.
enum class RankAct { EndNow, KeepWaiting, GoOnWithout };

// The ranks of a run, as they are just now.
struct LiveRanks {
    QList<RankRow> rows; // empty: it has one rank
    QString trouble;     // a sentence; empty: there is none
    QString remedy;      // what happens next, or what to do
    int troubled = -1;   // the rank that is in trouble
    bool canAct = false; // somebody on this machine started the ranks
};

// A lane for each rank: its step, what it did in the last minute, and its figures. Many ranks get low rows, those that
// give trouble first.
class RankLanes final : public QWidget {
    Q_OBJECT
public:
    explicit RankLanes(QWidget* parent = nullptr);
    void setRows(const QList<RankRow>& rows);
    [[nodiscard]] QSize sizeHint() const override;
    [[nodiscard]] QSize minimumSizeHint() const override;

Q_SIGNALS:
    void opened(int rank); // its log

protected:
    void paintEvent(QPaintEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    bool event(QEvent* event) override; // tooltips

private:
    struct Columns;
    [[nodiscard]] Columns columns() const;
    [[nodiscard]] int rowHeight() const;
    [[nodiscard]] int rowAt(int y) const; // -1: none
    [[nodiscard]] QString tip(const QPoint& place) const;
    void paintHead(QPainter& painter, const Columns& columns) const;
    void paintRow(QPainter& painter, const Columns& columns, int index) const;
    void paintBand(QPainter& painter, const QRect& band, const RankRow& row) const;
    QList<RankRow> m_rows;
    int m_current = 0;
};

} // namespace ui
