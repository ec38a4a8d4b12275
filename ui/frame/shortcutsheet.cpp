#include "ui/frame/shortcutsheet.h"

#include "ui/controls/button.h"
#include "ui/controls/label.h"

#include <QGridLayout>
#include <QPainter>
#include <QScrollArea>
#include <QScrollBar>
#include <QVBoxLayout>

#include <algorithm>

namespace ui {
namespace {

constexpr int kMostKeyColumns = 3;
constexpr int kAroundSheet = 96; // of the window, left and right of the sheet and above and below it

struct KeyGroup {
    QString name;
    QList<ShortcutLine> lines;
};

QList<KeyGroup> keyGroupsOf(const QList<ShortcutLine>& lines) {
    QList<KeyGroup> groups;
    for (const auto& line : lines) {
        const auto known =
            std::find_if(groups.begin(), groups.end(), [&](const KeyGroup& group) { return group.name == line.group; });
        if (known == groups.end())
            groups.append({line.group, {line}});
        else
            known->lines.append(line);
    }
    return groups;
}

QWidget* makeKeyGroup(const KeyGroup& group) {
    auto* made = new QWidget;
    auto* column = new QVBoxLayout(made);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(8);
    column->addWidget(new Label(group.name, FontRole::Head, Role::Muted));
    auto* grid = new QGridLayout;
    grid->setHorizontalSpacing(16);
    grid->setVerticalSpacing(6);
    grid->setColumnStretch(1, 1);
    for (int row = 0; row < group.lines.size(); ++row) {
        grid->addWidget(new Label(group.lines.at(row).keys, FontRole::Value), row, 0);
        grid->addWidget(new Label(group.lines.at(row).words, FontRole::Body, Role::Muted), row, 1);
    }
    column->addLayout(grid);
    return made;
}

} // namespace

QList<ShortcutLine> ShortcutSheet::ownLines() {
    const auto all = ShortcutSheet::tr("Everywhere");
    const auto runs = ShortcutSheet::tr("Runs");
    const auto charts = ShortcutSheet::tr("Charts");
    const auto blocks = ShortcutSheet::tr("Blocks and thaw timeline");
    return {{all, QStringLiteral("Ctrl Return"), ShortcutSheet::tr("Train, or queue")},
            {all, QStringLiteral("Ctrl ."), ShortcutSheet::tr("Stop")},
            {all, QStringLiteral("Ctrl Space"), ShortcutSheet::tr("Freeze the view of Live")},
            {all, QStringLiteral("Ctrl K"), ShortcutSheet::tr("Find a setting, run or command")},
            {all, QStringLiteral("Ctrl B"), ShortcutSheet::tr("Show or hide the runs")},
            {all, QStringLiteral("F6"), ShortcutSheet::tr("Next part of the window")},
            {all, QStringLiteral("?"), ShortcutSheet::tr("This sheet")},
            {runs, QStringLiteral("Space"), ShortcutSheet::tr("Tick: draw it in the charts")},
            {runs, QStringLiteral("Return"), ShortcutSheet::tr("Open in Live")},
            {runs, QStringLiteral("F2"), ShortcutSheet::tr("Rename")},
            {runs, QStringLiteral("Alt ↑ ↓"), ShortcutSheet::tr("Move in the queue")},
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

ShortcutSheet::ShortcutSheet(const QList<ShortcutLine>& lines, QWidget* parent) : QDialog(parent) {
    setWindowTitle(tr("Keys"));
    auto* all = new QVBoxLayout(this);
    all->setContentsMargins(20, 16, 20, 16);
    all->setSpacing(12);
    all->addWidget(new Label(tr("Keys"), FontRole::SectionTitle));
    QWidget* keys = makeKeys(lines);
    auto* area = new QScrollArea;
    area->setFrameShape(QFrame::NoFrame);
    area->setWidgetResizable(true);
    area->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    area->viewport()->setAutoFillBackground(false);
    area->setWidget(keys);
    keys->setAutoFillBackground(false);
    const QSize wish = keys->sizeHint();
    const int most = parent ? parent->height() - kAroundSheet - 120 : wish.height(); // title and Close
    area->setMinimumWidth(wish.width() + (wish.height() > most ? area->verticalScrollBar()->sizeHint().width() : 0));
    area->setFixedHeight(std::min(wish.height(), most));
    all->addWidget(area);
    auto* close = new Button(tr("Close"));
    connect(close, &Button::clicked, this, &QDialog::accept);
    all->addWidget(close, 0, Qt::AlignRight);
    close->setFocus();
}

// The most columns that fit, filled one after the other to about the same height.
QWidget* ShortcutSheet::makeKeys(const QList<ShortcutLine>& lines) const {
    const QList<KeyGroup> groups = keyGroupsOf(lines);
    const int room = parentWidget() ? parentWidget()->width() - kAroundSheet : QWIDGETSIZE_MAX;
    for (int columns = kMostKeyColumns;; --columns) {
        auto* made = new QWidget;
        auto* row = new QHBoxLayout(made);
        row->setContentsMargins(0, 0, 0, 0);
        row->setSpacing(40);
        qsizetype placed = 0;
        QVBoxLayout* column = nullptr;
        for (const auto& group : groups) {
            if (!column || (placed + group.lines.size() / 2) * columns >= lines.size() * row->count()) {
                column = new QVBoxLayout;
                column->setSpacing(20);
                row->addLayout(column);
            }
            column->addWidget(makeKeyGroup(group));
            placed += group.lines.size();
        }
        for (int i = 0; i < row->count(); ++i)
            static_cast<QVBoxLayout*>(row->itemAt(i)->layout())->addStretch();
        if (columns == 1 || made->sizeHint().width() <= room)
            return made;
        delete made;
    }
}

void ShortcutSheet::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    painter.fillRect(rect(), color(Role::Raised));
}

} // namespace ui
