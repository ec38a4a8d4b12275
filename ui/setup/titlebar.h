#pragma once

#include "ui/setup/setupdata.h"

#include <QWidget>

class QAction;
class QLineEdit;

namespace ui {

class Button;
class FieldSet;
class Label;

// The experiment's name, how it differs from the run it came from, Open and Save.
class TitleBar final : public QWidget {
    Q_OBJECT
public:
    explicit TitleBar(FieldSet* fields, QWidget* parent = nullptr);
    void build(); // the settings are known
    void setState(const TitleState& state);

Q_SIGNALS:
    void openRequested();
    void saveRequested();
    void sweepRequested();

private:
    FieldSet* m_fields;
    QLineEdit* m_name;
    QAction* m_pencil;
    QWidget* m_line; // below the name
    StatusChip* m_tag;
    Label* m_differences;
    Button* m_save;
};

} // namespace ui
