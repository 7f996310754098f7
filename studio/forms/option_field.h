// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/OptionSpec.h"

#include <QString>
#include <QWidget>

#include <functional>

/// One option's field, made from its spec: what the form and the bars above canvases are built of.
namespace masque {

/// Labels, help and choices are English in core; their translations live in one context.
QString translatedOption(const std::string &text);

/// A check box, choice, number or line, named "option-<key>", with help and accessible name, at the default value.
/// changed is called after every change, also by setOptionField.
QWidget *makeOptionField(const OptionSpec &spec, const std::function<void()> &changed);
/// The field's value; a text where a number was expected and is not, so that the spec's validate() names it.
Json optionFieldValue(const OptionSpec &spec, const QWidget *field);
void setOptionField(QWidget *field, const Json &value);

} // namespace masque
