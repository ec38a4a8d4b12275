#include "ui/charts/heatmap.h"

#include "ui/format.h"
#include "ui/theme.h"

#include <QMouseEvent>
#include <QPainter>

#include <algorithm>
#include <cmath>

namespace ui {
namespace {

constexpr int kPanelRow = 13;
constexpr int kPageRow = 16; // at least
constexpr int kPageRowMost = 30;
constexpr int kAxis = 20;
constexpr int kScale = 22; // the legend of colours below a page's map

QColor blended(const QColor& a, const QColor& b, double share) {
    const auto part = [share](int from, int to) { return qRound(from + (to - from) * share); };
    return {part(a.red(), b.red()), part(a.green(), b.green()), part(a.blue(), b.blue())};
}

// Mean of the values in [from, to); NaN where there is none. `place` is where to go on.
double meanOf(const HeatRow& row, qsizetype& place, double to) {
    double sum = 0;
    int count = 0;
    for (; place < row.step.size() && row.step.at(place) < to; ++place)
        if (std::isfinite(row.value.at(place))) {
            sum += row.value.at(place);
            ++count;
        }
    return count > 0 ? sum / count : std::nan("");
}

bool trainedAt(const HeatRow& row, double step) {
    return std::any_of(row.trained.begin(), row.trained.end(),
                       [step](const auto& stretch) { return step >= stretch.first && step < stretch.second; });
}

} // namespace

QColor heatColor(double share) {
    constexpr double kBend = 0.6;
    const double t = std::clamp(share, 0.0, 1.0);
    return t < kBend ? blended(color(Role::ThawedTint), color(Role::ThawedFill), t / kBend)
                     : blended(color(Role::ThawedFill), color(Role::ThawedText), (t - kBend) / (1 - kBend));
}

HeatMap::HeatMap(Size size, QWidget* parent) : QWidget(parent), m_size(size) {
    setMouseTracking(true);
    setSizePolicy(QSizePolicy::Expanding, size == Size::Panel ? QSizePolicy::Fixed : QSizePolicy::Expanding);
    connect(&theme(), &Theme::changed, this, &HeatMap::spoil);
}

void HeatMap::setData(const HeatData& heat) {
    const bool resized = heat.rows.size() != m_data.rows.size();
    m_data = heat;
    if (resized)
        updateGeometry();
    spoil();
}

void HeatMap::setUnit(const QString& unit) {
    m_unit = unit;
    setAccessibleName(unit);
    update();
}

int HeatMap::nameWidth() const {
    const QFontMetrics metrics(ui::font(FontRole::MonoSmall));
    int wide = 40;
    for (const auto& row : m_data.rows)
        wide = std::max(wide, metrics.horizontalAdvance(row.name));
    return std::min({wide + 10, 160, width() / 3});
}

QRect HeatMap::plot() const {
    const int left = nameWidth();
    const int below = kAxis + (m_size == Size::Page ? kScale : 0);
    const auto rows = static_cast<int>(m_data.rows.size());
    const int high = m_size == Size::Panel ? rows * kPanelRow : std::min(height() - below, rows * kPageRowMost);
    return {left, 0, std::max(20, width() - left), std::max(0, high)};
}

double HeatMap::pitch() const {
    return m_data.rows.isEmpty() ? 1 : static_cast<double>(plot().height()) / static_cast<double>(m_data.rows.size());
}

QRect HeatMap::rowRect(int row) const {
    const int top = qRound(row * pitch());
    return {plot().left(), top, plot().width(), std::max(1, qRound((row + 1) * pitch()) - top - 1)};
}

QSize HeatMap::sizeHint() const {
    const auto rows = static_cast<int>(m_data.rows.size());
    return m_size == Size::Panel ? QSize(240, rows * kPanelRow + kAxis) : QSize(600, rows * 22 + kAxis + kScale);
}

QSize HeatMap::minimumSizeHint() const {
    const auto rows = static_cast<int>(m_data.rows.size());
    return m_size == Size::Panel ? QSize(120, sizeHint().height()) : QSize(240, rows * kPageRow + kAxis + kScale);
}

void HeatMap::spoil() {
    m_stale = true;
    update();
}

// One pixel row a block at the width of the plot: painting is then a blit.
void HeatMap::render() {
    const int wide = qRound(plot().width() * devicePixelRatioF());
    const auto rows = static_cast<int>(m_data.rows.size());
    m_stale = false;
    if (rows == 0 || m_data.steps <= 0) {
        m_picture = {};
        return;
    }
    m_picture = QImage(wide, rows, QImage::Format_RGB32);
    QList<QList<double>> values(rows, QList<double>(wide, std::nan("")));
    QList<double> all;
    for (int row = 0; row < rows; ++row) {
        qsizetype place = 0;
        double last = std::nan("");
        for (int x = 0; x < wide; ++x) {
            const double value = meanOf(m_data.rows.at(row), place, (x + 1) * m_data.steps / wide);
            last = std::isfinite(value) ? value : last;
            if (std::isfinite(value) && value > 0)
                all.append(value);
            values[row][x] = last; // holds until the next value
        }
    }
    std::sort(all.begin(), all.end());
    m_least = all.isEmpty() ? 0 : all.at(all.size() / 50);
    m_most = all.isEmpty() ? 0 : all.at(all.size() - 1 - all.size() / 50);
    const double span = m_least > 0 ? std::log(m_most / m_least) : 0;
    const QRgb future = color(Role::ChartBand).rgb();
    const QRgb frozen = color(Role::FrozenTint).rgb();
    const QRgb unknown = color(Role::ThawedTint).rgb();
    for (int row = 0; row < rows; ++row) {
        auto* line = reinterpret_cast<QRgb*>(m_picture.scanLine(row));
        for (int x = 0; x < wide; ++x) {
            const double step = (x + 0.5) * m_data.steps / wide;
            const double value = values.at(row).at(x);
            if (step > m_data.now)
                line[x] = future;
            else if (!trainedAt(m_data.rows.at(row), step))
                line[x] = frozen;
            else if (!std::isfinite(value) || value <= 0)
                line[x] = unknown;
            else
                line[x] = heatColor(span > 0 ? 0.12 + 0.88 * std::log(value / m_least) / span : 0.6).rgb();
        }
    }
}

void HeatMap::resizeEvent(QResizeEvent*) { spoil(); }

QRect HeatMap::cell(int row, double step) const {
    const QRect box = rowRect(row);
    const int x = box.left() + static_cast<int>(step / std::max(1.0, m_data.steps) * box.width());
    return {std::min(x, box.right()), box.top(), 1, box.height()};
}

QString HeatMap::wordsAt(QPoint position) const {
    const auto row = static_cast<int>(position.y() / pitch());
    if (!plot().contains(position) || row < 0 || row >= m_data.rows.size())
        return {};
    const HeatRow& block = m_data.rows.at(row);
    const double step = (position.x() - plot().left()) * m_data.steps / plot().width();
    if (step > m_data.now)
        return {};
    QString words = tr("%1, step %2").arg(block.name, formatExact(std::llround(step)));
    if (!trainedAt(block, step))
        return tr("%1: frozen").arg(words);
    const auto after = std::upper_bound(block.step.begin(), block.step.end(), step);
    if (after == block.step.begin())
        return tr("%1: not measured").arg(words);
    return QStringLiteral("%1: %2").arg(words, formatRate(block.value.at(std::prev(after) - block.step.begin())));
}

void HeatMap::paintEvent(QPaintEvent*) {
    if (m_stale)
        render();
    QPainter painter(this);
    for (int row = 0; row < m_data.rows.size(); ++row) {
        const HeatRow& block = m_data.rows.at(row);
        const QRect box = rowRect(row);
        painter.setFont(ui::font(FontRole::MonoSmall));
        painter.setPen(
            color(block.trained.isEmpty() || block.trained.first().first >= m_data.now ? Role::Muted : Role::Text));
        const int room = plot().left() - 8;
        painter.drawText(QRect(0, box.top() - 2, room, box.height() + 4), Qt::AlignVCenter | Qt::TextSingleLine,
                         painter.fontMetrics().elidedText(block.name, Qt::ElideMiddle, room));
        if (!m_picture.isNull())
            painter.drawImage(box, m_picture, QRect(0, row, m_picture.width(), 1));
    }
    paintAxis(painter);
    if (m_size == Size::Page)
        paintScale(painter);
    const QString words = m_over.x() >= 0 ? wordsAt(m_over) : QString();
    if (words.isEmpty())
        return;
    painter.fillRect(QRect(m_over.x(), 0, 1, plot().height()), color(Role::ChartCrosshair));
    painter.setFont(ui::font(FontRole::Small));
    const int wide = painter.fontMetrics().horizontalAdvance(words) + 16;
    const int left = std::clamp(m_over.x() + 12, 0, std::max(0, width() - wide));
    const int top = m_over.y() > plot().height() / 2 ? m_over.y() - 30 : m_over.y() + 14;
    painter.setRenderHint(QPainter::Antialiasing);
    drawOutline(painter, QRect(left, top, wide, 22), Qt::transparent, 0, metric::kTagRadius,
                color(Role::TooltipGround));
    painter.setPen(color(Role::TooltipText));
    painter.drawText(QRect(left, top, wide, 22), Qt::AlignCenter, words);
}

void HeatMap::paintAxis(QPainter& painter) const {
    const QRect box = plot();
    const QRect line(box.left(), box.bottom() + 1, box.width(), kAxis);
    painter.setFont(ui::font(FontRole::Small));
    painter.setPen(color(Role::Muted));
    const bool epochs = m_data.stepsPerEpoch > 0;
    const double end = epochs ? std::round(m_data.steps / m_data.stepsPerEpoch) : m_data.steps;
    const int nowX = box.left() + qRound(m_data.now / std::max(1.0, m_data.steps) * box.width());
    const QString first = epochs ? tr("Epoch 1") : tr("Step 0");
    const bool now = m_data.running && m_data.now > 0;
    if (!now || nowX - box.left() > painter.fontMetrics().horizontalAdvance(first) + 20)
        painter.drawText(line, Qt::AlignVCenter, first);
    if (!now || box.right() - nowX > 40)
        painter.drawText(line, Qt::AlignVCenter | Qt::AlignRight, formatExact(std::llround(end)));
    if (!now)
        return;
    painter.fillRect(QRect(nowX, 0, 1, box.height() + 2), color(Role::Text));
    painter.setFont(ui::font(FontRole::SmallStrong));
    painter.setPen(color(Role::Text));
    const int wide = painter.fontMetrics().horizontalAdvance(tr("now")) + 2;
    const int from = std::min(nowX - wide / 2, box.right() + 1 - wide); // whole at the end as well
    painter.drawText(QRect(from, line.top(), wide, line.height()), Qt::AlignCenter, tr("now"));
}

// Frozen, and from the least to the greatest value.
void HeatMap::paintScale(QPainter& painter) const {
    if (m_picture.isNull())
        return;
    const int top = plot().bottom() + kAxis + 7;
    painter.setFont(ui::font(FontRole::Small));
    int x = plot().left();
    const auto word = [&](const QString& text) {
        painter.setPen(color(Role::Muted));
        painter.drawText(QRect(x, top - 5, 160, 18), Qt::AlignVCenter, text);
        x += painter.fontMetrics().horizontalAdvance(text) + 6;
    };
    painter.fillRect(QRect(x, top, 16, 8), color(Role::FrozenTint));
    painter.fillRect(QRect(x, top + 7, 16, 1), color(Role::FrozenFill));
    x += 22;
    word(tr("Frozen"));
    if (m_most <= 0)
        return;
    x += 18;
    word(formatRate(m_least));
    constexpr int kSteps = 60;
    for (int i = 0; i < kSteps; ++i)
        painter.fillRect(QRect(x + i * 2, top, 2, 8), heatColor(0.12 + 0.88 * i / (kSteps - 1.0)));
    x += kSteps * 2 + 6;
    word(formatRate(m_most));
}

void HeatMap::mouseMoveEvent(QMouseEvent* event) {
    m_over = event->pos();
    update();
}

void HeatMap::leaveEvent(QEvent*) {
    m_over = {-1, -1};
    update();
}

} // namespace ui
