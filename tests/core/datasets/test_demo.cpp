// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/datasets/demo.h"

#include "core/annotations/labelme.h"
#include "core/annotations/mask_ops.h"
#include "core/annotations/rasterise.h"
#include "core/base/files.h"
#include "tests/support/support.h"

#include <filesystem>
#include <set>

using namespace masque;

namespace {

const LabelSet kLabels({"_background_", "square", "circle", "triangle", "ring", "mesh", "plus"});

std::string stem(int index)
{
    return QString("%1").arg(index, 3, 10, QChar('0')).toStdString();
}

struct Sample {
    cv::Mat image;
    Annotation annotation;
    cv::Mat1b ids;
};

std::vector<Sample> readSamples(const std::string &folder, int count)
{
    std::vector<Sample> samples;
    for (int i = 0; i < count; ++i) {
        auto image = readImage(folder + "/" + stem(i) + ".png");
        auto annotation = readLabelMe(folder + "/" + stem(i) + ".json");
        if (!image || !annotation)
            return {};
        auto ids = rasterise(*annotation, kLabels, Size{image->cols, image->rows});
        samples.push_back({*image, std::move(*annotation), ids});
    }
    return samples;
}

double dice(double both, double truth, double said)
{
    return truth + said > 0 ? 2 * both / (truth + said) : 0;
}

/// Counts of each class in a coarse cube of RGB colours.
class ColorClassifier {
public:
    void learn(const Sample &sample)
    {
        forEachPixel(sample, [&](std::array<double, 7> &counts, int id) { ++counts[static_cast<std::size_t>(id)]; });
    }
    template <typename Visit>
    void forEachPixel(const Sample &sample, Visit visit)
    {
        for (int y = 0; y < sample.ids.rows; ++y)
            for (int x = 0; x < sample.ids.cols; ++x) {
                const auto &p = sample.image.at<cv::Vec3b>(y, x);
                const int bin = (p[0] / 16 * 16 + p[1] / 16) * 16 + p[2] / 16;
                visit(m_counts[static_cast<std::size_t>(bin)], sample.ids(y, x));
            }
    }

private:
    std::vector<std::array<double, 7>> m_counts = std::vector<std::array<double, 7>>(4096);
};

} // namespace

class TestDemo : public QObject {
    Q_OBJECT

    static constexpr int kCount = 80;
    TestFolder m_folder;
    std::vector<Sample> m_samples;

private Q_SLOTS:
    void initTestCase()
    {
        DemoOptions options;
        options.count = kCount;
        MASQUE_VERIFY(writeDemoShapes(m_folder.file("shapes"), options));
        m_samples = readSamples(m_folder.file("shapes"), kCount);
        QCOMPARE(m_samples.size(), std::size_t{kCount});
    }

    void sameSeedSameBytes()
    {
        for (const auto &[name, seed] : {std::pair("again", 1u), {"other", 2u}}) {
            DemoOptions options;
            options.count = 4;
            options.seed = seed;
            MASQUE_VERIFY(writeDemoShapes(m_folder.file(name), options));
            for (const auto *file : {"000.png", "003.png", "003.json", "labels.txt"}) {
                const auto first = readFile(m_folder.file(std::string("shapes/") + file));
                const auto second = readFile(m_folder.file(std::string(name) + "/" + file));
                MASQUE_VERIFY(first);
                MASQUE_VERIFY(second);
                QCOMPARE(*first == *second, seed == 1 || std::string(file) == "labels.txt");
            }
        }
    }

    void shapesAreAsPromised()
    {
        std::set<std::string> labels;
        int shapes = 0, overlapping = 0;
        for (const auto &sample : m_samples) {
            const auto &all = sample.annotation.shapes;
            QVERIFY2(all.size() >= 3 && all.size() <= 8, qPrintable(QString::number(all.size())));
            std::vector<Mask> masks;
            for (const auto &shape : all) {
                labels.insert(shape.label);
                QVERIFY(shape.type == ShapeType::Polygon || shape.type == ShapeType::Rectangle
                        || shape.type == ShapeType::Circle); // labelme 5.1 knows these
                masks.push_back(shapeMask(shape, {192, 192}));
                const int side = std::max(masks.back().box.width, masks.back().box.height);
                QVERIFY2(side >= 23 && side <= 82, qPrintable(QString::number(side)));
                QCOMPARE(shape.bounds().intersected({0, 0, 192, 192}), shape.bounds()); // nothing is cut off
            }
            for (std::size_t i = 0; i < masks.size(); ++i) {
                bool touches = false;
                for (std::size_t j = 0; j < masks.size(); ++j)
                    touches = touches || (i != j && overlap(masks[i], masks[j]));
                overlapping += touches;
            }
            shapes += static_cast<int>(all.size());
        }
        QCOMPARE(labels, (std::set<std::string>{"circle", "mesh", "plus", "ring", "square", "triangle"}));
        const double share = static_cast<double>(overlapping) / shapes;
        qInfo("%d shapes, %.1f %% of them overlap another one", shapes, 100 * share);
        QVERIFY(share > 0.2 && share < 0.4);
    }

