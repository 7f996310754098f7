// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/models/summary.h"
#include "tests/support/support.h"

#include "core/base/Random.h"

#include <algorithm>
#include <cmath>
#include <set>

using namespace masque;

namespace {

const ModelList kModels = ownModels();

Result<std::shared_ptr<Network>> built(const std::string &model, int classes, const std::string &options,
                                       std::uint64_t seed = 1)
{
    const auto factory = findModel(kModels, model);
    if (!factory)
        return factory.error();
    const NetworkSpec spec{.model = model, .outputChannels = classes, .options = Json::parse(options).value()};
    return (*factory)->build(spec, seed);
}

std::vector<float> noise(BatchShape shape, std::uint64_t seed = 1)
{
    Random random(seed);
    std::vector<float> values(shape.elements());
    std::generate(values.begin(), values.end(), [&] { return static_cast<float>(random.uniform()); });
    return values;
}

double largestDifference(std::span<const float> a, std::span<const float> b)
{
    double largest = a.size() == b.size() ? 0 : 1e9;
    for (std::size_t i = 0; i < std::min(a.size(), b.size()); ++i)
        largest = std::max(largest, std::abs(static_cast<double>(a[i]) - static_cast<double>(b[i])));
    return largest;
}

} // namespace

class TestModels : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void outputHasTheInputsSize_data();
    void outputHasTheInputsSize();
    void classesOfImages_data() { batchEqualsSingleImages_data(); }
    void classesOfImages();
    void parametersAreThePeers_data();
    void parametersAreThePeers();
    void oddSizesAreBorderReplication();
    void lightAndTintDoNotMatter();
    void batchEqualsSingleImages_data();
    void batchEqualsSingleImages();
    void seedDecidesTheWeights();
    void summaryHasEveryLayer_data();
    void summaryHasEveryLayer();
    void badOptionsAreNamed_data();
    void badOptionsAreNamed();
    void unknownModelListsWhatThereIs();
    void specRoundTrip();
    void badSpecsAreNamed_data();
    void badSpecsAreNamed();
    void badInputIsAnError();
    void devices();
};

void TestModels::outputHasTheInputsSize_data()
{
    QTest::addColumn<QString>("model");
    QTest::addColumn<QString>("options");
    QTest::addColumn<int>("classes");
    QTest::addColumn<int>("height");
    QTest::addColumn<int>("width");
    const QString small = R"({"base": 8, "depth": 3})", plain = "{}";
    QTest::newRow("unet 32x32") << "unet" << small << 3 << 32 << 32;
    QTest::newRow("unet 33x47") << "unet" << small << 3 << 33 << 47;
    QTest::newRow("unet 1x1") << "unet" << small << 2 << 1 << 1;
    QTest::newRow("unet one channel") << "unet" << small << 1 << 16 << 24;
    QTest::newRow("unet default 50x20") << "unet" << plain << 2 << 50 << 20;
    QTest::newRow("unet bilinear") << "unet"
                                   << R"({"upsampling": "bilinear", "depth": 5})" << 2 << 40 << 64;
    QTest::newRow("unet without normalisation") << "unet"
                                                << R"({"norm": "none"})" << 4 << 17 << 16;
    QTest::newRow("unet with group normalisation and dropout")
        << "unet"
        << R"({"norm": "group", "base": 23, "dropout": 0.5})" << 4 << 17 << 16;
    QTest::newRow("unet at its widest and deepest") << "unet"
                                                    << R"({"base": 64, "depth": 5})" << 2 << 31 << 33;
    QTest::newRow("resnet18-unet 64x64") << "resnet18-unet" << plain << 7 << 64 << 64;
    QTest::newRow("resnet18-unet 45x100") << "resnet18-unet" << plain << 7 << 45 << 100;
    QTest::newRow("resnet18-unet 5x3") << "resnet18-unet" << plain << 1 << 5 << 3;
    for (const char *model : {"resnet34-unet", "deeplabv3-resnet18", "mobile-unet"}) {
        QTest::addRow("%s 64x64", model) << model << plain << 7 << 64 << 64;
        QTest::addRow("%s 45x100", model) << model << plain << 3 << 45 << 100;
        QTest::addRow("%s 5x3", model) << model << plain << 1 << 5 << 3;
    }
    QTest::newRow("mobile-unet, narrow") << "mobile-unet"
                                         << R"({"width": 0.25})" << 2 << 33 << 65;
    QTest::newRow("mobile-unet, wide") << "mobile-unet"
                                       << R"({"width": 1.5})" << 2 << 32 << 32;
}

