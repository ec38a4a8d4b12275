#pragma once

#include "tests/ui/fakesetup.h"

#include <QSignalSpy>
#include <QTest>

#include <memory>

// Setup's page with made-up values, and what is edited there.
class SetupBench {
protected:
    static QString text(const char* words) { return QString::fromUtf8(words); }
    template <typename Widget>
    Widget* find(const char* name) const {
        return m_page->findChild<Widget*>(text(name));
    }
    [[nodiscard]] QStringList lastEdit() const {
        return m_edits->isEmpty() ? QStringList()
                                  : QStringList{m_edits->last().at(0).toString(), m_edits->last().at(1).toString()};
    }
    void begin() {
        m_page = std::make_unique<ui::SetupPage>();
        fake::fillSetup(*m_page);
        m_page->resize(1100, 900);
        m_page->show();
        QVERIFY(QTest::qWaitForWindowExposed(m_page.get()));
        m_edits = std::make_unique<QSignalSpy>(m_page.get(), &ui::SetupPage::valueEdited);
    }
    void end() {
        m_edits.reset();
        m_page.reset();
    }
    std::unique_ptr<ui::SetupPage> m_page;
    std::unique_ptr<QSignalSpy> m_edits;
};
