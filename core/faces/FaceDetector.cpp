// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/faces/FaceDetector.h"

#include <opencv2/imgproc.hpp>
#include <opencv2/objdetect.hpp>
#include <opencv2/objdetect/face.hpp>

#include <algorithm>
#include <cstdlib>
#include <filesystem>

namespace fs = std::filesystem;

namespace masque {

namespace {

constexpr const char *kCascade = "haarcascade_frontalface_default.xml";
constexpr const char *kCascadeFolders[] = {"/usr/share/opencv4/haarcascades", "/usr/local/share/opencv4/haarcascades",
                                           "/usr/share/opencv/haarcascades"};

/// The image at the size at which faces are looked for, and what its pixels are multiplied by to be the image's.
struct Reduced {
    cv::Mat image;
    double scale = 1;
};

Reduced reduced(const cv::Mat &rgb, int maxSide)
{
    const int side = std::max(rgb.cols, rgb.rows);
    if (side <= maxSide)
        return {rgb, 1};
    const double scale = double(side) / maxSide;
    Reduced out{{}, scale};
    const cv::Size size(std::max(1, cvRound(rgb.cols / scale)), std::max(1, cvRound(rgb.rows / scale)));
    cv::resize(rgb, out.image, size, 0, 0, cv::INTER_AREA);
    return out;
}

class Detector : public FaceDetector {
public:
    explicit Detector(const FaceDetectorOptions &options) : m_options(options) {}

    std::vector<Face> detect(const cv::Mat &rgb) final
    try {
        if (rgb.empty() || rgb.type() != CV_8UC3)
            return {};
        const Reduced input = reduced(rgb, m_options.maxSide);
        std::vector<Face> faces = detectReduced(input.image);
        std::erase_if(faces,
                      [&](const Face &face) { return std::min(face.box.width, face.box.height) < m_options.minSide; });
        for (Face &face : faces)
            face.box = {face.box.x * input.scale, face.box.y * input.scale, face.box.width * input.scale,
                        face.box.height * input.scale};
        std::ranges::stable_sort(faces, std::greater(), &Face::score);
        return faces;
    } catch (const cv::Exception &) {
        return {};
    }

protected:
    virtual std::vector<Face> detectReduced(const cv::Mat &rgb) = 0;
    const FaceDetectorOptions m_options;
};

class YuNet : public Detector {
public:
    YuNet(const FaceDetectorOptions &options, const std::string &file)
        : Detector(options), m_net(cv::FaceDetectorYN::create(file, "", {320, 320}, float(options.threshold)))
    {
    }
    std::string name() const override { return "YuNet"; }

protected:
    std::vector<Face> detectReduced(const cv::Mat &rgb) override
    {
        cv::Mat bgr, rows; // a row a face: x, y, width, height, five points, score
        cv::cvtColor(rgb, bgr, cv::COLOR_RGB2BGR);
        m_net->setInputSize(bgr.size());
        m_net->detect(bgr, rows);
        std::vector<Face> faces;
        for (int i = 0; i < rows.rows; ++i) {
            const auto *row = rows.ptr<float>(i);
            if (std::all_of(row, row + 4, [](float v) { return std::isfinite(v); }))
                faces.push_back({{row[0], row[1], row[2], row[3]}, std::clamp<double>(row[14], 0, 1)});
        }
        return faces;
    }

private:
    cv::Ptr<cv::FaceDetectorYN> m_net;
};

class HaarCascade : public Detector {
public:
    HaarCascade(const FaceDetectorOptions &options, const std::string &file) : Detector(options), m_cascade(file) {}
    std::string name() const override { return "Haar cascade"; }
    bool isEmpty() const { return m_cascade.empty(); }

protected:
    std::vector<Face> detectReduced(const cv::Mat &rgb) override
    {
        cv::Mat grey;
        cv::cvtColor(rgb, grey, cv::COLOR_RGB2GRAY);
        cv::equalizeHist(grey, grey);
        std::vector<cv::Rect> boxes;
        m_cascade.detectMultiScale(grey, boxes, 1.2, 5, 0, {24, 24});
        std::vector<Face> faces;
        for (const cv::Rect &box : boxes)
            faces.push_back({cv::Rect2d(box), 1});
        return faces;
    }

private:
    cv::CascadeClassifier m_cascade;
};

Result<std::unique_ptr<FaceDetector>> makeYuNet(const FaceDetectorOptions &options, const std::string &file)
{
    std::error_code ignored;
    if (!fs::is_regular_file(file, ignored))
        return Error{ErrorCode::Io, file + ": there is no such model of a face detector", file};
    try {
        std::unique_ptr<FaceDetector> detector = std::make_unique<YuNet>(options, file);
        return detector;
    } catch (const std::exception &) { // OpenCV's text names its own source files
        return Error{ErrorCode::Format, file + ": is no ONNX file of the face detector YuNet", file};
    }
}

Result<std::unique_ptr<FaceDetector>> makeHaar(const FaceDetectorOptions &options)
{
    std::error_code ignored;
    for (const char *folder : kCascadeFolders) {
        const std::string file = (fs::path(folder) / kCascade).string();
        if (!fs::is_regular_file(file, ignored))
            continue;
        try {
            auto detector = std::make_unique<HaarCascade>(options, file);
            if (!detector->isEmpty())
                return Result<std::unique_ptr<FaceDetector>>(std::move(detector));
        } catch (const std::exception &) {
        }
        return Error{ErrorCode::Format, file + ": is no cascade of a face detector", file};
    }
    return Error{ErrorCode::Unsupported,
                 std::string("no face detector is there: install the package opencv-data (") + kCascade
                     + "), or put YuNet's face_detection_yunet_....onnx into ~/.local/share/masque/models",
                 kCascade};
}

} // namespace

std::string findFaceModel()
{
    std::error_code ignored;
    const auto variable = [](const char *name) {
        const char *value = std::getenv(name);
        return std::string(value == nullptr ? "" : value);
    };
    if (const auto named = variable("MASQUE_FACE_MODEL"); !named.empty())
        return named;
    const auto data = variable("XDG_DATA_HOME");
    const fs::path base = data.empty() ? fs::path(variable("HOME")) / ".local/share" : fs::path(data);
    std::string found;
    for (const auto &entry : fs::directory_iterator(base / "masque" / "models", ignored)) {
        const auto name = entry.path().filename().string();
        if (name.starts_with("face_detection_yunet") && name.ends_with(".onnx"))
            found = std::max(found, entry.path().string()); // the newest, their names end in a date
    }
    return found;
}

Result<std::unique_ptr<FaceDetector>> makeFaceDetector(const FaceDetectorOptions &options)
{
    if (options.model == "haar")
        return makeHaar(options);
    const std::string file = options.model == "auto" ? findFaceModel() : options.model;
    return file.empty() ? makeHaar(options) : makeYuNet(options, file);
}

} // namespace masque
