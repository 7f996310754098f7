// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/training/Checkpoint.h"

#include "core/base/files.h"
#include "core/training/train.h"
#include "core/training/weights/safetensors.h"
#include "tests/core/training/BlobSource.h"
#include "tests/support/support.h"

#include <cstring>
#include <fstream>

using namespace masque;

namespace {

const ModelList kModels = {unetFactory(), resnet18UnetFactory()};

std::string lengthBytes(std::uint64_t length)
{
    return std::string(reinterpret_cast<const char *>(&length), sizeof length);
}

std::string withHeader(const std::string &header, const std::string &data = {})
{
    return lengthBytes(header.size()) + header + data;
}

/// Plain writing: nothing here needs to survive a power cut, and there are many files.
void overwrite(const std::string &path, std::string_view bytes)
{
    std::ofstream(path, std::ios::binary).write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
}

std::vector<float> logitsOf(Network &network)
{
    const BatchShape shape{1, 3, 24, 24};
    const auto logits = infer(network, std::vector<float>(shape.elements(), 0.3f), shape, "cpu");
    return logits ? logits->values : std::vector<float>();
}

} // namespace

class TestCheckpoint : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void roundTrip();
    void infoWithoutWeights();
    void truncatedAnywhereIsAnError();
    void flippedHeaderBytesNeverCrash();
    void malformedHeaders_data();
    void malformedHeaders();
    void wrongParametersAreNamed_data();
    void wrongParametersAreNamed();
    void wrongMetadataIsAnError_data();
    void wrongMetadataIsAnError();
    void missingFileIsNamed();
    void modelOfAPluginThatIsGone();

private:
    std::string rewritten(const std::function<void(Json::Object &, std::vector<TensorBlob> &)> &change) const;

    TestFolder m_folder;
    std::string m_path, m_bytes;
    std::shared_ptr<Network> m_trained;
};

void TestCheckpoint::initTestCase()
{
    const BlobSource samples(4, 2);
    TrainingSetup setup;
    setup.spec = {.model = "unet", .outputChannels = 1, .options = Json::parse(R"({"base": 8, "depth": 3})").value()};
    setup.network = unetFactory()->build(setup.spec, 1).value();
    setup.train = &samples;
    setup.classNames = {"_background_", "blob"};
    setup.runFolder = m_folder.path();
    setup.runInfo = Json::parse(R"({"size": [24, 24], "note": "grün"})").value();
    setup.options.epochs = 2;
    setup.options.loss = "bce";
    setup.options.threads = 1;
    const auto trained = train(setup, {}, {});
    MASQUE_VERIFY(trained);
    m_trained = setup.network;
    m_path = m_folder.file("last.ckpt");
    m_bytes = readFile(m_path).value();
}

void TestCheckpoint::roundTrip()
{
    const auto loaded = loadCheckpoint(m_path, kModels);
    MASQUE_VERIFY(loaded);
    QCOMPARE(loaded->epoch, 2);
    QCOMPARE(loaded->spec.model, std::string("unet"));
    QCOMPARE(loaded->spec.outputChannels, 1);
    QCOMPARE(loaded->runInfo["note"].toString(), std::string("grün"));
    const auto expected = logitsOf(*m_trained), got = logitsOf(*loaded->network);
    QVERIFY(!got.empty());
    for (std::size_t i = 0; i < got.size(); ++i)
        QVERIFY(std::abs(got[i] - expected[i]) < 1e-5f);
}

void TestCheckpoint::infoWithoutWeights()
{
    const auto info = readCheckpointInfo(m_path);
    MASQUE_VERIFY(info);
    QCOMPARE((*info)["epoch"].toInt(), std::int64_t{2});
    QCOMPARE((*info)["run_info"]["note"].toString(), std::string("grün"));
    QCOMPARE((*info)["spec"]["model"].toString(), std::string("unet"));
    QVERIFY((*info)["progress"]["best_epoch"].toInt() >= 1);
}

void TestCheckpoint::truncatedAnywhereIsAnError()
{
    const auto path = m_folder.file("cut.ckpt");
    std::vector<std::size_t> lengths = {0, 1, 7, 8, 9, 100, m_bytes.size() - 1, m_bytes.size() - 4096};
    for (std::size_t length = 200; length < m_bytes.size(); length += m_bytes.size() / 60)
        lengths.push_back(length);
    for (const auto length : lengths) {
        overwrite(path, std::string_view(m_bytes).substr(0, length));
        const auto loaded = loadCheckpoint(path, kModels);
        QVERIFY2(!loaded, std::to_string(length).c_str());
        QVERIFY2(loaded.error().message.find("cut.ckpt") != std::string::npos, loaded.error().message.c_str());
        QVERIFY(!readCheckpointInfo(path));
    }
    overwrite(path, m_bytes + "x");
    QVERIFY(!loadCheckpoint(path, kModels));
}

