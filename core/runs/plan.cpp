// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/runs/plan.h"

#include "core/base/text.h"
#include "core/datasets/image_class.h"
#include "core/datasets/task.h"
#include "core/runs/class_weights.h"
#include "core/runs/run_folder.h"
#include "core/training/initialise.h"

#include <filesystem>

namespace masque {

namespace {

bool isOfImages(const RunRequest &request)
{
    return request.dataset->task == Task::Classification;
}

bool isSoft(const RunOptions &options)
{
    return LossSpec{.name = options.training.loss}.isSoft();
}

/// Of a whole image: a class, or votes where these are learnt; masks always say something.
bool hasTarget(const RunRequest &request, const RunOptions &options, const Item &item, const ItemSummary &summary)
{
    if (!isOfImages(request))
        return true;
    const std::string name = imageClassOf(item, summary, request.dataset->labels);
    if (name == kIgnoreName)
        return false;
    return request.dataset->labels.idOf(name)
           || (isSoft(options) && !(summary.votes.counts.empty() && item.votes.counts.empty()));
}

/// Items whose annotation can be learnt from; says what is wrong with the data if there are none.
Result<std::vector<std::size_t>> usableItems(const RunRequest &request, const RunOptions &options,
                                             const TrainingSink &sink, std::stop_token stop)
{
    const auto &dataset = *request.dataset;
    std::vector<std::size_t> usable;
    std::size_t problems = 0;
    std::string firstProblem;
    for (std::size_t i = 0; i < dataset.items.size() && !stop.stop_requested(); ++i) {
        const auto &item = dataset.items[i];
        if (!hasAnnotation(dataset, item))
            continue;
        const auto summary = i < request.summaries.size() && request.summaries[i].status != ItemStatus::Unknown
                                 ? request.summaries[i]
                                 : summarise(dataset, item);
        if (summary.status == ItemStatus::Labelled || summary.status == ItemStatus::Reviewed) {
            if (hasTarget(request, options, item, summary))
                usable.push_back(i);
        } else if (summary.status == ItemStatus::Problem) {
            if (problems++ == 0)
                firstProblem = summary.problem;
        }
    }
    if (problems > 0 && sink.message)
        sink.message(countText(problems, "image") + " left out because of problems, the first: " + firstProblem);
    if (usable.empty()) {
        const std::string why = problems > 0 ? "every annotation has a problem, the first: " + firstProblem
                                             : "none of its " + countText(dataset.items.size(), "image")
                                                   + " has an annotation yet; label some, then train";
        return Error{ErrorCode::Data, dataset.root + ": nothing to train on: " + why, dataset.root};
    }
    return usable;
}

/// A network for masks cannot learn classes of whole images, nor the other way round.
Result<void> checkTask(const Dataset &dataset, const ModelFactory &model, const ModelList &models)
{
    const std::string task(taskName(dataset.task));
    if (model.task() == task)
        return {};
    std::vector<std::string> fitting;
    for (const auto &other : models)
        if (other->task() == task)
            fitting.push_back(other->id());
    return Error{
        ErrorCode::Option,
        dataset.root
            + (dataset.task == Task::Segmentation ? ": is labelled by masks" : ": holds classes of whole images")
            + ", and " + model.id() + " is a network for " + model.task() + "; choose one of "
            + joinText(fitting, ", "),
        "model"};
}

/// What of the options makes no sense for whole images is taken as what it stands for there.
Result<void> fitToImages(RunOptions &options)
{
    auto &training = options.training;
    constexpr std::string_view kDice = "+dice";
    if (training.loss.ends_with(kDice)) // overlap says nothing of a single answer
        training.loss.resize(training.loss.size() - kDice.size());
    if (training.metric == "mean_iou")
        training.metric = "pixel_accuracy";
    const auto refuse = [](const char *key, const std::string &what) {
        return Error{ErrorCode::Option, std::string(key) + ": " + what + " is for masks, here each image has one class",
                     key};
    };
    if (training.loss == "dice" || training.loss == "tversky" || training.loss == "lovasz")
        return refuse("loss", training.loss);
    if (training.multiLabel)
        return refuse("multi_label", "overlapping");
    if (options.data.tiles)
        return refuse("tiles", "cutting into tiles");
    return {};
}

/// The class of each training image, for drawing them evenly.
Result<std::vector<std::uint8_t>> sampleClasses(const RunRequest &request, const LabelSet &labels,
                                                const std::vector<std::size_t> &items)
{
    if (!isOfImages(request))
        return Error{
            ErrorCode::Option,
            "sampler: balanced is for classes of whole images; balanced_crop draws the classes of masks evenly",
            "sampler"};
    std::vector<std::uint8_t> classes;
    for (const std::size_t item : items) {
        const auto name = imageClass(*request.dataset, request.dataset->items[item], labels);
        if (!name)
            return name.error();
        classes.push_back(labels.idOf(*name).value_or(kIgnoreId));
    }
    return classes;
}

Result<void> checkClasses(const Dataset &dataset)
{
    if (dataset.labels.size() < 2)
        return Error{ErrorCode::Data,
                     dataset.root + ": has one class only ("
                         + (dataset.labels.isEmpty() ? std::string("none") : dataset.labels[0].name)
                         + "); a network needs at least two to tell apart, so label some shapes",
                     dataset.root};
    return {};
}

/// What a split is read by; augmentation is for training.
Result<std::unique_ptr<SampleLoader>> makeLoader(const RunRequest &request, const RunInfo &run,
                                                 const std::vector<std::size_t> &items, Size size,
                                                 const AugmentationOptions &augmentation)
{
    std::vector<std::size_t> windows;
    if (run.options.data.tiles) {
        auto counts = windowCounts(*request.dataset, items, size);
        if (!counts)
            return counts.error();
        windows = std::move(*counts);
    }
    const auto classes = isOfImages(request) ? (isSoft(run.options) ? SampleLoader::Classes::SharesOfImages
                                                                    : SampleLoader::Classes::OfImages)
                         : run.options.training.multiLabel ? SampleLoader::Classes::Overlapping
                                                           : SampleLoader::Classes::Exclusive;
    return std::make_unique<SampleLoader>(request.dataset, items, run.labels, size, augmentation, classes,
                                          std::move(windows), run.options.data.grey ? 1 : 3);
}

/// Whether classes that may overlap can be learnt from this dataset.
Result<void> checkOverlaps(const RunInfo &run)
{
    if (!run.options.training.multiLabel || run.labels.hasBackground())
        return {};
    return Error{ErrorCode::Option,
                 "multi_label: classes can overlap only where there is a background (" + std::string(kBackgroundName)
                     + ") besides them, and here every pixel has its class",
                 "multi_label"};
}

Json checkpointInfo(const RunInfo &run, const LossSpec &loss, Size size, Task task)
{
    Json info = Json::object();
    info.set("task", std::string(taskName(task)));
    info.set("name", run.name);
    info.set("width", size.width);
    info.set("height", size.height);
    info.set("tiles", run.options.data.tiles);
    info.set("loss", loss.toJson());
    info.set("classes", labelsToJson(run.labels));
    return info;
}

/// Folder and name of a new run; an error where there is one already.
Result<void> placeNew(const RunRequest &request, RunInfo &run)
{
    std::error_code ignored;
    auto folder = std::filesystem::absolute(request.folder.empty()
                                                ? newRunFolder(request.dataset->root, request.options.data.model)
                                                : request.folder,
                                            ignored)
                      .lexically_normal();
    if (folder.filename().empty())
        folder = folder.parent_path();
    run.folder = folder.string();
    if (std::filesystem::exists(folder / "run.json", ignored))
        return Error{ErrorCode::Io,
                     run.folder + ": holds a run already; name another folder, or go on with it by --resume",
                     run.folder};
    run.name = folder.filename().string();
    return {};
}

/// A run that has trained nothing yet: of the request's options, or one that waits.
Result<Plan> planNew(const RunRequest &request, const RunInfo *waiting, const TrainingSink &sink, std::stop_token stop)
{
    const auto &dataset = *request.dataset;
    const auto &options = waiting ? waiting->options : request.options;
    auto usable = usableItems(request, options, sink, stop);
    if (!usable)
        return usable.error();
    if (auto fit = checkClasses(dataset); !fit)
        return fit.error();
    Plan plan;
    plan.split = makeSplit(dataset, *usable, options.data.valRatio, options.data.testRatio, options.training.seed);
    if (plan.split.train.empty())
        return Error{ErrorCode::Data,
                     dataset.root + ": no annotated image is in the training split; all "
                         + countText(usable->size(), "annotated image") + " are validation or test",
                     dataset.root};
    if (waiting) {
        plan.run = *waiting;
    } else if (auto placed = placeNew(request, plan.run); !placed) {
        return placed.error();
    }
    plan.run.datasetRoot = dataset.root;
    plan.run.datasetFormat = dataset.format;
    plan.run.options = options;
    plan.run.labels = dataset.labels;
    plan.run.started = timeStamp();
    return plan;
}

Result<Plan> planResumed(const RunRequest &request, const TrainingSink &sink, std::stop_token stop)
{
    auto run = readRun(request.folder);
    if (!run)
        return run.error();
    if (run->state == kWaiting)
        return planNew(request, &*run, sink, stop);
    auto split = readRunSplit(run->folder, *request.dataset);
    if (!split)
        return split.error();
    if (split->train.empty())
        return Error{ErrorCode::Data, run->folder + ": none of its training images is in " + request.dataset->root,
                     run->folder};
    return Plan{.run = std::move(*run), .split = std::move(*split), .isResumed = true};
}

/// Builds the run's network, and loads the weights that it starts from and notes what fitted. An encoder's own weights
/// come from ImageNet, so that its input is then normalised as there.
Result<std::shared_ptr<Network>> makeNetwork(RunInfo &run, const ModelFactory &factory, NetworkSpec &spec,
                                             bool isResumed)
{
    constexpr const char *kInputNorm = "input_norm", *kImageNet = "imagenet";
    const auto seed = run.options.training.seed;
    auto network = factory.build(spec, seed);
    if (!network || run.options.data.init.empty() || isResumed)
        return network;
    const auto path = checkpointOf(run.options.data.init);
    if (!path)
        return path.error();
    auto report = initialiseFrom(*path, run.options.data.initLayers, **network);
    if (!report)
        return report.error();
    run.parent = run.options.data.init;
    run.initReport = "started from " + run.parent + ": " + report->text();
    if (!report->isEncoder || !findOption(factory.optionSpecs(), kInputNorm)
        || run.options.model[kInputNorm].toString() == kImageNet)
        return network;
    run.options.model.set(kInputNorm, kImageNet);
    spec.options = run.options.model;
    network = factory.build(spec, seed);
    if (!network)
        return network;
    if (report = initialiseFrom(*path, run.options.data.initLayers, **network); !report)
        return report.error();
    run.initReport += "; its input is normalised as ImageNet's";
    return network;
}

} // namespace

std::string countText(std::size_t count, const char *noun)
{
    return std::to_string(count) + " " + noun + (count == 1 ? "" : "s");
}

Result<RunRequest> fittedToTask(const RunRequest &request)
{
    RunRequest out = request;
    std::string task = request.options.data.task;
    if (request.resume) {
        const auto run = readRun(request.folder);
        if (!run)
            return run.error();
        task = run->options.data.task;
    }
    if (task == DataOptions().task)
        return out;
    IndexedDataset indexed{*request.dataset, request.summaries};
    if (indexed.summaries.empty())
        for (const auto &item : indexed.dataset.items)
            indexed.summaries.push_back(summarise(indexed.dataset, item));
    if (auto done = setTask(indexed, task); !done)
        return done.error();
    out.dataset = std::make_shared<const Dataset>(std::move(indexed.dataset));
    out.summaries = std::move(indexed.summaries);
    return out;
}

Result<Plan> planRun(const RunRequest &request, const TrainingSink &sink, std::stop_token stop)
{
    return request.resume ? planResumed(request, sink, stop) : planNew(request, nullptr, sink, stop);
}

Result<PreparedRun> prepareRun(Plan &plan, const RunRequest &request, const ModelList &models, std::stop_token stop)
{
    auto &run = plan.run;
    const auto size = parseSize(run.options.data.size);
    if (!size)
        return size.error();
    if (auto fit = checkOverlaps(run); !fit)
        return fit.error();
    const auto factory = findModel(models, run.options.data.model);
    if (!factory)
        return factory.error();
    const auto device = resolveDevice(run.options.training.device);
    if (!device)
        return device.error();
    run.device = *device;
    if (auto fit = checkTask(*request.dataset, **factory, models); !fit)
        return fit.error();
    if (isOfImages(request))
        if (auto fit = fitToImages(run.options); !fit)
            return fit.error();
    if (!isOfImages(request) && isSoft(run.options))
        return Error{ErrorCode::Option, "loss: soft-ce learns raters' votes for whole images, here are masks", "loss"};

    PreparedRun prepared;
    auto train = makeLoader(request, run, plan.split.train, *size, run.options.augmentation);
    if (!train)
        return train.error();
    auto val = makeLoader(request, run, plan.split.val, *size, {});
    if (!val)
        return val.error();
    prepared.train = std::move(*train);
    prepared.val = std::move(*val);
    auto weights = classWeights(run.options.training.classWeights, *prepared.train, run.labels, stop);
    if (!weights)
        return weights.error();
    const auto loss = LossSpec::of(run.options.training, *weights);
    auto &setup = prepared.setup;
    setup.spec.model = run.options.data.model;
    setup.spec.inputChannels = prepared.train->channels();
    setup.spec.outputChannels = loss.outputChannels(run.labels.size());
    setup.spec.options = run.options.model;
    auto network = makeNetwork(run, **factory, setup.spec, plan.isResumed);
    if (!network)
        return network.error();
    setup.network = std::move(*network);
    setup.train = prepared.train.get();
    setup.val = prepared.val.get();
    setup.classNames = run.labels.names();
    setup.hasBackground = run.labels.hasBackground();
    setup.runFolder = run.folder;
    setup.options = run.options.training;
    setup.classWeights = std::move(*weights);
    setup.mixup = run.options.augmentation.mixup;
    if (run.options.training.sampler == "balanced") {
        auto classes = sampleClasses(request, run.labels, plan.split.train);
        if (!classes)
            return classes.error();
        setup.sampleClasses = std::move(*classes);
    }
    setup.runInfo = checkpointInfo(run, loss, *size, request.dataset->task);
    setup.resume = plan.isResumed;
    return prepared;
}

} // namespace masque
