// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/training/train.h"
#include "tests/support/support.h"

#include <cmath>

using namespace masque;

namespace {

double sigmoid(double x)
{
    return 1 / (1 + std::exp(-x));
}

/// Two pixels side by side, two images; channels-first, as Logits are.
Logits twoClasses()
{
    //                         image 0: class 0  class 1   image 1: class 0   class 1
    return {{2, 2, 1, 2}, {1.0f, -0.5f, 0.25f, 2.0f, 0.0f, 3.0f, 1.5f, -1.0f}};
}
Logits oneChannel()
{
    return {{2, 1, 1, 2}, {1.0f, -0.5f, 0.25f, 2.0f}};
}

/// The losses once more, pixel by pixel, from their definitions. logit(image, class, pixel).
double reference(const std::string &loss, const Logits &logits, const std::vector<std::uint8_t> &targets)
{
    const int images = logits.shape.count, channels = logits.shape.channels, pixels = logits.shape.width;
    const auto at = [&](int n, int c, int p) {
        return static_cast<double>(logits.values[static_cast<std::size_t>((n * channels + c) * pixels + p)]);
    };
    const auto target = [&](int n, int p) { return int{targets[static_cast<std::size_t>(n * pixels + p)]}; };
    const auto softmax = [&](int n, int c, int p) {
        double sum = 0;
        for (int k = 0; k < channels; ++k)
            sum += std::exp(at(n, k, p));
        return std::exp(at(n, c, p)) / sum;
    };
    const auto truth = [&](int n, int c, int p) { return target(n, p) == (channels == 1 ? 1 : c) ? 1.0 : 0.0; };
    const bool sigmoidDice = channels == 1 || loss == "bce+dice";
    double ce = 0, bce = 0, dice = 0;
    int valid = 0;
    for (int n = 0; n < images; ++n) {
        for (int c = 0; c < channels; ++c) {
            double both = 0, predicted = 0, wanted = 0;
            for (int p = 0; p < pixels; ++p) {
                if (target(n, p) == 255)
                    continue;
                const double t = truth(n, c, p), s = sigmoid(at(n, c, p)), q = sigmoidDice ? s : softmax(n, c, p);
                ce -= t * std::log(softmax(n, c, p));
                bce -= t * std::log(s) + (1 - t) * std::log(1 - s);
                both += q * t;
                predicted += q;
                wanted += t;
                valid += c == 0;
            }
            dice += 1 - (2 * both + 1) / (predicted + wanted + 1);
        }
    }
    ce /= std::max(1, valid);
    bce /= std::max(1, valid * channels);
    dice /= images * channels;
    return loss == "ce"        ? ce
           : loss == "bce"     ? bce
           : loss == "dice"    ? dice
           : loss == "ce+dice" ? 0.5 * ce + 0.5 * dice
                               : 0.5 * bce + 0.5 * dice;
}

} // namespace

class TestLosses : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void byDefinition_data();
    void byDefinition();
    void byHand();
    void parametersByHand();
    void lovaszIsJaccardWhenCertain();
    void planesAreBinaryLosses_data();
    void planesAreBinaryLosses();
    void planesByHand();
    void oneOutputIsTwo();
    void specSurvivesJson();
    void sharesAreSoftTargets();
    void onlyIgnoredIsZero_data();
    void onlyIgnoredIsZero();
    void badInputIsAnError();
    void outputChannels();
};

void TestLosses::byDefinition_data()
{
    QTest::addColumn<QString>("loss");
    QTest::addColumn<bool>("single");
    QTest::addColumn<QByteArray>("targets");
    for (const auto *loss : {"ce", "bce", "dice", "bce+dice", "ce+dice"}) {
        for (const bool single : {false, true}) {
            if (single && std::string(loss).starts_with("ce"))
                continue;
            const auto row = [&](const char *what) -> QTestData & {
                return QTest::addRow("%s, %s, %s", loss, single ? "one channel" : "two channels", what);
            };
            row("mixed") << loss << single << QByteArray("\0\1\1\0", 4);
            row("one class") << loss << single << QByteArray("\0\0\0\0", 4);
            row("one pixel ignored") << loss << single << QByteArray("\0\xff\1\0", 4);
            row("an image ignored") << loss << single << QByteArray("\xff\xff\1\0", 4);
        }
    }
}