void TestCheckpoint::flippedHeaderBytesNeverCrash()
{
    std::uint64_t header = 0;
    std::memcpy(&header, m_bytes.data(), sizeof header);
    const auto path = m_folder.file("flipped.ckpt");
    int refused = 0, tried = 0;
    Random random(3);
    for (std::size_t at = 0; at < 8 + header; at += at < 8 ? 1 : 23) {
        auto bytes = m_bytes;
        bytes[at] = static_cast<char>(bytes[at] ^ (1 << random.below(8)));
        overwrite(path, bytes);
        const auto loaded = loadCheckpoint(path, kModels); // a flip in a text of the run's may go unnoticed
        refused += !loaded;
        ++tried;
    }
    QVERIFY(tried > 100);
    QVERIFY2(refused > tried / 2, qPrintable(QString("%1 of %2").arg(refused).arg(tried)));
}

void TestCheckpoint::malformedHeaders_data()
{
    QTest::addColumn<QByteArray>("file");
    const auto row = [](const char *name, const std::string &bytes) {
        QTest::newRow(name) << QByteArray(bytes.data(), static_cast<qsizetype>(bytes.size()));
    };
    const auto tensors = [](const std::string &entries) {
        return withHeader("{" + entries + "}", std::string(8, 'x'));
    };
    row("empty", "");
    row("header of 2^64 - 1 bytes", lengthBytes(~0ull) + "{}");
    row("header of 2^63 bytes", lengthBytes(1ull << 63) + "{}");
    row("header of 4 GiB", lengthBytes(1ull << 32) + "{}");
    row("another kind", "PK\3\4 this is a zip archive, as torch.save writes it");
    row("no JSON", withHeader("hello"));
    row("no object", withHeader("[]"));
    row("deep", withHeader(std::string(100000, '[')));
    row("no metadata", withHeader("{}"));
    row("entry is no object", tensors(R"("a": 3)"));
    row("unknown type", tensors(R"("a": {"dtype": "F4", "shape": [2], "data_offsets": [0, 8]})"));
    row("type is a number", tensors(R"("a": {"dtype": 32, "shape": [2], "data_offsets": [0, 8]})"));
    row("no shape", tensors(R"("a": {"dtype": "F32", "data_offsets": [0, 8]})"));
    row("negative side", tensors(R"("a": {"dtype": "F32", "shape": [-2], "data_offsets": [0, 8]})"));
    row("fractional side", tensors(R"("a": {"dtype": "F32", "shape": [2.5], "data_offsets": [0, 8]})"));
    row("shape overflows to 8",
        tensors(R"("a": {"dtype": "F32", "shape": [4611686018427387904, 4, 2], "data_offsets": [0, 8]})"));
    row("side beyond 64 bits",
        tensors(R"("a": {"dtype": "F32", "shape": [99999999999999999999], "data_offsets": [0, 8]})"));
    row("one offset", tensors(R"("a": {"dtype": "F32", "shape": [2], "data_offsets": [0]})"));
    row("negative offset", tensors(R"("a": {"dtype": "F32", "shape": [2], "data_offsets": [-8, 0]})"));
    row("backwards", tensors(R"("a": {"dtype": "F32", "shape": [2], "data_offsets": [8, 0]})"));
    row("beyond the end", tensors(R"("a": {"dtype": "F32", "shape": [4], "data_offsets": [0, 16]})"));
    row("far beyond the end", tensors(R"("a": {"dtype": "U8", "shape": [9223372036854775807],
                                        "data_offsets": [0, 9223372036854775807]})"));
    row("size differs from shape", tensors(R"("a": {"dtype": "F32", "shape": [1], "data_offsets": [0, 8]})"));
    row("a gap", tensors(R"("a": {"dtype": "F32", "shape": [1], "data_offsets": [4, 8]})"));
    row("overlap", tensors(R"("a": {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]},
                              "b": {"dtype": "F32", "shape": [1], "data_offsets": [4, 8]})"));
    row("too much data", tensors(R"("a": {"dtype": "F32", "shape": [1], "data_offsets": [0, 4]})"));
    row("twice", tensors(R"("a": {"dtype": "F32", "shape": [1], "data_offsets": [0, 4]},
                            "a": {"dtype": "F32", "shape": [1], "data_offsets": [4, 8]})"));
    row("a foreign safetensors", tensors(R"("a": {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]})"));
}

void TestCheckpoint::malformedHeaders()
{
    QFETCH(QByteArray, file);
    const auto path = m_folder.write("malformed.ckpt", file.toStdString());
    const auto loaded = loadCheckpoint(path, kModels);
    QVERIFY(!loaded);
    QCOMPARE(loaded.error().code, ErrorCode::Format);
    QVERIFY2(loaded.error().message.find("malformed.ckpt") != std::string::npos, loaded.error().message.c_str());
    QVERIFY(!readCheckpointInfo(path));
}

/// The trained checkpoint, changed before it is written again.
std::string
TestCheckpoint::rewritten(const std::function<void(Json::Object &, std::vector<TensorBlob> &)> &change) const
{
    const auto file = readSafetensors(m_path, SafetensorsPart::All);
    auto metadata = (*file)->metadata;
    auto tensors = (*file)->tensors;
    change(metadata, tensors);
    return m_folder.write("rewritten.ckpt", writeSafetensors(metadata, tensors));
}

void TestCheckpoint::wrongParametersAreNamed_data()
{
    QTest::addColumn<QString>("change");
    for (const auto *change : {"none", "missing", "unexpected", "shape", "type"})
        QTest::newRow(change) << change;
}

void TestCheckpoint::wrongParametersAreNamed()
{
    QFETCH(QString, change);
    const std::string name = "network.last.weight"; // [1, 8, 1, 1]
    const auto path = rewritten([&](Json::Object &, std::vector<TensorBlob> &tensors) {
        const auto it = std::find_if(tensors.begin(), tensors.end(), [&](const auto &t) { return t.name == name; });
        if (change == "missing")
            tensors.erase(it);
        else if (change == "unexpected")
            it->name = "network.first.weight", tensors.push_back({name, "F32", {1, 8, 1, 1}, it->bytes});
        else if (change == "shape")
            it->shape = {8};
        else if (change == "type")
            it->type = "I32";
    });
    const auto loaded = loadCheckpoint(path, kModels);
    if (change == "none") {
        MASQUE_VERIFY(loaded);
        return;
    }
    QVERIFY(!loaded);
    const auto wanted = change == "unexpected" ? "network.first.weight" : name;
    QVERIFY2(loaded.error().message.find(wanted) != std::string::npos, loaded.error().message.c_str());
}

void TestCheckpoint::wrongMetadataIsAnError_data()
{
    QTest::addColumn<QString>("key");
    QTest::addColumn<QString>("value");
    QTest::newRow("format") << "format"
                            << "pt";
    QTest::newRow("spec is no JSON") << "spec"
                                     << "{";
    QTest::newRow("spec is a list") << "spec"
                                    << "[]";
    QTest::newRow("unknown model") << "spec"
                                   << R"({"model": "vgg", "input_channels": 3, "output_channels": 1})";
    QTest::newRow("too many channels") << "spec"
                                       << R"({"model": "unet", "input_channels": 3, "output_channels": 1000000000})";
    QTest::newRow("bad option") << "spec"
                                << R"({"model": "unet", "input_channels": 3, "output_channels": 1,
                                                "options": {"base": 1000000}})";
    QTest::newRow("other width") << "spec"
                                 << R"({"model": "unet", "input_channels": 3, "output_channels": 1,
                                                 "options": {"base": 16, "depth": 3}})";
    QTest::newRow("epoch") << "progress"
                           << R"({"epoch": -1})";
    QTest::newRow("no epoch") << "progress"
                              << "{}";
    QTest::newRow("run info") << "run_info"
                              << "7";
}

