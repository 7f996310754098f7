// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size);

namespace masque {

/// What a target begins with, where the corpus is empty. Each target defines it.
std::vector<std::string> fuzzSeeds();

/// A folder in memory that is gone at the end.
const std::string &fuzzFolder();

/// Ends the program, so that the fuzzer keeps what led there.
void require(bool condition);

} // namespace masque
