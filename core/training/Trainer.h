// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/training/Adam.h"
#include "core/training/BatchReader.h"
#include "core/training/RunLog.h"
#include "core/training/train.h"

#include <chrono>
#include <optional>

namespace masque {

/// One call of train(): the epochs, one after another, on the calling thread. Private to core/training.
class Trainer {
public:
    Trainer(const TrainingSetup &setup, std::stop_token stop, const TrainingSink &sink);
    Result<TrainingOutcome> run();

private:
    using Clock = std::chrono::steady_clock;
    enum class Split { Train, Val };
    /// One way through one split.
    struct Pass {
        Split split = Split::Train;
        int epoch = 0, step = 0, steps = 0;
        double lr = 0;
        Clock::time_point started = Clock::now();
        std::vector<torch::Tensor> losses = {}; ///< of steps not yet looked at: reading one waits for the device
        std::vector<int> counts = {};           ///< their images
        double lossSum = 0, lastLoss = 0;
        int images = 0;
        torch::Tensor confusion = {}; ///< int64 [classes * classes + 1] on the device; the last is for ignored pixels
    };

    Result<void> check() const;
    Result<void> prepare();
    Result<void> restore();
    Result<void> say(const std::string &message);
    /// Nothing if a stop was requested.
    Result<std::optional<EpochReport>> runPass(Split split, int epoch);
    void runStep(Pass &pass, const Batch &batch);
    void countPixels(Pass &pass, const torch::Tensor &logits, const torch::Tensor &targets) const;
    Result<void> settleLosses(Pass &pass) const;
    Result<void> checkWeights(int epoch) const;
    EpochReport epochReport(const Pass &pass);
    void reportStep(const Pass &pass);
    Result<void> finishEpoch(EpochReport &train, std::optional<EpochReport> &val);
    double rate(int epoch) const;
    const SampleSource &source(Split split) const { return split == Split::Train ? *m_setup.train : *m_setup.val; }
    bool hasVal() const { return m_setup.val && m_setup.val->size() > 0; }
    std::string file(const char *name) const { return m_setup.runFolder + "/" + name; }

    const TrainingSetup &m_setup;
    const TrainingOptions &m_options;
    std::stop_token m_stop;
    const TrainingSink &m_sink;
    RunLog m_log;
    torch::Device m_device{torch::kCPU};
    at::MemoryFormat m_layout = at::MemoryFormat::Contiguous;
    int m_classes = 0;
    std::optional<Adam> m_adam;
    TrainingProgress m_progress;
    double m_secondsBefore = 0; ///< of the run's earlier parts, when resumed
    Clock::time_point m_started = Clock::now(), m_reported;
    double m_imageSeconds[2] = {0, 0}; ///< per split, measured; 0 while unknown
};

} // namespace masque
