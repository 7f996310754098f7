// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/files.h"
#include "core/plugins/PluginHost.h"
#include "core/runs/run.h"
#include "studio/live/LiveView.h"
#include "studio/live/LiveWorkspace.h"
#include "tests/studio/workspaces/emotion_run.h"

#include <QCheckBox>
#include <QComboBox>
#include <QFileDialog>
#include <QLabel>
#include <QLineEdit>
#include <QListView>
#include <QMenu>
#include <QProgressBar>
#include <QPushButton>
#include <QRegularExpression>
#include <QSignalSpy>
#include <QTest>

#include <opencv2/imgproc.hpp>
#include <opencv2/videoio.hpp>

#include <chrono>
#include <filesystem>
#include <thread>

using namespace masque;

namespace {

constexpr int kTimeoutMs = 60000;
constexpr int kLearningMs = 180000; ///< it steps back behind everything else that the machine does

/// Finds the bright squares that the test's video has.
class Squares : public FaceDetector {
public:
    std::string name() const override { return "Squares"; }
    std::vector<Face> detect(const cv::Mat &rgb) override
    {
        cv::Mat grey;
        cv::cvtColor(rgb, grey, cv::COLOR_RGB2GRAY);
        std::vector<std::vector<cv::Point>> outlines;
        cv::findContours(grey > 128, outlines, cv::RETR_EXTERNAL, cv::CHAIN_APPROX_SIMPLE);
        std::vector<Face> faces;
        for (const auto &outline : outlines)
            if (const cv::Rect box = cv::boundingRect(outline); box.width > 20)
                faces.push_back({cv::Rect2d(box), 0.9});
        return faces;
    }
};

/// Pictures of two sizes and some without content, then nothing for a while, then an error.
class Moody : public FrameSource {
public:
    bool isLive() const override { return true; }
    Result<std::optional<VideoFrame>> next() override
    {
        std::this_thread::sleep_for(std::chrono::milliseconds(m_count == 40 ? 3000 : 20));
        if (++m_count > 60)
            return Error{ErrorCode::Io, "the cable was pulled", {}};
        cv::Mat3b rgb(m_count % 20 < 10 ? cv::Size(320, 180) : cv::Size(64, 200), cv::Vec3b::all(20));
        if (m_count % 5 == 0)
            rgb.release();
        else
            rgb(cv::Rect(10, 40, 30, 30)).setTo(cv::Vec3b::all(220));
        return std::optional(VideoFrame{rgb, 0.02 * m_count, m_count - 1});
    }

private:
    int m_count = 0;
};

} // namespace

/// The Live workspace with a video of two moving squares, a detector that finds them, and a network of one epoch.
class TestLiveWorkspace : public QObject {
    Q_OBJECT

    TestFolder m_folder;
    std::string m_data, m_video;
    PluginHost m_plugins;
    std::unique_ptr<JobRunner> m_jobs;
    std::unique_ptr<Document> m_document;
    std::unique_ptr<LiveWorkspace> m_live;

