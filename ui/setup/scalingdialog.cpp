#include "ui/setup/scalingdialog.h"

#include "ui/controls/button.h"
#include "ui/controls/label.h"
#include "ui/setup/scalingchart.h"
#include "ui/theme.h"

#include <QHBoxLayout>
#include <QPainter>
#include <QVBoxLayout>

namespace ui {
namespace {

constexpr int kDialogWidth = 520;

} // namespace

ScalingDialog::ScalingDialog(QWidget* parent)
    : QDialog(parent),
      m_what(new Label({}, FontRole::Label, Role::Muted)),
      m_chart(new ScalingChart),
      m_advice(new Label({}, FontRole::Body)),
      m_measure(new Button(tr("Measure"), Button::Kind::Primary)) {
    setWindowTitle(tr("Scaling probe"));
    setFixedWidth(kDialogWidth);
    auto* all = new QVBoxLayout(this);
    all->setContentsMargins(20, 18, 20, 16);
    all->setSpacing(8);
    all->addWidget(new Label(tr("Scaling probe"), FontRole::SectionTitle));
    all->addWidget(m_what);
    all->addWidget(m_chart);
    m_advice->setObjectName(QStringLiteral("scalingAdvice"));
    m_advice->setWordWrap(true);
    m_advice->setMinimumHeight(3 * m_advice->fontMetrics().lineSpacing());
    m_advice->setAlignment(Qt::AlignTop);
    all->addWidget(m_advice);
    auto* row = new QHBoxLayout;
    row->setSpacing(8);
    row->addStretch();
    auto* close = new Button(tr("Close"));
    row->addWidget(close);
    row->addWidget(m_measure);
    all->addLayout(row);
    m_measure->setObjectName(QStringLiteral("scalingMeasure"));
    m_measure->setDefault(true);
    connect(close, &Button::clicked, this, &QDialog::reject);
    connect(m_measure, &Button::clicked, this, &ScalingDialog::measureRequested);
}

void ScalingDialog::setState(const ScalingState& state) {
    m_what->setText(state.what);
    m_chart->setPoints(state.points, state.unit);
    const bool failed = !state.problem.isEmpty();
    const bool told = !state.measuring && !failed && !state.points.isEmpty();
    m_advice->setText(failed ? state.problem : told ? state.advice : state.offer);
    m_advice->setRole(failed                ? Role::DangerText
                      : told && state.warns ? Role::WarningText
                      : told                ? Role::SuccessText
                                            : Role::Muted);
    m_measure->setEnabled(!state.measuring);
    m_measure->setText(state.measuring ? tr("Measuring…") : state.points.isEmpty() ? tr("Measure") : tr("Again"));
    m_measure->updateGeometry();
}

void ScalingDialog::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    painter.fillRect(rect(), color(Role::Surface));
}

} // namespace ui
