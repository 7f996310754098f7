// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/Json.h"

#include <charconv>
#include <cmath>

namespace masque {

namespace {

const Json kNull;
const Json::Array kNoItems;
const Json::Object kNoMembers;
const std::string kNoToken;

} // namespace

Json::Json(std::int64_t value) : m_value(Number{std::to_string(value)}) {}
Json::Json(std::uint64_t value) : m_value(Number{std::to_string(value)}) {}
Json::Json(double value) : m_value(Number{pythonFloat(value)}) {}

bool Json::isInteger() const
{
    if (!isNumber() || token().find_first_of(".eENI") != std::string::npos)
        return false;
    std::int64_t value = 0;
    const auto &text = token();
    return std::from_chars(text.data(), text.data() + text.size(), value).ec == std::errc();
}

bool Json::toBool(bool fallback) const
{
    const auto *value = std::get_if<bool>(&m_value);
    return value ? *value : fallback;
}

double Json::toDouble(double fallback) const
{
    if (!isNumber())
        return fallback;
    const auto &text = token();
    if (text == "NaN")
        return std::nan("");
    if (text == "Infinity")
        return HUGE_VAL;
    if (text == "-Infinity")
        return -HUGE_VAL;
    double value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error == std::errc::result_out_of_range) { // from_chars leaves the value alone; strtod gives 0 or infinity
        const bool huge = text.find("e-") == std::string::npos && text.find("E-") == std::string::npos;
        value = huge ? HUGE_VAL : 0.0;
        return text.front() == '-' ? -value : value;
    }
    return value;
}

std::int64_t Json::toInt(std::int64_t fallback) const
{
    if (!isNumber())
        return fallback;
    if (isInteger()) {
        std::int64_t value = 0;
        std::from_chars(token().data(), token().data() + token().size(), value);
        return value;
    }
    const double value = toDouble();
    return value >= -9.2e18 && value <= 9.2e18 ? static_cast<std::int64_t>(value) : fallback;
}

std::string Json::toString(std::string_view fallback) const
{
    const auto *value = std::get_if<std::string>(&m_value);
    return value ? *value : std::string(fallback);
}

const std::string &Json::token() const
{
    const auto *number = std::get_if<Number>(&m_value);
    return number ? number->token : kNoToken;
}

const Json::Array &Json::items() const
{
    const auto *array = std::get_if<Array>(&m_value);
    return array ? *array : kNoItems;
}

const Json::Object &Json::members() const
{
    const auto *object = std::get_if<Object>(&m_value);
    return object ? *object : kNoMembers;
}

const Json *Json::find(std::string_view key) const
{
    for (const auto &[name, value] : members())
        if (name == key)
            return &value;
    return nullptr;
}

const Json &Json::operator[](std::string_view key) const
{
    const Json *value = find(key);
    return value ? *value : kNull;
}

const Json &Json::operator[](std::size_t index) const
{
    return index < items().size() ? items()[index] : kNull;
}

void Json::set(std::string_view key, Json value)
{
    if (isNull())
        m_value = Object{};
    auto &object = std::get<Object>(m_value);
    for (auto &[name, old] : object)
        if (name == key) {
            old = std::move(value);
            return;
        }
    object.emplace_back(std::string(key), std::move(value));
}

void Json::remove(std::string_view key)
{
    if (auto *object = std::get_if<Object>(&m_value))
        std::erase_if(*object, [&](const Member &member) { return member.first == key; });
}

void Json::push_back(Json value)
{
    if (isNull())
        m_value = Array{};
    std::get<Array>(m_value).push_back(std::move(value));
}

} // namespace masque
