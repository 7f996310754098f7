// SPDX-License-Identifier: GPL-3.0-or-later
#include "studio/theme/Theme.h"
#include "tests/support/support.h"

#include <QApplication>
#include <QDir>
#include <QSignalSpy>

#include <cmath>

using namespace masque;

namespace {

double luminance(const QColor &color) // WCAG 2.1
{
    const auto linear = [](double c) { return c <= 0.04045 ? c / 12.92 : std::pow((c + 0.055) / 1.055, 2.4); };
    return 0.2126 * linear(color.redF()) + 0.7152 * linear(color.greenF()) + 0.0722 * linear(color.blueF());
}

double contrast(const QColor &a, const QColor &b)
{
    const double x = luminance(a), y = luminance(b);
    return (std::max(x, y) + 0.05) / (std::min(x, y) + 0.05);
}

int inkedPixels(const QIcon &icon, int side, QIcon::Mode mode = QIcon::Normal)
{
    const QImage image = icon.pixmap(QSize(side, side), 1.0, mode).toImage();
    int inked = 0;
    for (int y = 0; y < image.height(); ++y) {
        for (int x = 0; x < image.width(); ++x)
            inked += image.pixelColor(x, y).alpha() > 40 ? 1 : 0;
    }
    return inked;
}

} // namespace

class TestTheme : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void iconsRender_data()
    {
        QTest::addColumn<QString>("name");
        const auto files = QDir(QStringLiteral(":/icons")).entryList({QStringLiteral("*.svg")});
        QVERIFY(files.size() >= 44);
        for (const QString &file : files)
            QTest::newRow(qPrintable(file)) << file.chopped(4);
    }
    void iconsRender()
    {
        QFETCH(QString, name);
        QList<QImage> looks;
        for (const auto mode : {ThemeMode::Light, ThemeMode::Dark}) {
            Theme::instance().setMode(mode);
            const QIcon icon = Theme::instance().icon(name);
            QVERIFY(!icon.isNull());
            for (const int side : {16, 24, 48}) {
                const int inked = inkedPixels(icon, side);
                QVERIFY2(inked > side / 2, qPrintable(QStringLiteral("%1 pixels at %2").arg(inked).arg(side)));
            }
            QVERIFY(inkedPixels(icon, 24, QIcon::Disabled) > 0);
            looks.append(icon.pixmap(24, 24).toImage());
        }
        QCOMPARE(looks[0] == looks[1], name == QLatin1String("masque")); // recoloured, but for the program's own
    }

    void anIconFollowsTheThemeByItself()
    {
        Theme::instance().setMode(ThemeMode::Light);
        const QIcon icon = Theme::instance().icon(QStringLiteral("save"));
        const QImage light = icon.pixmap(24, 24).toImage();
        Theme::instance().setMode(ThemeMode::Dark);
        QVERIFY(icon.pixmap(24, 24).toImage() != light);
    }

    void colorsAreReadable_data()
    {
        QTest::addColumn<int>("mode");
        QTest::newRow("light") << static_cast<int>(ThemeMode::Light);
        QTest::newRow("dark") << static_cast<int>(ThemeMode::Dark);
    }
    void colorsAreReadable()
    {
        QFETCH(int, mode);
        Theme &theme = Theme::instance();
        theme.setMode(static_cast<ThemeMode>(mode));
        for (const QColor &ground : {theme.window(), theme.base()}) {
            for (const QColor &ink :
                 {theme.text(), theme.mutedText(), theme.accent(), theme.error(), theme.warning(), theme.success()})
                QVERIFY2(contrast(ink, ground) >= 4.5, qPrintable(ink.name() + QStringLiteral(" on ") + ground.name()));
        }
        for (int i = 0; i < 8; ++i)
            QVERIFY2(contrast(theme.series(i), theme.base()) >= 3, qPrintable(theme.series(i).name()));
        const QPalette palette = QApplication::palette();
        QVERIFY(contrast(palette.color(QPalette::HighlightedText), palette.color(QPalette::Highlight)) >= 4.5);
        QCOMPARE(palette.color(QPalette::Window), theme.window());
    }

    void modesSwitch()
    {
        Theme &theme = Theme::instance();
        theme.setMode(ThemeMode::Light);
        QVERIFY(!theme.isDark());
        QSignalSpy changed(&theme, &Theme::changed);
        theme.setMode(ThemeMode::Dark);
        QVERIFY(theme.isDark());
        QCOMPARE(changed.count(), 1);
        QCOMPARE(theme.mode(), ThemeMode::Dark);
        theme.setMode(ThemeMode::System);
        QCOMPARE(theme.mode(), ThemeMode::System);
    }
};

QTEST_MAIN(TestTheme)
#include "test_theme.moc"
