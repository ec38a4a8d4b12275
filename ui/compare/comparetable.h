#pragma once

#include <QTableView>

namespace ui {

// The table of runs in Compare: tick and swatch, star, best of a column bold, tags as chips, reference tinted.
class CompareTable final : public QTableView {
    Q_OBJECT
public:
    explicit CompareTable(QWidget* parent = nullptr);
    void setRuns(QAbstractItemModel* runs);
    void setFilter(const QString& text);
    [[nodiscard]] int preferredHeight(int most) const; // head and rows, at most `most`

Q_SIGNALS:
    void tickRequested(const QString& id, bool ticked);
    void starRequested(const QString& id, bool starred);
    void openRequested(const QString& id);
    void deleteRequested(const QStringList& ids);
    void useSettingsRequested(const QString& id);
    void openFolderRequested(const QString& id);
    void referenceRequested(const QString& id);
    void rowsChanged();

protected:
    void mousePressEvent(QMouseEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    void contextMenuEvent(QContextMenuEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;

private:
    void fitColumns();
    void keepOrder();
    void rememberOrder(int column);
    class Sorted;
    Sorted* m_sorted;
    QString m_orderedBy;  // head of the column that the person chose; empty: the first number, the best on top
    bool m_wider = false; // than there is room: it is scrolled sideways
};

} // namespace ui
