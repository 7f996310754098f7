// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/core/training/blob_training.h"

#include <csignal>
#include <limits>
#include <stdexcept>
#include <sys/resource.h>

using namespace masque;

class TestTrainFailures : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void resumeOfAnotherNetworkIsAnError();
    void failures_data();
    void failures();
    void lossThatIsNotFiniteKeepsTheLastGoodEpoch();
    void diskFullKeepsTheOldCheckpoint();
    void badOptionsAreNamed_data();
    void badOptionsAreNamed();
};

void TestTrainFailures::resumeOfAnotherNetworkIsAnError()
{
    TestFolder folder;
    const BlobSource samples(4, 2);
    auto setup = blobSetup(folder, samples, nullptr, 2);
    const auto trained = train(setup, {}, {});
    MASQUE_VERIFY(trained);
    setup.resume = true;
    setup.spec.options.set("base", 16);
    setup.network = unetFactory()->build(setup.spec, 1).value();
    const auto resumed = train(setup, {}, {});
    QVERIFY(!resumed);
    QVERIFY2(resumed.error().message.find("last.ckpt") != std::string::npos, resumed.error().message.c_str());
}

void TestTrainFailures::failures_data()
{
    QTest::addColumn<QString>("what");
    QTest::addColumn<QString>("named");
    QTest::newRow("unreadable sample") << "unreadable"
                                       << "blob5.png";
    QTest::newRow("unreadable validation sample") << "unreadable val"
                                                  << "blob2.png";
    QTest::newRow("class id too large") << "id"
                                        << "class id 9";
    QTest::newRow("NaN in an image") << "nan"
                                     << "blob3.png";
    QTest::newRow("unknown layers to freeze") << "freeze"
                                              << "the network has: down";
    QTest::newRow("throws") << "throws"
                            << "sample";
    QTest::newRow("no images") << "none"
                               << "no images";
    QTest::newRow("run folder missing") << "folder"
                                        << "log.jsonl";
    QTest::newRow("channels") << "channels"
                              << "output channels";
    QTest::newRow("no such device") << "device"
                                    << "cuda";
    QTest::newRow("broken last.ckpt") << "broken"
                                      << "last.ckpt";
}

void TestTrainFailures::failures()
{
    QFETCH(QString, what);
    QFETCH(QString, named);
    TestFolder folder;
    BlobSource samples(what == "none" ? 0 : 8, 2), val(4, 2);
    samples.before = [&](std::size_t index) -> Result<void> {
        if (what == "throws")
            throw std::runtime_error("boom");
        if (what == "unreadable" && index == 5)
            return Error{ErrorCode::Format, "is cut off"};
        return {};
    };
    val.before = [&](std::size_t index) -> Result<void> {
        return what == "unreadable val" && index == 2 ? Error{ErrorCode::Io, "is gone"} : Result<void>();
    };
    samples.after = [&](std::size_t index, std::span<float> image, std::span<std::uint8_t> target) {
        if (what == "id" && index == 1)
            target[7] = 9;
        if (what == "nan" && index == 3)
            image[7] = std::numeric_limits<float>::quiet_NaN();
    };
    auto setup = blobSetup(folder, samples, &val, 2);
    if (what == "freeze")
        setup.options.freeze = "encoder";
    if (what == "folder")
        setup.runFolder = folder.file("absent");
    if (what == "channels")
        setup.classNames.push_back("third");
    if (what == "device") {
        if (availableDevices().size() > 1)
            QSKIP("there is a CUDA device");
        setup.options.device = "cuda";
    }
    if (what == "broken") {
        folder.write("last.ckpt", "not a checkpoint");
        setup.resume = true;
    }
    const auto outcome = train(setup, {}, {});
    QVERIFY(!outcome);
    QVERIFY2(outcome.error().message.find(named.toStdString()) != std::string::npos, outcome.error().message.c_str());
}

