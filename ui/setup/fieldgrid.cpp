#include "ui/setup/fieldgrid.h"

#include "ui/theme.h"

#include <QGridLayout>

namespace ui {
namespace {

constexpr int kNarrowColumn = 116;

} // namespace

FieldGrid::FieldGrid(int columns, QWidget* parent)
    : QWidget(parent), m_grid(new QGridLayout(this)), m_most(columns), m_columns(columns) {
    m_grid->setContentsMargins(0, 0, 0, 0);
    m_grid->setHorizontalSpacing(metric::kFieldGap);
    m_grid->setVerticalSpacing(8);
}

void FieldGrid::add(QWidget* field, int span) {
    if (!field)
        return;
    m_cells.append({field, span});
    place();
}

QSize FieldGrid::minimumSizeHint() const { return {kNarrowColumn, QWidget::minimumSizeHint().height()}; }

void FieldGrid::place() {
    int row = 0;
    int column = 0;
    for (int i = 0; i < m_most; ++i)
        m_grid->setColumnStretch(i, i < m_columns ? 1 : 0);
    for (const auto& cell : m_cells) {
        const int span = std::min(cell.span, m_columns);
        if (column + span > m_columns) {
            column = 0;
            ++row;
        }
        m_grid->addWidget(cell.widget, row, column, 1, span);
        column += span;
    }
}

void FieldGrid::resizeEvent(QResizeEvent*) {
    const bool wide = (width() + metric::kFieldGap) / m_most >= kNarrowColumn + metric::kFieldGap;
    const int columns = wide ? m_most : std::max(1, m_most / 2);
    if (columns == m_columns)
        return;
    m_columns = columns;
    place();
}

} // namespace ui
