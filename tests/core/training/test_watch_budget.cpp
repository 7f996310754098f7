// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/training/live.h"

#include <QObject>
#include <QtTest/QTest>

#include <algorithm>

using namespace masque;

class TestWatchBudget : public QObject {
    Q_OBJECT

private Q_SLOTS:
    /// A clock made of figures: steps of so many seconds, looks that cost what a row says, now and then three times it.
    void neverMoreThanItsShare_data()
    {
        QTest::addColumn<double>("step");
        QTest::addColumn<double>("look");
        QTest::newRow("cheap looks") << 0.1 << 0.05;
        QTest::newRow("as long as a step") << 0.5 << 0.5;
        QTest::newRow("dear looks") << 0.05 << 4.0;
        QTest::newRow("long steps") << 30.0 << 1.0;
    }
    void neverMoreThanItsShare()
    {
        QFETCH(double, step);
        QFETCH(double, look);
        WatchBudget budget(0.1, 2);
        double trained = 0, last = 0, longest = 0;
        int looks = 0;
        while (trained < 2000) {
            trained += step;
            if (!budget.isDue(trained, look))
                continue;
            QVERIFY(looks == 0 || trained - last >= 2 - 1e-9);
            last = trained;
            longest = std::max(longest, look);
            budget.add(trained, look);
            ++looks;
            QVERIFY2(budget.seconds() <= 0.1 * trained + 1e-9, qPrintable(QString::number(trained)));
        }
        QVERIFY(looks >= 10);
        if (look <= 0.2 && step <= 2)
            QVERIFY(looks > 900); // every two seconds
    }

    void oneLongLookIsMadeUpFor()
    {
        WatchBudget budget(0.1, 2);
        double trained = 10;
        QVERIFY(budget.isDue(trained, 0.2));
        budget.add(trained, 6); // nobody could know
        while (!budget.isDue(trained, 0.2))
            trained += 1;
        QVERIFY(trained >= 120); // both it and another like it are paid for
        budget.add(trained, 0.2);
        while (!budget.isDue(trained, 0.2))
            trained += 1;
        budget.add(trained, 0.2);
        QVERIFY(budget.seconds() <= 0.1 * trained);
    }

    void anEpochsEndNeedNotWaitButMustBePaid()
    {
        WatchBudget budget(0.1, 2);
        QVERIFY(!budget.isDue(1, 0.05));
        QVERIFY(budget.isDue(1, 0.05, true));
        budget.add(1, 0.1);
        QVERIFY(!budget.isDue(1.5, 0.05, true));
        QVERIFY(budget.isDue(2.5, 0.05, true));
    }
};

QTEST_GUILESS_MAIN(TestWatchBudget)
#include "test_watch_budget.moc"
