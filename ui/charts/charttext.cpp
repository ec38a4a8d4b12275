#include "ui/charts/charttext.h"

#include <QCoreApplication>
#include <QStringList>

#include <algorithm>
#include <cmath>

namespace ui {
namespace {

struct TableColumn {
    QString name;
    const QList<double>* x;
    const QList<double>* y;
};

QList<TableColumn> columnsOf(const QList<ChartSeries>& series) {
    QList<TableColumn> columns;
    for (const auto& one : series) {
        if (one.name.isEmpty())
            continue;
        columns.append({one.name, &one.x, one.measured.isEmpty() ? &one.y : &one.measured});
        if (!one.measured.isEmpty())
            columns.append({QCoreApplication::translate("ui::Chart", "%1, smoothed").arg(one.name), &one.x, &one.y});
    }
    return columns;
}

QList<double> rowsOf(const QList<TableColumn>& columns, Range range) {
    QList<double> rows;
    for (const TableColumn& column : columns)
        std::copy_if(column.x->begin(), column.x->end(), std::back_inserter(rows),
                     [&](double x) { return x >= range.from && x <= range.to; });
    std::sort(rows.begin(), rows.end());
    rows.erase(std::unique(rows.begin(), rows.end()), rows.end());
    return rows;
}

QString cellOf(const TableColumn& column, double x) {
    const auto place = std::lower_bound(column.x->begin(), column.x->end(), x);
    return place != column.x->end() && *place == x
               ? QString::number(column.y->value(place - column.x->begin(), std::nan("")), 'g', 7)
               : QString();
}

} // namespace

QString csvCell(const QString& text) {
    const bool quotes = text.contains(QLatin1Char(',')) || text.contains(QLatin1Char('"')) ||
                        text.contains(QLatin1Char('\n')) || text.contains(QLatin1Char('\r'));
    return quotes ? QStringLiteral("\"%1\"").arg(QString(text).replace(QLatin1Char('"'), QStringLiteral("\"\"")))
                  : text;
}

QString valueTable(const QList<ChartSeries>& series, Range x, const QString& xName, TableForm form) {
    const QList<TableColumn> columns = columnsOf(series);
    const auto join = [form](const QStringList& cells) {
        if (form == TableForm::Tabs)
            return cells.join(QLatin1Char('\t')) + QLatin1Char('\n');
        QStringList quoted;
        for (const QString& cell : cells)
            quoted.append(csvCell(cell));
        return quoted.join(QLatin1Char(',')) + QStringLiteral("\r\n");
    };
    QStringList cells{xName};
    for (const TableColumn& column : columns)
        cells.append(column.name);
    QString text = join(cells);
    for (const double row : rowsOf(columns, x)) {
        cells = {QString::number(row, 'g', 10)};
        for (const TableColumn& column : columns)
            cells.append(cellOf(column, row));
        text += join(cells);
    }
    return text;
}

} // namespace ui
