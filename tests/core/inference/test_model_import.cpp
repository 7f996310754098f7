// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/files.h"
#include "core/inference/classify.h"
#include "core/inference/evaluate.h"
#include "core/inference/export_run.h"
#include "core/inference/model_import.h"
#include "core/runs/run_folder.h"
#include "tests/core/runs/small_run.h"
#include "tests/support/datasets.h"
#include "tests/support/support.h"

#include <QObject>
#include <QProcess>
#include <QtTest/QTest>

#include <algorithm>
#include <cmath>
#include <filesystem>

using namespace masque;

namespace {

/// Programs whose answer is known: planes of red and blue, in every dress that a file may come in.
constexpr auto kPrograms = R"(
import sys, torch
from typing import Dict, List
folder = sys.argv[1]
class Plain(torch.nn.Module):                     # 0..1: the channels red and blue as logits
    def forward(self, x):
        return x[:, [0, 2]]
class Dressed(torch.nn.Module):                   # a dict as torchvision's, at half the size, of 0..255 in BGR
    def forward(self, x) -> Dict[str, torch.Tensor]:
        return {'aux': x, 'out': torch.nn.functional.avg_pool2d(x[:, [2, 0]], 2) / 255}
class Sure(torch.nn.Module):                      # probabilities, of ImageNet's normalisation
    def forward(self, x) -> List[torch.Tensor]:
        mean = torch.tensor([0.485, 0.456, 0.406]).reshape(1, 3, 1, 1)
        deviation = torch.tensor([0.229, 0.224, 0.225]).reshape(1, 3, 1, 1)
        return [torch.softmax((x * deviation + mean)[:, [0, 2]], 1)]
class Whole(torch.nn.Module):                     # [N, K] of a whole image
    def forward(self, x):
        return x[:, [0, 2]].mean((2, 3))
class Thief(torch.nn.Module):
    def forward(self, x):
        torch.save(x, 'stolen')
        return x
class Reader(torch.nn.Module):
    def forward(self, x):
        return x + torch.from_file('secret', True, 1)
class Wide(torch.nn.Module):
    def forward(self, x):
        return x
for net in (Plain(), Dressed(), Sure(), Whole(), Wide(), Thief(), Reader()):
    torch.jit.script(net).save(folder + '/' + type(net).__name__.lower() + '.pt')
)";

std::vector<float> valuesOf(Predictor &predictor, const cv::Mat &image)
{
    auto logits = predictor.logits(image);
    return logits ? std::move(logits->values) : std::vector<float>();
}

double difference(const std::vector<float> &a, const std::vector<float> &b)
{
    double worst = a.size() == b.size() && !a.empty() ? 0 : INFINITY;
    for (std::size_t i = 0; i < std::min(a.size(), b.size()); ++i)
        worst = std::max(worst, std::abs(double{a[i]} - b[i]));
    return worst;
}

} // namespace

class TestModelImport : public QObject {
    Q_OBJECT

    TestFolder m_folder;
    DemoData m_data;
    std::string m_run;

private Q_SLOTS:
    void initTestCase()
    {
        m_data = makeDemo(m_folder, 6);
        QVERIFY(m_data.dataset);
        const auto run = executeRun({m_data.dataset, m_data.summaries, smallOptions()}, kModels, {}, {});
        MASQUE_VERIFY(run);
        m_run = run->folder;
    }

    void ownExports_data()
    {
        QTest::addColumn<QString>("to");
        QTest::newRow("TorchScript") << "torchscript";
        QTest::newRow("ONNX") << "onnx";
    }
    /// What was exported comes back without a question, and says what the run says.
    void ownExports()
    {
        QFETCH(QString, to);
        const auto kind = modelFileKind(to.toStdString()).value();
        const auto file = m_folder.file(to.toStdString() + "/net" + std::string(modelFileSuffix(kind)));
        const auto written = exportRun({.run = m_run, .file = file, .kind = kind, .dataset = m_data.dataset}, kModels);
        if (!written && written.error().code == ErrorCode::Unsupported)
            QSKIP("this build writes no ONNX");
        MASQUE_VERIFY(written);
        const auto description = describedInside(file);
        QVERIFY(description.has_value());
        const auto imported =
            importModel({.file = file, .description = *description, .dataset = *m_data.dataset, .name = {}});
        MASQUE_VERIFY(imported);
        std::filesystem::remove(file); // the run has a copy
        const auto read = readRun(imported->folder);
        MASQUE_VERIFY(read);
        QVERIFY(read->canPredict());
        QCOMPARE(read->state, std::string(kImported));
        const auto listed = listRuns(m_data.dataset->root);
        QVERIFY(std::ranges::any_of(listed, [&](const RunInfo &run) {
            return run.folder == imported->folder && run.canPredict() && run.labels.size() == read->labels.size();
        }));
        auto theirs = Predictor::load(imported->folder, kModels);
        MASQUE_VERIFY(theirs);
        auto ours = Predictor::load(m_run, kModels);
        MASQUE_VERIFY(ours);
        QCOMPARE(theirs->labels().names(), ours->labels().names());
        for (const auto &item : m_data.dataset->items) {
            const auto image = readImage(m_data.dataset->absolute(item.image));
            MASQUE_VERIFY(image);
            const double far = difference(valuesOf(*ours, *image), valuesOf(*theirs, *image));
            QVERIFY2(far < 1e-3, std::to_string(far).c_str());
        }
        const auto split = readRunSplit(imported->folder, *m_data.dataset);
        MASQUE_VERIFY(split);
        const auto scored = evaluate(*theirs, *m_data.dataset, split->val, "val", {}, {});
        MASQUE_VERIFY(scored);
        QCOMPARE(scored->images, 6);
    }

