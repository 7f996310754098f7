// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/Result.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace masque {

/// A JSON value that keeps what labelme's users must not lose: the order of keys and the spelling of every number
/// ("80.0", "1e-05", integers of any length, Python's NaN). Reads what Python's json.loads reads; writes what Python's
/// json.dumps(ensure_ascii=False) writes. Strings are UTF-8.
class Json {
public:
    /// A number as it is spelled.
    struct Number {
        std::string token;
        friend bool operator==(const Number &, const Number &) = default;
    };
    using Array = std::vector<Json>;
    using Member = std::pair<std::string, Json>;
    using Object = std::vector<Member>; ///< in file order; of duplicate keys the last one counts, as in Python

    Json() = default; ///< null
    Json(std::nullptr_t) {}
    Json(bool value) : m_value(value) {}
    Json(int value) : Json(static_cast<std::int64_t>(value)) {}
    Json(std::int64_t value);
    Json(std::uint64_t value);
    Json(double value); ///< spelled as Python's repr: shortest that round-trips, ".0" on whole numbers
    Json(const char *text) : m_value(std::string(text)) {}
    Json(std::string text) : m_value(std::move(text)) {}
    Json(std::string_view text) : m_value(std::string(text)) {}
    Json(Number number) : m_value(std::move(number)) {}
    Json(Array items) : m_value(std::move(items)) {}
    Json(Object members) : m_value(std::move(members)) {}

    static Json array() { return Json(Array{}); }
    static Json object() { return Json(Object{}); }

    bool isNull() const { return m_value.index() == 0; }
    bool isBool() const { return std::holds_alternative<bool>(m_value); }
    bool isNumber() const { return std::holds_alternative<Number>(m_value); }
    bool isInteger() const; ///< a number spelled without fraction and exponent that fits 64 bits
    bool isString() const { return std::holds_alternative<std::string>(m_value); }
    bool isArray() const { return std::holds_alternative<Array>(m_value); }
    bool isObject() const { return std::holds_alternative<Object>(m_value); }

    /// Typed reading with a fallback for any other type (a missing key reads as null).
    bool toBool(bool fallback = false) const;
    double toDouble(double fallback = 0) const;
    std::int64_t toInt(std::int64_t fallback = 0) const;
    std::string toString(std::string_view fallback = {}) const;
    const std::string &token() const; ///< the number's spelling; empty if it is no number

    const Array &items() const;    ///< empty if it is no array
    const Object &members() const; ///< empty if it is no object
    std::size_t size() const { return isObject() ? members().size() : items().size(); }

    bool contains(std::string_view key) const { return find(key) != nullptr; }
    const Json *find(std::string_view key) const;       ///< nullptr if missing or no object
    const Json &operator[](std::string_view key) const; ///< null value if missing
    const Json &operator[](std::size_t index) const;    ///< null value if out of range

    void set(std::string_view key, Json value); ///< replaces in place or appends; a null value becomes an object first
    void remove(std::string_view key);
    void push_back(Json value); ///< a null value becomes an array first

    friend bool operator==(const Json &, const Json &) = default;

    /// Reads one JSON document. Errors name line and column. Nesting is limited to 200.
    static Result<Json> parse(std::string_view text);
    /// json.dumps(self, ensure_ascii=False, indent=indent); indent < 0: one line, separators ", " and ": ".
    std::string dump(int indent = -1) const;

private:
    std::variant<std::nullptr_t, bool, Number, std::string, Array, Object> m_value = nullptr;
};

/// Python's repr of a float.
std::string pythonFloat(double value);

/// Reads and parses a file (UTF-8, a byte order mark is skipped); errors name it.
Result<Json> readJsonFile(const std::string &path);

} // namespace masque
