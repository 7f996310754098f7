// SPDX-License-Identifier: GPL-3.0-or-later
#include "studio/browser/ItemFilter.h"
#include "studio/review/ReviewBar.h"
#include "studio/review/ReviewQueue.h"
#include "tests/studio/label/WorkspaceTest.h"
#include "tests/studio/review/ReviewFixture.h"

#include <QComboBox>
#include <QDoubleSpinBox>
#include <QLabel>
#include <QToolButton>

using namespace masque;

/// The review of proposals by keys and mouse, on images of 64x48 whose proposals are made up.
class TestReview : public WorkspaceTest {
    Q_OBJECT

    ReviewQueue *m_queue = nullptr;

    void openAgain()
    {
        m_workspace.reset();
        m_document.reset();
        m_document = std::make_unique<Document>(*m_jobs, m_plugins.formats);
        m_workspace = std::make_unique<LabelWorkspace>(*m_document, m_plugins, *m_jobs);
        m_canvas = m_workspace->findChild<CanvasWidget *>(QStringLiteral("canvas"));
        m_queue = m_workspace->findChild<ReviewQueue *>();
        m_workspace->resize(1200, 700);
        m_workspace->show();
        QVERIFY(QTest::qWaitForWindowActive(m_workspace.get()));
        m_document->open(m_data->path());
        QVERIFY(m_document->isLoaded());
        lookAt400Percent();
        m_canvas->setFocus();
    }
    void key(Qt::Key key, Qt::KeyboardModifiers modifiers = {}) { QTest::keyClick(m_canvas, key, modifiers); }
    QString text(const char *label) const { return m_workspace->findChild<QLabel *>(QLatin1String(label))->text(); }
    int status(const char *word) const
    {
        const ItemFilter filter = ItemFilter::parse(QStringLiteral("status:") + QLatin1String(word));
        const auto &summaries = m_document->summaries();
        return static_cast<int>(std::count_if(summaries.begin(), summaries.end(),
                                              [&](const ItemSummary &summary) { return filter.matches({}, summary); }));
    }

private Q_SLOTS:
    void init()
    {
        setUp();
        m_queue = m_workspace->findChild<ReviewQueue *>();
    }
    void cleanup()
    {
        m_workspace.reset();
        m_document.reset();
    }

    void nothingIsSaidWithoutProposals()
    {
        QVERIFY(!m_workspace->findChild<ReviewBar *>()->isVisible());
        QVERIFY(!action("review-accept")->isEnabled());
        QCOMPARE(status("proposal"), 0);
    }

    void keysDecideRegionByRegion()
    {
        writeProposal(*m_data, "image1.png", {{{4, 4, 20, 16}, 1}, {{40, 10, 10, 10}, 2}, {{30, 30, 8, 8}, 1, 100}});
        writeProposal(*m_data, "image3.png", {{{10, 10, 30, 30}, 2}});
        openAgain();
        auto *bar = m_workspace->findChild<ReviewBar *>();
        QVERIFY(bar->isVisible());
        QCOMPARE(m_queue->regionsLeft(), 4);
        QCOMPARE(m_queue->imagesLeft(), 2);
        QCOMPARE(status("proposal"), 2);
        QVERIFY(text("review-left").contains(QLatin1String("4")));
        QVERIFY2(text("review-region").contains(QLatin1String("car")), qPrintable(text("review-region")));

        key(Qt::Key_Y);
        QCOMPARE(int(map()(10, 10)), 1);
        QCOMPARE(m_document->undoStack()->index(), 1);
        QCOMPARE(m_queue->regionsLeft(), 3);
        QVERIFY(text("review-region").contains(QLatin1String("tree")));
        key(Qt::Key_J); // nothing decided
        QCOMPARE(m_queue->regionsLeft(), 3);
        QCOMPARE(m_queue->current(), 1);
        key(Qt::Key_J, Qt::ShiftModifier);
        QCOMPARE(m_queue->current(), 0);
        key(Qt::Key_N);
        QCOMPARE(int(map()(15, 45)), 0);
        QVERIFY(m_document->annotation().kept);
        QCOMPARE(m_queue->regionsLeft(), 2);
        QCOMPARE(m_document->undoStack()->index(), 2);

        QTest::keyClick(m_canvas, Qt::Key_Z, Qt::ControlModifier);
        QVERIFY(!m_document->annotation().kept);
        QCOMPARE(m_queue->regionsLeft(), 3);
        key(Qt::Key_N);
        QVERIFY(!m_document->annotation().checked);
        const int index = m_document->currentIndex();
        key(Qt::Key_Y); // the last one: the image is done and the next one comes
        QVERIFY(m_document->currentIndex() != index);
        QCOMPARE(QString::fromStdString(m_document->dataset()->items[2].image), QStringLiteral("image3.png"));
        QCOMPARE(m_document->currentIndex(), 2);
        QCOMPARE(status("reviewed"), 1);
        QCOMPARE(status("proposal"), 1);
        QCOMPARE(m_queue->regionsLeft(), 1);

        m_document->saveAndWait();
        openAgain(); // what was decided stays so
        QCOMPARE(m_queue->regionsLeft(), 1);
        QCOMPARE(m_queue->imagesLeft(), 1);
        QCOMPARE(status("proposal"), 1);
        QTest::keyClick(m_canvas, Qt::Key_Z, Qt::ControlModifier); // and can be taken back
        QCOMPARE(m_queue->regionsLeft(), 2);
        QVERIFY(!m_document->annotation().checked);
    }

