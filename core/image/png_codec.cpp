// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/image/png_codec.h"

#include <algorithm>
#include <bit>
#include <csetjmp>
#include <cstring>
#include <png.h>

namespace masque {

namespace {

/// What libpng's callbacks work on. libpng leaves by longjmp, so everything with a destructor lives here, outside of
/// the functions that it may jump out of.
struct PngJob {
    png_structp png = nullptr;
    png_infop info = nullptr;
    bool writing = false;
    std::string_view input;
    std::string output;
    std::string message;
    cv::Mat image;
    std::vector<png_bytep> rows;
    std::vector<Color> palette;

    PngJob() = default;
    PngJob(const PngJob &) = delete;
    PngJob &operator=(const PngJob &) = delete;
    ~PngJob()
    {
        if (writing)
            png_destroy_write_struct(&png, &info);
        else
            png_destroy_read_struct(&png, &info, nullptr);
    }
    void makeRows()
    {
        rows.resize(static_cast<std::size_t>(image.rows));
        for (int y = 0; y < image.rows; ++y)
            rows[static_cast<std::size_t>(y)] = image.ptr(y);
    }
};

extern "C" {
static void onError(png_structp png, png_const_charp text)
{
    static_cast<PngJob *>(png_get_error_ptr(png))->message = text;
    png_longjmp(png, 1);
}
static void onWarning(png_structp, png_const_charp) {}
static void onRead(png_structp png, png_bytep out, size_t count)
{
    auto *job = static_cast<PngJob *>(png_get_io_ptr(png));
    if (count > job->input.size())
        png_error(png, "the file is truncated: it ends before its image does. Copy it again from its source");
    std::memcpy(out, job->input.data(), count);
    job->input.remove_prefix(count);
}
static void onWrite(png_structp png, png_bytep data, size_t count)
{
    auto *job = static_cast<PngJob *>(png_get_io_ptr(png));
    try {
        job->output.append(reinterpret_cast<const char *>(data), count);
        return;
    } catch (...) {
    }
    png_error(png, "not enough memory");
}
static void onFlush(png_structp) {}
}

void allocate(PngJob &job, int type, PngPixels pixels)
{
    job.image.create(static_cast<int>(png_get_image_height(job.png, job.info)),
                     static_cast<int>(png_get_image_width(job.png, job.info)), type);
    job.makeRows();
    png_colorp colors = nullptr;
    int count = 0;
    if (pixels == PngPixels::Ids && png_get_PLTE(job.png, job.info, &colors, &count)
        && png_get_color_type(job.png, job.info) == PNG_COLOR_TYPE_PALETTE)
        for (int i = 0; i < count; ++i)
            job.palette.push_back({colors[i].red, colors[i].green, colors[i].blue});
}

/// False with job.message set. Holds no object with a destructor.
bool readJob(PngJob &job, PngPixels pixels)
{
    if (setjmp(png_jmpbuf(job.png)))
        return false;
    png_set_read_fn(job.png, &job, onRead);
    png_read_info(job.png, job.info);
    const int color = png_get_color_type(job.png, job.info);
    const int depth = png_get_bit_depth(job.png, job.info);
    const bool ids =
        pixels == PngPixels::Ids && (color & PNG_COLOR_MASK_COLOR ? color == PNG_COLOR_TYPE_PALETTE : true);
    if (ids) {
        png_set_packing(job.png);
    } else {
        if (color == PNG_COLOR_TYPE_PALETTE)
            png_set_palette_to_rgb(job.png);
        else if (color == PNG_COLOR_TYPE_GRAY && depth < 8)
            png_set_expand_gray_1_2_4_to_8(job.png);
        if (!(color & PNG_COLOR_MASK_COLOR))
            png_set_gray_to_rgb(job.png);
        if (pixels == PngPixels::Ids)
            png_set_scale_16(job.png);
    }
    if (color & PNG_COLOR_MASK_ALPHA)
        png_set_strip_alpha(job.png);
    if (std::endian::native == std::endian::little)
        png_set_swap(job.png);
    png_set_interlace_handling(job.png);
    png_read_update_info(job.png, job.info);
    const bool wide = png_get_bit_depth(job.png, job.info) == 16;
    allocate(job, ids ? (wide ? CV_16UC1 : CV_8UC1) : (wide ? CV_16UC3 : CV_8UC3), pixels);
    if (png_get_rowbytes(job.png, job.info) != static_cast<std::size_t>(job.image.cols) * job.image.elemSize())
        png_error(job.png, "is of a kind of PNG that is not known");
    png_read_image(job.png, job.rows.data());
    png_read_end(job.png, nullptr);
    return true;
}

bool writeJob(PngJob &job, const png_color *colors, int count)
{
    if (setjmp(png_jmpbuf(job.png)))
        return false;
    png_set_write_fn(job.png, &job, onWrite, onFlush);
    png_set_IHDR(job.png, job.info, static_cast<png_uint_32>(job.image.cols), static_cast<png_uint_32>(job.image.rows),
                 8, count ? PNG_COLOR_TYPE_PALETTE : PNG_COLOR_TYPE_GRAY, PNG_INTERLACE_NONE,
                 PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
    if (count)
        png_set_PLTE(job.png, job.info, colors, count);
    png_set_compression_level(job.png, 6);
    png_write_info(job.png, job.info);
    png_write_image(job.png, job.rows.data());
    png_write_end(job.png, nullptr);
    return true;
}

} // namespace

Result<IdImage> decodePng(std::string_view bytes, const std::string &name, PngPixels pixels)
{
    PngJob job;
    job.input = bytes;
    job.png = png_create_read_struct(PNG_LIBPNG_VER_STRING, &job, onError, onWarning);
    job.info = job.png ? png_create_info_struct(job.png) : nullptr;
    if (!job.info)
        return Error{ErrorCode::Memory, name + ": not enough memory to read this image", name};
    if (!readJob(job, pixels))
        return Error{ErrorCode::Format, name + ": " + job.message, name};
    // The colours that no palette entry names would be read outside of it.
    double greatest = 0;
    if (!job.palette.empty()) {
        cv::minMaxIdx(job.image, nullptr, &greatest);
        job.palette.resize(std::max(job.palette.size(), static_cast<std::size_t>(greatest) + 1));
    }
    return IdImage{job.image, job.palette};
}

Result<std::string> encodePng8(const cv::Mat1b &image, const std::vector<Color> &palette)
{
    if (image.empty())
        return Error{ErrorCode::Data, "an image without pixels cannot be written as PNG"};
    std::vector<png_color> colors;
    if (!palette.empty()) {
        double greatest = 0;
        cv::minMaxIdx(image, nullptr, &greatest);
        colors.resize(std::min<std::size_t>(256, std::max(palette.size(), static_cast<std::size_t>(greatest) + 1)));
        for (std::size_t i = 0; i < std::min(palette.size(), colors.size()); ++i)
            colors[i] = {palette[i][0], palette[i][1], palette[i][2]};
    }
    PngJob job;
    job.writing = true;
    job.image = image;
    job.makeRows();
    job.png = png_create_write_struct(PNG_LIBPNG_VER_STRING, &job, onError, onWarning);
    job.info = job.png ? png_create_info_struct(job.png) : nullptr;
    if (!job.info)
        return Error{ErrorCode::Memory, "not enough memory to write a PNG"};
    if (!writeJob(job, colors.data(), static_cast<int>(colors.size())))
        return Error{ErrorCode::Internal, "cannot write a PNG: " + job.message};
    return std::move(job.output);
}

} // namespace masque