    template <typename T>
    T *find(const char *name) const
    {
        return m_live->findChild<T *>(QLatin1String(name));
    }
    /// An entry of the menu Capture.
    void choose(const char *name) const
    {
        auto *menu = find<QPushButton>("live-capture")->menu();
        menu->popup(m_live->mapToGlobal(QPoint(20, 20)));
        QTest::mouseClick(menu, Qt::LeftButton, {}, menu->actionGeometry(find<QAction>(name)).center());
    }
    LiveView *view() const { return m_live->findChild<LiveView *>(); }
    QPoint centreOf(int track) const
    {
        const LiveMoment &moment = view()->moment();
        const cv::Mat &rgb = moment.frame.rgb;
        QSizeF shown = QSizeF(rgb.cols, rgb.rows).scaled(QSizeF(view()->size()), Qt::KeepAspectRatio);
        const QPointF corner((view()->width() - shown.width()) / 2, (view()->height() - shown.height()) / 2);
        for (const LiveFace &face : moment.faces)
            if (face.track == track)
                return (corner
                        + QPointF(face.box.x + face.box.width / 2, face.box.y + face.box.height / 2) * shown.width()
                              / rgb.cols)
                    .toPoint();
        return {};
    }
    std::vector<std::string> filesIn(const std::string &folder) const
    {
        std::vector<std::string> names;
        std::error_code ignored;
        for (const auto &entry : std::filesystem::directory_iterator(folder, ignored))
            if (entry.path().filename().string().starts_with("live-"))
                names.push_back(entry.path().string());
        std::ranges::sort(names);
        return names;
    }

private Q_SLOTS:
    void initTestCase()
    {
        keepSettingsIn(m_folder);
        m_data = makeEmotionRun(m_folder, m_plugins.registry().models);
        QVERIFY(!m_data.empty());
        m_video = m_folder.file("clip.avi");
        cv::VideoWriter writer(m_video, cv::VideoWriter::fourcc('M', 'J', 'P', 'G'), 25, {320, 180});
        QVERIFY(writer.isOpened());
        for (int i = 0; i < 250; ++i) {
            cv::Mat3b frame(180, 320, cv::Vec3b::all(20));
            frame(cv::Rect(20 + i % 60, 40, 50, 50)).setTo(cv::Vec3b::all(220));
            frame(cv::Rect(220 - i % 60, 100, 50, 50)).setTo(cv::Vec3b::all(180));
            writer.write(frame);
        }
    }

    void init()
    {
        m_jobs = makeThreadedJobRunner();
        m_document = std::make_unique<Document>(*m_jobs, m_plugins.registry().formats);
        m_live = std::make_unique<LiveWorkspace>(*m_document, m_plugins.registry(), *m_jobs);
        m_live->setDetector([]() -> Result<std::unique_ptr<FaceDetector>> {
            return std::unique_ptr<FaceDetector>(std::make_unique<Squares>());
        });
        m_live->resize(1100, 700);
        m_live->show();
        QVERIFY(QTest::qWaitForWindowActive(m_live.get()));
        QVERIFY(!find<QPushButton>("live-start")->isEnabled()); // no dataset, no run
        m_document->open(QString::fromStdString(m_data));
        QTRY_VERIFY_WITH_TIMEOUT(find<QPushButton>("live-start")->isEnabled(), kTimeoutMs);
        m_live->setSource(QString::fromStdString(m_video));
    }
    void cleanup()
    {
        m_live.reset();
        m_document.reset();
        m_jobs.reset();
    }

