// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/Json.h"

#include <charconv>
#include <cmath>
#include <cstdio>
#include <cstdlib>

namespace masque {

namespace {

void writeString(std::string &out, std::string_view text)
{
    out += '"';
    for (const char c : text) {
        switch (c) {
        case '"': out += "\\\""; break;
        case '\\': out += "\\\\"; break;
        case '\n': out += "\\n"; break;
        case '\r': out += "\\r"; break;
        case '\t': out += "\\t"; break;
        case '\b': out += "\\b"; break;
        case '\f': out += "\\f"; break;
        default:
            if (static_cast<unsigned char>(c) < 0x20) {
                char escape[8];
                std::snprintf(escape, sizeof escape, "\\u%04x", static_cast<unsigned>(static_cast<unsigned char>(c)));
                out += escape;
            } else {
                out += c;
            }
        }
    }
    out += '"';
}

void write(std::string &out, const Json &value, int indent, int level);

template <typename Range, typename WriteItem>
void writeContainer(std::string &out, const Range &range, char open, char close, int indent, int level, WriteItem item)
{
    out += open;
    bool first = true;
    for (const auto &element : range) {
        if (!first)
            out += indent < 0 ? ", " : ",";
        first = false;
        if (indent >= 0)
            out.append(1, '\n').append(static_cast<std::size_t>(indent * (level + 1)), ' ');
        item(element);
    }
    if (indent >= 0 && !first)
        out.append(1, '\n').append(static_cast<std::size_t>(indent * level), ' ');
    out += close;
}

void write(std::string &out, const Json &value, int indent, int level)
{
    if (value.isNull()) {
        out += "null";
    } else if (value.isBool()) {
        out += value.toBool() ? "true" : "false";
    } else if (value.isNumber()) {
        out += value.token();
    } else if (value.isString()) {
        writeString(out, value.toString());
    } else if (value.isArray()) {
        writeContainer(out, value.items(), '[', ']', indent, level,
                       [&](const Json &item) { write(out, item, indent, level + 1); });
    } else {
        writeContainer(out, value.members(), '{', '}', indent, level, [&](const Json::Member &member) {
            writeString(out, member.first);
            out += ": ";
            write(out, member.second, indent, level + 1);
        });
    }
}

} // namespace

std::string pythonFloat(double value)
{
    if (std::isnan(value))
        return "NaN";
    if (std::isinf(value))
        return value > 0 ? "Infinity" : "-Infinity";
    char buffer[40];
    const auto scientific = std::to_chars(buffer, buffer + sizeof buffer, value, std::chars_format::scientific);
    const std::string text(buffer, scientific.ptr);
    const auto mark = text.find('e');
    const int exponent = std::atoi(text.c_str() + mark + 1);
    if (exponent < -4 || exponent >= 16)
        return text; // to_chars writes at least two exponent digits and the sign, as Python does
    const auto fixed = std::to_chars(buffer, buffer + sizeof buffer, value, std::chars_format::fixed);
    std::string out(buffer, fixed.ptr);
    if (out.find('.') == std::string::npos)
        out += ".0";
    return out;
}

std::string Json::dump(int indent) const
{
    std::string out;
    write(out, *this, indent, 0);
    return out;
}

} // namespace masque
