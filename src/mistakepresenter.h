#pragma once

#include "src/background.h"
#include "ui/mistakes/mistakedata.h"

#include <QObject>
#include <QPointer>

class QWidget;

namespace ui {
class PictureViewer;
}

namespace app {

// Opens misclassified pictures in a viewer of their own and loads them as they come into sight.
class MistakePresenter final : public QObject {
    Q_OBJECT
public:
    explicit MistakePresenter(QWidget& page, QObject* parent = nullptr);
    ~MistakePresenter() override;
    void show(const QString& words, const QList<ui::Misclassified>& pictures, int current);
    // Those of a run's validation after `epoch` that are chosen; nothing happens where there are none.
    void showChosen(const QString& runFolder, int epoch, ui::MistakeChoice choice);
    void showAll(const QString& runFolder, int epoch, const QString& file); // the wrong ones, that file first
    [[nodiscard]] bool atRest() { return m_background.idle() && m_pictures.idle(); }

private:
    void load(const QString& file);
    QWidget& m_page;
    QPointer<ui::PictureViewer> m_viewer;
    Background m_background{1}; // which ones
    Background m_pictures{1};
};

} // namespace app
