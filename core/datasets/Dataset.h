// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/annotations/Annotation.h"
#include "core/annotations/LabelSet.h"
#include "core/annotations/overlaps.h"

#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

namespace masque {

enum class Task { Segmentation, Classification };
enum class Split : std::uint8_t { None, Train, Val, Test };
std::string_view taskName(Task);   ///< "segmentation", "classification"
std::string_view splitName(Split); ///< "", "train", "val", "test"

/// How an item stands, as the browser marks it.
enum class ItemStatus : std::uint8_t { Unknown, New, Labelled, Reviewed, Problem, Proposal };

/// What reading an item's annotation found; made in the background (indexItem).
struct ItemSummary {
    ItemStatus status = ItemStatus::Unknown;
    int shapes = 0;
    std::vector<std::string> labels = {};   ///< distinct, in order of appearance
    std::vector<std::string> flags = {};    ///< of the image, those that are set
    VoteCounts votes = {};                  ///< of the image, by its annotation
    std::vector<double> agreements = {};    ///< of raters on each shape with votes, least first, 0..1
    std::string problem = {};               ///< message if status is Problem
    std::optional<double> iou = {};         ///< mean IoU of the last evaluated prediction with it
    std::optional<double> uncertainty = {}; ///< that prediction's mean entropy, 0..1
    bool isProposed = false;                ///< a model's proposal waits to be looked at

    /// The mark that it bears: Proposal while one waits, whatever is labelled.
    ItemStatus mark() const { return isProposed && status != ItemStatus::Problem ? ItemStatus::Proposal : status; }
    bool operator==(const ItemSummary &) const = default;
};

struct Dataset;
struct Item;

/// Annotations that a dataset holds in a format of its own (COCO, VOC, YOLO, ...), read one image at a time and never
/// written: what is edited goes into LabelMe files beside the images, which count more. Thread-safe.
class AnnotationSource {
public:
    virtual ~AnnotationSource() = default;
    /// What Item::foreign says of the image. Errors name the file and, where there is one, the field.
    virtual Result<Annotation> read(const Dataset &, const Item &) const = 0;
    /// The files that read looks at, relative to the root; else what `foreign` names before a '#'.
    virtual std::vector<std::string> files(const Item &) const;
    /// The file's mask has partly transparent pixels, of which an annotation holds only whether they are in or out.
    virtual bool hasSoftEdge(const Dataset &, const Item &) const { return false; }
};

/// One image of a dataset and where its annotation is. Paths are relative to Dataset::root with '/'.
struct Item {
    std::string image;
    std::string json;         ///< the LabelMe file, there or to be made (beside the image)
    std::string mask = {};    ///< an id mask that serves as annotation while json is not there
    std::string foreign = {}; ///< where Dataset::source finds its annotation: a file, or "file#entry"
    std::string label = {};   ///< image-level class (class folders)
    VoteCounts votes = {};    ///< what raters said that the image is, by the dataset's files
    Split split = Split::None;
    std::shared_ptr<const Annotation> corrected = {}; ///< stands for what the files say, where it is set

    bool hasClass() const { return !label.empty() || !votes.counts.empty(); } ///< or votes for some
};

struct Problem {
    std::string file; ///< relative to the root
    std::string message;
};

/// A folder of images as Masque sees it: an immutable snapshot, shared between threads by shared_ptr<const Dataset>.
/// Opening lists files only; annotations are read when asked for.
struct Dataset {
    std::string root;   ///< absolute
    std::string format; ///< DatasetFormat::id()
    Task task = Task::Segmentation;
    LabelSet labels = {};         ///< background first for segmentation; complete after indexDataset
    bool labelsFixed = false;     ///< a file (masque.json, labels.txt, classes.txt) lists the classes in order
    std::vector<Item> items = {}; ///< natural order of paths
    std::map<std::uint32_t, std::uint8_t> maskIds =
        {};                    ///< id-mask value (grey, index, or 0xRRGGBB) -> class id or kIgnoreId; empty: identity
    bool maskIdsFixed = false; ///< masque.json lists the classes' values (`ids`), since classes were merged
    std::vector<Problem> problems = {};
    std::shared_ptr<const AnnotationSource> source = {}; ///< of items with `foreign`
    /// masque.json's `label_flags`: flags that shapes of the classes which a regular expression matches are asked to
    /// have; and its `flags`, the image's. As in labelme's configuration.
    std::vector<std::pair<std::string, std::vector<std::string>>> labelFlags = {};
    std::vector<std::string> imageFlags = {};

    std::string absolute(const std::string &relative) const;
    std::optional<std::size_t> indexOf(const std::string &image) const;
    std::array<int, 4> splitCounts() const; ///< by Split
};

/// The class of an item's whole image: the flag that its annotation sets among the classes, else the item's own (its
/// folder); empty if there is none. Errors name a file that cannot be read.
Result<std::string> imageClass(const Dataset &, const Item &, const LabelSet &classes);

/// The share of each class that raters see in an item's whole image, their sum 1: by the votes of its annotation, else
/// all for its class where the annotation sets one, else by the item's own votes, else all for its class. Votes for
/// what is no class are left out; all 0 if nothing is left. Errors name a file that cannot be read.
Result<std::vector<double>> imageShares(const Dataset &, const Item &, const LabelSet &classes);

using Progress = std::function<void(std::size_t done, std::size_t total)>;

/// The item's annotation: the LabelMe file if there is one, else what the dataset's source says of it, else its id mask
/// as mask shapes (one a class), else empty.
Result<Annotation> readAnnotation(const Dataset &, const Item &);
/// The item's class ids at the image's size (CV_8UC1, 255 ignore). Error if there is no annotation or sizes disagree.
Result<cv::Mat1b> readLabelMap(const Dataset &, const Item &);
/// The same with shapes that may lie over each other; an id mask has none that do. Needs a background class.
Result<OverlapMap> readOverlapMap(const Dataset &, const Item &);
/// True if a LabelMe file with content or an id mask or a label is there (by existence of files; content unread).
bool hasAnnotation(const Dataset &, const Item &);

/// What the browser says of an annotation that is there.
ItemSummary summarise(const Annotation &);
/// Reads one item's annotation for browser and statistics.
ItemSummary summarise(const Dataset &, const Item &);

/// A dataset with its classes completed from all annotations (in natural order of names after `_background_`, unless
/// labelsFixed, then new ones are appended) and problems listed; plus what each item holds.
struct IndexedDataset {
    Dataset dataset;
    std::vector<ItemSummary> summaries; ///< parallel to dataset.items
};
IndexedDataset indexDataset(Dataset dataset, std::stop_token stop = {}, const Progress &progress = {});

/// Figures of `masque info`; reads every annotation and rasterises it.
struct ClassFigures {
    std::string name;
    int images = 0;
    int shapes = 0;
    std::int64_t pixels = 0;
};
struct DatasetFigures {
    int images = 0, annotated = 0, shapes = 0;
    std::vector<ClassFigures> classes;
    std::array<int, 4> splits{};
    std::vector<Problem> problems;
};
DatasetFigures datasetFigures(const IndexedDataset &, std::stop_token stop = {}, const Progress &progress = {});

} // namespace masque
