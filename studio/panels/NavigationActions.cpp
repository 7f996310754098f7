// SPDX-License-Identifier: GPL-3.0-or-later
// LabelWorkspace's ways around: images, panes, view, all by keys.
#include "studio/panels/LabelWorkspace.h"

#include "studio/browser/BrowserPanel.h"
#include "studio/classgrid/ClassGrid.h"
#include "studio/panels/GoToDialog.h"
#include "studio/tools/ToolController.h"

#include <QAction>
#include <QApplication>
#include <QDockWidget>
#include <QMenu>
#include <QStyle>

namespace masque {

namespace {

constexpr double kPanPx = 80;

/// What the keyboard can go to, in the order of the window.
constexpr const char *kPanes[] = {"canvas",      "class-grid-list", "active-class",   "browser-search", "browser-list",
                                  "labels-list", "shapes-list",     "property-class", "history-list"};

} // namespace

void LabelWorkspace::makeNavigationActions()
{
    const auto add = [this](const char *name, const QString &text, const char *icon,
                            std::initializer_list<const char *> keys, std::function<void()> slot) {
        QList<QKeySequence> sequences;
        for (const char *key : keys)
            sequences << QKeySequence(QLatin1String(key));
        return addAction(m_navigationActions, QLatin1String(name), text, QLatin1String(icon), sequences,
                         std::move(slot));
    };
    add("next-image", tr("Next image"), "next", {"D"}, [this] { m_browser->step(1); });
    add("previous-image", tr("Previous image"), "previous", {"A"}, [this] { m_browser->step(-1); });
    add("next-unlabelled", tr("Next unlabelled image"), "", {"Shift+D"}, [this] { goToUnlabelled(1); });
    add("previous-unlabelled", tr("Previous unlabelled image"), "", {"Shift+A"}, [this] { goToUnlabelled(-1); });
    add("first-image", tr("First image"), "", {"Ctrl+Home"}, [this] { m_browser->stepToEnd(-1); });
    add("last-image", tr("Last image"), "", {"Ctrl+End"}, [this] { m_browser->stepToEnd(1); });
    add("go-to-image", tr("Go to image…"), "", {"Ctrl+G"}, [this] { askForImage(); });
    addSeparator(m_navigationActions);
    add("search-images", tr("Search images"), "search", {"Ctrl+Shift+K"}, [this] { m_browser->focusSearch(); });
    add("choose-class", tr("Choose class…"), "label", {"C"}, [this] { m_tools->chooseLabel(); });
    addSeparator(m_navigationActions);
    add("next-pane", tr("Next pane"), "", {"F6"}, [this] { stepPane(1); });
    add("previous-pane", tr("Previous pane"), "", {"Shift+F6"}, [this] { stepPane(-1); });
    makePanActions();
}

void LabelWorkspace::makePanActions()
{
    auto *menu = new QMenu(tr("Move the view"), this);
    menu->setObjectName(QStringLiteral("pan-menu"));
    QList<QAction *> pans;
    const auto add = [&](const char *name, const QString &text, const char *key, QPointF delta) {
        addAction(pans, QLatin1String(name), text, {}, {QKeySequence(QLatin1String(key))},
                  [this, delta] { m_canvas->panBy(delta * kPanPx); });
    };
    add("pan-left", tr("To the left"), "Alt+Left", {1, 0});
    add("pan-right", tr("To the right"), "Alt+Right", {-1, 0});
    add("pan-up", tr("Up"), "Alt+Up", {0, 1});
    add("pan-down", tr("Down"), "Alt+Down", {0, -1});
    menu->addActions(pans);
    m_viewActions.append(menu->menuAction());
}

void LabelWorkspace::goToUnlabelled(int direction)
{
    if (isGridShown() ? !m_grid->stepToUnlabelled(direction) : !m_browser->stepToStatus(direction, ItemStatus::New))
        Q_EMIT messageText(tr("There is no other unlabelled image here"));
}

void LabelWorkspace::askForImage()
{
    if (m_document.dataset())
        (new GoToDialog(m_document, this))->open();
}

void LabelWorkspace::stepPane(int direction)
{
    QList<QWidget *> panes;
    for (const char *name : kPanes) {
        auto *pane = findChild<QWidget *>(QLatin1String(name));
        if (pane && pane->isVisible() && pane->isEnabled())
            panes << pane;
    }
    if (panes.isEmpty())
        return;
    qsizetype at = 0;
    for (qsizetype i = 0; i < panes.size(); ++i)
        if (panes[i] == QApplication::focusWidget() || panes[i]->isAncestorOf(QApplication::focusWidget()))
            at = i;
    QWidget *next = panes[(at + direction + panes.size()) % panes.size()];
    for (QDockWidget *dock : findChildren<QDockWidget *>())
        if (dock->isAncestorOf(next))
            dock->raise(); // from behind another
    next->setFocus(Qt::ShortcutFocusReason);
}

void LabelWorkspace::showFocus(QWidget *now)
{
    for (const QDockWidget *dock : findChildren<QDockWidget *>()) {
        QWidget *title = dock->titleBarWidget();
        const bool hasFocus = now && dock->isAncestorOf(now);
        if (!title || title->property("hasFocus").toBool() == hasFocus)
            continue;
        title->setProperty("hasFocus", hasFocus);
        title->style()->unpolish(title);
        title->style()->polish(title);
    }
}

} // namespace masque
