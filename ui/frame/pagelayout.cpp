#include "ui/frame/pagelayout.h"

#include "ui/controls/button.h"
#include "ui/controls/label.h"

#include <QHBoxLayout>
#include <QPainter>
#include <QScrollArea>
#include <QShortcut>
#include <QTimer>
#include <QVBoxLayout>

namespace ui {
namespace {

constexpr int kNarrow = 1360;
constexpr int kCompact = 1120;

// The panel's ground: surface with a line at its left.
class PanelSide final : public QWidget {
protected:
    void paintEvent(QPaintEvent*) override {
        QPainter painter(this);
        painter.fillRect(rect(), color(Role::Surface));
        painter.fillRect(QRect(0, 0, 1, height()), color(Role::Border));
    }
};

// What is scrolled is given its least height without a thought of how its words wrap; so it is never lower than these
// need.
class WrappedWordsFit final : public QObject {
public:
    explicit WrappedWordsFit(QWidget* content) : QObject(content), m_content(content) {
        content->installEventFilter(this);
    }
    bool eventFilter(QObject*, QEvent* event) override {
        if (event->type() == QEvent::LayoutRequest || event->type() == QEvent::Resize)
            QTimer::singleShot(0, this, [this] { fit(); });
        return false;
    }

private:
    void fit() {
        const QLayout* layout = m_content->layout();
        const int least = layout && layout->hasHeightForWidth() ? layout->totalHeightForWidth(m_content->width()) : 0;
        if (least != m_content->minimumHeight())
            m_content->setMinimumHeight(least);
    }
    QWidget* m_content;
};

QScrollArea* scrolling(QWidget* content) {
    auto* area = new QScrollArea;
    area->setFrameShape(QFrame::NoFrame);
    area->setFocusPolicy(Qt::NoFocus); // the keys that scroll come from what is in it
    area->setWidgetResizable(true);
    area->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    area->viewport()->setAutoFillBackground(false);
    area->setWidget(content);
    content->setAutoFillBackground(false);
    return area;
}

} // namespace

PageLayout::PageLayout(QWidget* content, QWidget* panel, QWidget* foot, int panelWidth, QWidget* parent)
    : QWidget(parent),
      m_foot(foot),
      m_panelWidth(panelWidth),
      m_contentArea(scrolling(content)),
      m_compactLine(new QWidget) {
    auto* all = new QHBoxLayout(this);
    all->setContentsMargins(0, 0, 0, 0);
    all->setSpacing(0);
    auto* left = new QVBoxLayout;
    left->setSpacing(0);
    auto* line = new QVBoxLayout(m_compactLine);
    line->setContentsMargins(metric::kPageMargin, 8, metric::kPageMargin, 0);
    left->addWidget(m_compactLine);
    left->addWidget(m_contentArea, 1);
    all->addLayout(left, 1);
    m_compactLine->hide();
    if (!panel)
        return;
    m_panelSide = new PanelSide;
    m_panelSide->setObjectName(QStringLiteral("panelSide"));
    m_panelLayout = new QVBoxLayout(m_panelSide);
    m_panelLayout->setContentsMargins(1, 0, 0, 0);
    m_panelLayout->setSpacing(0);
    m_panelLayout->addWidget(scrolling(panel), 1);
    new WrappedWordsFit(panel);
    if (foot) {
        m_panelLayout->addWidget(new Divider);
        m_panelLayout->addWidget(foot);
    }
    m_panelSide->setFixedWidth(panelWidth + 1);
    all->addWidget(m_panelSide);
}

void PageLayout::arrange() {
    if (!m_panelSide)
        return;
    const int wide = window()->width();
    const bool compact = wide < kCompact;
    m_panelSide->setFixedWidth((wide < kNarrow ? std::min(m_panelWidth, metric::kPanelWidthNarrow) : m_panelWidth) + 1);
    if (compact == m_compact)
        return;
    m_compact = compact;
    if (compact)
        layout()->removeWidget(m_panelSide);
    else
        static_cast<QHBoxLayout*>(layout())->addWidget(m_panelSide);
    m_panelSide->setVisible(!compact);
    if (m_panelButton) {
        m_panelButton->setChecked(false);
        m_panelButton->setVisible(compact);
        m_panelHead->setVisible(compact);
    }
    if (m_foot) {
        if (compact)
            m_compactLine->layout()->addWidget(m_foot);
        else
            m_panelLayout->addWidget(m_foot);
        m_compactLine->setVisible(compact);
    }
    Q_EMIT compactChanged(compact);
}

// The panel over the content.
void PageLayout::lay() {
    if (!m_compact || m_panelSide->isHidden())
        return;
    m_panelSide->setGeometry(width() - m_panelSide->width(), 0, m_panelSide->width(), height());
    m_panelSide->raise();
}

IconButton* PageLayout::panelButton(const QString& tip) {
    m_panelButton = new IconButton(QStringLiteral("panel-right"), tip);
    m_panelButton->setObjectName(QStringLiteral("panelButton"));
    m_panelButton->setOutlined();
    m_panelButton->setCheckable(true);
    m_panelButton->hide();
    connect(m_panelButton, &IconButton::toggled, this, [this](bool on) {
        if (!m_compact)
            return;
        m_panelSide->setVisible(on);
        lay();
        if (on)
            m_panelSide->setFocus(Qt::OtherFocusReason);
        else
            m_panelButton->setFocus(Qt::OtherFocusReason);
    });
    m_panelHead = new QWidget;
    auto* row = new QHBoxLayout(m_panelHead);
    row->setContentsMargins(metric::kPageMargin, 8, 8, 0);
    row->addStretch(1);
    auto* close = new IconButton(QStringLiteral("x"), tr("Close (Esc)"));
    close->setObjectName(QStringLiteral("closePanel"));
    row->addWidget(close);
    m_panelHead->hide();
    m_panelLayout->insertWidget(0, m_panelHead);
    connect(close, &IconButton::clicked, m_panelButton, [this] { m_panelButton->setChecked(false); });
    // Of the whole window: what had the focus in the panel may be gone, a check that was mended for one.
    auto* away = new QShortcut(Qt::Key_Escape, this);
    away->setEnabled(false);
    connect(m_panelButton, &IconButton::toggled, away, &QShortcut::setEnabled);
    connect(away, &QShortcut::activated, m_panelButton, [this] { m_panelButton->setChecked(false); });
    return m_panelButton;
}

// Moving the foot changes layouts, which must not happen while a layout is being worked out.
void PageLayout::resizeEvent(QResizeEvent*) {
    QTimer::singleShot(0, this, &PageLayout::arrange);
    if (m_panelSide)
        lay();
}

void PageLayout::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    painter.fillRect(rect(), color(Role::Window));
}

QVBoxLayout* panelBox(QWidget* panel) {
    auto* box = new QVBoxLayout(panel);
    box->setContentsMargins(metric::kPageMargin, metric::kPageTop, metric::kPageMargin, metric::kPageMargin);
    box->setSpacing(metric::kGap);
    return box;
}

} // namespace ui
