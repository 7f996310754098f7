// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/datasets/listing.h"

#include "core/datasets/class_list.h"
#include "tests/support/support.h"

#include <QElapsedTimer>

#include <filesystem>
#include <fstream>
#include <sys/stat.h>

namespace fs = std::filesystem;
using namespace masque;
using Files = std::vector<std::string>;

class TestListing : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void naturalOrderAndHiddenFolders()
    {
        TestFolder folder;
        for (const auto *name :
             {"a10.jpg", "a2.jpg", "b/1.png", "b/.hidden.png", ".masque/x.png", ".git/y.png", "B.txt"})
            folder.write(name, "x");
        QCOMPARE(listFolder(folder.path()).files, (Files{"a2.jpg", "a10.jpg", "B.txt", "b/1.png"}));
    }

    void linksAndPipes()
    {
        TestFolder folder, elsewhere;
        folder.write("a/1.png", "x");
        elsewhere.write("2.png", "x");
        fs::create_directory_symlink(folder.path(), folder.file("a/loop"));
        fs::create_directory_symlink("..", folder.file("a/up"));
        fs::create_directory_symlink("/", folder.file("a/everything"));
        fs::create_directory_symlink(folder.file("a"), folder.file("same"));
        fs::create_directory_symlink(elsewhere.path(), folder.file("there"));
        fs::create_directory_symlink(elsewhere.path(), folder.file("there too"));
        fs::create_symlink(folder.file("nowhere.png"), folder.file("dangling.png"));
        fs::create_symlink(folder.file("a/1.png"), folder.file("linked.png"));
        QCOMPARE(::mkfifo(folder.file("pipe.png").c_str(), 0600), 0);
        auto files = listFolder(folder.path()).files;
        QVERIFY(std::erase(files, "there/2.png") + std::erase(files, "there too/2.png") == 1); // whichever comes first
        QCOMPARE(files, (Files{"a/1.png", "linked.png"}));
    }

    void unreadableFolderIsAProblem()
    {
        if (::geteuid() == 0)
            QSKIP("root reads everything");
        TestFolder folder;
        folder.write("a/1.png", "x");
        fs::permissions(folder.file("a"), fs::perms::none);
        const auto listing = listFolder(folder.path());
        fs::permissions(folder.file("a"), fs::perms::owner_all);
        QCOMPARE(listing.problems.size(), std::size_t{1});
    }

    void twentyThousandFiles()
    {
        TestFolder folder;
        for (int i = 0; i < 20; ++i)
            fs::create_directory(folder.file("set " + std::to_string(i)));
        for (int i = 0; i < 20000; ++i)
            std::ofstream(folder.file("set " + std::to_string(i % 20) + "/IMG_" + std::to_string(i) + ".jpg"));
        QElapsedTimer timer;
        timer.start();
        const auto listing = listFolder(folder.path());
        const auto elapsed = timer.elapsed();
        qInfo("20,000 files are listed in %lld ms", static_cast<long long>(elapsed));
        QCOMPARE(listing.files.size(), std::size_t{20000});
        QCOMPARE(listing.files.front(), std::string("set 0/IMG_0.jpg"));
        QVERIFY(elapsed < 10000); // far above what it takes: the machine may be busy
    }

    void pathParts()
    {
        QCOMPARE(withoutExtension("a.b/c.d.png"), std::string("a.b/c.d"));
        QCOMPARE(withoutExtension("a.b/c"), std::string("a.b/c"));
        QCOMPARE(foldersOf("a/b/c.png"), (Files{"a", "b"}));
        QCOMPARE(foldersOf("c.png"), Files{});
        QCOMPARE(splitOfPath("x/val/a.png"), Split::Val);
        QCOMPARE(splitOfPath("train/test/a.png"), Split::Test);
        QCOMPARE(splitOfPath("train.png"), Split::None);
        const auto item = itemFor("Test/a.b.png");
        QCOMPARE(item.json, std::string("Test/a.b.json"));
        QCOMPARE(item.split, Split::Test);
    }

    void classLists_data()
    {
        QTest::addColumn<QString>("file");
        QTest::addColumn<QByteArray>("text");
        QTest::addColumn<QStringList>("lines"); // name|id|colour
        QTest::newRow("names") << "c.txt" << QByteArray("car\npotted plant\n\n 3 trees \r\n")
                               << QStringList{"car||", "potted plant||", "3 trees||"};
        QTest::newRow("ids") << "c.txt" << QByteArray("0 sky\n2 traffic sign\n")
                             << QStringList{"sky|0|", "traffic sign|2|"};
        QTest::newRow("ids and a table") << "c.txt" << QByteArray("0,sky\n1,tree\n")
                                         << QStringList{"sky|0|", "tree|1|"};
        QTest::newRow("colour first") << "c.txt" << QByteArray("64 128 64\tAnimal\n192 0 128\tArch way\n")
                                      << QStringList{"Animal||408040", "Arch way||c00080"};
        QTest::newRow("colour last") << "c.csv" << QByteArray("name,r,g,b\nroad,1,2,3\n") << QStringList{"road||10203"};
        QTest::newRow("byte order mark") << "c.txt"
                                         << QByteArray("\xef\xbb\xbf"
                                                       "car\n")
                                         << QStringList{"car||"};
        QTest::newRow("empty") << "c.txt" << QByteArray() << QStringList{};
    }
    void classLists()
    {
        QFETCH(QString, file);
        QFETCH(QByteArray, text);
        QFETCH(QStringList, lines);
        TestFolder folder;
        const auto read = readClassList(folder.write(file.toStdString(), text.toStdString()));
        MASQUE_VERIFY(read);
        QStringList found;
        for (const auto &line : *read)
            found << QString("%1|%2|%3")
                         .arg(QString::fromStdString(line.name), line.id ? QString::number(*line.id) : QString(),
                              line.color ? QString::number(*line.color, 16) : QString());
        QCOMPARE(found, lines);
    }
};

QTEST_GUILESS_MAIN(TestListing)
#include "test_listing.moc"
