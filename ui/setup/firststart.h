#pragma once

#include <QWidget>

namespace ui {

class Button;
class DropField;
class Label;

// Setup before there are pictures: drop a folder, choose one, or open the sample; then what comes next.
class FirstStart final : public QWidget {
    Q_OBJECT
public:
    explicit FirstStart(QWidget* parent = nullptr);
    // name: what the sample shows; empty: there is none here
    void setSample(const QString& name, const QString& words);
    void setHot(bool hot); // something hovers that can be dropped

Q_SIGNALS:
    void folderRequested();
    void sampleRequested();

private:
    DropField* m_field;
    Button* m_sample;
    QWidget* m_sampleLine;
    Label* m_sampleWords;
};

} // namespace ui
