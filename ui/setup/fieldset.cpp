#include "ui/setup/fieldset.h"

#include "ui/setup/settingfield.h"

#include <algorithm>

namespace ui {
namespace {

// What 0 means where it is no amount.
QString zeroWords(const QString& key) {
    static const QHash<QString, QString> kWords{
        {QStringLiteral("data.image_size"), FieldSet::tr("As pretrained")},
        {QStringLiteral("data.workers"), FieldSet::tr("One per core")},
        {QStringLiteral("devices.threads"), FieldSet::tr("All cores")},
        {QStringLiteral("train.early_stopping_patience"), FieldSet::tr("Never")},
        {QStringLiteral("train.warmup_steps"), FieldSet::tr("None")},
    };
    return kWords.value(key);
}

} // namespace

void FieldSet::setSpecs(const QList<FieldSpec>& specs) { m_specs = specs; }

QString FieldSet::value(const QString& key) const {
    const FieldSpec* described = spec(key);
    return m_values.value(key, described ? described->defaultValue : QString());
}

const FieldSpec* FieldSet::spec(const QString& key) const {
    const auto found =
        std::find_if(m_specs.begin(), m_specs.end(), [&](const FieldSpec& spec) { return spec.key == key; });
    return found == m_specs.end() ? nullptr : &*found;
}

QStringList FieldSet::keysOf(const QString& section) const {
    QStringList keys;
    for (const auto& spec : m_specs)
        if (spec.key.startsWith(section + QLatin1Char('.')))
            keys.append(spec.key);
    return keys;
}

SettingField* FieldSet::field(const QString& key) {
    if (auto* made = m_fields.value(key))
        return made;
    const FieldSpec* described = spec(key);
    if (!described)
        return nullptr;
    auto* made = new SettingField(*described, zeroWords(key));
    m_fields.insert(key, made);
    connect(made, &SettingField::edited, this, [this, key](const QString& text) { edit(key, text); });
    connect(made, &SettingField::fixRequested, this, [this, key] { Q_EMIT fixRequested(findingOf(key)); });
    made->setValue(value(key));
    return made;
}

void FieldSet::setValue(const QString& key, const QString& text) {
    m_values.insert(key, text);
    if (auto* made = m_fields.value(key))
        made->setValue(text);
    Q_EMIT valueChanged(key, text);
}

void FieldSet::edit(const QString& key, const QString& text) {
    m_values.insert(key, text);
    Q_EMIT valueChanged(key, text);
    Q_EMIT edited(key, text);
}

void FieldSet::setFindings(const QList<FieldFinding>& findings) {
    m_findings = findings;
    for (auto made = m_fields.begin(); made != m_fields.end(); ++made) {
        const int place = findingOf(made.key());
        made.value()->setFinding(place < 0 ? nullptr : &m_findings.at(place));
    }
    Q_EMIT findingsChanged();
}

int FieldSet::findingOf(const QString& key) const {
    int warning = -1;
    for (int i = 0; i < m_findings.size(); ++i) {
        const FieldFinding& finding = m_findings.at(i);
        const bool within = !key.contains(QLatin1Char('.')) && finding.key.startsWith(key + QLatin1Char('.'));
        if (finding.key != key && !within)
            continue;
        if (finding.severity == FindingSeverity::Problem)
            return i;
        if (warning < 0)
            warning = i;
    }
    return warning;
}

} // namespace ui
