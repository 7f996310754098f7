// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/processors.h"
#include "core/base/text.h"
#include "core/models/Network.h"
#include "core/models/fast/fast.h"
#include "core/models/machine.h"

#include <ATen/Parallel.h>
#include <ATen/Version.h>
#include <torch/cuda.h>
#include <torch/version.h>

#include <new>

namespace masque {

namespace {

std::size_t cudaDevices()
{
    return torch::cuda::is_available() ? torch::cuda::device_count() : 0;
}

} // namespace

std::vector<std::string> availableDevices()
{
    std::vector<std::string> devices = {"cpu"};
    try {
        if (cudaDevices() > 0)
            devices.emplace_back("cuda");
    } catch (...) {
        // a driver that fails to answer is a machine without that device
    }
    return devices;
}

Result<std::string> resolveDevice(const std::string &wanted)
try {
    if (wanted == "cpu")
        return wanted;
    const auto count = cudaDevices();
    if (wanted == "auto")
        return std::string(count > 0 ? "cuda" : "cpu");
    if (wanted == "cuda" && count > 0)
        return wanted;
    for (std::size_t i = 0; i < count; ++i)
        if (wanted == "cuda:" + std::to_string(i))
            return wanted;
    return Error{ErrorCode::Device,
                 "device '" + wanted + "' is not there, available: auto, " + joinText(availableDevices(), ", "),
                 "device"};
} catch (...) {
    return torchError("looking for device '" + wanted + "'");
}

int setComputeThreads(int threads)
{
    if (threads <= 0)
        threads = usableProcessors();
    if (at::get_num_threads() != threads)
        at::set_num_threads(threads);
    return threads;
}

Machine thisMachine()
{
    std::string oneDnn = at::get_mkldnn_version(); // "Intel(R) MKL-DNN v2.6.3 (Git Hash ...)", or that there is none
    const auto version = oneDnn.find(" v");
    oneDnn =
        version == std::string::npos ? "" : oneDnn.substr(version + 2, oneDnn.find(' ', version + 2) - version - 2);
    return {.torch = TORCH_VERSION,
            .oneDnn = std::move(oneDnn),
            .isFast = fast::isAvailable(),
            .devices = availableDevices(),
            .processors = usableProcessors()};
}

Error torchError(const std::string &doing)
{
    const auto memory = [&] {
        return Error{ErrorCode::Memory, doing + ": not enough memory; a smaller batch, size or network needs less", ""};
    };
    try {
        throw;
    } catch (const std::bad_alloc &) {
        return memory();
    } catch (const c10::Error &e) {
        const std::string what = e.what_without_backtrace();
        if (what.find("out of memory") != what.npos || what.find("can't allocate") != what.npos
            || what.find("not enough memory") != what.npos)
            return memory();
        const bool isDevice = toLowerAscii(what).find("cuda") != what.npos || what.find("cuDNN") != what.npos;
        const auto code = isDevice ? ErrorCode::Device : ErrorCode::Internal;
        return {code, doing + ": " + what.substr(0, what.find('\n')), ""};
    } catch (const std::exception &e) {
        return {ErrorCode::Internal, doing + ": " + e.what(), ""};
    } catch (...) {
        return {ErrorCode::Internal, doing + ": unknown failure", ""};
    }
}

} // namespace masque
