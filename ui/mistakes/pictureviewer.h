#pragma once

#include "ui/mistakes/mistakedata.h"

#include <QDialog>
#include <QHash>

#include <optional>

namespace ui {

class Button;
class ClassChooser;
class FactList;
class IconButton;
class Label;
class PictureView;

// Pictures one at a time and large: what each is, what a model said, how sure it was. It can be given another class or
// left out of later runs. Left and Right go on, Escape closes. Pictures are asked for as they come into sight.
class PictureViewer final : public QDialog {
    Q_OBJECT
public:
    explicit PictureViewer(QWidget* parent = nullptr);
    // `words`: which pictures these are: "bees taken for bumblebees: 6 pictures"
    void setPictures(const QString& words, const QList<Misclassified>& pictures, int current);
    void setPicture(const QString& file, const QImage& picture, QSize size); // null: it is not there any more
    // What a picture can be said to show; none: its label stays, and it can be left out only.
    void setClasses(const QStringList& classes);
    // What was said of pictures, by file; nothing can be said before this is known.
    void setChanges(const QHash<QString, PictureChange>& changes);
    [[nodiscard]] int current() const { return m_current; }

Q_SIGNALS:
    void pictureWanted(const QString& file); // answer with setPicture()
    void folderRequested(const QString& file);
    // What is said of it from now on; nothing: what the data say.
    void changeRequested(const QString& file, const std::optional<ui::PictureChange>& change);

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    QWidget* makePanel();
    void makeChanging();
    void showPicture(int index);
    void showFacts(const Misclassified& one, QSize size);
    void showChange();
    void chooseClass();
    void askChange(const std::optional<PictureChange>& change);
    void toggleLeftOut();
    [[nodiscard]] QString file() const { return m_pictures.value(m_current).file; }
    QList<Misclassified> m_pictures;
    QStringList m_classes;
    std::optional<QHash<QString, PictureChange>> m_changes;
    int m_current = 0;
    PictureView* m_view;
    Label* m_gone;
    Label* m_title;
    Label* m_words;
    Label* m_place;
    Label* m_path;
    FactList* m_facts;
    IconButton* m_previous;
    IconButton* m_next;
    Button* m_folder;
    QWidget* m_changing; // all that says something of the picture
    Label* m_change;
    Button* m_relabel;
    Button* m_leaveOut;
    Button* m_undo;
    ClassChooser* m_chooser;
};

} // namespace ui