    void aLabelledImageIsHeldAgainstIt()
    {
        m_data->writePolygon("image2.json", "tree");
        writeProposal(*m_data, "image2.png", {});
        openAgain();
        m_document->setCurrentIndex(1);
        QCOMPARE(m_queue->regions().size(), std::size_t{1});
        QVERIFY(m_queue->regions()[0].proposed.empty());
        const Annotation before = m_document->annotation();
        key(Qt::Key_Y); // the model says that there is none
        QVERIFY(m_document->annotation().shapes.empty());
        QTest::keyClick(m_canvas, Qt::Key_Z, Qt::ControlModifier);
        QVERIFY(sameContent(m_document->annotation(), before));
    }

    void theWholeImageOrAClass()
    {
        const std::vector<Patch> patches{{{4, 4, 20, 16}, 1}, {{40, 10, 10, 10}, 2}};
        writeProposal(*m_data, "image1.png", patches);
        writeProposal(*m_data, "image2.png", patches);
        openAgain();
        m_queue->acceptClass(QStringLiteral("tree"));
        QCOMPARE(int(map()(15, 45)), 2);
        QCOMPARE(int(map()(10, 10)), 0);
        QCOMPARE(m_document->undoStack()->index(), 1);
        key(Qt::Key_Y, Qt::ShiftModifier);
        QCOMPARE(m_document->currentIndex(), 1);
        key(Qt::Key_N, Qt::ShiftModifier);
        QVERIFY(m_document->annotation().shapes.empty() && m_document->annotation().checked);
        QCOMPARE(m_queue->imagesLeft(), 0);
        m_document->setCurrentIndex(0);
        QCOMPARE(int(map()(10, 10)), 1);
        QVERIFY(m_document->annotation().checked);
        QVERIFY(!m_workspace->findChild<ReviewBar *>()->isVisible());
    }

