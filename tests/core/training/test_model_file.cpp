// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/Random.h"
#include "core/base/files.h"
#include "core/training/Checkpoint.h"
#include "core/training/ModelFile.h"
#include "tests/support/support.h"

#include <QObject>
#include <QProcess>

#include <cmath>
#include <cstring>

using namespace masque;

namespace {

constexpr ModelFileKind kKinds[] = {ModelFileKind::TorchScript, ModelFileKind::Safetensors, ModelFileKind::StateDict,
                                    ModelFileKind::Onnx};

std::vector<float> noise(BatchShape shape)
{
    Random random(11);
    std::vector<float> values(shape.elements());
    for (auto &value : values)
        value = static_cast<float>(random.uniform());
    return values;
}

/// Greatest difference, by the greatest value; infinite where shapes differ.
double difference(const Logits &a, const Logits &b)
{
    if (a.values.size() != b.values.size() || a.shape.height != b.shape.height || a.shape.width != b.shape.width)
        return INFINITY;
    double worst = 0, most = 1;
    for (std::size_t i = 0; i < a.values.size(); ++i) {
        worst = std::max(worst, std::abs(double{a.values[i]} - b.values[i]));
        most = std::max(most, std::abs(double{a.values[i]}));
    }
    return std::isfinite(worst) ? worst / most : INFINITY;
}

Json factsOf(const NetworkSpec &spec)
{
    Json facts = Json::object();
    facts.set("model", spec.model);
    facts.set("norm", spec.options["norm"].toString());
    Json classes = Json::array();
    for (int i = 0; i < spec.outputChannels; ++i)
        classes.push_back("class " + std::to_string(i));
    facts.set("classes", std::move(classes));
    const bool isOfOneSize = spec.model == "mlp"; // whose pooling ONNX has for multiples of 28 alone
    facts.set("height", isOfOneSize ? 56 : 64);
    facts.set("width", isOfOneSize ? 56 : 96);
    return facts;
}

} // namespace

class TestModelFile : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void kinds()
    {
        for (const auto kind : kKinds)
            QVERIFY(modelFileKind(std::string(modelFileKindName(kind))).value() == kind);
        QVERIFY(modelFileKind("keras").error().message.find("torchscript, safetensors, state-dict, onnx")
                != std::string::npos);
    }

    void everyNetwork_data()
    {
        QTest::addColumn<QString>("model");
        QTest::addColumn<int>("channels");
        QTest::addColumn<QString>("option");
        QTest::addColumn<QString>("value");
        for (const auto &model : ownModels()) {
            const QString id = QString::fromStdString(model->id());
            QTest::addRow("%s", qPrintable(id)) << id << 3 << ""
                                                << "";
            if (findOption(model->optionSpecs(), "input_norm"))
                QTest::addRow("%s imagenet", qPrintable(id)) << id << 3 << "input_norm"
                                                             << "imagenet";
            if (findOption(model->optionSpecs(), "norm"))
                QTest::addRow("%s group", qPrintable(id)) << id << 3 << "norm"
                                                          << "group";
        }
        for (const char *id : {"unet", "mobile-unet", "emotion-small"})
            QTest::addRow("%s grey", id) << id << 1 << ""
                                         << "";
        QTest::newRow("unet bilinear") << "unet" << 3 << "upsampling"
                                       << "bilinear";
    }
    /// Each is read back on its own way and says of images what the network says, of another size than it was traced
    /// with, too; Python as well, where it is installed.
    void everyNetwork()
    {
        QFETCH(QString, model);
        QFETCH(int, channels);
        QFETCH(QString, option);
        QFETCH(QString, value);
        NetworkSpec spec{.model = model.toStdString(), .inputChannels = channels, .outputChannels = 5};
        if (!option.isEmpty())
            spec.options.set(option.toStdString(), value.toStdString());
        const auto network = findModel(ownModels(), spec.model).value()->build(spec, 3).value();
        const BatchShape shape{2, channels, 70, 97};
        const auto images = noise(shape);
        const auto wanted = infer(*network, images, shape, "cpu");
        MASQUE_VERIFY(wanted);
        const TestFolder folder;
        const LoadedCheckpoint checkpoint{.spec = spec, .network = network, .runInfo = {}};
        Logits program;
        for (const auto kind : kKinds) {
            const auto path = folder.file("net" + std::string(modelFileSuffix(kind)));
            MASQUE_VERIFY(writeModelFile(checkpoint, kind, factsOf(spec), path));
            if (kind == ModelFileKind::Onnx) // OpenCV reads it (python below, test_training_cli)
                continue;
            const auto got = inferModelFile(path, kind, spec, ownModels(), images, shape);
            MASQUE_VERIFY(got);
            const double far = difference(*wanted, *got);
            QVERIFY2(far < 2e-4, std::to_string(far).c_str()); // the fast path rounds otherwise
            if (kind == ModelFileKind::TorchScript)
                program = *got; // LibTorch's own arithmetic
        }
        python(folder, images, shape, program);
    }

