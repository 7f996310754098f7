// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/Json.h"

#include "core/base/files.h"
#include "core/base/utf8.h"

#include <algorithm>
#include <charconv>

namespace masque {

namespace {

constexpr int kMaxDepth = 200;

void appendUtf8(std::string &out, std::uint32_t code)
{
    if (code < 0x80) {
        out += static_cast<char>(code);
    } else if (code < 0x800) {
        out += static_cast<char>(0xc0 | (code >> 6));
        out += static_cast<char>(0x80 | (code & 0x3f));
    } else if (code < 0x10000) {
        out += static_cast<char>(0xe0 | (code >> 12));
        out += static_cast<char>(0x80 | ((code >> 6) & 0x3f));
        out += static_cast<char>(0x80 | (code & 0x3f));
    } else {
        out += static_cast<char>(0xf0 | (code >> 18));
        out += static_cast<char>(0x80 | ((code >> 12) & 0x3f));
        out += static_cast<char>(0x80 | ((code >> 6) & 0x3f));
        out += static_cast<char>(0x80 | (code & 0x3f));
    }
}

class Parser {
public:
    explicit Parser(std::string_view text) : m_text(text) {}

    Result<Json> run()
    {
        Json value;
        skipSpace();
        if (!parseValue(value, 0))
            return failure();
        skipSpace();
        if (m_at != m_text.size()) {
            fail("unexpected text after the document");
            return failure();
        }
        return value;
    }

private:
    bool fail(const char *what)
    {
        if (!m_what)
            m_what = what;
        return false;
    }

    Error failure() const
    {
        const auto read = m_text.substr(0, m_at);
        const auto line = 1 + std::count(read.begin(), read.end(), '\n');
        const auto lastBreak = read.rfind('\n');
        const auto column = m_at - (lastBreak == std::string_view::npos ? 0 : lastBreak + 1) + 1;
        return {ErrorCode::Format, "not valid JSON: " + std::string(m_what) + " at line " + std::to_string(line)
                                       + ", column " + std::to_string(column)};
    }

    bool atEnd() const { return m_at >= m_text.size(); }
    char peek() const { return atEnd() ? '\0' : m_text[m_at]; }
    bool take(char c)
    {
        if (atEnd() || m_text[m_at] != c)
            return false;
        ++m_at;
        return true;
    }
    bool takeWord(std::string_view word)
    {
        if (m_text.substr(m_at, word.size()) != word)
            return false;
        m_at += word.size();
        return true;
    }
    void skipSpace()
    {
        while (!atEnd() && (peek() == ' ' || peek() == '\n' || peek() == '\r' || peek() == '\t'))
            ++m_at;
    }

    bool parseValue(Json &out, int depth)
    {
        if (depth > kMaxDepth)
            return fail("nested too deeply");
        if (atEnd())
            return fail("the text ends early");
        switch (peek()) {
        case '{': return parseObject(out, depth);
        case '[': return parseArray(out, depth);
        case '"': {
            std::string text;
            if (!parseString(text))
                return false;
            out = Json(std::move(text));
            return true;
        }
        default: break;
        }
        if (takeWord("true"))
            out = Json(true);
        else if (takeWord("false"))
            out = Json(false);
        else if (takeWord("null"))
            out = Json();
        else if (takeWord("NaN"))
            out = Json(Json::Number{"NaN"});
        else if (takeWord("Infinity"))
            out = Json(Json::Number{"Infinity"});
        else if (takeWord("-Infinity"))
            out = Json(Json::Number{"-Infinity"});
        else
            return parseNumber(out);
        return true;
    }

    bool takeDigits()
    {
        const auto start = m_at;
        while (!atEnd() && peek() >= '0' && peek() <= '9')
            ++m_at;
        return m_at > start;
    }

    bool parseNumber(Json &out)
    {
        const auto start = m_at;
        take('-');
        if (!take('0') && !takeDigits())
            return fail("a value was expected");
        if (take('.') && !takeDigits())
            return fail("a digit was expected after the decimal point");
        if (take('e') || take('E')) {
            if (!take('+'))
                take('-');
            if (!takeDigits())
                return fail("a digit was expected in the exponent");
        }
        out = Json(Json::Number{std::string(m_text.substr(start, m_at - start))});
        return true;
    }

    bool parseHex(std::uint32_t &code)
    {
        if (m_text.size() - m_at < 4)
            return fail("four hexadecimal digits were expected after \\u");
        const auto digits = m_text.substr(m_at, 4);
        const auto [end, error] = std::from_chars(digits.data(), digits.data() + 4, code, 16);
        if (error != std::errc() || end != digits.data() + 4)
            return fail("four hexadecimal digits were expected after \\u");
        m_at += 4;
        return true;
    }

