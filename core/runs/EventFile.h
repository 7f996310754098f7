// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/Result.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace masque {

/// A run's figures as TensorBoard reads them: events.out.tfevents.<seconds>.<host>.<process>, appended. Each record is
/// TFRecord's (length, masked CRC-32C of it, bytes, masked CRC-32C of them) around an Event message of tensorboard's
/// event.proto with simple_value summaries. TensorBoard shows all such files of a folder as one run.
class EventFile {
public:
    using Scalars = std::vector<std::pair<std::string, double>>; ///< tag and value: "val/loss"
    /// Makes the file in folder, with the version record that readers expect first.
    static Result<EventFile> create(const std::string &folder);
    Result<void> write(std::int64_t step, const Scalars &scalars);
    const std::string &path() const { return m_path; }

private:
    explicit EventFile(std::string path) : m_path(std::move(path)) {}
    std::string m_path;
};

/// CRC-32C (Castagnoli, RFC 3720), as TFRecord has it before it is masked.
std::uint32_t crc32c(std::string_view bytes);

} // namespace masque
