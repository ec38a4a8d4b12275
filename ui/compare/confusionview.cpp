#include "ui/compare/confusionview.h"

#include "ui/format.h"
#include "ui/theme.h"

#include <QHelpEvent>
#include <QKeyEvent>
#include <QPainter>
#include <QToolTip>

#include <algorithm>
#include <cmath>

namespace ui {
namespace {

constexpr int kMatrixHead = 26; // name of the run and its line
constexpr int kMostNameWidth = 110;
constexpr int kMostNameHeight = 74;
constexpr int kMatrixGap = 20; // two matrices
constexpr double kMostSide = 128;
constexpr double kNamesFrom = 11; // side of a cell from which on its class is named
constexpr double kGapsFrom = 14;
constexpr double kSharesFrom = 52;

QColor mix(const QColor& a, const QColor& b, double share) {
    const auto part = [share](float from, float to) { return from + (to - from) * static_cast<float>(share); };
    return QColor::fromRgbF(part(a.redF(), b.redF()), part(a.greenF(), b.greenF()), part(a.blueF(), b.blueF()));
}

int widest(const QStringList& words) {
    const QFontMetrics metrics(ui::font(FontRole::SmallStrong));
    int wide = 0;
    for (const QString& word : words)
        wide = std::max(wide, metrics.horizontalAdvance(word));
    return wide;
}

// Signed, with a true minus.
QString signedNumber(int value) {
    return value > 0 ? QStringLiteral("+%1").arg(value)
                     : QString::number(value).replace(QLatin1Char('-'), QChar(0x2212));
}

} // namespace

ConfusionView::ConfusionView(QWidget* parent) : QWidget(parent) {
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Expanding);
    setFocusPolicy(Qt::StrongFocus);
    setMouseTracking(true);
    setAccessibleName(tr("Confusion matrix"));
}

void ConfusionView::setMatrices(const QList<ConfusionMatrix>& matrices, Show show) {
    const bool sameClasses =
        !m_matrices.isEmpty() && !matrices.isEmpty() && m_matrices.first().classes == matrices.first().classes;
    m_matrices = matrices.mid(0, 2);
    m_show = show;
    m_most = 0;
    for (const ConfusionMatrix& matrix : m_matrices)
        m_most = std::ranges::max(matrix.counts + QList{m_most});
    if (!sameClasses || m_chosen.matrix >= shownMatrices())
        m_chosen = {};
    update();
}

int ConfusionView::classes() const {
    return m_matrices.isEmpty() ? 0 : static_cast<int>(m_matrices.first().classes.size());
}

int ConfusionView::nameWidth() const {
    return m_matrices.isEmpty() ? 0 : std::min({widest(m_matrices.first().classes) + 10, kMostNameWidth, width() / 4});
}

int ConfusionView::nameHeight() const {
    return m_matrices.isEmpty() ? 0
                                : std::min({widest(m_matrices.first().classes) + 10, kMostNameHeight, height() / 3});
}

double ConfusionView::side() const {
    const int count = std::max(1, shownMatrices());
    const double wide = static_cast<double>(width() - nameWidth() - kMatrixGap * (count - 1)) / count;
    const double high = height() - kMatrixHead - nameHeight() - 2;
    return std::clamp(std::min(wide, high) / std::max(1, classes()), 2.0, kMostSide);
}

int ConfusionView::left(int matrix) const {
    return nameWidth() + static_cast<int>(matrix * (side() * classes() + kMatrixGap));
}

int ConfusionView::top() const { return kMatrixHead + nameHeight(); }

QRect ConfusionView::cellRect(int matrix, int truth, int predicted) const {
    const double gap = side() >= kGapsFrom ? 2 : side() >= 5 ? 0.5 : 0;
    return QRectF(left(matrix) + predicted * side(), top() + truth * side(), side() - gap, side() - gap)
        .toAlignedRect();
}

ConfusionView::Place ConfusionView::placeAt(QPoint position) const {
    const double span = side() * classes();
    for (int matrix = 0; matrix < shownMatrices(); ++matrix) {
        const double x = position.x() - left(matrix);
        const double y = position.y() - top();
        if (x >= 0 && y >= 0 && x < span && y < span)
            return {matrix, static_cast<int>(y / side()), static_cast<int>(x / side())};
    }
    return {};
}

int ConfusionView::valueAt(const Place& place) const {
    const auto at = [&](const ConfusionMatrix& matrix) {
        return matrix.counts.value(qsizetype(place.truth) * classes() + place.predicted);
    };
    return m_show == Show::Difference ? at(m_matrices.last()) - at(m_matrices.first())
                                      : at(m_matrices.at(place.matrix));
}

int ConfusionView::rowSum(const Place& place) const {
    int sum = 0;
    const ConfusionMatrix& matrix = m_matrices.at(m_show == Show::Difference ? 0 : place.matrix);
    for (int predicted = 0; predicted < classes(); ++predicted)
        sum += matrix.counts.value(qsizetype(place.truth) * classes() + predicted);
    return sum;
}

