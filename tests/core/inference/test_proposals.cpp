// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/inference/proposals.h"

#include "core/annotations/labelme.h"
#include "core/base/Random.h"
#include "core/base/files.h"
#include "tests/core/runs/small_run.h"
#include "tests/support/datasets.h"
#include "tests/support/support.h"

#include <QObject>
#include <QtTest/QTest>

#include <algorithm>
#include <filesystem>
#include <map>

using namespace masque;
namespace fs = std::filesystem;

namespace {

bool isSame(const cv::Mat1b &a, const cv::Mat1b &b)
{
    return a.size() == b.size() && cv::norm(a, b, cv::NORM_INF) == 0;
}

StoredProposal randomProposal(Random &random, Size size)
{
    StoredProposal out{.proposal = {cv::Mat1b(size.height, size.width),
                                    cv::Mat1b(size.height, size.width),
                                    {"_background_", "cat", "dog"}},
                       .run = "2026-11-22-unet",
                       .epoch = 7,
                       .uncertainty = 0.25};
    for (auto &id : out.proposal.ids)
        id = static_cast<std::uint8_t>(random.below(3));
    for (auto &sure : out.proposal.confidence)
        sure = static_cast<std::uint8_t>(5 * random.below(52));
    return out;
}

/// Every file that is no work of the program itself, with its bytes.
std::map<std::string, std::string> ownFiles(const std::string &root)
{
    std::map<std::string, std::string> files;
    for (const auto &entry : fs::directory_iterator(root))
        if (entry.is_regular_file())
            files[entry.path().string()] = readFile(entry.path().string()).value_or("");
    return files;
}

} // namespace

class TestProposals : public QObject {
    Q_OBJECT

    TestFolder m_folder;
    DemoData m_data;
    std::string m_run;

    std::vector<std::size_t> all() const
    {
        std::vector<std::size_t> items(m_data.dataset->items.size());
        for (std::size_t i = 0; i < items.size(); ++i)
            items[i] = i;
        return items;
    }

private Q_SLOTS:
    void initTestCase()
    {
        m_data = makeDemo(m_folder, 6);
        QVERIFY(m_data.dataset);
        const auto run = executeRun({m_data.dataset, m_data.summaries, smallOptions()}, kModels, {}, {});
        MASQUE_VERIFY(run);
        m_run = run->folder;
    }

    void filesComeBackAsTheyWere()
    {
        Random random(3);
        const auto stored = randomProposal(random, {33, 21});
        const std::string file = m_folder.file("deep/folder/a.jpg.json");
        MASQUE_VERIFY(writeProposal(file, stored, m_folder.file("a.jpg")));
        const auto read = readProposal(file);
        MASQUE_VERIFY(read);
        QVERIFY(isSame(read->proposal.ids, stored.proposal.ids));
        QVERIFY(isSame(read->proposal.confidence, stored.proposal.confidence));
        QCOMPARE(read->proposal.classes, stored.proposal.classes);
        QCOMPARE(read->run, stored.run);
        QCOMPARE(read->epoch, stored.epoch);
        QCOMPARE(read->uncertainty, stored.uncertainty);

        const auto asLabelMe = readLabelMe(file); // and labelme can open it
        MASQUE_VERIFY(asLabelMe);
        QCOMPARE(asLabelMe->imagePath, std::string("../../a.jpg"));
        QCOMPARE(asLabelMe->shapes.size(), std::size_t{2});
        const double score = (*asLabelMe->shapes[0].source)["score"].toDouble();
        QVERIFY(score > 0.4 && score < 0.6);
    }

    void damagedFilesAreErrors()
    {
        Random random(5);
        const std::string file = m_folder.file("b.json");
        QVERIFY(!readProposal(file));
        MASQUE_VERIFY(writeProposal(file, randomProposal(random, {16, 12}), m_folder.file("b.jpg")));
        const std::string good = readFile(file).value();
        int refused = 0;
        for (int round = 0; round < 400; ++round) {
            std::string bytes = good;
            if (round % 2)
                bytes.resize(static_cast<std::size_t>(random.below(static_cast<int>(bytes.size()))));
            else
                for (int i = 0; i < 6; ++i)
                    bytes[static_cast<std::size_t>(random.below(static_cast<int>(bytes.size())))] =
                        static_cast<char>(random.below(256));
            MASQUE_VERIFY(writeFileAtomically(file, bytes));
            const auto read = readProposal(file);
            refused += !read;
            if (read)
                QCOMPARE(read->proposal.ids.size(), read->proposal.confidence.size());
            else
                QVERIFY(read.error().message.find(file) != std::string::npos);
        }
        QVERIFY(refused > 250);
        auto json = Json::parse(good).value();
        json.set("imageWidth", 17);
        MASQUE_VERIFY(writeFileAtomically(file, json.dump()));
        QVERIFY(!readProposal(file));
    }

