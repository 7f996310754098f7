// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/datasets/demo.h"

#include "core/annotations/labelme.h"
#include "core/annotations/mask_ops.h"
#include "core/annotations/rasterise.h"
#include "core/base/files.h"
#include "core/datasets/demo_shapes.h"

#include <opencv2/imgproc.hpp>

#include <algorithm>
#include <cmath>
#include <filesystem>

namespace masque {

namespace {

constexpr float kShapeTexture = 0.3F;  ///< shapes are smoother than what they lie on, as things are
constexpr double kReferenceSide = 192; ///< the side at which sizes in pixels are meant

/// Smooth noise: normal values cellPx apart, joined by cubic curves.
cv::Mat1f smoothNoise(cv::Size size, double cellPx, Random &random)
{
    const int cols = static_cast<int>(size.width / cellPx) + 3, rows = static_cast<int>(size.height / cellPx) + 3;
    cv::Mat1f grid(rows, cols), field;
    for (auto &value : grid)
        value = static_cast<float>(random.normal());
    cv::resize(grid, field, {static_cast<int>(std::ceil(cols * cellPx)), static_cast<int>(std::ceil(rows * cellPx))}, 0,
               0, cv::INTER_CUBIC);
    return field(cv::Rect(static_cast<int>(cellPx), static_cast<int>(cellPx), size.width, size.height));
}

cv::Vec3f randomColor(Random &random)
{
    cv::Vec3f color;
    for (int c = 0; c < 3; ++c)
        color[c] = static_cast<float>(random.uniform(45, 210));
    return color;
}

/// A surface of about this colour; texture 1 is as rough as the ground. Background and shapes come from this one
/// function, so that no colour tells them apart.
cv::Mat3f surface(cv::Size size, cv::Vec3f color, double scale, float texture, Random &random)
{
    cv::Vec3f tint;
    for (int c = 0; c < 3; ++c)
        tint[c] = texture * static_cast<float>(random.uniform(-22, 22));
    const cv::Mat1f broad = smoothNoise(size, 40 * scale, random), fine = smoothNoise(size, 9 * scale, random),
                    grain = smoothNoise(size, 3 * scale, random);
    cv::Mat3f out(size);
    for (int y = 0; y < size.height; ++y)
        for (int x = 0; x < size.width; ++x) {
            const float light = texture * (9 * broad(y, x) + 8 * fine(y, x) + 6 * grain(y, x));
            out(y, x) = color + tint * broad(y, x) + cv::Vec3f(light, light, light);
        }
    return out;
}

/// Light from one side, the softness of a lens and the noise of a sensor.
cv::Mat develop(cv::Mat3f scene, double scale, Random &random)
{
    const double angle = random.uniform(0, 6.2832), strength = random.uniform(0.1, 0.35);
    const double dx = std::cos(angle) * strength / scene.cols, dy = std::sin(angle) * strength / scene.rows;
    cv::GaussianBlur(scene, scene, {}, 0.7 * scale);
    cv::Mat3b out(scene.size());
    const double noise = random.uniform(4, 8);
    for (int y = 0; y < scene.rows; ++y)
        for (int x = 0; x < scene.cols; ++x) {
            const double light = 1 + dx * (2 * x - scene.cols) + dy * (2 * y - scene.rows);
            const double grey = random.normal() * noise, warm = random.normal() * noise / 2;
            const auto &p = scene(y, x);
            out(y, x) = {cv::saturate_cast<uchar>(p[0] * light + grey + warm),
                         cv::saturate_cast<uchar>(p[1] * light + grey),
                         cv::saturate_cast<uchar>(p[2] * light + grey - warm)};
        }
    return out;
}

struct Placed {
    Shape shape;
    Mask mask;
    Point centre;
    double sizePx = 0;
    bool overlaps = false;
};

/// Finds places for the shapes of one image; one in a few is laid over an earlier one.
class Composer {
public:
    Composer(int side, Random &random) : m_side(side), m_scale(side / kReferenceSide), m_random(random) {}

    std::vector<Placed> compose()
    {
        const int count = 3 + m_random.below(6);
        for (int tries = 0; tries < 200 && static_cast<int>(m_placed.size()) < count; ++tries)
            place(!m_placed.empty() && m_random.chance(kOverlapChance));
        return std::move(m_placed);
    }

private:
    static constexpr double kOverlapChance = 0.16;

    void place(bool onAnother)
    {
        Placed p;
        p.sizePx = (24 + 56 * std::pow(m_random.uniform(), 1.4)) * m_scale;
        const auto kind = static_cast<std::size_t>(m_random.below(static_cast<int>(kDemoKinds.size())));
        const double margin = p.sizePx / 2 + 2;
        for (int tries = 0; tries < 20; ++tries) {
            auto *under = onAnother
                              ? &m_placed[static_cast<std::size_t>(m_random.below(static_cast<int>(m_placed.size())))]
                              : nullptr;
            p.centre = {m_random.uniform(margin, m_side - margin), m_random.uniform(margin, m_side - margin)};
            if (under) {
                const double angle = m_random.uniform(0, 6.2832);
                const double reach = (under->sizePx + p.sizePx) / 2 * m_random.uniform(0.5, 0.85);
                p.centre = under->centre + Point{std::cos(angle), std::sin(angle)} * reach;
            }
            if (std::min(p.centre.x, p.centre.y) < margin || std::max(p.centre.x, p.centre.y) > m_side - margin)
                continue;
            p.shape = makeDemoShape(kind, p.centre, p.sizePx, m_random);
            p.mask = shapeMask(p.shape, {m_side, m_side});
            if (!isClear(p, under) || (under && !overlapsWell(p, *under)))
                continue;
            p.overlaps = under != nullptr;
            if (under)
                under->overlaps = true;
            m_placed.push_back(std::move(p));
            return;
        }
    }