void TestLosses::byDefinition()
{
    QFETCH(QString, loss);
    QFETCH(bool, single);
    QFETCH(QByteArray, targets);
    const auto logits = single ? oneChannel() : twoClasses();
    const std::vector<std::uint8_t> ids(targets.begin(), targets.end());
    const auto value = lossOf(LossSpec{.name = loss.toStdString()}, logits, ids);
    MASQUE_VERIFY(value);
    const double expected = reference(loss.toStdString(), logits, ids);
    QVERIFY2(std::abs(*value - expected) < 1e-6, qPrintable(QString("%1, expected %2").arg(*value).arg(expected)));
}

void TestLosses::byHand()
{
    const std::vector<std::uint8_t> ids = {1, 0};
    // log(1 + e^-2) and log(1 + e^2), meant over two pixels: 0.126928 and 2.126928
    const Logits logits{{1, 1, 1, 2}, {2.0f, 2.0f}};
    QVERIFY(std::abs(lossOf(LossSpec{.name = "bce"}, logits, ids).value() - 1.126928) < 1e-5);
    // sigmoid(2) = 0.880797: 1 - (2 * 0.880797 + 1) / (2 * 0.880797 + 1 + 1)
    QVERIFY(std::abs(lossOf(LossSpec{.name = "dice"}, logits, ids).value() - 0.265845) < 1e-5);
    // equal logits of four classes: log 4
    const Logits flat{{1, 4, 1, 2}, std::vector<float>(8, 0.7f)};
    QVERIFY(std::abs(lossOf(LossSpec{.name = "ce"}, flat, ids).value() - std::log(4.0)) < 1e-6);
}

void TestLosses::parametersByHand()
{
    const std::vector<std::uint8_t> ids = {1, 0};
    const Logits logits{{1, 2, 1, 2}, {0, 0, 2, 2}}; // p(class 1) = sigmoid(2) = 0.880797 in both pixels
    const double right = 0.126928, wrong = 2.126928; // -log p of the first pixel and of the second
    const auto loss = [&](const LossSpec &spec) { return lossOf(spec, logits, ids).value(); };
    const auto near = [](double value, double expected) { return std::abs(value - expected) < 1e-5; };

    QVERIFY(near(loss({.name = "ce"}), (right + wrong) / 2));
    QVERIFY(near(loss({.name = "ce", .classWeights = {3, 1}}), (right + 3 * wrong) / 4));
    // a share of 0.2 of the wanted distribution is spread over both classes
    QVERIFY(near(loss({.name = "ce", .labelSmoothing = 0.2}), 0.9 * (right + wrong) / 2 + 0.1 * (wrong + right) / 2));
    QVERIFY(near(loss({.name = "focal", .focalGamma = 0}), loss({.name = "ce"})));
    QVERIFY(near(loss({.name = "focal", .focalGamma = 2}),
                 (std::pow(1 - 0.880797, 2) * right + std::pow(0.880797, 2) * wrong) / 2));
    QVERIFY(near(loss({.name = "ce+dice", .diceWeight = 0}), loss({.name = "ce"})));
    QVERIFY(near(loss({.name = "ce+dice", .diceWeight = 1}), loss({.name = "dice"})));
    QVERIFY(near(loss({.name = "tversky", .tverskyAlpha = 0.5, .tverskyBeta = 0.5}), loss({.name = "dice"})));
    // class 1: TP 0.880797, FP 0.880797, FN 0.119203; class 0: TP 0.119203, FP 0.119203, FN 0.880797
    QVERIFY(near(loss({.name = "tversky", .tverskyAlpha = 0.3, .tverskyBeta = 0.7}),
                 1
                     - ((0.880797 + 0.5) / (0.880797 + 0.3 * 0.880797 + 0.7 * 0.119203 + 0.5)
                        + (0.119203 + 0.5) / (0.119203 + 0.3 * 0.119203 + 0.7 * 0.880797 + 0.5))
                           / 2));
}

/// At certain predictions the Lovasz extension is the Jaccard loss itself.
void TestLosses::lovaszIsJaccardWhenCertain()
{
    const float sure = 50;
    const Logits logits{{1, 2, 1, 4}, {sure, 0, 0, sure, 0, sure, sure, 0}}; // predicted: 0 1 1 0
    const std::vector<std::uint8_t> ids = {0, 1, 0, 255};
    // class 0: 1 of 2, class 1: 1 of 2
    QVERIFY(std::abs(lossOf({.name = "lovasz"}, logits, ids).value() - 0.5) < 1e-6);
    const std::vector<std::uint8_t> absent = {0, 0, 0, 0}; // class 1 does not occur: only class 0 counts, 2 of 4
    QVERIFY(std::abs(lossOf({.name = "lovasz"}, logits, absent).value() - 0.5) < 1e-6);
}

