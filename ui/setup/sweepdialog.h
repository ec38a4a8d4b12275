#pragma once

#include <QDialog>
#include <QList>
#include <QStringList>

class QComboBox;
class QLineEdit;
class QVBoxLayout;

namespace ui {

class Button;
class Label;

// A setting that can be varied.
struct SweepField {
    QString key;
    QString label;
    QString value; // as it is now
    QString tip;   // what can be written
};

// What the chosen values make.
struct SweepOffer {
    int runs = 0;
    QString words;     // "3 × 2 = 6 runs, about 12 min"
    QStringList names; // of the first of them
    QString problem;   // why there are none; empty: there are
};

// Values × values × seeds: which settings to vary, how many runs that makes and how long they take, before they are put
// into the queue.
class SweepDialog final : public QDialog {
    Q_OBJECT
public:
    struct Axis {
        QString key;
        QString values;
    };
    SweepDialog(const QList<SweepField>& fields, const QString& group, QWidget* parent);
    [[nodiscard]] QList<Axis> axes() const; // those that are chosen
    [[nodiscard]] QString group() const;
    void setOffer(const SweepOffer& offer);

Q_SIGNALS:
    void changed(); // another offer is wanted

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    struct Row {
        QComboBox* field;
        QLineEdit* values;
    };
    void addRow(QVBoxLayout& box, const QString& key);
    void fieldChosen(const Row& row) const;
    QLayout* makeButtons();
    QList<SweepField> m_fields;
    QList<Row> m_rows;
    QLineEdit* m_group;
    Label* m_words;
    Label* m_names;
    Button* m_queue;
};

} // namespace ui