    void ringsAndMeshesHaveHoles()
    {
        for (const auto &sample : m_samples)
            for (const auto &shape : sample.annotation.shapes) {
                const auto mask = shapeMask(shape, {192, 192});
                const auto middle = mask.bits(mask.box.height / 2, mask.box.width / 2);
                const double filled =
                    static_cast<double>(cv::countNonZero(mask.bits)) / static_cast<double>(mask.bits.total());
                if (shape.label == "ring")
                    QVERIFY(!middle);
                if (shape.label == "ring" || shape.label == "mesh")
                    QVERIFY2(filled > 0.3 && filled < 0.85, qPrintable(QString::number(filled)));
                if (shape.label == "circle" || shape.label == "plus")
                    QVERIFY(middle);
            }
    }

    /// The pixels inside a shape's annotation are those that were painted: its edge in the image lies at its outline.
    void annotationMatchesThePicture()
    {
        double inside = 0, across = 0;
        int insideCount = 0, acrossCount = 0;
        for (const auto &sample : m_samples)
            for (int y = 0; y < 192; ++y)
                for (int x = 2; x < 190; ++x) {
                    const auto difference = cv::norm(cv::Vec3i(sample.image.at<cv::Vec3b>(y, x - 2))
                                                     - cv::Vec3i(sample.image.at<cv::Vec3b>(y, x + 1)));
                    const bool edge = sample.ids(y, x - 1) != sample.ids(y, x);
                    const bool flat = sample.ids(y, x - 2) == sample.ids(y, x - 1)
                                      && sample.ids(y, x - 1) == sample.ids(y, x)
                                      && sample.ids(y, x) == sample.ids(y, x + 1);
                    if (edge) {
                        across += difference;
                        ++acrossCount;
                    } else if (flat) {
                        inside += difference;
                        ++insideCount;
                    }
                }
        const double ratio = across / acrossCount / (inside / insideCount);
        qInfo("colour changes %.1f times as much across an outline", ratio);
        QVERIFY(ratio > 2.5);
    }

    void colorAloneDoesNotTell()
    {
        ColorClassifier classifier;
        std::array<double, 7> prior{};
        for (std::size_t i = 0; i < m_samples.size(); i += 2) {
            classifier.learn(m_samples[i]);
            for (const auto id : m_samples[i].ids)
                ++prior[id];
        }
        std::array<double, 7> truth{}, said{}, both{};
        constexpr int kThresholds = 20;
        std::array<double, kThresholds> binarySaid{}, binaryBoth{};
        double foreground = 0;
        for (std::size_t i = 1; i < m_samples.size(); i += 2)
            classifier.forEachPixel(m_samples[i], [&](const std::array<double, 7> &counts, int id) {
                std::size_t best = 0; // the likeliest class where all were equally frequent
                double all = 0;
                for (std::size_t c = 0; c < 7; ++c) {
                    all += counts[c];
                    if (counts[c] / prior[c] > counts[best] / prior[best])
                        best = c;
                }
                ++truth[static_cast<std::size_t>(id)];
                ++said[best];
                both[best] += static_cast<int>(best) == id;
                foreground += id > 0;
                for (int t = 0; t < kThresholds; ++t)
                    if (all > 0 && 1 - counts[0] / all >= 0.03 * t) {
                        ++binarySaid[static_cast<std::size_t>(t)];
                        binaryBoth[static_cast<std::size_t>(t)] += id > 0;
                    }
            });
        double mean = 0, binary = 0;
        for (std::size_t c = 1; c < 7; ++c)
            mean += dice(both[c], truth[c], said[c]) / 6;
        for (std::size_t t = 0; t < kThresholds; ++t)
            binary = std::max(binary, dice(binaryBoth[t], foreground, binarySaid[t]));
        qInfo("RGB alone: foreground Dice %.3f over six classes, %.3f for shape or not", mean, binary);
        QVERIFY(mean < 0.35);
        QVERIFY(binary < 0.35);
    }

    void otherSizesAndErrors()
    {
        DemoOptions options;
        options.count = 2;
        options.size = 96;
        MASQUE_VERIFY(writeDemoShapes(m_folder.file("small"), options));
        const auto image = readImage(m_folder.file("small/000.png"));
        MASQUE_VERIFY(image);
        QCOMPARE(image->cols, 96);

        QVERIFY(!writeDemoShapes(m_folder.file("small"), options)); // never over what is there
        options.count = 0;
        QVERIFY(!writeDemoShapes(m_folder.file("none"), options));
        options = {.count = 1, .size = 10};
        QVERIFY(!writeDemoShapes(m_folder.file("tiny"), options));
        m_folder.write("file", "x");
        QVERIFY(!writeDemoShapes(m_folder.file("file"), {.count = 1}));
    }

    void stops()
    {
        std::stop_source stop;
        DemoOptions options;
        options.count = 50;
        MASQUE_VERIFY(
            writeDemoShapes(m_folder.file("stopped"), options, stop.get_token(), [&](std::size_t done, std::size_t) {
                if (done == 2)
                    stop.request_stop();
            }));
        QVERIFY(std::filesystem::exists(m_folder.file("stopped/01.png"))
                || std::filesystem::exists(m_folder.file("stopped/001.png")));
        QVERIFY(!std::filesystem::exists(m_folder.file("stopped/002.png")));
    }
};

QTEST_GUILESS_MAIN(TestDemo)
#include "test_demo.moc"