void TestModels::outputHasTheInputsSize()
{
    QFETCH(QString, model);
    QFETCH(QString, options);
    QFETCH(int, classes);
    QFETCH(int, height);
    QFETCH(int, width);
    const auto network = built(model.toStdString(), classes, options.toStdString());
    MASQUE_VERIFY(network);
    const BatchShape shape{2, 3, height, width};
    const auto logits = infer(**network, noise(shape), shape, "cpu");
    MASQUE_VERIFY(logits);
    QCOMPARE(logits->shape.count, 2);
    QCOMPARE(logits->shape.channels, classes);
    QCOMPARE(logits->shape.height, height);
    QCOMPARE(logits->shape.width, width);
    QCOMPARE(logits->values.size(), logits->shape.elements());
    QVERIFY(std::all_of(logits->values.begin(), logits->values.end(), [](float v) { return std::isfinite(v); }));
}

void TestModels::classesOfImages()
{
    QFETCH(QString, model);
    if ((*findModel(kModels, model.toStdString()))->task() != "classification")
        QSKIP("a network for masks");
    const auto network = built(model.toStdString(), 7, "{}");
    MASQUE_VERIFY(network);
    for (const auto &[height, width] : {std::pair{48, 48}, {28, 28}, {33, 70}, {5, 3}}) {
        const BatchShape shape{2, 3, height, width};
        const auto logits = infer(**network, noise(shape), shape, "cpu");
        MASQUE_VERIFY(logits);
        QVERIFY(logits->shape.count == 2 && logits->shape.channels == 7);
        QVERIFY(logits->shape.height == 1 && logits->shape.width == 1);
        QVERIFY(std::all_of(logits->values.begin(), logits->values.end(), [](float v) { return std::isfinite(v); }));
    }
}

void TestModels::parametersAreThePeers_data()
{
    // the counts of the same networks written in Python; torchvision's resnet18 without its classifier has 11,176,512
    QTest::addColumn<QString>("model");
    QTest::addColumn<QString>("options");
    QTest::addColumn<int>("classes");
    QTest::addColumn<qint64>("parameters");
    QTest::newRow("unet 16, 1 class") << "unet"
                                      << R"({"base": 16})" << 1 << qint64{1944049};
    QTest::newRow("unet 16, 7 classes") << "unet"
                                        << R"({"base": 16})" << 7 << qint64{1944151};
    QTest::newRow("unet 64") << "unet"
                             << R"({"base": 64})" << 1 << qint64{31043521};
    QTest::newRow("unet 8, depth 3") << "unet"
                                     << R"({"base": 8, "depth": 3})" << 2 << qint64{121538};
    QTest::newRow("unet bilinear") << "unet"
                                   << R"({"upsampling": "bilinear"})" << 2 << qint64{1965586};
    QTest::newRow("unet without normalisation") << "unet"
                                                << R"({"norm": "none"})" << 2 << qint64{1941122};
    QTest::newRow("unet without, as earlier checkpoints say it") << "unet"
                                                                 << R"({"batch_norm": false})" << 2 << qint64{1941122};
    QTest::newRow("unet with group normalisation") << "unet"
                                                   << R"({"norm": "group"})" << 2 << qint64{1944066};
    QTest::newRow("resnet18-unet without normalisation, 6 classes") << "resnet18-unet"
                                                                    << R"({"norm": "none"})" << 6 << qint64{17800134};
    QTest::newRow("resnet18-unet without normalisation, 7 classes") << "resnet18-unet"
                                                                    << R"({"norm": "none"})" << 7 << qint64{17800199};
    // torchvision's resnet34 without its classifier has 10,108,160 more than its resnet18
    QTest::newRow("resnet34-unet without normalisation, 6 classes")
        << "resnet34-unet"
        << R"({"norm": "none"})" << 6 << qint64{17800134 + 10108160};
    // torchvision's resnet18 and its DeepLabHead(512, 21)
    QTest::newRow("deeplabv3-resnet18, 21 classes") << "deeplabv3-resnet18"
                                                    << "{}" << 21 << qint64{11176512 + 4727573};
    QTest::newRow("mobile-unet, 2 classes") << "mobile-unet"
                                            << "{}" << 2 << qint64{1909282};
    QTest::newRow("emotion-resnet9, 7 classes") << "emotion-resnet9"
                                                << "{}" << 7 << qint64{6573831};
    QTest::newRow("emotion-small, 7 classes") << "emotion-small"
                                              << "{}" << 7 << qint64{372071};
    QTest::newRow("mlp, 10 classes") << "mlp"
                                     << "{}" << 10 << qint64{784 * 256 + 256 + 256 * 10 + 10};
    QTest::newRow("resnet18, 7 classes") << "resnet18"
                                         << "{}" << 7 << qint64{11176512 + 512 * 7 + 7};
    // a scale and a shift for each of the decoder's channels: full 128, lateral 1024, up 1152, head 64
    QTest::newRow("resnet18-unet, 6 classes") << "resnet18-unet"
                                              << "{}" << 6 << qint64{17800134 + 2 * (128 + 1024 + 1152 + 64)};
}

