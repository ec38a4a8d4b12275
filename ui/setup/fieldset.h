#pragma once

#include "ui/setup/setupdata.h"

#include <QHash>
#include <QObject>

namespace ui {

class SettingField;

// The settings of the form by key: descriptions, values, findings, and a field for each that a card asks for.
class FieldSet final : public QObject {
    Q_OBJECT
public:
    using QObject::QObject;
    void setSpecs(const QList<FieldSpec>& specs);
    [[nodiscard]] const FieldSpec* spec(const QString& key) const;  // null: no such setting
    [[nodiscard]] QStringList keysOf(const QString& section) const; // in the order of the form
    // Made at the first call, for the caller to place; null where there is no such setting.
    SettingField* field(const QString& key);
    [[nodiscard]] SettingField* existing(const QString& key) const { return m_fields.value(key); }

    void setValue(const QString& key, const QString& text);
    [[nodiscard]] QString value(const QString& key) const;
    void edit(const QString& key, const QString& text); // by the person

    void setFindings(const QList<FieldFinding>& findings);
    [[nodiscard]] const QList<FieldFinding>& findings() const { return m_findings; }
    // Place of the gravest finding of a setting or section in findings(); -1: none.
    [[nodiscard]] int findingOf(const QString& key) const;

Q_SIGNALS:
    void edited(const QString& key, const QString& text);
    void valueChanged(const QString& key, const QString& text); // by anyone
    void findingsChanged();
    void fixRequested(int finding);

private:
    QList<FieldSpec> m_specs;
    QHash<QString, QString> m_values;
    QHash<QString, SettingField*> m_fields;
    QList<FieldFinding> m_findings;
};

} // namespace ui
