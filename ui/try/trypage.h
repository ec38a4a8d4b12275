#pragma once

#include "ui/try/trydata.h"

#include <QWidget>

#include <memory>

namespace ui {

// Try: a trained model looks at pictures one gives it. Object names for tests: "modelChoice" (QComboBox),
// "exportModel", "openPictures" (opens the QFileDialog "picturesDialog"), "dropField", "results" (ResultTable),
// "copyTable", "clear", "picture" and "seen" (PictureView), "heatMap" (QCheckBox), "answer" (Label), "copyCommand",
// "busy" (Label).
class TryPage final : public QWidget {
    Q_OBJECT
public:
    explicit TryPage(QWidget* parent = nullptr);
    ~TryPage() override;

    void setModels(const QList<TryModel>& models); // none: the page says how to get one
    void setModel(const QString& id);
    [[nodiscard]] QString model() const;
    void setResults(const QList<TryResult>& results); // keeps the current file where it stays
    [[nodiscard]] QString currentFile() const;
    void setCurrentFile(const QString& file); // one of the results
    // The picture itself, large; ignored unless `file` is the current one. Until it comes, its thumbnail is shown.
    void setPicture(const QString& file, const QImage& picture);
    // The picture as the model is given it; ignored unless `file` is the current one.
    void setSeen(const QString& file, const QImage& picture, const QString& words); // "224 × 224, centre"
    // What speaks for the answer to the current file; ignored unless `file` is that and heat is shown.
    void setHeat(const QString& file, const TryHeat& heat);
    [[nodiscard]] bool showsHeat() const;
    [[nodiscard]] bool showsAttention() const; // else Grad-CAM
    void setBusy(const QString& words);        // "Looking at 12 pictures"; empty: done
    void setDevice(const QString& name);
    void setCommand(const QString& command); // the same from the command line

Q_SIGNALS:
    void modelChosen(const QString& id);
    void exportRequested(const QString& id);    // of the chosen model
    void filesChosen(const QStringList& paths); // pictures and folders, opened, dropped or pasted
    void imagePasted(const QImage& image);
    void currentChanged(const QString& file);
    void heatWanted(const QString& file); // it was switched on for this one; answer with setHeat()
    void cleared();
    void setupRequested(); // the button of the empty page

protected:
    void dragEnterEvent(QDragEnterEvent* event) override;
    void dragLeaveEvent(QDragLeaveEvent* event) override;
    void dropEvent(QDropEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    void showEvent(QShowEvent* event) override;

private:
    struct Impl;
    std::unique_ptr<Impl> m;
};

} // namespace ui
