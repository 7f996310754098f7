// SPDX-License-Identifier: GPL-3.0-or-later
#include "studio/canvas/ImageView.h"
#include "studio/canvas/LabelLayer.h"
#include "studio/canvas/compose.h"

#include <QSignalSpy>
#include <QTest>

using namespace masque;

class TestCanvas : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void transformsRoundTrip_data();
    void transformsRoundTrip();
    void zoomKeepsTheAnchor();
    void fitsAndStaysFitted();
    void clampsToTheImage();
    void layerEqualsTheRasteriser();
    void layerShowsTheFirstClassWithoutBackground();
    void halvesKeepThinShapes();
    void showsCrispPixels();
    void scrolledFrameEqualsFreshOne_data();
    void scrolledFrameEqualsFreshOne();
    void strokeCoversAndErases();
    void linksViews();
};

namespace {

ImageLevels noise(int width, int height)
{
    cv::Mat image(height, width, CV_8UC3);
    cv::randu(image, 0, 255);
    return buildImageLevels(image).value();
}

Annotation shapes()
{
    Annotation annotation;
    annotation.shapes.push_back({.label = "car", .points = {{10, 10}, {1500, 40}, {900, 1300}}});
    annotation.shapes.push_back({.label = "tree", .type = ShapeType::Rectangle, .points = {{700, 200}, {1100, 1200}}});
    return annotation;
}

/// A grid that outlives the call, made anew for every annotation.
LabelLayer::Source sourceOf(const Annotation &annotation, const LabelSet &labels)
{
    static ShapeGrid grid;
    grid.reset();
    grid.update(annotation, {2000, 2000}, {});
    return {annotation, labels, grid, [](const Shape &) { return true; }};
}

} // namespace

void TestCanvas::transformsRoundTrip_data()
{
    QTest::addColumn<double>("scale");
    QTest::newRow("5 %") << 0.05;
    QTest::newRow("100 %") << 1.0;
    QTest::newRow("1730 %") << 17.3;
}

void TestCanvas::transformsRoundTrip()
{
    QFETCH(double, scale);
    Viewport viewport;
    viewport.setWidgetSize({801, 600});
    viewport.setImageSize({1000, 700});
    viewport.setState({scale, {400, 300}, false});
    const QPointF there = viewport.imageFromWidget(QPointF(13, 577));
    const QPointF back = viewport.widgetFromImage(there);
    QVERIFY(qAbs(back.x() - 13) < 1e-9 && qAbs(back.y() - 577) < 1e-9);
    QCOMPARE(viewport.widgetFromImage(QPointF(400, 300)), QPointF(400.5, 300));
}

void TestCanvas::zoomKeepsTheAnchor()
{
    Viewport viewport;
    viewport.setWidgetSize({800, 600});
    viewport.setImageSize({1000, 700});
    const QPointF anchor(200, 150);
    const QPointF before = viewport.imageFromWidget(anchor);
    viewport.zoomTo(viewport.scale() * 1.1, anchor);
    const QPointF after = viewport.imageFromWidget(anchor);
    QVERIFY((before - after).manhattanLength() < 1e-9);
    QVERIFY(!viewport.state().isFitted);
}

void TestCanvas::fitsAndStaysFitted()
{
    Viewport viewport;
    viewport.setWidgetSize({416, 316});
    viewport.setImageSize({1000, 500});
    QCOMPARE(viewport.scale(), 0.4); // 8 pixels of margin
    viewport.setWidgetSize({816, 616});
    QCOMPARE(viewport.scale(), 0.8);
    viewport.scrollBy({10, 0});
    viewport.setWidgetSize({416, 316});
    QCOMPARE(viewport.scale(), 0.8);
}

void TestCanvas::clampsToTheImage()
{
    Viewport viewport;
    viewport.setWidgetSize({100, 100});
    viewport.setImageSize({50, 50});
    viewport.scrollBy({1e6, -1e6});
    QCOMPARE(viewport.state().centre, QPointF(0, 50));
    viewport.zoomTo(1e9, {50, 50});
    QCOMPARE(viewport.scale(), Viewport::kMaxScale);
    QCOMPARE(viewport.imagePixels(QRectF(-9999, -9999, 19999, 19999)), (Rect{0, 0, 50, 50}));
}

