// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/image/image_file.h"
#include "core/runs/fine_tune.h"
#include "core/training/weights/safetensors.h"
#include "tests/support/datasets.h"

#include <QTest>

#include <map>
#include <set>

using namespace masque;

namespace {

const std::vector<std::string> kNames{"across", "upright"};
const ModelList kModels{emotionSmallFactory()};
constexpr const char *kWeights = "network."; ///< in a checkpoint

} // namespace

/// A classifier of bars that lie and bars that stand, and more of them that join later.
class TestFineTune : public QObject {
    Q_OBJECT

    TestFolder m_folder;
    Dataset m_dataset;
    RunInfo m_first;

    void addImage(int id, int grey, Split split)
    {
        Item item;
        item.label = kNames[static_cast<std::size_t>(id)];
        item.image = item.label + "/" + std::to_string(m_dataset.items.size()) + ".png";
        item.split = split;
        m_folder.write(item.image, "");
        cv::Mat3b image(16, 16, cv::Vec3b::all(20));
        image(id ? cv::Rect(grey % 12, 0, 4, 16) : cv::Rect(0, grey % 12, 16, 4)).setTo(cv::Vec3b::all(uchar(grey)));
        MASQUE_VERIFY(writeImage(m_dataset.absolute(item.image), image));
        m_dataset.items.push_back(item);
    }
    std::shared_ptr<const Dataset> dataset() const { return std::make_shared<const Dataset>(m_dataset); }
    static std::set<std::string> names(const RunInfo &run, const Dataset &dataset,
                                       std::vector<std::size_t> SplitIndices::*part)
    {
        const auto split = readRunSplit(run.folder, dataset);
        std::set<std::string> names;
        for (const std::size_t item : (*split).*part)
            names.insert(dataset.items[item].image);
        return names;
    }

private Q_SLOTS:
    void initTestCase()
    {
        m_dataset.root = m_folder.path();
        m_dataset.format = "class-folders";
        m_dataset.task = Task::Classification;
        m_dataset.labels = LabelSet(kNames);
        m_dataset.labelsFixed = true;
        for (int i = 0; i < 24; ++i)
            addImage(i % 2, 150 + i, i < 16 ? Split::Train : Split::Val);
        RunOptions options;
        options.data.model = "emotion-small";
        options.data.size = "16";
        options.training.epochs = 12;
        options.training.lr = 3e-3;
        options.training.batch = 4;
        options.training.threads = 1;
        const auto run = executeRun({.dataset = dataset(), .options = options}, kModels, {}, {});
        MASQUE_VERIFY(run);
        m_first = *run;
        QVERIFY(m_first.figures.pixelAccuracy > 0.8);
        const auto unseen = unseenImages(m_first, m_dataset);
        MASQUE_VERIFY(unseen);
        QVERIFY(unseen->empty());
    }

    void nothingNewIsSaid()
    {
        const auto run = fineTune({.run = m_first.folder, .dataset = dataset()}, kModels, {}, {});
        QVERIFY(!run);
        QVERIFY2(run.error().message.find("is new to it") != std::string::npos, run.error().message.c_str());
    }

    void learnsWhatJoined()
    {
        addImage(0, 150, Split::Train);
        addImage(0, 155, Split::None);
        addImage(1, 152, Split::Val); // for looking at, never for learning
        const auto run = fineTune({.run = m_first.folder, .dataset = dataset(), .epochs = 3}, kModels, {}, {});
        MASQUE_VERIFY(run);
        QCOMPARE(run->parent, m_first.folder);
        QCOMPARE(run->epochsDone, 3);
        auto train = names(m_first, m_dataset, &SplitIndices::train);
        QCOMPARE(names(*run, m_dataset, &SplitIndices::val), names(m_first, m_dataset, &SplitIndices::val));
        train.insert({m_dataset.items[24].image, m_dataset.items[25].image});
        QCOMPARE(names(*run, m_dataset, &SplitIndices::train), train);

        // only the last layer is another
        const auto before = readSafetensors(m_first.folder + "/best.ckpt", SafetensorsPart::All);
        const auto after = readSafetensors(run->folder + "/best.ckpt", SafetensorsPart::All);
        MASQUE_VERIFY(before);
        MASQUE_VERIFY(after);
        std::map<std::string, std::string_view> weights;
        for (const auto &blob : (*before)->tensors)
            weights[blob.name] = blob.bytes;
        int stages = 0, changed = 0;
        for (const auto &blob : (*after)->tensors) {
            const bool isStage = blob.name.find("stages.") != std::string::npos && blob.name.starts_with(kWeights);
            QVERIFY2(!isStage || weights[blob.name] == blob.bytes, blob.name.c_str());
            stages += isStage;
            changed += blob.name.starts_with(kWeights + std::string("last")) && weights[blob.name] != blob.bytes;
        }
        QVERIFY(stages > 20);
        QCOMPARE(changed, 2);

        // a further one still knows what the first was given
        addImage(1, 180, Split::Train);
        const auto second = fineTune({.run = run->folder, .dataset = dataset(), .epochs = 1}, kModels, {}, {});
        MASQUE_VERIFY(second);
        train.insert(m_dataset.items[27].image);
        QCOMPARE(names(*second, m_dataset, &SplitIndices::train), train);
        const auto unseen = unseenImages(*second, m_dataset);
        MASQUE_VERIFY(unseen);
        QVERIFY(unseen->empty());
    }
};

QTEST_GUILESS_MAIN(TestFineTune)
#include "test_fine_tune.moc"
