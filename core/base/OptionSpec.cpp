// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/OptionSpec.h"

#include "core/base/text.h"

#include <algorithm>
#include <charconv>
#include <cmath>

namespace masque {

namespace {

std::string rangeText(const OptionSpec &spec)
{
    const auto number = [&](double value) {
        return spec.type == OptionType::Int ? std::to_string(static_cast<long long>(value)) : pythonFloat(value);
    };
    const bool low = std::isfinite(spec.minimum), high = std::isfinite(spec.maximum);
    if (low && high)
        return "from " + number(spec.minimum) + " to " + number(spec.maximum);
    return low ? "at least " + number(spec.minimum) : high ? "at most " + number(spec.maximum) : "a number";
}

Error badValue(const OptionSpec &spec, const Json &value, const std::string &expected)
{
    return {ErrorCode::Option, spec.key + " is " + value.dump() + ", expected " + expected, spec.key};
}

} // namespace

std::string OptionSpec::flag() const
{
    std::string out = "--" + key;
    std::replace(out.begin() + 2, out.end(), '_', '-');
    return out;
}

Result<void> OptionSpec::validate(const Json &value) const
{
    if (value.isNull() && defaultValue.isNull())
        return {};
    switch (type) {
    case OptionType::Bool: return value.isBool() ? Result<void>() : badValue(*this, value, "true or false");
    case OptionType::Text: return value.isString() ? Result<void>() : badValue(*this, value, "a text");
    case OptionType::Choice:
        if (value.isString() && std::find(choices.begin(), choices.end(), value.toString()) != choices.end())
            return {};
        return badValue(*this, value, "one of " + joinText(choices, ", "));
    case OptionType::Int:
    case OptionType::Real: break;
    }
    if (!value.isNumber() || (type == OptionType::Int && !value.isInteger()))
        return badValue(*this, value, type == OptionType::Int ? "a whole number" : "a number");
    const double number = value.toDouble();
    if (!(number >= minimum && number <= maximum)) // NaN fails too
        return badValue(*this, value, rangeText(*this));
    return {};
}

Result<Json> OptionSpec::parseWord(std::string_view word) const
{
    Json value{word};
    if (type == OptionType::Bool) {
        const auto lower = toLowerAscii(word);
        if (lower == "true" || lower == "yes" || lower == "on" || lower == "1")
            value = Json(true);
        else if (lower == "false" || lower == "no" || lower == "off" || lower == "0")
            value = Json(false);
    } else if (type == OptionType::Int || type == OptionType::Real) {
        const auto number = Json::parse(word);
        double real = 0;
        const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), real);
        if (number && number->isNumber())
            value = *number;
        else if (type == OptionType::Real && error == std::errc() && end == word.data() + word.size())
            value = Json(real); // spellings that JSON has not, such as ".5"
    }
    if (auto valid = validate(value); !valid)
        return valid.error();
    return value;
}

Result<std::size_t> findOption(const std::vector<OptionSpec> &specs, std::string_view key)
{
    std::vector<std::string> keys;
    for (std::size_t i = 0; i < specs.size(); ++i) {
        if (specs[i].key == key)
            return i;
        keys.push_back(specs[i].key);
    }
    const auto near = nearestWord(key, keys);
    return Error{ErrorCode::Option,
                 "unknown option '" + std::string(key) + "'" + (near.empty() ? "" : ", did you mean '" + near + "'?"),
                 std::string(key)};
}

Result<void> validateOptions(const std::vector<OptionSpec> &specs, const Json &json)
{
    for (const auto &[key, value] : json.members()) {
        const auto index = findOption(specs, key);
        if (!index)
            return index.error();
        if (auto valid = specs[*index].validate(value); !valid)
            return valid.error();
    }
    return {};
}

} // namespace masque
