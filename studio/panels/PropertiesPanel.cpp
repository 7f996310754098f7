// SPDX-License-Identifier: GPL-3.0-or-later
#include "studio/panels/PropertiesPanel.h"

#include "core/annotations/face_fields.h"
#include "core/annotations/rasterise.h"
#include "core/annotations/shape_ops.h"
#include "core/datasets/emotions.h"
#include "studio/panels/ShapesModel.h"

#include <QFormLayout>
#include <QLabel>
#include <QLineEdit>
#include <QListWidget>
#include <QRegularExpression>
#include <QRegularExpressionValidator>
#include <QScopedValueRollback>
#include <QVBoxLayout>

#include <algorithm>
#include <map>

namespace masque {

namespace {

constexpr std::size_t kMostMeasured = 200; ///< counting the pixels of more shapes would be felt

std::optional<bool> flagOf(const Flags &flags, const std::string &name)
{
    for (const auto &[known, value] : flags)
        if (known == name)
            return value;
    return {};
}

void setFlag(Flags &flags, const std::string &name, bool value)
{
    for (auto &[known, old] : flags)
        if (known == name) {
            old = value;
            return;
        }
    flags.emplace_back(name, value);
}

/// Names of the flags that the class is asked to have; the expressions are matched from the start, as labelme does.
std::vector<std::string> flagsFor(const Dataset *dataset, const std::string &label)
{
    std::vector<std::string> names;
    if (!dataset)
        return names;
    for (const auto &[pattern, flags] : dataset->labelFlags) {
        const QRegularExpression expression(QString::fromStdString(pattern));
        if (expression
                .match(QString::fromStdString(label), 0, QRegularExpression::NormalMatch,
                       QRegularExpression::AnchorAtOffsetMatchOption)
                .hasMatch())
            names.insert(names.end(), flags.begin(), flags.end());
    }
    return names;
}

/// "3/5 say happy"
QString agreementText(const VoteCounts &votes)
{
    const QString share = QString::fromStdString(votes.share());
    return votes.counts.empty() ? QString()
           : votes.winner().empty()
               ? PropertiesPanel::tr("%1, the raters are even").arg(share)
               : PropertiesPanel::tr("%1 say %2").arg(share, QString::fromStdString(votes.winner()));
}

void addFlag(QListWidget *list, const std::string &name, Qt::CheckState state)
{
    auto *item = new QListWidgetItem(QString::fromStdString(name), list);
    item->setFlags(Qt::ItemIsEnabled | Qt::ItemIsSelectable | Qt::ItemIsUserCheckable);
    item->setCheckState(state);
    item->setToolTip(item->text());
}

void fitRows(QListWidget *list)
{
    const int rows = std::clamp(list->count(), 1, 5);
    list->setFixedHeight(rows * std::max(24, list->sizeHintForRow(0)) + 4);
    list->setVisible(list->count() > 0);
}

} // namespace

PropertiesPanel::PropertiesPanel(Document &document, QWidget *parent)
    : QWidget(parent), m_document(document), m_title(new QLabel(this)), m_measures(new QLabel(this)),
      m_class(new QLineEdit(this)), m_group(new QLineEdit(this)), m_description(new QLineEdit(this)),
      m_intensity(new QLineEdit(this)), m_rater(new QLineEdit(this)), m_votes(new QLineEdit(this)),
      m_agreement(new QLabel(this)), m_flags(new QListWidget(this)), m_imageFlags(new QListWidget(this)),
      m_form(new QWidget(this)), m_rows(new QFormLayout(m_form))
{
    setObjectName(QStringLiteral("properties"));
    const auto prepare = [](QWidget *widget, const char *name, const QString &title) {
        widget->setObjectName(QLatin1String(name));
        widget->setAccessibleName(title);
    };
    prepare(m_class, "property-class", tr("Class"));
    prepare(m_group, "property-group", tr("Group"));
    prepare(m_description, "property-description", tr("Description"));
    prepare(m_intensity, "property-intensity", tr("Intensity of the emotion, percent"));
    prepare(m_rater, "property-rater", tr("Who says which emotion it is"));
    prepare(m_votes, "property-votes", tr("What several raters say that the face is"));
    m_votes->setToolTip(tr("Several raters' votes: \"happy 3, sad 2\", or by name: \"anna: happy, ben: sad\". Training "
                           "by soft-ce learns their shares."));
    prepare(m_agreement, "property-agreement", tr("How far the raters agree"));
    m_intensity->setValidator(
        new QRegularExpressionValidator(QRegularExpression(QStringLiteral("|100|[0-9]{1,2}")), m_intensity));
    m_intensity->setToolTip(tr("How strong the emotion is, 0 to 100; empty: not said"));
    prepare(m_flags, "property-flags", tr("Flags of the shapes"));
    prepare(m_imageFlags, "image-flags", tr("Flags of the image"));
    prepare(m_measures, "property-measures", tr("Measures"));
    prepare(m_title, "property-title", tr("Selected shapes"));
    m_group->setValidator(new QRegularExpressionValidator(QRegularExpression(QStringLiteral("[0-9]{0,9}")), m_group));
    m_group->setToolTip(tr("A whole number; empty: no group"));
    m_measures->setTextInteractionFlags(Qt::TextSelectableByMouse);
    m_measures->setWordWrap(true);
    m_agreement->setWordWrap(true);
    m_title->setWordWrap(true);

    m_rows->setContentsMargins(0, 0, 0, 0);
    m_rows->setSpacing(8);
    m_rows->setFieldGrowthPolicy(QFormLayout::AllNonFixedFieldsGrow);
    m_rows->addRow(tr("Class"), m_class);
    m_rows->addRow(tr("Intensity"), m_intensity);
    m_rows->addRow(tr("Rater"), m_rater);
    m_rows->addRow(tr("Votes"), m_votes);
    m_rows->addRow(tr("Agreement"), m_agreement);
    m_rows->addRow(tr("Group"), m_group);
    m_rows->addRow(tr("Description"), m_description);
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(8, 0, 8, 8);
    layout->setSpacing(8);
    layout->addWidget(m_title);
    layout->addWidget(m_form);
    layout->addWidget(m_flags);
    layout->addWidget(m_measures);
    layout->addWidget(m_imageFlags);
    layout->addStretch(1);

    connect(m_class, &QLineEdit::editingFinished, this, [this] {
        const std::string label = m_class->text().trimmed().toStdString();
        if (!m_class->isModified() || label.empty())
            return;
        m_class->setModified(false);
        m_document.applyEdit(changeShapes(m_document.annotation(), m_document.selection(), "Relabel as " + label,
                                          [&](Shape &shape) { shape.label = label; }));
    });
    connect(m_group, &QLineEdit::editingFinished, this, [this] {
        if (!m_group->isModified())
            return;
        m_group->setModified(false);
        const QString text = m_group->text();
        change("Change group of ", [&](Shape &shape) {
            shape.groupId = text.isEmpty() ? std::nullopt : std::optional<std::int64_t>(text.toLongLong());
        });
    });
    connect(m_description, &QLineEdit::editingFinished, this, [this] {
        if (!m_description->isModified())
            return;
        m_description->setModified(false);
        const std::string text = m_description->text().toStdString();
        change("Describe ", [&](Shape &shape) { shape.description = text; });
    });
    connect(m_intensity, &QLineEdit::editingFinished, this, [this] {
        if (!m_intensity->isModified())
            return;
        m_intensity->setModified(false);
        const QString text = m_intensity->text();
        change("Change intensity of ", [&](Shape &shape) {
            setIntensity(shape, text.isEmpty() ? std::nullopt : std::optional(text.toInt() / 100.0));
        });
    });
    connect(m_rater, &QLineEdit::editingFinished, this, [this] {
        if (!m_rater->isModified())
            return;
        m_rater->setModified(false);
        const std::string rater = m_rater->text().trimmed().toStdString();
        change("Change rater of ", [&](Shape &shape) { setRater(shape, rater); });
    });
    connect(m_votes, &QLineEdit::editingFinished, this, [this] {
        if (!m_votes->isModified())
            return;
        m_votes->setModified(false);
        const Votes votes = votesFromText(m_votes->text().toStdString());
        change("Change votes on ", [&](Shape &shape) { setVotes(shape, votes); });
    });
    connect(m_flags, &QListWidget::itemChanged, this, &PropertiesPanel::takeShapeFlag);
    connect(m_imageFlags, &QListWidget::itemChanged, this, &PropertiesPanel::takeImageFlag);
    connect(&document, &Document::changed, this, [this](const ChangeEvent &event) {
        switch (event.kind) {
        case ChangeEvent::DatasetOpened:
        case ChangeEvent::CurrentItem:
        case ChangeEvent::ImageLoaded:
        case ChangeEvent::AnnotationChanged:
        case ChangeEvent::SelectionChanged:
            if (!std::exchange(m_isRefreshDue, true)) // once for all that happens in one go
                QMetaObject::invokeMethod(this, &PropertiesPanel::refresh, Qt::QueuedConnection);
            break;
        default: break;
        }
    });
    refresh();
}

std::vector<const Shape *> PropertiesPanel::shapes() const
{
    std::vector<const Shape *> found;
    for (const Shape &shape : m_document.annotation().shapes)
        if (m_document.selection().contains(shape.id))
            found.push_back(&shape);
    return found;
}

template <typename Change>
void PropertiesPanel::change(const std::string &verb, Change change)
{
    const Annotation &annotation = m_document.annotation();
    const auto &ids = m_document.selection();
    m_document.applyEdit(changeShapes(annotation, ids, verb + nameOfShapes(annotation, ids), change));
}

void PropertiesPanel::refresh()
{
    m_isRefreshDue = false;
    const QScopedValueRollback refreshing(m_isRefreshing, true);
    const auto chosen = shapes();
    const auto kept = m_document.protectedShapes();
    const bool isEditable = !m_document.isReadOnly() && std::none_of(chosen.begin(), chosen.end(), [&](auto *shape) {
        return kept.contains(shape->id);
    });
    m_form->setVisible(!chosen.empty());
    m_measures->setVisible(!chosen.empty());
    m_form->setEnabled(isEditable);
    m_flags->setEnabled(isEditable);
    m_imageFlags->setEnabled(!m_document.isReadOnly());
    m_title->setText(chosen.empty()       ? tr("Select shapes to see what they are.")
                     : chosen.size() == 1 ? ShapesModel::typeText(chosen.front()->type)
                                          : tr("%1 shapes").arg(chosen.size()));
    const auto show = [&](QLineEdit *field, auto textOf) {
        QString text = chosen.empty() ? QString() : textOf(*chosen.front());
        const bool isSame = std::all_of(chosen.begin(), chosen.end(), [&](auto *s) { return textOf(*s) == text; });
        if (!isSame)
            text.clear();
        field->setPlaceholderText(isSame ? QString() : tr("several"));
        if (field->text() != text && !(field->hasFocus() && field->isModified()))
            field->setText(text);
        field->setCursorPosition(0);
    };
    show(m_class, [](const Shape &shape) { return QString::fromStdString(shape.label); });
    show(m_group, [](const Shape &shape) { return shape.groupId ? QString::number(*shape.groupId) : QString(); });
    const bool areFaces =
        !chosen.empty() && std::ranges::all_of(chosen, [](const Shape *shape) { return isEmotion(shape->label); });
    for (QLineEdit *field : {m_intensity, m_rater, m_votes}) {
        field->setVisible(areFaces);
        m_rows->labelForField(field)->setVisible(areFaces);
    }
    show(m_intensity, [](const Shape &shape) {
        const auto intensity = intensityOf(shape);
        return intensity ? QString::number(qRound(100 * *intensity)) : QString();
    });
    show(m_rater, [](const Shape &shape) { return QString::fromStdString(raterOf(shape)); });
    show(m_votes, [](const Shape &shape) { return QString::fromStdString(votesText(votesOf(shape))); });
    const VoteCounts votes = areFaces && chosen.size() == 1 ? VoteCounts::of(votesOf(*chosen.front())) : VoteCounts();
    m_agreement->setText(agreementText(votes));
    m_agreement->setVisible(!votes.counts.empty());
    m_rows->labelForField(m_agreement)->setVisible(!votes.counts.empty());
    show(m_description, [](const Shape &shape) { return QString::fromStdString(shape.description); });

    std::size_t points = 0;
    std::int64_t area = 0;
    Rect box;
    for (const Shape *shape : chosen) {
        points += shape->points.size();
        const Mask mask = chosen.size() > kMostMeasured ? Mask{}
                          : shape->mask                 ? *shape->mask
                                                        : shapeMask(*shape, m_document.imageSize());
        area += mask.bits.empty() ? 0 : cv::countNonZero(mask.bits);
        box = box.united(chosen.size() > kMostMeasured ? shape->bounds() : mask.box);
    }
    QStringList measures;
    if (points > 0)
        measures << tr("Points %1").arg(points);
    if (chosen.size() <= kMostMeasured)
        measures << tr("%L1 px²").arg(area);
    measures << tr("%1, %2, %3 × %4").arg(box.x).arg(box.y).arg(box.width).arg(box.height);
    for (QString &measure : measures) // lines break between them
        measure.replace(QLatin1Char(' '), QChar(QChar::Nbsp));
    m_measures->setText(measures.join(QStringLiteral("   ")));
    refreshFlags(chosen);
}

void PropertiesPanel::refreshFlags(const std::vector<const Shape *> &chosen)
{
    const Dataset *dataset = m_document.dataset().get();
    std::vector<std::string> order;
    std::map<std::string, std::pair<int, int>> known; // set, not set
    const auto note = [&](const std::string &name, bool value) {
        if (!known.contains(name))
            order.push_back(name);
        auto &[set, unset] = known[name];
        ++(value ? set : unset);
    };
    for (const Shape *shape : chosen) {
        for (const auto &[name, value] : shape->flags)
            note(name, value);
        for (const std::string &name : flagsFor(dataset, shape->label))
            if (!flagOf(shape->flags, name))
                note(name, false);
    }
    m_flags->clear();
    for (const std::string &name : order)
        addFlag(m_flags, name,
                known[name].second == 0  ? Qt::Checked
                : known[name].first == 0 ? Qt::Unchecked
                                         : Qt::PartiallyChecked);
    m_imageFlags->clear();
    const Flags &own = m_document.annotation().flags;
    for (const auto &[name, value] : own)
        addFlag(m_imageFlags, name, value ? Qt::Checked : Qt::Unchecked);
    if (dataset && m_document.isLoaded())
        for (const std::string &name : dataset->imageFlags)
            if (!flagOf(own, name))
                addFlag(m_imageFlags, name, Qt::Unchecked);
    fitRows(m_flags);
    fitRows(m_imageFlags);
}

void PropertiesPanel::takeShapeFlag(const QListWidgetItem *item)
{
    if (m_isRefreshing)
        return;
    const std::string name = item->text().toStdString();
    const bool value = item->checkState() != Qt::Unchecked;
    const auto dataset = m_document.dataset();
    change("Change flags of ", [&](Shape &shape) {
        for (const std::string &missing : flagsFor(dataset.get(), shape.label))
            if (!flagOf(shape.flags, missing))
                shape.flags.emplace_back(missing, false);
        setFlag(shape.flags, name, value);
    });
}

void PropertiesPanel::takeImageFlag(const QListWidgetItem *item)
{
    if (m_isRefreshing)
        return;
    Flags flags = m_document.annotation().flags;
    for (const std::string &missing : m_document.dataset()->imageFlags)
        if (!flagOf(flags, missing))
            flags.emplace_back(missing, false);
    setFlag(flags, item->text().toStdString(), item->checkState() != Qt::Unchecked);
    Edit edit{.name = "Change flags of the image", .shapes = {}};
    edit.flags = {m_document.annotation().flags, std::move(flags)};
    m_document.applyEdit(std::move(edit));
}

} // namespace masque
