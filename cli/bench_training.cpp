// SPDX-License-Identifier: GPL-3.0-or-later
#include "cli/bench_training.h"

#include "cli/train_options.h"
#include "core/base/Random.h"
#include "core/base/files.h"
#include "core/base/processors.h"
#include "core/datasets/Augmentation.h"
#include "core/datasets/demo.h"
#include "core/runs/RunOptions.h"
#include "core/runs/SampleLoader.h"
#include "core/training/LossSpec.h"
#include "core/training/initialise.h"
#include "core/training/train.h"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <numeric>
#include <sys/resource.h>
#include <unistd.h>

namespace masque {

namespace {

constexpr int kPasses = 3; ///< measured after one that is not; the median counts

/// Noise in memory, made once: reading costs a copy, so that the network's work is what is measured.
class NoiseSource : public SampleSource {
public:
    NoiseSource(std::size_t count, const BatchShape &shape, int classes, bool isOfImages)
        : m_count(count), m_shape(shape), m_isOfImages(isOfImages)
    {
        Random random(1);
        m_images.resize(count * imageElements());
        m_targets.resize(count * targetElements());
        std::generate(m_images.begin(), m_images.end(), [&] { return static_cast<float>(random.uniform()); });
        std::generate(m_targets.begin(), m_targets.end(),
                      [&] { return static_cast<std::uint8_t>(random.below(classes)); });
    }
    std::size_t size() const override { return m_count; }
    int channels() const override { return m_shape.channels; }
    int height() const override { return m_shape.height; }
    int width() const override { return m_shape.width; }
    std::size_t targetElements() const override
    {
        return m_isOfImages ? 1 : imageElements() / static_cast<std::size_t>(m_shape.channels);
    }
    Result<void> read(std::size_t index, std::uint64_t, std::span<float> image,
                      std::span<std::uint8_t> target) const override
    {
        std::copy_n(m_images.begin() + static_cast<std::ptrdiff_t>(index * image.size()), image.size(), image.begin());
        std::copy_n(m_targets.begin() + static_cast<std::ptrdiff_t>(index * target.size()), target.size(),
                    target.begin());
        return {};
    }
    std::string name(std::size_t index) const override { return "noise " + std::to_string(index); }

private:
    std::size_t imageElements() const { return m_shape.elements() / static_cast<std::size_t>(m_shape.count); }