    void correctedFacesJoinTheDataset()
    {
        QTest::mouseClick(find<QPushButton>("live-start"), Qt::LeftButton);
        QTRY_COMPARE_WITH_TIMEOUT(view()->moment().faces.size(), std::size_t{2}, kTimeoutMs);
        const int number = view()->moment().frame.number;
        QTRY_VERIFY_WITH_TIMEOUT(view()->moment().frame.number > number + 2, kTimeoutMs); // it plays
        QTest::keyClick(view(), Qt::Key_4);                                               // which of the two?
        QVERIFY(find<QListView>("live-captured")->model()->rowCount() == 0);
        QVERIFY(!find<QLabel>("live-message")->text().isEmpty());
        view()->setFocus();
        QTest::keyClick(view(), Qt::Key_Space);
        const int paused = view()->moment().frame.number;
        QTest::qWait(300);
        QCOMPARE(view()->moment().frame.number, paused);

        const LiveFace face = view()->moment().faces.front();
        QTest::mouseClick(view(), Qt::LeftButton, {}, centreOf(face.track));
        int sum = 0;
        for (const auto *bar : m_live->findChildren<QProgressBar *>())
            sum += bar->value();
        QVERIFY2(std::abs(sum - 100) <= 4, qPrintable(QString::number(sum)));
        QTest::keyClick(view(), Qt::Key_4);
        auto *joined = find<QListView>("live-captured")->model();
        QTRY_COMPARE_WITH_TIMEOUT(filesIn(m_data + "/train/happy").size(), std::size_t{2}, kTimeoutMs);
        QTRY_COMPARE(joined->rowCount(), 1);
        const auto json = readJsonFile(filesIn(m_data + "/train/happy").front());
        MASQUE_VERIFY(json);
        QVERIFY((*json)["flags"]["happy"].toBool());
        QCOMPARE((*json)["live"]["source"].toString(), m_video);
        QCOMPARE((*json)["live"]["time_s"].toDouble(), view()->moment().lookedAt.timeS);
        const auto crop = readImage(filesIn(m_data + "/train/happy").back());
        MASQUE_VERIFY(crop);
        QVERIFY(crop->rows == crop->cols && crop->at<cv::Vec3b>(crop->rows / 2, crop->cols / 2)[0] > 150);

        // Another key for the same face of the same moment corrects it.
        QTRY_VERIFY(find<QListView>("live-captured")->model()->index(0, 0).data(Qt::ToolTipRole).toString().size() > 0);
        QTest::keyClick(view(), Qt::Key_5);
        QTRY_COMPARE_WITH_TIMEOUT(filesIn(m_data + "/train/sad").size(), std::size_t{2}, kTimeoutMs);
        QTRY_VERIFY(filesIn(m_data + "/train/happy").empty());
        QCOMPARE(joined->rowCount(), 1);

        // Deleted, it is gone; the dataset lists what is left once Live is left.
        auto *list = find<QListView>("live-captured");
        list->setFocus();
        list->setCurrentIndex(joined->index(0, 0));
        QTRY_VERIFY(!joined->index(0, 0).data(Qt::ToolTipRole).toString().isEmpty());
        QTest::keyClick(list, Qt::Key_Delete);
        QVERIFY(filesIn(m_data + "/train/sad").empty());
        QCOMPARE(joined->rowCount(), 0);
        QTest::keyClick(view(), Qt::Key_6);
        QTRY_COMPARE_WITH_TIMEOUT(filesIn(m_data + "/train/surprise").size(), std::size_t{2}, kTimeoutMs);
        m_live->hide();
        QTRY_VERIFY_WITH_TIMEOUT(m_document->dataset() && m_document->dataset()->items.size() == 29, kTimeoutMs);
    }

    void endsAndStartsAgain()
    {
        auto *start = find<QPushButton>("live-start");
        start->click();
        QTRY_VERIFY_WITH_TIMEOUT(!view()->moment().frame.rgb.empty(), kTimeoutMs);
        start->click();
        QCOMPARE(start->text(), QStringLiteral("Start"));
        start->click();
        QTRY_COMPARE_WITH_TIMEOUT(view()->moment().faces.size(), std::size_t{2}, kTimeoutMs);
        QTRY_COMPARE_WITH_TIMEOUT(start->text(), QStringLiteral("Start"), kTimeoutMs); // the video ends
        start->click();
        m_live.reset(); // closed while it plays
    }

    void wrongSourcesAreNamed()
    {
        m_folder.write("text.mp4", "no video");
        m_live->setSource(QString::fromStdString(m_folder.file("text.mp4")));
        find<QPushButton>("live-start")->click();
        QTRY_VERIFY_WITH_TIMEOUT(find<QLabel>("live-message")->text().contains(QStringLiteral("no video")), kTimeoutMs);
        QVERIFY(find<QPushButton>("live-start")->isEnabled());
    }

