// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/training/BatchReader.h"
#include "core/training/Optimizer.h"
#include "core/training/RunLog.h"
#include "core/training/WeightAverage.h"
#include "core/training/ranks/GradientSum.h"
#include "core/training/train.h"

#include <chrono>
#include <optional>

namespace masque {

/// One call of train(): the epochs, one after another, on the calling thread. Private to core/training.
class Trainer {
public:
    Trainer(const TrainingSetup &setup, std::stop_token stop, const TrainingSink &sink);
    Result<TrainingOutcome> run();
    /// A failure with what to do about it, where that is known.
    Error withWayOut(Error error) const;

private:
    using Clock = std::chrono::steady_clock;
    enum class Split { Train, Val };
    /// A batch whose figures are not yet looked at: reading them waits for the device.
    struct PendingBatch {
        torch::Tensor loss;                    ///< scalar
        torch::Tensor sampleLosses = {};       ///< [count], training only
        std::vector<std::size_t> samples = {}; ///< of all ranks; this one's are count from first
        int first = 0, count = 0;
        double lr = 0;
    };
    /// One way through one split.
    struct Pass {
        Split split = Split::Train;
        int epoch = 0, step = 0, steps = 0;
        double lr = 0;
        double seconds = 0, secondsBefore = 0; ///< of this pass; before the run was resumed
        Clock::time_point started = Clock::now();
        std::vector<PendingBatch> pending = {};
        double lossSum = 0, lastLoss = 0;
        int images = 0, imagesBefore = 0;
        torch::Tensor confusion = {}; ///< int64 [classes * classes + 1] on the device; the last is for ignored pixels
        torch::Tensor corrected = {}; ///< the same of corrected validation images alone
        torch::Tensor fit = {};       ///< int64 [3] there: pixels, right ones, right ones by another image's labels
        bool isPooled = false;        ///< the last three are those of all ranks
        const char *name() const { return split == Split::Train ? "train" : "val"; }
    };
    /// What of a pass was there at the last optimiser step; batches after it only gathered gradients.
    struct Mark {
        std::size_t pending = 0;
        int step = 0, images = 0;
        torch::Tensor confusion = {};
        std::vector<torch::Tensor> buffers = {}; ///< of the network: batch normalisation saw those batches already
    };
    enum class PassEnd { Done, Stopped, Alarmed };
    /// What is to be done after a batch; alike on all ranks.
    struct Wish {
        bool stop = false, report = false, save = false;
    };

    Result<void> check() const;
    Result<void> checkFreeze() const;
    Result<void> prepare();
    Result<void> begin(const std::string &device, int threads);
    Result<void> writeStart(const std::string &device, int threads);
    Result<void> restore();
    Result<void> say(const std::string &message);
    Result<void> say(const Finding &finding);
    bool isOver() const;
    /// One epoch's training and validation.
    Result<PassEnd> runEpoch(int epoch);
    Result<void> finishEpoch(EpochReport &train, std::optional<EpochReport> &val,
                             const std::optional<std::string> &soleClass, const LabelFit &fit);
    void judge(EpochReport &judged);
    Result<void> save(const char *name, const NamedTensors &more);
    NamedTensors state() const;
    /// Goes back to last.ckpt at a tenth of the rate; the alarm as an error if that is no help any more.
    Result<void> rescue();

    Pass startPass(Split split, int epoch) const;
    BatchReader reader(const Pass &pass) const;
    Result<PassEnd> runPass(Pass &pass);
    Mark markOf(const Pass &pass) const;
    void backTo(const Mark &mark, Pass &pass);
    Result<void> runBatch(Pass &pass, const Batch &batch, std::vector<std::size_t> samples);
    void freeze(int epoch);
    void countPixels(Pass &pass, const torch::Tensor &logits, const torch::Tensor &targets,
                     std::span<const std::size_t> samples) const;
    /// Reads the figures that are due; false if the watchdog is alarmed.
    Result<bool> settle(Pass &pass);
    std::string weightsNotFinite() const; ///< the first such parameter, or ""
    /// Saves last.ckpt in the middle of an epoch.
    Result<void> keep(const Pass &pass);
    EpochReport epochReport(const Pass &pass) const;
    std::optional<std::string> soleClass(const Pass &pass) const;
    LabelFit labelFit(const Pass &pass) const;
    void reportStep(const Pass &pass);
    double rate(int epoch, int step, int steps) const; ///< step from 0
    /// Takes what was corrected since the last epoch.
    Result<void> changeSamples(int epoch);
    Result<void> sayWatched();
    /// Lets the network be looked at, if its time has come; it goes on as if nothing had been.
    void watch(const Pass &pass, bool isEpochEnd);
    double secondsSoFar() const;
    static double secondsSince(Clock::time_point start)
    {
        return std::chrono::duration<double>(Clock::now() - start).count();
    }

    // With others (TrainerRanks.cpp); alone each is what it says, at no cost.
    bool isFirst() const { return !m_setup.ranks || m_setup.ranks->isFirst(); }
    int rankCount() const { return m_setup.ranks ? m_setup.ranks->size() : 1; }
    int threadCount() const; ///< of this process: its share of the machine, unless options.threads says otherwise
    /// Weights, optimiser, moving average and progress are rank 0's from now on.
    Result<void> shareState();
    /// Batch normalisation's statistics, too: those that are saved are those that are validated.
    Result<void> shareBuffers();
    /// The position in an epoch that was under way, where the run had other batches before.
    Result<void> fitPosition();
    void gatherGradients(); ///< of the parameters that are trained now
    Result<Wish> agreed(const Wish &own) const;
    Result<void> pool(std::vector<PendingBatch> &pending) const; ///< losses are means, and each sample's own is there
    Result<void> pool(Pass &pass) const;

    const SampleSource &source(Split split) const { return split == Split::Train ? *m_setup.train : *m_setup.val; }
    bool hasVal() const { return m_setup.val && m_setup.val->size() > 0; }
    std::string file(const char *name) const { return m_setup.runFolder + "/" + name; }

    const TrainingSetup &m_setup;
    const TrainingOptions &m_options;
    const LossSpec m_loss;
    std::stop_token m_stop;
    const TrainingSink &m_sink;
    RunLog m_log;
    torch::Device m_device{torch::kCPU};
    at::MemoryFormat m_layout = at::MemoryFormat::Contiguous;
    bool m_isFast = false; ///< on core/models/fast's own operations
    int m_classes = 0;
    std::optional<Optimizer> m_optimizer;
    std::optional<WeightAverage> m_average;
    std::optional<GradientSum> m_gradients; ///< with other ranks
    Watchdog m_watchdog;
    std::string m_alarm; ///< what the watchdog said last, and where
    TrainingProgress m_progress;
    torch::Tensor m_confusion;  ///< of the epoch that is under way, as m_progress
    int m_gathered = 0;         ///< images whose gradients wait for a step
    double m_secondsBefore = 0; ///< of the run's earlier parts, when resumed
    Clock::time_point m_started = Clock::now(), m_reported, m_saved = Clock::now();
    SampleChanges m_changes;
    WatchBudget m_watchBudget;
    double m_imageSeconds[2] = {0, 0}; ///< per split, measured; 0 while unknown
};

} // namespace masque
