// SPDX-License-Identifier: GPL-3.0-or-later
#include "studio/learn/LearnDialog.h"
#include "studio/plots/CurvePlot.h"
#include "tests/support/support.h"

#include <QAbstractSlider>
#include <QLabel>
#include <QLineEdit>
#include <QListWidget>
#include <QPushButton>
#include <QSet>
#include <QSlider>
#include <QSpinBox>
#include <QTabWidget>

#include <cmath>

using namespace masque;

namespace {

constexpr int kWaitMs = 20000;

} // namespace

class TestLearn : public QObject {
    Q_OBJECT

    std::unique_ptr<JobRunner> m_jobs = makeThreadedJobRunner();
    LearnDialog *m_dialog = nullptr;

    template <typename Control>
    Control *find(const char *page, const char *name) const
    {
        auto *parent = m_dialog->findChild<QWidget *>(QString::fromLatin1(page));
        auto *control = parent ? parent->findChild<Control *>(QString::fromLatin1(name)) : nullptr;
        if (!control)
            qFatal("there is no %s on %s", name, page);
        return control;
    }
    /// Types a number into an option.
    void type(const char *page, const char *option, const char *text) const
    {
        auto *field = find<QWidget>(page, option);
        field->setFocus();
        QTest::keyClick(field, Qt::Key_A, Qt::ControlModifier);
        QTest::keyClicks(field, QString::fromLatin1(text));
        QTest::keyClick(field, Qt::Key_Tab);
    }
    void showTab(int index) const
    {
        auto *tabs = m_dialog->findChild<QTabWidget *>(QStringLiteral("learn-lessons"));
        tabs->setFocus();
        while (tabs->currentIndex() != index)
            QTest::keyClick(tabs, Qt::Key_Tab, Qt::ControlModifier);
    }

private Q_SLOTS:
    void init()
    {
        m_dialog = new LearnDialog(*m_jobs);
        m_dialog->setAttribute(Qt::WA_DeleteOnClose, false);
        m_dialog->show();
        QVERIFY(QTest::qWaitForWindowExposed(m_dialog));
    }
    void cleanup()
    {
        delete m_dialog;
        m_dialog = nullptr;
    }

    void lineIsFoundInTwentyEpochs()
    {
        auto *slider = find<QSlider>("lesson-line", "lesson-line-step");
        auto *plot = find<CurvePlot>("lesson-line", "lesson-line-fit");
        auto *loss = find<CurvePlot>("lesson-line", "lesson-line-loss");
        QTRY_COMPARE_WITH_TIMEOUT(slider->maximum(), 20, kWaitMs);
        QTest::keyClick(slider, Qt::Key_Home);
        const auto line = [&] {
            const auto ends = plot->values(QStringLiteral("network"));
            const double slope = (ends[1].y() - ends[0].y()) / (ends[1].x() - ends[0].x());
            return std::pair(slope, ends[0].y() - slope * ends[0].x());
        };
        QCOMPARE(plot->values(QStringLiteral("points")).size(), 60);
        QCOMPARE(std::round(1000 * line().first), 1000.0); // it starts at y = x
        QTest::keyClick(slider, Qt::Key_End);
        QVERIFY2(std::abs(line().first + 3) < 0.25, qPrintable(QString::number(line().first)));
        QVERIFY2(std::abs(line().second - 4) < 0.25, qPrintable(QString::number(line().second)));
        const auto losses = loss->values(QStringLiteral("loss"));
        QCOMPARE(losses.size(), 21);
        QVERIFY(losses.back().y() < losses.front().y() / 20);
        QVERIFY(find<QLabel>("lesson-line", "lesson-line-state")->text().contains(QStringLiteral("dL/dw")));
        QCOMPARE(find<QLabel>("lesson-line", "lesson-line-position")->text(), QStringLiteral("Epoch 20 of 20"));

        type("lesson-line", "option-lr", "0.001"); // hardly moves
        QTRY_VERIFY_WITH_TIMEOUT(line().first > 0, kWaitMs);
        QVERIFY(loss->values(QStringLiteral("loss")).back().y() > losses.front().y() / 2);
        type("lesson-line", "option-epochs", "7");
        QTRY_COMPARE_WITH_TIMEOUT(slider->maximum(), 7, kWaitMs);
    }

    void playGoesThroughTheSteps()
    {
        auto *slider = find<QSlider>("lesson-line", "lesson-line-step");
        auto *play = find<QPushButton>("lesson-line", "lesson-line-play");
        QTRY_VERIFY_WITH_TIMEOUT(slider->value() > 1, kWaitMs); // by itself, once
        QTest::mouseClick(play, Qt::LeftButton);
        const int paused = slider->value();
        QCOMPARE(play->text(), QStringLiteral("&Play"));
        QTest::keyClick(play, Qt::Key_Space);
        QCOMPARE(play->text(), QStringLiteral("&Pause"));
        QTRY_VERIFY_WITH_TIMEOUT(slider->value() > paused, kWaitMs);
        slider->setValue(19);
        QTRY_COMPARE_WITH_TIMEOUT(play->text(), QStringLiteral("&Play"), kWaitMs); // the end stops it
        QCOMPARE(slider->value(), 20);
    }

