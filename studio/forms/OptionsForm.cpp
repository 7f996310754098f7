// SPDX-License-Identifier: GPL-3.0-or-later
#include "studio/forms/OptionsForm.h"

#include "studio/forms/NumberField.h"
#include "studio/forms/option_field.h"
#include "studio/theme/Theme.h"

#include <QCoreApplication>
#include <QFormLayout>
#include <QLabel>
#include <QPushButton>
#include <QScopedValueRollback>
#include <QToolButton>
#include <QVBoxLayout>

#include <algorithm>

namespace masque {

struct OptionsForm::Row {
    std::size_t spec = 0;
    QWidget *field = nullptr;
    QLabel *label = nullptr, *error = nullptr;
    QWidget *holder = nullptr;    ///< field and error
    QVBoxLayout *stack = nullptr; ///< in the holder
    QToolButton *fold = nullptr;
};

struct OptionsForm::Private {
    std::vector<OptionSpec> specs;
    std::vector<Row> rows; ///< parallel to specs
    QVBoxLayout *layout = nullptr, *sections = nullptr;
    QWidget *content = nullptr;
    std::vector<std::pair<QString, QPushButton *>> buttons; ///< by their fields' keys
    WheelGuard wheelGuard;
    bool isSetting = false; ///< by the program: nobody is told

