// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/annotations/LabelSet.h"

#include "tests/support/support.h"

#include <QObject>

#include <cmath>
#include <set>

using namespace masque;

namespace {

double apart(Color a, Color b)
{
    double sum = 0;
    for (std::size_t i = 0; i < 3; ++i)
        sum += (a[i] - b[i]) * (a[i] - b[i]);
    return std::sqrt(sum);
}

} // namespace

class LabelSetTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void idsAreThePlacesInTheList()
    {
        const LabelSet labels({"_background_", "car", "__ignore__", "bus", "car"});
        QCOMPARE(labels.names(), (std::vector<std::string>{"_background_", "car", "bus"}));
        QCOMPARE(int(*labels.idOf("bus")), 2);
        QCOMPARE(int(*labels.idOf("__ignore__")), 255);
        QVERIFY(!labels.idOf("tree"));
        QVERIFY(labels.hasBackground() && !LabelSet({"car"}).hasBackground());
    }

    void addingKeepsWhatIsThere()
    {
        LabelSet labels({"_background_", "car"});
        labels.setColor(1, {1, 2, 3});
        labels.setKey(1, 4);
        QCOMPARE(int(labels.add("car")), 1);
        QCOMPARE(int(labels.add("bus")), 2);
        QCOMPARE(int(labels.add("__ignore__")), 255);
        QCOMPARE(labels.size(), 3);
        QVERIFY(labels[1].color == (Color{1, 2, 3}) && labels[1].key == 4);
    }

    void noMoreThan255Classes()
    {
        LabelSet labels;
        for (int i = 0; i < 300; ++i)
            labels.add("class" + std::to_string(i));
        QCOMPARE(labels.size(), 255);
        QCOMPARE(int(labels.add("one more")), 255);
        QCOMPARE(int(*labels.idOf("class254")), 254);
    }

    void coloursAreStableAndApart()
    {
        QVERIFY(LabelSet::defaultColor(0) == (Color{0, 0, 0}));
        std::set<Color> all;
        for (int i = 0; i < 256; ++i) {
            all.insert(LabelSet::defaultColor(i));
            for (int j = 0; j < i && i <= 32; ++j)
                QVERIFY2(apart(LabelSet::defaultColor(i), LabelSet::defaultColor(j)) > 40,
                         qPrintable(QString("%1 and %2").arg(i).arg(j)));
        }
        QVERIFY(all.size() > 240);
        for (int i = 33; i < 256; ++i) // neighbours in the continuation differ too
            QVERIFY(apart(LabelSet::defaultColor(i), LabelSet::defaultColor(i - 1)) > 50);
    }

    void thePaletteHasEveryId()
    {
        LabelSet labels({"_background_", "car"});
        labels.setColor(1, {9, 8, 7});
        const auto palette = labels.palette();
        QCOMPARE(palette.size(), std::size_t{256});
        QVERIFY(palette[0] == (Color{0, 0, 0}) && palette[1] == (Color{9, 8, 7}));
        QVERIFY(palette[255][0] > 180 && palette[255][0] == palette[255][1]);
        QVERIFY(LabelSet({"car"})[0].color != (Color{0, 0, 0})); // black is the background's
    }
};

QTEST_GUILESS_MAIN(LabelSetTest)
#include "test_label_set.moc"