    bool parseEscape(std::string &out)
    {
        const char c = peek();
        ++m_at;
        switch (c) {
        case '"':
        case '\\':
        case '/': out += c; return true;
        case 'b': out += '\b'; return true;
        case 'f': out += '\f'; return true;
        case 'n': out += '\n'; return true;
        case 'r': out += '\r'; return true;
        case 't': out += '\t'; return true;
        case 'u': break;
        default: --m_at; return fail("unknown escape in a string");
        }
        std::uint32_t code = 0;
        if (!parseHex(code))
            return false;
        if (code >= 0xd800 && code < 0xdc00 && m_text.substr(m_at, 2) == "\\u") {
            const auto rewind = m_at;
            std::uint32_t low = 0;
            m_at += 2;
            if (!parseHex(low))
                return false;
            if (low >= 0xdc00 && low < 0xe000)
                code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
            else
                m_at = rewind;
        }
        appendUtf8(out, code >= 0xd800 && code < 0xe000 ? 0xfffd : code); // a lone surrogate is no character
        return true;
    }

    /// A run of ASCII without escapes at once: embedded images are megabytes of it.
    void takePlain(std::string &out)
    {
        const auto start = m_at;
        while (!atEnd() && static_cast<signed char>(peek()) >= 0x20 && peek() != '"' && peek() != '\\')
            ++m_at;
        out.append(m_text.substr(start, m_at - start));
    }

    bool parseString(std::string &out)
    {
        ++m_at;
        while (true) {
            if (atEnd())
                return fail("a string does not end");
            const char c = peek();
            if (c == '"') {
                ++m_at;
                return true;
            }
            if (c == '\\') {
                ++m_at;
                if (atEnd())
                    return fail("a string does not end");
                if (!parseEscape(out))
                    return false;
            } else if (static_cast<unsigned char>(c) < 0x20) {
                return fail("a control character in a string");
            } else {
                takePlain(out);
                if (atEnd() || static_cast<unsigned char>(peek()) < 0x80)
                    continue;
                const auto length = utf8Length(m_text.substr(m_at));
                if (length == 0)
                    return fail("a string is not UTF-8");
                out.append(m_text.substr(m_at, length));
                m_at += length;
            }
        }
    }

    bool parseArray(Json &out, int depth)
    {
        Json::Array items;
        ++m_at;
        skipSpace();
        if (!take(']')) {
            do {
                skipSpace();
                if (!parseValue(items.emplace_back(), depth + 1))
                    return false;
                skipSpace();
            } while (take(','));
            if (!take(']'))
                return fail("',' or ']' was expected");
        }
        out = Json(std::move(items));
        return true;
    }

    bool parseObject(Json &out, int depth)
    {
        Json::Object members;
        ++m_at;
        skipSpace();
        if (!take('}')) {
            do {
                skipSpace();
                if (peek() != '"' || atEnd())
                    return fail("a key in quotes was expected");
                std::string key;
                if (!parseString(key))
                    return false;
                skipSpace();
                if (!take(':'))
                    return fail("':' was expected");
                skipSpace();
                Json value;
                if (!parseValue(value, depth + 1))
                    return false;
                members.emplace_back(std::move(key), std::move(value));
                skipSpace();
            } while (take(','));
            if (!take('}'))
                return fail("',' or '}' was expected");
        }
        dropShadowed(members);
        out = Json(std::move(members));
        return true;
    }

    /// Of duplicate keys the last value counts, at the place of the first (as a Python dict has it).
    static void dropShadowed(Json::Object &members)
    {
        if (members.size() < 2)
            return;
        std::vector<std::size_t> order(members.size());
        for (std::size_t i = 0; i < order.size(); ++i)
            order[i] = i;
        std::stable_sort(order.begin(), order.end(),
                         [&](auto a, auto b) { return members[a].first < members[b].first; });
        std::vector<bool> drop(members.size());
        bool any = false;
        for (std::size_t i = 0; i < order.size();) {
            auto last = i;
            while (last + 1 < order.size() && members[order[last + 1]].first == members[order[i]].first)
                drop[order[++last]] = any = true;
            if (last > i)
                members[order[i]].second = std::move(members[order[last]].second);
            i = last + 1;
        }
        if (!any)
            return;
        std::size_t kept = 0;
        for (std::size_t i = 0; i < members.size(); ++i)
            if (!drop[i]) {
                if (kept != i)
                    members[kept] = std::move(members[i]);
                ++kept;
            }
        members.erase(members.begin() + static_cast<std::ptrdiff_t>(kept), members.end());
    }

    std::string_view m_text;
    std::size_t m_at = 0;
    const char *m_what = nullptr;
};

} // namespace

Result<Json> Json::parse(std::string_view text)
{
    if (text.starts_with("\xef\xbb\xbf"))
        text.remove_prefix(3);
    if (text.starts_with("\xff\xfe") || text.starts_with("\xfe\xff"))
        return Error{ErrorCode::Format, "not valid JSON: is in UTF-16, save it as UTF-8"};
    return Parser(text).run();
}

Result<Json> readJsonFile(const std::string &path)
{
    auto bytes = readFile(path);
    if (!bytes)
        return bytes.error();
    auto json = Json::parse(*bytes);
    if (!json)
        return Error{json.error().code, path + ": " + json.error().message, path};
    return json;
}

} // namespace masque
