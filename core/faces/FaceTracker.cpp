// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/faces/FaceTracker.h"
#include "core/annotations/mask_ops.h"

#include <algorithm>
#include <cmath>
#include <tuple>

namespace masque {

namespace {

/// How sure two boxes are one face: their IoU, or, where a face moved fast, how near their centres are for its size;
/// always less than any pair that overlaps enough. 0: they are not.
double affinity(const cv::Rect2d &a, const cv::Rect2d &b, double minOverlap)
{
    if (const double iou = boxIou(a, b); iou >= minOverlap)
        return iou;
    const double side = std::min(std::sqrt(a.area()), std::sqrt(b.area()));
    const double larger = std::max(std::sqrt(a.area()), std::sqrt(b.area()));
    const cv::Point2d apart = (a.tl() + a.br()) * 0.5 - (b.tl() + b.br()) * 0.5;
    const double distance = std::hypot(apart.x, apart.y);
    return side > 0 && larger < 1.7 * side && distance < 0.8 * side ? 0.01 * minOverlap * (1 - distance / side) : 0;
}

/// The share of a new value after so many seconds.
double share(double seconds, double timeConstant)
{
    return timeConstant > 0 ? 1 - std::exp(-std::max(seconds, 0.0) / timeConstant) : 1;
}

} // namespace

void FaceTracker::update(double timeS, const std::vector<Face> &faces)
{
    timeS = std::max(timeS, m_lastS);
    std::vector<std::tuple<double, std::size_t, std::size_t>> pairs; // affinity, track, face
    for (std::size_t t = 0; t < m_tracks.size(); ++t)
        for (std::size_t f = 0; f < faces.size(); ++f)
            if (const double sure = affinity(m_tracks[t].seen, faces[f].box, m_options.minOverlap); sure > 0)
                pairs.emplace_back(sure, t, f);
    std::ranges::stable_sort(pairs, std::greater(), [](const auto &pair) { return std::get<0>(pair); });
    std::vector<bool> isTaken(faces.size(), false);
    for (FaceTrack &track : m_tracks)
        track.isSeen = false;
    for (const auto &[sure, t, f] : pairs) {
        FaceTrack &track = m_tracks[t];
        if (track.isSeen || isTaken[f])
            continue;
        isTaken[f] = true;
        track.isSeen = true;
        const cv::Rect2d &box = faces[f].box;
        const double k = share(timeS - track.lastSeenS, m_options.boxTimeS);
        track.seen = box;
        track.box = {track.box.x + k * (box.x - track.box.x), track.box.y + k * (box.y - track.box.y),
                     track.box.width + k * (box.width - track.box.width),
                     track.box.height + k * (box.height - track.box.height)};
        track.score = faces[f].score;
        track.lastSeenS = timeS;
        ++track.frames;
    }
    std::erase_if(m_tracks, [&](const FaceTrack &track) {
        const bool isNew = track.id == 0; // one that was a mistake does not wait for its like
        return !track.isSeen && (isNew || timeS - track.lastSeenS > m_options.forgetAfterS);
    });
    for (std::size_t f = 0; f < faces.size(); ++f)
        if (!isTaken[f])
            m_tracks.push_back({.box = faces[f].box,
                                .seen = faces[f].box,
                                .score = faces[f].score,
                                .frames = 1,
                                .lastSeenS = timeS,
                                .isSeen = true});
    for (FaceTrack &track : m_tracks)
        if (track.id == 0 && track.frames >= m_options.confirmAfter)
            track.id = m_nextId++;
    m_lastS = timeS;
}

void FaceTracker::addProbabilities(FaceTrack &track, const std::vector<float> &probabilities, double timeS) const
{
    if (track.probabilities.size() != probabilities.size()) {
        track.probabilities = probabilities;
    } else {
        const auto k = static_cast<float>(share(timeS - track.lastProbabilitiesS, m_options.probabilitiesTimeS));
        for (std::size_t c = 0; c < probabilities.size(); ++c)
            track.probabilities[c] += k * (probabilities[c] - track.probabilities[c]);
    }
    track.lastProbabilitiesS = timeS;
}

void FaceTracker::reset()
{
    m_tracks.clear();
    m_lastS = 0;
    m_nextId = 1;
}

} // namespace masque