    void graphGoesStepByStep()
    {
        showTab(1);
        auto *slider = find<QSlider>("lesson-graph", "lesson-graph-step");
        auto *list = find<QListWidget>("lesson-graph", "lesson-graph-steps");
        auto *state = find<QLabel>("lesson-graph", "lesson-graph-state");
        QTRY_COMPARE_WITH_TIMEOUT(slider->maximum(), 19, kWaitMs);
        QTest::mouseClick(find<QPushButton>("lesson-graph", "lesson-graph-play"), Qt::LeftButton);
        QTest::keyClick(slider, Qt::Key_Home);
        const auto shown = [&] {
            int count = 0;
            for (int row = 0; row < list->count(); ++row)
                count += !list->item(row)->isHidden();
            return count;
        };
        QCOMPARE(shown(), 0);
        QTest::keyClick(slider, Qt::Key_Right);
        QCOMPARE(shown(), 1);
        QVERIFY2(state->text().contains(QStringLiteral("m = w * x = 1 * 2 = 2")), qPrintable(state->text()));
        QTest::keyClick(slider, Qt::Key_End);
        QCOMPARE(shown(), 19);
        QVERIFY(state->text().contains(QStringLiteral("autograd")));
        list->setFocus();
        QTest::keyClick(list, Qt::Key_Up); // a line of the list goes to its step
        QCOMPARE(slider->value(), 18);
        type("lesson-graph", "option-weight", "-3"); // the error is gone, and the bias's gradient with it
        type("lesson-graph", "option-bias", "4");
        const auto contains = [&](const char *text) {
            return !list->findItems(QString::fromLatin1(text), Qt::MatchExactly).isEmpty();
        };
        QTRY_VERIFY_WITH_TIMEOUT(contains("dL/db = dL/dp * dp/db = 0 * 1 = 0"), kWaitMs);
        QVERIFY(contains("e = p - y = (-2) - (-2) = 0"));
    }

    void ratesAreSideBySide()
    {
        showTab(2);
        auto *slider = find<QSlider>("lesson-rates", "lesson-rates-step");
        QTRY_COMPARE_WITH_TIMEOUT(slider->maximum(), 20, kWaitMs);
        QTest::keyClick(slider, Qt::Key_End);
        const std::pair<const char *, const char *> expected[] = {
            {"lesson-rates-small", "Too small"}, {"lesson-rates-right", "Right"}, {"lesson-rates-large", "Too large"}};
        for (const auto &[name, verdict] : expected) {
            const auto text = find<QLabel>("lesson-rates", name)->text();
            QVERIFY2(text.contains(QLatin1String(verdict)), qPrintable(text));
        }
        const auto last = [&](const char *name) {
            return find<CurvePlot>("lesson-rates", name)->values(QStringLiteral("loss")).back().y();
        };
        QVERIFY(last("lesson-rates-right-loss") < last("lesson-rates-small-loss"));
        QVERIFY(last("lesson-rates-small-loss") < last("lesson-rates-large-loss"));
    }

    void everythingIsReachedByTheKeyboard()
    {
        auto *page = m_dialog->findChild<QWidget *>(QStringLiteral("lesson-line"));
        m_dialog->activateWindow();
        QVERIFY(QTest::qWaitForWindowActive(m_dialog));
        QSet<QString> reached;
        for (int i = 0; i < 40; ++i) {
            QTest::keyClick(m_dialog->focusWidget() ? m_dialog->focusWidget() : m_dialog, Qt::Key_Tab);
            if (const auto *focused = m_dialog->focusWidget()) {
                reached.insert(focused->objectName());
                if (page->isAncestorOf(focused) && focused->focusPolicy() != Qt::NoFocus)
                    QVERIFY2(!focused->accessibleName().isEmpty(), qPrintable(focused->objectName()));
            }
        }
        for (const char *name : {"option-points", "option-noise", "option-lr", "option-schedule", "option-seed",
                                 "lesson-line-play", "lesson-line-step"})
            QVERIFY2(reached.contains(QString::fromLatin1(name)), name);
    }

    void closedWhileItWorks()
    {
        delete m_dialog; // at once, with its job under way
        m_dialog = new LearnDialog(*m_jobs);
        QTRY_COMPARE_WITH_TIMEOUT(m_jobs->runningCount(), 0, kWaitMs);
    }
};

QTEST_MAIN(TestLearn)
#include "test_learn.moc"