void TestModels::parametersAreThePeers()
{
    QFETCH(QString, model);
    QFETCH(QString, options);
    QFETCH(int, classes);
    QFETCH(qint64, parameters);
    const auto network = built(model.toStdString(), classes, options.toStdString());
    MASQUE_VERIFY(network);
    QCOMPARE(static_cast<qint64>(parameterCount(**network)), parameters);
}

void TestModels::oddSizesAreBorderReplication()
{
    // fixed statistics: those of the image itself are taken before the border is added
    const auto network = built("unet", 2, R"({"base": 8, "depth": 3, "input_norm": "imagenet"})");
    MASQUE_VERIFY(network);
    const BatchShape odd{1, 3, 13, 10}, whole{1, 3, 16, 16};
    const auto image = noise(odd);
    std::vector<float> padded(whole.elements());
    const auto at = [](BatchShape shape, int c, int y, int x) {
        return static_cast<std::size_t>((c * shape.height + y) * shape.width + x);
    };
    for (int c = 0; c < 3; ++c)
        for (int y = 0; y < 16; ++y)
            for (int x = 0; x < 16; ++x)
                padded[at(whole, c, y, x)] = image[at(odd, c, std::min(y, 12), std::min(x, 9))];
    const auto a = infer(**network, image, odd, "cpu"), b = infer(**network, padded, whole, "cpu");
    MASQUE_VERIFY(a);
    MASQUE_VERIFY(b);
    for (int c = 0; c < 2; ++c)
        for (int y = 0; y < 13; ++y)
            for (int x = 0; x < 10; ++x)
                QVERIFY(std::abs(a->values[at(odd, c, y, x)] - b->values[at(whole, c, y, x)]) < 1e-4f);
}

void TestModels::lightAndTintDoNotMatter()
{
    const BatchShape shape{1, 3, 32, 32};
    const auto image = noise(shape);
    auto lit = image;
    for (std::size_t i = 0; i < lit.size(); ++i)
        lit[i] = 0.5f * lit[i] + 0.1f * static_cast<float>(i / (32 * 32)); // darker, with another tint a channel
    for (const auto &[norm, isSame] : {std::pair("image", true), {"imagenet", false}}) {
        const auto network = built("unet", 2, std::string("{\"input_norm\": \"") + norm + "\"}");
        MASQUE_VERIFY(network);
        const auto a = infer(**network, image, shape, "cpu"), b = infer(**network, lit, shape, "cpu");
        MASQUE_VERIFY(a);
        MASQUE_VERIFY(b);
        QCOMPARE(largestDifference(a->values, b->values) < 1e-3, isSame);
    }
    const auto network = built("unet", 2, "{}");
    MASQUE_VERIFY(network);
    const auto flat = infer(**network, std::vector<float>(shape.elements(), 0.3f), shape, "cpu"); // no spread at all
    MASQUE_VERIFY(flat);
    QVERIFY(std::all_of(flat->values.begin(), flat->values.end(), [](float v) { return std::isfinite(v); }));
}

