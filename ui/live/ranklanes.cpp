#include "ui/live/ranklanes.h"

#include "ui/format.h"
#include "ui/live/rankparts.h"
#include "ui/theme.h"

#include <QHelpEvent>
#include <QKeyEvent>
#include <QMouseEvent>
#include <QPainter>
#include <QToolTip>

#include <algorithm>
#include <cmath>

namespace ui {
namespace {

constexpr int kHead = 22, kFoot = 18;
constexpr int kRow = 26, kLowRow = 14;
constexpr qsizetype kMostTall = 8, kMostShown = 16;
constexpr int kBand = 14, kLowBand = 8;
constexpr double kMinute = 60, kHalf = 30;
constexpr int kNarrow = 640; // half a minute, and without temperature

QString degrees(double celsius) {
    return std::isfinite(celsius) ? RankLanes::tr("%1 °C").arg(std::lround(celsius)) : missing();
}

} // namespace

struct RankLanes::Columns {
    QRect rank, step, band, data, communication, memory, temperature; // of a row at 0
    double seconds = kMinute;
};

RankLanes::RankLanes(QWidget* parent) : QWidget(parent) {
    setObjectName(QStringLiteral("rankLanes"));
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
    setFocusPolicy(Qt::TabFocus);
    setMouseTracking(true);
}

void RankLanes::setRows(const QList<RankRow>& rows) {
    const bool resized = rows.size() != m_rows.size();
    m_rows = rows;
    if (m_rows.size() > kMostTall)
        std::ranges::stable_sort(m_rows, [](const RankRow& a, const RankRow& b) {
            return a.state != b.state && a.state != RankRow::State::Ended &&
                   (b.state == RankRow::State::Ended || a.state > b.state);
        });
    m_current = std::clamp(m_current, 0, std::max(0, int(m_rows.size()) - 1));
    QStringList words;
    for (const RankRow& row : m_rows)
        words.append(tr("rank %1: %2, step %3").arg(row.rank).arg(row.activity).arg(row.step));
    setAccessibleName(tr("Ranks"));
    setAccessibleDescription(words.join(QStringLiteral("; ")));
    if (resized)
        updateGeometry();
    update();
}

int RankLanes::rowHeight() const { return m_rows.size() > kMostTall ? kLowRow : kRow; }

QSize RankLanes::sizeHint() const {
    const bool cut = m_rows.size() > kMostShown;
    const int shown = int(std::min(m_rows.size(), kMostShown));
    return {480, kHead + shown * rowHeight() + kFoot + (cut ? kFoot : 0)};
}

QSize RankLanes::minimumSizeHint() const { return {320, sizeHint().height()}; }

RankLanes::Columns RankLanes::columns() const {
    const int high = rowHeight();
    const bool narrow = width() < kNarrow;
    Columns all;
    all.seconds = narrow ? kHalf : kMinute;
    all.rank = {0, 0, narrow ? 96 : 118, high};
    all.step = {all.rank.right() + 1, 0, 56, high};
    int right = width();
    const auto take = [&](int wide) {
        right -= wide;
        return QRect(right, 0, wide, high);
    };
    all.temperature = narrow ? QRect() : take(56);
    all.memory = take(80);
    all.communication = take(narrow ? 150 : 190);
    all.data = narrow ? QRect() : take(84);
    const int left = all.step.right() + 13;
    const int band = m_rows.size() > kMostTall ? kLowBand : kBand;
    all.band = {left, (high - band) / 2, std::max(40, right - 12 - left), band};
    return all;
}

int RankLanes::rowAt(int y) const {
    const int row = (y - kHead) / rowHeight();
    return y >= kHead && row < std::min(m_rows.size(), kMostShown) ? row : -1;
}

void RankLanes::paintHead(QPainter& painter, const Columns& columns) const {
    painter.setFont(ui::font(FontRole::Head));
    painter.setPen(color(Role::Muted));
    const auto head = [&](const QRect& column, int flags, const QString& words) {
        if (column.width() > 0)
            painter.drawText(QRect(column.left(), 0, column.width(), kHead), flags | Qt::AlignVCenter, words);
    };
    head(columns.rank, Qt::AlignLeft, tr("Rank"));
    head(columns.step, Qt::AlignRight, tr("Step"));
    head(columns.band, Qt::AlignLeft, columns.seconds > kHalf ? tr("Last minute") : tr("Last 30 s"));
    head(columns.data, Qt::AlignRight, tr("Data wait"));
    head(columns.communication.adjusted(16, 0, 0, 0), Qt::AlignLeft, tr("Now"));
    head(columns.memory, Qt::AlignRight, tr("Memory"));
    head(columns.temperature, Qt::AlignRight, tr("Temp."));
}

// A column of pixels is as high as the band; its parts are shares of it.
void RankLanes::paintBand(QPainter& painter, const QRect& band, const RankRow& row) const {
    painter.fillRect(band, color(theme().dark() ? Role::Sunken : Role::Hover));
    const double seconds = columns().seconds;
    const auto placeOf = [&](double ago) { return band.right() + 1 - ago / seconds * band.width(); };
    painter.save();
    painter.setClipRect(band);
    for (qsizetype i = 0; i < row.slices.size(); ++i) {
        const RankSlice& slice = row.slices[i];
        // A slice reaches from the one before it to its own time; over a gap nothing is drawn.
        const double before = i > 0 ? std::min(row.slices[i - 1].at, slice.at + 1) : slice.at + 0.25;
        const double left = placeOf(before), right = placeOf(slice.at);
        if (slice.silent > 0) {
            const QRectF box(left, band.top(), right - left, band.height());
            painter.fillRect(box, color(Role::Surface));
            painter.fillRect(box, QBrush(color(Role::DangerText), Qt::BDiagPattern));
            continue;
        }
        double bottom = band.bottom() + 1;
        for (const RankPart part : kRankParts) {
            const double high = shareOf(slice, part) * band.height();
            painter.fillRect(QRectF(left, bottom - high, right - left, high), rankPartColour(part));
            bottom -= high;
        }
    }
    painter.restore();
}

void RankLanes::paintRow(QPainter& painter, const Columns& columns, int index) const {
    const RankRow& row = m_rows[index];
    const int top = kHead + index * rowHeight();
    const bool low = rowHeight() == kLowRow;
    const bool silent = row.state == RankRow::State::Silent, late = row.state == RankRow::State::Late;
    if (silent || late)
        painter.fillRect(QRect(0, top, width(), rowHeight()), color(silent ? Role::DangerTint : Role::WarningTint));
    const auto text = [&](const QRect& column, int flags, const QString& words, FontRole font, Role role) {
        if (column.width() <= 0)
            return;
        painter.setFont(ui::font(font));
        painter.setPen(color(role));
        painter.drawText(column.translated(0, top), flags | Qt::AlignVCenter,
                         painter.fontMetrics().elidedText(words, Qt::ElideRight, column.width()));
    };
    const Role strong = row.state == RankRow::State::Ended ? Role::Faint : Role::Text;
    const FontRole value = low ? FontRole::SmallMedium : FontRole::Head;
    const QString name = tr("Rank %1").arg(row.rank);
    text(columns.rank.adjusted(4, 0, 0, 0), Qt::AlignLeft, name, value, strong);
    if (!low) {
        const int used = QFontMetrics(ui::font(value)).horizontalAdvance(name) + 12;
        text(columns.rank.adjusted(used, 0, 0, 0), Qt::AlignLeft, row.device, FontRole::MonoSmall, Role::Muted);
    }
    paintBand(painter, columns.band.translated(0, top), row);
    if (low && row.state == RankRow::State::Fine)
        return; // alike ones show their band only
    text(columns.step, Qt::AlignRight, formatExact(row.step), value, strong);
    text(columns.data, Qt::AlignRight, formatPercent(row.dataShare), value, strong);
    text(columns.communication.adjusted(16, 0, 0, 0), Qt::AlignLeft, row.activity, value,
         silent ? Role::DangerText
         : late ? Role::WarningText
                : strong);
    text(columns.memory, Qt::AlignRight, std::isfinite(row.bytes) ? formatBytes(row.bytes) : missing(), value, strong);
    text(columns.temperature, Qt::AlignRight, degrees(row.celsius), value, strong);
}

void RankLanes::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    const Columns all = columns();
    paintHead(painter, all);
    const int shown = int(std::min(m_rows.size(), kMostShown));
    for (int i = 0; i < shown; ++i)
        paintRow(painter, all, i);
    const int foot = kHead + shown * rowHeight();
    painter.setFont(ui::font(FontRole::Small));
    painter.setPen(color(Role::Muted));
    const QRect scale(all.band.left(), foot, all.band.width(), kFoot);
    painter.drawText(scale, Qt::AlignLeft | Qt::AlignVCenter, tr("−%1 s").arg(all.seconds));
    painter.drawText(scale, Qt::AlignRight | Qt::AlignVCenter, tr("now"));
    if (m_rows.size() > shown)
        painter.drawText(QRect(4, foot + kFoot, width() - 8, kFoot), Qt::AlignLeft | Qt::AlignVCenter,
                         tr("%1 of %2 shown, trouble first").arg(shown).arg(m_rows.size()));
    if (hasFocus() && keyboardFocusVisible() && shown > 0)
        drawOutline(painter, QRectF(1, kHead + m_current * rowHeight() + 1, width() - 2, rowHeight() - 2),
                    color(Role::Accent), 2, metric::kTagRadius);
}

