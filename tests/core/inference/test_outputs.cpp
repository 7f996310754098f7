// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/annotations/labelme.h"
#include "core/base/files.h"
#include "core/inference/outputs.h"
#include "tests/support/support.h"

#include <opencv2/imgcodecs.hpp>
#include <opencv2/imgproc.hpp>

#include <QObject>
#include <QtTest/QTest>

#include <cstring>

using namespace masque;

class TestOutputs : public QObject {
    Q_OBJECT

    TestFolder m_folder;
    const LabelSet m_labels{{std::string(kBackgroundName), "cat"}};

    /// A disc of a cat, surer in its middle.
    Prediction disc() const
    {
        cv::Mat1f cat(41, 57, 0.f);
        cv::circle(cat, {28, 20}, 15, 1, cv::FILLED);
        cv::GaussianBlur(cat, cat, {9, 9}, 2);
        const cv::Mat1f rest(1 - cat);
        return {.labels = cv::Mat1b((cat > 0.5) & 1), .probabilities = {rest, cat}, .confidence = cat};
    }

private Q_SLOTS:
    void arrayHoldsTheProbabilities()
    {
        const auto prediction = disc();
        OutputOptions options{.kinds = {OutputKind::Probabilities}, .probabilities = ProbabilityFormat::Npy};
        const cv::Mat image(41, 57, CV_8UC3, cv::Scalar::all(9));
        const auto files =
            writeOutputs(prediction, image, m_folder.file("x.png"), m_labels, options, m_folder.path(), "x");
        MASQUE_VERIFY(files);
        QCOMPARE(files->size(), std::size_t{1});
        QCOMPARE(files->front(), m_folder.path() + "/x_probabilities.npy");
        const auto bytes = readFile(files->front());
        MASQUE_VERIFY(bytes);
        QCOMPARE(bytes->substr(0, 8), std::string("\x93NUMPY\x01\0", 8));
        const auto length = static_cast<std::size_t>(static_cast<unsigned char>((*bytes)[8]))
                            + 256 * static_cast<std::size_t>(static_cast<unsigned char>((*bytes)[9]));
        QCOMPARE((10 + length) % 64, std::size_t{0});
        const auto header = bytes->substr(10, length);
        QVERIFY(header.starts_with("{'descr': '<f4', 'fortran_order': False, 'shape': (2, 41, 57), }"));
        QVERIFY(header.ends_with("\n"));
        QCOMPARE(bytes->size(), 10 + length + 2 * 41 * 57 * sizeof(float));
        for (std::size_t k = 0; k < 2; ++k)
            for (int y = 0; y < 41; ++y)
                QVERIFY(std::memcmp(bytes->data() + 10 + length + (k * 41 + static_cast<std::size_t>(y)) * 57 * 4,
                                    prediction.probabilities[k][y], 57 * 4)
                        == 0);
    }

    void toleranceMakesFewerVertices()
    {
        const cv::Mat image(41, 57, CV_8UC3, cv::Scalar::all(9));
        std::vector<std::size_t> vertices;
        for (const double tolerance : {0.0, 1.0, 4.0}) {
            OutputOptions options{.kinds = {OutputKind::LabelMe}, .tolerancePx = tolerance};
            MASQUE_VERIFY(writeOutputs(disc(), image, m_folder.file("y.png"), m_labels, options, m_folder.path(), "y"));
            const auto annotation = readLabelMe(m_folder.file("y.json"));
            MASQUE_VERIFY(annotation);
            QCOMPARE(annotation->shapes.size(), std::size_t{1});
            const double score = (*annotation->shapes[0].source)["score"].toDouble();
            QVERIFY(score > 0.85 && score < 1);
            vertices.push_back(annotation->shapes[0].points.size());
        }
        QVERIFY(vertices[0] > vertices[1] && vertices[1] > vertices[2]);
    }

    void cutoutHasASoftEdge()
    {
        const cv::Mat image(41, 57, CV_8UC3, cv::Scalar(10, 20, 30));
        OutputOptions options{.kinds = {OutputKind::Cutout}};
        MASQUE_VERIFY(writeOutputs(disc(), image, m_folder.file("z.png"), m_labels, options, m_folder.path(), "z"));
        const auto cutout = cv::imread(m_folder.file("z_cutout.png"), cv::IMREAD_UNCHANGED);
        QCOMPARE(cutout.channels(), 4);
        QCOMPARE(int(cutout.at<cv::Vec4b>(20, 28)[3]), 255);
        QCOMPARE(int(cutout.at<cv::Vec4b>(1, 1)[3]), 0);
        int between = 0;
        for (int x = 0; x < cutout.cols; ++x)
            between += cutout.at<cv::Vec4b>(20, x)[3] > 10 && cutout.at<cv::Vec4b>(20, x)[3] < 245;
        QVERIFY(between >= 4); // on both sides
    }
};

QTEST_GUILESS_MAIN(TestOutputs)
#include "test_outputs.moc"
