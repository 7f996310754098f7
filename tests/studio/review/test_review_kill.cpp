// SPDX-License-Identifier: GPL-3.0-or-later
// A prediction of many images and a review are killed at random moments; what was told as done must be there.
// MASQUE_KILLS says how often (a few by default).
#include "core/runs/run.h"
#include "studio/canvas/CanvasWidget.h"
#include "studio/panels/LabelWorkspace.h"
#include "studio/review/ReviewQueue.h"
#include "tests/core/runs/small_run.h"
#include "tests/studio/review/ReviewFixture.h"
#include "tests/support/Victim.h"
#include "tests/support/datasets.h"

#include <QApplication>
#include <QTest>
#include <QTimer>

#include <cstring>
#include <filesystem>
#include <sstream>

using namespace masque;
namespace fs = std::filesystem;

namespace {

constexpr int kImages = 3, kPerImage = 8;

int kills()
{
    return qEnvironmentVariableIsSet("MASQUE_KILLS") ? qEnvironmentVariableIntValue("MASQUE_KILLS") : 6;
}

void say(const std::string &line)
{
    const std::string text = line + "\n";
    if (::write(STDOUT_FILENO, text.data(), text.size()) < 0)
        ::_exit(5);
}

/// Places of the regions of every image: a row of squares.
cv::Rect squareOf(int k)
{
    return {4 + k % 4 * 15, 4 + k / 4 * 22, 9, 9};
}

/// Accepts and keeps in turn, telling "IMAGE X Y accept|keep" after each.
class Reviewer : public QObject {
public:
    Reviewer(const QString &folder, std::uint64_t seed)
        : m_random(seed), m_jobs(makeThreadedJobRunner()), m_plugins(LabelFixture::plugins()),
          m_document(*m_jobs, m_plugins.formats), m_workspace(m_document, m_plugins, *m_jobs),
          m_queue(m_workspace.findChild<ReviewQueue *>())
    {
        m_workspace.show();
        connect(&m_timer, &QTimer::timeout, this, &Reviewer::step);
        m_timer.start(5);
        m_document.open(folder);
    }

private:
    void step()
    {
        if (m_queue->currentRegion() == nullptr || !m_workspace.isActiveWindow()) // a key would not be heard
            return;
        auto *canvas = m_workspace.findChild<CanvasWidget *>(QStringLiteral("canvas"));
        const int image = m_document.currentIndex();
        const Rect box = m_queue->currentRegion()->pixels->box;
        const bool accepts = m_random.chance(0.6);
        const auto steps = m_document.undoStack()->index();
        QTest::keyClick(canvas, accepts ? Qt::Key_Y : Qt::Key_N);
        if (m_document.currentIndex() == image && m_document.undoStack()->index() == steps)
            return; // nothing was decided, so nothing is told
        say(std::to_string(image) + " " + std::to_string(box.x + box.width / 2) + " "
            + std::to_string(box.y + box.height / 2) + (accepts ? " accept" : " keep"));
    }

    Random m_random;
    std::unique_ptr<JobRunner> m_jobs;
    PluginRegistry m_plugins;
    Document m_document;
    LabelWorkspace m_workspace;
    ReviewQueue *m_queue;
    QTimer m_timer;
};

int predict(const std::string &folder, const std::string &run)
{
    auto predictor = Predictor::load(run, kModels);
    const DemoData data = openIndexed(folder);
    if (!predictor || !data.dataset)
        return 3;
    std::vector<std::size_t> items;
    for (std::size_t i = 0; i < data.dataset->items.size(); ++i)
        items.push_back(i);
    for (;;)
        if (!proposeAll(*predictor, *data.dataset, items, {}, [&](std::size_t item, const Result<void> &done) {
                if (done)
                    say(data.dataset->items[item].image);
            }))
            return 3;
}

} // namespace

