// SPDX-License-Identifier: GPL-3.0-or-later
#include "studio/theme/Theme.h"

#include "studio/theme/ThemeIcon.h"
#include "studio/theme/ThemeStyle.h"
#include "studio/theme/style_sheet.h"

#include <QApplication>
#include <QGuiApplication>
#include <QPalette>
#include <QStyleHints>

#include <array>

namespace masque {

namespace {

struct Colors {
    QColor accent, text, muted, window, base, canvas, border, error, warning, success;
    std::array<QColor, 8> series; ///< after Okabe and Ito 2008, darkened or lightened for 3:1 against base; in pairs
};

const Colors &light()
{
    static const Colors colors{
        .accent = {"#0b6784"},
        .text = {"#1c2126"},
        .muted = {"#56616b"},
        .window = {"#f4f5f6"},
        .base = {"#ffffff"},
        .canvas = {"#dfe3e6"},
        .border = {"#d3d8dc"},
        .error = {"#b3261e"},
        .warning = {"#8a5300"},
        .success = {"#14703d"},
        .series = {"#0072b2", "#c85200", "#00815f", "#b3568b", "#8f6a00", "#2b8cbe", "#7a4fbf", "#4d4d4d"},
    };
    return colors;
}

const Colors &dark()
{
    static const Colors colors{
        .accent = {"#58c4dd"},
        .text = {"#e6e9eb"},
        .muted = {"#9ba6ae"},
        .window = {"#202427"},
        .base = {"#17191c"},
        .canvas = {"#101214"},
        .border = {"#363c41"},
        .error = {"#ff8a80"},
        .warning = {"#ffb74d"},
        .success = {"#6fcf97"},
        .series = {"#56b4e9", "#f08a3c", "#2fc59a", "#e091c0", "#f0c649", "#8fa8ff", "#b79cf2", "#c4c4c4"},
    };
    return colors;
}

QPalette paletteOf(const Colors &c, bool isDark)
{
    QPalette palette(c.text, c.window, isDark ? c.window.lighter(140) : QColor(Qt::white), c.window.darker(130),
                     c.border, c.text, isDark ? QColor(Qt::white) : c.text, c.base, c.window);
    palette.setColor(QPalette::AlternateBase, c.window);
    palette.setColor(QPalette::Button, isDark ? QColor("#2a2f33") : QColor("#fafbfb"));
    palette.setColor(QPalette::Mid, c.border);
    palette.setColor(QPalette::Shadow, isDark ? QColor(Qt::black) : QColor("#9aa2a8"));
    palette.setColor(QPalette::Highlight, c.accent);
    palette.setColor(QPalette::HighlightedText, isDark ? c.base : QColor(Qt::white));
    palette.setColor(QPalette::Link, c.accent);
    palette.setColor(QPalette::LinkVisited, c.accent);
    palette.setColor(QPalette::PlaceholderText, c.muted);
    palette.setColor(QPalette::ToolTipBase, c.base);
    palette.setColor(QPalette::ToolTipText, c.text);
    QColor faint = c.muted;
    faint.setAlphaF(0.65F);
    for (const auto role : {QPalette::WindowText, QPalette::Text, QPalette::ButtonText})
        palette.setColor(QPalette::Disabled, role, faint);
    palette.setColor(QPalette::Disabled, QPalette::Highlight, c.border);
    return palette;
}

/// What the desktop asks for. Before Qt 6.5 only the palette that the platform brought along tells.
bool platformIsDark(const QPalette &initial)
{
#if QT_VERSION >= QT_VERSION_CHECK(6, 5, 0)
    const auto scheme = QGuiApplication::styleHints()->colorScheme();
    if (scheme != Qt::ColorScheme::Unknown)
        return scheme == Qt::ColorScheme::Dark;
#endif
    return initial.color(QPalette::Window).lightness() < initial.color(QPalette::WindowText).lightness();
}

} // namespace

struct Theme::Private {
    ThemeMode mode = ThemeMode::System;
    bool isDark = false;
    QPalette platformPalette;
    const Colors &colors() const { return isDark ? dark() : light(); }
};

Theme &Theme::instance()
{
    static Theme *const theme = new Theme; // lives as long as the process: widgets may ask until the very end
    return *theme;
}

Theme::Theme() : d(new Private)
{
    d->platformPalette = QGuiApplication::palette();
    d->isDark = platformIsDark(d->platformPalette);
#if QT_VERSION >= QT_VERSION_CHECK(6, 5, 0)
    connect(QGuiApplication::styleHints(), &QStyleHints::colorSchemeChanged, this, [this] {
        if (d->mode == ThemeMode::System)
            setMode(ThemeMode::System);
    });
#endif
}

void Theme::setMode(ThemeMode mode)
{
    d->mode = mode;
    d->isDark = mode == ThemeMode::System ? platformIsDark(d->platformPalette) : mode == ThemeMode::Dark;
    QApplication::setStyle(new ThemeStyle);
    QApplication::setPalette(paletteOf(d->colors(), d->isDark));
    qApp->setStyleSheet(styleSheet(*this));
    Q_EMIT changed();
}

ThemeMode Theme::mode() const
{
    return d->mode;
}

bool Theme::isDark() const
{
    return d->isDark;
}

QColor Theme::accent() const
{
    return d->colors().accent;
}

QColor Theme::text() const
{
    return d->colors().text;
}

QColor Theme::mutedText() const
{
    return d->colors().muted;
}

QColor Theme::window() const
{
    return d->colors().window;
}

QColor Theme::base() const
{
    return d->colors().base;
}

QColor Theme::canvas() const
{
    return d->colors().canvas;
}

QColor Theme::border() const
{
    return d->colors().border;
}

QColor Theme::error() const
{
    return d->colors().error;
}

QColor Theme::warning() const
{
    return d->colors().warning;
}

QColor Theme::success() const
{
    return d->colors().success;
}

QColor Theme::series(int index) const
{
    const auto &series = d->colors().series;
    return series[static_cast<std::size_t>(index < 0 ? 0 : index) % series.size()];
}

QIcon Theme::icon(const QString &name) const
{
    return QIcon(new ThemeIcon(name));
}

} // namespace masque
