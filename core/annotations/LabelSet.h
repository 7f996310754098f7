// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/image/image_file.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace masque {

inline constexpr std::string_view kBackgroundName = "_background_";
inline constexpr std::string_view kIgnoreName = "__ignore__";
inline constexpr std::uint8_t kIgnoreId = 255;

struct LabelClass {
    std::string name;
    Color color{};
    std::optional<int> key = {}; ///< digit 1..9 that picks it
    friend bool operator==(const LabelClass &, const LabelClass &) = default;
};

/// The classes of a dataset in id order: the position is the id in every mask. `__ignore__` is never in the list, its
/// id is 255. At most 255 classes.
class LabelSet {
public:
    LabelSet() = default;
    /// Names in id order; colours from the palette; `__ignore__` is skipped, doubles are dropped.
    explicit LabelSet(const std::vector<std::string> &names);

    int size() const { return static_cast<int>(m_classes.size()); }
    bool isEmpty() const { return m_classes.empty(); }
    const std::vector<LabelClass> &classes() const { return m_classes; }
    const LabelClass &operator[](int id) const { return m_classes[static_cast<std::size_t>(id)]; }
    std::vector<std::string> names() const;

    /// Id of a class name; kIgnoreId for `__ignore__`; nothing if unknown.
    std::optional<std::uint8_t> idOf(std::string_view name) const;
    bool hasBackground() const { return !m_classes.empty() && m_classes.front().name == kBackgroundName; }

    /// Appends a class (palette colour of its id) and returns its id; the id of an existing name is returned as it is.
    /// When all 255 are taken the class is not added and kIgnoreId returned.
    std::uint8_t add(std::string_view name);
    void setColor(int id, Color color) { m_classes[static_cast<std::size_t>(id)].color = color; }
    /// The id keeps its colour and key; the name must be new.
    void rename(int id, std::string name) { m_classes[static_cast<std::size_t>(id)].name = std::move(name); }
    void remove(int id) { m_classes.erase(m_classes.begin() + id); } ///< later classes move up
    void insert(int id, LabelClass one) { m_classes.insert(m_classes.begin() + id, std::move(one)); } ///< they move down
    void setKey(int id, std::optional<int> key) { m_classes[static_cast<std::size_t>(id)].key = key; }

    /// 256 entries: the classes' colours, background black, 255 (ignore) light grey.
    std::vector<Color> palette() const;
    /// The default colour of an id: background black, then colours that differ well, also to the colour-blind.
    static Color defaultColor(int id);

    friend bool operator==(const LabelSet &, const LabelSet &) = default;

private:
    std::vector<LabelClass> m_classes;
};

} // namespace masque
