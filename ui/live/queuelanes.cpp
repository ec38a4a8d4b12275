#include "ui/live/queuelanes.h"

#include "ui/controls/button.h"
#include "ui/controls/label.h"
#include "ui/theme.h"

#include <QBoxLayout>
#include <QHelpEvent>
#include <QMouseEvent>
#include <QPainter>
#include <QToolTip>

#include <algorithm>

namespace ui {
namespace {

constexpr int kLane = 20;   // high
constexpr int kBetween = 2; // lanes
constexpr int kEdge = 2;    // of a block
constexpr int kTint = 72;   // of 255: a run's colour over the surface
constexpr double kShortest = 60;

} // namespace

QueueLanesView::QueueLanesView(QWidget* parent) : QWidget(parent) {
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
    setObjectName(QStringLiteral("queueLanes"));
    setAccessibleName(tr("Devices and queue"));
}

QSize QueueLanesView::sizeHint() const {
    const int lanes = static_cast<int>(m_lanes.size());
    return {260, std::max(0, lanes * (kLane + kBetween) - kBetween)};
}

void QueueLanesView::setLanes(const QList<LiveQueue::Lane>& lanes) {
    const bool others = lanes.size() != m_lanes.size();
    m_lanes = lanes;
    m_seconds = kShortest;
    QStringList said;
    for (const auto& lane : lanes) {
        QStringList names;
        for (const auto& stretch : lane.stretches) {
            names.append(stretch.name);
            m_seconds = std::max(m_seconds, stretch.to);
        }
        said.append(
            QStringLiteral("%1: %2").arg(lane.device, names.isEmpty() ? tr("free") : names.join(tr(", then "))));
    }
    setAccessibleDescription(said.join(QStringLiteral("; ")));
    if (others)
        updateGeometry();
    update();
}

int QueueLanesView::labelWidth() const {
    const QFontMetrics metrics(ui::font(FontRole::MonoSmall));
    int wide = 0;
    for (const auto& lane : m_lanes)
        wide = std::max(wide, metrics.horizontalAdvance(lane.device));
    return wide + 10;
}

QRect QueueLanesView::boxOf(int lane, const QueueStretch& stretch) const {
    const int begin = labelWidth();
    const double scale = (width() - begin) / m_seconds;
    const int from = begin + static_cast<int>(std::max(0.0, stretch.from) * scale);
    const int to = begin + static_cast<int>(stretch.to * scale);
    return {from, lane * (kLane + kBetween), std::max(kEdge + 1, to - from), kLane};
}

const QueueStretch* QueueLanesView::at(const QPoint& place) const {
    for (int lane = 0; lane < m_lanes.size(); ++lane)
        for (const auto& stretch : m_lanes.at(lane).stretches)
            if (boxOf(lane, stretch).contains(place))
                return &stretch;
    return nullptr;
}

void QueueLanesView::paintStretch(QPainter& painter, const QRect& box, const QueueStretch& stretch) const {
    const bool own = !stretch.id.isEmpty();
    const QColor line = own ? runColor(std::max(1, stretch.colour)) : color(Role::NeutralStrong);
    QColor ground = line;
    ground.setAlpha(kTint);
    painter.fillRect(box, color(Role::Surface));
    painter.fillRect(box, own ? QBrush(ground) : QBrush(ground, Qt::BDiagPattern));
    painter.fillRect(QRect(box.left(), box.top(), kEdge, box.height()), line);
    painter.setFont(ui::font(FontRole::Small));
    const int room = box.width() - kEdge - 8;
    const QString words = painter.fontMetrics().elidedText(stretch.name, Qt::ElideRight, room);
    if (words.size() < 3)
        return;
    painter.setPen(color(own ? Role::Text : Role::Muted));
    painter.drawText(box.adjusted(kEdge + 5, 0, -3, 0), Qt::AlignVCenter, words);
}

void QueueLanesView::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    const int begin = labelWidth();
    for (int lane = 0; lane < m_lanes.size(); ++lane) {
        const QRect row(0, lane * (kLane + kBetween), width(), kLane);
        painter.setFont(ui::font(FontRole::MonoSmall));
        painter.setPen(color(Role::Muted));
        painter.drawText(row, Qt::AlignVCenter, m_lanes.at(lane).device);
        painter.fillRect(row.adjusted(begin, 0, 0, 0), color(Role::Sunken));
        for (const auto& stretch : m_lanes.at(lane).stretches)
            paintStretch(painter, boxOf(lane, stretch), stretch);
    }
}

void QueueLanesView::mousePressEvent(QMouseEvent* event) {
    if (const auto* stretch = at(event->pos()); stretch && !stretch->id.isEmpty())
        Q_EMIT opened(stretch->id);
}

bool QueueLanesView::event(QEvent* event) {
    if (event->type() != QEvent::ToolTip)
        return QWidget::event(event);
    const auto* help = static_cast<QHelpEvent*>(event);
    if (const auto* stretch = at(help->pos()))
        QToolTip::showText(help->globalPos(), stretch->tip, this);
    else
        QToolTip::hideText();
    return true;
}

QueueView::QueueView(QWidget* parent)
    : QWidget(parent),
      m_lanes(new QueueLanesView),
      m_words(new Label({}, FontRole::Label, Role::Muted)),
      m_hold(new Button({}, Button::Kind::Ghost)) {
    auto* all = new QVBoxLayout(this);
    all->setContentsMargins(0, 0, 0, 0);
    all->setSpacing(6);
    all->addWidget(m_lanes);
    auto* row = new QHBoxLayout;
    row->setSpacing(8);
    m_words->setElide(Qt::ElideRight);
    m_words->setObjectName(QStringLiteral("queueWords"));
    row->addWidget(m_words, 1);
    m_hold->setSmall();
    m_hold->setObjectName(QStringLiteral("holdQueue"));
    row->addWidget(m_hold);
    all->addLayout(row);
    connect(m_hold, &Button::clicked, this, [this] { Q_EMIT heldChanged(!m_held); });
    connect(m_lanes, &QueueLanesView::opened, this, &QueueView::opened);
    setQueue({});
}

void QueueView::setQueue(const LiveQueue& queue) {
    m_held = queue.held;
    m_lanes->setLanes(queue.lanes);
    m_words->setText(queue.words);
    m_hold->setText(queue.held ? tr("Let it go on") : tr("Hold the queue"));
    m_hold->setToolTip(queue.held ? tr("What waits begins again as soon as its devices are free")
                                  : tr("Nothing begins until you let it go on; what is trained goes on"));
}

} // namespace ui
