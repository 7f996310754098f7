// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/Result.h"

#include <pugixml.hpp>

#include <memory>
#include <optional>
#include <string>

/// Small helpers around pugixml, which expands no entities of a file's own and opens no other file.
namespace masque {

inline constexpr double kMostXmlPx = 1e6; ///< a coordinate further out is no place

/// Errors name the file and the byte: not there, over 1 GiB, no XML, nested over 200 deep.
Result<std::shared_ptr<const pugi::xml_document>> readXml(const std::string &path);
Result<std::shared_ptr<const pugi::xml_document>> parseXml(std::string_view text, const std::string &path);

/// A number that a coordinate may be; nothing for any other text.
std::optional<double> pxFromXml(std::string_view text);
/// <name>text</name> at the end of parent.
void setText(pugi::xml_node &parent, const char *name, const std::string &text);
std::string xmlText(const pugi::xml_document &);
std::string xmlNumber(double value); ///< shortest that reads back the same: "12", "0.5"

} // namespace masque
