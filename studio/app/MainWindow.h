// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/plugins/PluginHost.h"
#include "studio/app/Notifier.h"
#include "studio/document/Document.h"

#include <QMainWindow>

#include <memory>

class QActionGroup;
class QMenu;
class QStackedWidget;
class QTabBar;

namespace masque {

class CompareWorkspace;
class LabelWorkspace;
class LiveWorkspace;
struct RunInfo;
class NextImages;
class ShortcutRegistry;
class StatusBar;
class TrainWorkspace;

/// The one window: owns the job runner, the document and the workspaces; itself only menus, tabs and closing.
class MainWindow : public QMainWindow {
    Q_OBJECT
public:
    explicit MainWindow(const PluginRegistry &plugins, QWidget *parent = nullptr);
    ~MainWindow() override;

    enum Workspace { Label, Train, Compare, Live };
    void open(const QString &path); ///< a folder, an image, or a run's folder (its dataset, then Compare)
    void openSample();
    /// A run's folder, and the camera's number or the video file that it recognises at once.
    void playLive(const QString &run, const QString &source);
    void setWorkspace(Workspace workspace);
    Workspace workspace() const;
    Document &document() { return *m_document; }
    void setNotifier(std::unique_ptr<Notifier> notifier); ///< instead of the desktop's

protected:
    void closeEvent(QCloseEvent *event) override;
    void dragEnterEvent(QDragEnterEvent *event) override;
    void dropEvent(QDropEvent *event) override;

private:
    void makeMenus();
    void makeWorkspaceActions(QMenu &menu);
    void makeThemeMenu(QMenu &menu);
    QAction *addAction(QMenu &menu, const char *name, const QString &text, const char *icon, const QKeySequence &key,
                       void (MainWindow::*slot)());
    void chooseFolder();
    void chooseImage();
    void save();
    void closeDataset();
    void exportDataset();
    void cutOut();
    void cutOutBy(const QString &run); ///< empty: the newest
    void showStatistics();
    void showAbout();
    void editShortcuts();
    void showTitle();
    void showMessage(const QString &title, const QString &text);
    void restoreLayout();
    bool isOfClasses(const RunInfo &run) const;
    void showRun(const QString &folder);
    void showImage(const QString &image); ///< in Label; a path as in Dataset::items
    void saveLayout();

    const PluginRegistry &m_plugins;
    std::unique_ptr<JobRunner> m_jobs;
    std::unique_ptr<Document> m_document;
    std::unique_ptr<Notifier> m_notifier;
    QTabBar *m_tabs = nullptr;
    QStackedWidget *m_stack = nullptr;
    QString m_runToShow; ///< once its dataset is open
    LabelWorkspace *m_label = nullptr;
    TrainWorkspace *m_train = nullptr;
    CompareWorkspace *m_compare = nullptr;
    LiveWorkspace *m_live = nullptr;
    NextImages *m_next = nullptr;
    StatusBar *m_status = nullptr;
    ShortcutRegistry *m_shortcuts = nullptr;
};

} // namespace masque
