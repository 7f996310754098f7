// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/training/RunLog.h"
#include "core/training/mixup.h"
#include "tests/core/training/blob_training.h"

#include <algorithm>
#include <cmath>

using namespace masque;

class TestMixup : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void sharesDependOnSeedEpochAndStepAlone();
    void mixupBlendsImagesAndLoss();
};

void TestMixup::sharesDependOnSeedEpochAndStepAlone()
{
    QCOMPARE(mixShare(0, 1, 1, 0), 1.0);
    QCOMPARE(mixShare(0.4, 3, 2, 5), mixShare(0.4, 3, 2, 5));
    QVERIFY(mixShare(0.4, 3, 2, 5) != mixShare(0.4, 3, 2, 6));
    QVERIFY(mixShare(0.4, 3, 2, 5) != mixShare(0.4, 3, 1, 5));
    QVERIFY(mixShare(0.4, 3, 2, 5) != mixShare(0.4, 4, 2, 5));
    double little = 0, much = 0;
    for (int step = 0; step < 200; ++step) {
        little += mixShare(0.1, 1, 1, step) / 200;
        much += mixShare(5, 1, 1, step) / 200;
    }
    QVERIFY2(little > 0.9 && much < 0.7, qPrintable(QString("%1 %2").arg(little).arg(much)));
}

/// A step's loss worked out again from the very images and targets that it was given.
void TestMixup::mixupBlendsImagesAndLoss()
{
    constexpr double kAlpha = 2;
    const BlobSource samples(8, 3);
    const auto firstSteps = [&](double alpha) {
        TestFolder folder;
        auto setup = blobSetup(folder, samples, nullptr, 3);
        setup.spec.options.set("norm", "none"); // the same for training as for inference
        setup.network = unetFactory()->build(setup.spec, 5).value();
        setup.options.epochs = 1;
        setup.options.lr = 1e-8; // the weights stay
        setup.mixup = alpha;
        std::vector<StepRecord> steps;
        TrainingSink sink;
        sink.record = [&](const StepRecord &step) { steps.push_back(step); };
        const auto done = train(setup, {}, sink);
        return std::pair(done ? steps : std::vector<StepRecord>(), setup);
    };
    const auto [mixed, setup] = firstSteps(kAlpha);
    const auto [plain, unused] = firstSteps(0);
    QCOMPARE(mixed.size(), std::size_t{2});
    QVERIFY(std::abs(mixed[0].loss - plain[0].loss) > 1e-4);
    const std::size_t pixels = samples.targetElements(), floats = 3 * pixels;
    for (const auto &step : mixed) {
        const double own = mixShare(kAlpha, setup.options.seed, step.epoch, step.step - 1);
        QVERIFY(own >= 0.5 && own < 1);
        const auto count = step.samples.size();
        std::vector<float> images(count * floats), blended(images.size());
        std::vector<std::uint8_t> targets(count * pixels), neighbours(targets.size());
        for (std::size_t i = 0; i < count; ++i) { // the variation as every epoch draws it
            const auto variation = Random::of(setup.options.seed, step.epoch, step.samples[i]).next();
            MASQUE_VERIFY(samples.read(step.samples[i], variation, std::span(images).subspan(i * floats, floats),
                                       std::span(targets).subspan(i * pixels, pixels)));
        }
        for (std::size_t i = 0; i < count; ++i) {
            const auto other = (i + count - 1) % count;
            for (std::size_t k = 0; k < floats; ++k)
                blended[i * floats + k] =
                    static_cast<float>(own * images[i * floats + k] + (1 - own) * images[other * floats + k]);
            std::copy_n(&targets[other * pixels], pixels, &neighbours[i * pixels]);
        }
        const auto logits = infer(*setup.network, blended, {static_cast<int>(count), 3, 24, 24}, "cpu");
        MASQUE_VERIFY(logits);
        const auto spec = LossSpec::of(setup.options, {});
        const double expected =
            own * lossOf(spec, *logits, targets).value() + (1 - own) * lossOf(spec, *logits, neighbours).value();
        QVERIFY2(std::abs(step.loss - expected) < 1e-4, qPrintable(QString("%1 %2").arg(step.loss).arg(expected)));
    }
}

QTEST_GUILESS_MAIN(TestMixup)
#include "test_mixup.moc"