void TestTrainFailures::lossThatIsNotFiniteKeepsTheLastGoodEpoch()
{
    TestFolder folder;
    BlobSource samples(8, 2);
    samples.after = [&](std::size_t, std::span<float> image, std::span<std::uint8_t>) {
        if (samples.reads > 8 + 5) // in the second step of the second epoch: finite, but their sum is not
            std::fill(image.begin(), image.end(), std::numeric_limits<float>::max());
    };
    auto setup = blobSetup(folder, samples, nullptr, 2);
    std::vector<Finding> findings;
    TrainingSink sink;
    sink.finding = [&](const Finding &finding) { findings.push_back(finding); };
    const auto outcome = train(setup, {}, sink);
    QVERIFY(!outcome);
    QCOMPARE(findings.size(), std::size_t{3});
    QCOMPARE(findings[0].kind, std::string("diverged"));
    QVERIFY2(findings[0].message.find("epoch 2, train step 2") != std::string::npos, findings[0].message.c_str());
    for (const auto *part : {"epoch 2", "not finite", "3 times", "learning rate"})
        QVERIFY2(outcome.error().message.find(part) != std::string::npos, outcome.error().message.c_str());
    const auto last = loadCheckpoint(folder.file("last.ckpt"), {unetFactory()});
    MASQUE_VERIFY(last);
    QCOMPARE(last->epoch, 1);
}

void TestTrainFailures::diskFullKeepsTheOldCheckpoint()
{
    TestFolder folder;
    const BlobSource samples(4, 2);
    auto setup = blobSetup(folder, samples, nullptr, 2);
    rlimit before{};
    QCOMPARE(getrlimit(RLIMIT_FSIZE, &before), 0);
    const auto handler = std::signal(SIGXFSZ, SIG_IGN); // write() then fails, as on a full disk
    TrainingSink sink;
    sink.epoch = [&](const EpochReport &) {
        rlimit small = before;
        small.rlim_cur = 100'000;
        setrlimit(RLIMIT_FSIZE, &small);
    };
    const auto outcome = train(setup, {}, sink);
    setrlimit(RLIMIT_FSIZE, &before);
    std::signal(SIGXFSZ, handler);
    QVERIFY(!outcome);
    QCOMPARE(outcome.error().code, ErrorCode::Io);
    for (const auto *part : {".ckpt", "Free some space", "resume"})
        QVERIFY2(outcome.error().message.find(part) != std::string::npos, outcome.error().message.c_str());
    const auto last = loadCheckpoint(folder.file("last.ckpt"), {unetFactory()});
    MASQUE_VERIFY(last);
    QCOMPARE(last->epoch, 1);
}

void TestTrainFailures::badOptionsAreNamed_data()
{
    QTest::addColumn<QString>("json");
    QTest::addColumn<QString>("named");
    QTest::newRow("no epochs") << R"({"epochs": 0})"
                               << "epochs";
    QTest::newRow("batch") << R"({"batch": -1})"
                           << "batch";
    QTest::newRow("loss") << R"({"loss": "hinge"})"
                          << "loss";
    QTest::newRow("lr") << R"({"lr": 0})"
                        << "lr";
    QTest::newRow("slip") << R"({"learning_rate": 0.1})"
                          << "learning_rate";
    QTest::newRow("precision") << R"({"precision": "half"})"
                               << "precision";
    QTest::newRow("seed") << R"({"seed": "one"})"
                          << "seed";
}

void TestTrainFailures::badOptionsAreNamed()
{
    QFETCH(QString, json);
    QFETCH(QString, named);
    TrainingOptions options;
    const auto applied = trainingTable().apply(Json::parse(json.toStdString()).value(), options);
    QVERIFY(!applied);
    QVERIFY2(applied.error().message.find(named.toStdString()) != std::string::npos, applied.error().message.c_str());
}

QTEST_GUILESS_MAIN(TestTrainFailures)
#include "test_train_failures.moc"
