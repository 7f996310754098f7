// SPDX-License-Identifier: GPL-3.0-or-later
#include "studio/app/PluginsDialog.h"

#include "core/base/text.h"
#include "studio/theme/Theme.h"
#include "studio/theme/screen_fit.h"

#include <QDesktopServices>
#include <QDialogButtonBox>
#include <QDir>
#include <QHeaderView>
#include <QLabel>
#include <QPushButton>
#include <QScrollArea>
#include <QTreeWidget>
#include <QUrl>
#include <QVBoxLayout>

namespace masque {

namespace {

enum Column { Name, Version, Licence, State, Origin, Columns };
constexpr QSize kSize{820, 520};
constexpr int kDetailsPx = 96;

QString textOf(const std::string &text)
{
    return QString::fromStdString(text);
}

} // namespace

PluginsDialog::PluginsDialog(const std::vector<PluginInfo> &plugins, QWidget *parent)
    : QDialog(parent), m_plugins(plugins), m_list(new QTreeWidget(this)), m_details(new QLabel(this))
{
    setObjectName(QStringLiteral("plugins-dialog"));
    setAttribute(Qt::WA_DeleteOnClose);
    setWindowTitle(tr("Plugins"));
    m_list->setObjectName(QStringLiteral("plugins-list"));
    m_list->setAccessibleName(tr("Plugins"));
    m_list->setRootIsDecorated(false);
    m_list->setUniformRowHeights(true);
    m_list->setHeaderLabels({tr("Name"), tr("Version"), tr("Licence"), tr("State"), tr("Origin")});
    m_list->header()->setSectionResizeMode(QHeaderView::ResizeToContents);
    m_list->header()->setStretchLastSection(true);
    m_list->setTextElideMode(Qt::ElideMiddle);
    m_details->setObjectName(QStringLiteral("plugins-details"));
    m_details->setAccessibleName(tr("About the plugin"));
    m_details->setWordWrap(true);
    m_details->setTextFormat(Qt::PlainText);
    m_details->setTextInteractionFlags(Qt::TextSelectableByMouse | Qt::TextSelectableByKeyboard);
    m_details->setAlignment(Qt::AlignTop | Qt::AlignLeading);
    m_details->setContentsMargins(8, 8, 8, 8);
    auto *scroll = new QScrollArea(this);
    scroll->setWidget(m_details);
    scroll->setWidgetResizable(true);
    scroll->setMinimumHeight(kDetailsPx);
    auto *buttons = new QDialogButtonBox(QDialogButtonBox::Close, this);
    auto *folder = buttons->addButton(tr("Open Plugin &Folder"), QDialogButtonBox::ActionRole);
    folder->setObjectName(QStringLiteral("plugins-folder"));
    folder->setAutoDefault(false);
    folder->setToolTip(tr("Plugins in this folder are loaded at the next start."));
    connect(folder, &QPushButton::clicked, this, &PluginsDialog::openFolder);
    connect(buttons, &QDialogButtonBox::rejected, this, &QDialog::reject);
    connect(m_list, &QTreeWidget::currentItemChanged, this, &PluginsDialog::describe);
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(16, 16, 16, 16);
    layout->setSpacing(8);
    layout->addWidget(m_list, 2);
    layout->addWidget(scroll, 1);
    layout->addWidget(buttons);
    resizeWithinScreen(*this, kSize);
    fill();
}

void PluginsDialog::fill()
{
    for (const auto &plugin : m_plugins) {
        auto *row = new QTreeWidgetItem(m_list);
        row->setText(Name, textOf(plugin.title.empty() ? plugin.id : plugin.title));
        row->setText(Version, textOf(plugin.version));
        row->setText(Licence, textOf(plugin.license));
        const bool isGood = plugin.refused.empty() && plugin.troubles().empty();
        row->setText(State, !plugin.refused.empty() ? tr("Refused")
                            : isGood                ? tr("Loaded")
                                                    : tr("Loaded, with errors"));
        if (!isGood)
            row->setForeground(State, Theme::instance().error());
        const bool isBuiltIn = plugin.origin == "built in";
        row->setText(Origin, isBuiltIn ? tr("Built in") : QDir::toNativeSeparators(textOf(plugin.origin)));
        row->setToolTip(Origin, row->text(Origin));
    }
    m_list->setCurrentItem(m_list->topLevelItem(0));
}

void PluginsDialog::describe()
{
    const int row = m_list->indexOfTopLevelItem(m_list->currentItem());
    if (row < 0)
        return;
    const auto &plugin = m_plugins[static_cast<std::size_t>(row)];
    QStringList lines;
    if (!plugin.refused.empty())
        lines << tr("It was not loaded: %1.").arg(textOf(plugin.refused));
    for (const auto &trouble : plugin.troubles())
        lines << textOf(trouble);
    if (!plugin.offers.empty())
        lines << tr("It offers %1.").arg(textOf(joinText(plugin.offers, ", ")));
    lines << tr("Id: %1").arg(textOf(plugin.id));
    if (plugin.origin != "built in")
        lines << tr("File: %1").arg(QDir::toNativeSeparators(textOf(plugin.origin)));
    m_details->setText(lines.join(QLatin1Char('\n')));
}

void PluginsDialog::openFolder()
{
    const QString folder = textOf(userPluginFolder());
    QDir().mkpath(folder);
    QDesktopServices::openUrl(QUrl::fromLocalFile(folder));
}

} // namespace masque
