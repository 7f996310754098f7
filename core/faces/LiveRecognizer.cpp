// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/faces/LiveRecognizer.h"

#include "core/image/region.h"
#include "core/inference/classify.h"

#include <opencv2/imgproc.hpp>

#include <algorithm>
#include <cmath>
#include <cstdio>

namespace masque {

Result<std::vector<LiveFace>> LiveRecognizer::process(const VideoFrame &frame)
{
    m_tracker.update(frame.timeS, m_detector->detect(frame.rgb));
    std::vector<LiveFace> faces;
    for (FaceTrack &track : m_tracker.tracks()) {
        if (!track.isSeen || !m_tracker.isConfirmed(track))
            continue;
        const cv::Mat crop = squareCrop(frame.rgb, track.seen);
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
