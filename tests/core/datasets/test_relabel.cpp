// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/files.h"
#include "core/datasets/relabel.h"

#include "tests/support/support.h"

#include <QObject>

#include <filesystem>
#include <fstream>

using namespace masque;

class TestRelabel : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void init();
    void renamesAndTakesBack();
    void mergesAndTakesBack();
    void cancelKeepsTheRest();
    void unwritableFileIsNamed();
    void brokenFileIsNamed();
    void crashHalfway();
    void changedFilesAreLeftAlone();
    void openFilesAreTheCallers();

private:
    static std::string text(const std::vector<std::string> &labels)
    {
        std::string shapes;
        for (const std::string &label : labels)
            shapes += std::string(shapes.empty() ? "" : ",") + "\n    {\n      \"odd\": 1e-05,\n      \"label\": \""
                      + label
                      + "\",\n      \"points\": [[1.50, 1.0], [9.0, 1.0], [9.0, 9.0]],\n      \"shape_type\": "
                        "\"polygon\"\n    }";
        return "{\n  \"version\": \"5.1.1\",\n  \"shapes\": [" + shapes
               + "\n  ],\n  \"imagePath\": \"a.png\",\n  \"imageData\": null\n}";
    }
    void add(const std::string &name, const std::vector<std::string> &labels)
    {
        Item item{.image = name + ".png", .json = name + ".json"};
        m_folder->write(item.json, text(labels));
        m_dataset.items.push_back(item);
    }
    std::vector<std::string> labelsOf(const std::string &name) const
    {
        std::vector<std::string> labels;
        const auto json = readJsonFile(m_folder->file(name + ".json"));
        if (json)
            for (const auto &shape : (*json)["shapes"].items())
                labels.push_back(shape["label"].toString());
        return labels;
    }
    Relabelling relabelling(const std::string &to) const
    {
        return {.from = "car", .to = to, .journal = m_folder->file(".masque/relabel/1.jsonl")};
    }
    using Labels = std::vector<std::string>;

    std::unique_ptr<TestFolder> m_folder;
    Dataset m_dataset;
};

void TestRelabel::init()
{
    m_folder = std::make_unique<TestFolder>();
    m_dataset = {};
    m_dataset.root = m_folder->path();
    add("a", {"car", "tree", "car"});
    add("b", {"tree"});
    add("c", {"vehicle", "car"});
}

void TestRelabel::renamesAndTakesBack()
{
    const auto bytes = [&](const char *name) { return readFile(m_folder->file(name)).value_or(std::string()); };
    const std::string untouched = bytes("b.json");
    const auto done = relabelDataset(m_dataset, relabelling("lorry"), {});
    MASQUE_VERIFY(done);
    QCOMPARE(done->files, 2);
    QCOMPARE(done->shapes, 3);
    QVERIFY(done->skipped.empty());
    QCOMPARE(labelsOf("a"), (Labels{"lorry", "tree", "lorry"}));
    QCOMPARE(labelsOf("c"), (Labels{"vehicle", "lorry"}));
    QCOMPARE(bytes("b.json"), untouched);
    QVERIFY(bytes("a.json").find("1e-05") != std::string::npos); // nothing else changes
    const auto back = undoRelabelling(relabelling({}).journal, {});
    MASQUE_VERIFY(back);
    QCOMPARE(back->shapes, 3);
    QCOMPARE(labelsOf("a"), (Labels{"car", "tree", "car"}));
}

void TestRelabel::mergesAndTakesBack()
{
    MASQUE_VERIFY(relabelDataset(m_dataset, relabelling("vehicle"), {}));
    QCOMPARE(labelsOf("c"), (Labels{"vehicle", "vehicle"}));
    MASQUE_VERIFY(undoRelabelling(relabelling({}).journal, {}));
    QCOMPARE(labelsOf("c"), (Labels{"vehicle", "car"})); // what was a vehicle before stays one
}

void TestRelabel::cancelKeepsTheRest()
{
    std::stop_source stop;
    const auto done =
        relabelDataset(m_dataset, relabelling("lorry"), {}, stop.get_token(), [&](std::size_t at, std::size_t) {
            if (at == 1)
                stop.request_stop();
        });
    MASQUE_VERIFY(done);
    QVERIFY(done->isCanceled);
    QCOMPARE(labelsOf("a"), (Labels{"lorry", "tree", "lorry"}));
    QCOMPARE(labelsOf("c"), (Labels{"vehicle", "car"}));
    MASQUE_VERIFY(undoRelabelling(relabelling({}).journal, {}));
    QCOMPARE(labelsOf("a"), (Labels{"car", "tree", "car"}));
}

