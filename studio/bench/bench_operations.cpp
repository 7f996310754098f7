// SPDX-License-Identifier: GPL-3.0-or-later
// BenchScript's operations and the images they work on.
#include "core/annotations/labelme.h"
#include "core/base/files.h"
#include "core/datasets/demo.h"
#include "core/image/image_file.h"
#include "studio/bench/BenchScript.h"
#include "studio/tools/ToolController.h"

#include <QDir>

#include <opencv2/imgproc.hpp>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <numbers>

namespace masque {

namespace {

namespace fs = std::filesystem;

constexpr int kNextImages = 24;

/// A picture with detail at every scale.
cv::Mat picture(int width, int height, int seed)
{
    cv::Mat coarse(std::max(2, height / 40), std::max(2, width / 40), CV_8UC3), image;
    cv::RNG(static_cast<std::uint64_t>(seed)).fill(coarse, cv::RNG::UNIFORM, 0, 256);
    cv::resize(coarse, image, {width, height}, 0, 0, cv::INTER_LINEAR);
    return image;
}

/// Circles with a wavy rim in rows over the image.
Annotation crowd(Size size, int count, int vertices)
{
    Annotation annotation;
    const int columns = static_cast<int>(std::ceil(std::sqrt(count * double(size.width) / size.height)));
    const double cell = double(size.width) / columns;
    for (int i = 0; i < count; ++i) {
        Shape shape{.label = "class" + std::to_string(i % 7)};
        const Point centre{(i % columns + 0.5) * cell, (i / columns + 0.5) * cell};
        for (int k = 0; k < vertices; ++k) {
            const double angle = 2 * std::numbers::pi * k / vertices;
            const double radius = cell * (0.6 + 0.08 * std::sin(9 * angle));
            shape.points.push_back({std::clamp(centre.x + radius * std::cos(angle), 0.0, size.width - 1.0),
                                    std::clamp(centre.y + radius * std::sin(angle), 0.0, size.height - 1.0)});
        }
        annotation.shapes.push_back(std::move(shape));
    }
    return annotation;
}

} // namespace

Result<void> BenchScript::makeData()
{
    const std::string root = m_folder.toStdString();
    for (const char *name : {"large", "crowd", "next", "walk"})
        fs::create_directories(root + "/" + name);
    const auto write = [&](const std::string &name, int width, int height, int seed) {
        return writeImage(root + "/" + name, picture(width, height, seed));
    };
    if (auto done = write("large/large.jpg", m_options.width, m_options.height, 1); !done)
        return done;
    if (auto done = write("crowd/crowd.jpg", 4000, 3000, 2); !done)
        return done;
    for (int i = 0; i <= kNextImages; ++i)
        if (auto done = write("next/" + std::to_string(100 + i) + ".jpg", 4000, 3000, 3 + i); !done)
            return done;
    if (auto done = write("walk/0.jpg", m_options.walkSize, m_options.walkSize * 3 / 4, 9); !done)
        return done;
    std::error_code failed;
    for (int i = 1; i < m_options.images && !failed; ++i)
        fs::create_hard_link(root + "/walk/0.jpg", root + "/walk/" + std::to_string(i) + ".jpg", failed);
    if (failed)
        return Error{ErrorCode::Io, root + ": " + failed.message(), root};
    if (auto done = writeDemoShapes(root + "/demo", {.count = 16, .size = 128}); !done)
        return done;
    Annotation annotation = crowd({4000, 3000}, m_options.polygons, m_options.vertices);
    annotation.imagePath = "crowd.jpg";
    annotation.imageSize = Size{4000, 3000};
    return writeLabelMe(root + "/crowd/crowd.json", annotation);
}

void BenchScript::addLargeImage()
{
    const QPointF middle(800, 500);
    const auto look = [this](double scale) {
        m_canvas->setViewport({scale, {m_options.width / 2.0, m_options.height / 2.0}, false});
    };
    const auto isOpen = [this] { return m_document->imageSize() == Size{m_options.width, m_options.height}; };
    const auto openLarge = [this, isOpen] {
        if (!isOpen())
            open(QStringLiteral("large"));
    };
    const auto ready = [this, isOpen] { return isOpen() && isCalm(); };
    const auto brush = [=, this](const std::string &name, bool isTraining) {
        const int strokes = 8, moves = std::max(4, m_options.events / strokes);
        add({.name = name,
             .count = strokes * moves,
             .setUp =
                 [=, this] {
                     openLarge();
                     m_document->setActiveLabel(QStringLiteral("painted"));
                     useTool("brush");
                     m_workspace->findChild<ToolController *>()->setBrushRadiusPx(40);
                     look(1);
                     if (isTraining) {
                         auto data = openDataset(m_folder.toStdString() + "/demo", m_plugins.formats, "labelme");
                         if (!data)
                             return fail(data.error());
                         RunRequest request;
                         request.dataset = std::make_shared<const Dataset>(std::move(data).value());
                         request.options.training.epochs = 10000;
                         m_training.start(std::move(request), m_plugins.models);
                     }
                 },
             .act =
                 [=, this](int i) {
                     const int k = i % moves;
                     const double t = double(k) / moves;
                     const QPointF at(100 + 1400 * t, 120 + 100 * (i / moves) + 40 * std::sin(12 * t));
                     if (k == 0)
                         mouse(QEvent::MouseButtonPress, at, Qt::LeftButton, Qt::LeftButton);
                     else if (k == moves - 1)
                         mouse(QEvent::MouseButtonRelease, at, Qt::LeftButton, Qt::NoButton);
                     else
                         mouse(QEvent::MouseMove, at, Qt::NoButton, Qt::LeftButton);
                 },
             .isReady = ready});
    };
    brush("brush", false);
    for (const auto &[name, scale] : {std::pair("pan_fit", 0.0), std::pair("pan_25", 0.25), std::pair("pan_100", 1.0),
                                      std::pair("pan_800", 8.0), std::pair("pan_3200", 32.0)})
        add({.name = name,
             .count = m_options.events,
             .setUp =
                 [=, this, scale = scale] {
                     openLarge();
                     scale > 0 ? look(scale) : m_canvas->fit();
                 },
             .act = [this, middle](int i) { wheel(middle, i / 8 % 2 ? 120 : -120, Qt::NoModifier); },
             .isReady = ready});
    // From fit to 6400 % and back, a step of the wheel an event.
    const int sweep = static_cast<int>(std::ceil(std::log(64 / 0.1) / std::log(1.1)));
    const auto zoom = [=, this](const char *name, bool settled) {
        add({.name = name,
             .count = settled ? 2 * sweep : std::max(2 * sweep, m_options.events / (2 * sweep) * 2 * sweep),
             .setUp =
                 [=, this] {
                     openLarge();
                     m_canvas->fit();
                 },
             .act =
                 [=, this](int i) {
                     wheel({700, 400}, i % (2 * sweep) < sweep ? 120 : -120, Qt::ControlModifier);
                 },
             .isReady = ready,
             .isDone = [this, settled] { return !settled || m_canvas->isSettled(); }});
    };
    zoom("zoom", false);
    zoom("zoom_settled", true);
    brush("brush_training", true);
    add({.name = "training_end",
         .count = 1,
         .act = [this](int) { m_training.stop(); },
         .isReady = [] { return true; },
         .isDone = [this] { return !m_training.isRunning(); }});
    if (!m_operations.empty() && m_operations.back().name == "training_end" && m_operations.size() == 1)
        m_operations.clear();
}

void BenchScript::addPolygons()
{
    const auto ready = [this] { return m_document->imageSize() == Size{4000, 3000} && isCalm(); };
    const auto setUp = [this] {
        if (m_document->annotation().shapes.size() != static_cast<std::size_t>(m_options.polygons))
            open(QStringLiteral("crowd"));
        useTool("select");
    };
    const auto hover = [this](int i) {
        mouse(QEvent::MouseMove, {100.0 + (i * 37) % 1400, 100.0 + (i * 23) % 800}, Qt::NoButton, Qt::NoButton);
    };
    add({.name = "polygons_hover", .count = m_options.events, .setUp = setUp, .act = hover, .isReady = ready});
    add({.name = "polygons_drag_vertex",
         .count = m_options.events,
         .setUp = setUp,
         .act =
             [this](int i) {
                 const Point vertex =
                     m_document->annotation().shapes[m_document->annotation().shapes.size() / 2].points[0];
                 static QPointF from; // where the drag began; every other one goes back
                 if (i % 40 == 0)
                     from = m_canvas->viewport().widgetFromImage(QPointF(vertex.x, vertex.y));
                 const QPointF at = from + QPointF(i % 40, i % 40 / 2.0) * (i / 40 % 2 ? -1 : 1);
                 if (i % 40 == 0)
                     mouse(QEvent::MouseButtonPress, at, Qt::LeftButton, Qt::LeftButton);
                 else if (i % 40 == 39)
                     mouse(QEvent::MouseButtonRelease, at, Qt::LeftButton, Qt::NoButton);
                 else
                     mouse(QEvent::MouseMove, at, Qt::NoButton, Qt::LeftButton);
             },
         .isReady = ready});
    const int steps = std::max(1, m_options.events / 40);
    add({.name = "polygons_undo",
         .count = 2 * steps,
         .setUp = setUp,
         .act =
             [this, steps](int i) {
                 History *history = m_document->undoStack();
                 i < steps ? history->undo() : history->redo();
             },
         .isReady =
             [this, ready, steps] {
                 if (!ready())
                     return false;
                 while (m_document->undoStack()->index() < steps) { // each moves a vertex a pixel
                     Shape shape = m_document->annotation().shapes[m_document->annotation().shapes.size() / 2];
                     shape.points[0].x -= 1;
                     m_document->applyEdit(replaceShape(m_document->annotation(), std::move(shape), "Move vertex"));
                 }
                 return isCalm();
             }});
    add({.name = "polygons_saving",
         .count = m_options.events,
         .setUp = setUp,
         .act =
             [this, hover](int i) {
                 if (i == 0) {
                     m_document->applyEdit(setChecked(m_document->annotation(), !m_document->annotation().checked));
                     m_document->saveNow();
                 }
                 hover(i);
             },
         .isReady = ready});
    add({.name = "polygons_pan",
         .count = m_options.events,
         .setUp =
             [this, setUp] {
                 setUp();
                 m_canvas->zoomTo(1);
             },
         .act =
             [this](int i) {
                 wheel({800, 500}, i / 8 % 2 ? 120 : -120, Qt::NoModifier);
             },
         .isReady = ready});
}

void BenchScript::addWalk()
{
    const auto shown = [this] { return m_document->isLoaded() && m_canvas->isSettled(); };
    const auto isOpen = [this](const char *name) {
        return m_document->dataset() && m_document->dataset()->root == m_folder.toStdString() + "/" + name;
    };
    add({.name = "next_image",
         .count = kNextImages,
         .setUp = [this] { open(QStringLiteral("next")); },
         .act = [this](int) { m_document->setCurrentIndex(m_document->currentIndex() + 1); },
         .isReady = [this, isOpen] { return isOpen("next") && isCalm() && m_jobs->runningCount() == 0; },
         .isDone = shown,
         .isLookedAt = true});
    // The second walk tells caches that fill from memory that is lost.
    for (const std::string name : {"walk_forth", "walk_back", "walk_forth_again", "walk_back_again"}) {
        const bool isForth = name.starts_with("walk_forth");
        add({.name = name,
             .count = m_options.images - 1,
             .setUp =
                 [=, this] {
                     if (!isOpen("walk"))
                         open(QStringLiteral("walk"));
                 },
             .act = [this,
                     isForth](int) { m_document->setCurrentIndex(m_document->currentIndex() + (isForth ? 1 : -1)); },
             .isReady = [=, this] { return isOpen("walk") && isCalm(); },
             .isDone = shown});
    }
}

} // namespace masque
