// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/files.h"
#include "core/base/text.h"
#include "core/training/Checkpoint.h"
#include "core/training/weights/safetensors.h"
#include "core/training/train.h"
#include "tests/core/training/BlobSource.h"
#include "tests/support/support.h"

namespace masque {

/// A small network on 24x24 blobs; folder and sources must outlive it.
inline TrainingSetup blobSetup(const TestFolder &folder, const BlobSource &train, const BlobSource *val, int classes,
                               const std::string &loss = "ce")
{
    TrainingSetup setup;
    setup.spec = {.model = "unet",
                  .outputChannels = LossSpec{.name = loss}.outputChannels(classes),
                  .options = Json::parse(R"({"base": 8, "depth": 3})").value()};
    setup.network = unetFactory()->build(setup.spec, 5).value();
    setup.train = &train;
    setup.val = val;
    setup.classNames = {"_background_"};
    for (int k = 1; k < classes; ++k)
        setup.classNames.push_back("blob" + std::to_string(k));
    setup.runFolder = folder.path();
    setup.options.loss = loss;
    setup.options.batch = 4;
    setup.options.epochs = 3;
    setup.options.lr = 5e-3;
    setup.options.threads = 1; // networks this small only wait for each other's threads
    return setup;
}

/// The log's epoch lines without the times that differ from run to run.
inline std::vector<std::string> curve(const TestFolder &folder)
{
    std::vector<std::string> lines;
    for (const auto &text : splitText(readFile(folder.file("log.jsonl")).value(), '\n')) {
        if (text.empty())
            continue;
        auto line = Json::parse(text).value();
        if (line["event"].toString() != "epoch")
            continue;
        line.remove("seconds");
        line.remove("images_per_second");
        lines.push_back(line.dump());
    }
    return lines;
}

/// Names and bytes of a checkpoint's tensors.
inline std::vector<std::pair<std::string, std::string>> weights(const TestFolder &folder, const char *name)
{
    std::vector<std::pair<std::string, std::string>> all;
    const auto file = readSafetensors(folder.file(name), SafetensorsPart::All);
    if (file)
        for (const auto &tensor : (*file)->tensors)
            all.emplace_back(tensor.name, tensor.bytes);
    return all;
}

} // namespace masque
