// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/annotations/dialects.h"
#include "core/annotations/labelme.h"
#include "core/annotations/rasterise.h"
#include "tests/support/support.h"

#include <QProcess>

using namespace masque;

/// Who opens which LabelMe file, by the programs' own rules, and the variant that all open.
class TestDialects : public QObject {
    Q_OBJECT

    static Annotation fromText(const std::string &text)
    {
        auto json = Json::parse(text);
        return json ? labelMeFromJson(std::move(*json), "a.json").value_or(Annotation()) : Annotation();
    }
    static std::string document(const std::string &shapes,
                                const std::string &more = R"("imagePath": "a.png", "imageData": null, )")
    {
        return R"({"version": "5.1.1", "flags": {}, )" + more + R"("imageHeight": 40, "imageWidth": 50, "shapes": [)"
               + shapes + "]}";
    }
    static QStringList readersThatRefuse(const Annotation &annotation, const std::optional<Size> &size = {})
    {
        QStringList names;
        for (const auto &refusal : refusals(annotation, size))
            if (const auto name = QString::fromStdString(std::string(readerName(refusal.reader)));
                !names.contains(name))
                names << name;
        return names;
    }

private Q_SLOTS:
    void who_data()
    {
        QTest::addColumn<QString>("shape");
        QTest::addColumn<QString>("refusing");
        const QString old = "labelme 5.0 to 5.3", later = "labelme 5.4 to 5.11", six = "labelme 6", seven = "labelme 7",
                      other = "X-AnyLabeling";
        const auto row = [](const char *name, const char *shape, const QStringList &refusing) {
            QTest::newRow(name) << shape << refusing.join(", ");
        };
        row("polygon", R"({"label": "a", "points": [[1, 1], [9, 1], [9, 9]], "shape_type": "polygon", "flags": {}})",
            {});
        row("rectangle", R"({"label": "a", "points": [[1, 1], [9, 9]], "shape_type": "rectangle", "flags": {}})", {});
        row("rectangle of 4",
            R"({"label": "a", "points": [[1, 1], [9, 1], [9, 9], [1, 9]], "shape_type": "rectangle"})",
            {old, later, six, seven});
        row("rotation", R"({"label": "a", "points": [[5, 1], [9, 5], [5, 9], [1, 5]], "shape_type": "rotation"})",
            {old, later, six, seven});
        row("oriented",
            R"({"label": "a", "points": [[5, 1], [9, 5], [5, 9], [1, 5]], "shape_type": "oriented_rectangle"})",
            {old, later, other});
        row("quadrilateral",
            R"({"label": "a", "points": [[5, 1], [9, 5], [5, 9], [1, 5]], "shape_type": "quadrilateral"})",
            {old, later, six, seven});
        row("cuboid", R"({"label": "a", "points": [[5, 1], [9, 5], [5, 9], [1, 5], [3, 3]], "shape_type": "cuboid"})",
            {old, later, six, seven});
        row("mask", "", {old, other});
        row("null flags",
            R"({"label": "a", "points": [[1, 1], [9, 1], [9, 9]], "shape_type": "polygon", "flags": null})",
            {old, later});
        row("no type", R"({"label": "a", "points": [[1, 1], [9, 1], [9, 9]]})", {six, seven});
    }
    void who()
    {
        QFETCH(QString, shape);
        QFETCH(QString, refusing);
        Annotation annotation = fromText(document(shape.toStdString()));
        if (shape.isEmpty()) {
            annotation.shapes.push_back({.label = "a", .type = ShapeType::Mask});
            annotation.shapes.back().mask =
                std::make_shared<const Mask>(Mask{{2, 3, 3, 3}, cv::Mat1b(3, 3, std::uint8_t{1})});
        }
        QCOMPARE(annotation.shapes.size(), std::size_t{1});
        QCOMPARE(readersThatRefuse(annotation).join(", "), refusing);
        if (!refusing.isEmpty())
            QVERIFY(refusals(annotation)[0].field.starts_with("shapes[0]."));
        VariantLoss loss;
        const Annotation plain = acceptedByAll(annotation, loss);
        QCOMPARE(readersThatRefuse(plain), QStringList());
        QVERIFY(!loss.isLoss());
        // What is written is refused by nobody either, and says the same pixels.
        const auto again = fromText(labelMeText(plain).value_or(""));
        QCOMPARE(readersThatRefuse(again), QStringList());
        if (shape.contains("cuboid"))
            return; // which has no pixels
        const LabelSet labels({std::string(kBackgroundName), "a"});
        const cv::Mat1b was = rasterise(annotation, labels, Size{50, 40}), is = rasterise(again, labels, Size{50, 40});
        QCOMPARE(cv::countNonZero(was != is), 0);
    }

