// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/datasets/Dataset.h"

#include <memory>
#include <string>
#include <vector>

namespace masque {

/// A way to lay out a dataset on disk. Implementations hold no state; all calls are thread-safe.
class DatasetFormat {
public:
    virtual ~DatasetFormat() = default;

    virtual std::string id() const = 0;    ///< "labelme", "image-mask", "camvid", "class-folders"
    virtual std::string title() const = 0; ///< English
    virtual bool canWrite() const { return false; }

    /// How sure it is that path (a folder or file) is of this format, 0 (no) to 100. Looks at names and a few small
    /// files only.
    virtual int probe(const std::string &path) const = 0;
    /// Lists the dataset without reading images or annotations.
    virtual Result<Dataset> read(const std::string &path) const = 0;

    /// What write would make, relative to the target folder.
    virtual std::vector<std::string> outputFiles(const Dataset &) const { return {}; }
    /// What the format cannot hold of this dataset, one sentence each. May read every annotation.
    virtual std::vector<std::string> losses(const Dataset &, std::stop_token, const Progress &) const { return {}; }
    /// Writes into folder (made if missing); never overwrites a file that it did not make itself in this call.
    virtual Result<void> write(const Dataset &, const std::string &folder, std::stop_token, const Progress &) const;
};

using FormatList = std::vector<std::shared_ptr<const DatasetFormat>>;

/// Opens a folder (or the folder of an image or JSON file) with the surest format, or with the one named formatId.
/// Applies masque.json (classes, splits) of the folder if there is one. Errors say what was looked for.
Result<Dataset> openDataset(const std::string &path, const FormatList &formats, const std::string &formatId = {});

/// Writes classes (name, color, key) and explicit splits into root/masque.json, keeping its other keys.
Result<void> writeDatasetSettings(const Dataset &);

} // namespace masque
