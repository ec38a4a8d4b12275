#pragma once

#include "src/mistakepresenter.h"

#include <QPointer>

namespace ui {
class ChangesDialog;
class SetupPage;
} // namespace ui

namespace app {

class ExperimentDocument;
class LabelList;

// The pictures of Setup's data set: those of a class to be looked at, and what was said of some against the data.
class DataPictures final : public QObject {
    Q_OBJECT
public:
    DataPictures(ui::SetupPage& page, ExperimentDocument& document, LabelList& labels, QObject* parent = nullptr);
    ~DataPictures() override;
    void leaveOut(const QStringList& files); // relative to the data set
    [[nodiscard]] bool atRest() { return m_background.idle() && m_viewer.atRest(); }

Q_SIGNALS:
    void leftOut(const QStringList& files); // takeBack() undoes it

public Q_SLOTS:
    void takeBack(const QStringList& files);

private:
    void showClass(int label);
    void review();
    void showChanges();
    void openChanged(int index);
    [[nodiscard]] std::filesystem::path root() const;
    ui::SetupPage& m_page;
    ExperimentDocument& m_document;
    LabelList& m_labels;
    MistakePresenter m_viewer;
    QPointer<ui::ChangesDialog> m_dialog;
    Background m_background{1};
};

} // namespace app
