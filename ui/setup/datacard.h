#pragma once

#include "ui/setup/settingcard.h"
#include "ui/setup/setupdata.h"

class QComboBox;

namespace ui {

class Button;
class ClassTable;
class Label;
class LabeledField;
class ProgressBar;

// Data: the folder, how it validates, what the model is given of it, and its classes.
class DataCard final : public SettingCard {
    Q_OBJECT
public:
    explicit DataCard(FieldSet* fields, QWidget* parent = nullptr);
    void build() override;
    void setData(const DataState& state);
    void setChangedLabels(int count);

Q_SIGNALS:
    void folderRequested();
    void tableRequested();
    void classOpened(int index);
    void changesRequested();

private:
    void showValidation();
    void chooseValidation(int index);
    void chooseValidationFolder();
    void chooseShare();
    QString m_folder; // of the data set that validates
    bool m_isTable = false;
    QComboBox* m_validation = nullptr;
    ClassTable* m_classes;
    QWidget* m_checking;
    Label* m_checkWords;
    Label* m_notes; // what of the folder is not used
    ProgressBar* m_progress;
    Button* m_changes;
};

} // namespace ui
