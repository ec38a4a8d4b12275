#pragma once

#include <QDialog>

class QStandardItemModel;
class QTableView;

namespace ui {

class Button;
class Label;

// A picture of which something else was said than its data set says.
struct ChangedPicture {
    QString file; // as it is taken back
    QString shown;
    QString was;
    QString now;
    QString when;
};

// All that was said of a data set's pictures, newest first, each to be taken back.
class ChangesDialog final : public QDialog {
    Q_OBJECT
public:
    explicit ChangesDialog(QWidget* parent = nullptr);
    void setChanges(const QList<ChangedPicture>& changes);

Q_SIGNALS:
    void takeBackRequested(const QStringList& files);
    void pictureOpened(int index);

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    QWidget* makeFoot();
    void showButtons();
    [[nodiscard]] QStringList chosen() const;
    QStringList m_files;
    QStandardItemModel* m_model;
    QTableView* m_table;
    Label* m_words;
    Button* m_open;
    Button* m_takeBack;
    Button* m_takeAllBack;
};

} // namespace ui