QString ConfusionView::words(const Place& place) const {
    if (place.matrix < 0)
        return {};
    const QStringList& names = m_matrices.first().classes;
    const QString pair = tr("%1 taken for %2").arg(names.at(place.truth), names.at(place.predicted));
    return m_show == Show::Difference
               ? tr("%1: %2 in %3 than in %4")
                     .arg(pair, signedNumber(valueAt(place)), m_matrices.last().name, m_matrices.first().name)
               : tr("%1: %2 of %3").arg(pair).arg(valueAt(place)).arg(rowSum(place));
}

QString ConfusionView::wordsAt(QPoint position) const { return words(placeAt(position)); }

bool ConfusionView::numbersShown() const {
    const QFontMetrics metrics(ui::font(FontRole::SmallStrong));
    const QString longest = m_show == Show::Difference ? signedNumber(-m_most) : QString::number(m_most);
    return side() >= metrics.horizontalAdvance(longest) + 4 && side() >= metrics.height() - 1;
}

void ConfusionView::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    for (int matrix = 0; matrix < shownMatrices() && classes() > 0; ++matrix)
        paintMatrix(painter, matrix);
}

void ConfusionView::paintMatrix(QPainter& painter, int matrix) const {
    paintHead(painter, matrix);
    for (int truth = 0; truth < classes(); ++truth)
        for (int predicted = 0; predicted < classes(); ++predicted)
            paintCell(painter, {matrix, truth, predicted});
    if (side() >= kNamesFrom)
        paintNames(painter, matrix);
    if (m_chosen.matrix == matrix) {
        painter.setRenderHint(QPainter::Antialiasing);
        drawOutline(painter, cellRect(matrix, m_chosen.truth, m_chosen.predicted).adjusted(-1, -1, 1, 1),
                    color(Role::AccentText), 2, 3);
    }
}

void ConfusionView::paintHead(QPainter& painter, int matrix) const {
    const int from = left(matrix);
    const int wide = std::max(60, static_cast<int>(side() * classes()) - 2);
    const QString name = m_show == Show::Difference ? tr("%1 − %2").arg(m_matrices.last().name, m_matrices.first().name)
                                                    : m_matrices.at(matrix).name;
    painter.setFont(ui::font(FontRole::Head));
    painter.setPen(color(Role::Text));
    painter.drawText(QRect(from, 0, wide, 20), Qt::AlignVCenter,
                     painter.fontMetrics().elidedText(name, Qt::ElideMiddle, wide));
    if (m_show == Show::Counts)
        painter.fillRect(QRect(from, 21, wide, 2), runColor(m_matrices.at(matrix).colour));
}

// Rows at the left of the first matrix, columns above each, read upwards.
void ConfusionView::paintNames(QPainter& painter, int matrix) const {
    const QStringList& names = m_matrices.first().classes;
    const auto face = [&](bool chosen) {
        painter.setFont(ui::font(chosen ? FontRole::SmallStrong : FontRole::Small));
        painter.setPen(color(chosen ? Role::Text : Role::Muted));
    };
    for (int i = 0; i < classes(); ++i) {
        if (matrix == 0) {
            face(m_chosen.matrix >= 0 && m_chosen.truth == i);
            const QRectF box(0, top() + i * side(), nameWidth() - 8, side());
            painter.drawText(box, Qt::AlignVCenter | Qt::AlignRight,
                             painter.fontMetrics().elidedText(names.at(i), Qt::ElideMiddle, nameWidth() - 8));
        }
        face(m_chosen.matrix == matrix && m_chosen.predicted == i);
        painter.save();
        painter.translate(left(matrix) + i * side(), top() - 6);
        painter.rotate(-90);
        painter.drawText(QRectF(0, 0, nameHeight() - 8, side()), Qt::AlignVCenter | Qt::AlignLeft,
                         painter.fontMetrics().elidedText(names.at(i), Qt::ElideMiddle, nameHeight() - 8));
        painter.restore();
    }
}

