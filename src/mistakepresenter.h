#pragma once

#include "src/background.h"
#include "ui/mistakes/mistakedata.h"

#include <QObject>
#include <QPointer>

#include <filesystem>

class QWidget;

namespace ui {
class PictureViewer;
}

namespace app {

class LabelList;

// Pictures of a data set that are looked at one by one.
struct ShownPictures {
    QString words; // which ones
    QList<ui::Misclassified> pictures;
    std::filesystem::path root; // of the data set
    QStringList classes;        // that they can be said to show; none: they have any number of labels
};

// Opens pictures in a viewer of their own, loads them as they come into sight, and hands on what is said of them.
class MistakePresenter final : public QObject {
    Q_OBJECT
public:
    explicit MistakePresenter(QWidget& page, QObject* parent = nullptr);
    ~MistakePresenter() override;
    void setLabels(LabelList* labels); // without them nothing can be said of pictures
    void show(const ShownPictures& shown, int current);
    // Those of a run's validation after `epoch` that are chosen; nothing happens where there are none.
    void showChosen(const QString& runFolder, int epoch, ui::MistakeChoice choice);
    void showAll(const QString& runFolder, int epoch, const QString& file); // the wrong ones, that file first
    [[nodiscard]] bool atRest() { return m_background.idle() && m_pictures.idle(); }

private:
    void makeViewer();
    void load(const QString& file);
    void change(const QString& file, const std::optional<ui::PictureChange>& change);
    void showChanges();
    QWidget& m_page;
    QPointer<ui::PictureViewer> m_viewer;
    QPointer<LabelList> m_labels;
    ShownPictures m_shown;
    Background m_background{1}; // which ones
    Background m_pictures{1};
};

} // namespace app
