#pragma once

#include "ui/mistakes/mistakedata.h"

#include <QDialog>

namespace ui {

class Button;
class FactList;
class IconButton;
class Label;
class PictureView;

// Misclassified pictures, one at a time and large: what it is, what the model said, how sure it was. Left and Right go
// on, Escape closes. Pictures are asked for as they come into sight.
class PictureViewer final : public QDialog {
    Q_OBJECT
public:
    explicit PictureViewer(QWidget* parent = nullptr);
    // `words`: which pictures these are: "bees taken for bumblebees: 6 pictures"
    void setPictures(const QString& words, const QList<Misclassified>& pictures, int current);
    void setPicture(const QString& file, const QImage& picture, QSize size); // null: it is not there any more
    [[nodiscard]] int current() const { return m_current; }

Q_SIGNALS:
    void pictureWanted(const QString& file); // answer with setPicture()
    void folderRequested(const QString& file);

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    QWidget* makePanel();
    void showPicture(int index);
    void showFacts(const Misclassified& one, QSize size);
    QList<Misclassified> m_pictures;
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
};

} // namespace ui