void TestLosses::planesAreBinaryLosses_data()
{
    onlyIgnoredIsZero_data();
}

/// Overlapping classes: the mean of what each plane loses as a binary task of its own.
void TestLosses::planesAreBinaryLosses()
{
    QFETCH(QString, loss);
    LossSpec spec{.name = loss.toStdString(), .diceWeight = 0.3, .focalGamma = 1.5, .tverskyAlpha = 0.2};
    const std::vector<float> a = {1.0f, -0.5f, 0.25f, 2.0f}, b = {0.0f, 3.0f, 1.5f, -1.0f};
    const std::vector<std::uint8_t> inA = {1, 0, 1, 255}, inB = {1, 1, 0, 255}; // both at the first pixel
    const Logits first{{1, 1, 1, 4}, a}, second{{1, 1, 1, 4}, b};
    Logits both{{1, 2, 1, 4}, a};
    both.values.insert(both.values.end(), b.begin(), b.end());
    auto planes = inA;
    planes.insert(planes.end(), inB.begin(), inB.end());
    const auto each = (lossOf(spec, first, inA).value() + lossOf(spec, second, inB).value()) / 2;
    spec.multiLabel = true;
    const auto together = lossOf(spec, both, planes);
    MASQUE_VERIFY(together);
    QVERIFY2(std::abs(*together - each) < 1e-6, qPrintable(QString("%1, expected %2").arg(*together).arg(each)));
    const auto pixels = pixelLossesOf(spec, both, planes);
    MASQUE_VERIFY(pixels);
    QCOMPARE(pixels->size(), std::size_t{4});
    QCOMPARE(pixels->back(), 0.0f); // ignored
    QVERIFY(!lossOf(spec, both, inA));
    planes[0] = 2;
    QVERIFY(!lossOf(spec, both, planes));
}

void TestLosses::planesByHand()
{
    // of class 1 right, of class 2 wrong: log(1 + e^-2) and log(1 + e^2); weights: background 3, class 1 5, class 2 7
    const Logits logits{{1, 2, 1, 1}, {2.0f, 2.0f}};
    const std::vector<std::uint8_t> planes = {1, 0};
    const LossSpec spec{.name = "bce", .classWeights = {3, 5, 7}, .multiLabel = true};
    QVERIFY(std::abs(lossOf(spec, logits, planes).value() - (5 * 0.126928 + 3 * 2.126928) / 8) < 1e-5);
    QVERIFY(!lossOf({.name = "bce", .classWeights = {3, 5}, .multiLabel = true}, logits, planes));
}

/// One output z says what the two outputs (0, z) say.
void TestLosses::oneOutputIsTwo()
{
    const auto single = oneChannel();
    const std::vector<std::uint8_t> ids = {0, 1, 255, 0};
    const Logits pair{{2, 2, 1, 2}, {0, 0, 1.0f, -0.5f, 0, 0, 0.25f, 2.0f}};
    for (const LossSpec &spec : {LossSpec{.name = "ce", .classWeights = {3, 1}},
                                 LossSpec{.name = "ce", .labelSmoothing = 0.2}, LossSpec{.name = "focal"}}) {
        const auto one = lossOf(spec, single, ids), two = lossOf(spec, pair, ids);
        MASQUE_VERIFY(one);
        MASQUE_VERIFY(two);
        QVERIFY2(std::abs(*one - *two) < 1e-6, qPrintable(QString("%1, expected %2").arg(*one).arg(*two)));
    }
}

void TestLosses::specSurvivesJson()
{
    const LossSpec spec{.name = "focal",
                        .diceWeight = 0.25,
                        .labelSmoothing = 0.1,
                        .focalGamma = 3,
                        .tverskyAlpha = 0.2,
                        .tverskyBeta = 0.8,
                        .classWeights = {0.5f, 2},
                        .binaryOutputs = "two",
                        .multiLabel = true};
    QCOMPARE(LossSpec::fromJson(spec.toJson()).toJson().dump(), spec.toJson().dump());
    QCOMPARE(LossSpec::fromJson("bce").name, std::string("bce"));
}