    void ofTheFile()
    {
        const Annotation bare = fromText(document("", ""));
        QCOMPARE(readersThatRefuse(bare).size(), 4); // labelme's, for want of imagePath and imageData
        VariantLoss loss;
        QCOMPARE(readersThatRefuse(acceptedByAll(bare, loss)), QStringList());
        const Annotation sized = fromText(document(""));
        QCOMPARE(readersThatRefuse(sized, Size{50, 40}), QStringList());
        QCOMPARE(readersThatRefuse(sized, Size{51, 40}), (QStringList{"labelme 6", "labelme 7"}));
        QCOMPARE(readersThatRefuse(acceptedByAll(sized, loss, Size{51, 40}), Size{51, 40}), QStringList());
        QVERIFY(!loss.isChange());
    }

    void whatIsUntouchedStays()
    {
        const std::string text = document(R"({"label": "a", "points": [[1, 1], [9.50, 1e0], [9, 9]], "group_id": null,
            "shape_type": "polygon", "flags": {}, "score": 0.5})");
        const Annotation annotation = fromText(text);
        VariantLoss loss;
        QCOMPARE(labelMeText(acceptedByAll(annotation, loss)).value_or(""), labelMeText(annotation).value_or("?"));
        QVERIFY(!loss.isChange());
    }

    /// labelme itself, where it is installed: its LabelFile class and its Shape take the variant for all.
    void labelmeItself()
    {
        if (QProcess::execute("/usr/bin/python3", {"-c", "import labelme.label_file, labelme.shape"}) != 0)
            QSKIP("python3 with labelme is not installed");
        const TestFolder folder;
        Annotation annotation = fromText(document(
            R"({"label": "r", "points": [[5, 1], [9, 5], [5, 9], [1, 5]], "shape_type": "rotation", "flags": null},
               {"label": "q", "points": [[1, 1], [9, 1], [9, 9], [1, 9]], "shape_type": "rectangle"})"));
        annotation.shapes.push_back({.label = "m", .type = ShapeType::Mask});
        annotation.shapes.back().mask =
            std::make_shared<const Mask>(Mask{{2, 3, 6, 6}, cv::Mat1b(6, 6, std::uint8_t{1})});
        QCOMPARE(annotation.shapes.size(), std::size_t{3});
        MASQUE_VERIFY(writeImage(folder.file("a.png"), cv::Mat3b(40, 50)));
        MASQUE_VERIFY(writeLabelMe(folder.file("full.json"), annotation));
        VariantLoss loss;
        MASQUE_VERIFY(writeLabelMe(folder.file("all.json"), acceptedByAll(annotation, loss)));
        const auto opens = [&](const char *name) {
            const QString script = QStringLiteral(
                "import sys\n"
                "from labelme.label_file import LabelFile\n"
                "from labelme.shape import Shape\n"
                "for s in LabelFile(sys.argv[1]).shapes:\n"
                "    shape = Shape(label=s['label'], shape_type=s['shape_type'], group_id=s['group_id'])\n"
                "    flags = {}\n"
                "    flags.update(s['flags'])\n"
                "    assert s['shape_type'] != 'rectangle' or len(s['points']) == 2\n");
            QProcess python;
            python.start("/usr/bin/python3", {"-c", script, QString::fromStdString(folder.file(name))});
            python.waitForFinished(60000);
            return python.exitCode() == 0;
        };
        QVERIFY(!opens("full.json"));
        QVERIFY(opens("all.json"));
    }
};

QTEST_GUILESS_MAIN(TestDialects)
#include "test_dialects.moc"
