// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/annotations/labelme.h"
#include "core/base/files.h"
#include "core/datasets/class_folders.h"
#include "core/datasets/image_class.h"
#include "core/datasets/listing.h"
#include "core/image/image_file.h"
#include "tests/support/support.h"

#include <filesystem>
#include <set>

using namespace masque;

/// Files move by their class, never over another one, and back.
class TestClassFolders : public QObject {
    Q_OBJECT

    std::unique_ptr<TestFolder> m_folder;
    Dataset m_dataset;
    std::vector<ItemSummary> m_summaries;
    const LabelSet m_classes = LabelSet({"cat", "dog", "a/b"});

    void add(const std::string &image, const std::string &flag, const std::string &label = {})
    {
        MASQUE_VERIFY(makeFolder(std::filesystem::path(m_folder->file(image)).parent_path().string()));
        MASQUE_VERIFY(writeImage(m_folder->file(image), cv::Mat(4, 4, CV_8UC3, cv::Scalar::all(9))));
        Item item = itemFor(image);
        item.label = label;
        if (!flag.empty()) {
            Annotation annotation;
            annotation.flags = {{flag, true}};
            annotation.imagePath = std::filesystem::path(image).filename().string();
            MASQUE_VERIFY(writeLabelMe(m_folder->file(item.json), annotation));
        }
        m_dataset.items.push_back(item);
        m_summaries.push_back(summarise(m_dataset, item));
    }
    std::string read(const std::string &name) const { return readFile(m_folder->file(name)).value_or(std::string()); }
    std::set<std::string> files() const
    {
        std::set<std::string> found;
        for (const auto &entry : std::filesystem::recursive_directory_iterator(m_folder->path()))
            if (entry.is_regular_file() && entry.path().string().find(".masque") == std::string::npos)
                found.insert(std::filesystem::relative(entry.path(), m_folder->path()).generic_string());
        return found;
    }

private Q_SLOTS:
    void init()
    {
        m_folder = std::make_unique<TestFolder>();
        m_dataset = {.root = m_folder->path(), .format = "labelme"};
        m_summaries.clear();
        add("1.png", "cat");
        add("2.png", {});
        add("train/dog/3.png", "cat", "dog"); // corrected: its folder says otherwise
        add("train/dog/4.png", {}, "dog");
        add("5.png", std::string(kIgnoreName));
        add("6.png", "a/b");
        add("7.png", "dog");
        add("dog/7.png", {}, "dog");
        m_dataset.items.push_back({.image = "all.csv#3", .json = "all.csv#3.json", .label = "cat"});
        m_summaries.push_back({.status = ItemStatus::Labelled});
    }

    void plansByClass()
    {
        const auto plan = planClassFolders(m_dataset, m_summaries, m_classes);
        QCOMPARE(plan.moves, (std::vector<FileMove>{{"1.png", "cat/1.png"}, {"train/dog/3.png", "train/cat/3.png"}}));
        std::vector<std::string> staying;
        for (const auto &problem : plan.staying)
            staying.push_back(problem.file);
        QCOMPARE(staying, (std::vector<std::string>{"6.png", "7.png", "all.csv#3"}));
    }

    void movesAndComesBack()
    {
        const auto before = files();
        const std::string json = read("1.json");
        m_folder->write(".masque/runs/one/split.json", R"({"train": ["1.png", "7.png"], "val": ["train/dog/3.png"]})");
        const auto plan = planClassFolders(m_dataset, m_summaries, m_classes);
        QVERIFY(!canUndoClassFolders(m_dataset.root));
        const auto problems = moveIntoClassFolders(m_dataset.root, plan.moves);
        MASQUE_VERIFY(problems);
        QVERIFY(problems->empty());
        const auto after = files();
        QVERIFY(after.contains("cat/1.png") && after.contains("cat/1.json") && after.contains("train/cat/3.json"));
        QVERIFY(!after.contains("1.png") && !after.contains("1.json"));
        QCOMPARE(after.size(), before.size());
        const auto split = readJsonFile(m_folder->file(".masque/runs/one/split.json"));
        MASQUE_VERIFY(split);
        QCOMPARE(split->dump(),
                 std::string(R"({"train": ["cat/1.png", "7.png"], "val": ["train/cat/3.png"], "test": []})"));

        QVERIFY(canUndoClassFolders(m_dataset.root));
        const auto back = undoClassFolders(m_dataset.root);
        MASQUE_VERIFY(back);
        QVERIFY(back->empty());
        QCOMPARE(files(), before);
        QCOMPARE(read("1.json"), json);
        QVERIFY(!std::filesystem::exists(m_folder->file("cat")));
        QVERIFY(read(".masque/runs/one/split.json").find("\"1.png\"") != std::string::npos);
        QVERIFY(!canUndoClassFolders(m_dataset.root));
        QVERIFY(!undoClassFolders(m_dataset.root));
    }

    /// What came in the way since the plan was made, and a crash between two moves.
    void nothingIsOverwritten()
    {
        const auto plan = planClassFolders(m_dataset, m_summaries, m_classes);
        m_folder->write("cat/1.json", "another's");
        const auto problems = moveIntoClassFolders(m_dataset.root, plan.moves);
        MASQUE_VERIFY(problems);
        QCOMPARE(problems->size(), std::size_t{1});
        QCOMPARE(problems->front().file, std::string("1.png"));
        QCOMPARE(read("cat/1.json"), std::string("another's"));
        QVERIFY(files().contains("1.png") && files().contains("1.json") && files().contains("train/cat/3.png"));
        const auto back = undoClassFolders(m_dataset.root); // 1.png never moved
        MASQUE_VERIFY(back);
        QVERIFY(back->empty());
        QVERIFY(files().contains("1.png") && files().contains("train/dog/3.png"));
        QCOMPARE(read("cat/1.json"), std::string("another's"));
    }

    void stopsAndGoesOnBack()
    {
        const auto before = files();
        const auto plan = planClassFolders(m_dataset, m_summaries, m_classes);
        std::stop_source stop;
        MASQUE_VERIFY(moveIntoClassFolders(m_dataset.root, plan.moves, stop.get_token(),
                                           [&](std::size_t, std::size_t) { stop.request_stop(); }));
        QVERIFY(files() != before);
        MASQUE_VERIFY(undoClassFolders(m_dataset.root));
        QCOMPARE(files(), before);
    }

    void strangeNotesMoveNothing()
    {
        const auto before = files();
        for (const char *notes : {"{", "[]", "{}", "[[{\"from\": \"../../x\", \"to\": \"1.png\"}]]", "[3]",
                                  "[[{\"from\": \"/tmp/x\", \"to\": \"7.png\"}, {\"from\": 1}]]"}) {
            m_folder->write(".masque/class-folders.json", notes);
            (void)undoClassFolders(m_dataset.root);
            QCOMPARE(files(), before);
        }
    }
};

QTEST_GUILESS_MAIN(TestClassFolders)
#include "test_class_folders.moc"
