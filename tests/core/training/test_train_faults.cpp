// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/models/Network.h"
#include "tests/core/training/blob_training.h"

#include <algorithm>
#include <limits>

using namespace masque;

namespace {

/// unet on a device that is lost before some step.
class LostDevice : public Network {
public:
    LostDevice(std::shared_ptr<Network> inner, int steps) : Network(3, InputNorm::Image), m_left(steps)
    {
        m_inner = register_module("inner", std::move(inner));
    }
    int stride() const override { return m_inner->stride(); }

protected:
    torch::Tensor forward(torch::Tensor images) override
    {
        TORCH_CHECK(--m_left >= 0, "CUDA error: unspecified launch failure");
        return m_inner->logits(images);
    }

private:
    std::shared_ptr<Network> m_inner;
    int m_left;
};

std::vector<Finding> findingsOf(const TrainingSetup &setup)
{
    std::vector<Finding> findings;
    TrainingSink sink;
    sink.finding = [&](const Finding &finding) { findings.push_back(finding); };
    const auto outcome = train(setup, {}, sink);
    if (!outcome)
        findings.push_back({"error", 0, outcome.error().message});
    return findings;
}

} // namespace

/// What goes wrong with data and machines, and what one reads of it.
class TestTrainFaults : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void shuffledLabelsAreSaid_data();
    void shuffledLabelsAreSaid();
    void aRateFarTooHighIsRescuedThenSaid();
    void aLostDeviceIsNamedAndTheRunGoesOn();
};

void TestTrainFaults::shuffledLabelsAreSaid_data()
{
    QTest::addColumn<bool>("isShuffled");
    QTest::newRow("shuffled") << true;
    QTest::newRow("as they should be") << false;
}

void TestTrainFaults::shuffledLabelsAreSaid()
{
    QFETCH(bool, isShuffled);
    TestFolder folder;
    BlobSource train(24, 2), val(16, 2);
    const BlobSource strange(1000, 2);
    const auto shuffle = [&](std::size_t index, std::span<float>, std::span<std::uint8_t> target) {
        std::vector<float> unused(3 * target.size());
        if (isShuffled) // the labels of another image
            (void)strange.read(index * 7 + 101, 0, unused, target);
    };
    train.after = shuffle;
    val.after = shuffle;
    auto setup = blobSetup(folder, train, &val, 2, "ce+dice");
    setup.options.epochs = 8;
    setup.options.batch = 8;
    const auto findings = findingsOf(setup);
    const auto said = std::find_if(findings.begin(), findings.end(), [](const auto &f) { return f.kind == "labels"; });
    for (const auto &finding : findings)
        qInfo("%s: %s", finding.kind.c_str(), finding.message.c_str());
    QCOMPARE(said != findings.end(), isShuffled);
}

void TestTrainFaults::aRateFarTooHighIsRescuedThenSaid()
{
    TestFolder folder;
    const BlobSource samples(16, 2);
    auto setup = blobSetup(folder, samples, nullptr, 2);
    setup.options.lr = 1e6;
    setup.options.epochs = 10;
    const auto findings = findingsOf(setup);
    for (const auto &finding : findings)
        qInfo("%s: %s", finding.kind.c_str(), finding.message.c_str());
    QCOMPARE(findings.size(), std::size_t{4}); // three rescues, then the end
    QCOMPARE(findings.front().kind, std::string("diverged"));
    for (const auto *part : {"run away", "learning rate", "3 times", "Find Rate"})
        QVERIFY2(findings.back().message.find(part) != std::string::npos, findings.back().message.c_str());
}

void TestTrainFaults::aLostDeviceIsNamedAndTheRunGoesOn()
{
    TestFolder folder, whole;
    const BlobSource samples(16, 2);
    const auto setupIn = [&](const TestFolder &place, int steps) {
        auto setup = blobSetup(place, samples, nullptr, 2);
        setup.network = std::make_shared<LostDevice>(unetFactory()->build(setup.spec, 5).value(), steps);
        return setup;
    };
    constexpr int kNever = std::numeric_limits<int>::max();
    const auto lost = train(setupIn(folder, 6), {}, {}); // in the second of three epochs, of four steps each
    QVERIFY(!lost);
    qInfo("%s", lost.error().message.c_str());
    QCOMPARE(lost.error().code, ErrorCode::Device);
    for (const auto *part : {"the device cpu failed", "unspecified launch failure", "resume the run"})
        QVERIFY2(lost.error().message.find(part) != std::string::npos, lost.error().message.c_str());

    MASQUE_VERIFY(train(setupIn(whole, kNever), {}, {}));
    auto again = setupIn(folder, kNever);
    again.resume = true;
    MASQUE_VERIFY(train(again, {}, {}));
    QCOMPARE(curve(folder), curve(whole));
    QCOMPARE(weights(folder, "last.ckpt"), weights(whole, "last.ckpt"));
}

QTEST_GUILESS_MAIN(TestTrainFaults)
#include "test_train_faults.moc"
