// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/faces/FaceDetector.h"

namespace masque {

struct TrackerOptions {
    double minOverlap = 0.25;        ///< IoU of a face with where its track was, to be taken for the same
    int confirmAfter = 5;            ///< frames with a face before a track is told of
    double forgetAfterS = 0.5;       ///< a track without a face for so long ends
    double boxTimeS = 0.08;          ///< time constants of the smoothing of box and
    double probabilitiesTimeS = 0.4; ///< probabilities
};

/// One face through the frames of a video, with a smoothing of its own.
struct FaceTrack {
    int id = 0;
    cv::Rect2d box;  ///< smoothed
    cv::Rect2d seen; ///< the last face as it was found
    double score = 0;
    int frames = 0;                        ///< with a face
    double lastSeenS = 0;                  ///< time of the last of them
    std::vector<float> probabilities = {}; ///< smoothed; empty before the first
    double lastProbabilitiesS = 0;
    bool isSeen = false; ///< in this frame
};

/// Joins the faces of frame after frame into tracks: pairs of greatest overlap first; where two boxes do not meet, by
/// the distance of their centres. Ids count the tracks that were confirmed, from 1; unconfirmed ones have none.
class FaceTracker {
public:
    explicit FaceTracker(const TrackerOptions &options = {}) : m_options(options) {}

    /// Times, in seconds, must not fall.
    void update(double timeS, const std::vector<Face> &faces);
    /// What a network says of this track's face in this frame; smoothed with what it said before.
    void addProbabilities(FaceTrack &track, const std::vector<float> &probabilities, double timeS) const;
    std::vector<FaceTrack> &tracks() { return m_tracks; } ///< confirmed or not
    bool isConfirmed(const FaceTrack &track) const { return track.id > 0; }
    int confirmedCount() const { return m_nextId - 1; } ///< since the beginning
    void reset();                                       ///< another video

private:
    TrackerOptions m_options;
    std::vector<FaceTrack> m_tracks;
    double m_lastS = 0;
    int m_nextId = 1;
};

} // namespace masque
