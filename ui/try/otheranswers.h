#pragma once

#include "ui/try/trydata.h"

#include <QWidget>

namespace ui {

// What other runs say about the picture; answers that differ stand out.
class OtherAnswers final : public QWidget {
    Q_OBJECT
public:
    explicit OtherAnswers(QWidget* parent = nullptr);
    void setAnswers(const QList<TryOther>& answers, const QString& expected);
    [[nodiscard]] QSize sizeHint() const override;
    [[nodiscard]] QSize minimumSizeHint() const override { return {120, sizeHint().height()}; }

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    QList<TryOther> m_answers;
    QString m_expected;
};

} // namespace ui