    Json read(const Row &row) const { return optionFieldValue(specs[row.spec], row.field); }
};

OptionsForm::OptionsForm(QWidget *parent) : QWidget(parent), d(std::make_unique<Private>())
{
    d->layout = new QVBoxLayout(this);
    d->layout->setContentsMargins(0, 0, 0, 0);
}

OptionsForm::~OptionsForm() = default;

const std::vector<OptionSpec> &OptionsForm::specs() const
{
    return d->specs;
}

OptionsForm::Row OptionsForm::makeRow(std::size_t index)
{
    const OptionSpec &spec = d->specs[index];
    const QString key = QString::fromStdString(spec.key);
    const QString suffix = spec.unit.empty() ? QString() : QStringLiteral(" ") + translatedOption(spec.unit);
    Row row;
    row.spec = index;
    row.field = makeOptionField(spec, [this, key] {
        if (!d->isSetting)
            Q_EMIT valueChanged(key);
    });
    const bool showsUnit = qobject_cast<QAbstractSpinBox *>(row.field);
    const QString title = translatedOption(spec.label);
    if (spec.type != OptionType::Bool) {
        row.field->setFocusPolicy(Qt::StrongFocus);
        row.field->installEventFilter(&d->wheelGuard);
        row.field->setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
    }
    row.label = new QLabel(showsUnit || suffix.isEmpty() ? title : tr("%1 (%2)").arg(title, suffix.trimmed()));
    row.label->setToolTip(row.field->toolTip());
    row.label->setBuddy(row.field);
    row.error = new QLabel;
    row.error->setObjectName(QStringLiteral("error-") + key);
    row.error->setProperty("role", "error");
    row.error->setWordWrap(true);
    row.error->hide();
    row.holder = new QWidget;
    auto *stack = new QVBoxLayout(row.holder);
    stack->setContentsMargins(0, 0, 0, 0);
    stack->setSpacing(4);
    stack->addWidget(row.field);
    row.stack = stack;
    stack->addWidget(row.error);
    return row;
}

void OptionsForm::addSection(const std::string &group)
{
    auto *section = new QVBoxLayout;
    section->setSpacing(8);
    auto *title = new QLabel(translatedOption(group));
    title->setProperty("role", "title");
    section->addWidget(title);
    const auto makeRows = [](QWidget *parent) {
        auto *rows = new QFormLayout(parent);
        rows->setContentsMargins(0, 0, 0, 0);
        rows->setHorizontalSpacing(16);
        rows->setVerticalSpacing(8);
        rows->setFieldGrowthPolicy(QFormLayout::AllNonFixedFieldsGrow);
        return rows;
    };
    auto *plain = makeRows(nullptr);
    section->addLayout(plain);
    QToolButton *fold = nullptr;
    QFormLayout *folded = nullptr;
    for (std::size_t i = 0; i < d->specs.size(); ++i) {
        const OptionSpec &spec = d->specs[i];
        if (spec.group != group)
            continue;
        if (spec.advanced && !fold) {
            fold = new QToolButton;
            fold->setText(tr("More"));
            fold->setObjectName(QStringLiteral("more-") + QString::fromStdString(group));
            fold->setAccessibleName(tr("More %1 options").arg(translatedOption(group)));
            fold->setToolButtonStyle(Qt::ToolButtonTextBesideIcon);
            fold->setArrowType(Qt::RightArrow);
            fold->setCheckable(true);
            auto *hidden = new QWidget;
            hidden->hide();
            folded = makeRows(hidden);
            connect(fold, &QToolButton::toggled, hidden, [fold, hidden](bool isOpen) {
                fold->setArrowType(isOpen ? Qt::DownArrow : Qt::RightArrow);
                hidden->setVisible(isOpen);
            });
            section->addWidget(fold, 0, Qt::AlignLeft);
            section->addWidget(hidden);
        }
        Row &row = d->rows[i] = makeRow(i);
        row.fold = spec.advanced ? fold : nullptr;
        (spec.advanced ? folded : plain)->addRow(row.label, row.holder);
    }
    d->sections->addLayout(section);
}

void OptionsForm::setSpecs(std::vector<OptionSpec> specs)
{
    const QScopedValueRollback setting(d->isSetting, true);
    const Json old = values();
    const QWidget *focused = d->content && isAncestorOf(focusWidget()) ? focusWidget() : nullptr;
    const QString focusName = focused ? focused->objectName() : QString();
    for (const auto &[key, button] : d->buttons) {
        button->hide();
        button->setParent(this);
    }
    if (d->content) { // later: the change may come from one of its own fields
        d->content->hide();
        d->content->setParent(nullptr);
        d->content->deleteLater();
    }
    d->specs = std::move(specs);
    d->rows.assign(d->specs.size(), {});
    d->content = new QWidget;
    d->sections = new QVBoxLayout(d->content);
    d->sections->setContentsMargins(0, 0, 0, 0);
    d->sections->setSpacing(24);
    std::vector<std::string> groups;
    for (const auto &spec : d->specs) {
        if (std::find(groups.begin(), groups.end(), spec.group) == groups.end())
            groups.push_back(spec.group);
    }
    for (const auto &group : groups)
        addSection(group);
    int labelWidth = 0; // one column of labels through all sections
    for (const Row &row : d->rows)
        labelWidth = std::max(labelWidth, row.label->sizeHint().width());
    for (const Row &row : d->rows)
        row.label->setMinimumWidth(labelWidth);
    d->layout->addWidget(d->content);
    placeButtons();
    setValues(old);
    if (auto *field = focusName.isEmpty() ? nullptr : findChild<QWidget *>(focusName))
        field->setFocus();
}

void OptionsForm::addButton(const QString &key, QPushButton *button)
{
    button->setParent(this);
    d->buttons.emplace_back(key, button);
    placeButtons();
}

void OptionsForm::placeButtons()
{
    for (const auto &[key, button] : d->buttons)
        for (const Row &row : d->rows)
            if (QString::fromStdString(d->specs[row.spec].key) == key && row.stack->indexOf(button) < 0) {
                row.stack->insertWidget(1, button, 0, Qt::AlignLeft);
                setTabOrder(row.field, button);
                button->show();
            }
}

Json OptionsForm::values() const
{
    Json json = Json::object();
    for (const Row &row : d->rows)
        json.set(d->specs[row.spec].key, d->read(row));
    return json;
}

void OptionsForm::setValues(const Json &json)
{
    const QScopedValueRollback setting(d->isSetting, true);
    for (const Row &row : d->rows) {
        const OptionSpec &spec = d->specs[row.spec];
        const Json *value = json.find(spec.key);
        if (value && spec.validate(*value))
            setOptionField(row.field, *value);
    }
}

Result<void> OptionsForm::check()
{
    clearErrors();
    Result<void> first;
    for (std::size_t i = d->rows.size(); i-- > 0;) { // the first one last, so that it has the focus
        const OptionSpec &spec = d->specs[i];
        if (const auto valid = spec.validate(d->read(d->rows[i])); !valid) {
            showError(QString::fromStdString(spec.key), QString::fromStdString(valid.error().message));
            first = valid;
        }
    }
    return first;
}

bool OptionsForm::showError(const QString &key, const QString &message)
{
    for (const Row &row : d->rows) {
        if (QString::fromStdString(d->specs[row.spec].key) != key)
            continue;
        row.error->setText(message);
        row.error->show();
        if (row.fold)
            row.fold->setChecked(true);
        row.field->setFocus();
        return true;
    }
    return false;
}

void OptionsForm::clearErrors()
{
    for (const Row &row : d->rows)
        row.error->hide();
}

} // namespace masque
