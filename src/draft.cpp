#include "src/draft.h"

#include "src/experimentdocument.h"
#include "src/values.h"

#include <QCryptographicHash>
#include <QDir>
#include <QFileInfo>
#include <QSettings>
#include <QStandardPaths>

namespace app {
namespace {

constexpr int kKeepMs = 1000;

const QString& draftOfKey() {
    static const QString key = QStringLiteral("project/draftOf");
    return key;
}

void write(const engine::Experiment& experiment, const QString& draft) {
    QDir().mkpath(QFileInfo(draft).path());
    engine::writeExperiment(experiment, toPath(draft));
}

} // namespace

Draft::Draft(ExperimentDocument& document, QObject* parent)
    : QObject(parent), m_document(document), m_background(std::make_unique<Background>(1)) {
    m_soon.setSingleShot(true);
    m_soon.setInterval(kKeepMs);
    connect(&m_soon, &QTimer::timeout, this, &Draft::keep);
    connect(&document, &ExperimentDocument::valuesChanged, &m_soon, qOverload<>(&QTimer::start));
    connect(&document, &ExperimentDocument::fileChanged, &m_soon, &QTimer::stop);
}

QString Draft::file(const QString& of) {
    const QByteArray name = QCryptographicHash::hash(of.toUtf8(), QCryptographicHash::Sha1).toHex();
    return QStringLiteral("%1/drafts/%2.toml")
        .arg(QStandardPaths::writableLocation(QStandardPaths::AppDataLocation), QLatin1String(name));
}

std::optional<QString> Draft::last() {
    const QString of = QSettings().value(draftOfKey()).toString();
    return QFileInfo::exists(file(of)) ? std::optional(of) : std::nullopt;
}

bool Draft::worthIt() const { return m_document.changed() && !m_document.experiment().data.path.empty(); }

void Draft::keep() {
    const QString of = m_document.file();
    if (!worthIt()) {
        drop(of);
        return;
    }
    QSettings().setValue(draftOfKey(), of);
    m_background->run(
        [experiment = m_document.experiment(), draft = file(of)] {
            write(experiment, draft);
            return true;
        },
        [this](const Outcome<bool>& outcome) {
            if (const auto* trouble = std::get_if<Trouble>(&outcome))
                qWarning("%s", qPrintable(trouble->message)); // the disk is full: nothing that was saved is in danger
            else
                Q_EMIT kept();
        });
}

void Draft::keepNow() {
    m_soon.stop();
    m_background = std::make_unique<Background>(1); // the one before has ended what it was doing
    if (!worthIt()) {
        drop(m_document.file());
        return;
    }
    try {
        write(m_document.experiment(), file(m_document.file()));
        QSettings().setValue(draftOfKey(), m_document.file());
    } catch (const engine::Error& error) {
        qWarning("%s", error.what());
    }
}

void Draft::drop(const QString& of) {
    m_soon.stop();
    m_background = std::make_unique<Background>(1);
    QFile::remove(file(of));
}

} // namespace app