void TestRelabel::unwritableFileIsNamed()
{
    const std::string longest(250, 'x'); // readable, but no temporary file can be made beside it
    std::ofstream(m_folder->file(longest + ".json")) << text({"car"});
    m_dataset.items.push_back({.image = longest + ".png", .json = longest + ".json"});
    const auto done = relabelDataset(m_dataset, relabelling("lorry"), {});
    MASQUE_VERIFY(done);
    QCOMPARE(done->files, 2);
    QCOMPARE(done->skipped.size(), std::size_t{1});
    QVERIFY(done->skipped[0].file.find(longest) != std::string::npos);
    QCOMPARE(labelsOf(longest), Labels{"car"});
    const auto back = undoRelabelling(relabelling({}).journal, {});
    MASQUE_VERIFY(back);
    QVERIFY(back->skipped.empty()); // it still has the old class: nothing to take back
    QCOMPARE(labelsOf("a"), (Labels{"car", "tree", "car"}));
    Relabelling nowhere = relabelling("lorry");
    nowhere.journal = m_folder->file("a.json") + "/1.jsonl";
    QVERIFY(!relabelDataset(m_dataset, nowhere, {}).has_value()); // no journal, no change
    QCOMPARE(labelsOf("a"), (Labels{"car", "tree", "car"}));
}

void TestRelabel::brokenFileIsNamed()
{
    m_folder->write("b.json", "{\"shapes\": [{]");
    const auto done = relabelDataset(m_dataset, relabelling("lorry"), {});
    MASQUE_VERIFY(done);
    QCOMPARE(done->skipped.size(), std::size_t{1});
    QCOMPARE(readFile(m_folder->file("b.json")).value_or(""), std::string("{\"shapes\": [{]"));
    QCOMPARE(labelsOf("c"), (Labels{"vehicle", "lorry"}));
}

void TestRelabel::crashHalfway()
{
    // Noted but not written, and a line cut off: as after a crash between the two.
    const Relabelling what = relabelling("lorry");
    MASQUE_VERIFY(relabelDataset(m_dataset, what, {}));
    m_folder->write("c.json", text({"vehicle", "car"}));
    const std::string journal = readFile(what.journal).value_or("");
    m_folder->write(".masque/relabel/1.jsonl", journal + "{\"file\": \"" + m_folder->file("b.js"));
    const auto back = undoRelabelling(what.journal, {});
    MASQUE_VERIFY(back);
    QCOMPARE(back->files, 1);
    QVERIFY(back->skipped.empty());
    QCOMPARE(labelsOf("a"), (Labels{"car", "tree", "car"}));
    QCOMPARE(labelsOf("c"), (Labels{"vehicle", "car"}));
}

void TestRelabel::changedFilesAreLeftAlone()
{
    MASQUE_VERIFY(relabelDataset(m_dataset, relabelling("lorry"), {}));
    m_folder->write("a.json", text({"lorry"})); // somebody took shapes away
    const auto back = undoRelabelling(relabelling({}).journal, {});
    MASQUE_VERIFY(back);
    QCOMPARE(back->skipped.size(), std::size_t{1});
    QCOMPARE(labelsOf("a"), Labels{"lorry"});
    QCOMPARE(labelsOf("c"), (Labels{"vehicle", "car"}));
}

void TestRelabel::openFilesAreTheCallers()
{
    const std::string file = m_folder->file("a.json");
    MASQUE_VERIFY(relabelDataset(m_dataset, relabelling("lorry"), {{file, {0, 2}}}));
    QCOMPARE(labelsOf("a"), (Labels{"car", "tree", "car"}));
    const auto entries = readRelabelEntries(relabelling({}).journal);
    MASQUE_VERIFY(entries);
    QCOMPARE(entries->size(), std::size_t{2});
    QCOMPARE((*entries)[0].file, file);
    m_folder->write("a.json", text({"lorry", "tree", "lorry"})); // as the caller saved it
    MASQUE_VERIFY(undoRelabelling(relabelling({}).journal, {})); // after a restart it is open no longer
    QCOMPARE(labelsOf("a"), (Labels{"car", "tree", "car"}));
}

QTEST_GUILESS_MAIN(TestRelabel)
#include "test_relabel.moc"
