// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/faces/LiveRecognizer.h"

#include "core/inference/classify.h"

#include <opencv2/imgproc.hpp>

#include <algorithm>
#include <cmath>
#include <cstdio>

namespace masque {

namespace {

constexpr double kCropScale = 1.1; ///< side of the crop to the longer side of the box

} // namespace

cv::Mat faceCrop(const cv::Mat &rgb, const cv::Rect2d &box)
{
    const double side = std::clamp(kCropScale * std::max(box.width, box.height), 1.0, 1e5);
    const int whole = std::max(1, cvRound(side));
    const cv::Rect wanted(cvRound(box.x + box.width / 2 - side / 2), cvRound(box.y + box.height / 2 - side / 2), whole,
                          whole);
    const cv::Rect inside = wanted & cv::Rect(0, 0, rgb.cols, rgb.rows);
    if (inside.empty())
        return {};
    cv::Mat crop;
    cv::copyMakeBorder(rgb(inside), crop, inside.y - wanted.y, wanted.br().y - inside.br().y, inside.x - wanted.x,
                       wanted.br().x - inside.br().x, cv::BORDER_REPLICATE | cv::BORDER_ISOLATED);
    return crop;
}

Result<std::vector<LiveFace>> LiveRecognizer::process(const VideoFrame &frame)
{
    m_tracker.update(frame.timeS, m_detector->detect(frame.rgb));
    std::vector<LiveFace> faces;
    for (FaceTrack &track : m_tracker.tracks()) {
        if (!track.isSeen || !m_tracker.isConfirmed(track))
            continue;
        const cv::Mat crop = faceCrop(frame.rgb, track.seen);
        if (crop.empty())
            continue;
        auto probabilities = classify(m_predictor, crop);
        if (!probabilities)
            return probabilities.error();
        m_tracker.addProbabilities(track, *probabilities, frame.timeS);
        faces.push_back({track.id, track.box, track.probabilities, std::move(*probabilities)});
    }
    return faces;
}

std::string liveTableHeader(const LabelSet &labels)
{
    std::string header = "time_s,track,x,y,width,height";
    for (const auto &label : labels.classes())
        header += "," + label.name;
    return header;
}

std::string liveTableRow(double timeS, const LiveFace &face)
{
    char text[160];
    std::snprintf(text, sizeof text, "%.3f,%d,%.1f,%.1f,%.1f,%.1f", timeS, face.track, face.box.x, face.box.y,
                  face.box.width, face.box.height);
    std::string row = text;
    for (const float probability : face.probabilities) {
        std::snprintf(text, sizeof text, ",%.4f", double(probability));
        row += text;
    }
    return row;
}

} // namespace masque
