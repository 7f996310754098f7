// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/annotations/labelme.h"
#include "core/base/Random.h"
#include "core/base/files.h"
#include "core/datasets/tiles.h"
#include "core/inference/evaluate.h"
#include "core/inference/loss_map.h"
#include "core/inference/outputs.h"
#include "core/inference/tiling.h"
#include "core/inference/uncertainty.h"
#include "core/runs/SampleLoader.h"
#include "core/runs/run.h"
#include "core/training/Checkpoint.h"
#include "tests/core/runs/small_run.h"
#include "tests/support/datasets.h"
#include "tests/support/support.h"

#include <opencv2/imgcodecs.hpp>

#include <QObject>
#include <QtTest/QTest>

#include <cmath>
#include <filesystem>
#include <numeric>

using namespace masque;

namespace {

/// What a small network predicts after a training by these options.
Result<Predictor> trained(const DemoData &data, RunOptions options)
{
    options.model.set("depth", 3);
    const auto run = executeRun({data.dataset, data.summaries, std::move(options)}, kModels, {}, {});
    return run ? Predictor::load(run->folder, kModels) : Result<Predictor>(run.error());
}

} // namespace

class TestInference : public QObject {
    Q_OBJECT

    TestFolder m_folder;
    DemoData m_data;
    std::string m_run;

private Q_SLOTS:
    void initTestCase()
    {
        m_data = makeDemo(m_folder, 8);
        QVERIFY(m_data.dataset);
        RunRequest request{m_data.dataset, m_data.summaries, smallOptions()};
        request.options.data.size = "48x32";
        const auto run = executeRun(request, kModels, {}, {});
        MASQUE_VERIFY(run);
        m_run = run->folder;
    }

    /// Planes whose argmax is known: logits at the image's own size are not changed by the resize.
    void argmaxAndProbabilities()
    {
        Logits logits{{1, 3, 1, 2}, {0.f, 5.f, 2.f, 1.f, -1.f, 0.f}};
        const auto prediction = predictionFromLogits(logits, {2, 1}, PredictionDetail::Probabilities);
        MASQUE_VERIFY(prediction);
        QCOMPARE(int(prediction->labels(0, 0)), 1);
        QCOMPARE(int(prediction->labels(0, 1)), 0);
        const float p = std::exp(2.f) / (std::exp(0.f) + std::exp(2.f) + std::exp(-1.f));
        QVERIFY(std::abs(prediction->probabilities[1](0, 0) - p) < 1e-6f);
        QVERIFY(std::abs(prediction->confidence(0, 0) - p) < 1e-6f);
    }

    void oneLogitIsABinaryForeground()
    {
        Logits logits{{1, 1, 1, 2}, {-1.f, 3.f}};
        const auto prediction = predictionFromLogits(logits, {2, 1}, PredictionDetail::Probabilities);
        MASQUE_VERIFY(prediction);
        QCOMPARE(int(prediction->labels(0, 0)), 0);
        QCOMPARE(int(prediction->labels(0, 1)), 1);
        QVERIFY(std::abs(prediction->probabilities[1](0, 1) - 1 / (1 + std::exp(-3.f))) < 1e-6f);
    }

    /// Of two classes: a half each is the most there is, certainty is none; a quarter by hand.
    void uncertaintyIsBetweenNoneAndAll()
    {
        const auto maps = [](const std::vector<float> &foreground, bool overlapping) {
            cv::Mat1f p(foreground, true);
            Prediction prediction{cv::Mat1b((p > 0.5f) & 1), {cv::Mat1f(1 - p), p}, p};
            if (overlapping)
                prediction.layers = {cv::Mat1b(p >= 0.5f)};
            return std::pair(entropyMap(prediction), marginMap(prediction));
        };
        for (const bool overlapping : {false, true}) {
            const auto [entropy, margin] = maps({0.5f, 1.f, 0.25f}, overlapping);
            QVERIFY(std::abs(entropy(0) - 1) < 1e-6 && std::abs(margin(0) - 1) < 1e-6);
            QVERIFY(std::abs(entropy(1)) < 1e-6 && std::abs(margin(1)) < 1e-6);
            QVERIFY(std::abs(entropy(2) - 0.811278) < 1e-5 && std::abs(margin(2) - 0.5) < 1e-6);
        }
        Prediction thirds{cv::Mat1b(1, 1, uchar(0)), std::vector(3, cv::Mat1f(1, 1, 1.f / 3)), {}};
        QVERIFY(std::abs(uncertaintyOf(entropyMap(thirds)) - 1) < 1e-6);
        QCOMPARE(uncertaintyOf({}), 0.0);
    }