void TestCanvas::layerEqualsTheRasteriser()
{
    const LabelSet labels({"_background_", "car", "tree"});
    const Size size{1700, 1400}; // several tiles
    Annotation annotation = shapes();
    LabelLayer layer;
    layer.reset(size);
    const Rect all{0, 0, size.width, size.height};
    while (!layer.isClean(all)) // slice by slice
        QVERIFY(!layer.refresh(sourceOf(annotation, labels), all, 0.01).isEmpty());
    QVERIFY(cv::norm(layer.level(0), rasterise(annotation, labels, size), cv::NORM_INF) == 0);

    const Rect old = annotation.shapes[1].bounds();
    annotation.shapes[1].points[1] = {1000, 900};
    layer.invalidate(old.united(annotation.shapes[1].bounds()));
    layer.refresh(sourceOf(annotation, labels), all, 1e9);
    QVERIFY(layer.isClean(all));
    QVERIFY(cv::norm(layer.level(0), rasterise(annotation, labels, size), cv::NORM_INF) == 0);
    QVERIFY(layer.refresh(sourceOf(annotation, labels), all, 1e9).isEmpty());
}

void TestCanvas::layerShowsTheFirstClassWithoutBackground()
{
    const LabelSet labels({"car", "tree"});
    LabelLayer layer;
    layer.reset({1700, 1400});
    layer.refresh(sourceOf(shapes(), labels), {0, 0, 1700, 1400}, 1e9);
    QCOMPARE(layer.level(0)(60, 700), std::uint8_t{1});
    QCOMPARE(layer.level(0)(500, 800), std::uint8_t{2});
    QCOMPARE(layer.level(0)(1300, 10), std::uint8_t{0});
}

void TestCanvas::halvesKeepThinShapes()
{
    const LabelSet labels({"_background_", "car"});
    Annotation annotation;
    annotation.shapes.push_back({.label = "car", .type = ShapeType::Rectangle, .points = {{301, 0}, {301, 2000}}});
    LabelLayer layer;
    layer.reset({2049, 2049});
    layer.refresh(sourceOf(annotation, labels), {0, 0, 2049, 2049}, 1e9);
    QVERIFY(layer.levelCount() >= 2);
    for (int k = 0; k < layer.levelCount(); ++k)
        QCOMPARE(layer.level(k)(5, 301 >> k), std::uint8_t{1});
}

void TestCanvas::showsCrispPixels()
{
    cv::Mat image(2, 2, CV_8UC3);
    image.at<cv::Vec3b>(0, 0) = {255, 0, 0};
    image.at<cv::Vec3b>(0, 1) = {0, 255, 0};
    image.at<cv::Vec3b>(1, 0) = {0, 0, 255};
    image.at<cv::Vec3b>(1, 1) = {9, 9, 9};
    const ImageLevels levels = buildImageLevels(image).value();
    Viewport viewport;
    viewport.setWidgetSize({40, 40});
    viewport.setImageSize({2, 2});
    viewport.setState({10, {1, 1}, false});
    QImage frame(40, 40, QImage::Format_RGB32);
    composeFrame(frame, frame.rect(), frameMap(viewport, 1), &levels, qRgb(1, 2, 3), nullptr);
    QCOMPARE(frame.pixel(9, 20), qRgb(1, 2, 3));
    QCOMPARE(frame.pixel(10, 10), qRgb(255, 0, 0));
    QCOMPARE(frame.pixel(19, 19), qRgb(255, 0, 0));
    QCOMPARE(frame.pixel(20, 19), qRgb(0, 255, 0));
    QCOMPARE(frame.pixel(19, 20), qRgb(0, 0, 255));
    QCOMPARE(frame.pixel(29, 29), qRgb(9, 9, 9));
    QCOMPARE(frame.pixel(30, 29), qRgb(1, 2, 3));
}

void TestCanvas::scrolledFrameEqualsFreshOne_data()
{
    QTest::addColumn<double>("scale");
    QTest::addColumn<QPoint>("delta");
    QTest::newRow("small, right and down") << 0.13 << QPoint(17, 5);
    QTest::newRow("small, left and up") << 0.37 << QPoint(-31, -64);
    QTest::newRow("smooth") << 1.7 << QPoint(40, -3);
    QTest::newRow("crisp") << 6.3 << QPoint(-8, 90);
}

