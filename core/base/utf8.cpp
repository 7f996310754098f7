// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/utf8.h"

#include "core/base/files.h"

namespace masque {

std::size_t utf8Length(std::string_view text)
{
    const auto at = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
    const unsigned lead = at(0);
    if (lead < 0x80)
        return 1;
    const std::size_t length = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
    if (lead < 0xc2 || lead > 0xf4 || text.size() < length)
        return 0;
    for (std::size_t i = 1; i < length; ++i)
        if ((at(i) & 0xc0) != 0x80)
            return 0;
    if ((lead == 0xe0 && at(1) < 0xa0) || (lead == 0xed && at(1) > 0x9f) || (lead == 0xf0 && at(1) < 0x90)
        || (lead == 0xf4 && at(1) > 0x8f))
        return 0;
    return length;
}

std::size_t utf8End(std::string_view text)
{
    std::size_t at = 0;
    while (at < text.size()) {
        const auto length = utf8Length(text.substr(at));
        if (length == 0)
            break;
        at += length;
    }
    return at;
}

std::string asUtf8(std::string_view text)
{
    std::string out;
    while (!text.empty()) {
        const auto good = utf8End(text);
        out += text.substr(0, good);
        text.remove_prefix(good);
        if (!text.empty()) {
            out += '?';
            text.remove_prefix(1);
        }
    }
    return out;
}

Result<std::string> readText(const std::string &path, std::uint64_t maxBytes)
{
    auto text = readFile(path, maxBytes);
    if (!text)
        return text;
    if (text->starts_with("\xff\xfe") || text->starts_with("\xfe\xff"))
        return Error{ErrorCode::Format, path + ": is in UTF-16, save it as UTF-8", path};
    if (const auto end = utf8End(*text); end != text->size())
        return Error{ErrorCode::Format,
                     path + ": is no UTF-8 from byte " + std::to_string(end)
                         + " on (GBK, or another encoding?), save it as UTF-8",
                     path};
    if (text->starts_with("\xef\xbb\xbf"))
        text->erase(0, 3);
    return text;
}

} // namespace masque
