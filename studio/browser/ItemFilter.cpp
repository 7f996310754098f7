// SPDX-License-Identifier: GPL-3.0-or-later
#include "studio/browser/ItemFilter.h"

#include "core/base/text.h"
#include "core/datasets/image_class.h"

#include <QRegularExpression>

#include <algorithm>
#include <cmath>
#include <limits>

namespace masque {

namespace {

struct KeyName {
    const char *name;
    ItemFilter::Key key;
};
constexpr KeyName kKeys[] = {{"label", ItemFilter::Key::Label},
                             {"split", ItemFilter::Key::Split},
                             {"status", ItemFilter::Key::Status},
                             {"shapes", ItemFilter::Key::Shapes},
                             {"flag", ItemFilter::Key::Flag},
                             {"checked", ItemFilter::Key::Checked},
                             {"iou", ItemFilter::Key::Iou},
                             {"uncertainty", ItemFilter::Key::Uncertainty},
                             {"agreement", ItemFilter::Key::Agreement}};
const QStringList kChecked{QStringLiteral("yes"), QStringLiteral("no")};

bool isAscii(const std::string &text)
{
    return std::all_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

char folded(char c)
{
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
}

/// Without regard to case; bytes do for ASCII, which is read for every image at every key.
bool contains(const std::string &name, const std::string &lower)
{
    if (isAscii(lower))
        return std::search(name.begin(), name.end(), lower.begin(), lower.end(),
                           [](char a, char b) { return folded(a) == b; })
               != name.end();
    return QString::fromStdString(name).toLower().contains(QString::fromStdString(lower));
}

bool isSame(const std::string &name, const std::string &lower)
{
    return QString::fromStdString(name).toLower() == QString::fromStdString(lower);
}

QString joined(const QStringList &words)
{
    return words.join(QLatin1String(", "));
}

/// ">3", ">=3", "<3", "<=0.5", "=3", "3", "2..5" as the least and the greatest value; nothing if it is none of them.
std::optional<std::pair<double, double>> rangeOf(const QString &text)
{
    static const QString number = QStringLiteral("(\\d{1,9}(?:\\.\\d{0,9})?|\\.\\d{1,9})");
    static const QRegularExpression comparison(QStringLiteral("^(>=|<=|>|<|=)?%1$").arg(number));
    static const QRegularExpression fromTo(QStringLiteral("^%1\\.\\.%1$").arg(number));
    constexpr double kMost = std::numeric_limits<double>::max();
    if (const auto found = fromTo.match(text); found.hasMatch())
        return std::pair(found.captured(1).toDouble(), found.captured(2).toDouble());
    const auto found = comparison.match(text);
    if (!found.hasMatch())
        return {};
    const QString op = found.captured(1);
    const double value = found.captured(2).toDouble();
    if (op.startsWith(QLatin1Char('>')))
        return std::pair(op == QLatin1String(">") ? std::nextafter(value, kMost) : value, kMost);
    if (op.startsWith(QLatin1Char('<')))
        return std::pair(0.0, op == QLatin1String("<") ? std::nextafter(value, -kMost) : value);
    return std::pair(value, value);
}

bool isNumber(ItemFilter::Key key)
{
    using Key = ItemFilter::Key;
    return key == Key::Shapes || key == Key::Iou || key == Key::Uncertainty || key == Key::Agreement;
}

bool beginsOne(const QStringList &words, const QString &typed)
{
    return std::any_of(words.begin(), words.end(), [&](const QString &word) { return word.startsWith(typed); });
}

/// Reads a value into the term. An error's text if it says nothing; a value that is still being typed is none.
QString readValue(ItemFilter::Term &term, const QString &value)
{
    const auto unknown = [&](const QStringList &words) {
        return ItemFilter::tr("“%1” is none of %2").arg(value, joined(words));
    };
    switch (term.key) {
    case ItemFilter::Key::Split:
        return beginsOne(ItemFilter::splits(), value) ? QString() : unknown(ItemFilter::splits());
    case ItemFilter::Key::Status:
        return beginsOne(ItemFilter::statuses(), value) ? QString() : unknown(ItemFilter::statuses());
    case ItemFilter::Key::Checked:
        term.isChecked = !value.startsWith(QLatin1Char('n'));
        return beginsOne(kChecked, value) ? QString() : unknown(kChecked);
    case ItemFilter::Key::Shapes:
    case ItemFilter::Key::Iou:
    case ItemFilter::Key::Uncertainty:
    case ItemFilter::Key::Agreement:
        if (const auto range = rangeOf(value)) {
            std::tie(term.least, term.most) = *range;
            return {};
        }
        return term.key == ItemFilter::Key::Iou
                   ? ItemFilter::tr("iou: needs a number from 0 to 1, as in iou:<0.6 or iou:0.5..0.7")
               : term.key == ItemFilter::Key::Uncertainty
                   ? ItemFilter::tr("uncertainty: needs a number from 0 to 1, as in uncertainty:>0.3")
               : term.key == ItemFilter::Key::Agreement
                   ? ItemFilter::tr("agreement: needs a number from 0 to 1, as in agreement:<0.7")
                   : ItemFilter::tr("shapes: needs a number, as in shapes:>3 or shapes:2..5");
    default: return {};
    }
}

bool holds(const ItemFilter::Term &term, const Item &item, const ItemSummary &summary)
{
    const auto names = [&](const std::string &name) {
        return term.isExact ? isSame(name, term.value) : contains(name, term.value);
    };
    const auto isIn = [&](std::optional<double> value) { return value && *value >= term.least && *value <= term.most; };
    switch (term.key) {
    case ItemFilter::Key::Text: return contains(item.image, term.value);
    case ItemFilter::Key::Label:
        return std::any_of(summary.labels.begin(), summary.labels.end(), names)
               || (!item.label.empty() && names(item.label));
    case ItemFilter::Key::Flag: return std::any_of(summary.flags.begin(), summary.flags.end(), names);
    // A word that is still being typed matches what it begins; "none" is what has no split.
    case ItemFilter::Key::Split:
        return (item.split == Split::None ? std::string_view("none") : splitName(item.split)).starts_with(term.value);
    case ItemFilter::Key::Status:
        return statusWord(summary.status).starts_with(term.value)
               || (summary.isProposed && statusWord(ItemStatus::Proposal).starts_with(term.value));
    case ItemFilter::Key::Shapes: return summary.status != ItemStatus::Unknown && isIn(summary.shapes);
    case ItemFilter::Key::Uncertainty: return isIn(summary.uncertainty);
    case ItemFilter::Key::Agreement: return isIn(agreementOn(item, summary));
    case ItemFilter::Key::Iou: return isIn(summary.iou);
    case ItemFilter::Key::Checked: return (summary.status == ItemStatus::Reviewed) == term.isChecked;
    }
    return true;
}

QString quoted(const QString &name)
{
    return name.contains(QLatin1Char(' ')) ? QLatin1Char('"') + name + QLatin1Char('"') : name;
}

} // namespace

std::string statusWord(ItemStatus status)
{
    switch (status) {
    case ItemStatus::New: return "new";
    case ItemStatus::Labelled: return "labelled";
    case ItemStatus::Reviewed: return "reviewed";
    case ItemStatus::Problem: return "problem";
    case ItemStatus::Proposal: return "proposal";
    case ItemStatus::Unknown: break;
    }
    return "unknown";
}

QStringList ItemFilter::keys()
{
    QStringList names;
    for (const KeyName &known : kKeys)
        names << QLatin1String(known.name) + QLatin1Char(':');
    return names;
}

QStringList ItemFilter::splits()
{
    QStringList names;
    for (const Split split : {Split::Train, Split::Val, Split::Test})
        names << QString::fromUtf8(splitName(split).data(), static_cast<qsizetype>(splitName(split).size()));
    return names << QStringLiteral("none");
}

QStringList ItemFilter::statuses()
{
    QStringList names;
    for (const ItemStatus status :
         {ItemStatus::New, ItemStatus::Labelled, ItemStatus::Proposal, ItemStatus::Reviewed, ItemStatus::Problem})
        names << QString::fromStdString(statusWord(status));
    return names;
}

std::vector<SearchToken> searchTokens(const QString &text)
{
    std::vector<SearchToken> tokens;
    bool isQuoted = false, isInside = false;
    for (qsizetype i = 0; i < text.size(); ++i) {
        if (text[i].isSpace() && !isQuoted) {
            isInside = false;
            continue;
        }
        if (!isInside)
            tokens.push_back({i, 0});
        isInside = true;
        ++tokens.back().length;
        if (text[i] == QLatin1Char('"'))
            isQuoted = !isQuoted;
    }
    return tokens;
}

ItemFilter ItemFilter::parse(const QString &text)
{
    static const QRegularExpression keyed(QStringLiteral("^([A-Za-z_]+):(.*)$"),
                                          QRegularExpression::DotMatchesEverythingOption);
    ItemFilter filter;
    QStringList errors;
    for (const SearchToken &token : searchTokens(text)) {
        QString word = text.mid(token.start, token.length);
        Term term;
        if (word.size() > 1 && word.startsWith(QLatin1Char('-'))) {
            term.isNegated = true;
            word.remove(0, 1);
        }
        if (const auto found = keyed.match(word); found.hasMatch()) {
            const std::string name = found.captured(1).toLower().toStdString();
            const auto *known =
                std::find_if(std::begin(kKeys), std::end(kKeys), [&](const KeyName &key) { return name == key.name; });
            if (known == std::end(kKeys)) {
                errors << tr("unknown key “%1:”; known: %2").arg(found.captured(1), joined(keys()));
                continue;
            }
            term.key = known->key;
            word = found.captured(2);
        }
        term.isExact = word.size() > 1 && word.startsWith(QLatin1Char('"')) && word.endsWith(QLatin1Char('"'));
        word = word.remove(QLatin1Char('"')).toLower();
        term.value = word.toStdString();
        static const QStringList unfinished{
            QString(),          QStringLiteral(">"), QStringLiteral("<"), QStringLiteral(">="), QStringLiteral("<="),
            QStringLiteral("=")};
        if (isNumber(term.key) ? unfinished.contains(word) : word.isEmpty())
            continue; // nothing said yet
        if (const QString error = readValue(term, word); !error.isEmpty())
            errors << error;
        else
            filter.terms.push_back(std::move(term));
    }
    filter.error = errors.join(QLatin1Char('\n'));
    return filter;
}

bool ItemFilter::matches(const Item &item, const ItemSummary &summary) const
{
    return std::all_of(terms.begin(), terms.end(),
                       [&](const Term &term) { return holds(term, item, summary) != term.isNegated; });
}

bool ItemFilter::needsSummaries() const
{
    return std::any_of(terms.begin(), terms.end(),
                       [](const Term &term) { return term.key != Key::Text && term.key != Key::Split; });
}

QStringList ItemFilter::suggestions(const QString &token, const QStringList &labels, const QStringList &flags)
{
    const QString minus = token.startsWith(QLatin1Char('-')) ? QStringLiteral("-") : QString();
    const QString word = token.mid(minus.size());
    const qsizetype colon = word.indexOf(QLatin1Char(':'));
    QStringList found;
    if (colon < 0) {
        for (const QString &key : keys())
            if (!word.isEmpty() && key.startsWith(word, Qt::CaseInsensitive))
                found << minus + key;
        return found;
    }
    const QString key = word.left(colon + 1).toLower();
    const QString typed = word.mid(colon + 1).remove(QLatin1Char('"'));
    const QStringList values = key == QLatin1String("label:")     ? labels
                               : key == QLatin1String("flag:")    ? flags
                               : key == QLatin1String("split:")   ? splits()
                               : key == QLatin1String("status:")  ? statuses()
                               : key == QLatin1String("checked:") ? kChecked
                                                                  : QStringList();
    for (const QString &value : values)
        if (value.contains(typed, Qt::CaseInsensitive) && value != typed)
            found << minus + key + quoted(value);
    return found;
}

} // namespace masque
