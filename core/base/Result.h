// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cassert>
#include <optional>
#include <string>
#include <utility>
#include <variant>

namespace masque {

/// What kind of expected failure happened. The studio maps it, with Error::context, to translated text.
enum class ErrorCode {
    Io,          ///< a file could not be read or written (missing, no permission, disk full)
    Format,      ///< a file's content is not what its format asks for
    Option,      ///< an option or argument is unknown or out of range
    Data,        ///< the dataset does not suit the task (no labels, one class only, sizes that differ)
    Unsupported, ///< recognised, but this build cannot do it
    Device,      ///< the compute device is missing or failed
    Memory,      ///< not enough memory
    Plugin,      ///< a plugin was refused or failed
    Internal,    ///< an exception from a library that has no better place
};

/// An expected failure: English message for log and command line, complete in itself (which file, which field,
/// what was expected), and the pieces of it that a translation needs.
struct Error {
    ErrorCode code = ErrorCode::Internal;
    std::string message;
    std::string context = {}; ///< the file, option or field that the failure is about; may be empty
};

/// A value or an Error; the verbs are std::expected's, which C++20 does not have yet.
template <typename T>
class [[nodiscard]] Result {
public:
    Result(T value) : m_state(std::in_place_index<0>, std::move(value)) {}
    Result(Error error) : m_state(std::in_place_index<1>, std::move(error)) {}

    bool has_value() const { return m_state.index() == 0; }
    explicit operator bool() const { return has_value(); }

    T &value() &
    {
        assert(has_value());
        return std::get<0>(m_state);
    }
    const T &value() const &
    {
        assert(has_value());
        return std::get<0>(m_state);
    }
    T &&value() &&
    {
        assert(has_value());
        return std::get<0>(std::move(m_state));
    }
    T &operator*() & { return value(); }
    const T &operator*() const & { return value(); }
    T &&operator*() && { return std::move(*this).value(); }
    T *operator->() { return &value(); }
    const T *operator->() const { return &value(); }
    template <typename U>
    T value_or(U &&fallback) const &
    {
        return has_value() ? value() : static_cast<T>(std::forward<U>(fallback));
    }

    const Error &error() const
    {
        assert(!has_value());
        return std::get<1>(m_state);
    }

private:
    std::variant<T, Error> m_state;
};

template <>
class [[nodiscard]] Result<void> {
public:
    Result() = default;
    Result(Error error) : m_error(std::move(error)) {}

    bool has_value() const { return !m_error; }
    explicit operator bool() const { return has_value(); }
    const Error &error() const
    {
        assert(m_error);
        return *m_error;
    }

private:
    std::optional<Error> m_error;
};

} // namespace masque
