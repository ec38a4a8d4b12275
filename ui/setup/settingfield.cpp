#include "ui/setup/settingfield.h"

#include "ui/controls/labeledfield.h"
#include "ui/controls/numberfield.h"
#include "ui/theme.h"

#include <QComboBox>
#include <QEvent>
#include <QLineEdit>
#include <QLocale>
#include <QPlainTextEdit>
#include <QRegularExpressionValidator>
#include <QSignalBlocker>
#include <QSpinBox>
#include <QVBoxLayout>

#include <limits>

namespace ui {
namespace {

using Commit = std::function<void(const QString&)>;

struct Editor {
    QWidget* widget;
    std::function<void(const QString&)> show;
};

// The wheel scrolls the page unless the field has the focus; leaving a text of several lines commits it.
class FieldManners final : public QObject {
public:
    explicit FieldManners(QObject* parent, std::function<void()> left = {})
        : QObject(parent), m_left(std::move(left)) {}

protected:
    bool eventFilter(QObject* watched, QEvent* event) override {
        const auto* widget = qobject_cast<QWidget*>(watched);
        if (event->type() == QEvent::Wheel && widget && !widget->hasFocus()) {
            event->ignore();
            return true;
        }
        if (event->type() == QEvent::FocusOut && m_left)
            m_left();
        return QObject::eventFilter(watched, event);
    }

private:
    std::function<void()> m_left;
};

// Of a path too long for its field the end is seen: the name of the file.
class PathEnd final : public QObject {
public:
    explicit PathEnd(QLineEdit* line) : QObject(line), m_line(line) {}

protected:
    bool eventFilter(QObject*, QEvent* event) override {
        const bool moves = event->type() == QEvent::Resize || event->type() == QEvent::FocusOut;
        if (moves && !m_line->hasFocus())
            m_line->end(false);
        return false;
    }

private:
    QLineEdit* m_line;
};

void scrollThePage(QWidget* widget) {
    widget->setFocusPolicy(Qt::StrongFocus);
    widget->installEventFilter(new FieldManners(widget));
}

Editor spinEditor(const FieldSpec& spec, const QString& zeroWords, const Commit& commit) {
    auto* spin = new QSpinBox;
    spin->setRange(static_cast<int>(spec.minimum.value_or(std::numeric_limits<int>::min())),
                   static_cast<int>(spec.maximum.value_or(std::numeric_limits<int>::max())));
    spin->setKeyboardTracking(false);
    spin->setAccelerated(true);
    if (!spec.unit.isEmpty() && spec.unit.compare(spec.label, Qt::CaseInsensitive) != 0)
        spin->setSuffix(QLatin1Char(' ') + spec.unit);
    if (spec.minimum == 0.0)
        spin->setSpecialValueText(zeroWords);
    scrollThePage(spin);
    QObject::connect(spin, &QSpinBox::valueChanged, spin, [commit](int value) { commit(QString::number(value)); });
    return {spin, [spin](const QString& text) {
                const QSignalBlocker quiet(spin);
                spin->setValue(text.toInt());
            }};
}

Editor numberEditor(const FieldSpec& spec, const Commit& commit) {
    auto* number = new NumberField;
    number->setRange(spec.minimum.value_or(-std::numeric_limits<double>::infinity()),
                     spec.maximum.value_or(std::numeric_limits<double>::infinity()));
    number->setUnit(spec.unit);
    QObject::connect(number, &NumberField::edited, number,
                     [commit](double value) { commit(QString::number(value, 'g', QLocale::FloatingPointShortest)); });
    return {number, [number](const QString& text) { number->setValue(text.toDouble()); }};
}

Editor choiceEditor(const FieldSpec& spec, const Commit& commit) {
    auto* combo = new QComboBox;
    for (int i = 0; i < spec.choices.size(); ++i)
        combo->addItem(spec.choiceLabels.value(i, spec.choices.at(i)), spec.choices.at(i));
    combo->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
    combo->setMinimumContentsLength(4);
    scrollThePage(combo);
    QObject::connect(combo, &QComboBox::activated, combo,
                     [combo, commit](int index) { commit(combo->itemData(index).toString()); });
    return {combo, [combo](const QString& text) {
                combo->setCurrentIndex(combo->findData(text));
                combo->setPlaceholderText(text); // a value that is none of the choices
            }};
}

Editor lineEditor(const FieldSpec& spec, const Commit& commit) {
    auto* line = new QLineEdit;
    line->setAcceptDrops(false);
    if (spec.type == FieldType::Integer)
        line->setValidator(new QRegularExpressionValidator(QRegularExpression(QStringLiteral("[0-9]{1,18}")), line));
    const bool path = spec.type == FieldType::Path;
    if (path) {
        line->setFont(ui::font(FontRole::Mono));
        line->setProperty("path", true);
        line->installEventFilter(new PathEnd(line));
    }
    QObject::connect(line, &QLineEdit::editingFinished, line, [line, commit] {
        if (!line->isModified())
            return;
        line->setModified(false);
        commit(line->text().trimmed());
    });
    return {line, [line, path](const QString& text) {
                if (line->text() == text || (line->hasFocus() && line->isModified()))
                    return; // what is being typed stays
                line->setText(text);
                if (!path)
                    line->setCursorPosition(0);
            }};
}

Editor linesEditor(const FieldSpec& spec, const Commit& commit) {
    auto* lines = new QPlainTextEdit;
    lines->setAcceptDrops(false);
    lines->setTabChangesFocus(true);
    lines->setFixedHeight(64);
    lines->setFont(ui::font(FontRole::Mono));
    lines->setPlaceholderText(spec.usual);
    lines->installEventFilter(new FieldManners(lines, [lines, commit] {
        if (lines->document()->isModified()) {
            lines->document()->setModified(false);
            commit(lines->toPlainText().trimmed());
        }
    }));
    return {lines, [lines](const QString& text) {
                if (lines->toPlainText() != text && !lines->document()->isModified())
                    lines->setPlainText(text);
            }};
}

Editor editorOf(const FieldSpec& spec, const QString& zeroWords, const Commit& commit) {
    switch (spec.type) {
    case FieldType::Integer:
        if (!spec.maximum || *spec.maximum > std::numeric_limits<int>::max())
            break; // more than a spin box holds: a seed
        return spinEditor(spec, zeroWords, commit);
    case FieldType::Real:
        return numberEditor(spec, commit);
    case FieldType::Choice:
        return choiceEditor(spec, commit);
    case FieldType::List:
        return linesEditor(spec, commit);
    case FieldType::Text:
    case FieldType::Path:
        break;
    }
    return lineEditor(spec, commit);
}

} // namespace

SettingField::SettingField(const FieldSpec& spec, const QString& zeroWords, QWidget* parent)
    : QWidget(parent), m_spec(spec) {
    const Editor editor = editorOf(spec, zeroWords, [this](const QString& text) {
        if (text == m_value)
            return;
        m_value = text;
        Q_EMIT edited(text);
    });
    m_show = editor.show;
    editor.widget->setObjectName(QStringLiteral("field:") + spec.key);
    m_field = new LabeledField(spec.label, editor.widget);
    m_field->setHelp(spec.label, helpText(spec));
    auto* all = new QVBoxLayout(this);
    all->setContentsMargins(0, 0, 0, 0);
    all->addWidget(m_field);
    connect(m_field, &LabeledField::fixRequested, this, &SettingField::fixRequested);
}

QWidget* SettingField::editor() const { return m_field->field(); }

void SettingField::setValue(const QString& text) {
    m_value = text;
    m_show(text);
}

void SettingField::setFinding(const FieldFinding* finding) {
    if (!finding) {
        m_field->setProblem(LabeledField::Problem::None);
        return;
    }
    // A warning is short here; Checks have the rest.
    if (finding->severity == FindingSeverity::Problem)
        m_field->setProblem(LabeledField::Problem::Error, sentenceOf(*finding), finding->fixLabel);
    else
        m_field->setProblem(LabeledField::Problem::Warning, finding->message, finding->fixLabel);
}

void SettingField::addBeside(QWidget* widget) { m_field->addBeside(widget); }

void SettingField::setPlain() { m_field->setPlain(); }

QString helpText(const FieldSpec& spec) {
    QStringList parts{spec.help};
    if (!spec.usual.isEmpty())
        parts.append(SettingField::tr("Usual: %1.").arg(spec.usual));
    parts.append(spec.cost);
    parts.removeAll(QString());
    return parts.join(QLatin1Char('\n'));
}

QString sentenceOf(const FieldFinding& finding) {
    return finding.detail.isEmpty() ? finding.message : finding.message + QLatin1Char(' ') + finding.detail;
}

} // namespace ui
