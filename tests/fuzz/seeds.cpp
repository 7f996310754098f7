// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/fuzz/seeds.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <system_error>
#include <unistd.h>

namespace fs = std::filesystem;

namespace masque {

const std::string &fuzzFolder()
{
    static const struct Folder {
        std::string path = "/dev/shm/masque-fuzz-" + std::to_string(::getpid());
        Folder() { fs::create_directories(path); }
        ~Folder()
        {
            std::error_code ignored;
            fs::remove_all(path, ignored);
        }
    } folder;
    return folder.path;
}

void require(bool condition)
{
    if (!condition)
        std::abort();
}

} // namespace masque

extern "C" int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    for (int i = 1; i < *argc; ++i) {
        std::error_code ignored;
        const std::string folder = (*argv)[i];
        if (folder.starts_with('-') || !fs::is_directory(folder, ignored) || !fs::is_empty(folder, ignored))
            continue;
        int number = 0;
        for (const auto &seed : masque::fuzzSeeds())
            std::ofstream(folder + "/seed-" + std::to_string(number++), std::ios::binary) << seed;
    }
    return 0;
}