    void overlappingClassesHaveALayerEach()
    {
        Logits logits{{1, 2, 1, 3}, {2.f, -1.f, -3.f, 3.f, 1.f, -1.f}}; // both, the second, none
        const auto prediction = overlappingFromLogits(logits, {3, 1}, PredictionDetail::Probabilities);
        MASQUE_VERIFY(prediction);
        const auto sigmoid = [](float x) { return 1 / (1 + std::exp(-x)); };
        QCOMPARE(prediction->layers.size(), std::size_t{2});
        QCOMPARE(prediction->probabilities.size(), std::size_t{3});
        const int layers[2][3] = {{255, 0, 0}, {255, 255, 0}}, labels[] = {2, 2, 0};
        for (int x = 0; x < 3; ++x) {
            QCOMPARE(int(prediction->labels(0, x)), labels[x]);
            float none = 1;
            for (std::size_t k = 0; k < 2; ++k) {
                const float p = sigmoid(logits.values[k * 3 + static_cast<std::size_t>(x)]);
                QCOMPARE(int(prediction->layers[k](0, x)), layers[k][x]);
                QVERIFY(std::abs(prediction->probabilities[k + 1](0, x) - p) < 1e-6f);
                none *= 1 - p;
            }
            QVERIFY(std::abs(prediction->probabilities[0](0, x) - none) < 1e-6f);
        }
        QVERIFY(std::abs(prediction->confidence(0, 0) - sigmoid(3)) < 1e-6f);
    }

    /// Two rectangles that cross, one red, one blue, violet where both are: a network with a question for each finds
    /// both at the crossing, and what is written says so.
    void overlappingClassesAreLearnt()
    {
        const TestFolder folder;
        Random random(3);
        for (int i = 0; i < 12; ++i) {
            cv::Mat image(32, 32, CV_8UC3, cv::Scalar(30, 30, 30));
            const int x = 4 + random.below(8), y = 4 + random.below(8);
            const cv::Rect upright(x, 2, 12, 28), level(2, y, 28, 12);
            image(upright) += cv::Scalar(200, 0, 0);
            image(level) += cv::Scalar(0, 0, 200);
            const auto stem = "data/" + std::to_string(i);
            MASQUE_VERIFY(makeFolder(folder.file("data")));
            MASQUE_VERIFY(writeImage(folder.file(stem + ".png"), image));
            Annotation annotation;
            annotation.imagePath = std::to_string(i) + ".png";
            annotation.imageSize = Size{32, 32};
            for (const auto &[name, r] : {std::pair("red", upright), std::pair("blue", level)})
                annotation.shapes.push_back(
                    {.label = name,
                     .type = ShapeType::Rectangle,
                     .points = {{double(r.x), double(r.y)}, {double(r.x + r.width - 1), double(r.y + r.height - 1)}}});
            MASQUE_VERIFY(writeLabelMe(folder.file(stem + ".json"), annotation));
        }
        const auto data = openIndexed(folder.file("data"));
        QVERIFY(data.dataset);
        auto small = smallOptions();
        small.training.multiLabel = true;
        small.training.epochs = 60;
        small.training.lr = 0.01;
        auto predictor = trained(data, small);
        MASQUE_VERIFY(predictor);
        std::vector<std::size_t> all(data.dataset->items.size());
        std::iota(all.begin(), all.end(), 0);
        const auto evaluation = evaluate(*predictor, *data.dataset, all, "all");
        MASQUE_VERIFY(evaluation);
        QCOMPARE(evaluation->confusion.total(), std::int64_t{12 * 32 * 32 * 2});
        QCOMPARE(evaluation->confusion.truthPixels(1), std::int64_t{12 * 12 * 28});
        for (const int id : {1, 2})
            QVERIFY2(evaluation->confusion.iou(id) > 0.9, qPrintable(QString::number(evaluation->confusion.iou(id))));

        const auto image = readImage(folder.file("data/0.png"));
        MASQUE_VERIFY(image);
        const auto prediction = predictor->predict(*image, PredictionDetail::Probabilities);
        MASQUE_VERIFY(prediction);
        QVERIFY(cv::countNonZero(prediction->layers[0] & prediction->layers[1]) > 100);
        OutputOptions options;
        options.kinds = {OutputKind::LabelMe, OutputKind::Mask, OutputKind::Cutout};
        options.style = ShapeStyle::Masks;
        MASQUE_VERIFY(writeOutputs(*prediction, *image, folder.file("data/0.png"), predictor->labels(), options,
                                   folder.path(), "out"));
        const auto written = readLabelMe(folder.file("out.json"));
        MASQUE_VERIFY(written);
        const auto map = rasteriseOverlaps(*written, predictor->labels(), {32, 32});
        MASQUE_VERIFY(map);
        for (const int id : {1, 2})
            QCOMPARE(cv::countNonZero(map->plane(id) != prediction->layers[static_cast<std::size_t>(id - 1)]), 0);
        MASQUE_VERIFY(lossMap(*predictor, data.dataset, 0));
    }

