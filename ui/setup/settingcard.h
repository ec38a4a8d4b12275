#pragma once

#include "ui/controls/statuschip.h"

#include <QWidget>

class QBoxLayout;

namespace ui {

class Button;
class Card;
class FieldGrid;
class FieldSet;
class ProblemLine;

// A section of the form: its header tells the gravest finding, settings seldom needed wait behind "More settings".
class SettingCard : public QWidget {
    Q_OBJECT
public:
    // sections: first parts of the keys that belong here: "data"
    SettingCard(FieldSet* fields, const QStringList& sections, const QString& title, const QString& iconName,
                QWidget* parent = nullptr);
    virtual void build() = 0; // the settings are known: place the fields
    [[nodiscard]] bool owns(const QString& key) const;
    void setSummary(const QString& words);
    // What the header says while there is no finding.
    void setState(Tone tone, const QString& words);
    virtual void reveal(const QString& key); // unfold, and open what hides its field

Q_SIGNALS:
    void stateClicked();

protected:
    [[nodiscard]] QBoxLayout* body() const;
    [[nodiscard]] Card* card() const { return m_card; }
    [[nodiscard]] FieldSet* fields() const { return m_fields; }
    // Puts every setting of the sections but these behind "More settings".
    void addMore(const QStringList& placed);
    [[nodiscard]] Button* moreButton() const { return m_moreButton; } // in the header, unless it is placed elsewhere
    [[nodiscard]] bool hasMore() const { return !m_moreKeys.isEmpty(); }
    // For a setting without a field of its own, at the end of the body so far.
    void addProblemLine(const QString& key);

private:
    void showFindings();
    void showMore(bool shown);
    FieldSet* m_fields;
    QStringList m_sections;
    Card* m_card;
    Button* m_moreButton;
    FieldGrid* m_more;
    QStringList m_moreKeys;
    QList<std::pair<QString, ProblemLine*>> m_problems;
    Tone m_tone = Tone::None;
    QString m_words;
};

} // namespace ui
