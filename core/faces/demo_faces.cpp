// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/faces/demo_faces.h"

#include "core/annotations/labelme.h"
#include "core/base/Random.h"
#include "core/base/files.h"
#include "core/datasets/emotions.h"

#include <opencv2/imgproc.hpp>
#include <opencv2/videoio.hpp>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <filesystem>

namespace fs = std::filesystem;

namespace masque {

namespace {

constexpr int kDrawnSide = 256; ///< faces are drawn at this side and reduced
constexpr int kPhotos = 12, kVideoFrames = 250;

/// What muscles do, after Ekman and Friesen's action units; 0 is at rest.
struct Expression {
    double browHeight = 0; ///< raised above the eyes
    double browSlope = 0;  ///< inner ends raised (sad, fear) or lowered (angry)
    double eyeOpen = 1;    ///< of the usual height
    double smile = 0;      ///< corners of the mouth up (1) or down (-1)
    double mouthOpen = 0;  ///< height of the opening
    double mouthWidth = 1;
    double sneer = 0; ///< one side of the upper lip, and the wrinkles of the nose
};

constexpr Expression kExpressions[] = {
    {-0.5, -1.0, 0.70, -0.35, 0.0, 0.85, 0.0},  // angry
    {-0.35, -0.4, 0.55, -0.25, 0.15, 0.9, 1.0}, // disgust
    {0.6, 0.8, 1.35, -0.3, 0.45, 1.2, 0.0},     // fear
    {0.1, 0.0, 0.75, 1.0, 0.3, 1.25, 0.0},      // happy
    {0.0, 1.0, 0.70, -0.9, 0.0, 0.85, 0.0},     // sad
    {1.0, 0.1, 1.45, 0.0, 1.0, 0.70, 0.0},      // surprise
    {0.0, 0.0, 1.0, 0.05, 0.0, 1.0, 0.0},       // neutral
};

/// Who it is: the same through a video.
struct Head {
    cv::Scalar skin, hair, lips, eyes;
    double width, browThickness, eyeSize, eyeApart, mouthSize, hairLine;
    int hairStyle;
    bool hasGlasses;
};

Head randomHead(Random &random)
{
    static const cv::Vec3d skins[] = {{242, 206, 182}, {226, 178, 143}, {192, 138, 100}, {141, 94, 66}, {96, 62, 44}};
    static const cv::Vec3d hairs[] = {{30, 24, 22}, {84, 56, 36}, {168, 128, 70}, {130, 60, 34}, {150, 150, 150}};
    const auto toScalar = [](const cv::Vec3d &c, double k) { return cv::Scalar(c[0] * k, c[1] * k, c[2] * k); };
    Head head{};
    const cv::Vec3d skin = skins[random.below(5)];
    head.skin = toScalar(skin, random.uniform(0.92, 1.05));
    head.hair = toScalar(hairs[random.below(5)], random.uniform(0.8, 1.1));
    head.lips = cv::Scalar(skin[0] * 0.8, skin[1] * 0.5, skin[2] * 0.5);
    head.eyes = toScalar({random.uniform(40, 110), random.uniform(60, 110), random.uniform(40, 140)}, 1);
    head.width = random.uniform(0.86, 1.06);
    head.browThickness = random.uniform(4, 9);
    head.eyeSize = random.uniform(0.9, 1.15);
    head.eyeApart = random.uniform(0.94, 1.08);
    head.mouthSize = random.uniform(0.9, 1.12);
    head.hairLine = random.uniform(0.8, 1.2);
    head.hairStyle = random.below(3);
    head.hasGlasses = random.chance(0.15);
    return head;
}

/// Of one expression, as strong as a person shows it, and never twice the same.
Expression varied(int emotion, Random &random)
{
    Expression e = kExpressions[emotion];
    const double strength = random.uniform(0.7, 1.15);
    const auto vary = [&](double &value, double rest, double spread) {
        value = rest + (value - rest) * strength + spread * random.normal();
    };
    vary(e.browHeight, 0, 0.08);
    vary(e.browSlope, 0, 0.1);
    vary(e.eyeOpen, 1, 0.05);
    vary(e.smile, 0, 0.07);
    vary(e.mouthOpen, 0, 0.04);
    vary(e.mouthWidth, 1, 0.04);
    vary(e.sneer, 0, 0.03);
    e.mouthOpen = std::max(0.0, e.mouthOpen);
    e.eyeOpen = std::max(0.25, e.eyeOpen);
    return e;
}

cv::Scalar shade(const cv::Scalar &color, double k)
{
    return {color[0] * k, color[1] * k, color[2] * k};
}

void polygon(cv::Mat &image, const std::vector<cv::Point2d> &points, const cv::Scalar &color)
{
    std::vector<cv::Point> fixed; // sixteenths of a pixel
    for (const auto &p : points)
        fixed.emplace_back(cvRound(p.x * 16), cvRound(p.y * 16));
    cv::fillPoly(image, std::vector<std::vector<cv::Point>>{fixed}, color, cv::LINE_AA, 4);
}

/// A lip, an eyelid: from one end over a middle that is raised by height to the other.
std::vector<cv::Point2d> arc(cv::Point2d from, cv::Point2d to, double height)
{
    std::vector<cv::Point2d> points;
    for (int i = 0; i <= 16; ++i) {
        const double t = i / 16.0;
        points.push_back(from + (to - from) * t - cv::Point2d(0, 4 * t * (1 - t) * height));
    }
    return points;
}

void stroke(cv::Mat &image, const std::vector<cv::Point2d> &points, const cv::Scalar &color, double width)
{
    std::vector<cv::Point> fixed;
    for (const auto &p : points)
        fixed.emplace_back(cvRound(p.x * 16), cvRound(p.y * 16));
    cv::polylines(image, fixed, false, color, std::max(1, cvRound(width)), cv::LINE_AA, 4);
}

/// Head and shoulders fill the square of kDrawnSide; the face's middle is its middle.
void drawHead(cv::Mat3b &image, const Head &head, const Expression &e)
{
    const cv::Point2d c(128, 132);
    const double w = 74 * head.width, h = 98;
    cv::ellipse(image, cv::Point(128, 300), cv::Size(120, 90), 0, 0, 360, shade(head.hair, 0.7), cv::FILLED,
                cv::LINE_AA);
    cv::ellipse(image, c, cv::Size(cvRound(w + 12), cvRound(h + (head.hairStyle == 2 ? 30 : 12))), 0, 180, 360,
                head.hair, cv::FILLED, cv::LINE_AA);
    if (head.hairStyle == 1) // long
        for (const int side : {-1, 1})
            cv::ellipse(image, cv::Point(cvRound(c.x + side * w), cvRound(c.y + 40)), cv::Size(20, 90), 0, 0, 360,
                        head.hair, cv::FILLED, cv::LINE_AA);
    cv::rectangle(image, cv::Rect(104, 200, 48, 56), shade(head.skin, 0.85), cv::FILLED);
    cv::ellipse(image, c, cv::Size(cvRound(w), cvRound(h)), 0, 0, 360, head.skin, cv::FILLED, cv::LINE_AA);
    for (const int side : {-1, 1})
        cv::ellipse(image, cv::Point(cvRound(c.x + side * w), cvRound(c.y)), cv::Size(9, 18), 0, 0, 360,
                    shade(head.skin, 0.92), cv::FILLED, cv::LINE_AA);
    cv::ellipse(image, cv::Point(128, cvRound(132 - h + 12 * head.hairLine)),
                cv::Size(cvRound(w * 0.82), cvRound(22 * head.hairLine)), 0, 0, 360, head.hair, cv::FILLED,
                cv::LINE_AA);

    for (const int side : {-1, 1}) {
        const cv::Point2d eye(c.x + side * 32 * head.eyeApart, c.y - 16);
        const double rx = 15 * head.eyeSize, ry = 9 * head.eyeSize * e.eyeOpen;
        cv::ellipse(image, eye, cv::Size(cvRound(rx), std::max(2, cvRound(ry))), 0, 0, 360, cv::Scalar(245, 245, 245),
                    cv::FILLED, cv::LINE_AA);
        cv::Mat3b lid = image.clone(); // the iris is cut off by the lids
        cv::circle(lid, cv::Point(cvRound(eye.x), cvRound(eye.y)), 8, head.eyes, cv::FILLED, cv::LINE_AA);
        cv::circle(lid, cv::Point(cvRound(eye.x), cvRound(eye.y)), 4, cv::Scalar::all(15), cv::FILLED, cv::LINE_AA);
        cv::Mat1b opening(image.size(), std::uint8_t{0});
        cv::ellipse(opening, eye, cv::Size(cvRound(rx), std::max(2, cvRound(ry))), 0, 0, 360, 255, cv::FILLED);
        lid.copyTo(image, opening);
        stroke(image, arc(eye - cv::Point2d(rx, 0), eye + cv::Point2d(rx, 0), ry), shade(head.skin, 0.45), 3);
        const cv::Point2d brow(eye.x, eye.y - 22 - 10 * e.browHeight);
        const cv::Point2d inner = brow + cv::Point2d(-side * 20, -11 * e.browSlope);
        const cv::Point2d outer = brow + cv::Point2d(side * 20, 5 * e.browSlope);
        stroke(image, arc(inner, outer, 4 + 3 * std::max(0.0, e.browHeight)), shade(head.hair, 0.8),
               head.browThickness);
        if (head.hasGlasses)
            cv::ellipse(image, eye, cv::Size(22, 19), 0, 0, 360, cv::Scalar::all(40), 3, cv::LINE_AA);
    }
    const cv::Scalar line = shade(head.skin, 0.7);
    stroke(image, {{c.x, c.y - 8}, {c.x - 9, c.y + 22}, {c.x + 7, c.y + 25}}, line, 3);
    if (e.sneer > 0.3)
        for (int i = 0; i < 3; ++i)
            stroke(image, arc({c.x - 9, c.y - 10.0 + 7 * i}, {c.x + 9, c.y - 10.0 + 7 * i}, -3), line, 2);

    const cv::Point2d mouth(c.x, c.y + 52);
    const double half = 30 * head.mouthSize * e.mouthWidth, open = 26 * e.mouthOpen;
    const cv::Point2d left(mouth.x - half, mouth.y - 9 * e.smile), right(mouth.x + half, mouth.y - 9 * e.smile);
    const double curve = -14 * e.smile;
    auto upper = arc(left, right, curve + open * 0.5), lower = arc(left, right, curve - open);
    for (std::size_t i = 0; i < upper.size(); ++i) // one side of the lip is drawn up
        upper[i].y -= 12 * e.sneer * std::exp(-std::pow((double(i) - 4) / 3, 2));
    std::vector<cv::Point2d> lips = upper;
    lips.insert(lips.end(), lower.rbegin(), lower.rend());
    if (open > 3 || e.sneer > 0.3) {
        polygon(image, lips, cv::Scalar(70, 20, 24));
        if (e.smile > 0.4 || e.sneer > 0.3) { // teeth
            auto teeth = upper;
            auto edge = arc(left, right, curve - open * 0.3);
            teeth.insert(teeth.end(), edge.rbegin(), edge.rend());
            polygon(image, teeth, cv::Scalar(238, 236, 230));
        }
    }
    stroke(image, upper, head.lips, 5);
    stroke(image, lower, head.lips, 6);
    if (e.smile > 0.5)
        for (const int side : {-1, 1})
            stroke(image,
                   arc({mouth.x + side * (half + 4), mouth.y - 22}, {mouth.x + side * (half + 4), mouth.y + 6}, 0),
                   line, 2);
}

/// Turned, lit and noisy. The background is where mask is 0.
struct Drawn {
    cv::Mat3b image;
    cv::Mat1b mask;
};

Drawn posed(const Head &head, const Expression &e, double degrees, double lightX, double lightY)
{
    const cv::Vec3b key(0, 255, 0); // no part of a head
    cv::Mat3b image(kDrawnSide, kDrawnSide), keyed(image.size(), key);
    image.setTo(head.hair); // smooth edges go over into it
    drawHead(image, head, e);
    drawHead(keyed, head, e);
    cv::Mat1b mask;
    cv::inRange(keyed, key, key, mask);
    cv::bitwise_not(mask, mask);
    for (int y = 0; y < image.rows; ++y)
        for (int x = 0; x < image.cols; ++x) {
            const double k = 1 + lightX * (x - 128) / 128.0 + lightY * (y - 128) / 128.0;
            for (int ch = 0; ch < 3; ++ch)
                image(y, x)[ch] = cv::saturate_cast<std::uint8_t>(image(y, x)[ch] * k);
        }
    const cv::Mat turn = cv::getRotationMatrix2D({128, 140}, degrees, 1);
    cv::warpAffine(image, image, turn, image.size(), cv::INTER_LINEAR, cv::BORDER_REPLICATE);
    cv::warpAffine(mask, mask, turn, mask.size(), cv::INTER_LINEAR);
    return {image, mask};
}

void addNoise(cv::Mat &image, double sigma, Random &random)
{
    for (int y = 0; y < image.rows; ++y)
        for (int x = 0; x < image.cols; ++x) {
            const double noise = sigma * random.normal();
            auto &pixel = image.at<cv::Vec3b>(y, x);
            for (int ch = 0; ch < 3; ++ch)
                pixel[ch] = cv::saturate_cast<std::uint8_t>(pixel[ch] + noise);
        }
}

void paste(cv::Mat &scene, const Drawn &face, const cv::Rect &place)
{
    cv::Mat image, mask;
    cv::resize(face.image, image, place.size(), 0, 0, cv::INTER_AREA);
    cv::resize(face.mask, mask, place.size(), 0, 0, cv::INTER_AREA);
    const cv::Rect inside = place & cv::Rect(0, 0, scene.cols, scene.rows);
    const cv::Rect part = inside - place.tl();
    image(part).copyTo(scene(inside), mask(part) > 127);
}

cv::Mat backdrop(cv::Size size, Random &random)
{
    cv::Mat scene(size, CV_8UC3);
    const double from[] = {random.uniform(60, 200), random.uniform(60, 200), random.uniform(60, 200)};
    const double by[] = {random.uniform(-50, 50), random.uniform(-50, 50), random.uniform(-50, 50)};
    for (int y = 0; y < size.height; ++y)
        for (int x = 0; x < size.width; ++x)
            for (int ch = 0; ch < 3; ++ch)
                scene.at<cv::Vec3b>(y, x)[ch] =
                    cv::saturate_cast<std::uint8_t>(from[ch] + by[ch] * (x + y) / (size.width + size.height));
    return scene;
}

std::string numbered(const std::string &stem, int number)
{
    char text[32];
    std::snprintf(text, sizeof text, "%s-%05d", stem.c_str(), number);
    return text;
}

/// One to four faces beside each other.
Result<void> writePhoto(const std::string &folder, int number, std::uint64_t seed)
{
    Random random = Random::of(seed, 0x9407, number);
    cv::Mat scene = backdrop({640, 480}, random);
    const int faces = 1 + number % 4, column = 640 / faces;
    Annotation annotation;
    annotation.imagePath = numbered("photo", number) + ".png";
    annotation.imageSize = Size{640, 480};
    for (int k = 0; k < faces; ++k) {
        const int emotion = random.below(static_cast<int>(kEmotions.size()));
        const int side = std::min(column, 150 + random.below(160));
        const cv::Rect place(k * column + random.below(std::max(1, column - side)), 40 + random.below(440 - side), side,
                             side);
        const Head head = randomHead(random);
        const Expression e = varied(emotion, random);
        paste(scene, posed(head, e, random.uniform(-12, 12), random.uniform(-0.3, 0.3), random.uniform(-0.2, 0.2)),
              place);
        Shape shape{.label = std::string(kEmotions[static_cast<std::size_t>(emotion)])};
        shape.type = ShapeType::Rectangle;
        const double unit = side / double(kDrawnSide);
        shape.points = {{place.x + 54 * unit, place.y + 60 * unit}, {place.x + 202 * unit, place.y + 230 * unit}};
        annotation.shapes.push_back(std::move(shape));
    }
    addNoise(scene, 4, random);
    if (auto written = writeImage(folder + "/" + annotation.imagePath, scene); !written)
        return written;
    return writeLabelMe(folder + "/" + numbered("photo", number) + ".json", annotation);
}

/// Three heads that drift and change their expression every two seconds, from one to the next without a jump.
Result<void> writeVideo(const std::string &file, std::uint64_t seed, const std::stop_token &stop)
{
    Random random = Random::of(seed, 0x51de0);
    const cv::Mat ground = backdrop({640, 360}, random);
    struct Actor {
        Head head;
        std::vector<Expression> expressions;
        double phase;
    };
    std::vector<Actor> actors;
    for (int k = 0; k < 3; ++k) {
        Actor actor{randomHead(random), {}, random.uniform(0, 6)};
        for (int i = 0; i < kVideoFrames / 50 + 2; ++i)
            actor.expressions.push_back(varied(random.below(static_cast<int>(kEmotions.size())), random));
        actors.push_back(std::move(actor));
    }
    cv::VideoWriter writer(file, cv::VideoWriter::fourcc('M', 'J', 'P', 'G'), 25, ground.size());
    if (!writer.isOpened())
        return Error{ErrorCode::Io, file + ": cannot be written", file};
    for (int i = 0; i < kVideoFrames && !stop.stop_requested(); ++i) {
        cv::Mat frame = ground.clone(), bgr;
        for (std::size_t k = 0; k < actors.size(); ++k) {
            const Actor &actor = actors[k];
            const auto at = static_cast<std::size_t>(i / 50);
            const double t = std::clamp((i % 50 - 40) / 10.0, 0.0, 1.0);
            const Expression &a = actor.expressions[at], &b = actor.expressions[at + 1];
            const auto mix = [t](double x, double y) { return x + t * (y - x); };
            const Expression e{mix(a.browHeight, b.browHeight),
                               mix(a.browSlope, b.browSlope),
                               mix(a.eyeOpen, b.eyeOpen),
                               mix(a.smile, b.smile),
                               mix(a.mouthOpen, b.mouthOpen),
                               mix(a.mouthWidth, b.mouthWidth),
                               mix(a.sneer, b.sneer)};
            const double swing = std::sin(i / 25.0 + actor.phase);
            paste(frame, posed(actor.head, e, 6 * swing, 0.1, 0),
                  {20 + static_cast<int>(k) * 210 + cvRound(14 * swing), 90 + cvRound(10 * std::cos(i / 40.0)), 180,
                   180});
        }
        addNoise(frame, 3, random);
        cv::cvtColor(frame, bgr, cv::COLOR_RGB2BGR);
        writer.write(bgr);
    }
    return {};
}

} // namespace

cv::Mat drawFace(int emotion, int side, std::uint64_t seed)
{
    Random random = Random::of(seed, 0xface);
    const Head head = randomHead(random);
    const Expression e = varied(emotion, random);
    cv::Mat scene = backdrop({kDrawnSide, kDrawnSide}, random);
    const Drawn face =
        posed(head, e, random.uniform(-12, 12), random.uniform(-0.35, 0.35), random.uniform(-0.25, 0.25));
    const int shift = 12;
    paste(scene, face, {random.below(2 * shift) - shift, random.below(2 * shift) - shift, kDrawnSide, kDrawnSide});
    // As detectors cut: from above the brows to the chin.
    const int margin = 30 + random.below(12);
    cv::Mat out;
    cv::resize(scene(cv::Rect(margin, margin + 6, kDrawnSide - 2 * margin, kDrawnSide - 2 * margin)), out, {side, side},
               0, 0, cv::INTER_AREA);
    addNoise(out, random.uniform(2, 7), random);
    return out;
}

Result<void> writeDemoFaces(const std::string &folder, const DemoOptions &options, std::stop_token stop,
                            const Progress &progress)
{
    std::error_code ignored;
    if (fs::exists(folder, ignored) && !fs::is_empty(folder, ignored))
        return Error{ErrorCode::Io, folder + ": is there already and not empty", folder};
    try {
        for (const char *split : {"train", "valid"})
            for (const auto emotion : kEmotions)
                if (auto made = makeFolder(folder + "/faces/" + split + "/" + std::string(emotion)); !made)
                    return made;
        if (auto made = makeFolder(folder + "/photos"); !made)
            return made;
        const auto total = static_cast<std::size_t>(options.count + kPhotos + 1);
        for (int i = 0; i < options.count && !stop.stop_requested(); ++i) {
            const int emotion = i % static_cast<int>(kEmotions.size());
            const bool isTrain = i / static_cast<int>(kEmotions.size()) % 5 != 4;
            const std::string file = folder + "/faces/" + (isTrain ? "train/" : "valid/")
                                     + std::string(kEmotions[static_cast<std::size_t>(emotion)]) + "/"
                                     + numbered("face", i) + ".png";
            if (auto written = writeImage(
                    file, drawFace(emotion, options.size, options.seed * 1000003 + static_cast<std::uint64_t>(i)));
                !written)
                return written;
            if (progress)
                progress(static_cast<std::size_t>(i) + 1, total);
        }
        for (int i = 0; i < kPhotos && !stop.stop_requested(); ++i)
            if (auto written = writePhoto(folder + "/photos", i, options.seed); !written)
                return written;
        if (auto written = writeVideo(folder + "/video.avi", options.seed, stop); !written)
            return written;
        if (progress)
            progress(total, total);
    } catch (const std::exception &e) {
        return Error{ErrorCode::Internal, folder + ": the faces cannot be drawn: " + e.what(), folder};
    }
    return {};
}

} // namespace masque
