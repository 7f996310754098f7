// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/files.h"
#include "studio/classgrid/ClassGrid.h"
#include "tests/studio/label/WorkspaceTest.h"

#include <QComboBox>
#include <QLabel>
#include <QLineEdit>
#include <QListView>
#include <QToolBar>

using namespace masque;

/// Classes of whole images in the grid, by mouse and keys. The fixture's folder has no classes of images, so that the
/// seven emotions are offered.
class TestClassGrid : public WorkspaceTest {
    Q_OBJECT
private Q_SLOTS:
    void init()
    {
        setUp();
        QTest::keyClick(m_canvas, Qt::Key_G, Qt::ControlModifier | Qt::AltModifier);
        m_grid = m_workspace->findChild<ClassGrid *>();
        m_list = m_grid->findChild<QListView *>(QStringLiteral("class-grid-list"));
        QVERIFY(m_grid->isVisible());
        QVERIFY(!m_canvas->isVisible());
        QTRY_VERIFY(!m_document->isIndexing());
        QTRY_COMPARE(m_list->model()->rowCount(), 4);
    }
    void cleanup() { tearDown(); }

    void oneAfterAnother()
    {
        clickRow(0);
        for (const int key : {Qt::Key_4, Qt::Key_1, Qt::Key_0})
            QTest::keyClick(m_list, Qt::Key(key));
        QTRY_COMPARE(classesShown(), (QStringList{"happy", "angry", "unsure", ""}));
        QCOMPARE(m_list->currentIndex().row(), 3); // it went on by itself
        QVERIFY(m_document->saveAndWait());
        const auto json = readJsonFile(m_data->file("image1.json"));
        MASQUE_VERIFY(json);
        QVERIFY((*json)["flags"]["happy"].toBool());
        QCOMPARE((*json)["flags"].size(), std::size_t{1});
        QVERIFY(m_data->read("image3.json").find("__ignore__") != std::string::npos);
        QCOMPARE(m_document->labels().size(), 3); // classes of masks are others

        // Another class clears the first one's flag.
        clickRow(0);
        QTest::keyClick(m_list, Qt::Key_7);
        QTRY_COMPARE(classesShown()[0], QStringLiteral("neutral"));
        QVERIFY(m_document->saveAndWait());
        const auto again = readJsonFile(m_data->file("image1.json"));
        MASQUE_VERIFY(again);
        QVERIFY(!(*again)["flags"]["happy"].toBool());
        QVERIFY((*again)["flags"]["neutral"].toBool());
    }

    void severalAtOnceAreOneStep()
    {
        clickRow(0);
        clickRow(2, Qt::ControlModifier);
        QTest::keyClick(m_list, Qt::Key_5);
        QTRY_COMPARE(classesShown(), (QStringList{"sad", "", "sad", ""}));
        QCOMPARE(m_list->selectionModel()->selectedIndexes().size(), 2);
        QTest::keyClick(m_list, Qt::Key_A, Qt::ControlModifier);
        auto *happy = classButton(QStringLiteral("happy"));
        QVERIFY(happy);
        QTest::mouseClick(happy, Qt::LeftButton);
        QTRY_COMPARE(classesShown(), (QStringList{"happy", "happy", "happy", "happy"}));

        QTest::keyClick(m_list, Qt::Key_Z, Qt::ControlModifier);
        QTRY_COMPARE(classesShown(), (QStringList{"sad", "", "sad", ""}));
        QTest::keyClick(m_list, Qt::Key_Z, Qt::ControlModifier);
        QTRY_COMPARE(classesShown(), (QStringList{"", "", "", ""}));
        QVERIFY(!action("undo")->isEnabled());
        QTest::keyClick(m_list, Qt::Key_Z, Qt::ControlModifier | Qt::ShiftModifier);
        QTRY_COMPARE(classesShown(), (QStringList{"sad", "", "sad", ""}));
        clickRow(2);
        QTest::keyClick(m_list, Qt::Key_Delete);
        QTRY_COMPARE(classesShown(), (QStringList{"sad", "", "", ""}));
        QVERIFY(m_document->saveAndWait());
        QVERIFY(!m_document->hasConflict());
    }

    void choosesWhatIsShown()
    {
        clickRow(1);
        QTest::keyClick(m_list, Qt::Key_3);
        QTRY_COMPARE(classesShown()[1], QStringLiteral("fear"));
        auto *show = m_grid->findChild<QComboBox *>(QStringLiteral("class-grid-show"));
        const auto choose = [&](const QString &text) {
            const int row = show->findText(text);
            QVERIFY2(row >= 0, qPrintable(text));
            show->setCurrentIndex(row);
        };
        choose(QStringLiteral("fear"));
        QCOMPARE(m_list->model()->rowCount(), 1);
        choose(QStringLiteral("Without a class"));
        QCOMPARE(m_list->model()->rowCount(), 3);
        clickRow(0); // what gets its class leaves
        QTest::keyClick(m_list, Qt::Key_6);
        QTRY_COMPARE(m_list->model()->rowCount(), 2);
        choose(QStringLiteral("All images"));
        QTRY_COMPARE(classesShown(), (QStringList{"surprise", "fear", "", ""}));
        QCOMPARE(m_grid->findChild<QLabel *>(QStringLiteral("class-grid-count"))->text().left(6),
                 QStringLiteral("2 of 4"));
        clickRow(0);
        QTest::keyClick(m_list, Qt::Key_D, Qt::ShiftModifier); // next unlabelled
        QCOMPARE(m_list->currentIndex().row(), 2);
    }

