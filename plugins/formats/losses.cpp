// SPDX-License-Identifier: GPL-3.0-or-later
#include "plugins/formats/losses.h"

#include "core/annotations/dialects.h"
#include "core/annotations/face_fields.h"
#include "core/annotations/mask_ops.h"
#include "core/annotations/rasterise.h"
#include "core/datasets/image_class.h"

#include <algorithm>
#include <set>

namespace masque {

namespace {

constexpr std::size_t kListedUnreadable = 5;

bool isOutline(ShapeType type)
{
    return type == ShapeType::Polygon || type == ShapeType::Rectangle;
}

/// What there is in a dataset, counted.
struct Found {
    int shapes = 0, polygons = 0, rectangles = 0, others = 0, unknown = 0, ignored = 0;
    int mergedImages = 0;  ///< with several shapes of one class
    int coveredImages = 0; ///< with shapes over each other
    int groups = 0, descriptions = 0, shapeFlags = 0, raters = 0;
    int softEdges = 0; ///< images
    int imageFlags = 0, imageClasses = 0, imageVotes = 0, reviewed = 0, unlabelled = 0, splits = 0;
    VariantLoss masks;
    std::vector<std::string> unreadable;
    std::size_t unreadableCount = 0;
};

class Counter {
public:
    Counter(const Dataset &dataset, const Holds &holds)
        : m_dataset(dataset), m_holds(holds), m_classes(imageClasses(dataset))
    {
    }

    void add(const Item &item)
    {
        m_found.splits += item.split != Split::None;
        if (!hasAnnotation(m_dataset, item)) {
            ++m_found.unlabelled;
            return;
        }
        const auto annotation = readAnnotation(m_dataset, item);
        if (!annotation) {
            if (m_found.unreadable.size() < kListedUnreadable)
                m_found.unreadable.push_back(annotation.error().message);
            ++m_found.unreadableCount;
            return;
        }
        const std::string name = imageClassOf(item, summarise(*annotation), m_classes);
        m_found.imageClasses += !name.empty();
        m_found.imageVotes += !annotation->votes.empty() || !item.votes.counts.empty();
        m_found.reviewed += annotation->checked;
        m_found.imageFlags +=
            std::ranges::any_of(annotation->flags, [&](const auto &flag) { return flag.second && flag.first != name; });
        m_found.softEdges += !m_holds.softEdges && !item.foreign.empty() && m_dataset.source
                             && m_dataset.source->hasSoftEdge(m_dataset, item);
        addShapes(item, *annotation);
    }
    const Found &found() const { return m_found; }

private:
    void addShapes(const Item &item, const Annotation &annotation)
    {
        std::set<std::string> labels;
        bool isMerged = false;
        for (const Shape &shape : annotation.shapes) {
            ++m_found.shapes;
            isMerged = !labels.insert(shape.label).second || isMerged;
            m_found.ignored += shape.label == kIgnoreName;
            m_found.polygons += shape.type == ShapeType::Polygon;
            m_found.rectangles += shape.type == ShapeType::Rectangle;
            m_found.unknown += shape.type == ShapeType::Other;
            m_found.others += !isOutline(shape.type) && shape.type != ShapeType::Mask && shape.type != ShapeType::Other;
            m_found.groups += shape.groupId.has_value();
            m_found.descriptions += !shape.description.empty();
            m_found.shapeFlags += std::ranges::any_of(shape.flags, [](const auto &flag) { return flag.second; });
            m_found.raters += intensityOf(shape) || !raterOf(shape).empty() || !votesOf(shape).empty();
        }
        m_found.mergedImages += isMerged;
        if (!m_holds.pixels && m_holds.outlines)
            masksAsPolygons(annotation, m_found.masks);
        if (!m_holds.objects && m_holds.shapes() && annotation.shapes.size() > 1) {
            const auto size = annotation.imageSize;
            const auto info =
                size ? Result<ImageInfo>(ImageInfo{.size = *size}) : readImageInfo(m_dataset.absolute(item.image));
            m_found.coveredImages += info && hasCovered(annotation, info->size);
        }
    }

