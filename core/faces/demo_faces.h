// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/datasets/demo.h"

namespace masque {

/// A drawn face of one of kEmotions: varied head, hair, skin, light, pose and noise; CV_8UC3 RGB, square. The same
/// seed gives the same pixels.
cv::Mat drawFace(int emotion, int side, std::uint64_t seed);

/// Writes drawn faces, so that all that is made for faces can be tried without real people: folder/faces, class folders
/// in train and valid (a fifth), count faces of the given size together; folder/photos, twelve pictures of 640 x 480
/// with one to four faces and LabelMe rectangles of their emotions; folder/video.avi, ten seconds of 640 x 360 with
/// three faces that change.
Result<void> writeDemoFaces(const std::string &folder, const DemoOptions &, std::stop_token = {},
                            const Progress & = {});

} // namespace masque