void TestModels::batchEqualsSingleImages_data()
{
    QTest::addColumn<QString>("model");
    for (const auto &model : kModels)
        QTest::newRow(model->id().c_str()) << QString::fromStdString(model->id());
}

void TestModels::batchEqualsSingleImages()
{
    QFETCH(QString, model);
    const auto network = built(model.toStdString(), 3, "{}");
    MASQUE_VERIFY(network);
    const BatchShape two{2, 3, 32, 48}, one{1, 3, 32, 48};
    const auto images = noise(two);
    const auto both = infer(**network, images, two, "cpu");
    const auto first = infer(**network, std::span(images).first(one.elements()), one, "cpu");
    const auto second = infer(**network, std::span(images).last(one.elements()), one, "cpu");
    MASQUE_VERIFY(both);
    MASQUE_VERIFY(first);
    MASQUE_VERIFY(second);
    const auto half = both->values.size() / 2;
    QVERIFY(largestDifference(std::span(both->values).first(half), first->values) < 1e-3);
    QVERIFY(largestDifference(std::span(both->values).last(half), second->values) < 1e-3);
    QVERIFY(largestDifference(first->values, second->values) > 0);
}

void TestModels::seedDecidesTheWeights()
{
    const BatchShape shape{1, 3, 16, 16};
    const auto image = noise(shape);
    std::vector<std::vector<float>> outputs;
    for (const std::uint64_t seed : {1, 1, 2}) {
        const auto network = built("unet", 2, R"({"base": 8, "depth": 3})", seed);
        MASQUE_VERIFY(network);
        const auto logits = infer(**network, image, shape, "cpu");
        MASQUE_VERIFY(logits);
        outputs.push_back(logits->values);
    }
    QVERIFY(outputs[0] == outputs[1]);
    QVERIFY(outputs[0] != outputs[2]);
}

void TestModels::summaryHasEveryLayer_data()
{
    batchEqualsSingleImages_data();
}

void TestModels::summaryHasEveryLayer()
{
    QFETCH(QString, model);
    const auto network = built(model.toStdString(), 5, "{}");
    MASQUE_VERIFY(network);
    const auto summary = summarise(**network, {1, 3, 96, 64});
    MASQUE_VERIFY(summary);
    std::int64_t parameters = 0;
    std::set<std::string> names;
    std::size_t named = 0;
    for (const auto &layer : summary->layers) {
        parameters += layer.parameters;
        named += layer.name.empty() ? 0 : 1;
        names.insert(layer.name);
        QVERIFY2(!layer.kind.empty() && layer.output.elements() > 0, layer.name.c_str());
    }
    names.erase("");
    QCOMPARE(names.size(), named);
    QCOMPARE(parameters, parameterCount(**network));
    QCOMPARE(summary->parameters, parameters);
    const auto &last = summary->layers.back().output;
    QCOMPARE(last.channels, 5);
    const bool isOfImages = (*findModel(kModels, model.toStdString()))->task() == "classification";
    QCOMPARE(last.height, isOfImages ? 1 : 96);
    QCOMPARE(last.width, isOfImages ? 1 : 64);
    if (model != "unet")
        return;
    const auto &first = summary->layers.front();
    QCOMPARE(first.name, std::string("down.0.0"));
    QCOMPARE(first.kind, std::string("Conv2d 3x3"));
    QCOMPARE(first.parameters, std::int64_t{3 * 16 * 9 + 16});
    QCOMPARE(first.output.channels, 16);
    QCOMPARE(summary->layers[1].kind, std::string("BatchNorm2d, ReLU"));
}

