#pragma once

#include "ui/live/livepage.h"

#include <QSize>

#include <optional>

class QBoxLayout;
class QComboBox;
class QDialog;
class QPlainTextEdit;
class QSlider;
class QStackedLayout;

namespace ui {

class BlocksView;
class Button;
class Card;
class ClassesView;
class EventList;
class FactList;
class FailureCard;
class HeatMap;
class IconButton;
class InlineFacts;
class KnobsView;
class Label;
class LiveCharts;
class LogView;
class PhaseProgress;
class ProofLine;
class QueueView;
class RanksCard;
class SegmentedControl;
class StatusChip;
class Swatch;
class ThumbnailGrid;

// The parts of the page. livebuild.cpp makes them, livewiring.cpp connects them, livepage.cpp shows what comes.
struct LivePage::Impl {
    explicit Impl(LivePage* livePage) : page(livePage) {}

    LivePage* page;
    QStackedLayout* stack = nullptr;
    Swatch* swatch = nullptr;
    Label* name = nullptr;
    StatusChip* chip = nullptr;
    InlineFacts* counts = nullptr;
    PhaseProgress* progress = nullptr;
    QComboBox* axis = nullptr;
    Label* smoothingTitle = nullptr;
    QSlider* smoothing = nullptr;
    Label* smoothingValue = nullptr;
    Label* crosshair = nullptr;
    Button* freeze = nullptr;
    IconButton* reset = nullptr;
    IconButton* openPanel = nullptr; // where there is no room for it
    FailureCard* failure = nullptr;
    RanksCard* ranks = nullptr;
    SegmentedControl* view = nullptr;
    QStackedLayout* views = nullptr;
    LiveCharts* charts = nullptr;
    BlocksView* blocks = nullptr;
    SegmentedControl* tabs = nullptr;
    Card* pictures = nullptr;
    ThumbnailGrid* grid = nullptr;
    Card* log = nullptr;
    LogView* logView = nullptr;
    Button* openPictures = nullptr;
    ClassesView* classes = nullptr;
    Label* never = nullptr;
    FactList* facts = nullptr;
    Label* factsTitle = nullptr;
    Button* pause = nullptr;
    Button* resume = nullptr;
    Button* stop = nullptr;
    Button* extend = nullptr;
    IconButton* report = nullptr;
    IconButton* take = nullptr;
    Button* settings = nullptr;
    QWidget* learning = nullptr;
    Label* learningUnit = nullptr;
    HeatMap* heat = nullptr;
    ProofLine* proof = nullptr;
    QWidget* actions = nullptr; // the five of them
    QBoxLayout* panelBox = nullptr;
    QBoxLayout* viewBar = nullptr;
    KnobsView* knobs = nullptr;
    IconButton* openKnobs = nullptr; // where the panel is away
    QDialog* knobsDialog = nullptr;
    bool compact = false;
    bool knobsShown = false;
    QWidget* knobsSection = nullptr;
    QueueView* queue = nullptr;
    QWidget* queueSection = nullptr;
    Card* queueCard = nullptr; // where the panel is away
    bool queueShown = false;
    EventList* changes = nullptr;
    QWidget* changesSection = nullptr;
    QPlainTextEdit* note = nullptr;

    LiveHeader header;
    bool frozen = false;
    std::optional<LiveCurves> waiting; // came while the view was frozen
    bool low = false;
    int exporting = 0;

    QWidget* makeHeader();
    QWidget* makeViewBar();
    QWidget* makeBottom();
    QWidget* makePanel();
    void connectAll();
    void arrange(QSize window);
    void arrangeBottom();
    void crosshairWords(std::optional<double> step) const;
    void setFrozen(bool on);
    void showView(int index);
    void showCurves(const LiveCurves& curves);
    void moveActions(bool away);
    void showKnobs(bool shown);
    void showQueue();
};

} // namespace ui
