// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/training/TrainingOptions.h"

#include "core/base/text.h"

namespace masque {

namespace {

using Options = TrainingOptions;

OptionSpec whole(const char *key, const char *label, const char *help, const char *group, double minimum,
                 double maximum, const char *unit = "")
{
    return {.key = key,
            .label = label,
            .help = help,
            .group = group,
            .type = OptionType::Int,
            .minimum = minimum,
            .maximum = maximum,
            .unit = unit};
}

OptionSpec real(const char *key, const char *label, const char *help, const char *group, double minimum, double maximum)
{
    return {.key = key,
            .label = label,
            .help = help,
            .group = group,
            .type = OptionType::Real,
            .minimum = minimum,
            .maximum = maximum};
}

OptionSpec choice(const char *key, const char *label, const char *help, const char *group,
                  std::vector<std::string> choices)
{
    return {.key = key,
            .label = label,
            .help = help,
            .group = group,
            .type = OptionType::Choice,
            .choices = std::move(choices)};
}

OptionSpec other(OptionType type, const char *key, const char *label, const char *help, const char *group)
{
    return {.key = key, .label = label, .help = help, .group = group, .type = type};
}

OptionSpec advanced(OptionSpec spec)
{
    spec.advanced = true;
    return spec;
}

void addTraining(OptionTable<Options> &t)
{
    constexpr auto group = "Training";
    t.add(whole("epochs", "Epochs", "How often every training image is seen.", group, 1, 100000), &Options::epochs);
    t.add(whole("batch", "Batch", "Images a step; more need more memory.", group, 1, 4096, "images"), &Options::batch);
    t.add(choice("loss", "Loss",
                 "ce+dice learns fastest where classes exclude each other, small and rare ones too; bce and bce+dice "
                 "treat every class on its own; focal looks at what is hard, tversky at what is missed, lovasz at IoU. "
                 "soft-ce learns the shares of several raters' votes for classes of whole images.",
                 group, {"ce", "bce", "dice", "ce+dice", "bce+dice", "focal", "tversky", "lovasz", "soft-ce"}),
          &Options::loss);
    t.add(other(OptionType::Bool, "multi_label", "Overlapping classes",
                "Shapes of different classes may overlap: each class is told from the rest by itself, and a pixel may "
                "have several.",
                group),
          &Options::multiLabel);
    t.add(real("lr", "Learning rate", "Size of a step; lower it if the loss jumps or is not finite.", group, 1e-8, 1e6),
          &Options::lr);
    t.add(choice("schedule", "Schedule",
                 "How the learning rate changes over the epochs: not at all, in steps, along a cosine, up and down "
                 "once, by a polynomial, or lower whenever validation stands still.",
                 group, {"constant", "step", "cosine", "one-cycle", "poly", "plateau"}),
          &Options::schedule);
    t.add(whole("patience", "Patience", "Ends the training after so many epochs without a better one; 0 never does.",
                group, 0, 100000, "epochs"),
          &Options::patience);
}

void addLoss(OptionTable<Options> &t)
{
    constexpr auto group = "Loss";
    t.add(advanced(other(OptionType::Text, "class_weights", "Class weights",
                         "none, balanced (the rarer a class, the more its pixels count), or one number a class: "
                         "0.2,1,1. For ce, bce and focal.",
                         group)),
          &Options::classWeights);
    t.add(advanced(choice("binary_outputs", "Outputs of two classes",
                          "one: a sigmoid says how much a pixel is of the second class; two: each class has its own; "
                          "auto: two for ce, focal and lovasz.",
                          group, {"auto", "one", "two"})),
          &Options::binaryOutputs);
    t.add(advanced(real("dice_weight", "Share of Dice", "In ce+dice and bce+dice.", group, 0, 1)),
          &Options::diceWeight);
    t.add(advanced(real("label_smoothing", "Label smoothing",
                        "How little sure the network may be asked to be, in ce and bce; helps against wrong labels.",
                        group, 0, 0.9)),
          &Options::labelSmoothing);
    t.add(
        advanced(real("focal_gamma", "Focal gamma", "How strongly focal looks away from what is easy.", group, 0, 10)),
        &Options::focalGamma);
    t.add(advanced(real("tversky_alpha", "Tversky alpha", "Weight of false positives.", group, 0.01, 10)),
          &Options::tverskyAlpha);
    t.add(advanced(real("tversky_beta", "Tversky beta", "Weight of false negatives.", group, 0.01, 10)),
          &Options::tverskyBeta);
}

void addOptimizer(OptionTable<Options> &t)
{
    constexpr auto group = "Optimiser";
    t.add(advanced(choice("sampler", "Sampler",
                          "shuffle: every image once an epoch; balanced: as many, but each class as often, for whole "
                          "images of classes that are not equally frequent.",
                          group, {"shuffle", "balanced"})),
          &Options::sampler);
    t.add(
        advanced(choice("optimizer", "Optimiser",
                        "adam suits nearly everything; adamw with weight decay; sgd wants a higher rate (0.01 to 0.1) "
                        "and more epochs.",
                        group, {"adam", "adamw", "sgd", "rmsprop"})),
        &Options::optimizer);
    t.add(advanced(real("weight_decay", "Weight decay", "Pulls the weights towards zero, against overfitting.", group,
                        0, 1)),
          &Options::weightDecay);
    t.add(advanced(real("momentum", "Momentum", "Of sgd and rmsprop.", group, 0, 0.999)), &Options::momentum);
    t.add(advanced(other(OptionType::Bool, "nesterov", "Nesterov momentum", "Of sgd.", group)), &Options::nesterov);
    t.add(advanced(real("clip_norm", "Clip gradients",
                        "Greatest norm of all gradients together, against jumps; 0 lets them be.", group, 0, 1e6)),
          &Options::clipNorm);
    t.add(advanced(whole("accumulate", "Accumulate",
                         "Batches a step: as a batch so many times larger, without its memory.", group, 1, 1024,
                         "batches")),
          &Options::accumulate);
    t.add(advanced(real("ema", "Weight average",
                        "Decay of a moving average of the weights (0.99 to 0.999), which is validated and kept instead "
                        "of them; 0 for none.",
                        group, 0, 0.99999)),
          &Options::ema);
    t.add(advanced(real("warmup_epochs", "Warm-up", "Epochs over which the learning rate grows from near nothing.",
                        group, 0, 1000)),
          &Options::warmupEpochs);
    t.add(advanced(real("schedule_factor", "Schedule factor",
                        "What the schedules step and plateau multiply the rate by.", group, 0.001, 0.99)),
          &Options::scheduleFactor);
    t.add(advanced(whole("schedule_epochs", "Schedule epochs",
                         "Epochs between the steps of step; without improvement for plateau.", group, 1, 100000)),
          &Options::scheduleEpochs);
    t.add(advanced(other(OptionType::Text, "freeze", "Freeze",
                         "Layers that keep their weights, by the beginnings of their names: encoder,down.0; !last is "
                         "all but last.",
                         group)),
          &Options::freeze);
    t.add(advanced(whole("freeze_epochs", "Freeze for", "The first epochs; 0 freezes them in all.", group, 0, 100000,
                         "epochs")),
          &Options::freezeEpochs);
    t.add(advanced(choice("metric", "Best by",
                          "The validation figure that chooses the best checkpoint; of whole images mean_iou "
                          "stands for pixel_accuracy, which is their accuracy, and mean_dice is the macro F1.",
                          group,
                          {"mean_iou", "foreground_iou", "mean_dice", "foreground_dice", "pixel_accuracy",
                           "balanced_accuracy", "loss"})),
          &Options::metric);
    t.add(advanced(other(OptionType::Bool, "rescue", "Rescue",
                         "When the loss is not finite or runs away: back to the last checkpoint, at a tenth of the "
                         "rate, up to three times.",
                         group)),
          &Options::rescue);
}

void addComputation(OptionTable<Options> &t)
{
    constexpr auto group = "Computation";
    t.add(advanced(whole("seed", "Seed", "The same seed, data and threads give the same curve.", group, 0,
                         9007199254740991)),
          &Options::seed);
    t.add(choice("device", "Device", "auto takes a CUDA device where there is one.", group, {"auto", "cpu", "cuda"}),
          &Options::device);
    t.add(advanced(choice("precision", "Precision",
                          "auto and float32: the fast path, about three times as fast on processors with AVX-512, "
                          "rounding a little differently, and elsewhere LibTorch's faster memory layout; exact: as "
                          "LibTorch computes it by itself; bfloat16: mixed, for processors that have it.",
                          group, {"auto", "exact", "float32", "bfloat16"})),
          &Options::precision);
    t.add(advanced(whole("threads", "Threads", "Compute threads; 0 takes as many as the machine has.", group, 0, 1024)),
          &Options::threads);
}

} // namespace

const OptionTable<TrainingOptions> &trainingTable()
{
    static const auto table = [] {
        OptionTable<Options> t;
        addTraining(t);
        addLoss(t);
        addOptimizer(t);
        addComputation(t);
        return t;
    }();
    return table;
}

bool isAmongLayers(const std::string &layers, const std::string &name)
{
    if (layers.starts_with('!'))
        return !isAmongLayers(layers.substr(1), name);
    for (const auto &part : splitText(layers, ',')) {
        const auto prefix = trimmed(part);
        if (!prefix.empty() && name.starts_with(prefix)
            && (name.size() == prefix.size() || prefix.back() == '.' || name[prefix.size()] == '.'))
            return true;
    }
    return false;
}

} // namespace masque
