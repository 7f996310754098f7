// SPDX-License-Identifier: GPL-3.0-or-later
// A dataset format as a plugin: a folder with pairs.txt, whose lines say "image mask", both relative to the folder. The
// masks hold a class a pixel, 0 for the background. A format has four things to say: who it is, whether a folder is its
// own (probe), what is in it (read, which opens no image), and, if it can write, what it writes.
#include "core/base/files.h"
#include "core/base/text.h"
#include "core/datasets/listing.h"
#include "core/image/image_file.h"
#include "core/plugins/Plugin.h"

#include <QObject>

#include <filesystem>
#include <set>

namespace {

using namespace masque;
namespace fs = std::filesystem;

constexpr const char *kList = "pairs.txt";
constexpr std::uint64_t kMostBytes = 64 << 20; // a list that is larger is something else

class PairListFormat : public DatasetFormat {
public:
    std::string id() const override { return "pair-list"; }
    std::string title() const override { return "List of image and mask pairs (pairs.txt)"; }
    bool canWrite() const override { return true; }

    /// Of several formats the surest opens a folder. Built-in ones say 40 to 95; a file that nobody else has is sure.
    int probe(const std::string &path) const override
    {
        std::error_code ignored;
        return fs::is_regular_file(fs::path(path) / kList, ignored) ? 96 : 0;
    }

    Result<Dataset> read(const std::string &path) const override
    {
        const auto text = readFile(path + "/" + kList, kMostBytes);
        if (!text)
            return text.error();
        Dataset dataset;
        dataset.root = path;
        dataset.format = id();
        dataset.labels = LabelSet({std::string(kBackgroundName)}); // values found in the masks get classes of their own
        const auto listing = listFolder(path);
        const std::set<std::string> files(listing.files.begin(), listing.files.end());
        int number = 0;
        for (const auto &line : splitText(*text, '\n')) {
            ++number;
            const auto words = splitText(trimmed(line), ' ');
            if (words.size() == 1 && words[0].empty())
                continue;
            // Never trust a file: what leads out of the folder is in no listing of it.
            if (words.size() != 2 || !files.contains(words[0]) || !files.contains(words[1])) {
                dataset.problems.push_back(
                    {kList, "line " + std::to_string(number) + " names no image and mask of this folder"});
                continue;
            }
            Item item = itemFor(words[0]); // corrections go to the LabelMe file beside the image
            item.mask = words[1];
            dataset.items.push_back(std::move(item));
        }
        return dataset;
    }

    std::vector<std::string> outputFiles(const Dataset &dataset) const override
    {
        std::vector<std::string> files{kList};
        for (std::size_t i = 0; i < dataset.items.size(); ++i)
            for (const char *folder : {"images/", "masks/"})
                files.push_back(folder + nameOf(i));
        return files;
    }

    /// What is said before anything is written.
    std::vector<std::string> losses(const Dataset &, std::stop_token, const Progress &) const override
    {
        return {"Shapes become the pixels of their class.", "Splits are not kept."};
    }

    /// Never over a file that is there; says how far it is; stops when asked to.
    Result<void> write(const Dataset &dataset, const std::string &folder, std::stop_token stop,
                       const Progress &progress) const override
    {
        for (const auto &file : outputFiles(dataset))
            if (std::error_code ignored; fs::exists(folder + "/" + file, ignored))
                return Error{ErrorCode::Io, folder + "/" + file + ": is there already", folder};
        for (const char *part : {"/images", "/masks"})
            if (auto made = makeFolder(folder + part); !made)
                return made;
        std::string list;
        for (std::size_t i = 0; i < dataset.items.size() && !stop.stop_requested(); ++i) {
            const Item &item = dataset.items[i];
            const auto image = readImage(dataset.absolute(item.image));
            if (!image)
                return image.error();
            const auto ids = readLabelMap(dataset, item); // class ids at the image's size
            if (!ids)
                return ids.error();
            const auto png = encodeGreyPng(*ids);
            if (!png)
                return png.error();
            if (auto written = writeImage(folder + "/images/" + nameOf(i), *image); !written)
                return written;
            if (auto written = writeFileAtomically(folder + "/masks/" + nameOf(i), *png); !written)
                return written;
            list += "images/" + nameOf(i) + " masks/" + nameOf(i) + "\n";
            if (progress)
                progress(i + 1, dataset.items.size());
        }
        return writeFileAtomically(folder + "/" + kList, list);
    }

private:
    static std::string nameOf(std::size_t i) { return std::to_string(i + 1) + ".png"; }
};

/// The entry: one QObject a library. The JSON file is read before anything of the library runs.
class PairListPlugin : public QObject, public Plugin {
    Q_OBJECT
    Q_PLUGIN_METADATA(IID MasquePlugin_iid FILE "plugin.json")
    Q_INTERFACES(masque::Plugin)

public:
    void offer(PluginRegistry &registry) override { registry.formats.push_back(std::make_shared<PairListFormat>()); }
};

} // namespace

#include "PairListFormat.moc"
