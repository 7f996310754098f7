// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/image/image_file.h"
#include "tests/plugins/formats.h"

#include <filesystem>

using namespace masque;

/// YOLO's text files: boxes and polygons as shares of the image.
class TestYolo : public QObject {
    Q_OBJECT

    std::unique_ptr<TestFolder> m_folder;

    Result<Dataset> opened() const { return openDataset(m_folder->path(), builtinFormats()); }
    void writePhoto(const std::string &file) // 20 x 10
    {
        std::filesystem::create_directories(std::filesystem::path(m_folder->file(file)).parent_path());
        MASQUE_VERIFY(writeImage(m_folder->file(file), cv::Mat(10, 20, CV_8UC3, cv::Scalar::all(50))));
    }

private Q_SLOTS:
    void init() { m_folder = std::make_unique<TestFolder>(); }

    void readsBoxesAndPolygons()
    {
        writePhoto("images/train/a.png");
        writePhoto("images/valid/b.png");
        writePhoto("images/valid/c.png");
        m_folder->write("labels/train/a.txt", "1 0.5 0.5 0.2 0.4\r\n0 0.1 0.1 0.5 0.1 0.5 0.9\n\n");
        m_folder->write("labels/valid/b.txt", "3 0.5 0.5 1 1 0.87\n"); // with a score; the class has no name
        m_folder->write("labels/valid/c.txt", "");
        m_folder->write("data.yaml", "train: images/train\nnames:\n  0: cat\n  1: \"a dog\"\n");
        const auto dataset = opened();
        MASQUE_VERIFY(dataset);
        QCOMPARE(dataset->format, std::string("yolo"));
        QCOMPARE(dataset->items.size(), std::size_t{3});
        QVERIFY(dataset->items[0].split == Split::Train && dataset->items[1].split == Split::Val);
        const auto a = readAnnotation(*dataset, dataset->items[0]);
        MASQUE_VERIFY(a);
        QCOMPARE(a->shapes.size(), std::size_t{2});
        QCOMPARE(a->shapes[0].label, std::string("a dog"));
        QVERIFY(a->shapes[0].type == ShapeType::Rectangle);
        QVERIFY(a->shapes[0].points == (std::vector<Point>{{8, 3}, {12, 7}}));
        QVERIFY(a->shapes[1].type == ShapeType::Polygon);
        QVERIFY(a->shapes[1].points == (std::vector<Point>{{2, 1}, {10, 1}, {10, 9}}));
        const auto indexed = indexDataset(*dataset);
        QCOMPARE(indexed.dataset.labels.names(),
                 (std::vector<std::string>{std::string(kBackgroundName), "cat", "a dog", "class_3"}));
        QVERIFY(indexed.summaries[2].status == ItemStatus::New);
        QVERIFY(indexed.dataset.problems.empty());
    }

    void names_data()
    {
        QTest::addColumn<QString>("file");
        QTest::addColumn<QString>("text");
        QTest::newRow("list") << "x.yml"
                              << "names: [cat, dog]\nnc: 2\n";
        QTest::newRow("obj.names") << "obj.names"
                                   << "cat\ndog\n";
        QTest::newRow("classes.txt") << "classes.txt"
                                     << "cat\ndog\n";
        QTest::newRow("none") << "read.me"
                              << "";
        QTest::newRow("no YAML") << "data.yaml"
                                 << "names: [cat\n  - {";
        QTest::newRow("huge") << "data.yaml"
                              << "names: {99999999999: cat, -1: dog}";
        QTest::newRow("another's YAML") << "data.yaml"
                                        << "3";
    }
    void names()
    {
        QFETCH(QString, file);
        QFETCH(QString, text);
        writePhoto("obj_train_data/a.jpg"); // beside the image
        m_folder->write("obj_train_data/a.txt", "1 0.5 0.5 0.2 0.4\n");
        m_folder->write(file.toStdString(), text.toStdString());
        const auto dataset = opened();
        MASQUE_VERIFY(dataset);
        QCOMPARE(dataset->format, std::string("yolo"));
        const bool isNamed = text.contains("dog") && !text.contains("{");
        QCOMPARE(readAnnotation(*dataset, dataset->items[0]).value().shapes[0].label,
                 std::string(isNamed ? "dog" : "class_1"));
    }

    void brokenLines_data()
    {
        QTest::addColumn<QString>("line");
        for (const char *line :
             {"1 0.5 0.5 0.2", "-1 0.5 0.5 0.2 0.2", "0.5 0.5 0.5 0.2 0.2", "1 nan 0.5 0.2 0.2", "1 1e30 0.5 0.2 0.2",
              "cat 0.5 0.5 0.2 0.2", "255 0.1 0.1 0.1 0.1", "1 0.1 0.1 0.2 0.2 0.3 0.3 0.4", "1 0.5,0.5 0.2 0.2 0.1"})
            QTest::newRow(line) << line;
    }
    void brokenLines()
    {
        QFETCH(QString, line);
        writePhoto("images/a.png");
        writePhoto("images/b.png");
        m_folder->write("labels/a.txt", "0 0.5 0.5 0.2 0.2\n");
        m_folder->write("labels/b.txt", "0 0.5 0.5 0.2 0.2\n" + line.toStdString() + "\n");
        const auto dataset = opened();
        MASQUE_VERIFY(dataset);
        QCOMPARE(dataset->format, std::string("yolo"));
        const auto indexed = indexDataset(*dataset);
        QVERIFY(indexed.summaries[0].status == ItemStatus::Labelled);
        QVERIFY(indexed.summaries[1].status == ItemStatus::Problem);
        QVERIFY(indexed.summaries[1].problem.find("line 2") != std::string::npos);
    }

    void otherTexts()
    {
        writePhoto("a.png");
        m_folder->write("a.txt", "A photo of a cat, 20 pixels wide.\n");
        const auto dataset = opened();
        MASQUE_VERIFY(dataset);
        QCOMPARE(dataset->format, std::string("labelme"));
    }
};

QTEST_GUILESS_MAIN(TestYolo)
#include "test_yolo.moc"