    void predictsAnySize_data()
    {
        QTest::addColumn<int>("width");
        QTest::addColumn<int>("height");
        QTest::newRow("small") << 7 << 5;
        QTest::newRow("one pixel") << 1 << 1;
        QTest::newRow("odd") << 333 << 201;
        QTest::newRow("large") << 1500 << 1100;
    }
    void predictsAnySize()
    {
        QFETCH(int, width);
        QFETCH(int, height);
        auto predictor = Predictor::load(m_run, kModels);
        MASQUE_VERIFY(predictor);
        const cv::Mat image(height, width, CV_8UC3, cv::Scalar(40, 90, 200));
        const auto prediction = predictor->predict(image);
        MASQUE_VERIFY(prediction);
        QCOMPARE(prediction->labels.size(), image.size());
    }

    /// Several at once are what each is by itself.
    void predictsSeveral()
    {
        auto predictor = Predictor::load(m_run, kModels);
        MASQUE_VERIFY(predictor);
        std::vector<cv::Mat> images;
        for (int i = 0; i < 2 * predictor->batchSize() + 1; ++i) {
            cv::randu(images.emplace_back(40 + i, 90 - i, CV_8UC3), cv::Scalar::all(0), cv::Scalar::all(255));
        }
        const auto all = predictor->logits(images);
        MASQUE_VERIFY(all);
        QCOMPARE(all->size(), images.size());
        QVERIFY(predictor->batchSize() > 1);
        for (std::size_t i = 0; i < images.size(); ++i) {
            const auto one = predictor->logits(images[i]);
            MASQUE_VERIFY(one);
            QCOMPARE((*all)[i].values.size(), one->values.size());
            for (std::size_t k = 0; k < one->values.size(); ++k)
                QVERIFY(std::abs((*all)[i].values[k] - one->values[k]) < 1e-4f);
        }
    }

    void blendedTilesAreTheWholeImage()
    {
        cv::Mat image(97, 143, CV_8UC3);
        cv::randu(image, cv::Scalar::all(0), cv::Scalar::all(255));
        int windows = 0;
        const auto same = [&](std::span<const cv::Mat> some) { // a network that says what it sees
            std::vector<Logits> all;
            for (const auto &window : some) {
                ++windows;
                auto &logits = all.emplace_back(Logits{{1, 3, window.rows, window.cols}, {}});
                logits.values.resize(logits.shape.elements());
                planarFromImage(window, logits.values);
            }
            return Result(std::move(all));
        };
        for (const Size size : {Size{64, 48}, {143, 97}, {200, 160}, {32, 32}}) {
            windows = 0;
            const auto blended = blendTiles(image, size, same);
            MASQUE_VERIFY(blended);
            QCOMPARE(windows, static_cast<int>(tilesOf({143, 97}, size, 0.25).size()));
            QCOMPARE(blended->shape.height, 97);
            QCOMPARE(blended->shape.width, 143);
            std::vector<float> whole(blended->shape.elements());
            planarFromImage(image, whole);
            float worst = 0;
            for (std::size_t i = 0; i < whole.size(); ++i)
                worst = std::max(worst, std::abs(whole[i] - blended->values[i]));
            QVERIFY2(worst < 1e-5f, qPrintable(QString::number(worst)));
        }
        const auto failed = blendTiles(image, {64, 48}, [](std::span<const cv::Mat>) -> Result<std::vector<Logits>> {
            return Error{ErrorCode::Device, "gone"};
        });
        QVERIFY(!failed && failed.error().message == "gone");
    }