private:
    static void python(const TestFolder &folder, const std::vector<float> &images, BatchShape shape,
                       const Logits &wanted)
    {
        static const bool hasTorch = QProcess::execute("/usr/bin/python3", {"-c", "import torch, numpy"}) == 0;
        if (!hasTorch)
            return;
        folder.write("images", {reinterpret_cast<const char *>(images.data()), images.size() * sizeof(float)});
        QProcess process;
        process.start("/usr/bin/python3",
                      {"-c", R"(
import sys, json, struct, numpy, torch
folder, n, c, h, w = sys.argv[1], *map(int, sys.argv[2:6])
images = torch.from_numpy(numpy.fromfile(folder + '/images', dtype=numpy.float32).reshape(n, c, h, w))
extra = {'masque.json': ''}
net = torch.jit.load(folder + '/net.pt', _extra_files=extra)
assert json.loads(extra['masque.json'])['classes'] == net.classes == ['class %d' % i for i in range(5)]
with torch.no_grad():
    net(images).contiguous().numpy().tofile(folder + '/logits')
state = torch.load(folder + '/net.pth')
assert type(state) is dict and all(type(v) is torch.Tensor for v in state.values())
assert {k: v.shape for k, v in state.items()} == {k: v.shape for k, v in net.state_dict().items()}
assert all(torch.equal(v, net.state_dict()[k]) for k, v in state.items())
with open(folder + '/net.safetensors', 'rb') as file:
    header = json.loads(file.read(struct.unpack('<Q', file.read(8))[0]))
assert json.loads(header.pop('__metadata__')['masque'])['classes'] == net.classes
assert set(header) == set(state)
import os
assert os.path.getsize(folder + '/net.pt') < 1.2 * os.path.getsize(folder + '/net.safetensors') + 400000 # each weight once

try:
    import cv2, onnx
except ImportError:
    sys.exit()
model = onnx.load(folder + '/net.onnx')
onnx.checker.check_model(model, full_check=True)
assert json.loads({p.key: p.value for p in model.metadata_props}['classes']) == net.classes
height, width = net.input_size
for shape in ((1, c, height, width), (2, c, width, height)):
    images = torch.rand(shape, generator=torch.Generator().manual_seed(4))
    with torch.no_grad():
        wanted = net(images).numpy()
    reader = cv2.dnn.readNetFromONNX(folder + '/net.onnx')
    reader.setInput(images.numpy())
    got = reader.forward()
    assert got.shape == wanted.shape, (got.shape, wanted.shape)
    far = numpy.abs(got - wanted).max() / max(1, numpy.abs(wanted).max())
    print('cv2.dnn %.1e' % far, end=' ')
    assert far < 1e-5, far
)",
                       QString::fromStdString(folder.path()), QString::number(shape.count),
                       QString::number(shape.channels), QString::number(shape.height), QString::number(shape.width)});
        QVERIFY(process.waitForFinished(120'000));
        QVERIFY2(process.exitCode() == 0, process.readAllStandardError().constData());
        const auto bytes = readFile(folder.file("logits")).value();
        Logits got{wanted.shape, std::vector<float>(bytes.size() / sizeof(float))};
        std::memcpy(got.values.data(), bytes.data(), bytes.size());
        const double far = difference(wanted, got);
        qInfo("torch.jit %.1e %s", far, process.readAllStandardOutput().trimmed().constData());
        QVERIFY2(far < 1e-5, std::to_string(far).c_str());
    }
};

QTEST_GUILESS_MAIN(TestModelFile)
#include "test_model_file.moc"
