// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/studio/label/WorkspaceTest.h"

#include <QComboBox>
#include <QLabel>
#include <QPushButton>
#include <QSlider>

#include <opencv2/imgproc.hpp>

using namespace masque;

/// How the picture is shown without being changed: its brightness and channels.
class TestDisplay : public WorkspaceTest {
    Q_OBJECT
private Q_SLOTS:
    void init() { setUp(); }
    void cleanup() { tearDown(); }
    void neutralChangesNothing();
    void tonesGoWhereTheyShould();
    void showsOneChannel();
    void slidersChangeThePictureOnly();
    void doubleClickResetsASlider();
    void marksWhatIsNotNeutral();
    void staysOverImagesAndResetsByKey();
    void keepsTheMouseToItself();

private:
    template <typename Control>
    Control *find(const char *name) const
    {
        auto *control = m_workspace->findChild<Control *>(QLatin1String(name));
        if (!control)
            qFatal("there is no %s", name);
        return control;
    }
    void open() { QTest::keyClick(m_canvas, Qt::Key_D, Qt::ControlModifier | Qt::AltModifier); }
    int grey(double x, double y) { return settled(*m_canvas).pixelColor(at(x, y)).red(); }
};

void TestDisplay::neutralChangesNothing()
{
    const LookTable table = lookTable({});
    for (std::size_t i = 0; i < 256; ++i)
        QCOMPARE(std::size_t{table.tones[i]}, i);
}

void TestDisplay::tonesGoWhereTheyShould()
{
    const auto tone = [](const DisplayLook &look, std::size_t of) { return int(lookTable(look).tones[of]); };
    QCOMPARE(tone({.brightness = 20}, 100), 151);
    QCOMPARE(tone({.brightness = -100}, 255), 0);
    QCOMPARE(tone({.contrast = -100}, 200), 128);
    QCOMPARE(tone({.contrast = 100}, 120), 0);
    QCOMPARE(tone({.contrast = 100}, 135), 255);
    QCOMPARE(tone({.gamma = 2}, 64), 128);
    for (const DisplayLook &look : {DisplayLook{.contrast = 40}, DisplayLook{.gamma = 0.5}}) { // the order stays
        const LookTable table = lookTable(look);
        QVERIFY(std::is_sorted(table.tones.begin(), table.tones.end()));
    }
}

void TestDisplay::showsOneChannel()
{
    const cv::Mat3b image(1, 1, cv::Vec3b(10, 120, 230));
    const std::pair<Channels, int> expected[] = {
        {Channels::Red, 10}, {Channels::Green, 120}, {Channels::Blue, 230}, {Channels::Luminance, 100}};
    for (const auto &[channels, value] : expected) {
        cv::Mat pixels = image.clone();
        applyLook(lookTable({.channels = channels}), pixels);
        QCOMPARE(pixels.at<cv::Vec3b>(0, 0), cv::Vec3b::all(static_cast<uchar>(value)));
    }
    cv::Mat pixels = image.clone();
    applyLook(lookTable({}), pixels);
    QCOMPARE(pixels.at<cv::Vec3b>(0, 0), image(0, 0));
}

void TestDisplay::slidersChangeThePictureOnly()
{
    QCOMPARE(grey(30, 20), 40);
    const cv::Mat before = m_document->image().clone();
    open();
    auto *slider = find<QSlider>("display-brightness");
    QVERIFY(slider->isVisible() && slider->hasFocus());
    QTest::keyClick(slider, Qt::Key_PageUp); // 10 of 100
    QCOMPARE(grey(30, 20), 66);
    QTest::keyClick(find<QComboBox>("display-channels"), Qt::Key_Down);
    QCOMPARE(m_canvas->displayLook().channels, Channels::Red);
    QCOMPARE(cv::norm(m_document->image(), before, cv::NORM_INF), 0.0);
    QCOMPARE(m_document->undoStack()->count(), 0);
    QTest::mouseClick(find<QPushButton>("display-reset"), Qt::LeftButton);
    QVERIFY(m_canvas->displayLook().isNeutral());
    QCOMPARE(slider->value(), 0);
    QCOMPARE(grey(30, 20), 40);
}

void TestDisplay::doubleClickResetsASlider()
{
    open();
    auto *contrast = find<QSlider>("display-contrast");
    find<QSlider>("display-gamma")->setValue(50);
    contrast->setValue(30);
    QTest::mouseDClick(contrast, Qt::LeftButton, {}, QPoint(20, contrast->height() / 2));
    QCOMPARE(contrast->value(), 0);
    QCOMPARE(m_canvas->displayLook().gamma, 2.0);
}

void TestDisplay::marksWhatIsNotNeutral()
{
    auto *mark = find<QToolButton>("display-mark");
    auto *panel = find<QWidget>("display-panel");
    QVERIFY(!mark->isVisible() && !panel->isVisible());
    open();
    find<QSlider>("display-gamma")->setValue(50);
    QVERIFY(panel->isVisible() && !mark->isVisible());
    QTest::keyClick(find<QSlider>("display-gamma"), Qt::Key_Escape);
    QVERIFY(!panel->isVisible() && mark->isVisible());
    QVERIFY(m_canvas->hasFocus() && !action("show-display")->isChecked());
    QVERIFY(m_canvas->rect().contains(mark->geometry()));
    QTest::mouseClick(mark, Qt::LeftButton);
    QVERIFY(panel->isVisible() && !mark->isVisible() && action("show-display")->isChecked());
    m_workspace->resize(1000, 600);
    QVERIFY(m_canvas->rect().contains(panel->geometry()));
}

void TestDisplay::staysOverImagesAndResetsByKey()
{
    m_canvas->setDisplayLook({.brightness = 40});
    QTest::keyClick(m_canvas, Qt::Key_D);
    QCOMPARE(m_document->currentIndex(), 1);
    QCOMPARE(grey(30, 20), 50 + 102);
    QTest::keyClick(m_canvas, Qt::Key_0, Qt::ControlModifier | Qt::AltModifier);
    QCOMPARE(grey(30, 20), 50);
    QVERIFY(!find<QToolButton>("display-mark")->isVisible());
}

void TestDisplay::keepsTheMouseToItself()
{
    m_document->setActiveLabel(QStringLiteral("car"));
    useTool("brush");
    open();
    auto *panel = find<QWidget>("display-panel");
    m_canvas->setViewport({20, {50, 10}, false}); // the image lies behind it
    QTest::mouseClick(panel, Qt::LeftButton, {}, QPoint(4, 4));
    QVERIFY(shapes().empty());
}

QTEST_MAIN(TestDisplay)
#include "test_display.moc"