    /// With a rater's name keys are votes: the class is what most say, and what they dispute is a list of its own.
    void ratersVote()
    {
        auto *rater = m_grid->findChild<QLineEdit *>(QStringLiteral("class-grid-rater"));
        const auto vote = [&](const char *name, int row, Qt::Key key) {
            rater->setFocus();
            rater->selectAll();
            QTest::keyClicks(rater, QLatin1String(name));
            QTest::keyClick(rater, Qt::Key_Return);
            QVERIFY(m_list->hasFocus());
            clickRow(row);
            QTest::keyClick(m_list, key);
        };
        const auto votes = [&](int row) {
            return m_list->model()->index(row, 0).data(ClassGridModel::VotesRole).toString();
        };
        vote("anna", 0, Qt::Key_4);
        QTRY_COMPARE(classesShown()[0], QStringLiteral("happy"));
        QCOMPARE(votes(0), QString());
        vote("ben", 0, Qt::Key_5);
        QTRY_COMPARE(classesShown()[0], QString()); // even
        QCOMPARE(votes(0), QStringLiteral("1/2"));
        vote("cara", 0, Qt::Key_5);
        QTRY_COMPARE(classesShown()[0], QStringLiteral("sad"));
        QCOMPARE(votes(0), QStringLiteral("2/3"));
        vote("cara", 1, Qt::Key_5);
        vote("ben", 1, Qt::Key_5);
        QTRY_COMPARE(votes(1), QStringLiteral("2/2"));
        vote("ben", 2, Qt::Key_5);
        vote("cara", 2, Qt::Key_1);
        QTRY_COMPARE(votes(2), QStringLiteral("1/2"));
        QVERIFY(m_document->saveAndWait());
        const auto json = readJsonFile(m_data->file("image1.json"));
        MASQUE_VERIFY(json);
        QCOMPARE((*json)["votes"]["anna"].toString(), std::string("happy"));
        QCOMPARE((*json)["votes"].size(), std::size_t{3});
        QVERIFY((*json)["flags"]["sad"].toBool());

        auto *show = m_grid->findChild<QComboBox *>(QStringLiteral("class-grid-show"));
        show->setCurrentIndex(show->findText(QStringLiteral("Raters disagree")));
        QCOMPARE(m_list->model()->rowCount(), 2);
        QCOMPARE(m_list->model()->index(0, 0).data().toString(), QStringLiteral("image3.png")); // the most disputed
        QVERIFY(m_list->model()->index(1, 0).data(Qt::ToolTipRole).toString().contains("happy 1, sad 2"));
        show->setCurrentIndex(0);

        for (int k = 0; k < 2; ++k)
            QTest::keyClick(m_list, Qt::Key_Z, Qt::ControlModifier);
        QTRY_COMPARE(votes(2), QString());
        clickRow(0); // cara takes hers back
        QTest::keyClick(m_list, Qt::Key_Delete);
        QTRY_COMPARE(votes(0), QStringLiteral("1/2"));
        QTest::keyClick(m_list, Qt::Key_Z, Qt::ControlModifier);
        QTRY_COMPARE(votes(0), QStringLiteral("2/3"));
        QTRY_COMPARE(classesShown()[0], QStringLiteral("sad"));
        rater->clear();
    }

    /// A distribution is written as text, for one image or for several; the class is what most say.
    void votesAreWritten()
    {
        auto *field = m_grid->findChild<QLineEdit *>(QStringLiteral("class-grid-votes"));
        const auto write = [&](const QString &text) {
            QTest::mouseClick(field, Qt::LeftButton);
            field->selectAll();
            QTest::keyClick(field, Qt::Key_Delete);
            QTest::keyClicks(field, text);
            QTest::keyClick(field, Qt::Key_Return);
            QVERIFY(m_list->hasFocus());
        };
        clickRow(0);
        QCOMPARE(field->text(), QString());
        write(QStringLiteral("happy 0.6, sad 0.3, anna: sad"));
        QTRY_COMPARE(classesShown()[0], QStringLiteral("sad"));
        QTRY_COMPARE(field->text(), QStringLiteral("happy 0.6, sad 0.3, anna: sad"));
        clickRow(1);
        QTRY_COMPARE(field->text(), QString());
        clickRow(2, Qt::ControlModifier);
        QCOMPARE(field->placeholderText(), QStringLiteral("Votes of 2 images"));
        write(QStringLiteral("happy 3, fear 1"));
        QTRY_COMPARE(classesShown(), (QStringList{"sad", "happy", "happy", ""}));
        QVERIFY(m_document->saveAndWait());
        const auto json = readJsonFile(m_data->file("image3.json"));
        MASQUE_VERIFY(json);
        QCOMPARE((*json)["votes"].dump(), std::string(R"({"happy": 3, "fear": 1})"));
        QTest::keyClick(m_list, Qt::Key_Z, Qt::ControlModifier);
        QTRY_COMPARE(classesShown(), (QStringList{"sad", "", "", ""}));
        clickRow(0);
        write(QString()); // nobody votes any more
        QTRY_COMPARE(classesShown()[0], QString());
        QVERIFY(m_document->annotation().votes.empty());
    }