    /// Trained on windows, a run sees a large image as its network would see it at once.
    void tiledRunPredictsLargeImages()
    {
        auto options = smallOptions();
        options.data.tiles = true;
        options.training.batch = 8;
        options.training.epochs = 3;
        options.training.lr = 5e-3;
        auto predictor = trained(m_data, options);
        MASQUE_VERIFY(predictor);
        QVERIFY(predictor->isTiled());
        const auto checkpoint = loadCheckpoint(predictor->checkpointPath(), kModels);
        MASQUE_VERIFY(checkpoint);
        const auto image = readImage(m_data.dataset->absolute(m_data.dataset->items[1].image)).value();
        const auto tiled = predictor->logits(image);
        MASQUE_VERIFY(tiled);
        const BatchShape shape{1, 3, image.rows, image.cols};
        std::vector<float> input(shape.elements());
        planarFromImage(image, input);
        const auto whole = infer(*checkpoint->network, input, shape, "cpu");
        MASQUE_VERIFY(whole);
        QCOMPARE(tiled->values.size(), whole->values.size());
        double difference = 0, spread = 0, mean = 0;
        const auto count = static_cast<double>(whole->values.size());
        for (const float value : whole->values)
            mean += value / count;
        for (std::size_t i = 0; i < whole->values.size(); ++i) {
            difference += std::pow(whole->values[i] - tiled->values[i], 2) / count;
            spread += std::pow(whole->values[i] - mean, 2) / count;
        }
        QVERIFY2(difference < 0.05 * spread, qPrintable(QString("%1 of %2").arg(difference).arg(spread)));

        const auto prediction = predictor->predict(image);
        MASQUE_VERIFY(prediction);
        QCOMPARE(prediction->labels.size(), image.size());
        const auto evaluation = evaluate(*predictor, *m_data.dataset, {0, 1}, "val");
        MASQUE_VERIFY(evaluation);
        QVERIFY(evaluation->metrics.loss > 0 && evaluation->metrics.loss < 3);
        const auto map = lossMap(*predictor, m_data.dataset, 1);
        MASQUE_VERIFY(map);
        QCOMPARE(map->loss.size(), image.size());
    }

    void evaluationOfTheTruthItselfIsPerfect()
    {
        ConfusionMatrix confusion(m_data.dataset->labels.size());
        const auto ids = readLabelMap(*m_data.dataset, m_data.dataset->items[0]);
        MASQUE_VERIFY(ids);
        confusion.add({ids->data, ids->total()}, {ids->data, ids->total()});
        const auto values = MetricValues::of(confusion, 0, true);
        QCOMPARE(values.meanIou, 1.0);
        QCOMPARE(values.foregroundDice, 1.0);
    }

    void evaluateHasTheKeysOfTheContract()
    {
        auto predictor = Predictor::load(m_run + "/last.ckpt", kModels);
        MASQUE_VERIFY(predictor);
        const auto evaluation = evaluate(*predictor, *m_data.dataset, {0, 1, 2}, "val");
        MASQUE_VERIFY(evaluation);
        QCOMPARE(evaluation->images, 3);
        const auto json = evaluation->toJson(*m_data.dataset);
        for (const char *key : {"task", "split", "images", "loss", "pixel_accuracy", "mean_iou", "mean_dice",
                                "foreground_iou", "foreground_dice", "classes", "boundary_f1", "confusion", "worst"})
            QVERIFY2(json.contains(key), key);
        QCOMPARE(json["classes"].size(), std::size_t(m_data.dataset->labels.size()));
        QVERIFY(json["loss"].toDouble() > 0);
        std::int64_t pixels = 0;
        for (const auto &entry : json["classes"].items())
            pixels += entry["pixels"].toInt();
        QCOMPARE(pixels, std::int64_t(3 * 64 * 64));
        for (int t = 0; t < evaluation->labels.size(); ++t) { // rows are the truth
            std::int64_t row = 0;
            for (const auto &cell : json["confusion"][std::size_t(t)].items())
                row += cell.toInt();
            QCOMPARE(row, evaluation->confusion.truthPixels(t));
        }
        QCOMPARE(json["worst"].size(), std::size_t{3});
        for (std::size_t i = 1; i < 3; ++i)
            QVERIFY(json["worst"][i - 1]["iou"].toDouble() <= json["worst"][i]["iou"].toDouble());
        QVERIFY(m_data.dataset->indexOf(json["worst"][0]["file"].toString()));
    }

