#include "ui/live/proofline.h"

#include "ui/theme.h"

#include <QPainter>
#include <QRegularExpression>
#include <QResizeEvent>

namespace ui {
namespace {

constexpr int kProofIndent = 24;
constexpr int kTitle = 18;
constexpr int kProofPadding = 8; // of an alarm's ground

} // namespace

ProofLine::ProofLine(QWidget* parent) : QWidget(parent) {
    QSizePolicy policy(QSizePolicy::Expanding, QSizePolicy::Fixed);
    policy.setHeightForWidth(true);
    setSizePolicy(policy);
    hide();
}

void ProofLine::setProof(const LiveProof& proof) {
    if (proof == m_proof)
        return;
    m_proof = proof;
    setAccessibleName(QStringLiteral("%1. %2").arg(proof.title, proof.detail));
    setVisible(!proof.title.isEmpty());
    updateGeometry();
    update();
}

// Names of tensors have no spaces: they break behind a point or a line.
QString ProofLine::breakable() const {
    static const QRegularExpression joints(QStringLiteral("([._])(?=\\w)"));
    return QString(m_proof.detail).replace(joints, QStringLiteral("\\1") + QChar(0x200b));
}

QRect ProofLine::detailRect(int width) const {
    const bool alarm = m_proof.tone == Tone::Danger;
    const int left = kProofIndent + (alarm ? kProofPadding : 0);
    const QRect room(left, kTitle + (alarm ? kProofPadding : 0),
                     std::max(20, width - left - (alarm ? kProofPadding : 0)), 400);
    return QFontMetrics(ui::font(FontRole::Small)).boundingRect(room, Qt::AlignLeft | Qt::TextWordWrap, breakable());
}

int ProofLine::heightForWidth(int width) const {
    return detailRect(width).bottom() + 3 + (m_proof.tone == Tone::Danger ? kProofPadding : 0);
}

QSize ProofLine::sizeHint() const { return {240, heightForWidth(width() > 0 ? width() : 240)}; }

// Layouts that do not ask for the height of a width ask for the hint, which is of the width before.
void ProofLine::resizeEvent(QResizeEvent* event) {
    if (event->size().width() != event->oldSize().width())
        updateGeometry();
}

void ProofLine::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    const bool alarm = m_proof.tone == Tone::Danger;
    const Role ink = alarm ? Role::DangerText : Role::SuccessText;
    const int inset = alarm ? kProofPadding : 0;
    if (alarm)
        drawOutline(painter, rect(), Qt::transparent, 0, metric::kControlRadius, color(Role::DangerTint));
    const QString shield = alarm ? QStringLiteral("shield-alert") : QStringLiteral("shield-check");
    painter.drawPixmap(inset, inset + 1, theme().pixmap(shield, 16, color(ink), devicePixelRatioF()));
    painter.setFont(ui::font(FontRole::Head));
    painter.setPen(color(alarm ? Role::DangerText : Role::Text));
    painter.drawText(QRect(inset + kProofIndent, inset, width() - kProofIndent - 2 * inset, kTitle),
                     Qt::AlignVCenter | Qt::TextSingleLine, m_proof.title);
    painter.setFont(ui::font(FontRole::Small));
    painter.setPen(color(alarm ? Role::Text : Role::Muted));
    painter.drawText(detailRect(width()).adjusted(0, 0, 2, 2), Qt::TextWordWrap, breakable());
}

} // namespace ui
