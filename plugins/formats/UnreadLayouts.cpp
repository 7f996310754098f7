// SPDX-License-Identifier: GPL-3.0-or-later
#include "plugins/formats/UnreadLayouts.h"

#include "core/base/text.h"
#include "core/datasets/listing.h"
#include "plugins/formats/csv.h"

#include <algorithm>
#include <filesystem>
#include <fstream>

namespace masque {

namespace {

constexpr std::size_t kHead = 2048;
constexpr std::size_t kLookedFiles = 20; ///< of those whose content has to tell

bool beginsWith(const std::string &path, std::initializer_list<std::string_view> marks)
{
    std::ifstream file(path, std::ios::binary);
    std::string head(kHead, '\0');
    file.read(head.data(), static_cast<std::streamsize>(head.size()));
    return std::ranges::all_of(marks, [&](auto mark) { return head.find(mark) != std::string::npos; });
}

std::string nameOf(const std::string &file)
{
    return file.substr(file.find_last_of('/') + 1);
}

/// What a folder is by one of its files; null if that does not tell.
const char *layoutOf(const std::string &root, const std::string &file, const std::string &lower)
{
    const std::string name = nameOf(lower);
    if (name.ends_with("_atr.txt"))
        return "ADE20K's full annotations (2017)";
    if (name.find("_parts_") != std::string::npos && name.ends_with(".png"))
        return "ADE20K's full annotations";
    if (name == "list_attr_celeba.txt" || name == "identity_celeba.txt")
        return "CelebA";
    if (name == "config_v1.2.json" || name == "config_v2.0.json")
        return "Mapillary Vistas";
    if (name.ends_with("annotations-bbox.csv") || name.ends_with("class-descriptions.csv"))
        return "Open Images";
    if (name == "_annotations.createml.json")
        return "CreateML";
    if (name == "_classes.csv")
        return "Roboflow's table of several classes an image";
    if (name.ends_with(".tfrecord"))
        return "TFRecord";
    if (name.starts_with("loose_bb_") || name.starts_with("loose_landmark_"))
        return "VGGFace2";
    if (name.ends_with(".csv")) {
        const CsvTable header{.columns = csvColumns(root + "/" + file), .rows = {}};
        if (header.column({"bbox", "x1", "xmin"}) >= 0)
            return "a table of boxes (CSV)";
    }
    if (lower.find("labeltxt/") != std::string::npos && name.ends_with(".txt"))
        return "YOLO's turned boxes (OBB)";
    if (lower.starts_with("training/image_2/"))
        return "KITTI";
    if (name.starts_with("panoptic_") && name.ends_with(".json"))
        return "COCO panoptic";
    const std::string path = root + "/" + file;
    if (name.ends_with(".json") && beginsWith(path, {"\"annotations\"", "\"crop_box\""}))
        return "Segment Anything (SA-1B)";
    if (lower.find("annotations/") != std::string::npos && name.ends_with(".json")
        && (beginsWith(path, {"\"categories\"", "\"label_groups\""}) || beginsWith(path, {"\"dm_format_version\""})
            || beginsWith(path, {"\"infos\"", "\"categories\""})))
        return "Datumaro";
    if (name.ends_with(".xml") && beginsWith(path, {"<annotation>", "<polygon>", "<username>"}))
        return "LabelMe's web tool (XML)";
    return nullptr;
}

const char *layoutIn(const std::string &root)
{
    std::size_t looked = 0;
    const auto listed = listedFiles(root);
    for (const auto &file : *listed) {
        // Of images, and of what follows after many files, few names tell anything.
        const bool isImage = hasImageExtension(file);
        if (isImage && !file.starts_with("training/image_2/") && file.find("_parts_") == std::string::npos)
            continue;
        if (looked >= kLookedFiles && file.ends_with(".json") && file.find("panoptic_") == std::string::npos
            && file.find("createml") == std::string::npos && file.find("config_v") == std::string::npos)
            continue;
        const std::string lower = toLowerAscii(file);
        const bool needsLook = lower.ends_with(".json") || lower.ends_with(".xml");
        if (needsLook && ++looked > kLookedFiles)
            continue;
        if (const char *found = layoutOf(root, file, lower))
            return found;
    }
    return nullptr;
}

} // namespace

int UnreadLayouts::probe(const std::string &path) const
{
    return layoutIn(path) ? 78 : 0; // less sure than what is read by its own files alone
}

Result<Dataset> UnreadLayouts::read(const std::string &path) const
{
    const char *found = layoutIn(path);
    return Error{ErrorCode::Unsupported,
                 path + ": looks like " + (found ? found : "no layout that is known")
                     + ", which is not read. Convert it to COCO, YOLO or Pascal VOC with the tool that made it; a "
                       "masque.json with {\"format\": \"labelme\"} in the folder opens its images without annotations",
                 path};
}

} // namespace masque