    /// One pass says of each image what evaluating it alone would.
    void eachImageHasItsScore()
    {
        auto predictor = Predictor::load(m_run, kModels);
        MASQUE_VERIFY(predictor);
        const auto all = evaluate(*predictor, *m_data.dataset, {4, 1, 6}, "val");
        MASQUE_VERIFY(all);
        QCOMPARE(all->scores.size(), std::size_t{3});
        for (const auto &score : all->scores) {
            const auto one = evaluate(*predictor, *m_data.dataset, {score.item}, "val");
            MASQUE_VERIFY(one);
            QCOMPARE(score.meanIou, one->metrics.meanIou);
            QCOMPARE(score.loss, one->metrics.loss);
            QCOMPARE(score.boundaryF1, one->boundary.meanF1());
            std::int64_t pixels = 0;
            for (const auto &cell : score.cells) {
                QCOMPARE(one->confusion.at(cell.truth, cell.prediction), cell.pixels);
                pixels += cell.pixels;
            }
            QCOMPARE(pixels, one->confusion.total());
            QVERIFY(score.entropy > 0 && score.entropy < 1 && score.margin > 0 && score.margin < 1);
        }
        QCOMPARE(all->scores[0].item, std::size_t{4});
        QVERIFY(all->worst(2).size() == 2 && all->worst(2)[0].meanIou <= all->worst(2)[1].meanIou);
    }

    void differenceNamesEveryKind()
    {
        const cv::Mat1b truth = (cv::Mat1b(1, 6) << 0, 1, 1, 0, 2, 255), said = (cv::Mat1b(1, 6) << 0, 1, 0, 1, 1, 1);
        const LabelSet labels({std::string(kBackgroundName), "a", "b"});
        const auto map = differenceMap(truth, said, labels);
        const DifferenceKind expected[] = {DifferenceKind::BothBackground, DifferenceKind::Right,
                                           DifferenceKind::Missed,         DifferenceKind::False,
                                           DifferenceKind::WrongClass,     DifferenceKind::Ignored};
        for (int x = 0; x < 6; ++x)
            QCOMPARE(map(0, x), static_cast<std::uint8_t>(expected[x]));
    }

    void differencesOfOneClassAndOfTwoModels()
    {
        const cv::Mat1b truth = (cv::Mat1b(1, 6) << 0, 1, 1, 0, 2, 255), said = (cv::Mat1b(1, 6) << 0, 1, 0, 2, 1, 1),
                        other = (cv::Mat1b(1, 6) << 0, 0, 1, 2, 1, 1);
        const auto compareWith = [](const cv::Mat1b &map, std::initializer_list<int> expected) {
            return std::equal(map.begin(), map.end(), expected.begin(), expected.end());
        };
        const auto kind = [](auto k) { return static_cast<int>(k); };
        QVERIFY(compareWith(classDifferenceMap(truth, said, 1),
                            {kind(DifferenceKind::BothBackground), kind(DifferenceKind::Right),
                             kind(DifferenceKind::Missed), kind(DifferenceKind::BothBackground),
                             kind(DifferenceKind::False), kind(DifferenceKind::Ignored)}));
        const LabelSet labels({std::string(kBackgroundName), "a", "b"});
        QVERIFY(compareWith(wrongClasses(truth, said, labels), {255, 255, 1, 2, 2, 255}));
        QVERIFY(compareWith(rivalMap(truth, said, other),
                            {kind(RivalKind::BothRight), kind(RivalKind::OnlyFirst), kind(RivalKind::OnlySecond),
                             kind(RivalKind::BothWrong), kind(RivalKind::BothWrong), kind(RivalKind::Ignored)}));
    }

    void crossEntropyOfAPixel()
    {
        const cv::Mat1f p = (cv::Mat1f(1, 3) << 0.5f, 0.25f, 0.f);
        const cv::Mat1b truth = (cv::Mat1b(1, 3) << 1, 0, 255);
        Prediction prediction{cv::Mat1b(1, 3, uchar(0)), {cv::Mat1f(1 - p), p}, {}};
        const auto loss = crossEntropyMap(prediction, truth);
        QVERIFY(std::abs(loss(0) - std::log(2.f)) < 1e-6f && std::abs(loss(1) + std::log(0.75f)) < 1e-6f);
        QCOMPARE(loss(2), 0.f);
        prediction.layers = {cv::Mat1b(1, 3, uchar(0))}; // the class by itself says the same here
        QVERIFY(cv::norm(crossEntropyMap(prediction, truth), loss) < 1e-6);
    }

