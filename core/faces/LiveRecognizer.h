// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/faces/FaceTracker.h"
#include "core/faces/FrameSource.h"
#include "core/inference/Predictor.h"

namespace masque {

/// A face that is told of in a frame.
struct LiveFace {
    int track = 0; ///< the same number is the same face
    cv::Rect2d box;
    std::vector<float> probabilities; ///< smoothed over the track, of the network's classes
    std::vector<float> now;           ///< of this frame alone
};

/// Frames of one video, one after the other: faces, tracks, classes. Not thread-safe.
class LiveRecognizer {
public:
    LiveRecognizer(Predictor predictor, std::unique_ptr<FaceDetector> detector, const TrackerOptions &options = {})
        : m_predictor(std::move(predictor)), m_detector(std::move(detector)), m_tracker(options)
    {
    }

    /// The confirmed tracks that are seen in this frame; none is no error. Errors are those of the network.
    Result<std::vector<LiveFace>> process(const VideoFrame &frame);
    const LabelSet &labels() const { return m_predictor.labels(); }
    const FaceDetector &detector() const { return *m_detector; }
    int trackCount() const { return m_tracker.confirmedCount(); }
    void setPredictor(Predictor predictor) { m_predictor = std::move(predictor); } ///< tracks go on
    void reset() { m_tracker.reset(); }

private:
    Predictor m_predictor;
    std::unique_ptr<FaceDetector> m_detector;
    FaceTracker m_tracker;
};

/// A line a face of the table that live recognition writes: time_s, track, x, y, width, height, then the
/// classes' probabilities.
std::string liveTableHeader(const LabelSet &labels);
std::string liveTableRow(double timeS, const LiveFace &face);

} // namespace masque
