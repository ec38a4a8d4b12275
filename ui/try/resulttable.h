#pragma once

#include <QTableView>

namespace ui {

// The list of results: picture, answer with a bar, sureness, time.
class ResultTable final : public QTableView {
    Q_OBJECT
public:
    explicit ResultTable(QWidget* parent = nullptr);

    void setModel(QAbstractItemModel* results) override;

protected:
    void resizeEvent(QResizeEvent* event) override;

private:
    void spanProblems();
};

// Answers less sure than this are drawn without colour.
inline constexpr double kUnsure = 0.8;

} // namespace ui