    void firstClassIsShownWhereThereIsNoBackground()
    {
        const LabelSet streets({"sky", "road"}), cutouts({std::string(kBackgroundName), "person"});
        const cv::Mat1b truth = (cv::Mat1b(1, 3) << 0, 0, 1), said = (cv::Mat1b(1, 3) << 0, 1, 0);
        const auto map = differenceMap(truth, said, streets);
        const DifferenceKind expected[] = {DifferenceKind::Right, DifferenceKind::WrongClass,
                                           DifferenceKind::WrongClass};
        for (int x = 0; x < 3; ++x)
            QCOMPARE(map(0, x), static_cast<std::uint8_t>(expected[x]));
        const cv::Mat image(1, 3, CV_8UC3, cv::Scalar(9, 9, 9));
        QCOMPARE(cv::norm(overlay(image, truth, cutouts, 0.5).at<cv::Vec3b>(0, 0), image.at<cv::Vec3b>(0, 0)), 0.0);
        QVERIFY(overlay(image, truth, streets, 0.5).at<cv::Vec3b>(0, 0) != image.at<cv::Vec3b>(0, 0));
    }

    void unknownClassesBecomeIgnore()
    {
        const LabelSet from({std::string(kBackgroundName), "a", "b"}), to({std::string(kBackgroundName), "b"});
        const auto mapped = mapToLabels((cv::Mat1b(1, 4) << 0, 1, 2, 255), from, to);
        QCOMPARE(int(mapped(0, 0)), 0);
        QCOMPARE(int(mapped(0, 1)), 255);
        QCOMPARE(int(mapped(0, 2)), 1);
        QCOMPARE(int(mapped(0, 3)), 255);
    }

    void writesEveryOutput()
    {
        const LabelSet labels({std::string(kBackgroundName), "cat"});
        Prediction prediction;
        prediction.labels = cv::Mat1b::zeros(20, 30);
        prediction.labels(cv::Rect(5, 5, 10, 8)) = 1;
        cv::Mat1f cat(20, 30, 0.25f);
        cat(cv::Rect(5, 5, 10, 8)) = 0.75f;
        const cv::Mat1f rest(1 - cat);
        prediction.probabilities = {rest, cat};
        const cv::Mat image(20, 30, CV_8UC3, cv::Scalar(10, 20, 30));
        OutputOptions options;
        options.kinds = {OutputKind::LabelMe, OutputKind::Mask, OutputKind::Overlay, OutputKind::Cutout,
                         OutputKind::Probabilities};
        options.cutter = Cutter::make({.edge = 0}).value();
        const auto files =
            writeOutputs(prediction, image, m_folder.file("data/x.png"), labels, options, m_folder.path(), "x");
        MASQUE_VERIFY(files);
        QCOMPARE(files->size(), std::size_t{6});
        const auto ids = readIdImage(m_folder.file("x.png"));
        MASQUE_VERIFY(ids);
        QCOMPARE(cv::countNonZero(ids->ids != prediction.labels), 0);
        QCOMPARE(ids->palette[1], labels[1].color);
        const auto annotation = readLabelMe(m_folder.file("x.json"));
        MASQUE_VERIFY(annotation);
        QCOMPARE(annotation->shapes.size(), std::size_t{1});
        QCOMPARE(annotation->imagePath, std::string("data/x.png"));
        QCOMPARE((*annotation->shapes[0].source)["score"].toDouble(), 0.75);
        const auto cutout = cv::imread(m_folder.file("x_cutout.png"), cv::IMREAD_UNCHANGED);
        QCOMPARE(cutout.channels(), 4);
        QVERIFY(std::abs(cutout.at<cv::Vec4b>(8, 8)[3] - 191) <= 1);
    }

    void refusesWhatIsNoCheckpoint()
    {
        QVERIFY(!Predictor::load(m_folder.path(), kModels));
        QVERIFY(!Predictor::load(m_folder.write("foreign.ckpt", "not a checkpoint"), kModels));
        QVERIFY(!Predictor::load(m_folder.file("missing.ckpt"), kModels));
    }
};

QTEST_GUILESS_MAIN(TestInference)
#include "test_inference.moc"
