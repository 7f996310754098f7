// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/annotations/LabelSet.h"
#include "core/annotations/edit_codec.h"

#include <QColor>
#include <QImage>

namespace masque {

/// What a picture of a step is drawn from; a value, for jobs.
struct HistoryPicture {
    cv::Mat image; ///< CV_8UC3 RGB
    LabelSet labels;
    QColor background; ///< where there is no image
    QColor erased;     ///< what went away
};

/// The part of the image that the step changed, with the change in its class' colour, sizePx on each side.
QImage drawSketch(const EditSketch &sketch, const HistoryPicture &picture, int sizePx);

} // namespace masque