    bool isClear(const Placed &p, const Placed *except) const
    {
        const auto &box = p.mask.box;
        const Rect wide{box.x - 3, box.y - 3, box.width + 6, box.height + 6};
        return std::ranges::all_of(m_placed, [&](const Placed &other) {
            return &other == except || wide.intersected(other.mask.box).isEmpty();
        });
    }
    /// Covers something of the other, but leaves most of it to be seen.
    static bool overlapsWell(const Placed &p, const Placed &under)
    {
        if (under.overlaps || !overlap(p.mask, under.mask))
            return false;
        const auto left = subtracted(under.mask, p.mask);
        return !left.box.isEmpty() && cv::countNonZero(left.bits) * 10 > cv::countNonZero(under.mask.bits) * 6;
    }

    int m_side;
    double m_scale;
    Random &m_random;
    std::vector<Placed> m_placed;
};

/// A colour that can be seen against what is there now around the shape.
cv::Vec3f visibleColor(const cv::Mat3f &scene, const Mask &mask, Random &random)
{
    const Rect box = Rect{mask.box.x - 4, mask.box.y - 4, mask.box.width + 8, mask.box.height + 8}.intersected(
        {0, 0, scene.cols, scene.rows});
    const auto mean = cv::mean(scene(toCv(box)));
    cv::Vec3f best;
    double bestDistance = -1;
    for (int tries = 0; tries < 12 && bestDistance < 90; ++tries) {
        const auto color = randomColor(random);
        const double distance = std::hypot(color[0] - mean[0], color[1] - mean[1], color[2] - mean[2]);
        if (distance > bestDistance) {
            best = color;
            bestDistance = distance;
        }
    }
    return best;
}

struct DemoImage {
    cv::Mat image;
    Annotation annotation;
};

DemoImage makeImage(const DemoOptions &options, int index)
{
    auto random = Random::of(options.seed, options.size, index);
    const double scale = options.size / kReferenceSide;
    cv::Mat3f scene = surface({options.size, options.size}, randomColor(random), scale, 1, random);
    DemoImage out;
    for (auto &placed : Composer(options.size, random).compose()) {
        const auto box = toCv(placed.mask.box);
        const auto color = visibleColor(scene, placed.mask, random);
        surface(box.size(), color, scale, kShapeTexture, random).copyTo(scene(box), placed.mask.bits);
        out.annotation.shapes.push_back(std::move(placed.shape));
    }
    out.image = develop(scene, scale, random);
    out.annotation.imageSize = Size{options.size, options.size};
    return out;
}

std::string fileStem(int index, int count)
{
    const auto number = std::to_string(index);
    const auto width = std::max<std::size_t>(3, std::to_string(count - 1).size());
    return std::string(width - number.size(), '0') + number;
}

Result<void> checkOptions(const std::string &folder, const DemoOptions &options)
{
    if (options.count < 1 || options.count > 1000000)
        return Error{ErrorCode::Option, "count: 1 to 1000000 images can be made", "count"};
    if (options.size < 64 || options.size > 4096)
        return Error{ErrorCode::Option, "size: 64 to 4096 pixels a side", "size"};
    std::vector<std::string> files = {folder + "/labels.txt"};
    for (int i = 0; i < options.count; ++i)
        for (const auto *extension : {".png", ".json"})
            files.push_back(folder + "/" + fileStem(i, options.count) + extension);
    std::error_code ignored;
    for (const auto &file : files)
        if (std::filesystem::exists(file, ignored))
            return Error{ErrorCode::Io, file + ": is there already and is not written over. Name a new folder", file};
    return {};
}

} // namespace

Result<void> writeDemoShapes(const std::string &folder, const DemoOptions &options, std::stop_token stop,
                             const Progress &progress)
{
    if (auto valid = checkOptions(folder, options); !valid)
        return valid;
    if (auto made = makeFolder(folder); !made)
        return made;
    std::string labels = std::string(kIgnoreName) + "\n" + std::string(kBackgroundName) + "\n";
    for (const auto kind : kDemoKinds)
        labels += std::string(kind) + "\n";
    try {
        if (auto written = writeFileAtomically(folder + "/labels.txt", labels); !written)
            return written;
        for (int i = 0; i < options.count && !stop.stop_requested(); ++i) {
            auto [image, annotation] = makeImage(options, i);
            const auto stem = fileStem(i, options.count);
            annotation.imagePath = stem + ".png";
            if (auto written = writeImage(folder + "/" + stem + ".png", image); !written)
                return written;
            if (auto written = writeLabelMe(folder + "/" + stem + ".json", annotation); !written)
                return written;
            if (progress)
                progress(static_cast<std::size_t>(i) + 1, static_cast<std::size_t>(options.count));
        }
    } catch (const std::exception &e) {
        return Error{ErrorCode::Internal, folder + ": the samples cannot be made: " + e.what(), folder};
    }
    return {};
}

} // namespace masque