    std::size_t m_count;
    BatchShape m_shape;
    bool m_isOfImages;
    std::vector<float> m_images;
    std::vector<std::uint8_t> m_targets;
};

/// A folder that is gone afterwards.
class ScratchFolder {
public:
    ScratchFolder() : m_path(std::filesystem::temp_directory_path() / ("masque-bench-" + std::to_string(::getpid())))
    {
        std::filesystem::create_directories(m_path);
    }
    ~ScratchFolder()
    {
        std::error_code ignored;
        std::filesystem::remove_all(m_path, ignored);
    }
    ScratchFolder(const ScratchFolder &) = delete;
    ScratchFolder &operator=(const ScratchFolder &) = delete;
    std::string path() const { return m_path.string(); }

private:
    std::filesystem::path m_path;
};

double median(std::vector<double> values)
{
    std::sort(values.begin(), values.end());
    return values.empty() ? 0 : values[values.size() / 2];
}

double peakMemoryMib()
{
    rusage usage{};
    ::getrusage(RUSAGE_SELF, &usage);
    return static_cast<double>(usage.ru_maxrss) / 1024; // Linux counts in KiB
}

double secondsOf(const std::function<Result<void>()> &work, Result<void> &done)
{
    const auto start = std::chrono::steady_clock::now();
    done = work();
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

/// What the three have in common on the command line: the model with its options, and sizes.
struct Given {
    OptionWords words;
    std::string model = "unet", size = "128", precision = "auto", loss, data, init;
    int batch = 8, classes = 2, channels = 3, steps = 4, threads = 0;
    bool json = false;
};

void addModelFlags(CLI::App &command, const PluginRegistry &registry, const std::shared_ptr<Given> &given)
{
    command.add_option("--model", given->model, "which network")->capture_default_str();
    command.add_option("--size", given->size, "\"S\" or \"WxH\"")->capture_default_str();
    command.add_option("--batch", given->batch, "images a step")->check(CLI::Range(1, 4096))->capture_default_str();
    command.add_option("--classes", given->classes, "output channels; 1: foreground against background")
        ->check(CLI::Range(1, 255))
        ->capture_default_str();
    command.add_option("--channels", given->channels, "of the images: 1 or 3")
        ->check(CLI::IsMember({1, 3}))
        ->capture_default_str();
    for (const auto &model : registry.models)
        for (const auto &spec : model->optionSpecs())
            addOptionFlag(command, spec, given->words, "Model");
}

/// The network that was asked for, with weights from a fixed seed, and what it is trained by.
struct Subject {
    TrainingSetup setup;
    BatchShape shape; ///< of one batch
    int classes = 2;
    bool isOfImages = false;

    /// batches of them
    NoiseSource noise(int batches) const
    {
        return {static_cast<std::size_t>(shape.count * batches), shape, classes, isOfImages};
    }
};

Result<Subject> subjectOf(const Given &given, const ModelList &models)
{
    const auto size = parseSize(given.size);
    if (!size)
        return size.error();
    const auto factory = findModel(models, given.model);
    if (!factory)
        return factory.error();
    Subject subject;
    subject.shape = {given.batch, given.channels, size->height, size->width};
    subject.classes = std::max(2, given.classes);
    subject.isOfImages = (*factory)->task() == taskName(Task::Classification);
    TrainingSetup &setup = subject.setup;
    setup.options.loss = !given.loss.empty() ? given.loss : subject.isOfImages ? "ce" : "bce+dice";
    setup.spec.model = given.model;
    setup.spec.inputChannels = given.channels;
    setup.spec.outputChannels = LossSpec{.name = setup.options.loss}.outputChannels(subject.classes);
    if (auto parsed = parseOptionWords(given.words, (*factory)->optionSpecs(), given.model, setup.spec.options);
        !parsed)
        return parsed.error();
    auto network = (*factory)->build(setup.spec, 1);
    if (!network)
        return network.error();
    setup.network = std::move(*network);
    return subject;
}

Result<Json> benchTrain(const Given &given, const CommandContext &context)
{
    auto subject = subjectOf(given, context.registry.models);
    if (!subject)
        return subject.error();
    TrainingSetup &setup = subject->setup;
    const NoiseSource samples = subject->noise(given.steps);
    for (int id = 0; id < subject->classes; ++id)
        setup.classNames.push_back("class" + std::to_string(id));
    setup.hasBackground = !subject->isOfImages;
    setup.train = setup.val = &samples;
    setup.options.epochs = 1 + kPasses;
    setup.options.batch = given.batch;
    setup.options.lr = 1e-4;
    setup.options.schedule = "constant";
    setup.options.precision = given.precision;
    setup.options.threads = given.threads;
    setup.options.device = "cpu";
    if (subject->isOfImages)
        setup.options.metric = "pixel_accuracy";
    std::vector<double> trainSpeeds, evalSpeeds;
    double loss = 0;
    TrainingSink sink;
    sink.epoch = [&](const EpochReport &epoch) {
        const bool train = epoch.split == "train";
        if (train)
            loss = epoch.metrics.loss;
        if (epoch.epoch > 1)
            (train ? trainSpeeds : evalSpeeds).push_back(epoch.imagesPerSecond);
    };
    const auto outcome = train(setup, context.stop, sink);
    if (!outcome)
        return outcome.error();
    if (outcome->end == TrainingEnd::Stopped)
        return Error{ErrorCode::Io, "interrupted", ""};
    Json row = Json::object();
    row.set("model", given.model);
    row.set("threads", given.threads > 0 ? given.threads : usableProcessors());
    row.set("precision", given.precision);
    row.set("train_images_per_s", median(trainSpeeds));
    row.set("eval_images_per_s", median(evalSpeeds));
    row.set("peak_memory_mib", peakMemoryMib());
    row.set("loss", loss);
    row.set("parameters", parameterCount(*setup.network));
    return row;
}

/// Values in 0..1 that another program makes alike: the upper eight bits of i * 2654435761 (Knuth's multiplier) / 255.
std::vector<float> scattered(std::size_t count)
{
    std::vector<float> values(count);
    for (std::size_t i = 0; i < count; ++i)
        values[i] = static_cast<float>((static_cast<std::uint32_t>(i) * 2654435761u) >> 24) / 255.f;
    return values;
}

Result<Json> benchPredict(const Given &given, const CommandContext &context)
{
    auto subject = subjectOf(given, context.registry.models);
    if (!subject)
        return subject.error();
    if (!given.init.empty()) {
        const auto report = initialiseFrom(given.init, "", *subject->setup.network);
        if (!report)
            return report.error();
        if (!report->missing.empty() || !report->misshaped.empty())
            return Error{ErrorCode::Data, given.init + ": is not the whole network: " + report->text(), given.init};
    }
    Json rows = Json::array();
    for (const int batch : given.batch > 1 ? std::vector{1, given.batch} : std::vector{1}) {
        subject->shape.count = batch;
        const auto images = scattered(subject->shape.elements());
        Logits logits;
        std::vector<double> seconds;
        for (int step = 0; step <= given.steps && !context.stop.stop_requested(); ++step) {
            Result<void> done;
            const double taken = secondsOf(
                [&]() -> Result<void> {
                    auto said = infer(*subject->setup.network, images, subject->shape, "cpu");
                    if (!said)
                        return said.error();
                    logits = std::move(*said);
                    return {};
                },
                done);
            if (!done)
                return done.error();
            if (step > 0)
                seconds.push_back(taken);
        }
        Json row = Json::object();
        row.set("model", given.model);
        row.set("threads", usableProcessors());
        row.set("batch", batch);
        row.set("images_per_s", batch / std::max(median(seconds), 1e-9));
        row.set("mean_size_of_logits", std::transform_reduce(logits.values.begin(), logits.values.end(), 0.0,
                                                             std::plus(), [](float z) { return std::abs(double{z}); })
                                           / static_cast<double>(logits.values.size()));
        row.set("peak_memory_mib", peakMemoryMib());
        rows.push_back(std::move(row));
    }
    return rows;
}

Result<Json> benchLoad(const Given &given, const CommandContext &context)
{
    const auto size = parseSize(given.size);
    if (!size)
        return size.error();
    const ScratchFolder folder;
    std::string data = given.data;
    if (data.empty()) {
        data = folder.path();
        if (auto written = writeDemoShapes(data, {.count = 200}, context.stop); !written)
            return written.error();
    }
    auto indexed = openIndexed(context, data, {}, {});
    if (!indexed)
        return indexed.error();
    const auto dataset = std::make_shared<const Dataset>(std::move(indexed->dataset));
    std::vector<std::size_t> items(dataset->items.size());
    std::iota(items.begin(), items.end(), std::size_t{0});
    Json changes = Json::object();
    if (auto parsed = parseOptionWords(given.words, augmentationTable().specs(), "", changes); !parsed)
        return parsed.error();
    AugmentationOptions augmentation;
    if (auto applied = augmentationTable().apply(changes, augmentation); !applied)
        return applied.error();
    const SampleLoader loader(dataset, items, dataset->labels, *size, augmentation,
                              dataset->task == Task::Classification ? SampleLoader::Classes::OfImages
                                                                    : SampleLoader::Classes::Exclusive);
    std::vector<float> image(3 * static_cast<std::size_t>(size->width) * static_cast<std::size_t>(size->height));
    std::vector<std::uint8_t> target(loader.targetElements());
    std::uint64_t variation = 0; // each sample is changed anew
    Json row = Json::object();
    row.set("samples", static_cast<std::uint64_t>(items.size()));
    for (const auto *key : {"disk_samples_per_s", "memory_samples_per_s"}) { // what was decoded once is kept
        Result<void> done;
        const double seconds = secondsOf(
            [&]() -> Result<void> {
                for (std::size_t i = 0; i < items.size(); ++i)
                    if (auto read = loader.read(i, ++variation, image, target); !read)
                        return read;
                return {};
            },
            done);
        if (!done)
            return done.error();
        row.set(key, static_cast<double>(items.size()) / std::max(seconds, 1e-9));
    }
    row.set("peak_memory_mib", peakMemoryMib());
    return row;
}

void print(const Json &row)
{
    for (const auto &[key, value] : row.members())
        std::printf("%-22s %s\n", key.c_str(), value.isString() ? value.toString().c_str() : value.dump().c_str());
}

using Bench = Result<Json> (*)(const Given &, const CommandContext &);

void add(CLI::App &command, CommandList &commands, const std::shared_ptr<Given> &given, Bench bench)
{
    command.add_flag("--json", given->json, "print JSON");
    commands.push_back({&command, [given, bench](const CommandContext &context) -> Result<void> {
                            const auto result = bench(*given, context);
                            if (!result)
                                return result.error();
                            if (given->json)
                                printJson(*result);
                            else if (result->isArray())
                                for (const Json &row : result->items())
                                    print(row);
                            else
                                print(*result);
                            return {};
                        }});
}

} // namespace

void addTrainingBenches(CLI::App &bench, CommandList &commands, const PluginRegistry &registry)
{
    const auto training = std::make_shared<Given>();
    auto *train = bench.add_subcommand("train", "Train and validate on noise in memory, images a second");
    addModelFlags(*train, registry, training);
    train->add_option("--steps", training->steps, "batches a pass")->check(CLI::Range(1, 1000))->capture_default_str();
    train->add_option("--threads", training->threads, "compute threads [as many as the machine has]")
        ->check(CLI::Range(0, 1024));
    train->add_option("--precision", training->precision, "as train's")
        ->check(CLI::IsMember({"auto", "exact", "float32", "bfloat16"}))
        ->capture_default_str();
    train->add_option("--loss", training->loss,
                      "as train's; one channel a class: bce, dice, bce+dice [bce+dice; of images: ce]");
    add(*train, commands, training, benchTrain);

    const auto loading = std::make_shared<Given>();
    auto *load = bench.add_subcommand("load", "Read samples as training does, from disk and then from memory");
    load->add_option("data", loading->data, "a dataset's folder [a sample dataset]");
    load->add_option("--size", loading->size, "\"S\" or \"WxH\"")->capture_default_str();
    for (const auto &spec : augmentationTable().specs())
        addOptionFlag(*load, spec, loading->words, spec.group);
    add(*load, commands, loading, benchLoad);

    const auto predicting = std::make_shared<Given>();
    auto *predict = bench.add_subcommand("predict", "Apply a network, one image at once and a batch");
    addModelFlags(*predict, registry, predicting);
    predict->add_option("--init", predicting->init,
                        "weights of the network: a checkpoint, safetensors or a state_dict");
    predict->add_option("--steps", predicting->steps, "repetitions; the median counts")
        ->check(CLI::Range(1, 1000))
        ->capture_default_str();
    add(*predict, commands, predicting, benchPredict);
}

} // namespace masque
