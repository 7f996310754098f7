// SPDX-License-Identifier: GPL-3.0-or-later
#include "plugins/formats/CocoSource.h"

#include <charconv>

namespace masque {

std::pair<const CocoFile *, std::size_t> CocoSource::place(const std::string &foreign) const
{
    const auto mark = foreign.find_last_of('#');
    const auto file = lists.find(foreign.substr(0, mark));
    std::size_t image = 0;
    const char *end = foreign.data() + foreign.size();
    if (file == lists.end() || mark == std::string::npos
        || std::from_chars(foreign.data() + mark + 1, end, image).ptr != end || image >= file->second.images().size())
        return {nullptr, 0};
    return {&file->second, image};
}

Result<Annotation> CocoSource::read(const Dataset &, const Item &item) const
{
    const auto [file, image] = place(item.foreign);
    if (!file)
        return Error{ErrorCode::Internal, item.foreign + ": is no place in a file of annotations", item.image};
    return file->read(image);
}

} // namespace masque