    void everythingAboveIsAccepted()
    {
        writeProposal(*m_data, "image1.png", {{{4, 4, 20, 16}, 1, 250}, {{40, 10, 10, 10}, 2, 150}});
        writeProposal(*m_data, "image2.png", {{{4, 4, 20, 16}, 2, 250}});
        writeProposal(*m_data, "image4.png", {{{4, 4, 20, 16}, 2, 200}});
        openAgain();
        QCOMPARE(m_queue->regionsLeft(), 4);
        m_workspace->findChild<QDoubleSpinBox *>(QStringLiteral("review-sure"))->setValue(95);
        m_workspace->findChild<QToolButton *>(QStringLiteral("review-accept-above"))->click();
        QCOMPARE(m_queue->regionsLeft(), 2);
        QCOMPARE(m_queue->imagesLeft(), 2);
        QCOMPARE(int(map()(10, 10)), 1);
        QCOMPARE(int(map()(15, 45)), 0);
        QVERIFY(!m_queue->isAccepting());
        m_document->setCurrentIndex(1);
        QCOMPARE(int(map()(10, 10)), 2);
        QVERIFY(m_document->annotation().checked);
        QVERIFY(m_data->read("image2.json").find("tree") != std::string::npos); // saved
        QTest::keyClick(m_canvas, Qt::Key_Z, Qt::ControlModifier);
        QVERIFY(m_document->annotation().shapes.empty() && !m_document->annotation().checked);
        m_document->setCurrentIndex(3);
        QVERIFY(m_document->annotation().shapes.empty());
    }

    void polygonsAreOfferedWithWhatTheyLose()
    {
        writeProposal(*m_data, "image1.png", {{{4, 4, 20, 16}, 1}, {{24, 8, 10, 8}, 1}});
        openAgain();
        auto *style = m_workspace->findChild<QComboBox *>(QStringLiteral("review-style"));
        auto *tolerance = m_workspace->findChild<QDoubleSpinBox *>(QStringLiteral("review-tolerance"));
        QVERIFY(!tolerance->isVisible());
        style->setCurrentIndex(1);
        QVERIFY(tolerance->isVisible());
        tolerance->setValue(0.5);
        const QString exact = text("review-loss");
        tolerance->setValue(8);
        const QString coarse = text("review-loss");
        QVERIFY2(exact.contains(QLatin1String("1.000")) && exact != coarse, qPrintable(exact + coarse));
        tolerance->setValue(0.5);
        key(Qt::Key_Y);
        QCOMPARE(shapes().size(), std::size_t{1});
        QVERIFY(shapes()[0].type == ShapeType::Polygon);
        QCOMPARE(int(map()(12, 30)), 1);
        const QByteArray settings = m_workspace->saveSettings();
        style->setCurrentIndex(0);
        m_workspace->restoreSettings(settings);
        QCOMPARE(style->currentIndex(), 1);
    }

    void repaintingIsOneKeyAway()
    {
        writeProposal(*m_data, "image1.png", {{{20, 12, 20, 16}, 1}});
        openAgain();
        m_document->setActiveLabel(QStringLiteral("tree"));
        key(Qt::Key_U);
        QCOMPARE(m_document->activeLabel(), QStringLiteral("car"));
        QVERIFY(action("action-tool-brush")->isChecked());
        drag({{24, 20}, {36, 20}});
        QCOMPARE(int(map()(20, 30)), 1);
        QVERIFY(m_queue->regions().size() >= 1);
        key(Qt::Key_N);
        QVERIFY(m_document->annotation().kept);
    }

    void modelBrushPaintsAtTheWindow()
    {
        writeProposal(*m_data, "image1.png", {{{4, 4, 20, 30}, 1}, {{30, 4, 20, 30}, 2}});
        openAgain();
        useTool("model-brush");
        drag({{10, 15}, {44, 15}});
        QCOMPARE(int(map()(15, 12)), 1);
        QCOMPARE(int(map()(15, 27)), 0);
        QCOMPARE(int(map()(15, 40)), 2);
        QCOMPARE(m_document->undoStack()->index(), 1);
        useTool("model-fill");
        click(10, 30);
        QCOMPARE(int(map()(6, 6)), 1);
    }

    void theyAreSeenAndCanBeHidden()
    {
        writeProposal(*m_data, "image1.png", {{{20, 12, 20, 16}, 1}});
        openAgain();
        const QImage shown = settled(*m_canvas);
        action("show-proposals")->setChecked(false);
        const QImage hidden = settled(*m_canvas);
        QVERIFY(shown.size() != hidden.size() || shown != hidden);
        QVERIFY(!m_workspace->findChild<ReviewBar *>()->isVisible());
    }
};

QTEST_MAIN(TestReview)
#include "test_review.moc"
