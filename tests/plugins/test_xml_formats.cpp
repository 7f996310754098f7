// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/files.h"
#include "plugins/formats/cvat_shapes.h"
#include "tests/plugins/formats.h"

#include <filesystem>

namespace fs = std::filesystem;
using namespace masque;

namespace {

/// One image of CVAT with a shape of each kind, as its exporter writes them.
const char *const kCvat = R"(<?xml version="1.0" encoding="utf-8"?>
<annotations>
  <version>1.1</version>
  <meta><task><labels>
    <label><name>car</name><color>#ff8000</color></label>
    <label><name>lane</name></label>
  </labels></task></meta>
  <image id="7" name="a.png" subset="Validation" width="8" height="6">
    <tag label="night" source="manual"/>
    <polygon label="car" source="manual" points="1.0,1.5;3,1;3,3" z_order="2" occluded="1" group_id="4">
      <attribute name="parked">true</attribute>
      <attribute name="colour">red</attribute>
    </polygon>
    <box label="car" xtl="1" ytl="2" xbr="4.5" ybr="5"/>
    <box label="car" xtl="1" ytl="2" xbr="5" ybr="4" rotation="90"/>
    <polyline label="lane" points="0,0;7,5"/>
    <points label="lane" points="2,2"/>
    <points label="lane" points="1,2;3,4"/>
    <ellipse label="car" cx="4" cy="3" rx="2" ry="2"/>
    <ellipse label="car" cx="4" cy="3" rx="3" ry="1" rotation="30"/>
    <mask label="car" rle="1, 2, 1, 2" left="2" top="1" width="3" height="2"/>
    <cuboid label="car" xtl1="1" ytl1="1" xbl1="1" ybl1="2"/>
  </image>
</annotations>
)";

const char *const kVoc = R"(<annotation><folder>x</folder><filename>a.jpg</filename><size><width>8</width>
<height>6</height><depth>3</depth></size><segmented>0</segmented>
<object><name>cat</name><pose>Left</pose><truncated>1</truncated><difficult>0</difficult>
 <bndbox><xmin>1</xmin><ymin>2</ymin><xmax>3</xmax><ymax>4.5</ymax></bndbox>
 <part><name>head</name><bndbox><xmin>1</xmin><ymin>2</ymin><xmax>2</xmax><ymax>3</ymax></bndbox></part></object>
<object><name>two words</name><bndbox><xmin>5</xmin><ymin>1</ymin><xmax>8</xmax><ymax>6</ymax></bndbox></object>
</annotation>)";

Result<Annotation> onlyAnnotation(const TestFolder &folder, const std::string &format)
{
    const auto dataset = openDataset(folder.path(), builtinFormats());
    if (!dataset)
        return dataset.error();
    if (dataset->format != format || dataset->items.size() != 1)
        return Error{ErrorCode::Data, "is " + dataset->format, ""};
    return readAnnotation(*dataset, dataset->items.front());
}

} // namespace