    void opensAnImage()
    {
        clickRow(2);
        QTest::keyClick(m_list, Qt::Key_Return);
        QTRY_VERIFY(m_canvas->isVisible());
        QCOMPARE(m_document->currentIndex(), 2);
        auto *brush = m_workspace->findChild<QToolButton *>(QStringLiteral("tool-brush"));
        QVERIFY(brush->isEnabled() && brush->isVisible());

        // A layout that was kept with the grid does not hide the tools of the canvas.
        action("show-class-grid")->setChecked(true);
        QVERIFY(!brush->isVisible());
        const QByteArray layout = m_workspace->saveLayout();
        action("show-class-grid")->setChecked(false);
        m_workspace->restoreLayout(layout);
        QVERIFY(brush->isVisible());
    }

    /// Keys faster than images are read and files are written.
    void quickKeys()
    {
        tearDown();
        m_data = std::make_unique<LabelFixture>(60);
        m_jobs = makeThreadedJobRunner();
        m_document = std::make_unique<Document>(*m_jobs, m_plugins.formats);
        m_workspace = std::make_unique<LabelWorkspace>(*m_document, m_plugins, *m_jobs);
        m_workspace->resize(1200, 700);
        m_workspace->show();
        QVERIFY(QTest::qWaitForWindowActive(m_workspace.get()));
        action("show-class-grid")->setChecked(true);
        m_list = m_workspace->findChild<QListView *>(QStringLiteral("class-grid-list"));
        m_document->open(m_data->path());
        QTRY_COMPARE(m_list->model()->rowCount(), 60);
        action("show-class-grid")->setChecked(true);
        clickRow(0);
        for (int i = 0; i < 60; ++i) {
            QTest::keyClick(m_list, i % 2 == 0 ? Qt::Key_4 : Qt::Key_5);
            if (i % 7 == 0)
                QTest::qWait(5);
        }
        QStringList expected;
        for (int i = 0; i < 60; ++i)
            expected << (i % 2 == 0 ? QStringLiteral("happy") : QStringLiteral("sad"));
        QTRY_COMPARE_WITH_TIMEOUT(classesShown(), expected, 20000);
        QVERIFY(m_document->saveAndWait());
        for (int i = 0; i < 60; ++i)
            QVERIFY(m_data->read("image" + std::to_string(i + 1) + ".json").find(expected[i].toStdString())
                    != std::string::npos);
        for (int i = 0; i < 60; ++i)
            action("undo")->trigger();
        QTRY_VERIFY_WITH_TIMEOUT(classesShown().join(QString()).isEmpty(), 20000);

        // Taken back while it is still at work.
        QTest::keyClick(m_list, Qt::Key_A, Qt::ControlModifier);
        QTest::keyClick(m_list, Qt::Key_3);
        action("undo")->trigger();
        QTest::keyClick(m_list, Qt::Key_2);
        QTRY_COMPARE_WITH_TIMEOUT(classesShown().count(QStringLiteral("disgust")), 60, 20000);
        action("undo")->trigger();
        QTRY_VERIFY_WITH_TIMEOUT(classesShown().join(QString()).isEmpty(), 20000);
    }

private:
    void clickRow(int row, Qt::KeyboardModifiers keys = {})
    {
        const QModelIndex index = m_list->model()->index(row, 0);
        m_list->scrollTo(index);
        QTest::mouseClick(m_list->viewport(), Qt::LeftButton, keys, m_list->visualRect(index).center());
    }
    QStringList classesShown() const
    {
        QStringList names;
        for (int row = 0; row < m_list->model()->rowCount(); ++row)
            names << m_list->model()->index(row, 0).data(ClassGridModel::ClassRole).toString();
        return names;
    }
    QWidget *classButton(const QString &name) const
    {
        auto *bar = m_grid->findChild<QToolBar *>(QStringLiteral("class-grid-classes"));
        for (QAction *entry : bar->actions())
            if (entry->data().toString() == name)
                return bar->widgetForAction(entry);
        return nullptr;
    }

    ClassGrid *m_grid = nullptr;
    QListView *m_list = nullptr;
};

QTEST_MAIN(TestClassGrid)
#include "test_class_grid.moc"
