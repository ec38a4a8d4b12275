#include "ui/setup/titlebar.h"

#include "ui/controls/button.h"
#include "ui/controls/label.h"
#include "ui/setup/fieldset.h"
#include "ui/setup/settingfield.h"

#include <QAction>
#include <QHBoxLayout>
#include <QLineEdit>

namespace ui {
namespace {

const auto kName = QStringLiteral("experiment.name");
constexpr int kTitleIndent = 8; // of the text inside a field

} // namespace

TitleBar::TitleBar(FieldSet* fields, QWidget* parent)
    : QWidget(parent),
      m_fields(fields),
      m_name(new QLineEdit),
      m_line(new QWidget),
      m_tag(new StatusChip(StatusChip::Look::Filled)),
      m_differences(new Label({}, FontRole::Label, Role::Muted)),
      m_save(new Button(tr("Save"))) {
    m_name->setObjectName(QStringLiteral("field:") + kName);
    m_name->setFont(ui::font(FontRole::PageTitle));
    m_name->setProperty("quiet", true);
    m_name->setAccessibleName(tr("Name of the experiment"));
    m_name->setMaxLength(120);
    m_name->setPlaceholderText(tr("Name of the experiment"));
    m_pencil = m_name->addAction(ui::icon(QStringLiteral("pencil")), QLineEdit::TrailingPosition);
    m_pencil->setToolTip(tr("Rename the experiment"));
    connect(m_pencil, &QAction::triggered, m_name, [this] {
        m_name->setFocus(Qt::OtherFocusReason);
        m_name->selectAll();
    });
    m_differences->setElide(Qt::ElideRight);
    auto* open = new Button(tr("Open…"));
    open->setObjectName(QStringLiteral("openButton"));
    m_save->setObjectName(QStringLiteral("saveButton"));
    auto* sweep = new Button(tr("Sweep…"));
    sweep->setObjectName(QStringLiteral("sweepButton"));
    sweep->setToolTip(tr("A run for every combination of values that you give"));
    connect(sweep, &Button::clicked, this, &TitleBar::sweepRequested);

    auto* all = new QHBoxLayout(this);
    all->setContentsMargins(0, 0, 8, 0);
    all->setSpacing(8);
    auto* words = new QVBoxLayout;
    words->setSpacing(0);
    words->addWidget(m_name);
    auto* line = new QHBoxLayout(m_line);
    line->setContentsMargins(kTitleIndent, 0, 0, 0);
    line->setSpacing(8);
    line->addWidget(m_tag);
    line->addWidget(m_differences, 1);
    line->addStrut(20);
    words->addWidget(m_line);
    all->addLayout(words, 1);
    all->addWidget(sweep);
    all->addWidget(open);
    all->addWidget(m_save);

    connect(open, &Button::clicked, this, &TitleBar::openRequested);
    connect(m_save, &Button::clicked, this, &TitleBar::saveRequested);
    connect(m_name, &QLineEdit::editingFinished, this, [this, fields] {
        const QString name = m_name->text().trimmed();
        if (name.isEmpty())
            m_name->setText(fields->value(kName));
        else if (m_name->isModified())
            fields->edit(kName, name);
        m_name->setModified(false);
    });
    connect(m_name, &QLineEdit::returnPressed, m_name, qOverload<>(&QWidget::clearFocus));
    connect(fields, &FieldSet::valueChanged, this, [this](const QString& key, const QString& text) {
        if (key == kName && text != m_name->text() && !(m_name->hasFocus() && m_name->isModified())) {
            m_name->setText(text);
            m_name->setCursorPosition(0);
        }
    });
    setState({});
}

void TitleBar::build() {
    const FieldSpec* spec = m_fields->spec(kName);
    m_name->setVisible(spec);
    if (spec)
        m_name->setToolTip(helpText(*spec));
}

void TitleBar::setState(const TitleState& state) {
    m_tag->setState(Tone::Muted, state.tag);
    m_differences->setText(state.differences);
    m_line->setVisible(!state.tag.isEmpty() || !state.differences.isEmpty());
    m_save->setEnabled(state.changed);
}

} // namespace ui
