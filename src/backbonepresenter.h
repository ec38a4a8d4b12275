#pragma once

#include "engine/api/catalog.h"
#include "engine/api/weights.h"
#include "src/answer.h"

namespace ui {
class SetupPage;
}

namespace app {

class ExperimentDocument;

// Answers the dialog of all backbones: the layers of the one that is looked at, and how the weights at hand would load
// into it.
class BackbonePresenter final : public QObject {
    Q_OBJECT
public:
    BackbonePresenter(ui::SetupPage& page, const ExperimentDocument& document, QObject* parent = nullptr);

    void setClasses(int classes) { m_classes = classes; } // of the data; the head's

private:
    struct Looked {
        std::vector<engine::BlockInfo> tree;
        QString file; // of the weights; empty: none here
        std::optional<engine::WeightsReport> weights;
        std::optional<Trouble> trouble; // with the weights
    };
    void look(const QString& backbone);
    void show(const QString& backbone);
    ui::SetupPage& m_page;
    const ExperimentDocument& m_document;
    int m_classes = 2;
    Answer<Looked> m_looked;
    Background m_background{1}; // last: ends its work before the answer goes
};

} // namespace app
