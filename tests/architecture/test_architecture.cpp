// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/support.h"

#include <QDir>
#include <QDirIterator>
#include <QFile>
#include <QObject>
#include <QRegularExpression>
#include <QTextStream>

using namespace masque;

namespace {

/// A wall of the house: files whose path matches where, and not except, may have no line that matches forbidden; with
/// beside, only if another line of the same file matches that too.
struct Wall {
    const char *name;
    const char *where;
    const char *except;
    const char *forbidden;
    const char *beside;
    const char *breach; ///< a text that breaks it, to show that the wall holds
};

constexpr const char *kTorch = R"(^\s*#\s*include\s*[<"](torch|ATen|c10|caffe2)/)";
constexpr const char *kQt = R"(^\s*#\s*include\s*<(Q[A-Z]\w*|Qt\w*/.*|qt\w*\.h)>)";
constexpr const char *kAll = R"(^(core|studio|plugins|cli)/)";

const Wall kWalls[] = {
    {"torch in a header", R"(\.h$)", R"(^core/(models|training)/)", kTorch, "", "#include <torch/types.h>"},
    {"oneDNN outside its room", kAll, R"(^core/models/fast/)", R"(^\s*#\s*include\s*[<"](dnnl|oneapi)\b)", "",
     "#include <dnnl.hpp>"},
    {"the fast path knows the networks", R"(^core/models/fast/)", "", R"(^\s*#\s*include\s*"core/(?!(base|models/fast)/))", "",
     "#include \"core/models/Network.h\""},
    {"torch and Qt in one file", R"(\.cpp$)", "", kTorch, kQt, "#include <QString>\n#include <ATen/ATen.h>"},
    {"torch outside core and its networks", R"(^(studio|cli|plugins/(tools|formats))/)", "", kTorch, "",
     "#include <torch/torch.h>"},
    {"Qt in core", R"(^core/)", R"(^core/plugins/)", kQt, "", "#include <QtCore/qglobal.h>"},
    {"plugins know the studio", R"(^plugins/)", "", R"(^\s*#\s*include\s*"(studio|cli)/)", "",
     "#include \"studio/document/Document.h\""},
    {"core knows what stands on it", R"(^core/)", "", R"(^\s*#\s*include\s*"(studio|plugins|cli|tests)/)", "",
     "  #  include \"plugins/tools/x.h\""},
    {"torch in the image tower", R"(^core/(base|image|annotations|datasets)/)", "", kTorch, "", "#include <c10/x.h>"},
    {"images in the torch tower", R"(^core/(base|models|training)/)", "",
     R"(^\s*#\s*include\s*[<"](opencv2/|core/(image|annotations|datasets|runs|inference|plugins)/))", "",
     "#include \"core/image/image_file.h\""},
    {"annotations know datasets", R"(^core/(image|annotations)/)", "",
     R"(^\s*#\s*include\s*"core/(datasets|models|training|runs|inference|plugins)/)", "",
     "#include \"core/datasets/Dataset.h\""},
    {"nested event loops", kAll, "", R"(\b(processEvents|QEventLoop|BlockingQueuedConnection)\b)", "",
     "QCoreApplication::processEvents();"},
    // torch's tensors have a detach() of their own: variable_data() is the same without the word
    {"threads let loose", kAll, "", R"(\bdetach\s*\()", "", "std::thread(work).detach();"},
    {"QCustomPlot outside studio/plots", kAll, R"(^studio/plots/)", R"(qcustomplot\.h)", "",
     "#include <qcustomplot.h>"},
    {"Qt's keywords", kAll, R"(^studio/plots/)", R"(^\s*(public |private |protected )?(slots|signals)\s*:|\bemit\s+\w)",
     "", "public slots:"},
};

QString withoutComment(const QString &line)
{
    static const QRegularExpression comment(R"((^|\s)//.*$)");
    return QString(line).remove(comment);
}

/// Lines of text that break the wall, as "line: text".
QStringList breaches(const Wall &wall, const QString &text)
{
    const QRegularExpression forbidden(wall.forbidden), beside(wall.beside);
    QStringList found;
    bool isBeside = *wall.beside == '\0';
    int number = 0;
    for (const QString &raw : text.split('\n')) {
        ++number;
        const QString line = withoutComment(raw);
        isBeside = isBeside || beside.match(line).hasMatch();
        if (forbidden.match(line).hasMatch())
            found << QString("%1: %2").arg(number).arg(line.trimmed());
    }
    return isBeside ? found : QStringList();
}

bool applies(const Wall &wall, const QString &path)
{
    return QRegularExpression(wall.where).match(path).hasMatch()
           && (*wall.except == '\0' || !QRegularExpression(wall.except).match(path).hasMatch());
}

/// Every source of the program: path relative to the project, text.
const QList<std::pair<QString, QString>> &sources()
{
    static const auto read = [] {
        QList<std::pair<QString, QString>> files;
        const QDir root(MASQUE_SOURCE_DIR);
        for (const char *folder : {"core", "studio", "plugins", "cli"}) {
            QDirIterator it(root.filePath(folder), {"*.h", "*.cpp"}, QDir::Files, QDirIterator::Subdirectories);
            while (it.hasNext()) {
                QFile file(it.next());
                if (file.open(QIODevice::ReadOnly))
                    files.append({root.relativeFilePath(file.fileName()), QString::fromUtf8(file.readAll())});
            }
        }
        return files;
    }();
    return read;
}

} // namespace

class ArchitectureTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void wallsStand_data()
    {
        QTest::addColumn<int>("index");
        for (int i = 0; i < static_cast<int>(std::size(kWalls)); ++i)
            QTest::newRow(kWalls[i].name) << i;
    }
    void wallsStand()
    {
        QFETCH(int, index);
        const Wall &wall = kWalls[index];
        QVERIFY2(!breaches(wall, wall.breach).isEmpty(), "the rule does not see what it forbids");
        QVERIFY(QRegularExpression(wall.where).isValid() && QRegularExpression(wall.except).isValid());

        QStringList broken;
        int files = 0;
        for (const auto &[path, text] : sources()) {
            if (!applies(wall, path))
                continue;
            ++files;
            for (const QString &line : breaches(wall, text))
                broken << path + ":" + line;
        }
        QVERIFY2(files > 0, "the rule looks at no file");
        QVERIFY2(broken.isEmpty(), qPrintable("\n  " + broken.join("\n  ")));
    }

    void everySourceSaysItsLicence()
    {
        QStringList without;
        for (const auto &[path, text] : sources())
            if (!text.startsWith("// SPDX-License-Identifier: GPL-3.0-or-later\n"))
                without << path;
        QVERIFY2(without.isEmpty(), qPrintable(without.join(", ")));
    }
};

QTEST_GUILESS_MAIN(ArchitectureTest)
#include "test_architecture.moc"
