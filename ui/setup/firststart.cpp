#include "ui/setup/firststart.h"

#include "ui/controls/button.h"
#include "ui/controls/dropfield.h"
#include "ui/controls/label.h"
#include "ui/controls/surface.h"

#include <QPainter>
#include <QVBoxLayout>

namespace ui {
namespace {

constexpr int kStartWidth = 560;

// The folder on its tinted ground.
class Emblem final : public QWidget {
public:
    Emblem() { setFixedSize(48, 48); }

protected:
    void paintEvent(QPaintEvent*) override {
        QPainter painter(this);
        drawOutline(painter, rect(), Qt::transparent, 0, metric::kCardRadius, color(Role::AccentTint));
        painter.drawPixmap(
            12, 12, theme().pixmap(QStringLiteral("folder-down"), 24, color(Role::AccentText), devicePixelRatioF()));
    }
};

class StepNumber final : public QWidget {
public:
    explicit StepNumber(int number) : m_number(number) { setFixedSize(24, 24); }

protected:
    void paintEvent(QPaintEvent*) override {
        QPainter painter(this);
        drawOutline(painter, rect(), Qt::transparent, 0, 12, color(Role::Sunken));
        painter.setFont(ui::font(FontRole::ChartTitle));
        painter.setPen(color(Role::Muted));
        painter.drawText(rect(), Qt::AlignCenter, QString::number(m_number));
    }

private:
    int m_number;
};

QLayout* step(int number, const QString& title, const QString& words) {
    auto* row = new QHBoxLayout;
    row->setSpacing(10);
    row->addWidget(new StepNumber(number));
    auto* text = new QVBoxLayout;
    text->setSpacing(0);
    text->addWidget(new Label(title, FontRole::Value));
    text->addWidget(new Label(words, FontRole::Label, Role::Muted));
    row->addLayout(text);
    return row;
}

} // namespace

FirstStart::FirstStart(QWidget* parent)
    : QWidget(parent),
      m_field(new DropField),
      m_sample(new Button({})),
      m_sampleLine(new QWidget),
      m_sampleWords(new Label({}, FontRole::Label, Role::Muted)) {
    auto* box = m_field->box();
    box->setContentsMargins(24, 28, 24, 24);
    box->setSpacing(4);
    box->addStretch();
    box->addWidget(new Emblem, 0, Qt::AlignHCenter);
    box->addSpacing(12);
    auto* title = new Label(tr("Drop a folder of pictures here"), FontRole::PageTitle);
    title->setAlignment(Qt::AlignHCenter);
    box->addWidget(title);
    auto* words = new Label(tr("One folder inside it for each class. Nothing is copied or uploaded."), FontRole::Body,
                            Role::Muted);
    words->setAlignment(Qt::AlignHCenter);
    words->setWordWrap(true);
    box->addWidget(words);
    box->addSpacing(12);
    auto* buttons = new QHBoxLayout;
    buttons->setSpacing(8);
    buttons->addStretch();
    auto* folder = new Button(QStringLiteral("folder-open"), tr("Choose folder…"), Button::Kind::Primary);
    folder->setObjectName(QStringLiteral("firstFolderButton"));
    m_sample->setObjectName(QStringLiteral("sampleButton"));
    buttons->addWidget(folder);
    buttons->addWidget(m_sample);
    buttons->addStretch();
    box->addLayout(buttons);
    box->addStretch();

    auto* card = new Surface(metric::kCardPadding);
    card->setMaximumWidth(kStartWidth);
    auto* body = card->box();
    body->setSpacing(12);
    body->addWidget(m_field, 1);
    auto* line = new QHBoxLayout(m_sampleLine);
    line->setContentsMargins(0, 0, 0, 0);
    line->setSpacing(8);
    line->addWidget(new IconLabel(QStringLiteral("info"), 14));
    line->addWidget(m_sampleWords, 1);
    body->addWidget(m_sampleLine);
    body->addWidget(new Divider);
    auto* steps = new QHBoxLayout;
    steps->addLayout(step(1, tr("Choose pictures"), tr("Thaw checks them.")));
    steps->addStretch();
    steps->addLayout(step(2, tr("Press Train"), tr("The recipe is ready.")));
    steps->addStretch();
    steps->addLayout(step(3, tr("Try the model"), tr("Drop in a new picture.")));
    body->addLayout(steps);

    auto* all = new QVBoxLayout(this);
    all->setContentsMargins(metric::kPageMargin, metric::kPageTop, metric::kPageMargin, metric::kPageTop);
    all->addStretch(2);
    auto* middle = new QHBoxLayout;
    middle->addStretch();
    middle->addWidget(card, 100);
    middle->addStretch();
    all->addLayout(middle);
    all->addStretch(3);
    connect(folder, &Button::clicked, this, &FirstStart::folderRequested);
    connect(m_sample, &Button::clicked, this, &FirstStart::sampleRequested);
    setSample({}, {});
}

void FirstStart::setSample(const QString& name, const QString& words) {
    m_sample->setText(tr("Open the sample, %1").arg(name));
    m_sample->updateGeometry();
    m_sample->setVisible(!name.isEmpty());
    m_sampleWords->setText(words);
    m_sampleLine->setVisible(!name.isEmpty() && !words.isEmpty());
}

void FirstStart::setHot(bool hot) { m_field->setHot(hot); }

} // namespace ui
