#pragma once

#include "ui/setup/setupdata.h"

#include <QWidget>

#include <functional>

namespace ui {

class LabeledField;

// The field of one setting, made from its description. Its editor has the object name "field:" + key.
class SettingField final : public QWidget {
    Q_OBJECT
public:
    // zeroWords: what 0 means ("Never"), shown in its place; empty: 0 is a number like others.
    explicit SettingField(const FieldSpec& spec, const QString& zeroWords = {}, QWidget* parent = nullptr);
    [[nodiscard]] const FieldSpec& spec() const { return m_spec; }
    [[nodiscard]] QWidget* editor() const;
    void setValue(const QString& text); // does not emit edited()
    void setFinding(const FieldFinding* finding);
    void addBeside(QWidget* widget);
    void setPlain(); // without a label above: the caller has one beside it

Q_SIGNALS:
    void edited(const QString& text);
    void fixRequested();

private:
    FieldSpec m_spec;
    LabeledField* m_field = nullptr;
    std::function<void(const QString&)> m_show;
    QString m_value;
};

// Meaning, usual range and cost of a setting, as its tooltip says them.
[[nodiscard]] QString helpText(const FieldSpec& spec);
// "What is. Which, why." as one text.
[[nodiscard]] QString sentenceOf(const FieldFinding& finding);

} // namespace ui