    void aDatasetIsPredicted()
    {
        const auto before = ownFiles(m_data.dataset->root);
        auto predictor = Predictor::load(m_run, kModels);
        MASQUE_VERIFY(predictor);
        std::vector<std::size_t> told;
        MASQUE_VERIFY(
            proposeAll(*predictor, *m_data.dataset, all(), {}, [&](std::size_t item, const Result<void> &done) {
                QVERIFY(done);
                told.push_back(item);
            }));
        QCOMPARE(told, all());
        QVERIFY(ownFiles(m_data.dataset->root) == before); // no annotation was touched
        auto images = imagesWithProposal(m_data.dataset->root);
        QCOMPARE(images.size(), m_data.dataset->items.size());
        for (const auto &item : m_data.dataset->items) {
            QVERIFY(std::find(images.begin(), images.end(), item.image) != images.end());
            const auto stored = readProposal(proposalFile(m_data.dataset->root, item.image));
            MASQUE_VERIFY(stored);
            const auto image = readImage(m_data.dataset->absolute(item.image));
            MASQUE_VERIFY(image);
            const auto prediction = predictor->predict(*image, PredictionDetail::Probabilities);
            MASQUE_VERIFY(prediction);
            QVERIFY(isSame(stored->proposal.ids, prediction->labels));
            cv::Mat1f confidence;
            stored->proposal.confidence.convertTo(confidence, CV_32F, 1 / 255.0);
            QVERIFY(cv::norm(confidence, prediction->confidence, cv::NORM_INF) < 0.0236);
            QVERIFY(stored->uncertainty > 0 && stored->uncertainty < 1);
            QCOMPARE(stored->run, fs::path(m_run).filename().string());
        }
        MASQUE_VERIFY(removeProposal(m_data.dataset->root, m_data.dataset->items[0].image));
        MASQUE_VERIFY(removeProposal(m_data.dataset->root, m_data.dataset->items[0].image));
        QCOMPARE(imagesWithProposal(m_data.dataset->root).size(), m_data.dataset->items.size() - 1);
    }

    void aStopKeepsWhatIsDone()
    {
        for (const auto &item : m_data.dataset->items)
            MASQUE_VERIFY(removeProposal(m_data.dataset->root, item.image));
        auto predictor = Predictor::load(m_run, kModels);
        MASQUE_VERIFY(predictor);
        std::stop_source stop;
        int told = 0;
        MASQUE_VERIFY(
            proposeAll(*predictor, *m_data.dataset, all(), stop.get_token(), [&](std::size_t, const Result<void> &) {
                if (++told == 2)
                    stop.request_stop();
            }));
        QCOMPARE(imagesWithProposal(m_data.dataset->root).size(), std::size_t{2});
    }

    void aBrokenImageDoesNotEndIt()
    {
        const std::string image = m_data.dataset->absolute(m_data.dataset->items[1].image);
        const std::string bytes = readFile(image).value();
        MASQUE_VERIFY(writeFileAtomically(image, bytes.substr(0, bytes.size() / 3)));
        auto predictor = Predictor::load(m_run, kModels);
        MASQUE_VERIFY(predictor);
        std::vector<std::size_t> failed;
        int told = 0;
        MASQUE_VERIFY(
            proposeAll(*predictor, *m_data.dataset, {0, 1, 2}, {}, [&](std::size_t item, const Result<void> &done) {
                ++told;
                if (!done)
                    failed.push_back(item);
            }));
        QCOMPARE(told, 3);
        QCOMPARE(failed, std::vector<std::size_t>{1});
        MASQUE_VERIFY(writeFileAtomically(image, bytes));
    }
};

QTEST_GUILESS_MAIN(TestProposals)
#include "test_proposals.moc"
