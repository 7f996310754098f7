// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/Json.h"

#include <functional>
#include <limits>
#include <optional>
#include <string>
#include <type_traits>
#include <vector>

namespace masque {

enum class OptionType { Bool, Int, Real, Text, Choice };

/// One option as a person meets it. From a table of these are made: the form, the --flags, the JSON, the manual.
/// key is snake_case in JSON; the flag is the same with '-' for '_'.
struct OptionSpec {
    std::string key;
    std::string label = {}; ///< English, title of the form's row; the studio translates it
    std::string help = {};  ///< one sentence
    std::string group = {}; ///< form section
    OptionType type = OptionType::Text;
    Json defaultValue = {};
    double minimum = -std::numeric_limits<double>::infinity();
    double maximum = std::numeric_limits<double>::infinity();
    std::string unit = {};
    std::vector<std::string> choices = {}; ///< for Choice
    bool advanced = false;                 ///< folded away at first
    bool isFile = false;                   ///< a Text that names a file or folder

    std::string flag() const; ///< "--" + key with dashes

    /// Checks type and range; the error names the key, what was given and what is allowed.
    Result<void> validate(const Json &value) const;
    /// Reads a command-line word as this option's type.
    Result<Json> parseWord(std::string_view word) const;
};

/// The one table of a plain options struct: binds each member to its OptionSpec.
///
///     static const OptionTable<TrainingOptions> table = { {.key = "epochs", ...}, &TrainingOptions::epochs }, ...
template <typename Struct>
class OptionTable {
public:
    /// The default is taken from a default-constructed Struct. std::optional members are null in JSON when unset.
    template <typename Member>
    OptionTable &add(OptionSpec spec, Member Struct::*member)
    {
        spec.defaultValue = write(Struct{}.*member);
        m_specs.push_back(std::move(spec));
        m_get.push_back([member](const Struct &s) { return write(s.*member); });
        m_set.push_back([member](Struct &s, const Json &value) { read(value, s.*member); });
        return *this;
    }

    const std::vector<OptionSpec> &specs() const { return m_specs; }

    Json toJson(const Struct &options) const
    {
        Json json = Json::object();
        for (std::size_t i = 0; i < m_specs.size(); ++i)
            json.set(m_specs[i].key, m_get[i](options));
        return json;
    }

    /// Sets what json names and leaves the rest. Unknown keys are an error with a suggestion, values are validated.
    Result<void> apply(const Json &json, Struct &options) const;

private:
    template <typename T>
    static Json write(const T &value)
    {
        if constexpr (std::is_integral_v<T> && !std::is_same_v<T, bool>)
            return Json(static_cast<std::int64_t>(value));
        else
            return Json(value);
    }
    template <typename T>
    static Json write(const std::optional<T> &value)
    {
        return value ? write(*value) : Json();
    }
    template <typename T>
    static void read(const Json &json, T &out)
    {
        if constexpr (std::is_same_v<T, bool>)
            out = json.toBool();
        else if constexpr (std::is_integral_v<T>)
            out = static_cast<T>(json.toInt());
        else if constexpr (std::is_floating_point_v<T>)
            out = static_cast<T>(json.toDouble());
        else
            out = json.toString();
    }
    template <typename T>
    static void read(const Json &json, std::optional<T> &out)
    {
        if (json.isNull()) {
            out.reset();
        } else {
            T value{};
            read(json, value);
            out = value;
        }
    }

    std::vector<OptionSpec> m_specs;
    std::vector<std::function<Json(const Struct &)>> m_get;
    std::vector<std::function<void(Struct &, const Json &)>> m_set;
};

/// Index of key in specs; the error suggests the nearest known key.
Result<std::size_t> findOption(const std::vector<OptionSpec> &specs, std::string_view key);

/// Checks every member of json against specs (unknown keys, types, ranges).
Result<void> validateOptions(const std::vector<OptionSpec> &specs, const Json &json);

template <typename Struct>
Result<void> OptionTable<Struct>::apply(const Json &json, Struct &options) const
{
    if (auto valid = validateOptions(m_specs, json); !valid)
        return valid.error();
    for (const auto &[key, value] : json.members())
        m_set[findOption(m_specs, key).value()](options, value);
    return {};
}

} // namespace masque