void TestModels::badOptionsAreNamed_data()
{
    QTest::addColumn<QString>("model");
    QTest::addColumn<QString>("options");
    QTest::addColumn<QString>("named");
    QTest::newRow("too wide") << "unet"
                              << R"({"base": 128})"
                              << "base";
    QTest::newRow("no number") << "unet"
                               << R"({"depth": "deep"})"
                               << "depth";
    QTest::newRow("no choice") << "unet"
                               << R"({"upsampling": "nearest"})"
                               << "upsampling";
    QTest::newRow("a slip") << "unet"
                            << R"({"norms": "batch"})"
                            << "norm";
    QTest::newRow("option of another model") << "resnet18-unet"
                                             << R"({"base": 16})"
                                             << "base";
}

void TestModels::badOptionsAreNamed()
{
    QFETCH(QString, model);
    QFETCH(QString, options);
    QFETCH(QString, named);
    const auto network = built(model.toStdString(), 2, options.toStdString());
    QVERIFY(!network);
    QCOMPARE(network.error().code, ErrorCode::Option);
    QVERIFY2(network.error().message.find(named.toStdString()) != std::string::npos, network.error().message.c_str());
}

void TestModels::unknownModelListsWhatThereIs()
{
    const auto factory = findModel(kModels, "vgg");
    QVERIFY(!factory);
    for (const auto *part : {"vgg", "unet", "resnet18-unet"})
        QVERIFY2(factory.error().message.find(part) != std::string::npos, factory.error().message.c_str());
}

void TestModels::specRoundTrip()
{
    const NetworkSpec spec{
        .model = "unet", .inputChannels = 3, .outputChannels = 5, .options = Json::parse(R"({"base": 24})").value()};
    const auto again = NetworkSpec::fromJson(Json::parse(spec.toJson().dump()).value());
    MASQUE_VERIFY(again);
    QVERIFY(again->toJson() == spec.toJson());
    QCOMPARE(again->outputChannels, 5);
}

void TestModels::badSpecsAreNamed_data()
{
    QTest::addColumn<QString>("json");
    QTest::addColumn<QString>("named");
    QTest::newRow("empty") << "{}"
                           << "model";
    QTest::newRow("no object") << "[1]"
                               << "model";
    QTest::newRow("no channels") << R"({"model": "unet"})"
                                 << "input_channels";
    QTest::newRow("huge") << R"({"model": "unet", "input_channels": 3, "output_channels": 2000000000})"
                          << "output_channels";
    QTest::newRow("negative") << R"({"model": "unet", "input_channels": -3, "output_channels": 2})"
                              << "input_channels";
    QTest::newRow("options") << R"({"model": "unet", "input_channels": 3, "output_channels": 2, "options": 4})"
                             << "options";
}

void TestModels::badSpecsAreNamed()
{
    QFETCH(QString, json);
    QFETCH(QString, named);
    const auto spec = NetworkSpec::fromJson(Json::parse(json.toStdString()).value());
    QVERIFY(!spec);
    QVERIFY2(spec.error().message.find(named.toStdString()) != std::string::npos, spec.error().message.c_str());
}

void TestModels::badInputIsAnError()
{
    const auto network = built("unet", 2, R"({"base": 8, "depth": 3})");
    MASQUE_VERIFY(network);
    const std::vector<float> values(3 * 8 * 8);
    QVERIFY(!infer(**network, values, {1, 3, 8, 9}, "cpu"));
    QVERIFY(!infer(**network, values, {3, 1, 8, 8}, "cpu"));
    QVERIFY(!infer(**network, {}, {1, 3, 0, 8}, "cpu"));
    QVERIFY(!infer(**network, values, {1, 3, 8, 8}, "abacus"));
    const auto inferred = infer(**network, values, {1, 3, 8, 8}, "cpu");
    MASQUE_VERIFY(inferred);
}

void TestModels::devices()
{
    const auto devices = availableDevices();
    QCOMPARE(devices.front(), std::string("cpu"));
    const auto automatic = resolveDevice("auto");
    MASQUE_VERIFY(automatic);
    QCOMPARE(*automatic, devices.back());
    for (const auto *wanted : {"tpu", "", "cuda:99", "cpu:3"}) {
        const auto device = resolveDevice(wanted);
        QVERIFY(!device);
        QCOMPARE(device.error().code, ErrorCode::Device);
    }
}

QTEST_GUILESS_MAIN(TestModels)
#include "test_models.moc"