void TestCheckpoint::wrongMetadataIsAnError()
{
    QFETCH(QString, key);
    QFETCH(QString, value);
    const auto path = rewritten([&](Json::Object &metadata, std::vector<TensorBlob> &) {
        for (auto &[name, text] : metadata)
            if (name == key.toStdString())
                text = Json(value.toStdString());
    });
    const auto loaded = loadCheckpoint(path, kModels);
    QVERIFY(!loaded);
    QVERIFY2(loaded.error().message.find("rewritten.ckpt") != std::string::npos, loaded.error().message.c_str());
}

void TestCheckpoint::missingFileIsNamed()
{
    for (const auto &path : {m_folder.file("none.ckpt"), m_folder.path()}) {
        const auto loaded = loadCheckpoint(path, kModels);
        QVERIFY(!loaded);
        QVERIFY2(loaded.error().message.find(path) != std::string::npos, loaded.error().message.c_str());
    }
}

void TestCheckpoint::modelOfAPluginThatIsGone()
{
    const auto loaded = loadCheckpoint(m_path, {resnet18UnetFactory()});
    QVERIFY(!loaded);
    QVERIFY2(loaded.error().message.find("unet") != std::string::npos, loaded.error().message.c_str());
}

QTEST_GUILESS_MAIN(TestCheckpoint)
#include "test_checkpoint.moc"
