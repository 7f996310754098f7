// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/image/image_file.h"

#include "core/base/files.h"
#include "core/base/text.h"
#include "core/image/header.h"
#include "core/image/picture_file.h"
#include "core/image/png_codec.h"
#include "core/image/region.h"

#include <opencv2/core/utils/logger.hpp>
#include <opencv2/imgcodecs.hpp>
#include <opencv2/imgproc.hpp>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <new>
#include <optional>

namespace masque {

namespace {

/// Runs work and turns whatever a library throws into an Error that names the file.
template <typename Work>
auto guarded(const std::string &name, Work work) -> decltype(work())
{
    [[maybe_unused]] static const bool quiet = [] {
        cv::utils::logging::setLogLevel(cv::utils::logging::LOG_LEVEL_SILENT);
        return true;
    }();
    try {
        return work();
    } catch (const std::bad_alloc &) {
        return Error{ErrorCode::Memory, name + ": not enough memory for this image", name};
    } catch (const cv::Exception &e) {
        if (e.code == cv::Error::StsNoMem)
            return Error{ErrorCode::Memory, name + ": not enough memory for this image", name};
        return Error{ErrorCode::Format, name + ": cannot be decoded: " + e.err, name};
    } catch (const std::exception &e) {
        return Error{ErrorCode::Internal, name + ": " + e.what(), name};
    }
}

/// EXIF 2.3, table of tag 274: what must be done to the stored pixels to show them upright.
cv::Mat oriented(const cv::Mat &stored, int orientation)
{
    cv::Mat upright = stored;
    if (orientation >= 5)
        cv::transpose(stored, upright);
    switch (orientation) {
    case 2:
    case 6: cv::flip(upright, upright, 1); break;
    case 3:
    case 7: cv::flip(upright, upright, -1); break;
    case 4:
    case 8: cv::flip(upright, upright, 0); break;
    default: break; // 1: as stored, 5: transposed
    }
    return upright;
}

/// Any depth to 8 bits. 16-bit samples often hold 10, 12 or 14 bits: the greatest value tells; floats are 0..1 or
/// 0..max.
cv::Mat to8Bit(const cv::Mat &image)
{
    if (image.depth() == CV_8U)
        return image;
    double least = 0, greatest = 0;
    cv::minMaxIdx(image.reshape(1), &least, &greatest);
    double full = 255;
    if (image.depth() == CV_16U) {
        for (const int bits : {8, 10, 12, 14, 16}) {
            full = (1 << bits) - 1;
            if (greatest <= full)
                break;
        }
    } else {
        full = std::isfinite(greatest) && greatest > 1 ? greatest : 1;
    }
    cv::Mat out;
    image.convertTo(out, CV_8U, 255.0 / full);
    return out;
}

struct OpenedImage {
    std::string bytes;
    ImageHeader header;
};

Result<ImageHeader> checkedHeader(std::string_view bytes, const std::string &name)
{
    ByteSource source(bytes);
    auto header = readHeader(source, name);
    if (!header)
        return header.error();
    if (auto complete = checkComplete(source, *header, name, TailCheck::Full); !complete)
        return complete.error();
    return header;
}

/// OpenCV's decoders with orientation left to us: it knows EXIF in JPEG and half of TIFF's only.
Result<cv::Mat> decodeByOpenCv(std::string_view bytes, const ImageHeader &header, const std::string &name, int flags)
{
    std::string patched;
    if (header.type == FileType::Tiff && header.tiffOrientationOffset) {
        patched = bytes;
        patched[header.tiffOrientationOffset] = static_cast<char>(header.tiffBigEndian ? 0 : 1);
        patched[header.tiffOrientationOffset + 1] = static_cast<char>(header.tiffBigEndian ? 1 : 0);
        bytes = patched;
    }
    const cv::Mat buffer(1, static_cast<int>(bytes.size()), CV_8U, const_cast<char *>(bytes.data()));
    cv::Mat image = cv::imdecode(buffer, flags | (flags == cv::IMREAD_UNCHANGED ? 0 : cv::IMREAD_IGNORE_ORIENTATION));
    if (image.empty())
        return Error{ErrorCode::Format, name + ": cannot be decoded: its data is broken or of an unknown kind", name};
    const bool isWhole = flags == cv::IMREAD_UNCHANGED || (flags & (cv::IMREAD_COLOR | cv::IMREAD_ANYDEPTH)) == flags;
    if (isWhole
        && image.size() != cv::Size(header.stored.width, header.stored.height)) // as an odd orientation tag does
        return Error{ErrorCode::Format, name + ": its header and its data disagree about its size", name};
    return image;
}

/// The pixels as RGB, upright; reduceBy 1, 2, 4, 8 (JPEG only).
Result<cv::Mat> decode(std::string_view bytes, const ImageHeader &header, const std::string &name, int reduceBy)
{
    cv::Mat image;
    if (header.type == FileType::Png) {
        auto png = decodePng(bytes, name, PngPixels::Rgb);
        if (!png)
            return png.error();
        image = to8Bit(png->ids);
    } else {
        const int flags = reduceBy == 1   ? cv::IMREAD_COLOR | cv::IMREAD_ANYDEPTH
                          : reduceBy == 2 ? cv::IMREAD_REDUCED_COLOR_2
                          : reduceBy == 4 ? cv::IMREAD_REDUCED_COLOR_4
                                          : cv::IMREAD_REDUCED_COLOR_8;
        auto decoded = decodeByOpenCv(bytes, header, name, flags);
        if (!decoded)
            return decoded;
        if (decoded->depth() >= CV_32F && !cv::checkRange(*decoded))
            return Error{
                ErrorCode::Format,
                name + ": has pixels that are no finite numbers (NaN or infinity); give them a value, such as 0", name};
        image = to8Bit(*decoded);
        cv::cvtColor(image, image, cv::COLOR_BGR2RGB);
    }
    return oriented(image, header.info.orientation);
}

Result<OpenedImage> openImage(const std::string &path)
{
    {
        auto source = ByteSource::open(path); // a gigantic or foreign file is refused before it is read
        if (!source)
            return source.error();
        if (auto header = readHeader(*source, path); !header)
            return header.error();
    }
    auto bytes = readFile(path, std::uint64_t{1} << 31);
    if (!bytes)
        return bytes.error();
    auto header = checkedHeader(*bytes, path);
    if (!header)
        return header.error();
    return OpenedImage{std::move(*bytes), *header};
}

/// One of the many in a file, if path names such.
std::optional<Result<cv::Mat1b>> containedPicture(const std::string &path)
{
    const auto name = pictureName(path);
    if (!name)
        return std::nullopt;
    const auto file = readPictureFile(name->first);
    if (!file)
        return file.error();
    const auto &pictures = (*file)->pictures;
    if (name->second >= pictures.size() || pictures[name->second].empty())
        return Error{ErrorCode::Format, path + ": there is no such picture in the file, or it is broken", path};
    return pictures[name->second];
}

/// A part of an image, if path names such.
std::optional<Result<cv::Mat>> regionImage(const std::string &path)
{
    const auto region = regionOf(path);
    if (!region)
        return std::nullopt;
    const auto image = readImage(region->first);
    if (!image)
        return image.error();
    cv::Mat crop = squareCrop(*image, region->second);
    if (crop.empty())
        return Error{ErrorCode::Data, path + ": lies outside of its image", path};
    return crop;
}

/// What is read of it in the place of a file's header.
std::optional<Result<ImageInfo>> containedInfo(const std::string &path)
{
    if (const auto crop = regionImage(path))
        return *crop ? Result<ImageInfo>(ImageInfo{.size = {(*crop)->cols, (*crop)->rows}, .channels = 3})
                     : Result<ImageInfo>(crop->error());
    const auto picture = containedPicture(path);
    if (!picture)
        return std::nullopt;
    if (!*picture)
        return picture->error();
    return ImageInfo{.size = {(*picture)->cols, (*picture)->rows}, .channels = 1};
}

std::optional<Result<cv::Mat>> containedImage(const std::string &path)
{
    if (auto crop = regionImage(path))
        return crop;
    const auto picture = containedPicture(path);
    if (!picture)
        return std::nullopt;
    if (!*picture)
        return picture->error();
    cv::Mat rgb;
    cv::cvtColor(**picture, rgb, cv::COLOR_GRAY2RGB);
    return rgb;
}

} // namespace

bool hasImageExtension(std::string_view path)
{
    const auto dot = path.find_last_of("./");
    if (dot == std::string_view::npos || path[dot] == '/')
        return false;
    static constexpr std::string_view kExtensions[] = {"jpg", "jpeg", "png", "tif", "tiff", "bmp", "webp"};
    return std::ranges::find(kExtensions, toLowerAscii(path.substr(dot + 1))) != std::end(kExtensions);
}

Result<ImageInfo> readImageInfo(const std::string &path)
{
    return guarded(path, [&]() -> Result<ImageInfo> {
        if (auto contained = containedInfo(path))
            return *contained;
        auto source = ByteSource::open(path);
        if (!source)
            return source.error();
        auto header = readHeader(*source, path);
        if (!header)
            return header.error();
        return header->info;
    });
}

Result<ImageInfo> checkImageFile(const std::string &path)
{
    return guarded(path, [&]() -> Result<ImageInfo> {
        if (auto contained = containedInfo(path))
            return *contained;
        auto source = ByteSource::open(path);
        if (!source)
            return source.error();
        auto header = readHeader(*source, path);
        if (!header)
            return header.error();
        if (auto complete = checkComplete(*source, *header, path, TailCheck::Quick); !complete)
            return complete.error();
        return header->info;
    });
}

Result<cv::Mat> readImage(const std::string &path)
{
    return guarded(path, [&]() -> Result<cv::Mat> {
        if (auto contained = containedImage(path))
            return *contained;
        auto opened = openImage(path);
        return opened ? decode(opened->bytes, opened->header, path, 1) : opened.error();
    });
}

Result<cv::Mat> decodeImage(std::string_view bytes, const std::string &name)
{
    return guarded(name, [&]() -> Result<cv::Mat> {
        auto header = checkedHeader(bytes, name);
        return header ? decode(bytes, *header, name, 1) : header.error();
    });
}

Result<cv::Mat> readThumbnail(const std::string &path, int maxSide)
{
    return guarded(path, [&]() -> Result<cv::Mat> {
        if (auto contained = containedImage(path))
            return *contained; // small as it is
        auto opened = openImage(path);
        if (!opened)
            return opened.error();
        const auto &header = opened->header;
        const int side = std::max(header.stored.width, header.stored.height);
        int reduceBy = 1;
        while (header.type == FileType::Jpeg && reduceBy < 8 && side / (reduceBy * 2) >= maxSide)
            reduceBy *= 2;
        auto image = decode(opened->bytes, header, path, reduceBy);
        if (!image)
            return image;
        const double factor = static_cast<double>(maxSide) / std::max(image->cols, image->rows);
        if (factor >= 1)
            return image;
        cv::Mat small;
        cv::resize(*image, small,
                   {std::max(1, static_cast<int>(std::lround(image->cols * factor))),
                    std::max(1, static_cast<int>(std::lround(image->rows * factor)))},
                   0, 0, cv::INTER_AREA);
        return small;
    });
}

Result<IdImage> readIdImage(const std::string &path)
{
    return guarded(path, [&]() -> Result<IdImage> {
        auto opened = openImage(path);
        if (!opened)
            return opened.error();
        const auto &header = opened->header;
        IdImage result;
        if (header.type == FileType::Png) {
            auto png = decodePng(opened->bytes, path, PngPixels::Ids);
            if (!png)
                return png;
            result = std::move(*png);
        } else if (header.type == FileType::Jpeg) {
            auto grey = decodeByOpenCv(opened->bytes, header, path, cv::IMREAD_GRAYSCALE);
            if (!grey)
                return grey.error();
            const cv::Mat between = (*grey > 64) & (*grey < 192);
            if (static_cast<std::size_t>(cv::countNonZero(between)) * 20 > grey->total())
                return Error{ErrorCode::Format, path + ": a JPEG does not keep class ids exactly. Save the mask as PNG",
                             path};
            result.ids = *grey >= 128;
        } else {
            auto decoded = decodeByOpenCv(opened->bytes, header, path, cv::IMREAD_UNCHANGED);
            if (!decoded)
                return decoded.error();
            cv::Mat image = *decoded;
            if (image.channels() == 4)
                cv::cvtColor(image, image, cv::COLOR_BGRA2RGB);
            else if (image.channels() == 3)
                cv::cvtColor(image, image, cv::COLOR_BGR2RGB);
            const bool ids = image.channels() == 1 && (image.depth() == CV_8U || image.depth() == CV_16U);
            if (!ids && image.channels() != 3)
                return Error{ErrorCode::Format, path + ": is no mask: integer grey values or colours were expected",
                             path};
            result.ids = ids ? image : to8Bit(image);
        }
        result.ids = oriented(result.ids, header.info.orientation);
        return result;
    });
}

Result<std::string> encodeIdPng(const cv::Mat1b &ids, const std::vector<Color> &palette)
{
    return guarded("PNG", [&]() -> Result<std::string> {
        return encodePng8(ids, palette.empty() ? std::vector<Color>{{0, 0, 0}} : palette);
    });
}

Result<std::string> encodeGreyPng(const cv::Mat1b &grey)
{
    return guarded("PNG", [&] { return encodePng8(grey, {}); });
}

Result<void> writeImage(const std::string &path, const cv::Mat &rgb)
{
    return guarded(path, [&]() -> Result<void> {
        const auto extension = toLowerAscii(std::filesystem::path(path).extension().string());
        const bool jpeg = extension == ".jpg" || extension == ".jpeg";
        if (!jpeg && extension != ".png")
            return Error{ErrorCode::Unsupported, path + ": images are written as .png, .jpg or .jpeg", path};
        if (rgb.empty() || rgb.depth() != CV_8U || (rgb.channels() != 3 && rgb.channels() != 4))
            return Error{ErrorCode::Data, path + ": only 8-bit RGB and RGBA images can be written", path};
        cv::Mat bgr;
        cv::cvtColor(rgb, bgr,
                     rgb.channels() == 3 ? cv::COLOR_RGB2BGR
                     : jpeg              ? cv::COLOR_RGBA2BGR
                                         : cv::COLOR_RGBA2BGRA);
        std::vector<unsigned char> bytes;
        const std::vector<int> quality = jpeg ? std::vector<int>{cv::IMWRITE_JPEG_QUALITY, 95} : std::vector<int>{};
        if (!cv::imencode(jpeg ? ".jpg" : ".png", bgr, bytes, quality))
            return Error{ErrorCode::Internal, path + ": cannot be encoded", path};
        return writeFileAtomically(path, {reinterpret_cast<const char *>(bytes.data()), bytes.size()});
    });
}

} // namespace masque
