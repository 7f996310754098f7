// SPDX-License-Identifier: GPL-3.0-or-later
#include "studio/document/DocumentPrivate.h"

namespace masque {

namespace {

constexpr int kMaxClasses = 255;

/// Puts value into the set or takes it out; true if that changed the set.
template <typename T>
bool setMember(std::set<T> &set, const T &value, bool isMember)
{
    return isMember ? set.insert(value).second : set.erase(value) > 0;
}

} // namespace

const LabelSet &Document::labels() const
{
    return d->labels;
}
QString Document::activeLabel() const
{
    return d->activeLabel;
}

void Document::setActiveLabel(const QString &name)
{
    const std::string label = name.trimmed().toStdString();
    if (!label.empty() && d->dataset && !d->labels.idOf(label)) {
        if (d->labels.size() >= kMaxClasses) {
            d->notice = tr("A dataset can have at most %1 classes.").arg(kMaxClasses);
            d->emitChange(ChangeEvent::SaveStateChanged);
            return;
        }
        d->labels.add(label);
        d->labelsEdited = true;
        d->publishLabels();
        d->settingsTimer.start();
    }
    if (d->activeLabel == QString::fromStdString(label))
        return;
    d->activeLabel = QString::fromStdString(label);
    d->emitChange(ChangeEvent::ActiveLabelChanged);
}

void Document::setLabelColor(int id, Color color)
{
    if (id < 0 || id >= d->labels.size() || d->labels[id].color == color)
        return;
    d->labels.setColor(id, color);
    d->labelsEdited = true;
    d->publishLabels();
    d->settingsTimer.start();
}

void Document::setLabelKey(int id, std::optional<int> key)
{
    if (id < 0 || id >= d->labels.size() || d->labels[id].key == key)
        return;
    d->labels.setKey(id, key);
    d->labelsEdited = true;
    d->publishLabels();
    d->settingsTimer.start();
}

void Document::Private::addLabelsOf(const Annotation &annotation)
{
    const int before = labels.size();
    for (const Shape &shape : annotation.shapes)
        if (!shape.label.empty() && !labels.idOf(shape.label) && labels.size() < kMaxClasses)
            labels.add(shape.label);
    if (labels.size() != before)
        publishLabels();
}

void Document::Private::mergeLabels(const LabelSet &indexed)
{
    LabelSet merged = labelsEdited ? labels : indexed;
    for (const std::string &name : (labelsEdited ? indexed : labels).names())
        if (!merged.idOf(name) && merged.size() < kMaxClasses)
            merged.add(name);
    if (merged == labels)
        return;
    labels = std::move(merged);
    publishLabels();
    pickOnlyLabel();
}

void Document::Private::publishLabels()
{
    if (dataset)
        changeDataset([this](Dataset &changed) { changed.labels = labels; });
    emitChange(ChangeEvent::LabelsChanged);
}

void Document::Private::pickOnlyLabel()
{
    const int first = labels.hasBackground() ? 1 : 0;
    if (activeLabel.isEmpty() && labels.size() == first + 1) {
        activeLabel = QString::fromStdString(labels[first].name);
        emitChange(ChangeEvent::ActiveLabelChanged);
    }
}

void Document::Private::saveSettings()
{
    settingsTimer.stop();
    if (!dataset)
        return;
    if (settingsSaving) { // one at a time, so that an older list never overwrites a newer one
        settingsTimer.start();
        return;
    }
    settingsSaving = true;
    run(
        {}, [source = dataset](JobControl &) { return writeDatasetSettings(*source); },
        [this](const Result<void> &result, bool canceled) {
            settingsSaving = false;
            if (!result && !canceled) {
                notice = QString::fromStdString(result.error().message);
                emitChange(ChangeEvent::SaveStateChanged);
            }
        });
}

const std::set<ShapeId> &Document::hiddenShapes() const
{
    return d->hiddenShapes;
}
const std::set<ShapeId> &Document::lockedShapes() const
{
    return d->lockedShapes;
}
const std::set<std::string> &Document::hiddenLabels() const
{
    return d->hiddenLabels;
}
const std::set<std::string> &Document::lockedLabels() const
{
    return d->lockedLabels;
}

void Document::setShapeHidden(ShapeId id, bool hidden)
{
    if (setMember(d->hiddenShapes, id, hidden))
        d->emitChange(ChangeEvent::VisibilityChanged);
}

void Document::setShapeLocked(ShapeId id, bool locked)
{
    if (setMember(d->lockedShapes, id, locked))
        d->emitChange(ChangeEvent::VisibilityChanged);
}

void Document::setLabelHidden(const std::string &label, bool hidden)
{
    if (setMember(d->hiddenLabels, label, hidden))
        d->emitChange(ChangeEvent::VisibilityChanged);
}

void Document::setLabelLocked(const std::string &label, bool locked)
{
    if (setMember(d->lockedLabels, label, locked))
        d->emitChange(ChangeEvent::VisibilityChanged);
}

std::set<ShapeId> Document::protectedShapes() const
{
    std::set<ShapeId> ids;
    for (const Shape &shape : annotation().shapes)
        if (d->hiddenShapes.contains(shape.id) || d->lockedShapes.contains(shape.id)
            || d->hiddenLabels.contains(shape.label) || d->lockedLabels.contains(shape.label))
            ids.insert(shape.id);
    return ids;
}

} // namespace masque
