// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "studio/canvas/LabelLayer.h"
#include "studio/canvas/Viewport.h"
#include "studio/canvas/display_look.h"
#include "studio/document/image_levels.h"

#include <QImage>
#include <QRegion>

#include <array>

/// Pixels of image and labels as the screen shows them. A frame is an RGB32 image of a widget's device pixels.
namespace masque {

/// Image coordinates of a frame's device pixels. Where the picture is turned, device coordinates here are those of the
/// upright frame, which is turned by quarterTurns in the end.
struct FrameMap {
    double step = 1; ///< image pixels a device pixel
    double x0 = 0;   ///< image coordinates of the upright frame's top-left corner
    double y0 = 0;
    int quarterTurns = 0; ///< clockwise
    double imageX(int deviceX) const { return x0 + (deviceX + 0.5) * step; }
    double imageY(int deviceY) const { return y0 + (deviceY + 0.5) * step; }
};
FrameMap frameMap(const Viewport &viewport, double devicePixelRatio);
QSize deviceSize(QSizeF widgetSize, double devicePixelRatio);

/// How labels are laid over the image.
struct LabelPaint {
    const LabelLayer &layer;
    std::array<QRgb, 256> colors{};               ///< by the layer's values; 0 is not drawn
    double opacity = 0.5;                         ///< of the fill
    double borderOpacity = 0.75;                  ///< of regions' borders
    const Mask *stroke = nullptr;                 ///< a stroke under way, over everything
    std::array<std::uint8_t, 256> strokeValues{}; ///< by the stroke's bit; 0 takes labels away
};

enum class Quality {
    Final, ///< what is shown at rest
    Draft, ///< the image alone, coarse: in no time
};

/// Fills a part of the frame: smooth below 200 %, crisp pixels from there on; background where there is no image.
/// image, labels and look (none: the image as it is) may be null. Never throws.
void composeFrame(QImage &frame, QRect part, const FrameMap &map, const ImageLevels *image, QRgb background,
                  const LabelPaint *labels, Quality quality = Quality::Final, const LookTable *look = nullptr);

/// What the frame shows, moved to where the next viewport has it, into next (of any size). Returns the part of next
/// that the frame knows nothing of.
QRegion moveFrame(const QImage &frame, const Viewport &from, QImage &next, const Viewport &to);

/// Moves the frame's content; the exposed strips keep old pixels and are to be filled.
void scrollFrame(QImage &frame, QPoint delta);

} // namespace masque
