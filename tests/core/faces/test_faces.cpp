// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/files.h"
#include "core/faces/LiveRecognizer.h"
#include "core/image/image_file.h"
#include "core/image/region.h"
#include "tests/support/support.h"

#include <QObject>
#include <QRegularExpression>
#include <QtTest/QTest>

#include <opencv2/imgproc.hpp>
#include <opencv2/videoio.hpp>

using namespace masque;

namespace {

constexpr double kFrameS = 0.04;

Face faceAt(double x, double y, double side = 40)
{
    return {{x, y, side, side}, 0.9};
}

std::vector<int> confirmedIds(FaceTracker &tracker)
{
    std::vector<int> ids;
    for (const FaceTrack &track : tracker.tracks())
        if (tracker.isConfirmed(track) && track.isSeen)
            ids.push_back(track.id);
    return ids;
}

double iou(const cv::Rect2d &a, const cv::Rect2d &b)
{
    const double both = (a & b).area();
    return both / (a.area() + b.area() - both);
}

} // namespace

class TestFaces : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void aTrackFollowsItsFace()
    {
        FaceTracker tracker;
        for (int i = 0; i < 60; ++i) {
            tracker.update(i * kFrameS, {faceAt(10 + 5 * i, 20), faceAt(400 - 5 * i, 120)});
            QCOMPARE(confirmedIds(tracker), i < 4 ? std::vector<int>{} : (std::vector<int>{1, 2}));
        }
        QCOMPARE(tracker.confirmedCount(), 2);
        QVERIFY(std::abs(tracker.tracks()[0].seen.x - 305) < 1e-9);
        QVERIFY(iou(tracker.tracks()[0].box, tracker.tracks()[0].seen) > 0.6); // smoothed, and not far behind
    }

    void briefMistakesAreNoTracks()
    {
        FaceTracker tracker;
        for (int i = 0; i < 100; ++i) // four frames with a face, one without
            tracker.update(i * kFrameS, i % 5 == 4 ? std::vector<Face>{} : std::vector<Face>{faceAt(30, 30)});
        QCOMPARE(tracker.confirmedCount(), 0);
    }

    void aShortGapEndsNoTrack()
    {
        FaceTracker tracker;
        int i = 0;
        for (; i < 10; ++i)
            tracker.update(i * kFrameS, {faceAt(30, 30)});
        for (; i < 20; ++i) { // 0.4 s
            tracker.update(i * kFrameS, {});
            QVERIFY(confirmedIds(tracker).empty());
        }
        tracker.update(i * kFrameS, {faceAt(34, 30)});
        QCOMPARE(confirmedIds(tracker), std::vector<int>{1});
        tracker.update(i * kFrameS + 2, {}); // for good
        QVERIFY(tracker.tracks().empty());
        for (int k = 0; k < 6; ++k)
            tracker.update(i * kFrameS + 2 + k * kFrameS, {faceAt(34, 30)});
        QCOMPARE(confirmedIds(tracker), std::vector<int>{2});
    }

    void smoothingIsEachTracksOwn()
    {
        FaceTracker tracker;
        const std::vector<float> left{1, 0}, right{0, 1};
        for (int i = 0; i < 50; ++i) {
            tracker.update(i * kFrameS, {faceAt(10, 20), faceAt(200, 20)});
            for (FaceTrack &track : tracker.tracks())
                tracker.addProbabilities(track, track.seen.x < 100 ? left : right, i * kFrameS);
        }
        QCOMPARE(tracker.tracks()[0].probabilities, left);
        QCOMPARE(tracker.tracks()[1].probabilities, right);
        tracker.update(50 * kFrameS, {faceAt(10, 20), faceAt(200, 20)});
        auto &track = tracker.tracks()[0];
        tracker.addProbabilities(track, right, 50 * kFrameS);
        QVERIFY(track.probabilities[0] > 0.85F && track.probabilities[0] < 0.95F); // 1 - exp(-0.04 / 0.4) is new
        QCOMPARE(track.probabilities[0] + track.probabilities[1], 1.0F);
    }

    void timesThatFallDoNoHarm()
    {
        FaceTracker tracker;
        for (const double time : {5.0, 4.0, 3.0, 5.1, 5.1, 5.2, 5.3})
            tracker.update(time, {faceAt(10, 10)});
        QCOMPARE(tracker.confirmedCount(), 1);
    }

    void cropsAtTheBorder()
    {
        cv::Mat image(60, 80, CV_8UC3, cv::Scalar::all(50));
        image.colRange(0, 40).setTo(cv::Scalar::all(200));
        for (const auto &box : {cv::Rect2d(20, 20, 20, 20), cv::Rect2d(-10, -10, 30, 30), cv::Rect2d(70, 50, 30, 40)}) {
            const cv::Mat crop = squareCrop(image, box);
            QCOMPARE(crop.rows, crop.cols);
            QCOMPARE(crop.rows, cvRound(1.1 * std::max(box.width, box.height)));
        }
        QVERIFY(squareCrop(image, {500, 500, 10, 10}).empty());
        QVERIFY(squareCrop(image.rowRange(10, 20), {0, 0, 10, 10}).at<cv::Vec3b>(0, 0)[0] == 200);
    }

    void readsAVideo()
    {
        const TestFolder folder;
        const std::string file = folder.file("clip.avi");
        {
            cv::VideoWriter writer(file, cv::VideoWriter::fourcc('M', 'J', 'P', 'G'), 10, {64, 48});
            QVERIFY(writer.isOpened());
            for (int i = 0; i < 12; ++i)
                writer.write(cv::Mat(48, 64, CV_8UC3, cv::Scalar(10, 20, 200))); // BGR
        }
        auto source = openFrameSource(file);
        MASQUE_VERIFY(source);
        QVERIFY(!(*source)->isLive());
        int count = 0;
        while (true) {
            const auto frame = (*source)->next();
            MASQUE_VERIFY(frame);
            if (!frame->has_value())
                break;
            QCOMPARE((*frame)->number, count);
            QCOMPARE((*frame)->timeS, count * 0.1);
            QVERIFY((*frame)->rgb.at<cv::Vec3b>(20, 20)[0] > 150); // red is first
            ++count;
        }
        QCOMPARE(count, 12);
        const auto ended = (*source)->next();
        MASQUE_VERIFY(ended);
        QVERIFY(!ended->has_value());

        // A file that is cut short ends early and says nothing wrong.
        const auto bytes = readFile(file);
        MASQUE_VERIFY(bytes);
        folder.write("cut.avi", bytes->substr(0, bytes->size() * 2 / 3));
        if (auto cut = openFrameSource(folder.file("cut.avi"))) {
            int frames = 0;
            for (auto frame = (*cut)->next(); frame && frame->has_value(); frame = (*cut)->next())
                ++frames;
            QVERIFY(frames <= 12);
        }
    }

    void wrongSources_data()
    {
        QTest::addColumn<QString>("source");
        QTest::addColumn<QString>("says");
        QTest::newRow("missing") << "none.mp4"
                                 << "no such video file";
        QTest::newRow("no video") << "text.mp4"
                                  << "no video";
        QTest::newRow("empty") << "empty.mp4"
                               << "no video";
        QTest::newRow("camera") << "97"
                                << "camera 97: is not there";
    }
    void wrongSources()
    {
        QFETCH(QString, source);
        QFETCH(QString, says);
        const TestFolder folder;
        folder.write("text.mp4", "this is a text and no video, whatever its name says");
        folder.write("empty.mp4", "");
        const bool isCamera = source == QStringLiteral("97");
        const auto opened = openFrameSource(isCamera ? source.toStdString() : folder.file(source.toStdString()));
        QVERIFY(!opened.has_value());
        QVERIFY2(opened.error().message.find(says.toStdString()) != std::string::npos, opened.error().message.c_str());
    }

    void wrongModels()
    {
        const TestFolder folder;
        folder.write("face_detection_yunet_x.onnx", "no model");
        for (const char *name : {"face_detection_yunet_x.onnx", "none.onnx"}) {
            const auto made = makeFaceDetector({.model = folder.file(name)});
            QVERIFY(!made.has_value());
            QVERIFY2(made.error().message.starts_with(folder.file(name) + ": "), made.error().message.c_str());
        }
    }

    void writesATable()
    {
        QCOMPARE(liveTableHeader(LabelSet({"angry", "happy"})),
                 std::string("time_s,track,x,y,width,height,angry,happy"));
        QCOMPARE(liveTableRow(1.5, {3, {10, 20.25, 30, 40}, {0.25F, 0.75F}, {}}),
                 std::string("1.500,3,10.0,20.2,30.0,40.0,0.2500,0.7500"));
    }

    void findsTheFacesOfPhotos_data()
    {
        QTest::addColumn<QString>("detector");
        QTest::addColumn<int>("least");
        QTest::addColumn<int>("mostFalse");
        QTest::newRow("YuNet") << QStringLiteral("faces/model/face_detection_yunet_120x160_2022feb.onnx") << 18 << 2;
        QTest::newRow("Haar") << QStringLiteral("haar") << 10 << 4;
    }
    void findsTheFacesOfPhotos()
    {
        QFETCH(QString, detector);
        QFETCH(int, least);
        QFETCH(int, mostFalse);
        const std::string photos = sharedData("faces/photos_dlib");
        if (photos.empty())
            QSKIP("no shared data");
        const auto xml = readFile(photos + "/boxes.xml");
        MASQUE_VERIFY(xml);
        auto made = makeFaceDetector(
            {.model = detector == QStringLiteral("haar") ? "haar" : sharedData(detector.toStdString())});
        if (!made && detector == QStringLiteral("haar"))
            QSKIP("opencv-data is not installed");
        MASQUE_VERIFY(made);
        static const QRegularExpression tag(QStringLiteral(
            "<image file='([^']+)'|<box top='(-?\\d+)' left='(-?\\d+)' width='(\\d+)' height='(\\d+)'([^>]*)"));
        std::map<std::string, std::vector<cv::Rect2d>> truth;
        std::string image;
        auto found = tag.globalMatch(QString::fromStdString(*xml));
        while (found.hasNext()) {
            const auto match = found.next();
            if (!match.captured(1).isEmpty())
                image = match.captured(1).toStdString();
            else
                truth[image].emplace_back(match.captured(3).toDouble(), match.captured(2).toDouble(),
                                          match.captured(4).toDouble(), match.captured(5).toDouble());
        }
        int boxes = 0, hits = 0, wrong = 0;
        for (const auto &[file, faces] : truth) {
            const auto rgb = readImage(photos + "/" + file);
            MASQUE_VERIFY(rgb);
            std::vector<bool> isHit(faces.size());
            for (const Face &face : (*made)->detect(*rgb)) {
                std::size_t best = 0;
                double most = 0;
                for (std::size_t i = 0; i < faces.size(); ++i)
                    if (const double value = iou(face.box, faces[i]); value > most) {
                        most = value;
                        best = i;
                    }
                if (most >= 0.4 && !isHit[best])
                    isHit[best] = true;
                else
                    ++wrong;
            }
            boxes += static_cast<int>(faces.size());
            hits += static_cast<int>(std::ranges::count(isHit, true));
        }
        qInfo("%s: %d of %d faces, %d false", (*made)->name().c_str(), hits, boxes, wrong);
        QCOMPARE(boxes, 18);
        QVERIFY(hits >= least);
        QVERIFY(wrong <= mostFalse);
    }
};

QTEST_APPLESS_MAIN(TestFaces)
#include "test_faces.moc"
