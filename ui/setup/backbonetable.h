#pragma once

#include <QTableView>

#include <limits>

class QSortFilterProxyModel;

namespace ui {

class BackboneModel;

// Backbones to choose one of: radio, name, what is known of each. In the card the suggested ones and the chosen one; in
// the dialog all of them, sorted and searched.
class BackboneTable final : public QTableView {
    Q_OBJECT
public:
    enum class Shows { Suggested, All };
    BackboneTable(BackboneModel* backbones, Shows shows, QWidget* parent = nullptr);
    void setChosen(const QString& name); // does not emit chosen()
    [[nodiscard]] QString chosen() const { return m_chosen; }
    struct Filter {
        QString words; // of name or family, all of them
        QString family;
        qint64 fewestParameters = 0;
        qint64 mostParameters = std::numeric_limits<qint64>::max();
        bool weightsHere = false; // only those whose weights are on this computer
    };
    void setFilter(const Filter& filter);
    void setNameHead(const QString& words); // "Suggested for 244 pictures"
    void fitHeight();                       // to its rows
    [[nodiscard]] int padding() const;      // right of a cell's text

Q_SIGNALS:
    void backboneChosen(const QString& name);

protected:
    void resizeEvent(QResizeEvent* event) override;
    void currentChanged(const QModelIndex& current, const QModelIndex& previous) override;

private:
    class Rows;
    [[nodiscard]] int fittingWidth(int column) const;
    void fitColumns();
    Shows m_shows;
    Rows* m_rows;
    QString m_chosen;
    bool m_quiet = false;
};

} // namespace ui
