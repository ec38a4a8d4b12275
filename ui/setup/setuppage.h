#pragma once

#include "ui/setup/setupdata.h"
#include "ui/setup/thawplan.h"

#include <QPointF>
#include <QWidget>

#include <memory>

namespace ui {

// Setup: the experiment as a form. Every edit leaves at once as a pair of key and text; what the page shows comes back
// through setValue(), so that undo and an opened file look the same to it.
//
// Object names for tests and shortcuts:
//   "field:KEY"            editor of a setting: QLineEdit (text, path, seed), QSpinBox, NumberField, QComboBox,
//   QPlainTextEdit "more:SECTION"         Button of "More settings": data, model, freeze, train, devices
//   "folderButton", "firstFolderButton" (page without a folder)   open the QFileDialog "folderDialog"
//   "sampleButton"         Button of the page without a folder
//   "validationChoice"     QComboBox: the data's own folder, or the share held back
//   "classes"              ClassTable; "changesButton" opens what was said of pictures
//   "backbones"            BackboneTable of the card; setChosen(), signal backboneChosen()
//   "allBackbonesButton"   opens BackboneDialog with the BackboneTable "allBackbones", "backboneSearch",
//   "familyFilter", "sizeFilter", "hereFilter", and beside it "detailTabs", "layers" (LayerTree), "tensors",
//   "matchFilter", "tensorSearch"
//   "programButton"        opens the QFileDialog "programDialog"; then "programOutput" (QLineEdit)
//   "weightsKind"          SegmentedControl: bundled, file, none
//   "weightsButton"        opens the QFileDialog "weightsDialog"; a path may be typed into "field:model.weights" too
//   "tensorsButton"        opens TensorDialog
//   "presets"              SegmentedControl: none, head-only, last-stages, gradual, fine-tune, by-hand;
//                          click segmentRect(i).center()
//   "stages"               QSpinBox: N of last-stages:N
//   "blocksButton"         opens "blocks" (BlockTree), "blockSearch", "freezeBlocks", "trainBlocks", "timeline"
//                          (ThawTimeline), "addPhase", "cacheFrozen"; the fold of the card closes them
//   "device:ID"            DeviceTile: "device:cpu", "device:cuda:0"
//   "batch", "anotherBatch", "facts", "fix:KEY" (Button of a check), "trainButton"
//   "openButton", "saveButton", "sweepButton"
class SetupPage final : public QWidget {
    Q_OBJECT
public:
    explicit SetupPage(QWidget* parent = nullptr);
    ~SetupPage() override;

    void setFieldSpecs(const QList<FieldSpec>& specs); // once, before the first value
    void setValue(const QString& key, const QString& text);
    [[nodiscard]] QString value(const QString& key) const;
    void setTitleState(const TitleState& state);
    void setData(const DataState& state);
    void setBackbones(const QList<BackboneRow>& backbones); // all of them; the suggested ones are shown in the card
    void setWeights(const WeightsState& state);
    void setBackboneDetails(const BackboneDetails& details); // the answer to backboneDetailsWanted()
    void setFreeze(const FreezeState& state);
    void setBlocks(const QList<BlockRow>& blocks); // keeps what is open and selected where the names stay
    // The same plan as a timeline; `schedule`: epochs gone by → share of the peak learning rate.
    void setThaw(const ThawPlan& plan, const QList<QPointF>& schedule);
    void setChangedLabels(int count); // of pictures of this data set
    // `together`: what several ranks make of batch and learning rate; empty: one trains alone.
    void setDevices(const QList<DeviceRow>& devices, const QString& together = {});
    void setLinks(const DeviceLinks& links, const DeviceChoice& choice);
    void setFindings(const QList<FieldFinding>& findings);
    void setSummary(const SummaryState& summary);
    void showField(const QString& key); // unfolds its card, scrolls to it and gives it the focus

Q_SIGNALS:
    // An edit by the person. Folder, name, backbone, weights, preset ("last-stages:2") and devices ("cuda:0,cpu") too.
    void valueEdited(const QString& key, const QString& text);
    void fixRequested(int finding); // place in the list given to setFindings()
    void blocksToggled(const QStringList& blocks, bool train);
    // The timeline's plan after an edit; edits with the same gesture are one, -1 is always one of its own.
    void thawEdited(const ui::ThawPlan& plan, int gesture);
    void classOpened(int index); // in the list given to setData(): its pictures are to be seen
    void changesRequested();     // what was said of pictures is to be seen
    void openRequested();
    void saveRequested();
    void sampleRequested();
    void sweepRequested();
    void scalingRequested();
    void anotherBatchRequested();
    void weightsDownloadToggled(); // of the usual weights, which are not here: begin, or stop
    void backboneDetailsWanted(const QString& backbone);
    void trainRequested();

protected:
    void dragEnterEvent(QDragEnterEvent* event) override;
    void dragLeaveEvent(QDragLeaveEvent* event) override;
    void dropEvent(QDropEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;

private:
    struct Impl;
    std::unique_ptr<Impl> m;
};

} // namespace ui