    /// Corrections become a run of their own that recognises from then on, and back again by a click.
    void learnsAndSwaps()
    {
        auto *runs = find<QComboBox>("live-run");
        const QString before = runs->currentData().toString();
        find<QPushButton>("live-start")->click();
        QTRY_COMPARE_WITH_TIMEOUT(view()->moment().faces.size(), std::size_t{2}, kTimeoutMs);
        view()->setFocus();
        QTest::keyClick(view(), Qt::Key_Space);
        auto *joined = find<QListView>("live-captured")->model();
        for (const LiveFace &face : view()->moment().faces) {
            QTest::mouseClick(view(), Qt::LeftButton, {}, centreOf(face.track));
            QTest::keyClick(view(), Qt::Key_7);
        }
        QTRY_COMPARE_WITH_TIMEOUT(filesIn(m_data + "/train/neutral").size(), std::size_t{4}, kTimeoutMs);
        QCOMPARE(joined->rowCount(), 2);
        QTest::keyClick(view(), Qt::Key_Space);

        auto *learn = find<QPushButton>("live-learn"), *back = find<QPushButton>("live-back");
        QVERIFY(!back->isVisible());
        QTest::mouseClick(learn, Qt::LeftButton);
        QCOMPARE(learn->text(), QStringLiteral("Stop learning"));
        QTRY_VERIFY_WITH_TIMEOUT(back->isVisible(), kLearningMs);
        const QString learned = find<QLabel>("live-learned")->text();
        QVERIFY2(learned.contains(QRegularExpression(QStringLiteral("[01]\\.\\d{3} before, [01]\\.\\d{3} after"))),
                 qPrintable(learned));
        QTRY_VERIFY_WITH_TIMEOUT(runs->currentData().toString() != before, kTimeoutMs);
        const QString after = runs->currentData().toString();
        const auto run = readRun(after.toStdString());
        MASQUE_VERIFY(run);
        QCOMPARE(QString::fromStdString(run->parent), before);
        const auto *session = m_live->findChild<LiveSession *>();
        const auto recognises = [&](const QString &which) {
            return !session->isRunning() || session->run() == which.toStdString();
        };
        QTRY_VERIFY_WITH_TIMEOUT(recognises(after), kTimeoutMs);
        QTest::mouseClick(back, Qt::LeftButton);
        QCOMPARE(runs->currentData().toString(), before);
        QTRY_VERIFY_WITH_TIMEOUT(recognises(before), kTimeoutMs);
        QTest::mouseClick(back, Qt::LeftButton); // and once more to the new one
        QCOMPARE(runs->currentData().toString(), after);

        if (session->isRunning())
            find<QPushButton>("live-start")->click();
        QTest::mouseClick(learn, Qt::LeftButton);
        QTRY_VERIFY_WITH_TIMEOUT(find<QLabel>("live-message")->text().contains(QStringLiteral("is new to it")),
                                 kLearningMs);
        QCOMPARE(learn->text(), QStringLiteral("Learn from these faces"));
    }

    /// Asked for, faces of which the network is not sure wait for a class, also the next time.
    void unsureFacesWait()
    {
        find<QPushButton>("live-start")->click();
        QTRY_COMPARE_WITH_TIMEOUT(view()->moment().faces.size(), std::size_t{2}, kTimeoutMs);
        const auto *probabilities = &view()->moment().faces.front().probabilities;
        QVERIFY(*std::ranges::max_element(*probabilities) < 0.5F); // a network of one epoch
        const std::string waiting = m_data + "/.masque/uncertain";
        QVERIFY(filesIn(waiting).empty());
        QTest::mouseClick(find<QCheckBox>("live-uncertain"), Qt::LeftButton, {}, {8, 8});
        auto *list = find<QListView>("live-captured");
        QTRY_VERIFY_WITH_TIMEOUT(filesIn(waiting).size() >= 4, kTimeoutMs);
        find<QPushButton>("live-start")->click();
        const int count = list->model()->rowCount();
        QVERIFY(list->model()->index(0, 0).data().toString().endsWith(QLatin1Char('?')));
        cleanup();
        init();
        list = find<QListView>("live-captured");
        QTRY_COMPARE_WITH_TIMEOUT(list->model()->rowCount(), count, kTimeoutMs);

        const auto before = filesIn(m_data + "/train/disgust").size();
        list->setFocus();
        list->setCurrentIndex(list->model()->index(0, 0));
        QTest::keyClick(list, Qt::Key_2);
        QTRY_COMPARE_WITH_TIMEOUT(filesIn(m_data + "/train/disgust").size(), before + 2, kTimeoutMs);
        QTRY_COMPARE_WITH_TIMEOUT(filesIn(waiting).size(), std::size_t(2 * (count - 1)), kTimeoutMs);
        list->selectAll();
        QTest::keyClick(list, Qt::Key_Delete);
        QVERIFY(filesIn(waiting).empty());
    }

