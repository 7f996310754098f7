// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/Result.h"

#include <opencv2/core.hpp>

#include <memory>
#include <string>
#include <vector>

namespace masque {

struct Face {
    cv::Rect2d box;   ///< pixels of the image; may reach over its border
    double score = 1; ///< 0..1; 1 where the detector gives none
};

struct FaceDetectorOptions {
    std::string model = "auto"; ///< YuNet's ONNX file; "haar"; auto: YuNet where findFaceModel has it, else Haar
    double threshold = 0.8;     ///< of YuNet's score
    int maxSide = 640;          ///< larger images are reduced to this side before faces are looked for
    int minSide = 12;           ///< smaller faces, in pixels of the reduced image, are left out
};

/// Finds faces in photos and video frames. Not thread-safe: one a thread.
class FaceDetector {
public:
    virtual ~FaceDetector() = default;
    virtual std::string name() const = 0; ///< "YuNet" or "Haar cascade"
    /// Of CV_8UC3 RGB; the surest first. An image that the detector fails on has none.
    virtual std::vector<Face> detect(const cv::Mat &rgb) = 0;
};

/// YuNet (Wu, Peng, Yu 2023) through OpenCV's FaceDetectorYN, or the cascade of Viola and Jones 2001 in the version
/// that Debian's opencv-data has. Errors name the file that is missing or is no such model.
Result<std::unique_ptr<FaceDetector>> makeFaceDetector(const FaceDetectorOptions &);

/// YuNet's file: $MASQUE_FACE_MODEL, else a face_detection_yunet*.onnx in the folder `models` of the program's data
/// (~/.local/share/masque/models); empty if there is none.
std::string findFaceModel();

} // namespace masque
