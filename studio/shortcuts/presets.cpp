// SPDX-License-Identifier: GPL-3.0-or-later
#include "studio/shortcuts/presets.h"

#include <QStringList>

namespace masque {

namespace {

/// Portable keys separated by blanks; empty: no key.
struct PresetRow {
    const char *action;
    const char *labelMe;      ///< labelme 7.1, default_config.yaml
    const char *xAnyLabeling; ///< xanylabeling_config.yaml
};

constexpr PresetRow kRows[] = {
    {"open-folder", "Ctrl+U", "Ctrl+U"},
    {"open-image", "Ctrl+O", "Ctrl+I"},
    {"close-dataset", "Ctrl+W", "Ctrl+W"},
    {"quit", "Ctrl+Q", "Ctrl+Q"},
    {"save", "Ctrl+S", "Ctrl+S"},
    {"next-image", "D", "D"},
    {"previous-image", "A", "A"},
    {"next-unlabelled", "Shift+D", "Ctrl+Shift+D"},
    {"previous-unlabelled", "Shift+A", "Ctrl+Shift+A"},
    {"reviewed", "Ctrl+Alt+K", "Ctrl+Alt+K"},
    {"zoom-in", "Ctrl++ Ctrl+=", "Ctrl++"},
    {"zoom-out", "Ctrl+-", "Ctrl+-"},
    {"zoom-100", "Ctrl+0", "Ctrl+="},
    {"fit", "Ctrl+F", "Ctrl+F"},
    {"action-tool-polygon", "Ctrl+N", "P"},
    {"action-tool-rectangle", "Ctrl+R", "R"},
    {"action-tool-oriented-rectangle", nullptr, "O"},
    {"action-tool-circle", nullptr, "Shift+C"},
    {"action-tool-line", nullptr, "Shift+L"},
    {"action-tool-point", nullptr, "Shift+P"},
    {"action-tool-linestrip", nullptr, "Shift+S"},
    {"action-tool-brush", nullptr, "Ctrl+N"},
    {"action-tool-wand", nullptr, "Shift+W"},
    {"action-tool-select", "Ctrl+J", "Ctrl+J"},
    {"edit-label", "Ctrl+E", "Ctrl+E"},
    {"delete", "Delete", "Delete"},
    {"duplicate", "Ctrl+D", "Ctrl+D"},
    {"copy", "Ctrl+C", "Ctrl+C"},
    {"paste", "Ctrl+V", "Ctrl+V"},
    {"undo", "Ctrl+Z", "Ctrl+Z"},
    {"redo", "Ctrl+Shift+Z Ctrl+Y", "Ctrl+Shift+Z Ctrl+Y"},
    {"show-shapes", "T", "Ctrl+H"},
    {"show-names", "", "Ctrl+L"},
    {"go-to-image", "Ctrl+G", ""}, // Ctrl+G opens X-AnyLabeling's overview
};

} // namespace

std::optional<QList<QKeySequence>> presetKeys(KeyPreset preset, const QString &action)
{
    for (const PresetRow &row : kRows) {
        if (action != QLatin1String(row.action))
            continue;
        const char *text = preset == KeyPreset::LabelMe ? row.labelMe : row.xAnyLabeling;
        if (!text)
            return {};
        QList<QKeySequence> keys;
        for (const QString &key : QString::fromLatin1(text).split(QLatin1Char(' '), Qt::SkipEmptyParts))
            keys << QKeySequence(key, QKeySequence::PortableText);
        return keys;
    }
    return {};
}

QStringList portableKeys(const QList<QKeySequence> &keys)
{
    QStringList texts;
    for (const QKeySequence &key : keys)
        texts << key.toString(QKeySequence::PortableText);
    return texts;
}

QString keysText(const QList<QKeySequence> &keys)
{
    QStringList texts;
    for (const QKeySequence &key : keys)
        texts << key.toString(QKeySequence::NativeText);
    return texts.join(QStringLiteral(", "));
}

} // namespace masque
