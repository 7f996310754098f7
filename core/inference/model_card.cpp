// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/inference/model_card.h"

#include "core/base/text.h"

#include <array>
#include <cstdio>

namespace masque {

namespace {

std::string number(double value)
{
    char text[32];
    std::snprintf(text, sizeof text, "%.4f", value);
    return text;
}

/// A name that would break a table's row does not.
std::string cell(std::string text)
{
    for (auto &c : text)
        if (c == '|' || c == '\n' || c == '\r')
            c = ' ';
    return text;
}

std::string row(const std::vector<std::string> &cells)
{
    return "| " + joinText(cells, " | ") + " |\n";
}

std::string heading(const std::vector<std::string> &cells)
{
    return row(cells) + row(std::vector<std::string>(cells.size(), "---"));
}

std::vector<std::string> classNames(const Json &model)
{
    std::vector<std::string> names;
    for (const auto &name : model["classes"].items())
        names.push_back(cell(name.toString()));
    return names;
}

std::vector<std::string> figures(const std::string &split, const std::string &of, const MetricValues &values,
                                 bool isOfImages)
{
    if (isOfImages)
        return {split, of, number(values.pixelAccuracy), number(values.balancedAccuracy), number(values.loss)};
    return {
        split, of, number(values.meanIou), number(values.meanDice), number(values.pixelAccuracy), number(values.loss)};
}

/// "width, height" as multiples of the stride.
std::string roundedSize(const CardFacts &facts)
{
    const auto step = std::max<std::int64_t>(1, facts.model["stride"].toInt());
    const auto rounded = [&](const char *side) {
        return std::to_string((facts.model[side].toInt() + step - 1) / step * step);
    };
    return rounded("width") + ", " + rounded("height");
}

std::string confusionTable(const ConfusionMatrix &confusion, const std::vector<std::string> &names)
{
    std::vector<std::string> head = {"truth \\ prediction"};
    std::string out;
    const auto count = std::min(confusion.classes(), static_cast<int>(names.size()));
    head.insert(head.end(), names.begin(), names.begin() + count);
    out += heading(head);
    for (int truth = 0; truth < count; ++truth) {
        std::vector<std::string> cells = {names[static_cast<std::size_t>(truth)]};
        for (int said = 0; said < count; ++said)
            cells.push_back(std::to_string(confusion.at(truth, said)));
        out += row(cells);
    }
    return out;
}

std::string runTable(const CardFacts &facts, bool isOfImages)
{
    const RunInfo &run = *facts.run;
    std::string out = isOfImages ? heading({"split", "", "accuracy", "balanced accuracy", "loss"})
                                 : heading({"split", "", "mean IoU", "mean Dice", "pixel accuracy", "loss"});
    for (const auto &epoch : run.epochs)
        if (epoch.epoch == run.bestEpoch)
            out += row(figures(epoch.split, "epoch " + std::to_string(epoch.epoch), epoch.metrics, isOfImages));
    for (const auto &test : run.tests)
        out +=
            row(figures(test.split, std::to_string(test.images) + " images, " + test.when, test.metrics, isOfImages));
    if (run.tests.empty())
        out += "\nNo test split was looked at: the figures of validation chose the epoch and flatter it.\n";
    return out;
}

} // namespace

std::string modelCard(const CardFacts &facts)
{
    const Json &model = facts.model;
    const bool isOfImages = model["task"].toString() == "classification";
    const auto names = classNames(model);
    std::string out = "# " + cell(facts.file) + "\n\n";
    out += model["model"].toString() + ", " + std::to_string(facts.parameters) + " parameters, "
           + (isOfImages ? "says a class of an image" : "says a class of each pixel")
           + (model["multi_label"].toBool() ? "; classes may overlap" : "") + ". Written by Masque as "
           + std::string(modelFileKindName(facts.kind)) + ".\n\n## Classes\n\n";
    for (std::size_t i = 0; i < names.size(); ++i)
        out += std::to_string(i) + ". " + names[i] + "\n";
    out +=
        "\n## Input and output\n\nfloat32 [N, " + std::to_string(model["channels"].toInt()) + ", H, W], "
        + (model["channels"].toInt() == 1 ? "grey" : "RGB") + ", 0 to 1, " + "plain: the network normalises it ("
        + model["normalisation"].toString() + "). It was trained at " + std::to_string(model["width"].toInt()) + " x "
        + std::to_string(model["height"].toInt())
        + (model["tiles"].toBool() ? " on tiles of larger images, at their own scale"
                                   : ", to which images were stretched")
        + (facts.kind == ModelFileKind::Onnx ? "; H and W are multiples of " + std::to_string(model["stride"].toInt())
                                             : std::string())
        + ". " + model["output"].toString() + "\n\n## Data\n\n";
    if (facts.run) {
        out += "Dataset " + cell(facts.run->datasetRoot.substr(facts.run->datasetRoot.find_last_of('/') + 1)) + " ("
               + facts.run->datasetFormat + "): " + std::to_string(facts.images[0]) + " images to train on, "
               + std::to_string(facts.images[1]) + " to validate, " + std::to_string(facts.images[2])
               + " to test.\n\n## Training\n\nRun " + cell(facts.run->name) + ", "
               + std::to_string(facts.run->epochsDone) + " epochs, the best " + std::to_string(facts.run->bestEpoch)
               + ", " + facts.run->started + " on " + facts.run->device + ".\n\n";
        if (!facts.run->initReport.empty())
            out += "It " + cell(facts.run->initReport) + ".\n\n";
        out += heading({"option", "value"});
        const Json options = facts.run->options.toJson();
        for (const auto &[key, value] : options.members())
            out += row({key, cell(value.isString() ? value.toString() : value.dump())});
        out += "\n## Figures\n\n" + runTable(facts, isOfImages);
    } else {
        out += "A checkpoint that stands alone: its data are not known.\n";
    }
    if (facts.confusion)
        out += std::string("\n## Confusion in validation, ") + (isOfImages ? "images" : "pixels") + "\n\n"
               + confusionTable(*facts.confusion, names);
    out +=
        "\n## Limits\n\nIt knows what its training images show, and no more: other cameras, light, sizes or people may "
        "lower the figures above, which should be measured on images of the place where it is used.";
    if (isOfImages)
        out += " Its probabilities are no certainty, and of a face's emotion only what raters saw in it.";
    out += "\n\n## Comparison\n\n" + facts.compared + "\n";
    return out;
}

std::string pythonExample(const CardFacts &facts)
{
    const auto size =
        std::to_string(facts.model["width"].toInt()) + ", " + std::to_string(facts.model["height"].toInt());
    const std::string mode = facts.model["channels"].toInt() == 1 ? "L" : "RGB";
    if (facts.kind == ModelFileKind::TorchScript)
        return "#!/usr/bin/env python3\n"
               "# python3 THIS.py IMAGE: needs torch, numpy and pillow\n"
               "import os, sys, numpy, torch\n"
               "from PIL import Image\n\n"
               "net = torch.jit.load(os.path.join(os.path.dirname(os.path.abspath(__file__)), "
               + Json(facts.file).dump() + "))\nimage = Image.open(sys.argv[1]).convert('" + mode + "').resize((" + size
               + "), Image.BILINEAR)\n"
                 "pixels = torch.from_numpy(numpy.atleast_3d(numpy.asarray(image)).copy()).permute(2, 0, 1)[None] / "
                 "255\n"
                 "with torch.no_grad():\n"
                 "    logits = net(pixels)[0]\n"
                 "ids = (torch.cat([torch.zeros_like(logits), logits]) if len(logits) < len(net.classes) else "
                 "logits).argmax(0)\n"
                 "for i, name in enumerate(net.classes):\n"
                 "    print(name, (ids == i).double().mean().item())\n";
    const std::string load = facts.kind == ModelFileKind::StateDict
                                 ? "import torch\nstate = torch.load(path)\n"
                                 : "from safetensors.torch import load_file\nstate = load_file(path)\n";
    return "#!/usr/bin/env python3\n"
           "# The weights by the network's names; net.load_state_dict(state) fills a network that is built alike.\n"
           "import os\n"
           "path = os.path.join(os.path.dirname(os.path.abspath(__file__)), "
           + Json(facts.file).dump() + ")\n" + load
           + "for name, tensor in state.items():\n    print(name, tuple(tensor.shape))\n";
}

std::string cppExample(const CardFacts &facts)
{
    const auto size =
        std::to_string(facts.model["width"].toInt()) + ", " + std::to_string(facts.model["height"].toInt());
    const bool isGrey = facts.model["channels"].toInt() == 1;
    if (facts.kind == ModelFileKind::Onnx)
        return "// c++ THIS.cpp -o run $(pkg-config --cflags --libs opencv4) && ./run " + cell(facts.file)
               + " IMAGE\n#include <opencv2/dnn.hpp>\n#include <opencv2/imgcodecs.hpp>\n#include <iostream>\n\nint "
                 "main(int, "
                 "char **argv)\n{\n    auto net = cv::dnn::readNetFromONNX(argv[1]);\n    const cv::Mat image = "
                 "cv::imread(argv[2]"
               + (isGrey ? ", cv::IMREAD_GRAYSCALE" : "")
               + ");\n    net.setInput(cv::dnn::blobFromImage(image, 1 / 255.0, {" + roundedSize(facts) + "}, {}, "
               + (isGrey ? "false" : "true")
               + "));\n    const cv::Mat logits = net.forward(); // [1, K, H, W]\n    for (int k = 0; k < "
                 "logits.size[1]; "
                 "++k)\n        std::cout << cv::mean(cv::Mat(logits.size[2], logits.size[3], CV_32F, const_cast<float "
                 "*>(logits.ptr<float>(0, k))))[0] << '\\n';\n}\n";
    if (facts.kind != ModelFileKind::TorchScript)
        return "// masque predict CHECKPOINT IMAGE --out FOLDER uses these weights; another program reads them by:\n"
               "#include <torch/script.h>\n#include <fstream>\n#include <iostream>\n#include <iterator>\n#include "
               "<vector>\n\nint main(int, char **argv)\n{\n    std::ifstream in(argv[1], std::ios::binary);\n"
               + std::string(
                   facts.kind == ModelFileKind::StateDict
                       ? "    const std::vector<char> bytes(std::istreambuf_iterator<char>(in), {});\n"
                         "    for (const auto &item : torch::pickle_load(bytes).toGenericDict())\n"
                         "        std::cout << item.key().toStringRef() << ' ' << item.value().toTensor().sizes() << "
                         "'\\n';\n"
                       : "    std::uint64_t length = 0; // of the JSON header: names, types, shapes, offsets\n"
                         "    in.read(reinterpret_cast<char *>(&length), sizeof length);\n"
                         "    std::string header(length, ' ');\n    in.read(header.data(), "
                         "static_cast<std::streamsize>(length));\n    std::cout << header << '\\n';\n")
               + "}\n";
    return "// c++ -std=c++17 THIS.cpp -o run $(pkg-config --cflags opencv4) -lopencv_core -lopencv_imgcodecs "
           "-lopencv_imgproc -ltorch -ltorch_cpu -lc10 && ./run "
           + cell(facts.file)
           + " IMAGE\n#include <opencv2/imgcodecs.hpp>\n#include <opencv2/imgproc.hpp>\n#include <torch/script.h>\n"
             "#include <iostream>\n\nint main(int, char **argv)\n{\n    auto net = torch::jit::load(argv[1]);\n"
             "    cv::Mat image = cv::imread(argv[2]"
           + (isGrey ? ", cv::IMREAD_GRAYSCALE);\n" : "), rgb;\n    cv::cvtColor(image, rgb, cv::COLOR_BGR2RGB);\n")
           + "    cv::resize(" + (isGrey ? "image" : "rgb") + ", image, {" + size
           + "});\n    const auto pixels = torch::from_blob(image.data, {1, image.rows, image.cols, image.channels()}, "
             "torch::kByte);\n    const auto logits = net.forward({pixels.permute({0, 3, 1, 2}).to(torch::kFloat) / "
             "255}).toTensor();\n    std::cout << logits.sizes() << '\\n' << logits.mean({2, 3}) << '\\n';\n}\n";
}

} // namespace masque
