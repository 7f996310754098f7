// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/OptionSpec.h"

#include <QWidget>

#include <memory>
#include <vector>

QT_BEGIN_NAMESPACE
class QPushButton;
QT_END_NAMESPACE

namespace masque {

/// A form made from option specs: a section a group, advanced options folded away, help as tooltip, errors shown at
/// their field. Fields are named "option-<key>". It knows no option by name.
class OptionsForm : public QWidget {
    Q_OBJECT
public:
    explicit OptionsForm(QWidget *parent = nullptr);
    ~OptionsForm() override;

    /// Rebuilds the form. Values of keys that stay are kept where they are still valid, others take their default.
    void setSpecs(std::vector<OptionSpec> specs);
    const std::vector<OptionSpec> &specs() const;

    /// A button under the field of key, now and whenever the form is built anew. The form owns it.
    void addButton(const QString &key, QPushButton *button);

    Json values() const;
    /// Sets what json names; unknown keys and values that do not suit their field are left out.
    void setValues(const Json &json);

    /// Checks every field against its spec and shows each error there; the first one is returned.
    Result<void> check();
    /// Shows message at the field of key (unfolding its section) and focuses it; false if there is no such field.
    bool showError(const QString &key, const QString &message);
    void clearErrors();

Q_SIGNALS:
    void valueChanged(const QString &key);

private:
    struct Row;
    struct Private;
    void addSection(const std::string &group);
    Row makeRow(std::size_t index);
    void placeButtons();
    std::unique_ptr<Private> d;
};

} // namespace masque