    void recordsAClip()
    {
        find<QPushButton>("live-start")->click();
        QTRY_COMPARE_WITH_TIMEOUT(view()->moment().faces.size(), std::size_t{2}, kTimeoutMs);
        choose("live-clip");
        auto *dialog = find<QFileDialog>("live-clip-dialog");
        QVERIFY(dialog);
        const std::string file = m_folder.file("recorded.avi");
        dialog->findChild<QLineEdit *>()->setText(QString::fromStdString(file));
        QTest::keyClick(dialog->findChild<QLineEdit *>(), Qt::Key_Return);
        const double from = view()->moment().frame.timeS;
        QTRY_VERIFY_WITH_TIMEOUT(view()->moment().frame.timeS > from + 1, kTimeoutMs);
        QVERIFY(!std::filesystem::exists(file));
        const double seconds = view()->moment().frame.timeS - from;
        choose("live-clip");
        QTRY_VERIFY_WITH_TIMEOUT(std::filesystem::exists(file), kTimeoutMs);
        cv::VideoCapture clip(file);
        int frames = 0;
        cv::Mat frame;
        for (; clip.read(frame); ++frames)
            QCOMPARE(frame.size(), cv::Size(320, 180));
        QVERIFY2(std::abs(frames - 25 * seconds) < 10, qPrintable(QStringLiteral("%1 of %2").arg(frames).arg(seconds)));
    }

    /// A source that changes its size, gives pictures of nothing, stalls and breaks off.
    void sourcesThatMisbehave()
    {
        LiveSession session(m_plugins.registry().models, *m_jobs);
        QSignalSpy stalled(&session, &LiveSession::stalled), ended(&session, &LiveSession::ended);
        std::vector<cv::Size> shown;
        connect(&session, &LiveSession::moment, this,
                [&](const LiveMoment &now) { shown.push_back(now.frame.rgb.size()); });
        session.start(
            m_data + "/.masque/runs/first",
            []() -> Result<std::unique_ptr<FrameSource>> { return std::unique_ptr<FrameSource>(new Moody); },
            []() -> Result<std::unique_ptr<FaceDetector>> { return std::unique_ptr<FaceDetector>(new Squares); });
        QTRY_COMPARE_WITH_TIMEOUT(ended.size(), 1, kTimeoutMs);
        QVERIFY(stalled.size() >= 1);
        QCOMPARE(ended.front().front().toString(), QStringLiteral("the cable was pulled"));
        QVERIFY(std::ranges::count(shown, cv::Size(320, 180)) > 0);
        QVERIFY(std::ranges::count(shown, cv::Size(64, 200)) > 0);
    }

    void recordsATable()
    {
        find<QPushButton>("live-start")->click();
        QTRY_COMPARE_WITH_TIMEOUT(view()->moment().faces.size(), std::size_t{2}, kTimeoutMs);
        choose("live-record");
        const double from = view()->moment().lookedAt.timeS;
        QTRY_VERIFY_WITH_TIMEOUT(view()->moment().lookedAt.timeS > from + 0.5, kTimeoutMs);
        choose("live-record");
        auto *dialog = find<QFileDialog>("live-table-dialog");
        QVERIFY(dialog);
        dialog->selectFile(QString::fromStdString(m_folder.file("table.csv")));
        dialog->findChild<QLineEdit *>()->setText(QString::fromStdString(m_folder.file("table.csv")));
        QTest::keyClick(dialog->findChild<QLineEdit *>(), Qt::Key_Return);
        QTRY_VERIFY_WITH_TIMEOUT(std::filesystem::exists(m_folder.file("table.csv")), kTimeoutMs);
        const auto table = readFile(m_folder.file("table.csv"));
        MASQUE_VERIFY(table);
        QVERIFY(table->starts_with("time_s,track,x,y,width,height,angry,disgust,fear,happy,sad,surprise,neutral\n"));
        QVERIFY(std::ranges::count(*table, '\n') > 2);
    }
};

QTEST_MAIN(TestLiveWorkspace)
#include "test_live_workspace.moc"
