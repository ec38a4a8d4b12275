#pragma once

#include "ui/setup/settingcard.h"
#include "ui/setup/setupdata.h"

#include <QPointer>

class QLineEdit;

namespace ui {

class BackboneDialog;
class BackboneModel;
class BackboneTable;
class Button;
class SegmentedControl;
class SettingField;

// Backbone: the suggested networks, all of them in a dialog, and where the weights come from.
class BackboneCard final : public SettingCard {
    Q_OBJECT
public:
    explicit BackboneCard(FieldSet* fields, QWidget* parent = nullptr);
    void build() override;
    void setBackbones(const QList<BackboneRow>& backbones);
    void setWeights(const WeightsState& state);
    void setPictures(qint64 count); // to train on
    void setDetails(const BackboneDetails& details);

Q_SIGNALS:
    void detailsWanted(const QString& backbone); // by the dialog of all of them
    void downloadToggled();                      // of weights that are not here: begin, or stop

private:
    void chooseWeightsFile();
    void chooseProgram();
    void makeOutputRow();
    void showOutput();
    void showAllBackbones();
    void showTensors();
    void showWeightsKind();
    void showChosen();
    BackboneModel* m_model;
    BackboneTable* m_table;
    SegmentedControl* m_kind = nullptr;
    Button* m_tensors;
    Button* m_download;
    QWidget* m_outputRow = nullptr; // of a program of one's own: which of its outputs takes the head
    QLineEdit* m_output = nullptr;
    QPointer<BackboneDialog> m_dialog;
    WeightsState m_weights;
};

} // namespace ui
