// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QColor>
#include <QIcon>
#include <QObject>
#include <QString>

namespace masque {

enum class ThemeMode { System, Light, Dark };

/// The program's looks: Fusion with a palette of our own in light and dark, one accent colour, line icons recoloured
/// with the theme. One object an application.
class Theme : public QObject {
    Q_OBJECT
public:
    static Theme &instance();

    void setMode(ThemeMode mode); ///< applies palette and style sheet to qApp; System follows the desktop
    ThemeMode mode() const;
    bool isDark() const;

    QColor accent() const;
    QColor text() const;
    QColor mutedText() const; ///< contrast at least 4.5:1 on base and window
    QColor window() const;    ///< panels
    QColor base() const;      ///< lists, fields
    QColor canvas() const;    ///< around images
    QColor border() const;
    QColor error() const;
    QColor warning() const;
    QColor success() const;
    QColor series(int index) const; ///< curves and charts; colour-blind safe

    /// resources/icons/<name>.svg in the text colour (disabled: muted), crisp at every scale.
    QIcon icon(const QString &name) const;

Q_SIGNALS:
    void changed();

private:
    Theme();
    struct Private;
    Private *d;
};

} // namespace masque
