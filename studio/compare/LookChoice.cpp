// SPDX-License-Identifier: GPL-3.0-or-later
#include "studio/compare/LookChoice.h"

#include "studio/compare/LinkedViews.h"
#include "studio/training/pictures.h"

#include <QComboBox>
#include <QHBoxLayout>
#include <QSignalBlocker>

namespace masque {

namespace {

using Said = ComparisonLook::Said;
using Differs = ComparisonLook::Differs;
using Arrangement = LinkedViews::Arrangement;

constexpr int kClassBits = 8; ///< an entry is what it shows and the class it shows it of

int entry(int what, int classId = 0)
{
    return what << kClassBits | classId;
}

QComboBox *makeChoice(const char *name, const QString &accessibleName)
{
    auto *choice = new QComboBox;
    choice->setObjectName(QLatin1String(name));
    choice->setAccessibleName(accessibleName);
    choice->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
    choice->setMinimumContentsLength(12);
    return choice;
}

/// New entries; what was chosen stays so if it is still there.
void refill(QComboBox &choice, const std::vector<std::tuple<QString, int, QVariant>> &entries)
{
    const QSignalBlocker quiet(&choice);
    const QVariant before = choice.currentData();
    choice.clear();
    for (const auto &[text, data, decoration] : entries) {
        choice.addItem(text, data);
        choice.setItemData(choice.count() - 1, decoration, Qt::DecorationRole);
    }
    choice.setCurrentIndex(std::max(0, choice.findData(before)));
}

} // namespace

LookChoice::LookChoice(LinkedViews &views, QObject *parent) : QObject(parent), m_views(views)
{
    m_said = makeChoice("compare-said", tr("What the prediction's panel shows"));
    m_differs = makeChoice("compare-differs", tr("What the difference's panel shows"));
    m_views.addToHeading(LinkedViews::Predicted, m_said);
    m_views.addToHeading(LinkedViews::Difference, m_differs);
    m_arrangement = makeChoice("compare-arrangement", tr("Arrangement of the panels"));
    m_arrangement->setMinimumContentsLength(8);
    m_arrangement->addItem(tr("Four panels"), static_cast<int>(Arrangement::Four));
    m_arrangement->addItem(tr("Split by a line"), static_cast<int>(Arrangement::Split));
    m_arrangement->addItem(tr("Blink"), static_cast<int>(Arrangement::Blink));
    m_first = makeChoice("compare-first", tr("First picture of the two"));
    m_second = makeChoice("compare-second", tr("Second picture of the two"));
    m_bar = new QWidget;
    auto *layout = new QHBoxLayout(m_bar);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(8);
    for (auto *choice : {m_arrangement, m_first, m_second})
        layout->addWidget(choice);
    for (auto *choice : {m_first, m_second})
        choice->setMinimumContentsLength(8);
    fill();
    m_first->setCurrentIndex(LinkedViews::Truth);
    m_second->setCurrentIndex(LinkedViews::Predicted);
    arrange();
    for (auto *choice : {m_said, m_differs})
        connect(choice, &QComboBox::activated, this, &LookChoice::changed);
    for (auto *choice : {m_arrangement, m_first, m_second})
        connect(choice, &QComboBox::activated, this, &LookChoice::arrange);
}

void LookChoice::setLabels(const LabelSet &labels)
{
    if (labels == m_labels)
        return;
    m_labels = labels;
    fill();
}

void LookChoice::setHasOther(bool hasOther)
{
    if (hasOther == m_hasOther)
        return;
    m_hasOther = hasOther;
    fill();
    if (hasOther) // what it was chosen for
        m_differs->setCurrentIndex(m_differs->findData(entry(static_cast<int>(Differs::Rivals))));
    arrange();
    Q_EMIT changed();
}

void LookChoice::fill()
{
    const auto say = [](auto what) { return entry(static_cast<int>(what)); };
    std::vector<std::tuple<QString, int, QVariant>> said{{tr("Prediction"), say(Said::Prediction), {}},
                                                         {tr("Uncertainty (entropy)"), say(Said::Entropy), {}},
                                                         {tr("Uncertainty (margin)"), say(Said::Margin), {}},
                                                         {tr("Loss"), say(Said::Loss), {}}};
    std::vector<std::tuple<QString, int, QVariant>> differs{{tr("Right and wrong"), say(Differs::Kinds), {}},
                                                            {tr("Wrong, by class"), say(Differs::Classes), {}}};
    if (m_hasOther)
        differs.push_back({tr("Which model is right"), say(Differs::Rivals), {}});
    for (int id = 0; id < m_labels.size(); ++id) {
        const QString name = QString::fromStdString(m_labels[id].name);
        const QColor color = toQColor(m_labels[id].color);
        said.push_back({tr("Probability: %1").arg(name), entry(static_cast<int>(Said::Probability), id), color});
        differs.push_back({tr("Only %1").arg(name), entry(static_cast<int>(Differs::OneClass), id), color});
    }
    refill(*m_said, said);
    refill(*m_differs, differs);
    std::vector<std::tuple<QString, int, QVariant>> contents;
    for (int content = 0; content < LinkedViews::ContentCount - (m_hasOther ? 0 : 1); ++content)
        contents.push_back({LinkedViews::nameOf(content), content, {}});
    refill(*m_first, contents);
    refill(*m_second, contents);
}

void LookChoice::arrange()
{
    const auto how = static_cast<Arrangement>(m_arrangement->currentData().toInt());
    for (auto *choice : {m_first, m_second})
        choice->setVisible(how != Arrangement::Four);
    m_views.setPair(m_first->currentData().toInt(), m_second->currentData().toInt());
    m_views.setArrangement(how);
}

ComparisonLook LookChoice::look() const
{
    const auto part = [](const QComboBox &choice) {
        const int value = choice.currentData().toInt();
        return std::pair(value >> kClassBits, value & ((1 << kClassBits) - 1));
    };
    const auto [said, saidClass] = part(*m_said);
    const auto [differs, differsClass] = part(*m_differs);
    return {.said = static_cast<Said>(said),
            .differs = static_cast<Differs>(differs),
            .saidClass = saidClass,
            .differsClass = differsClass};
}

} // namespace masque
