#include "ui/frame/shortcutsheet.h"

#include "ui/controls/button.h"
#include "ui/controls/label.h"

#include <QGridLayout>
#include <QPainter>
#include <QVBoxLayout>

namespace ui {
namespace {

QList<ShortcutLine> ownLines() {
    const auto all = ShortcutSheet::tr("Everywhere");
    const auto runs = ShortcutSheet::tr("Runs");
    const auto charts = ShortcutSheet::tr("Charts");
    const auto blocks = ShortcutSheet::tr("Blocks and thaw timeline");
    return {{all, QStringLiteral("Ctrl 1 – 4"), ShortcutSheet::tr("Setup, Live, Compare, Try")},
            {all, QStringLiteral("Ctrl Return"), ShortcutSheet::tr("Train, or queue")},
            {all, QStringLiteral("Ctrl ."), ShortcutSheet::tr("Stop")},
            {all, QStringLiteral("Ctrl Space"), ShortcutSheet::tr("Freeze the view of Live")},
            {all, QStringLiteral("Ctrl K"), ShortcutSheet::tr("Find a setting, run or command")},
            {all, QStringLiteral("Ctrl B"), ShortcutSheet::tr("Show or hide the runs")},
            {all, QStringLiteral("F6"), ShortcutSheet::tr("Next part of the window")},
            {all, QStringLiteral("?"), ShortcutSheet::tr("This sheet")},
            {runs, QStringLiteral("Space"), ShortcutSheet::tr("Tick: draw it in the charts")},
            {runs, QStringLiteral("Return"), ShortcutSheet::tr("Open in Live")},
            {runs, QStringLiteral("Delete"), ShortcutSheet::tr("Delete")},
            {charts, QStringLiteral("← →"), ShortcutSheet::tr("Move the crosshair")},
            {charts, QStringLiteral("+ −"), ShortcutSheet::tr("Zoom; Ctrl and the wheel too, Y held for that axis")},
            {charts, QStringLiteral("0"), ShortcutSheet::tr("Reset the range")},
            {charts, QStringLiteral("Ctrl C"), ShortcutSheet::tr("Copy the values")},
            {charts, QStringLiteral("Ctrl E"), ShortcutSheet::tr("Export the chart")},
            {blocks, QStringLiteral("Space"), ShortcutSheet::tr("Lock or thaw")},
            {blocks, QStringLiteral("↑ ↓"), ShortcutSheet::tr("Choose an edge")},
            {blocks, QStringLiteral("← →"), ShortcutSheet::tr("Move it by 1 epoch, Page keys by 5")},
            {blocks, QStringLiteral("Shift ← →"), ShortcutSheet::tr("Move its whole phase")},
            {blocks, QStringLiteral("+ −"), ShortcutSheet::tr("Change the learning-rate factor")},
            {blocks, QStringLiteral("Delete"), ShortcutSheet::tr("Take its phase away")}};
}

} // namespace

ShortcutSheet::ShortcutSheet(const QList<ShortcutLine>& more, QWidget* parent) : QDialog(parent) {
    setWindowTitle(tr("Keys"));
    auto* all = new QVBoxLayout(this);
    all->setContentsMargins(20, 16, 20, 16);
    all->setSpacing(12);
    all->addWidget(new Label(tr("Keys"), FontRole::SectionTitle));
    auto* columns = new QHBoxLayout;
    columns->setSpacing(40);
    all->addLayout(columns);
    QString group;
    QGridLayout* grid = nullptr;
    for (const auto& line : ownLines() + more) {
        if (line.group != group) {
            group = line.group;
            auto* column = new QVBoxLayout;
            column->setSpacing(8);
            column->addWidget(new Label(group, FontRole::Head, Role::Muted));
            grid = new QGridLayout;
            grid->setHorizontalSpacing(16);
            grid->setVerticalSpacing(6);
            column->addLayout(grid);
            column->addStretch();
            columns->addLayout(column);
        }
        const int row = grid->rowCount();
        grid->addWidget(new Label(line.keys, FontRole::Value), row, 0);
        grid->addWidget(new Label(line.words, FontRole::Body, Role::Muted), row, 1);
    }
    auto* close = new Button(tr("Close"));
    connect(close, &Button::clicked, this, &QDialog::accept);
    all->addWidget(close, 0, Qt::AlignRight);
    close->setFocus();
}

void ShortcutSheet::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    painter.fillRect(rect(), color(Role::Raised));
}

} // namespace ui
