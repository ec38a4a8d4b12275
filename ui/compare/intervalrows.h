#pragma once

#include <QWidget>

namespace ui {

// A value with its 95 % interval, and what is said about it.
struct IntervalRow {
    QString id;
    QString name;
    int colour = 1;
    double value = 0;
    double low = 0;
    double high = 0;
    QString words;
    QString number;
    bool stands = false; // words in the text colour, 500
};

// Intervals under each other on one axis; of differences, nought is a line. A click or the arrows choose a row.
class IntervalRows final : public QWidget {
    Q_OBJECT
public:
    enum class Axis { Shares, Differences };
    explicit IntervalRows(Axis axis, QWidget* parent = nullptr);
    void setRows(const QList<IntervalRow>& rows);
    void setHeads(const QString& words, const QString& number);
    void setCurrent(const QString& id);
    [[nodiscard]] QSize sizeHint() const override;
    [[nodiscard]] QSize minimumSizeHint() const override { return {300, sizeHint().height()}; }

Q_SIGNALS:
    void chosen(const QString& id);

protected:
    void paintEvent(QPaintEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    bool event(QEvent* event) override;

private:
    struct Columns {
        int name = 0; // where the names end
        int from = 0; // of the axis
        int to = 0;
        int words = 0; // where the words end
    };
    [[nodiscard]] Columns columns() const;
    [[nodiscard]] double toX(double value, const Columns& at) const;
    void paintAxis(QPainter& painter, const Columns& at) const;
    void paintRow(QPainter& painter, int row, const Columns& at) const;
    [[nodiscard]] QString axisWords(double value) const;
    Axis m_axis;
    QList<IntervalRow> m_rows;
    QString m_wordsHead;
    QString m_numberHead;
    QString m_current;
    double m_least = 0;
    double m_most = 1;
};

} // namespace ui
