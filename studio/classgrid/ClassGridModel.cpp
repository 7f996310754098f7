// SPDX-License-Identifier: GPL-3.0-or-later
#include "studio/classgrid/ClassGridModel.h"

#include "core/datasets/image_class.h"
#include "studio/tools/swatch.h"

namespace masque {

namespace {

/// "happy 3, sad 2"
QString countsText(const VoteCounts &votes)
{
    QStringList texts;
    for (const auto &[label, count] : votes.counts)
        texts.append(QStringLiteral("%1 %2")
                         .arg(label == kIgnoreName ? ClassGridModel::tr("unsure") : QString::fromStdString(label))
                         .arg(count));
    return texts.join(QStringLiteral(", "));
}

} // namespace

ClassGridModel::ClassGridModel(Document &document, ModelOpinions &opinions, JobRunner &jobs, QObject *parent)
    : QSortFilterProxyModel(parent), m_document(document), m_opinions(opinions),
      m_items(new ItemsModel(document, jobs, this))
{
    connect(&document, &Document::changed, this, &ClassGridModel::takeChange);
    connect(&opinions, &ModelOpinions::changed, this, [this](int first, int last) {
        if (m_show == Show::Differing)
            invalidate();
        const auto end = std::min(last, m_items->rowCount() - 1);
        if (first <= end)
            Q_EMIT m_items->dataChanged(m_items->index(first), m_items->index(end), {OpinionRole});
    });
    setSourceModel(m_items);
    takeChange({ChangeEvent::DatasetOpened});
}

void ClassGridModel::takeChange(const ChangeEvent &event)
{
    if (event.kind != ChangeEvent::DatasetOpened && event.kind != ChangeEvent::LabelsChanged)
        return;
    const auto dataset = m_document.dataset();
    LabelSet classes = !dataset                                ? LabelSet()
                       : dataset->task == Task::Classification ? m_document.labels()
                                                               : imageClasses(*dataset);
    if (classes == m_classes)
        return;
    m_classes = std::move(classes);
    invalidate();
    Q_EMIT classesChanged();
}

int ClassGridModel::itemOf(const QModelIndex &index) const
{
    return m_items->itemOf(mapToSource(index).row());
}

QModelIndex ClassGridModel::indexOf(int item) const
{
    const auto row = m_items->rowOf(item);
    return row ? mapFromSource(m_items->index(*row)) : QModelIndex();
}

std::string ClassGridModel::classOf(int item) const
{
    const auto at = static_cast<std::size_t>(item);
    const auto dataset = m_document.dataset();
    return imageClassOf(dataset->items[at], m_document.summaries()[at], m_classes);
}

bool ClassGridModel::differs(int item) const
{
    const auto said = m_opinions.of(item);
    const std::string name = classOf(item);
    return said && !name.empty() && name != kIgnoreName && said->name != name;
}

const VoteCounts &ClassGridModel::votesOf(int item) const
{
    const auto at = static_cast<std::size_t>(item);
    return votesFor(m_document.dataset()->items[at], m_document.summaries()[at]);
}

double ClassGridModel::agreementOf(int item) const
{
    const auto at = static_cast<std::size_t>(item);
    return agreementOn(m_document.dataset()->items[at], m_document.summaries()[at]).value_or(1);
}

std::vector<int> ClassGridModel::counts() const
{
    const auto classes = static_cast<std::size_t>(m_classes.size());
    std::vector<int> counts(classes + 2);
    for (int item = 0; item < m_items->itemCount(); ++item) {
        const std::string name = classOf(item);
        const auto id = m_classes.idOf(name);
        ++counts[name == kIgnoreName ? classes : id ? std::size_t{*id} : classes + 1];
    }
    return counts;
}

void ClassGridModel::setShown(Show show, const std::string &name)
{
    m_show = show;
    m_name = name;
    setDynamicSortFilter(true);
    // The surest of the model's contradictions first, or what raters agree on least; else the dataset's order.
    sort(show == Show::Differing || show == Show::Disputed ? 0 : -1);
    invalidate();
}

bool ClassGridModel::filterAcceptsRow(int row, const QModelIndex &) const
{
    if (!m_document.dataset())
        return false;
    const int item = m_items->itemOf(row);
    switch (m_show) {
    case Show::All: return true;
    case Show::Unlabelled: return classOf(item).empty();
    case Show::Unsure: return classOf(item) == kIgnoreName;
    case Show::Differing: return differs(item);
    case Show::Disputed: return agreementOf(item) < 1;
    case Show::OneClass: return classOf(item) == m_name;
    }
    return true;
}

bool ClassGridModel::lessThan(const QModelIndex &left, const QModelIndex &right) const
{
    if (m_show == Show::Disputed)
        return agreementOf(m_items->itemOf(left.row())) < agreementOf(m_items->itemOf(right.row()));
    const auto confidence = [this](const QModelIndex &index) {
        const auto said = m_opinions.of(m_items->itemOf(index.row()));
        return said ? said->confidence : 0;
    };
    return confidence(left) > confidence(right);
}

QVariant ClassGridModel::data(const QModelIndex &index, int role) const
{
    if (!index.isValid() || !m_document.dataset())
        return {};
    const int item = itemOf(index);
    const std::string name = classOf(item);
    const auto id = m_classes.idOf(name);
    const auto said = m_opinions.of(item);
    const QString shownClass = name.empty()          ? QString()
                               : name == kIgnoreName ? tr("unsure")
                                                     : QString::fromStdString(name);
    const QString opinion =
        said ? tr("%1 %2").arg(QString::fromStdString(said->name)).arg(said->confidence, 0, 'f', 2) : QString();
    switch (role) {
    case ClassRole: return shownClass;
    case ColorRole: return id && *id != kIgnoreId ? QVariant(toQColor(m_classes[*id].color)) : QVariant();
    case OpinionRole: return opinion;
    case DiffersRole: return differs(item);
    case VotesRole: return votesOf(item).total() > 1 ? QString::fromStdString(votesOf(item).share()) : QString();
    case DisputedRole: return agreementOf(item) < 1;
    case Qt::AccessibleTextRole:
    case Qt::ToolTipRole: {
        const QString file = QSortFilterProxyModel::data(index, Qt::DisplayRole).toString();
        QString text = shownClass.isEmpty() ? tr("%1, no class").arg(file) : tr("%1, %2").arg(file, shownClass);
        if (!opinion.isEmpty())
            text += tr("; the model: %1").arg(opinion);
        if (votesOf(item).total() > 0)
            text += tr("; raters: %1").arg(countsText(votesOf(item)));
        return text;
    }
    default: return QSortFilterProxyModel::data(index, role);
    }
}

} // namespace masque