/// CVAT's and Pascal VOC's XML as other tools write it.
class TestXmlFormats : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void cvatShapes()
    {
        TestFolder folder;
        folder.write("images/a.png", tinyPng());
        folder.write("annotations.xml", kCvat);
        const auto dataset = openDataset(folder.path(), builtinFormats());
        MASQUE_VERIFY(dataset);
        QCOMPARE(dataset->labels.names(), (std::vector<std::string>{"_background_", "car", "lane"}));
        QCOMPARE(dataset->labels[1].color, (Color{255, 128, 0}));
        QCOMPARE(dataset->items.front().split, Split::Val);
        const auto read = onlyAnnotation(folder, "cvat");
        MASQUE_VERIFY(read);
        QCOMPARE(read->flags, (Flags{{"night", true}}));
        const auto &shapes = read->shapes;
        QCOMPARE(shapes.size(), std::size_t{10});
        QCOMPARE(shapes[0].points, (std::vector<Point>{{1, 2}, {4.5, 5}}));
        QCOMPARE(shapes[1].type, ShapeType::OrientedRectangle); // about its centre, clockwise as y goes down
        QVERIFY(std::abs(shapes[1].points[0].x - 4) < 1e-9 && std::abs(shapes[1].points[0].y - 1) < 1e-9);
        QCOMPARE(shapes[2].type, ShapeType::LineStrip);
        QCOMPARE(shapes[3].type, ShapeType::PointShape);
        QCOMPARE(shapes[4].type, ShapeType::Other);
        QCOMPARE(shapes[5].type, ShapeType::Circle);
        QCOMPARE(shapes[6].type, ShapeType::Polygon);
        QCOMPARE(shapes[7].mask->box, (Rect{3, 1, 2, 2})); // the left column is not set
        QCOMPARE(cv::countNonZero(shapes[7].mask->bits), 4);
        const Shape &top = shapes[9]; // by its z_order
        QCOMPARE(top.groupId, std::optional<std::int64_t>(4));
        QCOMPARE(top.flags, (Flags{{"occluded", true}, {"parked", true}}));

        // Written again it is the same, the cuboid and the turned shapes included.
        const CvatFormat format;
        MASQUE_VERIFY(format.write(*dataset, folder.file("out"), {}, {}));
        const auto again = readFile(folder.file("out/annotations.xml"));
        MASQUE_VERIFY(again);
        for (const char *text : {"rotation=\"90\"", "rx=\"3\" ry=\"1\" rotation=\"30\"", "<cuboid",
                                 "points=\"1,2;3,4\"", "name=\"colour\">red", "z_order=\"2\"", "group_id=\"4\"",
                                 "occluded=\"1\"", "rle=\"0, 4\" left=\"3\"", "#ff8000", "<tag label=\"night\""})
            QVERIFY2(again->find(text) != std::string::npos, text);
        const auto written = openDataset(folder.file("out"), builtinFormats());
        MASQUE_VERIFY(written);
        QCOMPARE(written->format, std::string("cvat"));
        const auto back = readAnnotation(*written, written->items.front());
        MASQUE_VERIFY(back);
        for (std::size_t i = 0; i < shapes.size(); ++i)
            QVERIFY2(sameContent(back->shapes[i], shapes[i]), qPrintable(QString::number(i)));
    }

    void wrongCvat_data()
    {
        QTest::addColumn<QString>("shape");
        QTest::addColumn<QString>("what");
        const auto row = [](const char *name, const char *shape, const char *what) {
            QTest::newRow(name) << QString(shape) << QString(what);
        };
        row("two points", "<polygon label='car' points='1,2;3,4'/>", "at least 3");
        row("no number", "<box label='car' xtl='1' ytl='x' xbr='2' ybr='2'/>", "ytl");
        row("NaN", "<box label='car' xtl='nan' ytl='1' xbr='2' ybr='2'/>", "xtl");
        row("huge", "<polyline label='car' points='1e300,2;3,4'/>", "points");
        row("runs too long", "<mask label='car' rle='1, 200' left='0' top='0' width='4' height='4'/>", "rle");
        row("no pixel", "<mask label='car' rle='16' left='0' top='0' width='4' height='4'/>", "rle");
        row("gigantic", "<mask label='car' rle='1' left='0' top='0' width='999999' height='999999'/>", "width");
    }
    void wrongCvat()
    {
        QFETCH(QString, shape);
        QFETCH(QString, what);
        TestFolder folder;
        folder.write("a.png", tinyPng());
        folder.write("annotations.xml", "<annotations><image name='a.png' width='8' height='6'>" + shape.toStdString()
                                            + "</image></annotations>");
        const auto read = onlyAnnotation(folder, "cvat");
        QVERIFY(!read);
        QVERIFY2(read.error().message.find(what.toStdString()) != std::string::npos, read.error().message.c_str());
        QVERIFY2(read.error().message.find("a.png") != std::string::npos, read.error().message.c_str());
    }

    void vocBesideImages_data()
    {
        QTest::addColumn<QString>("xml");
        QTest::newRow("the devkit") << "Annotations/a.xml";
        QTest::newRow("labelImg") << "JPEGImages/a.xml";
    }
    void vocBesideImages()
    {
        QFETCH(QString, xml);
        TestFolder folder;
        folder.write("JPEGImages/a.png", tinyPng());
        folder.write(xml.toStdString(), kVoc);
        folder.write("ImageSets/Main/val.txt", "a\n");
        const auto read = onlyAnnotation(folder, "voc");
        MASQUE_VERIFY(read);
        QCOMPARE(read->shapes.size(), std::size_t{2});
        QCOMPARE(read->shapes[0].points, (std::vector<Point>{{0, 1}, {3, 4.5}})); // from 1, the last pixel included
        QCOMPARE(read->shapes[0].flags, (Flags{{"difficult", false}, {"truncated", true}}));
        QCOMPARE(read->shapes[1].label, std::string("two words"));
        const auto dataset = openDataset(folder.path(), builtinFormats());
        MASQUE_VERIFY(dataset);
        QCOMPARE(dataset->items.front().split, Split::Val);
        MASQUE_VERIFY(VocFormat().write(*dataset, folder.file("out"), {}, {}));
        const auto text = readFile(folder.file("out/Annotations/a.xml"));
        MASQUE_VERIFY(text);
        for (const char *part : {"<pose>Left</pose>", "<truncated>1</truncated>", "<difficult>0</difficult>",
                                 "<xmin>1</xmin>", "<ymax>4.5</ymax>", "<name>head</name>", "<name>two words</name>"})
            QVERIFY2(text->find(part) != std::string::npos, part);
        QVERIFY(!fs::exists(folder.file("out/SegmentationClass"))); // boxes alone are no masks
    }

    void wrongVoc_data()
    {
        QTest::addColumn<QString>("object");
        QTest::addColumn<QString>("what");
        QTest::newRow("no box") << "<name>cat</name>"
                                << "bndbox";
        QTest::newRow("no class") << "<bndbox><xmin>1</xmin></bndbox>"
                                  << "name";
        QTest::newRow("no number")
            << "<name>cat</name><bndbox><xmin>x</xmin><ymin>1</ymin><xmax>2</xmax><ymax>2</ymax></bndbox>"
            << "bndbox";
    }
    void wrongVoc()
    {
        QFETCH(QString, object);
        QFETCH(QString, what);
        TestFolder folder;
        folder.write("a.png", tinyPng());
        folder.write("a.xml", "<annotation><size/><object>" + object.toStdString() + "</object></annotation>");
        const auto read = onlyAnnotation(folder, "voc");
        QVERIFY(!read);
        QVERIFY2(read.error().message.find(what.toStdString()) != std::string::npos, read.error().message.c_str());
        QVERIFY2(read.error().message.find("a.xml") != std::string::npos, read.error().message.c_str());
    }

    void brokenXml()
    {
        QVERIFY(!parseXml("<annotation><object>", "x.xml"));
        QVERIFY(!parseXml("", "x.xml"));
        std::string deep;
        for (int i = 0; i < 100000; ++i)
            deep += "<a>";
        QVERIFY(!parseXml(deep, "x.xml"));
        for (int i = 0; i < 100000; ++i)
            deep += "</a>";
        QVERIFY(!parseXml(deep, "x.xml"));
        // Entities of a file's own are not expanded: no bomb, no other file.
        const auto bomb =
            parseXml("<!DOCTYPE a [<!ENTITY b \"xxxx\"><!ENTITY c SYSTEM \"/etc/passwd\">]><a>&b;&c;</a>", "x.xml");
        MASQUE_VERIFY(bomb);
        QCOMPARE(std::string((*bomb)->child("a").text().as_string()), std::string("&b;&c;"));
    }

    void otherLayoutsAreRefused_data()
    {
        QTest::addColumn<QStringList>("files");
        QTest::addColumn<QString>("what");
        QTest::newRow("ADE20K full") << QStringList{"training/a/1.jpg", "training/a/1_atr.txt"} << "ADE20K";
        QTest::newRow("CelebA") << QStringList{"Img/1.png", "Anno/list_attr_celeba.txt"} << "CelebA";
        QTest::newRow("Mapillary") << QStringList{"train/images/1.png", "config_v2.0.json"} << "Mapillary";
        QTest::newRow("CreateML") << QStringList{"train/1.png", "train/_annotations.createml.json"} << "CreateML";
        QTest::newRow("KITTI") << QStringList{"training/image_2/1.png", "training/instance/1.png"} << "KITTI";
    }
    void otherLayoutsAreRefused()
    {
        QFETCH(QStringList, files);
        QFETCH(QString, what);
        TestFolder folder;
        for (const auto &file : files)
            folder.write(file.toStdString(), file.endsWith(".png") || file.endsWith(".jpg") ? tinyPng() : "{}");
        const auto dataset = openDataset(folder.path(), builtinFormats());
        QVERIFY(!dataset);
        QVERIFY2(dataset.error().message.find(what.toStdString()) != std::string::npos,
                 dataset.error().message.c_str());
        folder.write("masque.json", R"({"format": "labelme"})"); // as the sentence says
        MASQUE_VERIFY(openDataset(folder.path(), builtinFormats()));
    }
};

QTEST_GUILESS_MAIN(TestXmlFormats)
#include "test_xml_formats.moc"