    void foreignPrograms()
    {
        if (QProcess::execute("/usr/bin/python3", {"-c", "import torch"}) != 0)
            QSKIP("python3 with torch is not installed");
        QProcess python;
        const auto script = m_folder.write("programs.py", kPrograms); // torch.jit.script reads its source
        python.start("/usr/bin/python3", {QString::fromStdString(script), QString::fromStdString(m_folder.path())});
        QVERIFY(python.waitForFinished(120'000));
        QVERIFY2(python.exitCode() == 0, python.readAllStandardError().constData());

        const ModelDescription plain{.classes = "background, blue", .size = "16"};
        auto dressed = plain, sure = plain, whole = plain;
        dressed.range = "0..255";
        dressed.channels = "bgr";
        sure.range = "imagenet";
        sure.output = "probabilities";
        whole.task = "classification";
        cv::Mat image(16, 16, CV_8UC3, cv::Scalar(200, 10, 90));
        image.colRange(8, 16).setTo(cv::Scalar(20, 10, 240));
        const auto import = [&](const char *name, const ModelDescription &description) {
            return importModel(
                {.file = m_folder.file(name), .description = description, .dataset = *m_data.dataset, .name = name});
        };
        for (const auto &[name, description] :
             {std::pair("plain.pt", plain), std::pair("dressed.pt", dressed), std::pair("sure.pt", sure)}) {
            const auto run = import(name, description);
            MASQUE_VERIFY(run);
            auto predictor = Predictor::load(run->folder, kModels);
            MASQUE_VERIFY(predictor);
            QVERIFY(predictor->labels().hasBackground());
            const auto said = predictor->predict(image, PredictionDetail::Probabilities);
            MASQUE_VERIFY(said);
            QCOMPARE(int(said->labels(8, 3)), 0);
            QCOMPARE(int(said->labels(8, 12)), 1);
            const float wanted = 1 / (1 + std::exp(-220.f / 255)); // softmax of red 20 and blue 240
            QVERIFY2(std::abs(said->probabilities[1](8, 12) - wanted) < 1e-4f, name);
        }
        const auto run = import("whole.pt", whole);
        MASQUE_VERIFY(run);
        auto predictor = Predictor::load(run->folder, kModels);
        MASQUE_VERIFY(predictor);
        QVERIFY(predictor->isOfImages());
        const auto said = classify(*predictor, image);
        MASQUE_VERIFY(said);
        QVERIFY(std::abs((*said)[0] - 1 / (1 + std::exp(55.f / 255))) < 1e-4f); // means 110 and 165

        const auto runs = listRuns(m_data.dataset->root).size();
        QVERIFY(import("wide.pt", plain).error().message.find("gives 3 channels, and 2 classes") != std::string::npos);
        QCOMPARE(import("whole.pt", plain).error().context, std::string("task"));
        for (const auto &[name, call] :
             {std::pair("thief.pt", "calls save"), std::pair("reader.pt", "calls from_file")}) {
            const auto refused = import(name, plain);
            QVERIFY2(!refused && refused.error().message.find(call) != std::string::npos, name);
        }
        QCOMPARE(listRuns(m_data.dataset->root).size(), runs); // nothing is left of what was refused
        auto loaded = Predictor::load(m_folder.file("plain.pt"), kModels);
        QVERIFY(!loaded && loaded.error().message.find("masque import") != std::string::npos);
    }

    void wrongDescriptions_data()
    {
        QTest::addColumn<QString>("json");
        QTest::addColumn<QString>("context");
        QTest::newRow("no classes") << R"({"classes": " , "})"
                                    << "classes";
        QTest::newRow("mean") << R"({"classes": "a,b", "range": "own", "mean": "x"})"
                              << "mean";
        QTest::newRow("two means") << R"({"classes": "a,b", "range": "own", "mean": "1,2"})"
                                   << "mean";
        QTest::newRow("deviation") << R"({"classes": "a,b", "range": "own", "deviation": "0"})"
                                   << "deviation";
        QTest::newRow("size") << R"({"classes": "a,b", "size": "huge"})"
                              << "size";
    }
    void wrongDescriptions()
    {
        QFETCH(QString, json);
        QFETCH(QString, context);
        ModelDescription description;
        MASQUE_VERIFY(modelDescriptionTable().apply(Json::parse(json.toStdString()).value(), description));
        const auto run = importModel({.file = m_folder.write("broken.onnx", "not a model"),
                                      .description = description,
                                      .dataset = *m_data.dataset,
                                      .name = {}});
        QVERIFY(!run);
        QCOMPARE(QString::fromStdString(run.error().context), context);
    }

    void brokenFiles()
    {
        const ModelDescription description{.classes = "a, b"};
        for (const char *name : {"broken.onnx", "broken.pt", "broken.h5", "gone.onnx", "gone.pt"}) {
            if (!std::string_view(name).starts_with("gone"))
                m_folder.write(name, "not a model");
            const auto run = importModel(
                {.file = m_folder.file(name), .description = description, .dataset = *m_data.dataset, .name = {}});
            QVERIFY2(!run && run.error().message.find(name) != std::string::npos, name);
        }
    }
};

QTEST_GUILESS_MAIN(TestModelImport)
#include "test_model_import.moc"
