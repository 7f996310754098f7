// SPDX-License-Identifier: GPL-3.0-or-later
#include "studio/training/runs/RunDetailsDialog.h"

#include "core/base/text.h"
#include "studio/theme/screen_fit.h"

#include <QDialogButtonBox>
#include <QFormLayout>
#include <QLabel>
#include <QLineEdit>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QVBoxLayout>

namespace masque {

namespace {

QLabel *fact(const char *name, const QString &text)
{
    auto *label = new QLabel(text);
    label->setObjectName(QString::fromLatin1(name));
    label->setTextFormat(Qt::PlainText);
    label->setWordWrap(true);
    label->setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Minimum);
    label->setTextInteractionFlags(Qt::TextSelectableByMouse);
    return label;
}

QString testText(const std::vector<TestUse> &tests)
{
    QStringList lines{tests.size() == 1 ? RunDetailsDialog::tr("Looked at once.")
                                        : RunDetailsDialog::tr("Looked at %1 times.").arg(tests.size())};
    for (const auto &use : tests)
        lines.append(RunDetailsDialog::tr("%1, %2: mean IoU %3, foreground Dice %4 on %5 images")
                         .arg(QString::fromStdString(use.when).replace(QLatin1Char('T'), QLatin1Char(' ')),
                              QString::fromStdString(use.checkpoint))
                         .arg(use.metrics.meanIou, 0, 'f', 3)
                         .arg(use.metrics.foregroundDice, 0, 'f', 3)
                         .arg(use.images));
    return lines.join(QLatin1Char('\n'));
}

} // namespace

RunDetailsDialog::RunDetailsDialog(const RunInfo &run, QWidget *parent) : QDialog(parent), m_run(run)
{
    setObjectName(QStringLiteral("run-details"));
    setWindowTitle(tr("About this run"));
    setAttribute(Qt::WA_DeleteOnClose);
    resizeWithinScreen(*this, {560, 520});
    m_name = new QLineEdit(QString::fromStdString(run.name));
    m_name->setObjectName(QStringLiteral("run-name"));
    m_name->setAccessibleName(tr("Name"));
    m_tags = new QLineEdit(QString::fromStdString(joinText(run.tags, ", ")));
    m_tags->setObjectName(QStringLiteral("run-tags"));
    m_tags->setAccessibleName(tr("Tags"));
    m_tags->setPlaceholderText(tr("baseline, augmented"));
    m_notes = new QPlainTextEdit(QString::fromStdString(run.notes));
    m_notes->setObjectName(QStringLiteral("run-notes"));
    m_notes->setAccessibleName(tr("Notes"));
    m_notes->setTabChangesFocus(true);
    m_notes->setPlaceholderText(tr("What was tried, and what came of it"));
    auto *form = new QFormLayout;
    form->setHorizontalSpacing(16);
    form->setVerticalSpacing(8);
    form->setRowWrapPolicy(QFormLayout::DontWrapRows);
    form->setFieldGrowthPolicy(QFormLayout::ExpandingFieldsGrow);
    form->addRow(tr("&Name"), m_name);
    form->addRow(tr("&Tags"), m_tags);
    form->addRow(tr("N&otes"), m_notes);
    form->addRow(tr("Model"), fact("run-model", QString::fromStdString(run.options.data.model)));
    if (run.bestEpoch > 0)
        form->addRow(tr("Best"), fact("run-best", tr("%1 %2 in epoch %3 (validation)")
                                                      .arg(QString::fromStdString(run.options.training.metric))
                                                      .arg(run.bestMetric, 0, 'f', 4)
                                                      .arg(run.bestEpoch)));
    form->addRow(tr("Test split"),
                 fact("run-tests", run.tests.empty() ? tr("Not looked at yet.") : testText(run.tests)));
    if (!run.parent.empty())
        form->addRow(tr("Started from"),
                     fact("run-parent", QString::fromStdString(run.initReport.empty() ? run.parent : run.initReport)));
    if (!run.message.empty())
        form->addRow(tr("Failed"), fact("run-message", QString::fromStdString(run.message)));
    form->addRow(tr("Folder"), fact("run-folder", QString::fromStdString(run.folder)));

    auto *buttons = new QDialogButtonBox(QDialogButtonBox::Save | QDialogButtonBox::Cancel);
    auto *save = buttons->button(QDialogButtonBox::Save);
    save->setObjectName(QStringLiteral("run-save"));
    save->setProperty("role", "primary");
    connect(m_name, &QLineEdit::textChanged, save,
            [save](const QString &text) { save->setEnabled(!text.trimmed().isEmpty()); });
    connect(buttons, &QDialogButtonBox::accepted, this, &RunDetailsDialog::save);
    connect(buttons, &QDialogButtonBox::rejected, this, &QDialog::close);
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(16, 16, 16, 16);
    layout->setSpacing(16);
    layout->addLayout(form, 1);
    layout->addWidget(buttons);
}

void RunDetailsDialog::save()
{
    RunEdit edit;
    if (auto name = m_name->text().trimmed().toStdString(); name != m_run.name)
        edit.name = std::move(name);
    if (auto tags = parseTags(m_tags->text().toStdString()); tags != m_run.tags)
        edit.tags = std::move(tags);
    if (auto notes = m_notes->toPlainText().toStdString(); notes != m_run.notes)
        edit.notes = std::move(notes);
    if (edit.name || edit.tags || edit.notes)
        Q_EMIT edited(QString::fromStdString(m_run.folder), edit);
    close();
}

} // namespace masque