void TestCanvas::scrolledFrameEqualsFreshOne()
{
    QFETCH(double, scale);
    QFETCH(QPoint, delta);
    const ImageLevels image = noise(3000, 2000);
    Viewport viewport;
    viewport.setWidgetSize({300, 200});
    viewport.setImageSize({3000, 2000});
    viewport.setState({scale, {1500.3, 999.7}, false});
    QImage moved(300, 200, QImage::Format_RGB32), fresh(300, 200, QImage::Format_RGB32);
    composeFrame(moved, moved.rect(), frameMap(viewport, 1), &image, 0, nullptr);
    viewport.scrollBy(delta);
    scrollFrame(moved, delta);
    for (const QRect &part : QRegion(moved.rect()) - moved.rect().translated(delta))
        composeFrame(moved, part, frameMap(viewport, 1), &image, 0, nullptr);
    composeFrame(fresh, fresh.rect(), frameMap(viewport, 1), &image, 0, nullptr);
    int worst = 0; // OpenCV interpolates in 1/32 pixel, and the strips begin elsewhere
    for (int y = 0; y < 200; ++y)
        for (int x = 0; x < 300; ++x)
            worst = std::max(worst, std::abs(qGreen(moved.pixel(x, y)) - qGreen(fresh.pixel(x, y))));
    QVERIFY2(worst <= (scale >= 2 ? 0 : 24), qPrintable(QString::number(worst)));
}

void TestCanvas::strokeCoversAndErases()
{
    const LabelSet labels({"_background_", "car", "tree"});
    const ImageLevels image = buildImageLevels(cv::Mat(20, 20, CV_8UC3, cv::Scalar(0, 0, 0))).value();
    Annotation annotation;
    annotation.shapes.push_back({.label = "car", .type = ShapeType::Rectangle, .points = {{0, 0}, {19, 19}}});
    LabelLayer layer;
    layer.reset({20, 20});
    layer.refresh(sourceOf(annotation, labels), {0, 0, 20, 20}, 1e9);
    const Mask stroke{{5, 5, 4, 4}, cv::Mat1b(4, 4, std::uint8_t{1})};
    LabelPaint paint{layer, {}, 1.0, 1.0, &stroke, {0, 2, 1}}; // by the stroke's bits
    paint.colors[1] = qRgb(200, 0, 0);
    paint.colors[2] = qRgb(0, 200, 0);
    Viewport viewport;
    viewport.setWidgetSize({20, 20});
    viewport.setImageSize({20, 20});
    viewport.setState({1, {10, 10}, false});
    QImage frame(20, 20, QImage::Format_RGB32);
    composeFrame(frame, frame.rect(), frameMap(viewport, 1), &image, 0, &paint);
    QCOMPARE(frame.pixel(15, 15), qRgb(200, 0, 0));
    QCOMPARE(frame.pixel(6, 6), qRgb(0, 200, 0));
    paint.strokeValues[1] = 0;
    composeFrame(frame, frame.rect(), frameMap(viewport, 1), &image, 0, &paint);
    QCOMPARE(frame.pixel(7, 7), qRgb(0, 0, 0));
}

void TestCanvas::linksViews()
{
    ImageView first, second;
    QImage image(200, 100, QImage::Format_RGB888);
    image.fill(Qt::red);
    for (ImageView *view : {&first, &second}) {
        view->resize(view == &first ? QSize(300, 300) : QSize(500, 200));
        view->setImage(image);
        view->show();
        QVERIFY(QTest::qWaitForWindowExposed(view));
    }
    connect(&first, &ImageView::viewportChanged, &second, &ImageView::setViewport);
    QSignalSpy echoes(&second, &ImageView::viewportChanged);
    QWheelEvent wheel({100, 100}, {100, 100}, {}, {0, 120}, Qt::NoButton, Qt::ControlModifier, Qt::NoScrollPhase,
                      false);
    QCoreApplication::sendEvent(&first, &wheel);
    QVERIFY(!first.viewportState().isFitted);
    QCOMPARE(second.viewportState(), first.viewportState());
    QVERIFY(echoes.isEmpty());
    QCOMPARE(QImage(first.grab().toImage()).pixelColor(150, 150), QColor(Qt::red));
}

QTEST_MAIN(TestCanvas)
#include "test_canvas.moc"
