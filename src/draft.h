#pragma once

#include "src/background.h"

#include <QTimer>

#include <memory>

namespace app {

class ExperimentDocument;

// Keeps edits that were not saved: a second after each of them in a file of the program's own, so that they are there
// after a crash too. Each experiment's file has its own draft, so that several windows keep theirs apart.
class Draft final : public QObject {
    Q_OBJECT
public:
    explicit Draft(ExperimentDocument& document, QObject* parent = nullptr);

    void keepNow();               // and not a second later; returns when it is on the disk
    void drop(const QString& of); // of an experiment's file; empty: of an untitled one
    [[nodiscard]] static QString file(const QString& of);
    // The experiment's file whose draft was written last; nothing where there is none.
    [[nodiscard]] static std::optional<QString> last();

Q_SIGNALS:
    void kept();

private:
    void keep();
    [[nodiscard]] bool worthIt() const;
    ExperimentDocument& m_document;
    QTimer m_soon;
    std::unique_ptr<Background> m_background;
};

} // namespace app
