#pragma once

#include <QHash>
#include <QTableView>

namespace ui {

class HeadTick;

// The table of runs in Compare: tick and swatch, star, best of a column bold, tags as chips, reference tinted. The box
// in its head, and Space, tick all rows that match the filter, or those that are selected.
class CompareTable final : public QTableView {
    Q_OBJECT
public:
    explicit CompareTable(QWidget* parent = nullptr);
    void setRuns(QAbstractItemModel* runs);
    void setFilter(const QString& text);
    void setLifted(const QString& id);                 // drawn as under the mouse; empty: none
    void showRun(const QString& id);                   // selects its row and scrolls to it
    void setWidths(const QHash<QString, int>& widths); // of columns by their keys, as a person chose them
    [[nodiscard]] QHash<QString, int> widths() const { return m_widths; }
    [[nodiscard]] QStringList order() const; // of all runs: as the table shows them, then those that the filter hides
    [[nodiscard]] QString asCsv() const;     // of the rows that match, as they are sorted
    [[nodiscard]] int preferredHeight(int most) const; // head and rows, at most `most`

Q_SIGNALS:
    void tickRequested(const QStringList& ids, bool ticked);
    void starRequested(const QString& id, bool starred);
    void openRequested(const QString& id);
    void deleteRequested(const QStringList& ids);
    void useSettingsRequested(const QString& id);
    void openFolderRequested(const QString& id);
    void referenceRequested(const QString& id);
    void rowsChanged();
    void orderChanged();
    void widthsChanged();
    void hovered(const QString& id); // the row under the mouse; empty: none

protected:
    void mousePressEvent(QMouseEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    void contextMenuEvent(QContextMenuEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;
    void leaveEvent(QEvent* event) override;
    void updateGeometries() override;

private:
    void fitColumns();
    void placeBox();
    void rememberWidth(int column, int width);
    [[nodiscard]] int usualWidth(int column) const;
    [[nodiscard]] QString keyOf(int column) const;
    [[nodiscard]] QStringList idsOf(const QModelIndexList& rows) const;
    void tickAll();
    void tickSelected();
    void showTicks();
    void keepOrder();
    void rememberOrder(int column);
    class Sorted;
    Sorted* m_sorted;
    HeadTick* m_all;
    QHash<QString, int> m_widths;
    QString m_lifted;
    bool m_fitting = false;
    QString m_orderedBy;  // head of the column that the person chose; empty: the first number, the best on top
    bool m_wider = false; // than there is room: it is scrolled sideways
};

} // namespace ui
