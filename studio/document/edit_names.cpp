// SPDX-License-Identifier: GPL-3.0-or-later
#include "studio/document/edit_names.h"

#include <QCoreApplication>

#include <string_view>
#include <utility>

namespace masque {

QString translatedEditName(const std::string &name)
{
    // What tools and panels call their edits; %1 is a class.
    static constexpr const char *kNames[] = {
        QT_TRANSLATE_NOOP("EditCommand", "Erase"),
        QT_TRANSLATE_NOOP("EditCommand", "Watershed"),
        QT_TRANSLATE_NOOP("EditCommand", "Find faces"),
        QT_TRANSLATE_NOOP("EditCommand", "Add point"),
        QT_TRANSLATE_NOOP("EditCommand", "Move point"),
        QT_TRANSLATE_NOOP("EditCommand", "Remove point"),
        QT_TRANSLATE_NOOP("EditCommand", "Mark as reviewed"),
        QT_TRANSLATE_NOOP("EditCommand", "Mark as not reviewed"),
        QT_TRANSLATE_NOOP("EditCommand", "Take prediction as annotation"),
        QT_TRANSLATE_NOOP("EditCommand", "Take proposal"),
        QT_TRANSLATE_NOOP("EditCommand", "Keep labels"),
        QT_TRANSLATE_NOOP("EditCommand", "Bring to front"),
        QT_TRANSLATE_NOOP("EditCommand", "Bring forward"),
        QT_TRANSLATE_NOOP("EditCommand", "Send backward"),
        QT_TRANSLATE_NOOP("EditCommand", "Send to back"),
        QT_TRANSLATE_NOOP("EditCommand", "Keep previous shapes"),
        QT_TRANSLATE_NOOP("EditCommand", "Change flags of the image"),
        QT_TRANSLATE_NOOP("EditCommand", "Load the changed file"),
        QT_TRANSLATE_NOOP("EditCommand", "Take the image's class away"),
        QT_TRANSLATE_NOOP("EditCommand", "Take a rater's vote away"),
        QT_TRANSLATE_NOOP("EditCommand", "Change votes on the image"),
    };
    static constexpr std::pair<std::string_view, const char *> kVerbs[] = {
        {"Draw ", QT_TRANSLATE_NOOP("EditCommand", "Draw %1")},
        {"Paint ", QT_TRANSLATE_NOOP("EditCommand", "Paint %1")},
        {"Fill holes of ", QT_TRANSLATE_NOOP("EditCommand", "Fill holes of %1")},
        {"Dilate ", QT_TRANSLATE_NOOP("EditCommand", "Dilate %1")},
        {"Erode ", QT_TRANSLATE_NOOP("EditCommand", "Erode %1")},
        {"Move ", QT_TRANSLATE_NOOP("EditCommand", "Move %1")},
        {"Remove ", QT_TRANSLATE_NOOP("EditCommand", "Remove %1")},
        {"Delete ", QT_TRANSLATE_NOOP("EditCommand", "Delete %1")},
        {"Duplicate ", QT_TRANSLATE_NOOP("EditCommand", "Duplicate %1")},
        {"Paste ", QT_TRANSLATE_NOOP("EditCommand", "Paste %1")},
        {"Unite ", QT_TRANSLATE_NOOP("EditCommand", "Unite %1")},
        {"Subtract ", QT_TRANSLATE_NOOP("EditCommand", "Subtract %1")},
        {"Intersect ", QT_TRANSLATE_NOOP("EditCommand", "Intersect %1")},
        {"Exclude ", QT_TRANSLATE_NOOP("EditCommand", "Exclude %1")},
        {"Split ", QT_TRANSLATE_NOOP("EditCommand", "Split %1")},
        {"Simplify ", QT_TRANSLATE_NOOP("EditCommand", "Simplify %1")},
        {"Smooth ", QT_TRANSLATE_NOOP("EditCommand", "Smooth %1")},
        {"Make polygons of ", QT_TRANSLATE_NOOP("EditCommand", "Make polygons of %1")},
        {"Make masks of ", QT_TRANSLATE_NOOP("EditCommand", "Make masks of %1")},
        {"Group ", QT_TRANSLATE_NOOP("EditCommand", "Group %1")},
        {"Ungroup ", QT_TRANSLATE_NOOP("EditCommand", "Ungroup %1")},
        {"Describe ", QT_TRANSLATE_NOOP("EditCommand", "Describe %1")},
        {"Change flags of ", QT_TRANSLATE_NOOP("EditCommand", "Change flags of %1")},
        {"Change group of ", QT_TRANSLATE_NOOP("EditCommand", "Change group of %1")},
        {"Reorder ", QT_TRANSLATE_NOOP("EditCommand", "Reorder %1")},
        {"Relabel as ", QT_TRANSLATE_NOOP("EditCommand", "Relabel as %1")},
        {"Change intensity of ", QT_TRANSLATE_NOOP("EditCommand", "Change intensity of %1")},
        {"Change rater of ", QT_TRANSLATE_NOOP("EditCommand", "Change rater of %1")},
        {"Change votes on ", QT_TRANSLATE_NOOP("EditCommand", "Change votes on %1")},
        {"Vote for ", QT_TRANSLATE_NOOP("EditCommand", "Vote for %1")},
        {"Class ", QT_TRANSLATE_NOOP("EditCommand", "Class %1")},
    };
    const auto translate = [](const char *text) { return QCoreApplication::translate("EditCommand", text); };
    for (const char *known : kNames)
        if (name == known)
            return translate(known);
    for (const auto &[verb, text] : kVerbs) {
        if (!name.starts_with(verb))
            continue;
        const QString rest = QString::fromStdString(name.substr(verb.size()));
        for (const char *counted :
             {QT_TRANSLATE_NOOP("EditCommand", "%1 shapes"), QT_TRANSLATE_NOOP("EditCommand", "%1 points")}) {
            const qsizetype space = rest.indexOf(QLatin1String(counted + 2));
            bool isNumber = false;
            const int count = rest.left(space).toInt(&isNumber);
            if (isNumber && space > 0)
                return translate(text).arg(translate(counted).arg(count));
        }
        return translate(text).arg(rest);
    }
    return QString::fromStdString(name);
}

} // namespace masque