class TestReviewKill : public QObject {
    Q_OBJECT
public:
    explicit TestReviewKill(std::string program) : m_program(std::move(program)) {}

private Q_SLOTS:
    void aPredictionKeepsWhatWasDone()
    {
        const TestFolder folder;
        const DemoData data = makeDemo(folder, 8);
        QVERIFY(data.dataset);
        const auto run = executeRun({data.dataset, data.summaries, smallOptions()}, kModels, {}, {});
        MASQUE_VERIFY(run);
        Random random(1);
        std::set<std::string> told;
        for (int number = 0; number < kills(); ++number) {
            Victim victim({m_program, "--predict", data.dataset->root, run->folder});
            QVERIFY2(victim.line(60000), "it did not begin");
            const int life = 100 + random.below(1200);
            QElapsedTimer alive;
            alive.start();
            while (alive.elapsed() < life)
                if (const auto line = victim.line(life - static_cast<int>(alive.elapsed())))
                    told.insert(*line);
            victim.kill();
            QVERIFY(victim.wasKilled());
            while (const auto line = victim.line(0))
                told.insert(*line);
            for (const std::string &image : told)
                MASQUE_VERIFY(readProposal(proposalFile(data.dataset->root, image)));
            for (const std::string &image : imagesWithProposal(data.dataset->root)) // told or not: whole
                MASQUE_VERIFY(readProposal(proposalFile(data.dataset->root, image)));
        }
        QVERIFY(!told.empty());
        qInfo("%d kills, %zu images told as predicted: all there and whole", kills(), told.size());
    }

    void aReviewKeepsWhatWasDecided()
    {
        int decided = 0;
        for (int number = 0; number < kills(); ++number) {
            const LabelFixture data(kImages);
            Random random(static_cast<std::uint64_t>(number) + 7);
            for (int i = 0; i < kImages; ++i) {
                std::vector<Patch> patches;
                for (int k = 0; k < kPerImage; ++k)
                    patches.push_back({squareOf(k), 1 + random.below(2), 100 + 5 * random.below(30)});
                writeProposal(data, "image" + std::to_string(i + 1) + ".png", patches);
            }
            Victim victim({m_program, "--review", data.path().toStdString(), std::to_string(random.next())});
            std::vector<std::string> lines;
            const int wanted = 1 + random.below(kImages * kPerImage - 2);
            while (static_cast<int>(lines.size()) < wanted) {
                const auto line = victim.line(30000);
                QVERIFY2(line, "the reviewer fell silent");
                lines.push_back(*line);
            }
            QTest::qWait(random.below(40));
            victim.kill();
            QVERIFY(victim.wasKilled());
            while (const auto line = victim.line(0))
                lines.push_back(*line);

            const auto jobs = makeSynchronousJobRunner();
            Document document(*jobs, LabelFixture::formats());
            document.open(data.path());
            for (const std::string &line : lines) {
                std::istringstream in(line);
                int image = -1, x = 0, y = 0;
                std::string what;
                in >> image >> x >> y >> what;
                document.setCurrentIndex(image);
                QVERIFY(document.isLoaded());
                const Annotation &annotation = document.annotation();
                const auto stored = readProposal(
                    proposalFile(data.path().toStdString(), document.dataset()->items[std::size_t(image)].image));
                MASQUE_VERIFY(stored);
                const auto ids = rasterise(annotation, LabelSet(kReviewClasses), kReviewImage);
                if (what == "accept") {
                    QCOMPARE(int(ids(y, x)), int(stored->proposal.ids(y, x)));
                } else {
                    QCOMPARE(int(ids(y, x)), 0);
                    const Mask *kept = annotation.kept.get();
                    QVERIFY2(kept && kept->box.contains(x, y) && kept->bits(y - kept->box.y, x - kept->box.x),
                             line.c_str());
                }
                ++decided;
            }
        }
        qInfo("%d kills, %d decisions told as done: all there", kills(), decided);
    }

private:
    std::string m_program;
};

int main(int argc, char **argv)
{
    if (argc == 4 && std::strcmp(argv[1], "--predict") == 0) {
        ::alarm(60); // nobody came to kill it
        return predict(argv[2], argv[3]);
    }
    QApplication app(argc, argv);
    if (argc == 4 && std::strcmp(argv[1], "--review") == 0) {
        QTimer::singleShot(60000, &app, [] { ::_exit(4); });
        Reviewer reviewer(QString::fromUtf8(argv[2]), std::stoull(argv[3]));
        return QApplication::exec();
    }
    TestReviewKill test(fs::canonical("/proc/self/exe").string());
    return QTest::qExec(&test, argc, argv);
}

#include "test_review_kill.moc"
