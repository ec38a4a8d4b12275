#pragma once

#include "ui/setup/setupdata.h"

#include <QWidget>

class QComboBox;
class QTableView;

namespace ui {

class Label;
class Meter;
class TensorModel;

// The mapping report: the share of the backbone that is really pretrained, and tensor by tensor what the file's became,
// filtered by match and searched.
class MappingView final : public QWidget {
    Q_OBJECT
public:
    explicit MappingView(QWidget* parent = nullptr);
    void setWeights(const WeightsState& weights);

protected:
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    class Rows;
    void fillMatches();
    void fitColumns();
    Label* m_share;
    Meter* m_bar;
    Label* m_heading;
    QComboBox* m_match;
    TensorModel* m_model;
    Rows* m_rows;
    QTableView* m_table;
};

} // namespace ui
