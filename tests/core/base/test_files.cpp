// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/files.h"

#include "tests/support/support.h"

#include <QDir>
#include <QObject>

#include <csignal>
#include <filesystem>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

using namespace masque;
namespace fs = std::filesystem;

namespace {

/// While it lives no file of this process can grow over maxBytes: what a full disk looks like to a writer.
class FullDisk {
public:
    explicit FullDisk(rlim_t maxBytes)
    {
        m_oldHandler = std::signal(SIGXFSZ, SIG_IGN);
        ::getrlimit(RLIMIT_FSIZE, &m_old);
        rlimit limit = m_old;
        limit.rlim_cur = maxBytes;
        ::setrlimit(RLIMIT_FSIZE, &limit);
    }
    ~FullDisk()
    {
        ::setrlimit(RLIMIT_FSIZE, &m_old);
        std::signal(SIGXFSZ, m_oldHandler);
    }

private:
    rlimit m_old{};
    void (*m_oldHandler)(int) = nullptr;
};

int entries(const TestFolder &folder)
{
    return static_cast<int>(QDir(QString::fromStdString(folder.path()))
                                .entryList(QDir::AllEntries | QDir::Hidden | QDir::NoDotAndDotDot)
                                .size());
}

} // namespace

class FilesTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void writesAndReplaces()
    {
        TestFolder folder;
        const auto path = folder.file("a.json");
        MASQUE_VERIFY(writeFileAtomically(path, "one"));
        MASQUE_VERIFY(writeFileAtomically(path, std::string("t\0wo", 4)));
        QCOMPARE(*readFile(path), std::string("t\0wo", 4));
        QCOMPARE(entries(folder), 1);
    }

    void keepsTheMode()
    {
        TestFolder folder;
        const auto path = folder.write("a.json", "one");
        QCOMPARE(::chmod(path.c_str(), 0640), 0);
        MASQUE_VERIFY(writeFileAtomically(path, "two"));
        struct stat info {};
        QCOMPARE(::stat(path.c_str(), &info), 0);
        QCOMPARE(info.st_mode & 07777, mode_t{0640});
    }

    void writesThroughSymbolicLinks()
    {
        TestFolder folder;
        const auto real = folder.write("real/a.json", "one");
        fs::create_symlink("real/a.json", folder.file("link.json"));
        fs::create_symlink("real/new.json", folder.file("dangling.json"));
        MASQUE_VERIFY(writeFileAtomically(folder.file("link.json"), "two"));
        MASQUE_VERIFY(writeFileAtomically(folder.file("dangling.json"), "new"));
        QVERIFY(fs::is_symlink(folder.file("link.json")));
        QCOMPARE(*readFile(real), std::string("two"));
        QCOMPARE(readFile(folder.file("real/new.json")).value_or(""), std::string("new"));
        fs::create_symlink("circle.json", folder.file("circle.json"));
        QVERIFY(!writeFileAtomically(folder.file("circle.json"), "x"));
    }

    void aFullDiskLosesNothing()
    {
        TestFolder folder;
        const auto path = folder.write("a.json", "precious");
        {
            FullDisk full(4096);
            const auto result = writeFileAtomically(path, std::string(1 << 20, 'x'));
            QVERIFY(!result);
            QVERIFY2(result.error().message.find(path) == 0, result.error().message.c_str());
            QVERIFY(result.error().code == ErrorCode::Io);
        }
        QCOMPARE(*readFile(path), std::string("precious"));
        QCOMPARE(entries(folder), 1); // the temporary file is gone
        MASQUE_VERIFY(writeFileAtomically(path, "again"));
    }

    void placesThatCannotBeWritten_data()
    {
        QTest::addColumn<QByteArray>("relative");
        QTest::newRow("folder missing") << QByteArray("none/a.json");
        QTest::newRow("a file where a folder is needed") << QByteArray("file/a.json");
        QTest::newRow("the target is a folder") << QByteArray("folder");
        QTest::newRow("name too long") << QByteArray(300, 'x');
    }
    void placesThatCannotBeWritten()
    {
        QFETCH(QByteArray, relative);
        TestFolder folder;
        folder.write("file", "");
        MASQUE_VERIFY(makeFolder(folder.file("folder")));
        const auto path = folder.file(relative.toStdString());
        const auto result = writeFileAtomically(path, "x");
        QVERIFY(!result);
        QVERIFY2(result.error().message.find(path) == 0, result.error().message.c_str());
        QCOMPARE(entries(folder), 2);
    }

    void aFolderWithoutWritePermission()
    {
        if (::geteuid() == 0)
            QSKIP("root may write everywhere");
        TestFolder folder;
        const auto path = folder.write("locked/a.json", "one");
        QCOMPARE(::chmod(folder.file("locked").c_str(), 0555), 0);
        const bool writable = isWritableFolder(folder.file("locked"));
        const auto result = writeFileAtomically(path, "two");
        ::chmod(folder.file("locked").c_str(), 0755);
        QVERIFY(!writable && !result);
        QCOMPARE(*readFile(path), std::string("one"));
    }

    void aProtectedFileStaysAsItIs()
    {
        if (::geteuid() == 0)
            QSKIP("root may write everywhere");
        TestFolder folder;
        const auto path = folder.write("a.json", "one");
        QCOMPARE(::chmod(path.c_str(), 0444), 0);
        QVERIFY(!writeFileAtomically(path, "two"));
        QCOMPARE(*readFile(path), std::string("one"));
    }

    void readingRefuses()
    {
        TestFolder folder;
        const auto path = folder.write("a.bin", std::string(1000, 'x'));
        QCOMPARE(readFile(path)->size(), std::size_t{1000});
        QVERIFY(!readFile(path, 999));
        QVERIFY(!readFile(folder.path()));
        QVERIFY(!readFile(folder.file("none")));
        QVERIFY(readFile(folder.file("none")).error().message.find("none") != std::string::npos);
    }

    void appendsWholeLines()
    {
        TestFolder folder;
        const auto path = folder.file("log.jsonl");
        QVERIFY(appendLine(path, "{}").has_value());
        QVERIFY(appendLine(path, "[1]").has_value());
        QCOMPARE(*readFile(path), std::string("{}\n[1]\n"));
        QVERIFY(!appendLine(folder.file("none/log"), "x"));
    }

    void foldersAndTheirProbe()
    {
        TestFolder folder;
        MASQUE_VERIFY(makeFolder(folder.file("a/b/c")));
        QVERIFY(isWritableFolder(folder.file("a/b/c")));
        QVERIFY(!isWritableFolder(folder.file("none")));
        folder.write("file", "");
        QVERIFY(!makeFolder(folder.file("file/x")));
        QCOMPARE(entries(folder), 2);
    }
};

QTEST_GUILESS_MAIN(FilesTest)
#include "test_files.moc"
