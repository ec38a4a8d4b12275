#pragma once

#include "ui/live/livedata.h"

#include <QWidget>

namespace ui {

// The proof of freeze: a shield, what was verified and when; an alarm names the tensor that changed.
class ProofLine final : public QWidget {
    Q_OBJECT
public:
    explicit ProofLine(QWidget* parent = nullptr);
    void setProof(const LiveProof& proof); // without a title it hides
    [[nodiscard]] QSize sizeHint() const override;
    [[nodiscard]] QSize minimumSizeHint() const override { return {120, sizeHint().height()}; }
    [[nodiscard]] bool hasHeightForWidth() const override { return true; }
    [[nodiscard]] int heightForWidth(int width) const override;

protected:
    void resizeEvent(QResizeEvent* event) override;
    void paintEvent(QPaintEvent* event) override;

private:
    [[nodiscard]] QString breakable() const; // the detail
    [[nodiscard]] QRect detailRect(int width) const;
    LiveProof m_proof;
};

} // namespace ui
