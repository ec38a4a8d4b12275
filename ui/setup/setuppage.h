#pragma once

#include "ui/setup/setupdata.h"

#include <QWidget>

#include <memory>

namespace ui {

// Setup: the experiment as a form. Every edit leaves at once as a pair of key and text; what the page shows comes back
// through setValue(), so that undo and an opened file look the same to it.
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
    void setFreeze(const FreezeState& state);
    void setBlocks(const QList<BlockRow>& blocks); // keeps what is open and selected where the names stay
    void setDevices(const QList<DeviceRow>& devices);
    void setFindings(const QList<FieldFinding>& findings);
    void setSummary(const SummaryState& summary);
    void showField(const QString& key); // unfolds its card, scrolls to it and gives it the focus

Q_SIGNALS:
    // An edit by the person. Folder, name, backbone, weights, preset ("last-stages:2") and devices ("cuda:0,cpu") too.
    void valueEdited(const QString& key, const QString& text);
    void fixRequested(int finding); // place in the list given to setFindings()
    void blocksToggled(const QStringList& blocks, bool train);
    void openRequested();
    void saveRequested();
    void sampleRequested();
    void anotherBatchRequested();
    void trainRequested();

protected:
    void dragEnterEvent(QDragEnterEvent* event) override;
    void dropEvent(QDropEvent* event) override;

private:
    struct Impl;
    std::unique_ptr<Impl> m;
};

} // namespace ui
