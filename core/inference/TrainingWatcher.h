// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/inference/small_sample.h"
#include "core/runs/run.h"

#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace masque {

class Predictor;

/// What a network that is being trained says of one image.
struct WatchedImage {
    SmallSample sample; ///< reduced, or cut out where the run has tiles; its ids are in the run's classes
    cv::Mat1b labels;   ///< what is predicted, in the run's classes; the sample's size
};

/// One look at the network.
struct WatchFrame {
    WatchMoment moment;
    LabelSet labels; ///< the run's
    std::vector<WatchedImage> pinned = {};
    bool isKept = false;                      ///< the pinned ones can be read again (readPreviews)
    std::optional<WatchedImage> current = {}; ///< the image that somebody has before them
};

/// Looks at a network while it trains, by the time that train() grants (WatchBudget): predicts four pinned validation
/// images and the one that is before a person, tells the frame, and keeps the pinned ones of epochs' ends, 200 at most,
/// as small pictures in RUN/previews. begin and look are for the training thread, setCurrent is for any.
class TrainingWatcher {
public:
    using Sink = std::function<void(WatchFrame)>; ///< called on the training thread
    explicit TrainingWatcher(Sink sink);

    /// The image that is before a person, with its annotation: CV_8UC3 RGB, shared, not to be written any more. Empty:
    /// none.
    void setCurrent(const std::string &name, const cv::Mat &image, Annotation annotation = {});
    void begin(const Dataset &dataset, const RunInfo &run, const SplitIndices &split);
    void look(const std::shared_ptr<Network> &network, const WatchMoment &moment);

private:
    std::optional<WatchedImage> lookAtCurrent(Predictor &predictor);
    bool keep(const WatchFrame &frame) const;

    const Sink m_sink;
    RunInfo m_run;
    Size m_size;
    bool m_isOfImages = false; ///< of classes of whole images
    std::vector<SmallSample> m_pins;
    std::mutex m_mutex;
    SmallSample m_current; ///< guarded, as is
    std::shared_ptr<const Annotation> m_annotation;
};

/// Those of a run's images that are pinned: four, evenly over the validation split, or the training split where there
/// is none.
std::vector<std::size_t> pinnedItems(const SplitIndices &split);
/// Read small, ids in the run's classes; of a run with tiles the middle, at its own scale. What cannot be read is left
/// out.
std::vector<SmallSample> readPins(const RunInfo &run, const Dataset &dataset, const SplitIndices &split);

/// The epochs whose predictions a run has kept, ascending.
std::vector<int> keptPreviews(const std::string &runFolder);
/// What was predicted at an epoch's end, class ids of the run, one for each of the images named; empty where none was
/// kept.
std::vector<cv::Mat1b> readPreviews(const std::string &runFolder, int epoch, const std::vector<std::string> &images);

} // namespace masque
