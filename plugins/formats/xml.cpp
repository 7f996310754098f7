// SPDX-License-Identifier: GPL-3.0-or-later
#include "plugins/formats/xml.h"

#include "core/base/files.h"
#include "core/base/text.h"
#include "core/base/utf8.h"

#include <charconv>
#include <cmath>
#include <sstream>

namespace masque {

namespace {

constexpr std::uint64_t kMostBytes = std::uint64_t{1} << 30;
constexpr int kDeepest = 200; ///< pugixml's destructor and writer follow the depth

bool isTooDeep(const pugi::xml_node &root)
{
    struct Walker : pugi::xml_tree_walker {
        bool isDeep = false;
        bool for_each(pugi::xml_node &) override
        {
            isDeep = depth() > kDeepest;
            return !isDeep;
        }
    } walker;
    pugi::xml_node top = root;
    top.traverse(walker);
    return walker.isDeep;
}

} // namespace

Result<std::shared_ptr<const pugi::xml_document>> parseXml(std::string_view text, const std::string &path)
{
    const bool isUtf16 = text.starts_with("\xff\xfe") || text.starts_with("\xfe\xff"); // which pugixml reads
    if (const auto end = utf8End(text); !isUtf16 && end != text.size())
        return Error{ErrorCode::Format,
                     path + ": is no UTF-8 from byte " + std::to_string(end)
                         + " on, whatever it declares; save it as UTF-8",
                     path};
    auto document = std::make_shared<pugi::xml_document>();
    const auto parsed = document->load_buffer(text.data(), text.size());
    if (!parsed)
        return Error{ErrorCode::Format,
                     path + ": is no XML from byte " + std::to_string(parsed.offset) + " on: " + parsed.description(),
                     path};
    if (isTooDeep(*document))
        return Error{ErrorCode::Format, path + ": is nested more than " + std::to_string(kDeepest) + " deep", path};
    return std::shared_ptr<const pugi::xml_document>(std::move(document));
}

Result<std::shared_ptr<const pugi::xml_document>> readXml(const std::string &path)
{
    const auto text = readFile(path, kMostBytes);
    return text ? parseXml(*text, path) : text.error();
}

std::optional<double> pxFromXml(std::string_view text)
{
    const std::string word = trimmed(text);
    double value = 0;
    const auto [end, problem] = std::from_chars(word.data(), word.data() + word.size(), value);
    const bool isOne = problem == std::errc() && end == word.data() + word.size() && std::abs(value) < kMostXmlPx;
    return isOne ? std::optional(value) : std::nullopt;
}

void setText(pugi::xml_node &parent, const char *name, const std::string &text)
{
    parent.append_child(name).text().set(text.c_str());
}

std::string xmlText(const pugi::xml_document &document)
{
    std::ostringstream out;
    document.save(out, "  ");
    return out.str();
}

std::string xmlNumber(double value)
{
    char text[32];
    return {text, std::to_chars(text, text + sizeof text, value).ptr};
}

} // namespace masque
