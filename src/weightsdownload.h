#pragma once

#include "src/background.h"
#include "src/latestprogress.h"

#include <QTimer>

#include <optional>
#include <stop_token>

namespace app {

// Fetches the usual weights of one backbone at a time, in the background; lives on the window's thread.
class WeightsDownload final : public QObject {
    Q_OBJECT
public:
    explicit WeightsDownload(QObject* parent = nullptr);
    ~WeightsDownload() override;

    void begin(const QString& backbone);
    void stop(); // what has come stays, and the next one goes on there
    [[nodiscard]] bool runs() const { return m_runs; }
    [[nodiscard]] const QString& backbone() const { return m_backbone; } // of the last one
    // "12.3 of 46.8 MB"; empty before the first bytes.
    [[nodiscard]] QString progressWords() const;
    // Why the last one gave nothing; none where it did, or was stopped.
    [[nodiscard]] const Trouble* trouble() const { return m_trouble ? &*m_trouble : nullptr; }

Q_SIGNALS:
    void changed(); // progress, or the end
    void arrived(); // the weights are here

private:
    void end(Outcome<QString> outcome);
    QString m_backbone;
    bool m_runs = false;
    std::optional<Trouble> m_trouble;
    std::stop_source m_stop;
    std::shared_ptr<LatestProgress> m_progress;
    QTimer m_timer;
    Background m_background{1};
};

} // namespace app
