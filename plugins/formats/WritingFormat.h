// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/datasets/DatasetFormat.h"
#include "plugins/formats/losses.h"

#include <set>

namespace masque {

/// One image as a format writes it.
struct Output {
    const Item *item = nullptr;
    bool isAnnotated = false;
    std::string stem = {};               ///< a name that no other image of the dataset has, without folders
    std::string extension = {};          ///< of the image, with the dot
    std::string imageClass = {};         ///< of a whole image, by its folder or its flags; may be empty
    std::string image = {};              ///< where the image goes; empty: nowhere by itself
    std::vector<std::string> files = {}; ///< what else is written for it
};

/// What writers of all formats share: names, the refusal to write over anything, the images, progress, cancel, and
/// what is lost. A format says where an image's files go and writes one annotation at a time.
class WritingFormat : public DatasetFormat {
public:
    bool canWrite() const override { return true; }
    std::vector<std::string> outputFiles(const Dataset &) const override;
    std::vector<std::string> losses(const Dataset &, std::stop_token, const Progress &) const override;
    Result<void> write(const Dataset &, const std::string &folder, std::stop_token, const Progress &) const override;

protected:
    /// Of one call of write; folder is there already.
    class Writer {
    public:
        virtual ~Writer() = default;
        /// annotation: null where the image has none.
        virtual Result<void> add(const Output &, const Annotation *) = 0;
        virtual Result<void> finish() { return {}; }
    };

    virtual Holds holds() const = 0;
    /// Sets Output::image and ::files; false where the format has no place for the image.
    virtual Result<bool> place(const Dataset &, Output &) const = 0;
    /// Files that are not of one image.
    virtual std::vector<std::string> commonFiles(const Dataset &, const std::vector<Output> &) const { return {}; }
    virtual std::vector<std::string> ownLosses(const Dataset &) const { return {}; }
    virtual std::unique_ptr<Writer> makeWriter(const Dataset &, const std::string &folder) const = 0;

private:
    Result<std::vector<Output>> outputs(const Dataset &) const;
};

/// "train/" and so on, empty without one.
std::string splitFolder(Split);
/// Nobody corrected the item: what the dataset's own files say of it still holds.
bool isUntouched(const Dataset &, const Item &);
/// And that is a mask file of classes, which tells no objects apart.
bool isMaskAlone(const Dataset &, const Item &);
/// What raters said of the image: by its annotation, else by the dataset's files.
VoteCounts votesFor(const Item &, const Annotation *);
/// The size of an item's image, by its annotation or the image itself.
Result<Size> sizeOf(const Dataset &, const Item &, const Annotation *);
/// A new file; unlike writeFileAtomically it waits for no disk, since an export that broke off is made again.
Result<void> writeNew(const std::string &path, std::string_view bytes);
/// A line each.
Result<void> writeLines(const std::string &path, const std::vector<std::string> &lines);
/// Shapes of one group and one class are one object; so is each that has no group. In paint order of their first.
std::vector<std::vector<const Shape *>> objectsOf(const Annotation &);
/// The pixels of an object's shapes together.
Mask maskOf(const std::vector<const Shape *> &object, Size size);
/// Class ids of an annotation, as the dataset's masks have them: an id mask is read as it is.
Result<cv::Mat1b> labelMapFor(const Dataset &, const Item &, const Annotation &);

} // namespace masque
