// SPDX-License-Identifier: GPL-3.0-or-later
#include "studio/learn/LearnDialog.h"

#include "studio/learn/GraphPage.h"
#include "studio/learn/LinePage.h"
#include "studio/learn/RatesPage.h"
#include "studio/theme/screen_fit.h"

#include <QDialogButtonBox>
#include <QTabWidget>
#include <QVBoxLayout>

namespace masque {

LearnDialog::LearnDialog(JobRunner &jobs, QWidget *parent) : QDialog(parent)
{
    setObjectName(QStringLiteral("learn"));
    setWindowTitle(tr("Learn"));
    setAttribute(Qt::WA_DeleteOnClose);
    resizeWithinScreen(*this, {1160, 720});
    auto *tabs = new QTabWidget;
    tabs->setObjectName(QStringLiteral("learn-lessons"));
    tabs->setAccessibleName(tr("Lessons"));
    tabs->setDocumentMode(true);
    tabs->addTab(new LinePage(jobs), tr("&Line"));
    tabs->addTab(new GraphPage(jobs), tr("&Gradients"));
    tabs->addTab(new RatesPage(jobs), tr("Learning &rate"));
    auto *buttons = new QDialogButtonBox(QDialogButtonBox::Close);
    connect(buttons, &QDialogButtonBox::rejected, this, &QDialog::close);
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(16, 16, 16, 16);
    layout->setSpacing(8);
    layout->addWidget(tabs, 1);
    layout->addWidget(buttons);
}

void LearnDialog::open(JobRunner &jobs, QWidget *parent)
{
    auto *dialog = parent->findChild<LearnDialog *>();
    if (!dialog)
        dialog = new LearnDialog(jobs, parent);
    dialog->show();
    dialog->raise();
    dialog->activateWindow();
}

} // namespace masque
