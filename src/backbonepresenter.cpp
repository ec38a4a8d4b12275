#include "src/backbonepresenter.h"

#include "src/backbonewords.h"
#include "src/experimentdocument.h"
#include "src/setupwords.h"
#include "src/values.h"
#include "ui/setup/setuppage.h"

namespace app {
namespace {

// The weights that a training with this backbone would take: the chosen file, else the bundled ones.
std::filesystem::path weightsFor(const engine::Experiment& experiment, const std::string& backbone) {
    std::error_code code;
    engine::Experiment plain;
    plain.model.backbone = backbone;
    const auto bundled = plain.weightsPath(); // a program's own are in it
    const bool chosen = experiment.model.weights != "none" && experiment.model.weights != "bundled";
    if (chosen && (backbone == experiment.model.backbone || !std::filesystem::exists(bundled, code)))
        return experiment.weightsPath();
    return bundled;
}

} // namespace

BackbonePresenter::BackbonePresenter(ui::SetupPage& page, const ExperimentDocument& document, QObject* parent)
    : QObject(parent), m_page(page), m_document(document) {
    connect(&page, &ui::SetupPage::backboneDetailsWanted, this, &BackbonePresenter::look);
}

void BackbonePresenter::look(const QString& backbone) {
    const auto& experiment = m_document.experiment();
    const auto file = weightsFor(experiment, backbone.toStdString());
    const QString question = QStringLiteral("%1\n%2\n%3").arg(backbone, words(file)).arg(m_classes);
    const bool asked = m_looked.ask(
        m_background, question,
        [name = backbone.toStdString(), file, classes = m_classes](const std::stop_token&) {
            Looked looked{engine::blockTree(name, classes), {}, {}, {}};
            std::error_code code;
            if (file.empty() || !std::filesystem::exists(file, code))
                return looked;
            looked.file = words(file.filename());
            try {
                looked.weights = engine::inspectWeights(file, name, classes);
            } catch (const engine::Error&) {
                looked.trouble = currentTrouble();
            }
            return looked;
        },
        [this, backbone] { show(backbone); });
    if (!asked && !m_looked.waiting())
        show(backbone);
}

void BackbonePresenter::show(const QString& backbone) {
    ui::BackboneDetails details;
    details.name = backbone;
    try {
        details.facts = backboneFacts(engine::findBackbone(backbone.toStdString()));
    } catch (const engine::Error&) {
        details.problem = details.weightsAbsent = currentTrouble().message; // a program that is gone
    }
    if (const auto* trouble = m_looked.trouble())
        details.problem = details.weightsAbsent = trouble->message;
    if (const auto* looked = m_looked.value()) {
        details.layers = layerRows(looked->tree);
        if (looked->weights)
            details.weights = mappingState(looked->file, *looked->weights);
        else if (looked->trouble)
            details.weightsAbsent = QStringLiteral("%1 %2").arg(looked->trouble->message, looked->trouble->remedy);
        else
            details.weightsAbsent =
                tr("No weights for %1 are on this computer. Use it, then press Download in the card, or choose a file.")
                    .arg(backbone);
    }
    m_page.setBackboneDetails(details);
}

} // namespace app
