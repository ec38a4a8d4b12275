#include "ui/setup/thawtimeline.h"

#include "ui/theme.h"

#include <QAccessible>
#include <QKeyEvent>
#include <QMouseEvent>
#include <QPainter>

#include <algorithm>
#include <cmath>

namespace ui {
namespace {

constexpr int kNameLeast = 112;
constexpr int kNameMost = 200;
constexpr int kWordsRoom = 48;
constexpr int kPage = 5;

} // namespace

ThawTimeline::ThawTimeline(QWidget* parent) : QWidget(parent) {
    setFocusPolicy(Qt::StrongFocus);
    setMouseTracking(true);
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
    setAccessibleName(tr("Thaw timeline"));
}

void ThawTimeline::setPlan(const ThawPlan& plan) {
    ThawPlan known = m_drag == Drag::None ? m_plan : m_before;
    const bool moreTrained = known.fixedEpochs != plan.fixedEpochs;
    known.fixedEpochs = plan.fixedEpochs;
    if (plan == known) {
        if (moreTrained)
            setFixedEpochs(plan.fixedEpochs);
        return;
    }
    if (plan == m_plan)
        return;
    m_drag = Drag::None;
    m_plan = plan;
    m_view.marked.reset();
    m_view.markedTop.reset();
    m_view.markedPhase = m_view.markedHead = -1;
    m_view.tip.clear();
    if (m_chosen && !thawEdges(plan).contains(*m_chosen)) {
        const auto edges = thawEdges(plan);
        const auto same = std::find_if(edges.begin(), edges.end(),
                                       [this](const ThawEdge& edge) { return edge.block == m_chosen->block; });
        m_chosen = same == edges.end() ? std::nullopt : std::optional(*same);
    }
    if (hasFocus() && keyboardFocusVisible())
        showChosen();
    updateGeometry();
    update();
}

void ThawTimeline::setFixedEpochs(int epochs) {
    m_plan.fixedEpochs = epochs;
    m_before.fixedEpochs = epochs;
    if (m_drag != Drag::None)
        dragTo(m_dragAt, m_dragKeys); // no further back than that
    update();
}

void ThawTimeline::setSchedule(const QList<QPointF>& schedule) {
    if (schedule == m_view.schedule)
        return;
    m_view.schedule = schedule;
    update();
}

void ThawTimeline::setNow(double epochs) {
    m_view.now = epochs;
    update();
}

QSize ThawTimeline::sizeHint() const { return {600, ThawGeometry::heightFor(m_plan)}; }
QSize ThawTimeline::minimumSizeHint() const { return {280, ThawGeometry::heightFor(m_plan)}; }

ThawGeometry ThawTimeline::geometryOf(const ThawPlan& plan) const {
    const QFontMetrics mono(ui::font(FontRole::Mono));
    int names = kNameLeast;
    for (const auto& block : plan.blocks)
        names = std::max(names, mono.horizontalAdvance(block.name) + 30);
    return {plan, width(), std::min({names, kNameMost, width() / 3}), endsHigh(m_view.schedule) ? kWordsRoom : 0};
}

ThawGeometry ThawTimeline::geometryNow() const { return geometryOf(m_plan); }

QPoint ThawTimeline::edgePoint(const ThawEdge& edge) const {
    const ThawGeometry geometry = geometryNow();
    const QRect bar = geometry.bar(edge.block);
    return {std::min(qRound(geometry.xOfEdge(edge.epoch)), geometry.plot().right()), bar.center().y()};
}

QPoint ThawTimeline::topPoint(int block, int phase) const {
    const ThawGeometry geometry = geometryNow();
    const QRect box = geometry.segment(block, phase);
    const double factor = m_plan.phases.at(phase).cells.at(block).factor;
    return {box.center().x(), box.bottom() + 1 - qRound(ThawGeometry::height(factor))};
}

int ThawTimeline::xOfEpoch(int epoch) const { return qRound(geometryNow().xOfEdge(epoch)); }

void ThawTimeline::paintEvent(QPaintEvent*) {
    if (m_plan.phases.isEmpty())
        return;
    QPainter painter(this);
    paintThaw(painter, m_plan, geometryNow(), m_view);
}

void ThawTimeline::mousePressEvent(QMouseEvent* event) {
    if (event->button() != Qt::LeftButton || m_plan.phases.isEmpty())
        return;
    const ThawGeometry geometry = geometryNow();
    const QPoint at = event->pos();
    m_before = m_plan;
    m_dragAt = at;
    m_dragKeys = event->modifiers();
    if (const int lock = geometry.hitLock(at); lock >= 0) {
        toggleBlock(lock);
    } else if (const int gone = geometry.hitRemover(at); gone > 0) {
        ++m_gesture;
        commit(withoutPhase(m_plan, gone));
    } else if (const int phase = geometry.hitPhase(at); phase > 0) {
        m_drag = Drag::Phase;
        m_phase = phase;
    } else if (const auto edge = geometry.hitEdge(at)) {
        m_drag = Drag::Edge;
        m_edge = *edge;
        m_phase = phaseAt(m_plan, edge->epoch);
        m_chosen = *edge;
        hover(at);
        say();
    } else if (const auto top = geometry.hitTop(at)) {
        m_drag = Drag::Factor;
        m_top = *top;
    }
}

void ThawTimeline::dragTo(QPoint position, Qt::KeyboardModifiers keys) {
    m_dragAt = position;
    m_dragKeys = keys;
    const ThawGeometry geometry = geometryOf(m_before);
    const int epoch = geometry.edgeAt(position.x());
    m_view.marked.reset();
    m_view.markedTop.reset();
    m_view.markedPhase = -1;
    const bool wholePhase = m_drag == Drag::Phase || (keys & Qt::ShiftModifier && m_phase > 0 &&
                                                      m_before.phases.at(m_phase).fromEpoch == m_edge.epoch);
    if (m_drag == Drag::Factor) {
        const QRect bar = geometry.bar(m_top.block);
        const double high = std::clamp((bar.bottom() + 1 - position.y()) / double(bar.height()), 0.0, 1.0);
        m_plan = withFactor(m_before, m_top.block, m_top.phase, nearestFactor(high * high));
        const int at = phaseAt(m_plan, m_before.phases.at(m_top.phase).fromEpoch);
        m_view.markedTop = ThawGeometry::Top{m_top.block, at};
        m_view.tip = {tr("%1 trains at %2")
                          .arg(m_plan.blocks.at(m_top.block).name,
                               factorWords(m_plan.phases.at(at).cells.at(m_top.block).factor)),
                      tr("of the learning rate")};
    } else if (wholePhase) {
        m_plan = withPhaseMoved(m_before, m_phase, epoch);
        m_view.markedPhase = m_phase;
        m_view.tip = {tr("Phase %1 begins at epoch %2").arg(m_phase + 1).arg(m_plan.phases.at(m_phase).fromEpoch),
                      phaseTitle(m_plan, m_phase)};
    } else {
        const auto [least, most] = edgeRange(m_before, m_edge);
        ThawEdge now = m_edge;
        now.epoch = std::clamp(epoch, least, most);
        m_plan = withEdgeMoved(m_before, m_edge, now.epoch);
        m_view.marked = now;
        m_chosen = now;
        const int phase = phaseAt(m_plan, std::min(now.epoch, m_plan.epochs));
        m_view.tip = {edgeWords(m_plan, now), phaseDetail(m_plan, phase)};
    }
    m_view.tipAt = position;
    if (m_view.marked)
        m_view.tipAt = edgePoint(*m_view.marked);
    update();
}

void ThawTimeline::mouseMoveEvent(QMouseEvent* event) {
    if (m_drag != Drag::None && event->buttons() & Qt::LeftButton)
        dragTo(event->pos(), event->modifiers());
    else
        hover(event->pos());
}

void ThawTimeline::mouseReleaseEvent(QMouseEvent* event) {
    if (event->button() != Qt::LeftButton || m_drag == Drag::None)
        return;
    endDrag();
    hover(event->pos());
}

void ThawTimeline::endDrag() {
    m_drag = Drag::None;
    ++m_gesture;
    if (m_plan == m_before)
        return;
    updateGeometry();
    Q_EMIT edited(m_plan, m_gesture);
    say();
}

void ThawTimeline::hover(QPoint position) {
    if (m_plan.phases.isEmpty())
        return;
    const ThawGeometry geometry = geometryNow();
    m_view.marked.reset();
    m_view.markedTop.reset();
    m_view.markedPhase = m_view.markedHead = -1;
    m_view.tip.clear();
    m_view.tipAt = position;
    Qt::CursorShape shape = Qt::ArrowCursor;
    if (geometry.hitRemover(position) > 0 || geometry.hitLock(position) >= 0) {
        shape = Qt::PointingHandCursor;
    } else if (const int phase = geometry.hitPhase(position); phase > 0) {
        m_view.markedPhase = phase;
        m_view.tip = {tr("Phase %1 begins at epoch %2").arg(phase + 1).arg(m_plan.phases.at(phase).fromEpoch),
                      tr("Drag to move it with all its blocks.")};
        shape = Qt::SizeHorCursor;
    } else if (const auto edge = geometry.hitEdge(position)) {
        m_view.marked = edge;
        m_view.tipAt = edgePoint(*edge);
        m_view.tip = {edgeWords(m_plan, *edge), edge->epoch > m_plan.epochs
                                                    ? tr("Drag to the left to thaw it.")
                                                    : tr("Drag to move. Shift moves the whole phase.")};
        shape = Qt::SizeHorCursor;
    } else if (const auto top = geometry.hitTop(position)) {
        m_view.markedTop = top;
        m_view.tip = {tr("%1 trains at %2")
                          .arg(m_plan.blocks.at(top->block).name,
                               factorWords(m_plan.phases.at(top->phase).cells.at(top->block).factor)),
                      tr("Drag to change the learning-rate factor.")};
        shape = Qt::SizeVerCursor;
    }
    for (int phase = 0; phase < m_plan.phases.size(); ++phase)
        if (geometry.head(phase).contains(position))
            m_view.markedHead = phase;
    setCursor(shape);
    update();
}

void ThawTimeline::leaveEvent(QEvent*) { hover({-100, -100}); }

void ThawTimeline::choose(const ThawEdge& edge) {
    m_chosen = edge;
    ++m_gesture;
    showChosen();
    say();
}

void ThawTimeline::showChosen() {
    m_view.marked = m_chosen;
    m_view.markedTop.reset();
    m_view.markedPhase = -1;
    m_view.tip.clear();
    if (m_chosen) {
        m_view.tipAt = edgePoint(*m_chosen);
        m_view.tip = {edgeWords(m_plan, *m_chosen), tr("← → move it, Shift its phase; + − change the factor.")};
    }
    update();
}

void ThawTimeline::commit(const ThawPlan& plan) {
    if (plan == m_plan)
        return;
    m_plan = plan;
    updateGeometry();
    update();
    Q_EMIT edited(m_plan, m_gesture);
}

void ThawTimeline::moveChosen(int epochs, Qt::KeyboardModifiers keys) {
    if (!m_chosen)
        return;
    const int phase = phaseAt(m_plan, m_chosen->epoch);
    if (keys & Qt::ShiftModifier && phase > 0 && m_plan.phases.at(phase).fromEpoch == m_chosen->epoch) {
        const ThawPlan moved = withPhaseMoved(m_plan, phase, m_chosen->epoch + epochs);
        m_chosen->epoch = moved.phases.at(phase).fromEpoch;
        commit(moved);
    } else {
        const auto [least, most] = edgeRange(m_plan, *m_chosen);
        const int to = std::clamp(m_chosen->epoch + epochs, least, most);
        const ThawPlan moved = withEdgeMoved(m_plan, *m_chosen, to);
        m_chosen->epoch = to;
        commit(moved);
    }
    showChosen();
    say();
}

void ThawTimeline::chooseNext(int rows) {
    const auto edges = thawEdges(m_plan);
    if (edges.isEmpty())
        return;
    const qsizetype now = m_chosen ? edges.indexOf(*m_chosen) : -1;
    choose(edges.at(now < 0 ? edges.size() - 1 : std::clamp<qsizetype>(now + rows, 0, edges.size() - 1)));
}

void ThawTimeline::changeFactor(int steps) {
    if (!m_chosen || m_chosen->epoch > m_plan.epochs)
        return;
    const int phase = std::max(0, phaseAt(m_plan, m_chosen->epoch) - (m_chosen->thaws ? 0 : 1));
    const double factor = m_plan.phases.at(phase).cells.at(m_chosen->block).factor;
    commit(withFactor(m_plan, m_chosen->block, phase, nextFactor(factor, steps)));
    showChosen();
    say();
}

void ThawTimeline::toggleBlock(int block) {
    const bool trains = std::any_of(m_plan.phases.begin(), m_plan.phases.end(),
                                    [block](const ThawPhase& phase) { return phase.cells.at(block).trained(); });
    Q_EMIT blocksToggled({m_plan.blocks.at(block).name}, !trains);
}

void ThawTimeline::keyPressEvent(QKeyEvent* event) {
    if (m_plan.phases.isEmpty()) {
        QWidget::keyPressEvent(event);
        return;
    }
    switch (event->key()) {
    case Qt::Key_Left:
        moveChosen(-1, event->modifiers());
        return;
    case Qt::Key_Right:
        moveChosen(1, event->modifiers());
        return;
    case Qt::Key_PageUp:
        moveChosen(-kPage, event->modifiers());
        return;
    case Qt::Key_PageDown:
        moveChosen(kPage, event->modifiers());
        return;
    case Qt::Key_Up:
        chooseNext(-1);
        return;
    case Qt::Key_Down:
        chooseNext(1);
        return;
    case Qt::Key_Plus:
    case Qt::Key_Equal:
        changeFactor(1);
        return;
    case Qt::Key_Minus:
        changeFactor(-1);
        return;
    case Qt::Key_Space:
        if (m_chosen)
            toggleBlock(m_chosen->block);
        return;
    case Qt::Key_Delete:
        if (m_chosen && m_chosen->epoch <= m_plan.epochs) {
            ++m_gesture;
            commit(withoutPhase(m_plan, phaseAt(m_plan, m_chosen->epoch)));
        }
        return;
    case Qt::Key_Escape:
        if (m_drag != Drag::None) {
            m_drag = Drag::None;
            m_plan = m_before;
            hover({-100, -100});
            return;
        }
        break;
    default:
        break;
    }
    QWidget::keyPressEvent(event);
}

void ThawTimeline::focusInEvent(QFocusEvent* event) {
    QWidget::focusInEvent(event);
    if (const auto edges = thawEdges(m_plan); !m_chosen && !edges.isEmpty())
        m_chosen = edges.last();
    if (keyboardFocusVisible() && event->reason() != Qt::MouseFocusReason)
        showChosen();
}

void ThawTimeline::focusOutEvent(QFocusEvent* event) {
    QWidget::focusOutEvent(event);
    hover({-100, -100});
}

bool ThawTimeline::event(QEvent* event) {
    if (event->type() == QEvent::ShortcutOverride && m_drag != Drag::None &&
        static_cast<QKeyEvent*>(event)->key() == Qt::Key_Escape) {
        event->accept();
        return true;
    }
    return QWidget::event(event);
}

// What is chosen, for those who cannot see the grip.
void ThawTimeline::say() {
    if (!m_chosen)
        return;
    QString words = edgeWords(m_plan, *m_chosen);
    if (m_chosen->epoch <= m_plan.epochs) {
        const int phase = phaseAt(m_plan, m_chosen->epoch);
        const double factor = m_plan.phases.at(phase).cells.at(m_chosen->block).factor;
        if (factor > 0)
            words += QStringLiteral(", %1").arg(factorWords(factor));
    }
    setAccessibleDescription(words);
    QAccessibleEvent event(this, QAccessible::DescriptionChanged);
    QAccessible::updateAccessibility(&event);
}

} // namespace ui
