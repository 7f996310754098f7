// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/datasets/Dataset.h"

#include <QCoreApplication>
#include <QString>
#include <QStringList>

#include <optional>
#include <string>
#include <vector>

namespace masque {

/// One word of a search and where it stands in the text; quotes hold blanks together.
struct SearchToken {
    qsizetype start = 0, length = 0;
};
std::vector<SearchToken> searchTokens(const QString &text);

/// What the browser's search field says: words that the path contains, and key:value. All terms must hold; a minus
/// before one turns it round; quotes hold blanks together and make a class or flag exact.
struct ItemFilter {
    Q_DECLARE_TR_FUNCTIONS(ItemFilter)
public:
    enum class Key { Text, Label, Split, Status, Shapes, Flag, Checked, Iou, Uncertainty, Agreement };
    struct Term {
        Key key = Key::Text;
        bool isNegated = false, isExact = false;
        std::string value = {};      ///< lower case
        double least = 0, most = -1; ///< of numbers; both included
        bool isChecked = true;
    };
    std::vector<Term> terms;
    QString error; ///< translated: what of the text could not be understood and was left out; else empty

    static ItemFilter parse(const QString &text);
    bool matches(const Item &item, const ItemSummary &summary) const;
    bool needsSummaries() const; ///< of any item; paths alone do not do

    static QStringList keys();     ///< "label:", ...
    static QStringList splits();   ///< "train", ..., "none"
    static QStringList statuses(); ///< "new", ...
    /// What the token may become, as whole tokens; labels and flags are those of the dataset.
    static QStringList suggestions(const QString &token, const QStringList &labels, const QStringList &flags);
};

/// The status's word in the search field: "new", "labelled", "reviewed", "problem", "unknown".
std::string statusWord(ItemStatus status);

} // namespace masque
