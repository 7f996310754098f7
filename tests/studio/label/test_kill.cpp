// SPDX-License-Identifier: GPL-3.0-or-later
// A scripted user is killed at random moments; everything that was finished must be there afterwards.
// MASQUE_KILLS says how often (a few by default).
#include "core/annotations/labelme.h"
#include "core/base/files.h"
#include "tests/studio/label/kill_script.h"
#include "tests/support/Victim.h"

#include <QApplication>

#include <cstring>
#include <filesystem>
#include <sstream>

#include <unistd.h>

using namespace masque;
namespace fs = std::filesystem;

namespace {

/// The states of one image in the order of its history.
struct Model {
    std::vector<std::set<int>> states{{}};
    std::size_t index = 0;

    void apply(const std::string &op, int cell)
    {
        if (op == "undo")
            --index;
        else if (op == "redo")
            ++index;
        else {
            std::set<int> next = states[index];
            if (op == "paint")
                next.insert(cell);
            else if (op == "erase")
                next.erase(cell);
            else
                next.clear();
            states.resize(index + 1);
            states.push_back(next);
            ++index;
        }
    }
    const std::set<int> &now() const { return states[index]; }
};

struct Operation {
    int image = -1;
    std::string name;
    int cell = -1;
};

} // namespace

class TestKill : public QObject {
    Q_OBJECT
public:
    explicit TestKill(std::string program) : m_program(std::move(program)) {}

private Q_SLOTS:
    void nothingFinishedIsLost();

private:
    void round(const LabelFixture &data, int number);
    void take(const std::string &line);
    void verify(const std::string &folder);

    std::string m_program;
    Model m_models[kImages];
    std::optional<Operation> m_pending;
    Random m_random{20261125};
    int m_finished = 0, m_saves = 0, m_recovered = 0, m_soonAfter = 0, m_during = 0;
};

void TestKill::take(const std::string &line)
{
    if (line == "e") {
        QVERIFY(m_pending);
        m_models[m_pending->image].apply(m_pending->name, m_pending->cell);
        m_pending.reset();
        ++m_finished;
    } else if (line == "s") {
        ++m_saves;
    } else {
        Operation operation;
        std::string b;
        std::istringstream in(line);
        in >> b >> operation.image >> operation.name;
        in >> operation.cell;
        QVERIFY2(b == "b" && operation.image >= 0 && operation.image < kImages, line.c_str());
        m_pending = operation;
    }
}

void TestKill::round(const LabelFixture &data, int number)
{
    Victim victim({m_program, "--paint", data.path().toStdString(), std::to_string(m_random.next())});
    QElapsedTimer alive;
    bool hasBegun = false;
    const auto listen = [&](int ms) {
        const auto line = victim.line(ms);
        if (line) {
            take(*line);
            if (!hasBegun)
                alive.start();
            hasBegun = true;
        }
        return line;
    };
    QVERIFY2(listen(30000), "the scripted user did not begin");
    if (number % 2 == 0) { // any time
        const int life = m_random.below(3000);
        while (alive.elapsed() < life)
            listen(life - static_cast<int>(alive.elapsed()));
    } else { // soon after a stroke's end or a save
        const std::string awaited = number % 4 == 1 ? "e" : "s";
        int skip = awaited == "e" ? m_random.below(25) : m_random.below(2);
        for (;;) {
            const auto line = listen(30000);
            QVERIFY2(line, "the scripted user fell silent");
            if (*line == awaited && skip-- == 0)
                break;
        }
        QElapsedTimer since;
        since.start();
        const int delay = m_random.below(300);
        while (since.elapsed() < delay)
            listen(delay - static_cast<int>(since.elapsed()));
        ++m_soonAfter;
    }
    victim.kill();
    QVERIFY(victim.wasKilled());
    while (listen(0)) { // what it told before it died
    }
    m_during += m_pending.has_value();

    for (const auto &entry : fs::directory_iterator(data.path().toStdString()))
        if (entry.path().extension() == ".json") {
            const auto read = readLabelMe(entry.path().string());
            QVERIFY2(read, "a torn file");
        }
    // Looked at in a copy, so that the next user starts from what the kill left.
    const TestFolder copy;
    fs::copy(data.path().toStdString(), copy.file("photos"), fs::copy_options::recursive);
    verify(copy.file("photos"));
}

void TestKill::verify(const std::string &folder)
{
    const auto jobs = makeSynchronousJobRunner();
    Document document(*jobs, LabelFixture::formats());
    document.open(QString::fromStdString(folder));
    QVERIFY2(!document.hasConflict(), qPrintable(document.saveError()));
    m_recovered += document.notice().contains(QStringLiteral("Recovered"));
    for (int image = 0; image < kImages; ++image) {
        document.setCurrentIndex(image);
        QVERIFY(document.isLoaded());
        Model &model = m_models[image];
        const std::set<int> found = paintedCells(document.annotation());
        const auto index = static_cast<std::size_t>(document.undoStack()->index());
        if (m_pending && m_pending->image == image) { // it may have got through or not
            Model after = model;
            after.apply(m_pending->name, m_pending->cell);
            if (found == after.now() && index == after.index)
                model = after;
        }
        QCOMPARE(index, model.index);
        QCOMPARE(found.size(), model.now().size());
        QVERIFY(found == model.now());
        QVERIFY(static_cast<std::size_t>(document.undoStack()->count()) + 1 == model.states.size());
    }
    m_pending.reset();
    QVERIFY2(document.saveAndWait(), qPrintable(document.saveError()));
}

void TestKill::nothingFinishedIsLost()
{
    const LabelFixture data(kImages);
    const int kills = qEnvironmentVariableIsSet("MASQUE_KILLS") ? qEnvironmentVariableIntValue("MASQUE_KILLS") : 10;
    for (int number = 0; number < kills; ++number) {
        round(data, number);
        if (QTest::currentTestFailed())
            qFatal("at kill %d", number);
    }
    qInfo("%d kills (%d within 300 ms of a stroke's end or a save, %d in the middle of a step): %d steps finished, "
          "%d saves; %d restarts had something to recover; nothing lost",
          kills, m_soonAfter, m_during, m_finished, m_saves, m_recovered);
    QVERIFY(m_finished > kills);
    QVERIFY(m_recovered > 0);

    // And back to the very first stroke.
    const auto jobs = makeSynchronousJobRunner();
    Document document(*jobs, LabelFixture::formats());
    document.open(data.path());
    for (int image = 0; image < kImages; ++image) {
        document.setCurrentIndex(image);
        Model &model = m_models[image];
        while (document.undoStack()->canUndo()) {
            QVERIFY(paintedCells(document.annotation()) == model.now());
            document.undo();
            --model.index;
        }
        QCOMPARE(model.index, std::size_t{0});
        QVERIFY(document.annotation().shapes.empty());
    }
}

int main(int argc, char **argv)
{
    QApplication app(argc, argv);
    if (argc == 4 && std::strcmp(argv[1], "--paint") == 0) {
        QTimer::singleShot(60000, &app, [] { ::_exit(4); }); // nobody came to kill it
        KillScript script(QString::fromUtf8(argv[2]), std::stoull(argv[3]));
        return QApplication::exec();
    }
    if (!qEnvironmentVariableIsSet("QTEST_FUNCTION_TIMEOUT"))
        qputenv("QTEST_FUNCTION_TIMEOUT", "3600000"); // Qt's five minutes are not enough for 200 kills
    TestKill test(fs::canonical("/proc/self/exe").string());
    return QTest::qExec(&test, argc, argv);
}

#include "test_kill.moc"