    const Dataset &m_dataset;
    const Holds &m_holds;
    const LabelSet m_classes;
    Found m_found;
};

} // namespace

bool hasCovered(const Annotation &annotation, Size size)
{
    const auto &shapes = annotation.shapes;
    std::vector<std::optional<Mask>> masks(shapes.size());
    const auto maskOf = [&](std::size_t i) -> const Mask & {
        if (!masks[i])
            masks[i] = shapeMask(shapes[i], size);
        return *masks[i];
    };
    for (std::size_t i = 0; i < shapes.size(); ++i)
        for (std::size_t k = i + 1; k < shapes.size(); ++k)
            if (!shapes[i].bounds().intersected(shapes[k].bounds()).isEmpty() && overlap(maskOf(i), maskOf(k)))
                return true;
    return false;
}

std::string lossText(const std::string &what, std::int64_t count)
{
    return what + ": " + std::to_string(count) + ".";
}

std::vector<std::string> lossesOf(const Dataset &dataset, const Holds &holds, std::stop_token stop,
                                  const Progress &progress)
{
    Counter counter(dataset, holds);
    for (std::size_t i = 0; i < dataset.items.size() && !stop.stop_requested(); ++i) {
        counter.add(dataset.items[i]);
        if (progress)
            progress(i + 1, dataset.items.size());
    }
    const Found &found = counter.found();
    std::vector<std::string> all;
    const auto tell = [&](bool isHeld, int count, const std::string &what) {
        if (!isHeld && count > 0)
            all.push_back(lossText(what, count));
    };
    if (found.unreadableCount > 0) {
        for (const auto &message : found.unreadable)
            all.push_back("Nothing can be written while a file cannot be read: " + message + ".");
        if (found.unreadableCount > found.unreadable.size())
            all.push_back(lossText("More files that cannot be read",
                                   static_cast<std::int64_t>(found.unreadableCount - found.unreadable.size())));
    }
    if (holds.shapes()) {
        const std::string instead = holds.pixels ? "become pixels" : "become polygons";
        tell(holds.outlines, found.polygons, "Polygons " + instead);
        tell(holds.rectangles, found.rectangles, "Rectangles " + (holds.outlines ? "become polygons" : instead));
        tell(holds.otherShapes, found.others, "Circles, lines and points " + instead);
        tell(holds.otherShapes, found.unknown, "Shapes of other kinds are left out");
        tell(holds.pixels, found.masks.masks, "Masks become polygons");
        tell(holds.pixels, found.masks.holes, "Holes in masks are filled");
        tell(holds.pixels, found.masks.regions, "Regions of masks under 3 points are left out");
        tell(holds.softEdges, found.softEdges, "Soft edges become hard, in images");
        tell(holds.objects, found.mergedImages, "Objects of one class become one, in images");
        tell(holds.objects, found.coveredImages, "What another shape covers is lost, in images");
        tell(holds.ignored, found.ignored, "Ignored regions are left out");
        tell(holds.groups, found.groups, "Shapes lose their group");
        tell(holds.descriptions, found.descriptions, "Shapes lose their description");
        tell(holds.shapeFlags, found.shapeFlags, "Shapes lose their flags");
        tell(holds.raters, found.raters, "Faces lose intensity, rater and votes");
    } else {
        tell(false, found.shapes, "Shapes are left out");
    }
    tell(holds.imageClasses, found.imageClasses, "Images lose their class");
    tell(holds.imageVotes, found.imageVotes, "Images lose the raters' votes");
    tell(holds.imageFlags, found.imageFlags, "Images lose their flags");
    tell(holds.reviewed, found.reviewed, "Images lose the mark that they were reviewed");
    tell(holds.unlabelled, found.unlabelled, "Unlabelled images count as images without shapes");
    tell(holds.splits, found.splits, "Images lose their split");
    return all;
}

std::vector<std::string> lossOfClassless(const Dataset &dataset)
{
    const LabelSet classes = imageClasses(dataset);
    const auto count = std::ranges::count_if(dataset.items, [&](const Item &item) {
        const auto name = imageClass(dataset, item, classes);
        return !name || name->empty() || *name == kIgnoreName;
    });
    return count > 0 ? std::vector{lossText("Images without a class are left out", count)} : std::vector<std::string>();
}

} // namespace masque
