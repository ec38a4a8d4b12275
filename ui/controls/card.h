#pragma once

#include "ui/controls/statuschip.h"
#include "ui/theme.h"

#include <QWidget>

class QBoxLayout;
class QHBoxLayout;

namespace ui {

class IconLabel;
class IconButton;
class Label;

// A surface with a header (icon, title, muted summary, state at the right, extra widgets, fold) and a body. Folded it
// is its header and still tells the truth.
class Card final : public QWidget {
    Q_OBJECT
public:
    enum class Style { Section, Chart }; // Section: padding 16, title 15/600. Chart: padding 12, title 12/600.
    explicit Card(const QString& title = {}, const QString& iconName = {}, Style style = Style::Section,
                  QWidget* parent = nullptr);

    void setTitle(const QString& title);
    void setSummary(const QString& summary);
    void setState(Tone tone, const QString& words);
    void addHeaderWidget(QWidget* widget); // right, before the fold
    void setBody(QWidget* body);           // or fill bodyLayout()
    [[nodiscard]] QBoxLayout* bodyLayout() const { return m_bodyLayout; }
    void setFoldable();
    void setFolded(bool folded);
    [[nodiscard]] bool folded() const { return m_folded; }

Q_SIGNALS:
    void foldedChanged(bool folded);
    void stateClicked(); // the state words were pressed: go to the field they speak of

protected:
    void paintEvent(QPaintEvent* event) override;
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    void orderFocus();
    Label* m_title;
    Label* m_summary;
    StatusChip* m_chip;
    QHBoxLayout* m_header;
    IconButton* m_fold = nullptr;
    QWidget* m_body;
    QBoxLayout* m_bodyLayout;
    bool m_folded = false;
};

} // namespace ui