/// Whole shares are ce, weights, smoothing and what is ignored included; else the cross-entropy with the distribution.
void TestLosses::sharesAreSoftTargets()
{
    constexpr std::uint8_t kWhole = SampleSource::kWholeShare, kHalf = kWhole / 2;
    const Logits logits{{3, 3, 1, 1}, {1.0f, -0.5f, 0.25f, 2.0f, 0.0f, 3.0f, 1.5f, -1.0f, 0.5f}};
    const std::vector<std::uint8_t> ids = {2, 255, 0}, shares = {0, 0, kWhole, 0, 0, 0, kWhole, 0, 0};
    for (const double smoothing : {0.0, 0.1})
        for (const auto &weights : {std::vector<float>(), std::vector<float>{1, 2, 5}}) {
            LossSpec hard{.name = "ce", .labelSmoothing = smoothing, .classWeights = weights}, soft = hard;
            soft.name = "soft-ce";
            const auto expected = lossOf(hard, logits, ids), got = lossOf(soft, logits, shares);
            MASQUE_VERIFY(expected);
            MASQUE_VERIFY(got);
            QVERIFY2(std::abs(*expected - *got) < 1e-6, qPrintable(QString("%1, %2").arg(*expected).arg(*got)));
        }
    const Logits one{{1, 2, 1, 1}, {std::log(3.0f), 0.0f}}; // softmax 0.75, 0.25
    const std::vector<std::uint8_t> even = {kHalf, kHalf};
    QVERIFY(std::abs(lossOf(LossSpec{.name = "soft-ce"}, one, even).value() + (std::log(0.75) + std::log(0.25)) / 2)
            < 1e-6);
    const auto pixels = pixelLossesOf(LossSpec{.name = "soft-ce"}, logits, shares);
    MASQUE_VERIFY(pixels);
    QCOMPARE(pixels->size(), std::size_t{3});
    QCOMPARE((*pixels)[1], 0.0f);
    QCOMPARE(LossSpec{.name = "soft-ce"}.outputChannels(2), 2);
}

void TestLosses::onlyIgnoredIsZero_data()
{
    QTest::addColumn<QString>("loss");
    for (const auto *loss : {"ce", "bce", "dice", "bce+dice", "ce+dice", "focal", "tversky", "lovasz"})
        QTest::newRow(loss) << loss;
}

void TestLosses::onlyIgnoredIsZero()
{
    QFETCH(QString, loss);
    const std::vector<std::uint8_t> ids(4, 255);
    const auto value = lossOf(LossSpec{.name = loss.toStdString()}, twoClasses(), ids);
    MASQUE_VERIFY(value);
    QCOMPARE(*value, 0.0);
}

void TestLosses::badInputIsAnError()
{
    const std::vector<std::uint8_t> ids = {0, 1, 1, 0}, unknown = {0, 1, 7, 0};
    QVERIFY(!lossOf(LossSpec{.name = "hinge"}, twoClasses(), ids));
    QVERIFY(!lossOf(LossSpec{.name = "ce"}, twoClasses(), std::span(ids).first(3)));
    QVERIFY(!lossOf(LossSpec{.name = "ce"}, twoClasses(), unknown));
    QVERIFY(!lossOf(LossSpec{.name = "bce"}, oneChannel(), unknown));
    QVERIFY(!lossOf(LossSpec{.name = "ce"}, {}, {}));
}

void TestLosses::outputChannels()
{
    QCOMPARE(LossSpec{.name = "ce"}.outputChannels(2), 2);
    QCOMPARE(LossSpec{.name = "ce+dice"}.outputChannels(2), 2);
    QCOMPARE(LossSpec{.name = "bce"}.outputChannels(2), 1);
    QCOMPARE(LossSpec{.name = "dice"}.outputChannels(2), 1);
    QCOMPARE(LossSpec{.name = "bce+dice"}.outputChannels(2), 1);
    QCOMPARE(LossSpec{.name = "bce"}.outputChannels(3), 3);
    QCOMPARE(LossSpec{.name = "ce"}.outputChannels(7), 7);
    for (const auto *loss : {"ce", "bce"}) {
        QCOMPARE((LossSpec{.name = loss, .binaryOutputs = "one"}.outputChannels(2)), 1);
        QCOMPARE((LossSpec{.name = loss, .binaryOutputs = "two"}.outputChannels(2)), 2);
        QCOMPARE((LossSpec{.name = loss, .binaryOutputs = "one"}.outputChannels(5)), 5);
        QCOMPARE((LossSpec{.name = loss, .multiLabel = true}.outputChannels(5)), 4);
    }
}

QTEST_GUILESS_MAIN(TestLosses)
#include "test_losses.moc"
