#pragma once

#include <QImage>
#include <QWidget>

namespace ui {

// A picture as large as fits, never distorted, round at its corners.
class PictureView final : public QWidget {
    Q_OBJECT
public:
    explicit PictureView(QWidget* parent = nullptr);
    void setPicture(const QImage& picture);
    void setFaded(bool faded);                  // it is left out
    [[nodiscard]] int widthFor(int room) const; // of the picture at this height, at most `room`
    [[nodiscard]] QSize sizeHint() const override { return {360, 360}; }
    [[nodiscard]] QSize minimumSizeHint() const override { return {120, 160}; }

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    QImage m_picture;
    QPixmap m_scaled;
    bool m_faded = false;
};

} // namespace ui
