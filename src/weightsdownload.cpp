#include "src/weightsdownload.h"

#include "engine/api/hub.h"
#include "src/values.h"
#include "ui/format.h"

namespace app {
namespace {

constexpr int kShowMs = 100;

} // namespace

WeightsDownload::WeightsDownload(QObject* parent) : QObject(parent) {
    m_timer.setInterval(kShowMs);
    connect(&m_timer, &QTimer::timeout, this, &WeightsDownload::changed);
}

WeightsDownload::~WeightsDownload() { m_stop.request_stop(); }

void WeightsDownload::begin(const QString& backbone) {
    if (m_runs)
        return;
    m_backbone = backbone;
    m_runs = true;
    m_trouble.reset();
    m_stop = std::stop_source();
    m_progress = std::make_shared<LatestProgress>();
    m_timer.start();
    m_background.run([name = backbone.toStdString(), stop = m_stop.get_token(),
                      progress = m_progress] { return words(engine::fetchWeights(name, stop, progress.get())); },
                     [this](Outcome<QString> outcome) { end(std::move(outcome)); });
    Q_EMIT changed();
}

void WeightsDownload::stop() { m_stop.request_stop(); }

void WeightsDownload::end(Outcome<QString> outcome) {
    m_runs = false;
    m_timer.stop();
    if (auto* trouble = std::get_if<1>(&outcome); trouble && trouble->kind != engine::ErrorKind::Stopped)
        m_trouble = std::move(*trouble);
    Q_EMIT changed();
    if (outcome.index() == 0)
        Q_EMIT arrived();
}

QString WeightsDownload::progressWords() const {
    const auto latest = m_progress ? m_progress->latest() : std::nullopt;
    if (!latest || latest->steps <= 0)
        return {};
    return ui::formatBytesOf(static_cast<double>(latest->step), static_cast<double>(latest->steps));
}

} // namespace app