void ConfusionView::paintCell(QPainter& painter, const Place& place) const {
    const int value = valueAt(place);
    const int sum = rowSum(place);
    const double share = sum > 0 ? static_cast<double>(value) / sum : 0;
    const QRect cell = cellRect(place.matrix, place.truth, place.predicted);
    Role ink = Role::Text;
    QColor ground = color(Role::Sunken);
    if (m_show == Show::Difference && value != 0) {
        const bool better = (value > 0) == (place.truth == place.predicted);
        ground = mix(color(Role::Surface), color(better ? Role::SuccessText : Role::DangerText),
                     std::min(0.6, 0.14 + std::abs(share)));
    } else if (value != 0) {
        ground = mix(color(Role::AccentTint), color(Role::Accent), share > 0.5 ? 0.3 + 0.6 * share : share * 1.6);
        ink = share > 0.5 ? Role::OnAccent : Role::Text;
    }
    painter.setRenderHint(QPainter::Antialiasing, side() >= kGapsFrom);
    if (side() >= kGapsFrom)
        drawOutline(painter, cell, Qt::transparent, 0, 3, ground);
    else
        painter.fillRect(cell, ground);
    if (!numbersShown() || value == 0)
        return;
    const QString number = m_show == Show::Difference ? signedNumber(value) : QString::number(value);
    const bool shares = side() >= kSharesFrom && m_show == Show::Counts;
    painter.setPen(color(ink));
    painter.setFont(ui::font(shares ? FontRole::SectionTitle : FontRole::SmallStrong));
    painter.drawText(shares ? cell.adjusted(0, 0, 0, -16) : cell, Qt::AlignCenter, number);
    if (!shares)
        return;
    painter.setFont(ui::font(FontRole::Small));
    painter.drawText(cell.adjusted(0, 20, 0, 0), Qt::AlignCenter, formatPercent(share));
}

void ConfusionView::choose(const Place& place) {
    m_chosen = place;
    setAccessibleDescription(words(place));
    update();
}

void ConfusionView::activate(const Place& place) {
    if (place.matrix >= 0)
        Q_EMIT cellActivated(m_show == Show::Difference ? 1 : place.matrix, place.truth, place.predicted);
}

void ConfusionView::mousePressEvent(QMouseEvent* event) {
    const Place place = placeAt(event->pos());
    if (event->button() != Qt::LeftButton || place.matrix < 0)
        return;
    choose(place);
    activate(place);
}

void ConfusionView::mouseMoveEvent(QMouseEvent* event) {
    setCursor(placeAt(event->pos()).matrix >= 0 ? Qt::PointingHandCursor : Qt::ArrowCursor);
}

void ConfusionView::keyPressEvent(QKeyEvent* event) {
    Place next = m_chosen.matrix < 0 ? Place{0, 0, 0} : m_chosen;
    switch (event->key()) {
    case Qt::Key_Left:
        --next.predicted;
        break;
    case Qt::Key_Right:
        ++next.predicted;
        break;
    case Qt::Key_Up:
        --next.truth;
        break;
    case Qt::Key_Down:
        ++next.truth;
        break;
    case Qt::Key_Return:
    case Qt::Key_Enter:
    case Qt::Key_Space:
        activate(m_chosen);
        return;
    default:
        QWidget::keyPressEvent(event);
        return;
    }
    if (next.predicted >= classes() && next.matrix + 1 < shownMatrices())
        next = {next.matrix + 1, next.truth, 0};
    else if (next.predicted < 0 && next.matrix > 0)
        next = {next.matrix - 1, next.truth, classes() - 1};
    next.predicted = std::clamp(next.predicted, 0, std::max(0, classes() - 1));
    next.truth = std::clamp(next.truth, 0, std::max(0, classes() - 1));
    if (classes() > 0)
        choose(next);
}

void ConfusionView::focusInEvent(QFocusEvent* event) {
    if (keyboardFocusVisible() && m_chosen.matrix < 0 && classes() > 0)
        choose({0, 0, 0}); // the ring says where the focus is
    QWidget::focusInEvent(event);
}

void ConfusionView::focusOutEvent(QFocusEvent* event) {
    update();
    QWidget::focusOutEvent(event);
}

bool ConfusionView::event(QEvent* event) {
    if (event->type() != QEvent::ToolTip)
        return QWidget::event(event);
    const auto* help = static_cast<QHelpEvent*>(event);
    const QString tip = wordsAt(help->pos());
    if (tip.isEmpty())
        QToolTip::hideText();
    else
        QToolTip::showText(help->globalPos(), tip, this);
    return true;
}

QList<Confusion> commonestConfusions(const ConfusionMatrix& matrix, qsizetype most) {
    const auto classes = static_cast<int>(matrix.classes.size());
    QList<Confusion> all;
    for (int truth = 0; truth < classes; ++truth) {
        int sum = 0;
        for (int predicted = 0; predicted < classes; ++predicted)
            sum += matrix.counts.value(qsizetype(truth) * classes + predicted);
        for (int predicted = 0; predicted < classes; ++predicted)
            if (const int count = matrix.counts.value(qsizetype(truth) * classes + predicted);
                count > 0 && predicted != truth)
                all.append({truth, predicted, count, sum, {}});
    }
    std::ranges::stable_sort(all, std::greater(), &Confusion::count);
    all = all.mid(0, most);
    for (Confusion& one : all)
        one.words = ConfusionView::tr("%1 → %2, %3 of %4")
                        .arg(matrix.classes.at(one.truth), matrix.classes.at(one.predicted))
                        .arg(one.count)
                        .arg(one.of);
    return all;
}

} // namespace ui
