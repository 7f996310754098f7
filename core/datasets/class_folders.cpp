// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/datasets/class_folders.h"

#include "core/base/files.h"
#include "core/datasets/image_class.h"
#include "core/datasets/listing.h"

#include <algorithm>
#include <filesystem>
#include <map>
#include <ranges>
#include <set>

namespace masque {

namespace {

namespace fs = std::filesystem;

std::string notesPath(const std::string &root)
{
    return root + "/.masque/class-folders.json";
}

std::string jsonOf(const std::string &image)
{
    return itemFor(image).json;
}

bool isThere(const std::string &path)
{
    std::error_code failed;
    return fs::exists(fs::symlink_status(path, failed));
}

/// Empty if it is done.
std::string moveFile(const std::string &root, const std::string &from, const std::string &to)
{
    if (isThere(root + "/" + to))
        return to + " is there already";
    std::error_code failed;
    fs::create_directories(fs::path(root + "/" + to).parent_path(), failed);
    if (!failed)
        fs::rename(root + "/" + from, root + "/" + to, failed);
    return failed ? failed.message() : std::string();
}

/// The image and its LabelMe file, or neither.
std::string moveImage(const std::string &root, const FileMove &move)
{
    const std::string json = jsonOf(move.from), newJson = jsonOf(move.to);
    const bool hasJson = isThere(root + "/" + json);
    if (hasJson)
        if (auto problem = moveFile(root, json, newJson); !problem.empty())
            return problem;
    auto problem = moveFile(root, move.from, move.to);
    if (!problem.empty() && hasJson)
        moveFile(root, newJson, json);
    return problem;
}

Result<Json> readNotes(const std::string &root)
{
    if (!isThere(notesPath(root)))
        return Json::array();
    auto notes = readJsonFile(notesPath(root));
    if (notes && !notes->isArray())
        return Error{ErrorCode::Format, notesPath(root) + ": a list was expected", notesPath(root)};
    return notes;
}

/// Of one sorting; what names files outside the dataset is left out.
std::vector<FileMove> movesOf(const Json &sorting)
{
    std::vector<FileMove> moves;
    const auto isInside = [](const std::string &path) {
        const auto normal = fs::path(path).lexically_normal();
        return !path.empty() && normal.is_relative() && *normal.begin() != "..";
    };
    for (const Json &move : sorting.items())
        if (FileMove one{move["from"].toString(), move["to"].toString()}; isInside(one.from) && isInside(one.to))
            moves.push_back(std::move(one));
    return moves;
}

void renameInSplits(const std::string &root, const std::map<std::string, std::string> &names)
{
    std::error_code failed;
    for (fs::directory_iterator run(root + "/.masque/runs", failed), end; !failed && run != end;
         run.increment(failed)) {
        const std::string path = (run->path() / "split.json").string();
        auto json = readJsonFile(path);
        if (!json)
            continue;
        bool isChanged = false;
        for (const char *key : {"train", "val", "test"}) {
            Json::Array images = (*json)[key].items();
            for (Json &image : images)
                if (const auto found = names.find(image.toString()); found != names.end()) {
                    image = found->second;
                    isChanged = true;
                }
            json->set(key, std::move(images));
        }
        if (isChanged && !writeFileAtomically(path, json->dump(2)))
            continue; // the run has lost sight of these images, as of any that are moved by hand
    }
}

std::vector<Problem> moveAll(const std::string &root, const std::vector<FileMove> &moves, std::stop_token stop,
                             const Progress &progress)
{
    std::vector<Problem> problems;
    std::map<std::string, std::string> names;
    for (std::size_t k = 0; k < moves.size() && !stop.stop_requested(); ++k) {
        if (auto problem = moveImage(root, moves[k]); problem.empty())
            names[moves[k].from] = moves[k].to;
        else
            problems.push_back({moves[k].from, std::move(problem)});
        if (progress)
            progress(k + 1, moves.size());
    }
    renameInSplits(root, names);
    return problems;
}

bool isFolderName(const std::string &name)
{
    return !name.empty() && !name.starts_with('.') && name.find_first_of("/\\:*?\"<>|") == std::string::npos
           && std::ranges::none_of(name, [](unsigned char c) { return c < ' '; });
}

} // namespace

FolderPlan planClassFolders(const Dataset &dataset, const std::vector<ItemSummary> &summaries, const LabelSet &classes)
{
    FolderPlan plan;
    std::set<std::string> targets;
    for (std::size_t i = 0; i < std::min(dataset.items.size(), summaries.size()); ++i) {
        const Item &item = dataset.items[i];
        const std::string name = imageClassOf(item, summaries[i], classes);
        if (name.empty() || name == kIgnoreName || !classes.idOf(name))
            continue;
        const fs::path path(item.image);
        fs::path folder = path.parent_path();
        if (folder.filename() == name)
            continue;
        if (classes.idOf(folder.filename().string()))
            folder = folder.parent_path();
        const std::string to = (folder / name / path.filename()).generic_string();
        const auto stay = [&](const char *why) { plan.staying.push_back({item.image, why}); };
        if (item.image.find('#') != std::string::npos)
            stay("is a part of a file");
        else if (!item.mask.empty() || !item.foreign.empty())
            stay("its annotation is found by its place");
        else if (!isFolderName(name))
            stay("the name of its class is no name for a folder");
        else if (isThere(dataset.absolute(to)) || isThere(dataset.absolute(jsonOf(to))) || !targets.insert(to).second)
            stay("a file of its name is there already");
        else
            plan.moves.push_back({item.image, to});
    }
    return plan;
}

Result<std::vector<Problem>> moveIntoClassFolders(const std::string &root, const std::vector<FileMove> &moves,
                                                  std::stop_token stop, const Progress &progress)
{
    auto notes = readNotes(root);
    if (!notes)
        return notes.error();
    Json sorting = Json::array();
    for (const FileMove &move : moves) {
        Json one = Json::object();
        one.set("from", move.from);
        one.set("to", move.to);
        sorting.push_back(std::move(one));
    }
    notes->push_back(std::move(sorting));
    if (auto made = makeFolder(root + "/.masque"); !made)
        return made.error();
    if (auto written = writeFileAtomically(notesPath(root), notes->dump(2)); !written)
        return written.error();
    return moveAll(root, moves, stop, progress);
}

bool canUndoClassFolders(const std::string &root)
{
    return isThere(notesPath(root));
}

Result<std::vector<Problem>> undoClassFolders(const std::string &root, std::stop_token stop, const Progress &progress)
{
    auto notes = readNotes(root);
    if (!notes)
        return notes.error();
    Json::Array sortings = notes->items();
    if (sortings.empty())
        return Error{ErrorCode::Data, root + ": nothing was sorted into class folders", root};
    std::vector<FileMove> back;
    for (const auto &[from, to] : movesOf(sortings.back()) | std::views::reverse)
        if (isThere(root + "/" + to) || !isThere(root + "/" + from)) // the crash came before it was moved
            back.push_back({to, from});
    auto problems = moveAll(root, back, stop, progress);
    if (stop.stop_requested())
        return problems; // the note stays for the rest
    std::error_code ignored;
    for (const FileMove &move : back)
        fs::remove(fs::path(root + "/" + move.from).parent_path(), ignored); // only where it is empty
    sortings.pop_back();
    if (sortings.empty())
        fs::remove(notesPath(root), ignored);
    else if (auto written = writeFileAtomically(notesPath(root), Json(std::move(sortings)).dump(2)); !written)
        return written.error();
    return problems;
}

} // namespace masque