void RankLanes::mousePressEvent(QMouseEvent* event) {
    const int row = rowAt(event->pos().y());
    if (row >= 0 && event->button() == Qt::LeftButton) {
        m_current = row;
        Q_EMIT opened(m_rows[row].rank);
    }
    QWidget::mousePressEvent(event);
}

void RankLanes::keyPressEvent(QKeyEvent* event) {
    const int last = int(std::min(m_rows.size(), kMostShown)) - 1;
    if (event->key() == Qt::Key_Down || event->key() == Qt::Key_Up) {
        m_current = std::clamp(m_current + (event->key() == Qt::Key_Down ? 1 : -1), 0, std::max(0, last));
        update();
    } else if ((event->key() == Qt::Key_Return || event->key() == Qt::Key_Enter) && last >= 0) {
        Q_EMIT opened(m_rows[m_current].rank);
    } else {
        QWidget::keyPressEvent(event);
    }
}

QString RankLanes::tip(const QPoint& place) const {
    const int index = rowAt(place.y());
    if (index < 0)
        return {};
    const RankRow& row = m_rows[index];
    const QRect band = columns().band;
    QStringList lines{
        tr("Rank %1, %2: %3, step %4").arg(row.rank).arg(row.device, row.activity, formatExact(row.step))};
    if (place.x() >= band.left() && place.x() <= band.right()) {
        const double ago = double(band.right() - place.x()) / band.width() * columns().seconds;
        const auto found = std::ranges::find_if(row.slices, [ago](const RankSlice& slice) { return slice.at <= ago; });
        if (found != row.slices.end() && found->silent > 0)
            lines.append(tr("%1 s ago: no sign").arg(std::lround(ago)));
        else if (found != row.slices.end())
            lines.append(tr("%1 s ago: %2 computing, %3 data wait, %4 waiting for other ranks")
                             .arg(std::lround(ago))
                             .arg(formatPercent(found->computing, 0), formatPercent(found->data, 0),
                                  formatPercent(found->communicating, 0)));
    } else {
        lines.append(tr("Last minute: %1 data wait, %2 waiting for other ranks")
                         .arg(formatPercent(row.dataShare), formatPercent(row.communicationShare)));
    }
    lines.append(tr("A click opens its log."));
    return lines.join(QLatin1Char('\n'));
}

bool RankLanes::event(QEvent* event) {
    if (event->type() != QEvent::ToolTip)
        return QWidget::event(event);
    const auto* help = static_cast<QHelpEvent*>(event);
    QToolTip::showText(help->globalPos(), tip(help->pos()), this);
    return true;
}

} // namespace ui
