// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/datasets/Augmentation.h"

namespace masque {

namespace {

using Options = AugmentationOptions;

OptionSpec yes(const char *key, const char *label, const char *help, const char *group)
{
    return {.key = key, .label = label, .help = help, .group = group, .type = OptionType::Bool};
}

OptionSpec upTo(double maximum, const char *key, const char *label, const char *help, const char *group,
                const char *unit = "")
{
    return {.key = key,
            .label = label,
            .help = help,
            .group = group,
            .type = OptionType::Real,
            .minimum = 0,
            .maximum = maximum,
            .unit = unit};
}

OptionSpec advanced(OptionSpec spec)
{
    spec.advanced = true;
    return spec;
}

void addGeometry(OptionTable<Options> &t)
{
    constexpr auto group = "Augmentation: geometry";
    t.add(yes("flip_horizontal", "Flip left and right", "Mirrors every second sample left to right.", group),
          &Options::flipHorizontal);
    t.add(yes("flip_vertical", "Flip up and down", "Mirrors every second sample top to bottom.", group),
          &Options::flipVertical);
    t.add(upTo(180, "rotation_degrees", "Rotation", "Rotates by up to this angle either way.", group, "degrees"),
          &Options::rotationDegrees);
    t.add(upTo(0.9, "scale", "Zoom", "Zooms by a factor from 1 - s to 1 + s.", group), &Options::scale);
    t.add(upTo(0.5, "crop", "Shift", "Moves the frame by up to this share of each side.", group), &Options::crop);
    t.add(advanced(upTo(0.9, "perspective", "Perspective",
                        "Moves each corner inwards by up to this share of half the sides, as if the picture were seen "
                        "from aside.",
                        group)),
          &Options::perspective);
    t.add(advanced(upTo(0.2, "elastic_alpha", "Elastic",
                        "Bends by about this share of the shorter side, as rubber would; 0.01 to 0.03 looks natural.",
                        group)),
          &Options::elasticAlpha);
    auto sigma = advanced(upTo(0.5, "elastic_sigma", "Elastic smoothness",
                               "How wide the waves of the bending are, as a share of the shorter side.", group));
    sigma.minimum = 0.01;
    t.add(sigma, &Options::elasticSigma);
    t.add(advanced(upTo(1, "balanced_crop", "Balanced crops",
                        "Share of the samples that are moved to a class drawn evenly, so that rare ones come as often; "
                        "needs shift, zoom or windows to move by.",
                        group)),
          &Options::balancedCrop);
}

void addColor(OptionTable<Options> &t)
{
    constexpr auto group = "Augmentation: colour";
    t.add(upTo(1, "brightness", "Brightness", "Lightens or darkens by up to this share of the full range.", group),
          &Options::brightness);
    t.add(upTo(1, "contrast", "Contrast", "Multiplies contrast by a factor from 1 - c to 1 + c.", group),
          &Options::contrast);
    t.add(upTo(1, "saturation", "Saturation", "Multiplies saturation by a factor from 1 - s to 1 + s.", group),
          &Options::saturation);
    t.add(upTo(0.5, "hue", "Hue", "Turns colours by up to this share of the colour circle either way.", group),
          &Options::hue);
    t.add(advanced(upTo(20, "blur", "Blur", "Blurs by a Gaussian of up to this sigma.", group, "px")), &Options::blur);
    t.add(advanced(upTo(0.5, "noise", "Noise", "Adds grain of up to this share of the full range.", group)),
          &Options::noise);
}

void addHiding(OptionTable<Options> &t)
{
    constexpr auto group = "Augmentation: hiding and mixing";
    t.add(upTo(1, "cutout", "Cut-out", "Hides a square with sides of this share of the shorter side (random erasing).",
               group),
          &Options::cutout);
    t.add(advanced(yes("cutout_ignore", "Ignore what is hidden",
                       "Asks nothing of the network where the square lies; else it has to tell from what is around.",
                       group)),
          &Options::cutoutIgnore);
    t.add(advanced(upTo(10, "mixup", "Mix-up",
                        "Blends each image of a batch with another one, and the loss alike; larger mixes more evenly, "
                        "0.2 to 0.4 is usual.",
                        group)),
          &Options::mixup);
}

} // namespace

const OptionTable<AugmentationOptions> &augmentationTable()
{
    static const auto table = [] {
        OptionTable<Options> t;
        addGeometry(t);
        addColor(t);
        addHiding(t);
        return t;
    }();
    return table;
}

} // namespace masque
