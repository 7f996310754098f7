// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/models/ModelFactory.h"
#include "core/training/EpochReport.h"
#include "core/training/LossSpec.h"
#include "core/training/RunLog.h"
#include "core/training/SampleSource.h"
#include "core/training/TrainingOptions.h"
#include "core/training/Watchdog.h"
#include "core/training/live.h"

#include <functional>
#include <stop_token>
#include <string>

namespace masque {

class Ranks;

/// A report within an epoch, at most about ten a second.
struct StepReport {
    int epoch = 0, epochs = 0; ///< epoch counts from 1
    int step = 0, steps = 0;   ///< within the epoch, from 1
    std::string split;         ///< "train" or "val"
    double loss = 0;           ///< of the last batch
    double lr = 0;
    double imagesPerSecond = 0;
    double secondsLeft = 0; ///< estimate for the whole run
};
/// Called on the training thread.
struct TrainingSink {
    std::function<void(const StepReport &)> step;
    std::function<void(const EpochReport &)> epoch;
    std::function<void(const Finding &)> finding;
    std::function<void(const StepRecord &)> record;   ///< each training step, if late by up to a tenth of a second
    std::function<void(const std::string &)> message; ///< a sentence for the log
};

/// What is trained.
struct TrainingSetup {
    NetworkSpec spec;
    std::shared_ptr<Network> network;
    const SampleSource *train = nullptr;
    const SampleSource *val =
        nullptr; ///< may be null or empty: best.ckpt is then chosen by training's own metric, and said
    std::vector<std::string> classNames; ///< id order; [0] is `_background_` where hasBackground
    bool hasBackground = true;
    std::string runFolder;         ///< log.jsonl, best.ckpt, last.ckpt are written here; empty: nothing is written
    Json runInfo = Json::object(); ///< stored in every checkpoint (input size, classes, ...), opaque here
    TrainingOptions options;
    std::vector<float> classWeights = {}; ///< of the loss, one a class; options.classWeights is not read here
    /// Of each of train's samples, for options.sampler balanced: as many samples an epoch, each class as often. Empty:
    /// every sample once.
    std::vector<std::uint8_t> sampleClasses = {};
    double mixup = 0; ///< alpha of mixShare; 0: samples are not mixed
    /// Learning rate at a point of the run (epochs done, with fractions) instead of options.schedule.
    std::function<double(double)> rate = {};
    WatchNetwork watch = {};          ///< looks at the network now and then
    WatchBudget watchBudget = {};     ///< and for how long
    ChangeSamples changeSamples = {}; ///< of train and val, between epochs
    /// Others that train along, each with its own part of every batch (options.batch is one part); null: none. They are
    /// given the same setup, and rank 0 alone writes and tells; what it resumes from is sent to the others.
    Ranks *ranks = nullptr;
    bool resume = false; ///< go on from runFolder/last.ckpt: the curve is what it would have been without the stop
};

enum class TrainingEnd { Finished, Stopped };
struct TrainingOutcome {
    TrainingEnd end = TrainingEnd::Finished;
    int epochsDone = 0;
    int bestEpoch = 0;
    double bestMetric = 0; ///< by options.metric, of validation where there is one
    double seconds = 0;
    double watchSeconds = 0; ///< of this part of the run, not in seconds of the steps: what watch took
};

/// Trains; writes log.jsonl, steps.jsonl and the checkpoints; returns when all epochs are done, when patience is at its
/// end or when a stop is requested. A stop keeps every finished step: a run that is resumed, even by another process,
/// goes on bit for bit as if it had never stopped. last.ckpt is valid at every moment after the first step began: a
/// process that is killed loses at most one epoch, or five minutes of a longer one. The same seed, data and threads
/// give the same curve. Errors: sample unreadable (named), loss not finite although rescued three times, disk full,
/// device failed, memory, another rank gone.
Result<TrainingOutcome> train(const TrainingSetup &, std::stop_token, const TrainingSink &);

/// The loss of one batch, as train computes it; for evaluation at network size.
/// logits [N, C, H, W], targets N*H*W ids, or N*C*H*W where classes may overlap (a plane a channel: 1, 0, 255).
Result<double> lossOf(const LossSpec &, const Logits &, std::span<const std::uint8_t> targets);
/// The cross-entropy of each pixel, N*H*W values (of overlapping classes their mean), 0 where ignored: for a map of
/// where a network is wrong.
Result<std::vector<float>> pixelLossesOf(const LossSpec &, const Logits &, std::span<const std::uint8_t> targets);

} // namespace masque
