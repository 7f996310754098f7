// SPDX-License-Identifier: GPL-3.0-or-later
#include "studio/forms/option_field.h"

#include "studio/forms/NumberField.h"
#include "studio/theme/Theme.h"

#include <QAction>
#include <QCheckBox>
#include <QComboBox>
#include <QCoreApplication>
#include <QFileDialog>
#include <QLineEdit>
#include <QSpinBox>

#include <algorithm>
#include <cmath>
#include <limits>

namespace masque {

namespace {

double roundStep(double range)
{
    const double raw = range / 20, magnitude = std::pow(10.0, std::floor(std::log10(raw)));
    const double digit = raw / magnitude;
    return (digit < 1.5 ? 1 : digit < 3.5 ? 2 : digit < 7.5 ? 5 : 10) * magnitude;
}

constexpr double kExactInteger = 9007199254740992.0; ///< whole numbers up to here are exact in a double

bool fitsInt(const OptionSpec &spec)
{
    return spec.minimum >= std::numeric_limits<int>::min() && spec.maximum <= std::numeric_limits<int>::max();
}

/// A button in the field that lets a file be chosen.
void offerFiles(QLineEdit *line, const QString &title)
{
    const auto choose = [line, title] {
        auto *dialog = new QFileDialog(line, title, QFileInfo(line->text()).path());
        dialog->setObjectName(QStringLiteral("option-file-dialog"));
        dialog->setAttribute(Qt::WA_DeleteOnClose);
        dialog->setFileMode(QFileDialog::ExistingFile);
        QObject::connect(dialog, &QFileDialog::fileSelected, line, &QLineEdit::setText);
        dialog->open();
    };
    auto *action = line->addAction(Theme::instance().icon(QStringLiteral("open")), QLineEdit::TrailingPosition);
    action->setText(QCoreApplication::translate("masque::OptionsForm", "Choose a file"));
    action->setObjectName(QStringLiteral("choose-file"));
    QObject::connect(action, &QAction::triggered, line, choose);
}

QWidget *makeField(const OptionSpec &spec, const std::function<void()> &changed)
{
    const QString suffix = spec.unit.empty() ? QString() : QStringLiteral(" ") + translatedOption(spec.unit);
    const bool isOptional = spec.defaultValue.isNull();
    if (spec.type == OptionType::Bool && !isOptional) {
        auto *box = new QCheckBox;
        QObject::connect(box, &QCheckBox::toggled, box, changed);
        return box;
    }
    if (spec.type == OptionType::Choice) {
        auto *choice = new QComboBox;
        for (const auto &name : spec.choices)
            choice->addItem(translatedOption(name), QString::fromStdString(name));
        QObject::connect(choice, &QComboBox::currentIndexChanged, choice, changed);
        return choice;
    }
    if (spec.type == OptionType::Int && !isOptional && fitsInt(spec)) {
        auto *number = new QSpinBox;
        number->setRange(static_cast<int>(spec.minimum), static_cast<int>(spec.maximum));
        number->setSuffix(suffix);
        QObject::connect(number, &QSpinBox::valueChanged, number, changed);
        return number;
    }
    if (spec.type == OptionType::Int && !isOptional) {
        auto *number = new RealField(RealField::Stepping::Whole);
        number->setRange(std::max(spec.minimum, -kExactInteger), std::min(spec.maximum, kExactInteger));
        QObject::connect(number, &RealField::valueChanged, number, changed);
        return number;
    }
    if (spec.type == OptionType::Real && !isOptional) {
        const double range = spec.maximum - spec.minimum, value = spec.defaultValue.toDouble();
        const bool isSmall = !std::isfinite(range) || (value > 0 && value <= range / 100);
        auto *number = new RealField(isSmall ? RealField::Stepping::Magnitude : RealField::Stepping::Range);
        number->setRange(std::max(spec.minimum, -1e12), std::min(spec.maximum, 1e12));
        if (!isSmall)
            number->setSingleStep(roundStep(range));
        number->setSuffix(suffix);
        QObject::connect(number, &RealField::valueChanged, number, changed);
        return number;
    }
    auto *line = new QLineEdit;
    if (isOptional)
        line->setPlaceholderText(QCoreApplication::translate("masque::OptionsForm", "automatic"));
    QObject::connect(line, &QLineEdit::textChanged, line, changed);
    if (spec.isFile)
        offerFiles(line, translatedOption(spec.label));
    return line;
}

} // namespace

QString translatedOption(const std::string &text)
{
    return text.empty() ? QString() : QCoreApplication::translate("Options", text.c_str());
}

QWidget *makeOptionField(const OptionSpec &spec, const std::function<void()> &changed)
{
    QWidget *field = makeField(spec, changed);
    field->setObjectName(QStringLiteral("option-") + QString::fromStdString(spec.key));
    field->setAccessibleName(translatedOption(spec.label));
    field->setAccessibleDescription(translatedOption(spec.help));
    field->setToolTip(translatedOption(spec.help));
    setOptionField(field, spec.defaultValue);
    return field;
}

Json optionFieldValue(const OptionSpec &spec, const QWidget *field)
{
    if (const auto *box = qobject_cast<const QCheckBox *>(field))
        return Json(box->isChecked());
    if (const auto *number = qobject_cast<const QSpinBox *>(field))
        return Json(number->value());
    if (const auto *number = qobject_cast<const RealField *>(field))
        return spec.type == OptionType::Int ? Json(static_cast<std::int64_t>(number->value())) : Json(number->value());
    if (const auto *choice = qobject_cast<const QComboBox *>(field))
        return Json(choice->currentData().toString().toStdString());
    const std::string text = qobject_cast<const QLineEdit *>(field)->text().trimmed().toStdString();
    if (text.empty() && spec.defaultValue.isNull())
        return Json();
    if (spec.type == OptionType::Text)
        return Json(text);
    const auto number = spec.parseWord(text);
    return number ? *number : Json(text); // a text where a number belongs: check() says so
}

void setOptionField(QWidget *field, const Json &value)
{
    if (auto *box = qobject_cast<QCheckBox *>(field))
        box->setChecked(value.toBool());
    else if (auto *whole = qobject_cast<QSpinBox *>(field))
        whole->setValue(static_cast<int>(std::clamp<std::int64_t>(value.toInt(), whole->minimum(), whole->maximum())));
    else if (auto *real = qobject_cast<RealField *>(field))
        real->setValue(value.toDouble());
    else if (auto *choice = qobject_cast<QComboBox *>(field))
        choice->setCurrentIndex(choice->findData(QString::fromStdString(value.toString())));
    else if (auto *line = qobject_cast<QLineEdit *>(field))
        line->setText(QString::fromStdString(value.isNumber() ? value.token() : value.toString()));
}

} // namespace masque
